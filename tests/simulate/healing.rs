//! Overlays that were cut in two.

use filbert::simulate::{Fidelity, Ratio, Report, Scenario, World};

/// The time counts from the moment at which packets pass again.
const LIMIT_MS: u64 = 60_000;

/// Each half has more ultrapeers than one of them seeks, which are 27 by these thresholds: else all
/// would be short of neighbours, and find each other without looking for those that they lost.
const SMALL: &str = r#"
title = "Half and half"
about = "Ultrapeers alone, for five minutes in two halves of forty."
nodes = 80
duration_s = 540
warm_up_s = 60
topology = { kind = "open", ultrapeers = 1, known = 5 }
node = { promotion = "limewire" }
latency = { kind = "plane", base_ms = 5, across_ms = 150 }
files = { titles = 60, copies = 6, popularity = 0, free_riders = 0, givers = 0, given = 0 }
searches = { per_node_hour = 30, stop_s = 30 }

[[fault]]
kind = "partition"
at_s = 60
for_s = 300
share = 0.5
"#;

fn run(scenario: &Scenario, seed: u64) -> Report {
    let mut world = World::of_nodes(scenario, scenario.nodes, seed, Fidelity::Frames);
    world.run();
    world.report()
}

/// The ultrapeers are one piece again, and from a minute after the partition on searches reach and
/// find nineteen twentieths of what they did before it. Nobody is to blame for it either.
#[track_caller]
fn assert_healed(report: &Report, seed: u64) {
    let [healing] = report.healed[..] else { panic!("seed {seed}: {:?}", report.healed) };
    assert!(healing.pieces > 1, "seed {seed}: nothing was parted");
    let ms = healing.ms.expect("all are connected again");
    assert!(ms <= LIMIT_MS, "seed {seed}: {ms} ms");
    let reach = healing.reach_again().expect("somebody searches");
    assert!(reach >= Ratio::of(19, 20), "seed {seed}: {reach}, {healing:?}");
    assert_eq!(report.violations, [], "seed {seed}");
}

/// UP-16
#[test]
fn a_small_overlay_that_was_parted_is_one_again() {
    let scenario = Scenario::parse("test", SMALL).unwrap();
    assert_healed(&run(&scenario, 1), 1);
}

/// UP-16
#[test]
#[ignore = "takes a minute; cargo test -- --ignored"]
fn a_partition_heals_within_a_minute() {
    let scenario = Scenario::shipped("partition").unwrap().unwrap();
    for seed in 1..=3 {
        assert_healed(&run(&scenario, seed), seed);
    }
}
