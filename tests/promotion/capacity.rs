//! What a line is taken to carry, and how many leaves that makes.

#[allow(dead_code, reason = "every test file uses a part of it")]
use std::time::Duration;

use filbert::base::limits::CAPACITY_WINDOWS;
use filbert::promotion::{Observation, Record, Role, Test, Thresholds};
use proptest::prelude::*;

use crate::desk::{HOUR, MINUTE, MOMENT, Node, SECOND};

const FILBERT: Thresholds = Thresholds::filbert();

fn proven(node: &Node) -> u64 {
    node.promotion.upload_proven(node.now)
}

/// A supernode on trial with so many leaves.
fn on_trial(leaves: u32) -> Node {
    let mut node = Node::new(FILBERT);
    node.see(Observation::Claimed { upload: 20_000_000 });
    node.promotion.appoint(Role::Supernode, "for a test", node.now);
    node.neighbours(leaves, 32);
    node
}

#[test]
fn a_burst_proves_nothing_however_large_it_is() {
    let mut node = Node::new(FILBERT);
    for windows in 1..3 {
        node.carry(1_000_000_000, false, 1);
        assert_eq!((proven(&node), node.promotion.upload_peak()), (0, 1_000_000_000), "{windows}");
    }
    // Quiet windows push the burst out before a third one comes.
    node.carry(100, false, u32::try_from(CAPACITY_WINDOWS).unwrap());
    node.carry(1_000_000_000, false, 1);
    assert_eq!(proven(&node), 100);
}

#[test]
fn what_three_of_eight_windows_carried_is_proven() {
    for (rates, expected) in [
        (vec![5_000, 5_000, 5_000], 5_000),
        (vec![9_000, 100, 7_000, 100, 8_000, 100, 100], 7_000),
        (vec![9_000, 0, 0, 0, 0, 0, 0, 8_000, 7_000], 0),
        (vec![9_000, 0, 0, 0, 0, 0, 8_000, 7_000], 7_000),
    ] {
        let mut node = Node::new(FILBERT);
        for rate in rates {
            node.carry(rate, false, 1);
        }
        assert_eq!(proven(&node), expected);
    }
}

#[test]
fn what_is_said_at_one_moment_counts_for_the_time_since_the_last_word() {
    // A million bytes, said at once after an hour, are 277 a second.
    let mut node = Node::new(FILBERT);
    node.see(Observation::Traffic { sent: u64::MAX, received: 0, congested: false });
    for _ in 0..4 {
        node.wait(HOUR);
        node.see(Observation::Traffic { sent: 1_000_000, received: 0, congested: false });
        node.see(Observation::Traffic { sent: 0, received: 0, congested: false });
    }
    assert_eq!(proven(&node), 277);
}

proptest! {
    #[test]
    fn the_rhythm_of_the_words_does_not_matter(steps in prop::collection::vec(1_u64..20_000, 1..200)) {
        let mut node = Node::new(FILBERT);
        node.see(Observation::Traffic { sent: 0, received: 0, congested: false });
        let mut windows = 0;
        let mut window = 0;
        for step in steps {
            node.wait(Duration::from_millis(step));
            node.see(Observation::Traffic { sent: step * 30, received: 0, congested: false });
            window += step;
            if window >= 60_000 {
                (windows, window) = (windows + 1, 0);
            }
        }
        prop_assert_eq!(proven(&node), if windows >= 3 { 30_000 } else { 0 });
    }
}

#[test]
fn a_quiet_line_proves_nothing_against_what_was_proven() {
    let mut node = Node::new(FILBERT);
    node.carry(50_000, false, 3);
    node.carry(10, false, 1_000);
    assert_eq!(proven(&node), 50_000);
}

#[test]
fn what_did_not_go_while_more_was_to_be_sent_cuts_down_what_was_proven() {
    let mut node = Node::new(FILBERT);
    node.carry(50_000, false, 8);
    node.carry(3_000, true, 2);
    assert_eq!(proven(&node), 50_000, "two slow windows may be somebody else's fault");
    node.carry(4_000, true, 1);
    assert_eq!(proven(&node), 4_000, "the best of three");
    // Short of three quarters of a window, congestion does not count.
    let mut node = Node::new(FILBERT);
    node.carry(50_000, false, 8);
    for (congested, expected) in [(44, 50_000), (45, 1_000)] {
        for _ in 0..3 {
            for second in 0..60 {
                node.wait(SECOND);
                let congested = second < congested;
                node.see(Observation::Traffic { sent: 1_000, received: 0, congested });
            }
        }
        assert_eq!(proven(&node), expected);
    }
}

#[test]
fn a_proof_counts_half_after_its_half_life() {
    let mut node = Node::new(FILBERT);
    node.carry(50_000, false, 3);
    let week = 7 * 24 * HOUR;
    node.wait(week - MOMENT);
    assert_eq!(proven(&node), 50_000);
    node.wait(MOMENT);
    assert_eq!(proven(&node), 25_000);
    assert_eq!(node.passes(Test::Upload), Some(true));
    node.wait(week);
    assert_eq!((proven(&node), node.passes(Test::Upload)), (12_500, Some(false)));
    node.wait(100 * week);
    assert_eq!(proven(&node), 0);
}

#[test]
fn a_proof_outlives_a_restart_and_ages_meanwhile() {
    let mut node = Node::new(FILBERT);
    node.carry(50_000, false, 3);
    let record = node.promotion.export(node.now);
    for (weeks, expected) in [(0, 50_000), (1, 25_000), (2, 12_500)] {
        let mut next = Node::new(FILBERT);
        next.promotion.import(&record, weeks * 7 * 24 * HOUR, next.now);
        assert_eq!(proven(&next), expected);
    }
}

