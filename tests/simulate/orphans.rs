//! How long leaves are without an ultrapeer.
//!
//! The time counts from the moment at which the last ultrapeer of a leaf dies, whatever the leaf
//! believes. Where a program dies, its computer says so at once, and a leaf has another ultrapeer
//! within thirty seconds. Where a computer dies, or its line, nobody says anything: a leaf finds that
//! out by its pings (PING-07), within 28 s where it had one ultrapeer, 43 s where it had two, 58 s
//! where it had three and 73 s where it had four, all dead; the thirty seconds count from then on.

use filbert::simulate::{Fidelity, Report, Scenario, World};

/// What a leaf may be without an ultrapeer at most, once it knows that it is.
const LIMIT_MS: u64 = 30_000;

/// What it takes to find out that one, two, three or four ultrapeers are dead.
const FINDING_OUT_MS: [u64; 4] = [28_000, 43_000, 58_000, 73_000];

/// Half of the ultrapeers die at once, three minutes before the end. They are few, so that hardly
/// anybody has slots to spare.
const SCENARIO: &str = r#"
title = "Ultrapeers die"
nodes = 300
duration_s = 330
warm_up_s = 120
topology = { kind = "open", ultrapeers = 0.05, known = 5 }
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
    if let Some(longest) = report.orphans_in_silence.longest {
        assert!(FINDING_OUT_MS.contains(&longest.finding_out_ms), "seed {seed}: {longest:?}");
        let limit_ms = LIMIT_MS + longest.finding_out_ms;
        assert!(longest.ms <= limit_ms, "seed {seed}: {longest:?}");
    }
    report
}

#[test]
fn leaves_whose_ultrapeers_crash_have_another_one_within_thirty_seconds() {
    for seed in 1..=4 {
        let report = run(SCENARIO, seed);
        let orphans = report.orphans.count;
        assert!(orphans >= 20, "seed {seed}: only {orphans} leaves lost all their ultrapeers");
        assert_eq!(report.orphans_in_silence.count, 0, "seed {seed}: everybody was told");
    }
}

/// PING-07: a leaf finds out that its ultrapeers are dead, and has another one thirty seconds after
/// that.
#[test]
fn leaves_whose_ultrapeers_fall_silent_find_out_and_have_another_one_within_thirty_seconds() {
    for seed in 1..=4 {
        let orphans = run(&format!("{SCENARIO}silent = true\n"), seed).orphans_in_silence.count;
        assert!(orphans >= 20, "seed {seed}: only {orphans} leaves lost all their ultrapeers");
    }
}

/// UP-17, UP-18: by the thresholds that a node has outside of a laboratory nobody is promoted within
/// an hour, so that the ultrapeers that are left have to do, and their slots are taken by leaves that
/// want three of them.
#[test]
fn leaves_find_another_ultrapeer_though_nobody_is_promoted() {
    let scenario = SCENARIO
        .replace("ultrapeers = 0.05", "ultrapeers = 0.2")
        .replace("laboratory", "filbert")
        .replace("warm_up_s = 120", "warm_up_s = 420")
        .replace("duration_s = 330", "duration_s = 510");
    for seed in 1..=3 {
        let orphans = run(&scenario, seed).orphans.count;
        assert!(orphans >= 20, "seed {seed}: only {orphans} leaves lost all their ultrapeers");
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
