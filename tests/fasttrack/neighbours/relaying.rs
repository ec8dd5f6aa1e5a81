//! Messages to one supernode that are for another one than us.

use filbert::base::limits::{
    FASTTRACK_HOPS_MAX, FASTTRACK_RELAYED_BURST, FASTTRACK_RELAYED_LEN, FASTTRACK_RELAYED_PER_S,
};
use filbert::base::slots::Slot;
use filbert::fasttrack::neighbours::{Dropped, Output};
use filbert::fasttrack::wire::{Frame, Kind, Message, Side, Unicast};

use super::lone::{Lone, ME, record, searched};
use super::net::address;

/// Neighbours 1 and 2; behind 2 is 5.
fn two() -> (Lone, [Slot; 2]) {
    let mut lone = Lone::new();
    let slots = [lone.join(1), lone.join(2)];
    lone.tell(slots[1], &[record(2, 5, 0), record(5, 9, 1)]);
    lone.take();
    (lone, slots)
}

/// FTPEER-13, FTPEER-14: it goes to the neighbour that is nearest, one hop on, with the rest untouched.
#[test]
fn it_goes_to_the_nearest_neighbour_untouched() {
    let (mut lone, [first, second]) = two();
    let mut payload = searched(7, 100).to_frame().payload.to_vec();
    payload.extend(b"whatever stands behind");
    let (sender, receiver, kind) = (address(1), address(5), Kind::FORWARDED_SEARCH);
    let unicast = Unicast { sender, receiver, hops: 1, kind, payload: payload.into() };
    let frame = Frame { kind: Kind(0x800a), payload: unicast.to_frame().payload };
    lone.receive(first, &Message::parse(&frame, Side::Across).unwrap());
    assert_eq!(lone.unicasts(), [(second, Unicast { hops: 2, ..unicast })]);
    assert_eq!((lone.room.tally().relayed, lone.room.tally().taken), (1, 0));
}

/// FTPEER-14: five hops are passed on as six, six are not.
#[test]
fn it_goes_six_hops_and_not_seven() {
    for (hops, is_relayed) in
        [(FASTTRACK_HOPS_MAX - 1, true), (FASTTRACK_HOPS_MAX, false), (255, false)]
    {
        let (mut lone, [first, _]) = two();
        lone.unicast(first, 9, 5, hops, &searched(7, 100));
        assert_eq!(lone.unicasts().len(), usize::from(is_relayed), "{hops}");
        assert_eq!(lone.room.tally().dropped(Dropped::TooFar), u64::from(!is_relayed));
    }
}

/// FTPEER-14: it is dropped where nobody knows the way, and where the way leads back.
#[test]
fn it_does_not_wander() {
    let (mut lone, [first, second]) = two();
    lone.unicast(first, 1, 6, 1, &searched(7, 100));
    lone.unicast(second, 2, 5, 1, &searched(7, 100));
    assert!(lone.unicasts().is_empty());
    let tally = lone.room.tally();
    assert_eq!((tally.dropped(Dropped::NoWay), tally.dropped(Dropped::Backwards)), (1, 1));
}

/// FTPEER-15, FTPEER-22: other types do not go across, whatever their receiver, and what is for all goes
/// nowhere.
#[test]
fn only_some_types_go_across() {
    let (mut lone, [first, _]) = two();
    for kind in 0..0x100 {
        let goes_across = [0x07, 0x08, 0x0a, 0x0d].contains(&kind);
        for (receiver, count) in [(5, usize::from(goes_across)), (ME, 0)] {
            let (sender, receiver, kind) = (address(1), address(receiver), Kind(kind));
            let unicast = Unicast { sender, receiver, hops: 1, kind, payload: vec![0; 5].into() };
            lone.receive(first, &Message::Unicast(unicast));
            assert_eq!(lone.unicasts().len(), count, "{kind}");
        }
        for word in [kind, 0xc000 | kind] {
            let frame = Frame { kind: Kind(word), payload: vec![0; 80].into() };
            let message = Message::parse(&frame, Side::Across);
            message.into_iter().for_each(|message| lone.receive(first, &message));
            let outputs = lone.take();
            let is_list = |it: &Output| matches!(it, Output::Learnt { .. } | Output::Fault { .. });
            assert!(outputs.iter().all(is_list), "{word:#x} {outputs:?}");
        }
    }
    assert_eq!(lone.room.known_len(), 3);
}

