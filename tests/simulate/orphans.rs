//! How long leaves are without an ultrapeer.
//!
//! The time counts from the moment at which a leaf learns that its last ultrapeer is gone. Where a
//! program dies, its computer says so at once. Where a computer dies, or its line, nobody says
//! anything: a leaf finds out by its pings, within half a minute where it had one ultrapeer and
//! within a minute where it had three.

use filbert::simulate::{Fidelity, Report, Scenario, World};

/// What a leaf may be without an ultrapeer at most.
const LIMIT_MS: u64 = 30_000;

/// Half of the ultrapeers die at once, ninety seconds before the end. What is left has room for all.
const SCENARIO: &str = r#"
title = "Ultrapeers die"
nodes = 200
duration_s = 240
warm_up_s = 120
topology = { kind = "open", ultrapeers = 0.4, known = 5 }
node = { promotion = "laboratory" }
latency = { kind = "plane", base_ms = 5, across_ms = 150 }

[[fault]]
kind = "crash"
at_s = 30
share = 0.5
ultrapeers = true
"#;

fn run(text: &str, seed: u64) -> Report {
    let scenario = Scenario::parse("test", text).unwrap();
    let mut world = World::of_nodes(&scenario, scenario.nodes, seed, Fidelity::Frames);
    world.run();
    let report = world.report();
    assert_eq!(report.violations, [], "seed {seed}");
    assert_eq!(report.roles.leaves_without_ultrapeer, 0, "seed {seed}");
    if let Some(longest) = report.orphans.longest {
        assert!(longest.ms <= LIMIT_MS, "seed {seed}: {longest:?}");
    }
    report
}

#[test]
fn leaves_whose_ultrapeers_crash_have_another_one_within_thirty_seconds() {
    let orphans: u64 = (1..=4).map(|seed| run(SCENARIO, seed).orphans.count).sum();
    assert!(orphans >= 20, "only {orphans} leaves lost all their ultrapeers");
}

/// PING-07: ninety seconds after the silent death of half of the ultrapeers everybody has found out
/// whom it has lost, and has another one.
#[test]
fn leaves_whose_ultrapeers_fall_silent_have_another_one_within_thirty_seconds() {
    for seed in 1..=4 {
        let report = run(&format!("{SCENARIO}silent = true\n"), seed);
        assert!(report.frames.dropped["the connection is cut"] > 100, "nobody fell silent");
    }
}

/// HAND-62: those whom a leaf has just left, or who were just full, are not to be waited for in
/// vain. Whoever comes with a crowd becomes an ultrapeer and a leaf again within a minute.
#[test]
fn nobody_of_a_crowd_waits_for_thirty_seconds() {
    let scenario = Scenario::shipped("flash-crowd").unwrap().unwrap();
    for seed in 1..=2 {
        let mut world = World::of_nodes(&scenario, 300, seed, Fidelity::Frames);
        world.run();
        let report = world.report();
        let longest = report.orphans.longest.expect("a crowd makes ultrapeers of leaves");
        assert!(longest.ms <= LIMIT_MS, "seed {seed}: {longest:?}");
    }
}
