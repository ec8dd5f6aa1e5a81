//! A node that is a supernode in another network too.

use filbert::promotion::{Observation, Role, Test, Thresholds};

use crate::desk::Node;

const FILBERT: Thresholds = Thresholds::filbert();

/// A node whose line has carried so much, and which is a supernode in so many other networks.
fn beside(others: u8, rate: u64) -> Node {
    let mut node = Node::new(FILBERT);
    node.carry(rate, false, 3);
    node.promotion.set_beside(others);
    node
}

/// What carries one overlay need not carry two.
#[test]
fn each_network_needs_its_part_of_the_line() {
    for (others, least) in [(0, 20_000), (1, 40_000), (2, 60_000)] {
        let passes = |rate| beside(others, rate).passes(Test::Upload);
        assert_eq!((passes(least), passes(least - 1)), (Some(true), Some(false)), "{others}");
        // Whoever is one already is judged by what the line does not carry, and that is the same for all.
        let mut node = beside(others, least - 1);
        node.promotion.appoint(Role::Supernode, "for a test", node.now);
        assert_eq!(node.passes(Test::Upload), Some(true), "{others}");
    }
}

/// UP-10: half of 40,000 bytes, less 32 links of 256, for leaves of 64; the same of half of that.
#[test]
fn each_network_has_slots_for_its_part_of_the_line() {
    for (others, slots) in [(0, 184), (1, 28), (u8::MAX, FILBERT.slots.leaves_least)] {
        let mut node = beside(others, 40_000);
        node.promotion.appoint(Role::Supernode, "for a test", node.now);
        assert_eq!(node.promotion.leaf_slots(), slots, "{others}");
    }
}

/// The same of memory and descriptors, which are looked at all the time: slots follow at once.
#[test]
fn each_network_has_slots_for_its_part_of_the_machine() {
    let mut node = beside(0, 10_000_000);
    node.promotion.appoint(Role::Supernode, "for a test", node.now);
    assert_eq!(node.promotion.leaf_slots(), 300);
    // 40 links and 300 leaves, and 64 for others.
    node.see(Observation::Descriptors { limit: 405, others: 0 });
    assert_eq!(node.promotion.leaf_slots(), 300);
    node.promotion.set_beside(1);
    assert_eq!(node.promotion.leaf_slots(), 97, "202 descriptors are there for this network");
    node.promotion.set_beside(0);
    node.see(Observation::Memory { physical: 40 << 20 });
    let alone = node.promotion.leaf_slots();
    node.promotion.set_beside(1);
    let beside = node.promotion.leaf_slots();
    assert!(alone < 300 && beside > 0 && beside < alone / 2, "{alone}, {beside}");
}
