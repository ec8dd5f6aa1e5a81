//! FastTrack as KaZaA had it: supernodes and their children, with the nodes that run outside.
//!
//! The time without a supernode counts from the moment at which it dies, whatever the child believes: where a
//! program dies, its computer says so; where a computer dies, nobody does, and a child finds out by its ping
//! (FTNODE-21). Either way it has another one within thirty seconds.

use filbert::base::time::Time;
use filbert::simulate::{Fidelity, Inhabitant, Ratio, Report, Scenario, World};

const LIMIT_MS: u64 = 30_000;

/// Half of four supernodes die, and those that are left have room for all.
const SMALL: &str = r#"
title = "Supernodes die"
nodes = 300
duration_s = 240
warm_up_s = 90
topology = { kind = "open", ultrapeers = 0.014, known = 4 }
node = { network = "fasttrack", children = { least = 160, most = 160 } }
latency = { kind = "plane", base_ms = 5, across_ms = 150 }
files = { titles = 200, copies = 10, popularity = 0.8, free_riders = 0.5, givers = 0.1, given = 0.3 }
searches = { per_node_hour = 30, stop_s = 30 }

[[fault]]
kind = "crash"
at_s = 60
share = 0.5
ultrapeers = true
"#;

fn world(scenario: &Scenario, seed: u64) -> World<'_, Inhabitant> {
    World::of_nodes(scenario, scenario.nodes, seed, Fidelity::Frames)
}

fn run(text: &str, seed: u64) -> Report {
    let scenario = Scenario::parse("test", text).unwrap();
    let mut world = world(&scenario, seed);
    world.run();
    let report = world.report();
    assert_eq!(report.violations, [], "seed {seed}");
    assert_eq!(report.roles.leaves_without_ultrapeer, 0, "seed {seed}");
    for waits in [&report.orphans, &report.orphans_in_silence] {
        if let Some(longest) = waits.longest {
            assert!(longest.ms <= LIMIT_MS, "seed {seed}: {longest:?}");
        }
    }
    report
}

/// FTNODE-15
#[test]
fn ordinary_nodes_whose_supernode_dies_have_another_one_within_thirty_seconds() {
    for seed in 1..=3 {
        let report = run(SMALL, seed);
        let orphans = &report.orphans;
        assert!(orphans.count >= 60, "seed {seed}: {orphans:?}");
        assert!(orphans.ms_p50 <= Some(2_000), "seed {seed}: {orphans:?}");
        assert_eq!(report.orphans_in_silence.count, 0, "seed {seed}: everybody was told");
    }
}

/// FTNODE-21
#[test]
fn ordinary_nodes_whose_supernode_falls_silent_have_another_one_within_thirty_seconds() {
    for seed in 1..=3 {
        let orphans = run(&format!("{SMALL}silent = true\n"), seed).orphans_in_silence;
        assert!(orphans.count >= 60, "seed {seed}: {orphans:?}");
    }
}

/// FTPEER-16: what one supernode does not have in its index, others have.
#[test]
fn searches_find_what_is_shared_with_any_supernode() {
    let calm = SMALL.split("[[fault]]").next().unwrap();
    for seed in 1..=3 {
        let report = run(calm, seed);
        assert!(report.searches.answerable > 100, "seed {seed}");
        let recall = report.recall.expect("somebody searches");
        let across = report.messages["search across"].delivered;
        println!(
            "seed {seed}: recall {recall}, {} searches, {across} across",
            report.searches.count
        );
        assert!(recall >= Ratio::of(98, 100), "seed {seed}: {recall}");
        assert!(across > 0, "seed {seed}");
    }
}

/// How many are supernodes, and the fewest and the most children that one of them has.
fn supernodes(world: &World<'_, Inhabitant>) -> (usize, u32, u32) {
    let peers = world.machines().filter_map(|machine| machine.node().peer());
    let children: Vec<u32> = peers
        .filter(|peer| peer.as_supernode().is_some())
        .map(|peer| peer.neighbours().0)
        .collect();
    let (least, most) = (children.iter().min(), children.iter().max());
    (children.len(), least.copied().unwrap_or(0), most.copied().unwrap_or(0))
}

/// FTSUPER-07: those whom one supernode has no room for find another one.
#[test]
fn a_supernode_has_no_more_children_than_it_has_room_for() {
    let text = SMALL.replace("least = 160, most = 160", "least = 80, most = 80");
    let calm = text.split("[[fault]]").next().unwrap();
    let scenario = Scenario::parse("test", calm).unwrap();
    let mut world = world(&scenario, 1);
    world.run_until(Time::from_millis(90_000));
    let (count, least, most) = supernodes(&world);
    assert_eq!(count, 4);
    assert!(most <= 80 && least >= 40, "{least} to {most}");
    world.run();
    assert_eq!(world.report().roles.leaves_without_ultrapeer, 0);
}

/// Where there are far too few supernodes others become some: those that have shown that they can.
const ELECTION: &str = r#"
title = "Supernodes are elected"
nodes = 300
duration_s = 900
warm_up_s = 60
topology = { kind = "open", ultrapeers = 0.007, known = 4 }
node = { network = "fasttrack", promotion = "laboratory", children = { least = 60, most = 110 } }
latency = { kind = "plane", base_ms = 5, across_ms = 150 }
files = { titles = 200, copies = 10, popularity = 0.8, free_riders = 0.5, givers = 0.1, given = 0.3 }
searches = { per_node_hour = 120, stop_s = 30 }

