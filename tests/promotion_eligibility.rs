//! Each threshold of each profile, at its limit and one past it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[allow(dead_code, reason = "every test file uses a part of it")]
#[path = "support/promotion.rs"]
mod support;

use std::time::Duration;

use filbert::base::time::Time;
use filbert::promotion::{Observation, Protocol, Record, Role, Test, Thresholds};
use support::{HOUR, MINUTE, MOMENT, Node, SECOND, host};

const GTK_GNUTELLA: Thresholds = Thresholds::gtk_gnutella();
const LIMEWIRE: Thresholds = Thresholds::limewire();
const FILBERT: Thresholds = Thresholds::filbert();
const LABORATORY: Thresholds = Thresholds::laboratory();

/// A node that has been running for so long, after earlier runs.
fn aged(thresholds: Thresholds, record: Record, run: Duration) -> Node {
    let mut node = Node::new(thresholds);
    node.promotion.import(&record, Duration::ZERO, Time::ZERO);
    node.wait(run);
    node
}

/// A node that carried these rates, one a window.
fn carried(thresholds: Thresholds, rates: &[u64]) -> Node {
    let mut node = Node::new(thresholds);
    for &rate in rates {
        node.carry(rate, false, 1);
    }
    node
}

/// UP-05
#[test]
fn the_present_run_is_long_enough_from_its_limit_on() {
    for (thresholds, limit) in [
        (GTK_GNUTELLA, 3_601 * SECOND),
        (LIMEWIRE, 2 * HOUR),
        (FILBERT, HOUR),
        (LABORATORY, MINUTE),
    ] {
        let name = thresholds.name;
        let at = aged(thresholds.clone(), Record::default(), limit);
        let before = aged(thresholds, Record::default(), limit - MOMENT);
        assert_eq!((at.passes(Test::Uptime), before.passes(Test::Uptime)), (Some(true), Some(false)), "{name}");
    }
}

/// UP-05
#[test]
fn a_long_average_makes_up_for_a_short_run_where_the_profile_says_so() {
    // Decaying: three quarters of the old average and one of the present run. Mean: two runs.
    let decaying = |average: u64| Record { average: average * SECOND_, ..Record::default() };
    let mean = |total: u64| Record { runs: 1, total: total * SECOND_, ..Record::default() };
    for (thresholds, record, run) in [
        (LIMEWIRE, mean(5_000), 2_200 * SECOND),
        (FILBERT, decaying(14_200), 10 * MINUTE),
        (FILBERT, decaying(14_000), 1_200 * SECOND),
        (LABORATORY, decaying(1_000), 10 * SECOND),
    ] {
        let name = thresholds.name;
        let at = aged(thresholds.clone(), record.clone(), run);
        let before = aged(thresholds, record, run - MOMENT);
        assert_eq!((at.passes(Test::Uptime), before.passes(Test::Uptime)), (Some(true), Some(false)), "{name}");
        assert_eq!(at.passes(Test::AverageUptime), None);
    }
    let record = decaying(13_196);
    let at = aged(GTK_GNUTELLA, record.clone(), 3_612 * SECOND);
    let before = aged(GTK_GNUTELLA, record, 3_612 * SECOND - MOMENT);
    assert_eq!(at.passes(Test::AverageUptime), Some(true));
    assert_eq!(before.passes(Test::AverageUptime), Some(false));
    assert_eq!(before.passes(Test::Uptime), Some(true));
}

const SECOND_: Duration = SECOND;
