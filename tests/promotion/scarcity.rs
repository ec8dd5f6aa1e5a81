//! Leaves that find no slot: who makes room for them, and what they leave to others.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use filbert::base::limits::{
    COME_AGAIN_MAX_MS, COME_AGAIN_MIN_MS, CONTENT_MS, REBUFFS_MIN, TURNED_AWAY_MAX,
};
use filbert::promotion::Role;
use filbert::promotion::slots::{Caller, Direction, Free, Refusal};

use crate::house::{FILBERT, GTK_GNUTELLA, House, LIMEWIRE, accept, refuse};

/// A supernode with so many slots for leaves, all taken.
fn full(slots: u32) -> House {
    let mut house = House::supernode(slots);
    house.fill_leaves(slots);
    house
}

/// A leaf that is turned away, and comes again after the shortest time that counts.
fn come_again(house: &mut House) -> Caller {
    let leaf = house.leaf();
    assert_eq!(house.judge(&leaf), refuse(Refusal::NoLeafSlot));
    house.policy.turned_away(leaf.address, house.now);
    house.wait(Duration::from_millis(COME_AGAIN_MIN_MS));
    leaf
}

/// UP-17
#[test]
fn a_leaf_that_comes_again_is_taken_beyond_the_slots() {
    let mut house = full(20);
    let (leaf, other) = (house.leaf(), house.leaf());
    house.policy.turned_away(leaf.address, house.now);
    let began = house.now;
    for (after_ms, is_taken) in [
        (0, false),
        (COME_AGAIN_MIN_MS - 1, false),
        (COME_AGAIN_MIN_MS, true),
        (COME_AGAIN_MAX_MS, true),
        (COME_AGAIN_MAX_MS + 1, false),
    ] {
        house.now = began.after_ms(after_ms);
        let expected = if is_taken { accept(Some(true)) } else { refuse(Refusal::NoLeafSlot) };
        assert_eq!(house.judge(&leaf), expected, "{after_ms}");
        assert_eq!(house.judge(&other), refuse(Refusal::NoLeafSlot), "{after_ms}");
    }
}

/// UP-17: whoever calls without a pause is as new as the first time.
#[test]
fn a_leaf_that_hammers_does_not_come_again() {
    let mut house = full(20);
    let leaf = house.leaf();
    for _ in 0..10 {
        assert_eq!(house.judge(&leaf), refuse(Refusal::NoLeafSlot));
        house.policy.turned_away(leaf.address, house.now);
        house.wait(Duration::from_millis(COME_AGAIN_MIN_MS - 1));
    }
}

/// UP-17: a fifth, and one at least; they are neighbours like all others, and nobody goes for them.
#[test]
fn so_many_leaves_are_taken_beyond_the_slots() {
    for (slots, beyond) in [(1, 1), (9, 1), (10, 2), (20, 4)] {
        let mut house = full(slots);
        for _ in 0..beyond {
            let leaf = come_again(&mut house);
            assert_eq!(house.judge(&leaf), accept(Some(true)), "{slots}");
            house.open(&leaf);
        }
        let leaf = come_again(&mut house);
        assert_eq!(house.judge(&leaf), refuse(Refusal::NoLeafSlot), "{slots}");
        assert_eq!(house.policy.leaves(), slots + beyond);
        assert_eq!(house.policy.free(), Free { leaves: 0, supernodes: 40 });
        house.wait(Duration::from_secs(3_600));
        assert_eq!(house.policy.whom_to_drop(house.now), None, "{slots}");
    }
}

/// UP-17: the profiles of others know nothing of it.
#[test]
fn others_keep_to_their_slots() {
    for thresholds in [GTK_GNUTELLA, LIMEWIRE] {
        let mut house = House::new(thresholds, Role::Supernode, 20);
        house.fill_leaves(20);
        let leaf = come_again(&mut house);
        assert_eq!(house.judge(&leaf), refuse(Refusal::NoLeafSlot));
    }
}