[[class]]
name = "modem"
share = 0.8
up_kbit_s = 33
down_kbit_s = 56
nat = 0.3

[[class]]
name = "office"
share = 0.2
up_kbit_s = 10_000
down_kbit_s = 10_000
"#;

/// What the strong ones send.
const OFFICE_BYTES_PER_S: u64 = 10_000_000 / 8;

/// FTNODE-15, FTNODE-22, FTNODE-23, FTSUPER-22, FTUDP-04
#[test]
fn where_there_are_too_few_supernodes_strong_nodes_become_some() {
    let scenario = Scenario::parse("test", ELECTION).unwrap();
    for seed in 1..=2 {
        let mut world = world(&scenario, seed);
        world.run();
        let report = world.report();
        let roles = &report.roles;
        assert_eq!(report.violations, [], "seed {seed}");
        // Two supernodes have room for 220 of 298.
        assert_eq!(roles.leaves_without_ultrapeer, 0, "seed {seed}: {roles:?}");
        assert!(roles.promotions >= 1, "seed {seed}: {roles:?}");
        let capacity = report.capacity.expect("somebody was elected");
        assert_eq!(capacity.ultrapeers, OFFICE_BYTES_PER_S, "none but the strongest: {capacity:?}");
    }
}

/// Whoever is a supernode in vain is one ever more seldom: in the end no more than one term in ten minutes, of two changes.
#[test]
#[ignore = "fails yet: one node of three hundred changes its role four times in the last ten minutes; cargo test -- --ignored"]
fn roles_settle() {
    let text = ELECTION.replace("duration_s = 900", "duration_s = 3_600");
    let scenario = Scenario::parse("test", &text).unwrap();
    let mut world = world(&scenario, 1);
    let roles = |world: &World<'_, Inhabitant>| -> Vec<_> {
        world.machines().map(|machine| machine.node().fasttrack_role()).collect()
    };
    let (mut last, mut changes) = (roles(&world), vec![0; 300]);
    for at_s in (2..=3_600).step_by(2) {
        if at_s % 600 == 0 {
            println!(
                "until {at_s} s: {} changes, {:?} of one",
                changes.iter().sum::<u32>(),
                changes.iter().max()
            );
            if at_s < 3_600 {
                changes.fill(0);
            }
        }
        world.run_until(Time::from_millis(at_s * 1_000));
        let now = roles(&world);
        let changed = now.iter().zip(&last).map(|(now, last)| u32::from(now != last));
        changes.iter_mut().zip(changed).for_each(|(all, one)| *all += one);
        last = now;
    }
    assert!(changes.iter().all(|changes| *changes <= 2), "{changes:?}");
}

/// FTPEER-16: what many have is looked for at a few supernodes, and not at all of them.
#[test]
fn what_is_common_is_not_looked_for_everywhere() {
    let text = SMALL
        .replace("nodes = 300", "nodes = 2_000")
        .replace("ultrapeers = 0.014", "ultrapeers = 0.01")
        .replace("titles = 200, copies = 10", "titles = 10, copies = 10")
        .replace("per_node_hour = 30", "per_node_hour = 5");
    let scenario = Scenario::parse("test", text.split("[[fault]]").next().unwrap()).unwrap();
    let mut world = world(&scenario, 1);
    world.run();
    let report = world.report();
    let searches = report.searches.count;
    let across = report.messages["search across"].delivered;
    assert!(searches > 200, "{searches}");
    assert_eq!(report.searches.answered, report.searches.answerable);
    assert!(across <= searches * 12, "{across} for {searches} searches");
}

/// The same seed gives the same, whatever ran before.
#[test]
fn the_same_seed_gives_the_same_trace() {
    let traces = || [1, 2, 1].map(|seed| run(SMALL, seed).trace_hash);
    let [first, other, again] = traces();
    assert_eq!(first, again);
    assert_ne!(first, other);
}

/// Point 9: supernodes with 60 to 160 children each, of which a third die twice.
#[test]
fn in_a_network_of_twelve_hundred_everybody_has_a_parent_again_within_thirty_seconds() {
    let scenario = Scenario::shipped("kazaa").unwrap().unwrap();
    for seed in 1..=5 {
        let mut world = world(&scenario, seed);
        world.run_until(Time::from_millis(240_000));
        let (count, least, most) = supernodes(&world);
        assert!(least >= 60 && most <= 160, "seed {seed}: {least} to {most} of {count}");
        world.run();
        let report = world.report();
        assert_eq!(report.violations, [], "seed {seed}");
        assert_eq!(report.roles.leaves_without_ultrapeer, 0, "seed {seed}");
        println!("seed {seed}: {count} supernodes with {least} to {most} children");
        for waits in [&report.orphans, &report.orphans_in_silence] {
            println!("  {waits:?}");
            assert!(waits.count >= 100, "seed {seed}: {waits:?}");
            let longest = waits.longest.unwrap();
            assert!(longest.ms <= LIMIT_MS, "seed {seed}: {longest:?}");
        }
        let (searches, across) =
            (report.searches.count, report.messages["search across"].delivered);
        let recall = report.recall.unwrap();
        println!("  recall {recall}, {searches} searches with {across} messages among supernodes");
        assert!(recall >= Ratio::of(95, 100), "seed {seed}: {recall}");
    }
}
