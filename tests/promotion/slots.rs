//! Whom a node takes as a neighbour, whom it guides, whom it refuses, and whom it drops.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use filbert::base::limits::TRIAL_EVERY_MS;
use filbert::base::time::Time;
use filbert::promotion::Role;
use filbert::promotion::slots::{
    Caller, Direction, Flaw, Free, Judgement, Lack, Offer, Refusal, Standing, Table,
};

use crate::house::{FILBERT, GOOD, GTK_GNUTELLA, House, LABORATORY, LIMEWIRE, accept, refuse};

/// UP-08
#[test]
fn there_are_as_many_slots_as_the_profile_says() {
    for (thresholds, leaves, supernodes, of_a_leaf) in [
        (GTK_GNUTELLA, 300, 50, 4),
        (LIMEWIRE, 40, 32, 5),
        (FILBERT, 300, 40, 4),
        (LABORATORY, 300, 40, 4),
    ] {
        let leaf_slots = thresholds.slots.leaves_max;
        assert_eq!(leaf_slots, leaves);
        let mut house = House::new(thresholds.clone(), Role::Supernode, leaf_slots);
        house.fill_leaves(leaves);
        let leaf = house.leaf();
        assert_eq!(house.judge(&leaf), refuse(Refusal::NoLeafSlot), "{}", thresholds.name);
        house.fill(supernodes, Role::Supernode, Direction::Outgoing);
        let caller = house.called();
        assert_eq!(house.judge(&caller), refuse(Refusal::NoSupernodeSlot), "{}", thresholds.name);
        assert_eq!(house.policy.free(), Free { leaves: 0, supernodes: 0 });

        let mut house = House::new(thresholds.clone(), Role::Leaf, 0);
        house.fill(of_a_leaf, Role::Supernode, Direction::Outgoing);
        let caller = house.called();
        assert_eq!(house.judge(&caller), refuse(Refusal::NoSupernodeSlot), "{}", thresholds.name);
        let leaf = house.leaf();
        assert_eq!(house.judge(&leaf), refuse(Refusal::BothLeaves));
        assert_eq!(house.policy.free(), Free::default(), "a leaf has nothing to give");
    }
}

/// UP-08
#[test]
fn connections_are_sought_up_to_the_target() {
    for (thresholds, target, of_a_leaf) in
        [(GTK_GNUTELLA, 42, 4), (LIMEWIRE, 27, 3), (FILBERT, 32, 3), (LABORATORY, 32, 3)]
    {
        for (role, target) in [(Role::Supernode, target), (Role::Leaf, of_a_leaf)] {
            let mut house = House::new(thresholds.clone(), role, 0);
            assert_eq!(house.policy.wanted(house.now), target);
            house.fill(target - 1, Role::Supernode, Direction::Outgoing);
            assert_eq!(house.policy.wanted(house.now), 1);
            let caller = house.called();
            house.open(&caller);
            assert_eq!(house.policy.wanted(house.now), 0);
        }
    }
}

/// UP-08
#[test]
fn those_who_call_do_not_take_all_slots_for_supernodes() {
    let mut house = House::supernode(0);
    house.fill(24, Role::Supernode, Direction::Incoming);
    let (calling, called) = (house.calling(), house.called());
    assert_eq!(house.judge(&calling), refuse(Refusal::NoSupernodeSlot));
    assert!(matches!(house.judge(&called), Judgement::Accept { .. }));
    // A leaf, too, chooses half of its supernodes itself.
    let mut house = House::new(FILBERT, Role::Leaf, 0);
    house.fill(2, Role::Supernode, Direction::Incoming);
    let (calling, called) = (house.calling(), house.called());
    assert_eq!(house.judge(&calling), refuse(Refusal::NoSupernodeSlot));
    assert!(matches!(house.judge(&called), Judgement::Accept { .. }));
}