/// FTPEER-23: with one hop the sender is the neighbour, and the neighbour is a sender with one hop only.
#[test]
fn a_neighbour_does_not_speak_for_others() {
    for (from, hops, faults) in [
        (1, 1, vec![]),
        (9, 1, vec!["FTPEER-23"]),
        (2, 1, vec!["FTPEER-23"]),
        (9, 0, vec!["FTPEER-23"]),
        (1, 0, vec!["FTPEER-23"]),
        (1, 2, vec![]),
        (ME, 2, vec![]),
        (9, 2, vec![]),
    ] {
        let is_good = [(1, 1), (9, 2)].contains(&(from, hops));
        let (mut lone, [first, _]) = two();
        lone.unicast(first, from, 5, hops, &searched(7, 100));
        let outputs = lone.take().len();
        assert_eq!(outputs, usize::from(is_good || !faults.is_empty()), "{from} {hops}");
        lone.unicast(first, from, ME, hops, &searched(7, 100));
        assert_eq!(lone.faults(), faults, "{from} {hops}");
        assert_eq!(lone.room.tally().taken, u64::from(is_good), "{from} {hops}");
    }
}

/// FTPEER-23: what a neighbour has for us it says itself.
#[test]
fn a_neighbour_of_ours_comes_by_itself() {
    let (mut lone, [first, _]) = two();
    lone.unicast(first, 2, ME, 2, &searched(7, 100));
    assert_eq!((lone.take().len(), lone.room.tally().dropped(Dropped::Forged)), (0, 1));
    // For others it may go through us.
    lone.unicast(first, 2, 5, 2, &searched(7, 100));
    assert_eq!(lone.unicasts().len(), 1);
}

/// FTPEER-14: a session that has not given its table is nobody.
#[test]
fn strangers_are_not_heard() {
    let (mut lone, _) = two();
    let stranger = lone.open(*address(8).ip(), false);
    lone.unicast(stranger, 8, 5, 1, &searched(7, 100));
    lone.unicast(stranger, 8, ME, 1, &searched(7, 100));
    assert!(lone.take().is_empty());
    assert_eq!(lone.room.tally().dropped(Dropped::Stranger), 2);
}

/// FTPEER-24: each neighbour has so much passed on, and what is beyond is dropped.
#[test]
fn so_much_is_passed_on_for_a_neighbour() {
    let (mut lone, [first, second]) = two();
    let flood = |lone: &mut Lone, slot: Slot, from: usize, to: usize, count: u32| {
        for id in 0..count {
            lone.unicast(slot, from, to, 1, &searched(id, 100));
        }
        lone.unicasts().len()
    };
    let burst = usize::try_from(FASTTRACK_RELAYED_BURST).unwrap();
    assert_eq!(flood(&mut lone, first, 1, 5, FASTTRACK_RELAYED_BURST + 1), burst);
    assert_eq!(lone.room.tally().dropped(Dropped::TooMuch), 1);
    // That of others is their own.
    assert_eq!(flood(&mut lone, second, 2, 1, 50), 50);
    lone.run_ms(1_000);
    let per_s = usize::try_from(FASTTRACK_RELAYED_PER_S).unwrap();
    assert_eq!(flood(&mut lone, first, 1, 5, 2 * FASTTRACK_RELAYED_PER_S), per_s);
}

/// FTPEER-24
#[test]
fn what_is_large_counts_as_more() {
    let burst = usize::try_from(FASTTRACK_RELAYED_BURST).unwrap();
    let most = 65_535 - 13;
    for (len, weight) in
        [(FASTTRACK_RELAYED_LEN - 1, 1), (FASTTRACK_RELAYED_LEN, 2), (most, 16), (0, 1)]
    {
        let (mut lone, [first, _]) = two();
        let (sender, receiver, kind) = (address(1), address(5), Kind::RESULTS);
        let payload = vec![7; len].into();
        let large = Message::Unicast(Unicast { sender, receiver, hops: 1, kind, payload });
        (0..burst).for_each(|_| lone.receive(first, &large));
        assert_eq!(lone.unicasts().len(), burst / weight, "{len}");
    }
}
