//! How long a node stays what it is: minimum stays, back-off, and what ends a supernode.

#[allow(dead_code, reason = "every test file uses a part of it")]
use std::time::Duration;

use filbert::promotion::{Change, Guide, Observation, Protocol, Role, Room, Thresholds};

use crate::desk::{HOUR, MINUTE, MOMENT, Node, SECOND, host};

const GTK_GNUTELLA: Thresholds = Thresholds::gtk_gnutella();
const LIMEWIRE: Thresholds = Thresholds::limewire();
const FILBERT: Thresholds = Thresholds::filbert();
const LABORATORY: Thresholds = Thresholds::laboratory();

/// Something that a supernode must have, and has not any more.
const NO_DESCRIPTORS: Observation = Observation::Descriptors { limit: 0, others: 0 };

/// What a leaf is told to stay for now.
fn leaf_stay(node: &Node) -> Duration {
    node.promotion.export(node.now).stay
}

/// Makes a supernode of it again, whatever it takes.
fn promote_again(node: &mut Node) {
    node.see(Observation::Descriptors { limit: u64::MAX, others: 0 });
    while node.promotion.role() == Role::Leaf {
        node.wait(30 * SECOND);
        node.reach();
        node.need();
        node.decide();
    }
}

/// The same, and then a leaf of that.
fn demote_again(node: &mut Node) {
    promote_again(node);
    node.see(NO_DESCRIPTORS);
    let end = node.now.after(node.promotion.thresholds().switch.supernode_stay_min + MINUTE);
    while node.now < end && node.promotion.role() == Role::Supernode {
        node.reach();
        node.live(SECOND);
    }
    assert_eq!(node.promotion.role(), Role::Leaf, "{}", node.explain());
}

/// UP-13
#[test]
fn a_supernode_in_trouble_stays_for_its_minimum_and_no_longer() {
    for (thresholds, stay) in
        [(GTK_GNUTELLA, 1_801 * SECOND), (FILBERT, 5 * MINUTE), (LABORATORY, 15 * SECOND)]
    {
        let mut node = Node::supernode(thresholds);
        node.neighbours(20, 20);
        node.see(NO_DESCRIPTORS);
        node.decide();
        node.wait(stay - MOMENT);
        node.reach();
        assert_eq!(node.decide(), None, "{}", node.explain());
        node.wait(MOMENT);
        assert_eq!(node.decide(), Some(Change::Demote), "{}", node.explain());
    }
    let mut node = Node::supernode(LIMEWIRE);
    node.see(NO_DESCRIPTORS);
    node.live(24 * HOUR);
    assert_eq!(node.promotion.role(), Role::Supernode, "LimeWire never looks again");
}

/// UP-04
#[test]
fn a_supernode_that_nobody_reaches_goes_when_its_profile_says_so() {
    for (thresholds, stay) in [
        (GTK_GNUTELLA, Some(Duration::ZERO)),
        (LIMEWIRE, None),
        (FILBERT, Some(5 * MINUTE)),
        (LABORATORY, Some(15 * SECOND)),
    ] {
        let mut node = Node::supernode(thresholds.clone());
        node.neighbours(20, 20);
        let life = thresholds.reach.proof_life.unwrap_or(HOUR).max(stay.unwrap_or_default());
        let patience = thresholds.switch.trouble_min;
        node.wait(life - MOMENT);
        assert_eq!(node.decide(), None, "{}", node.explain());
        node.wait(MOMENT);
        let at_once = node.decide();
        node.wait(patience);
        let change = at_once.or_else(|| node.decide());
        assert_eq!(change, stay.map(|_| Change::Demote), "{}", node.explain());
        assert_eq!(at_once.is_some(), stay.is_some() && patience.is_zero());
    }
    // Where all have asked in vain, the expiry is not waited for, but the stay is.
    let mut node = Node::supernode(FILBERT);
    for _ in 0..3 {
        node.see(Observation::Missed(Protocol::Tcp));
    }
    node.decide();
    node.wait(5 * MINUTE - MOMENT);
    assert_eq!(node.decide(), None);
    node.wait(MOMENT);
    assert_eq!(node.decide(), Some(Change::Demote));
}