/// UP-14, A16: whoever has a network of addresses gets two slots for supernodes, not all.
#[test]
fn one_network_gets_only_so_many_slots() {
    for (role, slots) in [(Role::Supernode, 2), (Role::Leaf, 15)] {
        for of_network in [(|n| IpAddr::V4(Ipv4Addr::new(80, 9, 9, n))) as fn(u8) -> IpAddr, |n| {
            format!("2001:db8:1:{n:x}::1").parse().unwrap()
        }] {
            let mut house = House::supernode(100);
            let template = house.stranger(role, Direction::Outgoing);
            for n in 0..slots {
                let caller = Caller { address: of_network(n), ..template };
                assert!(matches!(house.judge(&caller), Judgement::Accept { .. }));
                house.open(&caller);
            }
            let caller = Caller { address: of_network(slots), ..template };
            assert_eq!(house.judge(&caller), refuse(Refusal::SameNetwork));
            let chosen = Caller { is_chosen: true, ..caller };
            assert!(matches!(house.judge(&chosen), Judgement::Accept { .. }));
            assert!(matches!(house.judge(&template), Judgement::Accept { .. }));
        }
    }
    for thresholds in [GTK_GNUTELLA, LIMEWIRE] {
        let mut house = House::new(thresholds, Role::Supernode, 20);
        let template = house.called();
        for _ in 0..20 {
            assert!(matches!(house.judge(&template), Judgement::Accept { .. }));
            house.open(&template);
        }
    }
}

/// UP-01, UP-02
#[test]
fn an_offer_lacks_what_is_one_short_of_what_others_demand() {
    for (offer, lack) in [
        (GOOD, None),
        (Offer { degree: Some(16), ..GOOD }, None),
        (Offer { degree: Some(15), ..GOOD }, Some(Lack::Degree)),
        (Offer { degree: None, ..GOOD }, Some(Lack::Degree)),
        (Offer { max_ttl: Some(1), ..GOOD }, None),
        (Offer { max_ttl: Some(5), ..GOOD }, Some(Lack::LowTtl)),
        (Offer { max_ttl: None, ..GOOD }, Some(Lack::LowTtl)),
        (Offer { dynamic_querying: false, ..GOOD }, Some(Lack::DynamicQuerying)),
        (Offer { table_exchange: false, ..GOOD }, Some(Lack::TableExchange)),
        (Offer { inflates: false, ..GOOD }, Some(Lack::Compression)),
    ] {
        assert_eq!((offer.lack(), offer.is_good()), (lack, lack.is_none()));
    }
}

/// UP-02
#[test]
fn those_who_lack_something_are_taken_only_while_there_are_few() {
    let poor = Offer { degree: Some(4), ..GOOD };
    for (thresholds, few) in [(GTK_GNUTELLA, 50), (LIMEWIRE, 3), (FILBERT, 20), (LABORATORY, 20)] {
        let mut house = House::new(thresholds.clone(), Role::Supernode, 0);
        house.fill(few - 1, Role::Supernode, Direction::Outgoing);
        let caller = Caller { offer: poor, ..house.called() };
        assert!(matches!(house.judge(&caller), Judgement::Accept { .. }), "{}", thresholds.name);
        house.fill(1, Role::Supernode, Direction::Outgoing);
        let expected = refuse(Refusal::Lacks(Lack::Degree));
        assert_eq!(house.judge(&caller), expected, "{}", thresholds.name);
        if few < 50 {
            let chosen = Caller { is_chosen: true, ..caller };
            assert!(matches!(house.judge(&chosen), Judgement::Accept { .. }));
        }
    }
    // Of a leaf nothing is demanded.
    let mut house = House::supernode(10);
    house.fill_leaves(9);
    let leaf = Caller { offer: Offer::default(), ..house.leaf() };
    assert!(matches!(house.judge(&leaf), Judgement::Accept { .. }));
}

/// UP-07, UP-09
#[test]
fn a_supernode_without_room_is_guided_to_be_a_leaf_but_not_into_the_last_tenth() {
    for (leaf_slots, leaves, expected) in [
        (100, 0, Judgement::Guide),
        (100, 89, Judgement::Guide),
        (100, 90, refuse(Refusal::NoSupernodeSlot)),
        (100, 100, refuse(Refusal::NoSupernodeSlot)),
    ] {
        let mut house = House::supernode(leaf_slots);
        house.fill(16, Role::Supernode, Direction::Outgoing);
        house.fill(24, Role::Supernode, Direction::Incoming);
        house.fill_leaves(leaves);
        let caller = house.calling();
        assert_eq!(house.judge(&caller), expected, "{leaves}");
        // Whom we called, we do not guide; and who became a leaf takes a leaf slot.
        let called = house.called();
        assert_eq!(house.judge(&called), refuse(Refusal::NoSupernodeSlot));
        let as_leaf = Caller { role: Role::Leaf, ..caller };
        assert_eq!(matches!(house.judge(&as_leaf), Judgement::Accept { .. }), leaves < leaf_slots);
    }
}

