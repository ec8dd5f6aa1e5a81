//! Pushes across.

use filbert::base::limits::{FASTTRACK_PUSHES_TAKEN_BURST, FASTTRACK_PUSHES_TAKEN_PER_S};
use filbert::fasttrack::neighbours::Output;
use filbert::fasttrack::wire::{Message, PushRequest, Unicast};

use super::lone::{Lone, ME, record};
use super::net::{Id, Net, address};

fn push(supernode: Id) -> PushRequest {
    PushRequest {
        id: 42,
        requester: address(7),
        target: "10.0.0.7:1214".parse().unwrap(),
        supernode: address(supernode),
        user: "bob".into(),
    }
}

/// FTPEER-21: it goes with the same payload to the supernode that is named in it, where that is known.
#[test]
fn a_push_goes_to_the_supernode_that_it_names() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    lone.tell(slot, &[record(1, 5, 0), record(5, 9, 2)]);
    lone.take();
    assert!(lone.room.push_across(push(5)));
    let message = Message::PushRequest(push(5));
    assert_eq!(lone.unicasts(), [(slot, Unicast::new(address(ME), address(5), &message))]);
    assert!(!lone.room.push_across(push(6)));
    assert!(lone.take().is_empty());
}

/// FTPEER-21: over several supernodes it comes out as it went in.
#[test]
fn a_push_crosses_a_network() {
    let mut net = Net::ring(3, 40, 4);
    net.run_ms(60_000);
    net.ping(0, 20, 99);
    net.run_ms(3_000);
    let (at, push) = &net.seen.pushes[0];
    assert_eq!((*at, push.id, &push.user[..], net.seen.pushes.len()), (20, 99, &b"bob"[..], 1));
}

/// FTPEER-21, FTPEER-24: who gets it passes it to nobody but its own child, and not too many of them.
#[test]
fn a_push_is_for_a_child_of_ours() {
    let mut lone = Lone::new();
    let slot = lone.join(1);
    let pushed = |lone: &mut Lone, supernode: Id, count: u32| {
        for _ in 0..count {
            lone.unicast(slot, 1, ME, 1, &Message::PushRequest(push(supernode)));
        }
        let outputs = lone.take();
        assert!(outputs.iter().all(|it| matches!(it, Output::Push(it) if *it == push(ME))));
        u32::try_from(outputs.len()).unwrap()
    };
    assert_eq!(pushed(&mut lone, 5, 3), 0);
    let burst = FASTTRACK_PUSHES_TAKEN_BURST;
    assert_eq!(pushed(&mut lone, ME, burst + 1), burst);
    lone.run_ms(1_000);
    assert_eq!(pushed(&mut lone, ME, 2 * burst), FASTTRACK_PUSHES_TAKEN_PER_S);
}