#[test]
fn trouble_has_to_last() {
    let mut node = Node::supernode(FILBERT);
    node.neighbours(20, 20);
    node.wait(10 * MINUTE);
    for _ in 0..20 {
        node.see(Observation::Shortage(true));
        node.decide();
        node.wait(MINUTE - MOMENT);
        assert_eq!(node.decide(), None);
        node.see(Observation::Shortage(false));
        node.reach();
        assert_eq!(node.decide(), None);
        node.wait(SECOND);
    }
    node.see(Observation::Shortage(true));
    node.decide();
    node.wait(MINUTE);
    assert_eq!(node.decide(), Some(Change::Demote), "{}", node.explain());
}

/// A supernode with a line that carries so much.
fn with_line(thresholds: &Thresholds, rate: u64) -> Node {
    let mut node = Node::new(thresholds.clone());
    node.see(Observation::Address { ip: host(1), told_by: host(2) });
    node.wait(24 * HOUR);
    node.carry(rate, false, 8);
    node.promotion.appoint(Role::Supernode, "for a test", node.now);
    node.neighbours(0, 30);
    node
}

/// UP-12
#[test]
fn a_supernode_without_leaves_goes_after_its_limit() {
    for (thresholds, limit, jitter) in [
        (GTK_GNUTELLA, 3_601 * SECOND, Duration::ZERO),
        (FILBERT, HOUR, 15 * MINUTE),
        (LABORATORY, MINUTE, 15 * SECOND),
    ] {
        // The strong bear it for longer in ours.
        for (rate, times) in [(20_000, 1), (80_000, 2), (320_000, 3), (1_280_000, 4)] {
            let limit = if thresholds.name == "gtk-gnutella" { limit } else { limit * times };
            let mut node = with_line(&thresholds, rate);
            node.reach();
            node.decide();
            node.wait(limit - MOMENT);
            node.reach();
            assert_eq!(node.decide(), None, "{}", node.explain());
            node.wait(jitter + MOMENT);
            node.reach();
            assert_eq!(node.decide(), Some(Change::Demote), "{}", node.explain());
            assert!(node.explain().starts_with("demoted: no leaf for "), "{}", node.explain());
        }
    }
    let mut node = Node::supernode(LIMEWIRE);
    node.live(24 * HOUR);
    assert_eq!(node.promotion.role(), Role::Supernode, "LimeWire waits for ever");
}

#[test]
fn one_leaf_is_enough_and_counts_from_when_it_left() {
    let mut node = Node::supernode(GTK_GNUTELLA);
    for _ in 0..10 {
        node.neighbours(1, 30);
        node.reach();
        node.decide();
        node.neighbours(0, 30);
        node.wait(20 * MINUTE);
        node.reach();
        node.wait(20 * MINUTE);
        node.reach();
        assert_eq!(node.decide(), None, "{}", node.explain());
    }
}

/// UP-13
#[test]
fn every_demotion_doubles_the_time_as_a_leaf_up_to_its_limit() {
    let hours = |count| count * HOUR;
    for (thresholds, stays) in [
        (
            GTK_GNUTELLA,
            vec![hours(1), hours(2), hours(4), hours(8), hours(16), hours(17), hours(17)],
        ),
        (FILBERT, vec![hours(1) / 2, hours(1), hours(2), hours(4), hours(8), hours(16), hours(17)]),
        (LABORATORY, vec![MINUTE / 2, MINUTE, 2 * MINUTE, 4 * MINUTE]),
    ] {
        let mut node = Node::supernode(thresholds);
        for stay in stays {
            demote_again(&mut node);
            let demoted_at = node.changes.last().unwrap().0;
            assert_eq!(leaf_stay(&node) + node.now.since(demoted_at), stay);
        }
    }
}

/// UP-13
#[test]
fn a_leaf_is_not_promoted_before_its_stay_is_over() {
    for thresholds in [GTK_GNUTELLA, FILBERT, LABORATORY] {
        let mut node = Node::supernode(thresholds);
        demote_again(&mut node);
        node.see(Observation::Descriptors { limit: u64::MAX, others: 0 });
        let end = node.now.after(leaf_stay(&node));
        while node.now.after(SECOND) < end {
            node.wait(SECOND);
            node.reach();
            node.need();
            assert_eq!(node.decide(), None);
        }
        node.now = end;
        node.reach();
        node.need();
        node.live(node.promotion.thresholds().need.spread + MINUTE);
        assert_eq!(node.promotion.role(), Role::Supernode, "{}", node.explain());
    }
}