/// UP-07
#[test]
fn supernodes_are_said_to_be_needed_while_there_is_room_or_leaves_have_none() {
    let mut house = House::supernode(10);
    let (caller, leaf) = (house.calling(), house.leaf());
    assert_eq!(house.judge(&caller), accept(Some(true)), "room for neighbours");
    assert_eq!(house.judge(&leaf), accept(None));
    house.fill(31, Role::Supernode, Direction::Outgoing);
    assert_eq!(house.judge(&caller), accept(Some(true)));
    house.fill(1, Role::Supernode, Direction::Outgoing);
    house.fill_leaves(8);
    assert_eq!(house.judge(&caller), accept(None), "enough neighbours, and room for leaves");
    assert_eq!(house.judge(&leaf), accept(None));
    house.fill_leaves(1);
    assert_eq!(house.judge(&caller), accept(Some(true)), "nine of ten leaf slots");
    assert_eq!(house.judge(&leaf), accept(Some(true)));
    // A leaf gives no guidance.
    let house = House::new(FILBERT, Role::Leaf, 0);
    assert_eq!(house.judge(&caller), accept(None));
}

/// UP-11
#[test]
fn the_useless_makes_room_and_never_before_its_grace_is_over() {
    let grace = Duration::from_secs(300);
    type Spoil = fn(&mut Standing, Time);
    let flaws: [(Flaw, Spoil); 6] = [
        (Flaw::Slow, |standing, now| standing.slow_since = Some(now)),
        (Flaw::NoTable, |standing, _| standing.table = Table::Missing),
        (Flaw::EmptyTable, |standing, _| standing.table = Table::Empty),
        (Flaw::SharesNothing, |standing, _| standing.shares_nothing = true),
        (Flaw::Muted, |standing, now| standing.muted_since = Some(now)),
        (Flaw::Firewalled, |standing, _| standing.is_firewalled = true),
    ];
    for (role, others) in [(Role::Leaf, Flaw::Firewalled), (Role::Supernode, Flaw::SharesNothing)] {
        for (flaw, spoil) in flaws {
            let mut house = House::supernode(20);
            let slots =
                house.fill(if role == Role::Leaf { 20 } else { 40 }, role, Direction::Outgoing);
            let bad = slots[7];
            let now = house.now;
            spoil(house.standing(bad), now);
            let caller = house.stranger(role, Direction::Outgoing);
            house.wait(grace - Duration::from_micros(1));
            assert!(matches!(house.judge(&caller), Judgement::Refuse(_)), "{flaw:?}");
            house.wait(Duration::from_micros(1));
            let counts = flaw != others && !(role == Role::Supernode && flaw == Flaw::Muted);
            if !counts {
                assert!(matches!(house.judge(&caller), Judgement::Refuse(_)), "{flaw:?}");
                continue;
            }
            assert!(matches!(house.judge(&caller), Judgement::Accept { .. }), "{flaw:?}");
            let newcomer = house.open(&caller);
            assert_eq!(house.policy.whom_to_drop(house.now), Some((bad, flaw)));
            house.close(bad);
            assert_eq!(house.policy.whom_to_drop(house.now), None);
            assert!(house.policy.standing_mut(newcomer).is_some());
        }
    }
}

/// UP-11: somebody without a word for us has shown nothing yet.
#[test]
fn a_newcomer_has_to_show_what_the_other_one_lacks_or_goes_itself() {
    for (shown, lasts, expected) in [
        (Table::Missing, 299, None),
        (Table::Empty, 299, None),
        (Table::Missing, 300, Some((1, Flaw::NoTable))),
        (Table::Empty, 300, Some((1, Flaw::EmptyTable))),
        (Table::Filled, 0, Some((0, Flaw::EmptyTable))),
    ] {
        let mut house = House::supernode(20);
        let bad = house.fill_leaves(20)[7];
        house.standing(bad).table = Table::Empty;
        house.wait(Duration::from_secs(3_600));
        let caller = house.leaf();
        let newcomer = house.open(&caller);
        house.standing(newcomer).table = shown;
        house.wait(Duration::from_secs(lasts));
        let expected = expected.map(|(who, flaw)| ([bad, newcomer][who], flaw));
        assert_eq!(house.policy.whom_to_drop(house.now), expected, "{shown:?}");
    }
    // With a flaw that is as bad, or worse, it is none better.
    for (flaw, is_better) in [(Flaw::Uncompressed, true), (Flaw::Muted, false)] {
        let mut house = House::supernode(20);
        let bad = house.fill_leaves(20)[7];
        house.standing(bad).muted_since = Some(Time::ZERO);
        house.wait(Duration::from_secs(300));
        let mut caller = house.leaf();
        caller.offer.inflates = flaw != Flaw::Uncompressed;
        let newcomer = house.open(&caller);
        let now = house.now;
        house.standing(newcomer).muted_since = Some(now).filter(|_| flaw == Flaw::Muted);
        let dropped = house.policy.whom_to_drop(house.now);
        assert_eq!(dropped, is_better.then_some((bad, Flaw::Muted)), "{flaw:?}");
    }
}

