//! What a node says of its role: one sentence, whatever the reason.

#[allow(dead_code, reason = "every test file uses a part of it")]
use filbert::promotion::slots::{Flaw, Lack, Refusal};
use filbert::promotion::{Observation, Protocol, Role, Room, Test, Thresholds};

use crate::desk::{HOUR, MINUTE, Node, SECOND, host};

const FILBERT: Thresholds = Thresholds::filbert();

/// Reached, and under a public address.
fn newcomer(thresholds: Thresholds) -> Node {
    let mut node = Node::new(thresholds);
    node.see(Observation::Address { ip: host(1), told_by: host(2) });
    node.reach();
    node
}

#[test]
fn a_leaf_says_what_it_lacks_first() {
    let mut node = Node::new(FILBERT);
    assert_eq!(node.explain(), "not promoted: never reached by TCP");
    node.see(Observation::Reached { protocol: Protocol::Tcp, from: host(3) });
    assert_eq!(node.explain(), "not promoted: never reached by UDP");
    node.reach();
    assert_eq!(node.explain(), "not promoted: own address not known");
    let private = "192.168.1.1".parse().unwrap();
    node.see(Observation::Address { ip: private, told_by: host(2) });
    assert_eq!(node.explain(), "not promoted: address is not public");
    node.wait(31 * MINUTE);
    assert_eq!(node.explain(), "not promoted: not reached by TCP for 31 min");

    let mut node = newcomer(FILBERT);
    node.wait(41 * MINUTE);
    node.reach();
    assert_eq!(node.explain(), "not promoted: uptime 41 of 60 min");
    node.wait(19 * MINUTE);
    node.reach();
    assert_eq!(node.explain(), "not promoted: upload 0.0 of 20.0 KB/s");
    node.carry(12_345, false, 3);
    assert_eq!(node.explain(), "not promoted: upload 12.3 of 20.0 KB/s");
    node.carry(20_000, false, 3);
    node.see(Observation::UploadStalled);
    node.wait(3 * MINUTE);
    assert_eq!(node.explain(), "not promoted: an upload stalled 3 min ago");
    node.wait(27 * MINUTE);
    node.reach();
    node.see(Observation::Descriptors { limit: 200, others: 100 });
    assert_eq!(node.explain(), "not promoted: 100 descriptors, more than 114 needed");
    node.see(Observation::Descriptors { limit: 1_000, others: 100 });
    node.see(Observation::Memory { physical: 8 << 20 });
    assert_eq!(node.explain(), "not promoted: 4 MiB of memory, more than 5 needed");
    node.see(Observation::Memory { physical: 8 << 30 });
    node.see(Observation::Shortage(true));
    assert_eq!(node.explain(), "not promoted: memory is short");
    node.see(Observation::Shortage(false));
    node.see(Observation::Processor { busy_permille: 820 });
    assert_eq!(node.explain(), "not promoted: processors 82 % busy, 70 % allowed");
}

#[test]
fn other_profiles_have_other_reasons() {
    let mut node = newcomer(Thresholds::gtk_gnutella());
    assert_eq!(node.explain(), "not promoted: uptime 0 of 61 min");
    node.wait(3_601 * SECOND);
    node.reach();
    assert_eq!(node.explain(), "not promoted: average uptime 15 of 180 min");
    node.wait(11 * HOUR - MINUTE);
    node.reach();
    node.see(Observation::Address { ip: host(5), told_by: host(6) });
    node.see(Observation::Address { ip: host(5), told_by: host(7) });
    node.see(Observation::Address { ip: host(1), told_by: host(6) });
    node.see(Observation::Address { ip: host(1), told_by: host(7) });
    assert_eq!(node.explain(), "not promoted: average uptime 179 of 180 min");
    node.wait(MINUTE);
    assert_eq!(node.explain(), "not promoted: address kept for 90 of 180 min on average");

    let mut node = newcomer(Thresholds::limewire());
    node.carry(10_000, false, 1);
    node.wait(2 * HOUR);
    node.see(Observation::Searched);
    node.wait(2 * MINUTE);
    assert_eq!(node.explain(), "not promoted: no search for 2 of 5 min");
    node.wait(3 * MINUTE);
    assert_eq!(node.explain(), "not promoted: 10.0 KB/s in use, 1.0 allowed");
}

#[test]
fn a_capable_leaf_says_that_it_is_not_needed_or_what_it_waits_for() {
    let mut node = Node::capable(FILBERT);
    assert_eq!(
        node.explain(),
        "not promoted: no supernode is needed, too little is known of those there are"
    );
    for n in 0..9 {
        node.hear(n, Room::Told { free_leaf_slots: u32::from(n > 1) });
    }
    node.decide();
    assert_eq!(node.explain(), "not promoted: no supernode is needed, 2 of 9 are full");
    node.need();
    assert_eq!(node.decide(), None);
    let sentence = node.explain();
    let waits = sentence.strip_prefix("not promoted yet: for ");
    assert!(waits.is_some_and(|rest| rest.ends_with(" stronger ones may go first")), "{sentence}");
    node.live(150 * SECOND);
    assert_eq!(
        node.promotion.explain_change(),
        "promoted: supernodes are needed, 5 of 12 are full"
    );
}