#[test]
fn what_nobody_reaches_is_not_doubled_by_gtk_gnutella() {
    for (thresholds, doubled) in [(GTK_GNUTELLA, false), (FILBERT, true)] {
        let mut node = Node::supernode(thresholds);
        for _ in 0..2 {
            node.neighbours(20, 20);
            node.live(40 * MINUTE);
            assert_eq!(node.promotion.role(), Role::Leaf, "{}", node.explain());
            let (at, _) = *node.changes.last().unwrap();
            let stay = leaf_stay(&node) + node.now.since(at);
            let first = node.promotion.thresholds().switch.leaf_stay_min;
            let expected = if doubled && node.changes.len() > 2 { 2 * first } else { first };
            assert_eq!(stay, expected);
            while node.promotion.role() == Role::Leaf {
                node.wait(30 * SECOND);
                node.reach();
                node.need();
                node.decide();
            }
        }
    }
}

/// UP-13
#[test]
fn a_long_service_makes_up_for_earlier_demotions() {
    for (service, stay) in [(24 * HOUR, 30 * MINUTE), (24 * HOUR - MINUTE, HOUR)] {
        let mut node = Node::supernode(FILBERT);
        demote_again(&mut node);
        promote_again(&mut node);
        let promoted_at = node.now;
        node.neighbours(20, 20);
        while node.now.since(promoted_at) < service - MINUTE {
            node.wait(MINUTE);
            node.reach();
            assert_eq!(node.decide(), None);
        }
        node.see(NO_DESCRIPTORS);
        node.decide();
        node.wait(MINUTE);
        assert_eq!(node.decide(), Some(Change::Demote));
        assert_eq!(leaf_stay(&node), stay);
    }
}

/// UP-13
#[test]
fn the_back_off_outlives_a_restart() {
    let mut node = Node::supernode(FILBERT);
    demote_again(&mut node);
    demote_again(&mut node);
    let record = node.promotion.export(node.now);
    let mut next = Node::new(FILBERT);
    next.promotion.import(&record, 10 * MINUTE, next.now);
    assert_eq!(leaf_stay(&next), leaf_stay(&node) - 10 * MINUTE);
    assert_eq!(next.promotion.export(next.now).demotions, 2);
}

/// UP-12
#[test]
fn processors_that_stay_busy_end_a_supernode() {
    let busy = |permille| {
        let mut node = Node::supernode(FILBERT);
        node.neighbours(20, 20);
        node.wait(6 * MINUTE);
        for _ in 0..5 {
            node.see(Observation::Processor { busy_permille: permille });
            node.reach();
            assert_eq!(node.decide(), None);
            node.wait(MINUTE);
        }
        node.decide()
    };
    assert_eq!(busy(900), None);
    assert_eq!(busy(901), Some(Change::Demote));
    // One quiet moment begins a new count.
    let mut node = Node::supernode(FILBERT);
    node.neighbours(20, 20);
    node.wait(6 * MINUTE);
    for busy_permille in [1_000, 1_000, 1_000, 400, 1_000, 1_000, 1_000] {
        node.see(Observation::Processor { busy_permille });
        node.wait(MINUTE);
        node.reach();
        assert_eq!(node.decide(), None);
    }
}

/// UP-12
#[test]
fn one_of_too_many_goes_the_weak_before_the_strong() {
    let lasts = |rate: u64, leaves| {
        let mut node = Node::new(FILBERT);
        node.see(Observation::Address { ip: host(1), told_by: host(2) });
        node.carry(rate, false, 8);
        node.wait(2 * HOUR);
        node.reach();
        node.promotion.appoint(Role::Supernode, "for a test", node.now);
        node.neighbours(leaves, 20);
        let start = node.now;
        while node.now.since(start) < 24 * HOUR {
            node.content();
            node.reach();
            if node.decide().is_some() {
                return Some(node.now.since(start));
            }
            node.wait(MINUTE);
        }
        None
    };
    let within = |lasts: Option<Duration>, most: Duration| {
        let lasts = lasts.unwrap();
        assert!((most / 2..=most + MINUTE).contains(&lasts), "{lasts:?}");
    };
    within(lasts(20_000, 4), HOUR);
    // Ten supernodes with fifty free slots each have room for 250 leaves twice, and for no more.
    within(lasts(20_000, 250), HOUR);
    assert_eq!(lasts(20_000, 251), None, "its leaves would find no room");
    // Three doublings, twice as long; eight, four times, and not while it has leaves.
    within(lasts(160_000, 100), HOUR + HOUR / 2);
    within(lasts(10_000_000, 4), 2 * HOUR + HOUR / 2);
    assert_eq!(lasts(10_000_000, 5), None, "five leaves are not few");
}

