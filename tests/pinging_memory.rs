//! What the pings and pongs of a node hold in memory.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and needs a part of what is shared"
)]

#[path = "support/pinging.rs"]
mod lab;

use allocation_counter::measure;
use filbert::gnutella::pinging::{Pinging, Rules};
use lab::{Lab, at, host, pong};

/// Bytes that `work` has allocated and not given back.
fn held(work: impl FnOnce()) -> i64 {
    measure(work).bytes_current
}

#[test]
fn an_idle_leaf_with_three_links_holds_less_than_300_bytes() {
    let mut lab = Lab::new(Rules::default(), false);
    let peers: Vec<_> = (0..3).map(|_| lab.open(false, at(0))).collect();
    peers.into_iter().for_each(|slot| lab.close(slot));
    let mut slots = Vec::with_capacity(3);
    let heap = held(|| {
        for _ in 0..3 {
            slots.push(lab.open(false, at(0)));
        }
    });
    let all = heap as usize + size_of::<Pinging>();
    assert!(heap > 0 && all < 300, "{heap} + {}", size_of::<Pinging>());
    let given_back = held(|| slots.drain(..).for_each(|slot| lab.room.close(slot)));
    assert_eq!(given_back, -heap);
}

#[test]
fn an_ultrapeer_gives_back_what_it_held() {
    let mut lab = Lab::new(Rules::default(), true);
    let peers: Vec<_> = (0..100).map(|_| lab.open(false, at(0))).collect();
    peers.into_iter().for_each(|slot| lab.close(slot));
    let mut slots = Vec::with_capacity(100);
    let used = held(|| {
        for link in 0..100 {
            slots.push(lab.open(link % 2 == 0, at(0)));
        }
        for slot in &slots {
            for number in 0..10 {
                lab.room.pong(&pong(host(number), 64, 1, b""), *slot, at(1));
            }
        }
    });
    assert!((5_000..25_000).contains(&used), "{used}");
    let given_back = held(|| slots.drain(..).for_each(|slot| lab.room.close(slot)));
    assert_eq!(given_back, -used);
}

/// Signs of life cost nothing, and old pongs go by themselves.
#[test]
fn messages_allocate_nothing() {
    let mut lab = Lab::without_refill(true);
    let slot = lab.open(false, at(0));
    let cost = measure(|| {
        for second in 1..100 {
            lab.room.heard(slot, at(second));
            lab.room.sent(slot, at(second));
        }
    });
    assert_eq!(cost.count_total, 0);
}