/// UP-06
#[test]
fn a_promise_that_was_refuted_counts_no_more_not_even_after_a_restart() {
    let mut node = on_trial(10);
    node.carry(5_000, true, 3);
    node.promotion.appoint(Role::Leaf, "for a test", node.now);
    assert_eq!(node.passes(Test::Upload), Some(false));
    let record = node.promotion.export(node.now);
    let mut next = Node::new(FILBERT);
    next.promotion.import(&record, HOUR, next.now);
    next.see(Observation::Claimed { upload: 20_000_000 });
    assert_eq!(next.passes(Test::Upload), Some(false));
    let fresh = Record { claim_refuted: false, ..record };
    next.promotion.import(&fresh, HOUR, next.now);
    assert_eq!(next.passes(Test::Upload), Some(true), "on trial");
    // Only a measurement clears the name.
    node.carry(20_000, false, 3);
    assert_eq!(node.passes(Test::Upload), Some(true));
    assert!(!node.promotion.export(node.now).claim_refuted);
}

/// UP-06
#[test]
fn a_supernode_gives_way_below_three_quarters_of_what_is_demanded() {
    for (rate, passed) in [(15_000, true), (14_999, false)] {
        let mut node = on_trial(10);
        node.carry(rate, true, 2);
        assert_eq!(node.passes(Test::Upload), Some(true));
        node.carry(rate, true, 1);
        assert_eq!(node.passes(Test::Upload), Some(passed), "{rate}");
    }
}

/// UP-10
#[test]
fn a_promise_grants_the_least_slots_and_a_proof_what_it_bears() {
    assert_eq!(on_trial(0).promotion.leaf_slots(), 10);
    for (rate, slots) in [(17_000, 10), (20_000, 28), (40_000, 184), (1_000_000, 300)] {
        let mut node = Node::new(FILBERT);
        node.carry(rate, false, 8);
        assert_eq!(node.promotion.leaf_slots(), 0, "a leaf has no leaves");
        node.promotion.appoint(Role::Supernode, "for a test", node.now);
        assert_eq!(node.promotion.leaf_slots(), slots, "{rate}");
    }
}

/// UP-10
#[test]
fn slots_double_while_nearly_all_are_taken_and_nothing_waits() {
    let mut node = on_trial(9);
    let mut slots = vec![node.promotion.leaf_slots()];
    for _ in 0..8 {
        node.carry(9_000, false, 2);
        assert_eq!(Some(&node.promotion.leaf_slots()), slots.last(), "a step takes three windows");
        node.carry(9_000, false, 1);
        slots.push(node.promotion.leaf_slots());
        let leaves = (slots.last().unwrap() * 9).div_ceil(10);
        node.neighbours(leaves, 32);
    }
    assert_eq!(slots, [10, 20, 40, 80, 160, 300, 300, 300, 300]);
    let mut node = on_trial(8);
    node.carry(9_000, false, 30);
    assert_eq!(node.promotion.leaf_slots(), 10, "there is room enough");
}

/// UP-10
#[test]
fn a_full_line_takes_slots_back_and_one_full_window_does_not() {
    let mut node = Node::new(FILBERT);
    node.carry(40_000, false, 8);
    node.promotion.appoint(Role::Supernode, "for a test", node.now);
    node.neighbours(100, 32);
    let mut slots = Vec::new();
    for _ in 0..4 {
        node.carry(18_000, true, 3);
        slots.push(node.promotion.leaf_slots());
    }
    assert_eq!(slots, [75, 56, 42, 31]);
    for _ in 0..40 {
        node.carry(18_000, true, 3);
        node.neighbours(node.promotion.leaf_slots(), 32);
    }
    assert_eq!(node.promotion.leaf_slots(), 10, "never below the least");
    let mut node = on_trial(5);
    for _ in 0..10 {
        node.carry(18_000, true, 1);
        node.carry(18_000, false, 7);
    }
    assert_eq!(node.promotion.leaf_slots(), 10);
}

/// UP-10
#[test]
fn descriptors_and_memory_bound_the_slots() {
    let mut node = Node::new(FILBERT);
    node.carry(1_000_000, false, 8);
    node.promotion.appoint(Role::Supernode, "for a test", node.now);
    assert_eq!(node.promotion.leaf_slots(), 300);
    // 40 supernodes, 64 in reserve, and one that stays free.
    node.see(Observation::Descriptors { limit: 1_000, others: 1_000 - 205 });
    assert_eq!(node.promotion.leaf_slots(), 100);
    node.see(Observation::Descriptors { limit: 100, others: 1_000 });
    assert_eq!(node.promotion.leaf_slots(), 0);
    node.see(Observation::Descriptors { limit: 100_000, others: 0 });
    // A hundred leaves with table and queue, forty queues more: half of the memory.
    let needed = (100 * (32 + 96) + 40 * 96) * 1024;
    for (physical, slots) in [(2 * needed, 99), (2 * needed + 2, 100)] {
        node.see(Observation::Memory { physical });
        assert_eq!(node.promotion.leaf_slots(), slots);
    }
}

#[test]
fn strength_is_what_can_be_given_weighed_by_how_long_it_stays() {
    let strength = |rate: u64, run: Duration| {
        let mut node = Node::new(FILBERT);
        node.carry(rate, false, 3);
        node.wait(run - 3 * MINUTE);
        node.promotion.strength(node.now)
    };
    assert_eq!(strength(20_000, HOUR), 5_000);
    assert_eq!(strength(40_000, HOUR), 10_000);
    assert_eq!(strength(20_000, 3 * HOUR), 7_500);
    assert_eq!(strength(20_000, 99 * HOUR), 9_900);
    assert_eq!(strength(0, 99 * HOUR), 0);
}