/// HAND-69
#[test]
fn guidance_is_followed_only_by_those_who_lose_nothing_and_only_towards_elders() {
    let elder = |n| Guide { host: host(n), running_for: Some(100 * HOUR), is_good: true };
    for (thresholds, voices) in [(GTK_GNUTELLA, 1), (FILBERT, 3)] {
        let stay = thresholds.switch.supernode_stay_min;
        let after_stay = || {
            let mut node = Node::supernode(thresholds.clone());
            node.wait(stay);
            node.reach();
            node
        };
        let follows = |node: &mut Node, guide: &dyn Fn(u8) -> Guide| {
            (1..=voices).map(|n| node.promotion.follows(guide(n), node.now)).last().unwrap()
        };
        let mut node = after_stay();
        assert!(follows(&mut node, &elder), "{}", node.explain());
        assert_eq!(node.promotion.role(), Role::Leaf);

        let mut node = after_stay();
        assert!((1..voices).all(|n| !node.promotion.follows(elder(n), node.now)));
        let again = node.promotion.follows(elder(1), node.now);
        assert_eq!(again, voices == 1, "one voice stays one, however often it speaks");

        let mut node = after_stay();
        node.neighbours(1, 20);
        assert!(!follows(&mut node, &elder), "it has a leaf");
        let mut node = after_stay();
        assert!(!follows(&mut node, &|n| Guide { running_for: None, ..elder(n) }));
        assert!(!follows(&mut node, &|n| Guide { running_for: Some(HOUR), ..elder(n) }));
        assert!(!follows(&mut node, &|n| Guide { is_good: false, ..elder(n) }));
        let mut node = Node::supernode(thresholds.clone());
        node.wait(stay - MOMENT);
        assert!(!follows(&mut node, &elder), "its stay is not over");
    }
}

/// HAND-69
#[test]
fn limewire_follows_while_it_has_no_neighbour_and_less_readily_each_time() {
    let guide = Guide { host: host(1), running_for: None, is_good: true };
    let mut node = Node::supernode(LIMEWIRE);
    node.neighbours(0, 1);
    assert!((0..100).all(|_| !node.promotion.follows(guide, node.now)));
    node.neighbours(0, 0);
    node.promotion.appoint(Role::Leaf, "for a test", node.now);
    for tries in 2..5 {
        node.promotion.appoint(Role::Supernode, "for a test", node.now);
        let let_pass = (0..100).take_while(|_| !node.promotion.follows(guide, node.now)).count();
        assert_eq!(let_pass, 4 * tries - 1);
    }
}

#[test]
fn whoever_is_appointed_is_what_was_said() {
    let mut node = Node::new(FILBERT);
    node.promotion.appoint(Role::Supernode, "as configured", node.now);
    assert_eq!(node.promotion.role(), Role::Supernode);
    assert_eq!(node.explain(), "promoted: as configured");
    node.wait(HOUR);
    assert_eq!(
        node.explain(),
        "supernode for 60 min with 0 leaves and 0 supernodes (may be demoted: never reached by TCP)"
    );
    node.promotion.appoint(Role::Leaf, "as configured", node.now);
    assert_eq!(node.promotion.role(), Role::Leaf);
}

#[test]
fn words_about_room_alone_change_nothing_for_a_supernode_with_leaves() {
    let mut node = Node::supernode(FILBERT);
    node.neighbours(30, 30);
    for _ in 0..300 {
        for n in 0..20 {
            node.hear(n, Room::Guidance { needed: false });
        }
        node.reach();
        node.live(MINUTE);
    }
    assert_eq!(node.promotion.role(), Role::Supernode);
}