/// UP-11: free riders do not go round among those who are full, and an attacker with many addresses
/// empties nobody's slots.
#[test]
fn one_newcomer_is_tried_at_a_time_and_not_often() {
    let mut house = House::supernode(20);
    let slots = house.fill_leaves(20);
    for slot in &slots {
        house.standing(*slot).table = Table::Empty;
    }
    house.wait(Duration::from_secs(300));
    let began = house.now;
    let (first, other) = (house.leaf(), house.leaf());
    let newcomer = house.open(&first);
    assert_eq!(house.judge(&other), refuse(Refusal::NoLeafSlot), "one at a time");
    let (dropped, _) = house.policy.whom_to_drop(house.now).unwrap();
    house.close(dropped);
    assert_eq!(house.judge(&other), refuse(Refusal::NoLeafSlot), "and not at once");
    house.now = began.after_ms(TRIAL_EVERY_MS - 1);
    assert_eq!(house.judge(&other), refuse(Refusal::NoLeafSlot));
    house.now = began.after_ms(TRIAL_EVERY_MS);
    assert!(matches!(house.judge(&other), Judgement::Accept { .. }));
    // A slot that becomes free by itself ends a trial.
    let second = house.open(&other);
    house.standing(second).table = Table::Empty;
    house.close(newcomer);
    house.wait(Duration::from_secs(300));
    assert_eq!(house.policy.whom_to_drop(house.now), None);
    assert_eq!(house.policy.leaves(), 20);
}

/// UP-11
#[test]
fn a_flaw_counts_from_when_it_began_and_the_worst_and_longest_goes_first() {
    let mut house = House::supernode(20);
    let slots = house.fill_leaves(20);
    house.wait(Duration::from_secs(3_600));
    let caller = house.leaf();
    let now = house.now;
    house.standing(slots[1]).muted_since = Some(now);
    house.wait(Duration::from_secs(299));
    assert_eq!(house.judge(&caller), refuse(Refusal::NoLeafSlot));
    house.wait(Duration::from_secs(1));
    assert!(matches!(house.judge(&caller), Judgement::Accept { .. }));
    house.open(&caller);
    let dropped = |house: &House| house.policy.whom_to_drop(house.now).unwrap().0;
    assert_eq!(dropped(&house), slots[1]);
    house.standing(slots[2]).shares_nothing = true;
    assert_eq!(dropped(&house), slots[2]);
    let now = house.now;
    house.standing(slots[3]).slow_since = Some(now);
    assert_eq!(dropped(&house), slots[2], "not slow for long enough");
    house.wait(Duration::from_secs(300));
    let now = house.now;
    house.standing(slots[4]).slow_since = Some(Time::ZERO);
    assert_eq!(dropped(&house), slots[4], "slow for longer");
    house.standing(slots[4]).slow_since = Some(now);
    assert_eq!(dropped(&house), slots[3]);
}

/// UP-11
#[test]
fn who_is_chosen_is_never_dropped_for_another() {
    let mut house = House::supernode(1);
    let chosen = Caller { is_chosen: true, ..house.leaf() };
    let slot = house.open(&chosen);
    house.standing(slot).shares_nothing = true;
    house.wait(Duration::from_secs(36_000));
    let caller = house.leaf();
    assert_eq!(house.judge(&caller), refuse(Refusal::NoLeafSlot));
    house.policy.set_role(Role::Supernode, 0);
    assert_eq!(house.policy.whom_to_drop(house.now), None);
}