#[test]
fn a_supernode_says_since_when_and_why_and_what_threatens_it() {
    let mut node = Node::supernode(FILBERT);
    assert_eq!(node.explain(), "promoted: supernodes are needed, 3 of 3 are full");
    node.neighbours(1, 30);
    node.wait(3 * HOUR);
    node.reach();
    assert_eq!(
        node.explain(),
        "supernode for 3 h with 1 leaf and 30 supernodes (promoted: supernodes are needed, 3 of 3 are full)"
    );
    node.carry(3_000, true, 3);
    assert_eq!(
        node.explain(),
        "supernode for 3 h with 1 leaf and 30 supernodes (may be demoted: upload 3.0 of 20.0 KB/s, and more did not go)"
    );
    node.live(MINUTE);
    let reason = "demoted: upload 3.0 of 20.0 KB/s, and more did not go";
    assert_eq!(node.explain(), reason);
    node.wait(12 * MINUTE);
    assert_eq!(node.explain(), format!("not promoted: a leaf for 18 min more ({reason})"));
}

#[test]
fn every_end_of_a_supernode_has_its_sentence() {
    let guide =
        filbert::promotion::Guide { host: host(1), running_for: Some(100 * HOUR), is_good: true };
    let mut node = Node::supernode(Thresholds::gtk_gnutella());
    assert_eq!(node.explain(), "promoted: capable");
    node.wait(HOUR);
    assert!(node.promotion.follows(guide, node.now));
    assert_eq!(node.explain(), "demoted: other supernodes said that it is not needed");

    let mut node = Node::supernode(FILBERT);
    node.neighbours(3, 30);
    for _ in 0..12 {
        node.see(Observation::Processor { busy_permille: 1_000 });
        node.reach();
        node.live(MINUTE);
    }
    assert_eq!(node.promotion.explain_change(), "demoted: the processors were busy for 5 min");

    let mut node = newcomer(FILBERT);
    node.see(Observation::Claimed { upload: 40_000 });
    node.wait(HOUR);
    let finding = node.finding(Test::Upload).unwrap();
    assert_eq!(finding.to_string(), "upload 40.0 of 20.0 KB/s promised, on trial");
    while node.promotion.role() == Role::Leaf {
        node.reach();
        node.live(MINUTE);
    }
    assert_eq!(
        node.promotion.explain_change().split(" for ").next().unwrap(),
        "promoted: no supernode was found"
    );
    node.neighbours(4, 30);
    while node.promotion.role() == Role::Supernode {
        for n in 0..5 {
            node.hear(n, Room::Told { free_leaf_slots: 9 });
        }
        node.reach();
        node.live(MINUTE);
    }
    assert_eq!(node.promotion.explain_change(), "demoted: only 4 leaves, and 0 of 5 are full");
}

#[test]
fn each_test_that_is_passed_says_so() {
    let mut node = Node::capable(Thresholds::gtk_gnutella());
    node.see(Observation::Descriptors { limit: 5_000, others: 100 });
    let all: Vec<_> = node.promotion.findings(node.now).iter().map(ToString::to_string).collect();
    assert_eq!(
        all,
        [
            "reached by TCP 0 s ago",
            "reached by UDP 0 s ago",
            "address is public",
            "uptime 1451 of 61 min",
            "average uptime 362 of 180 min",
            "address kept for 725 of 180 min on average",
            "upload without limit",
            "no upload stalled",
            "4900 descriptors, more than 360 needed",
            "memory is not short",
            "processors 0 % busy, 100 % allowed",
        ]
    );
}

#[test]
fn refusals_and_drops_are_phrases_for_people() {
    assert_eq!(Refusal::NoLeafSlot.to_string(), "No leaf slot is free");
    assert_eq!(Refusal::Lacks(Lack::Degree).to_string(), "Supernodes need a high degree");
    assert_eq!(Flaw::Slow.to_string(), "too slow");
    for (refusal, is_for_want_of_room) in [
        (Refusal::NoLeafSlot, true),
        (Refusal::NoSupernodeSlot, true),
        (Refusal::BothLeaves, false),
        (Refusal::SameNetwork, false),
        (Refusal::Lacks(Lack::LowTtl), false),
    ] {
        assert_eq!(refusal.is_for_want_of_room(), is_for_want_of_room);
    }
}
