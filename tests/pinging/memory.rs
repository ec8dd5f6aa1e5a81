//! What the pings and pongs of a node hold in memory.

use allocation_counter::measure;
use filbert::gnutella::pinging::{Pinging, Rules};

use crate::desk::{Lab, at, host, pong};

/// Bytes that `work` has allocated and not given back.
fn held(work: impl FnOnce()) -> i64 {
    measure(work).bytes_current
}

#[test]
fn an_idle_leaf_with_three_links_holds_less_than_300_bytes() {
    let mut lab = Lab::new(Rules::default(), false);
    let mut slots = Vec::with_capacity(3);
    let heap = held(|| {
        for _ in 0..3 {
            slots.push(lab.open(false, at(0)));
        }
    });
    let room = i64::try_from(size_of::<Pinging>()).unwrap();
    assert!(heap > 0 && heap + room < 300, "{heap} + {room}");
}

#[test]
fn an_ultrapeer_gives_back_what_it_held() {
    let mut lab = Lab::new(Rules::default(), true);
    let slots: Vec<_> = (0..100).map(|link| lab.open(link % 2 == 0, at(0))).collect();
    let asked: Vec<_> = slots.iter().copied().skip(1).step_by(2).collect();
    lab.ask(&asked);
    let used = held(|| {
        for slot in &asked {
            for number in 0..10 {
                lab.room.pong(&pong(host(number), 64, 1, b""), *slot, lab.now);
            }
        }
    });
    assert!((1_000..10_000).contains(&used), "{used}");
    let given_back = held(|| slots.into_iter().for_each(|slot| lab.room.close(slot)));
    assert!(given_back < -used - 10_000, "{given_back}");
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