/// UP-17
#[test]
fn so_many_that_were_turned_away_are_remembered() {
    for (others, is_known) in [(TURNED_AWAY_MAX - 1, true), (TURNED_AWAY_MAX, false)] {
        let mut house = full(20);
        let leaf = house.leaf();
        house.policy.turned_away(leaf.address, house.now);
        for n in 0..u32::try_from(others).unwrap() {
            let other = IpAddr::V4(Ipv4Addr::from_bits(0x6000_0000 + n));
            house.policy.turned_away(other, house.now);
        }
        house.wait(Duration::from_millis(COME_AGAIN_MIN_MS));
        let expected = if is_known { accept(Some(true)) } else { refuse(Refusal::NoLeafSlot) };
        assert_eq!(house.judge(&leaf), expected, "{others}");
    }
}

/// A leaf that so many have turned away before one takes it.
fn leaf_after(rebuffs: u8) -> House {
    let mut house = House::new(FILBERT, Role::Leaf, 0);
    (0..rebuffs).for_each(|_| house.policy.rebuffed());
    assert_eq!(house.policy.wanted(house.now), 3, "it has nobody yet");
    house.fill(1, Role::Supernode, Direction::Outgoing);
    house
}

/// UP-18
#[test]
fn a_leaf_whom_nobody_had_room_for_is_content_with_one_supernode_for_a_while() {
    assert_eq!(leaf_after(REBUFFS_MIN - 1).policy.wanted(leaf_after(0).now), 2);
    let mut house = leaf_after(REBUFFS_MIN);
    let began = house.now;
    for (after_ms, is_content) in [(0, true), (CONTENT_MS - 1, true), (CONTENT_MS, false)] {
        house.now = began.after_ms(after_ms);
        let expected =
            if is_content { (0, refuse(Refusal::NoSupernodeSlot)) } else { (2, accept(None)) };
        let caller = house.called();
        assert_eq!((house.policy.wanted(house.now), house.judge(&caller)), expected, "{after_ms}");
        let chosen = Caller { is_chosen: true, ..caller };
        assert_eq!(house.judge(&chosen), accept(None), "the user knows better");
    }
}

/// UP-18
#[test]
fn a_leaf_that_loses_its_only_supernode_is_not_content() {
    let mut house = House::new(FILBERT, Role::Leaf, 0);
    (0..REBUFFS_MIN).for_each(|_| house.policy.rebuffed());
    let [slot] = house.fill(1, Role::Supernode, Direction::Outgoing)[..] else { panic!("one") };
    house.close(slot);
    assert_eq!(house.policy.wanted(house.now), 3);
    house.fill(1, Role::Supernode, Direction::Outgoing);
    assert_eq!(house.policy.wanted(house.now), 0, "slots are scarce still");
}

/// UP-17: once a slot is free a guest has it, and there is room for another guest, but for nobody else.
#[test]
fn guests_take_the_slots_that_others_leave() {
    let mut house = full(10);
    let mut guests = Vec::new();
    for _ in 0..2 {
        let leaf = come_again(&mut house);
        guests.push(house.open(&leaf));
    }
    house.close(guests[0]);
    let newcomer = house.leaf();
    assert_eq!(house.judge(&newcomer), refuse(Refusal::NoLeafSlot));
    let leaf = come_again(&mut house);
    assert_eq!(house.judge(&leaf), accept(Some(true)));
    house.close(guests[1]);
    assert_eq!(house.judge(&newcomer), refuse(Refusal::NoLeafSlot), "ten are left for ten slots");
}

/// UP-11, UP-17: where slots become fewer, guests are no more than they were.
#[test]
fn slots_that_become_fewer_leave_room_for_guests_alone() {
    let mut house = full(20);
    let leaf = come_again(&mut house);
    house.open(&leaf);
    house.policy.set_role(Role::Supernode, 15);
    house.wait(Duration::from_secs(300));
    while let Some((dropped, _)) = house.policy.whom_to_drop(house.now) {
        house.close(dropped);
    }
    assert_eq!(house.policy.leaves(), 16);
    house.policy.set_role(Role::Supernode, 20);
    house.fill_leaves(4);
    let other = house.leaf();
    assert_eq!(house.judge(&other), refuse(Refusal::NoLeafSlot));
}