/// UP-11
#[test]
fn where_too_many_call_one_who_called_makes_room() {
    let mut house = House::supernode(0);
    let called = house.fill(10, Role::Supernode, Direction::Outgoing);
    let calling = house.fill(24, Role::Supernode, Direction::Incoming);
    house.standing(called[0]).is_firewalled = true;
    house.wait(Duration::from_secs(300));
    let caller = house.calling();
    assert_eq!(house.judge(&caller), refuse(Refusal::NoSupernodeSlot));
    house.standing(calling[5]).table = Table::Empty;
    let poor = Caller { offer: Offer::default(), ..caller };
    assert_eq!(house.judge(&poor), refuse(Refusal::Lacks(Lack::Degree)), "for nobody worse");
    assert!(matches!(house.judge(&caller), Judgement::Accept { .. }));
    house.open(&caller);
    assert_eq!(house.policy.whom_to_drop(house.now), Some((calling[5], Flaw::EmptyTable)));
}

#[test]
fn when_slots_become_fewer_the_useless_go_and_then_the_newest() {
    let mut house = House::supernode(10);
    let mut slots = Vec::new();
    for _ in 0..10 {
        slots.extend(house.fill_leaves(1));
        house.wait(Duration::from_secs(100));
    }
    house.standing(slots[2]).shares_nothing = true;
    assert_eq!(house.policy.whom_to_drop(house.now), None);
    house.policy.set_role(Role::Supernode, 6);
    let mut dropped = Vec::new();
    while let Some((slot, flaw)) = house.policy.whom_to_drop(house.now) {
        dropped.push((slot, flaw));
        house.close(slot);
    }
    // The last two have not been there for five minutes.
    let expected = [
        (slots[2], Flaw::SharesNothing),
        (slots[7], Flaw::Surplus),
        (slots[6], Flaw::Surplus),
        (slots[5], Flaw::Surplus),
    ];
    assert_eq!(dropped, expected);
    assert_eq!(house.policy.leaves(), 6);
}

#[test]
fn a_leaf_keeps_no_leaves_and_a_supernode_too_many_goes() {
    let mut house = House::supernode(10);
    house.fill_leaves(3);
    house.fill(6, Role::Supernode, Direction::Outgoing);
    house.wait(Duration::from_secs(1));
    house.policy.set_role(Role::Leaf, 0);
    for _ in 0..3 {
        let (slot, flaw) = house.policy.whom_to_drop(house.now).unwrap();
        assert_eq!(flaw, Flaw::Surplus);
        house.close(slot);
    }
    assert_eq!((house.policy.leaves(), house.policy.supernodes()), (0, 6));
    assert_eq!(house.policy.whom_to_drop(house.now), None, "they have just come");
    house.wait(Duration::from_secs(300));
    for _ in 0..2 {
        let (slot, _) = house.policy.whom_to_drop(house.now).unwrap();
        house.close(slot);
    }
    assert_eq!((house.policy.whom_to_drop(house.now), house.policy.supernodes()), (None, 4));
}

/// A17: whatever it promises, a supernode that serves slowly loses its leaves within ten minutes.
#[test]
fn a_leaf_leaves_a_slow_supernode_unless_it_is_the_only_one() {
    let mut house = House::new(FILBERT, Role::Leaf, 0);
    let slots = house.fill(2, Role::Supernode, Direction::Outgoing);
    let began = house.now;
    house.standing(slots[0]).slow_since = Some(began);
    house.wait(Duration::from_secs(299));
    assert_eq!(house.policy.whom_to_drop(house.now), None);
    house.wait(Duration::from_secs(1));
    assert_eq!(house.policy.whom_to_drop(house.now), Some((slots[0], Flaw::Slow)));
    assert!(house.now.since(began) < Duration::from_secs(600));
    house.close(slots[0]);
    house.standing(slots[1]).slow_since = Some(Time::ZERO);
    assert_eq!(house.policy.whom_to_drop(house.now), None, "a slow one is better than none");
    // Supernodes may have no table for a leaf.
    house.standing(slots[1]).table = Table::Missing;
    assert_eq!(house.policy.whom_to_drop(house.now), None);
}

#[test]
fn what_has_gone_is_forgotten_and_its_memory_given_back() {
    let mut house = House::supernode(5_000);
    let slots = house.fill_leaves(5_000);
    assert_eq!(house.policy.free(), Free { leaves: 0, supernodes: 40 });
    for slot in &slots {
        house.close(*slot);
    }
    assert_eq!(house.policy.free(), Free { leaves: 5_000, supernodes: 40 });
    assert_eq!(house.policy.standing_mut(slots[0]), None);
    // The same places, with new names, and the old ones lead nowhere.
    let again = house.fill_leaves(10);
    assert!(again.iter().all(|slot| slot.index() < 5_000));
    house.policy.close(slots[again[0].index()]);
    assert_eq!(house.policy.leaves(), 10);
}
