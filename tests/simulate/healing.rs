//! Overlays that were cut in two.

use filbert::simulate::{Fidelity, Ratio, Report, Scenario, World};

/// The time counts from the moment at which packets pass again.
const LIMIT_MS: u64 = 60_000;

fn run(seed: u64) -> Report {
    let scenario = Scenario::shipped("partition").unwrap().unwrap();
    assert!(scenario.nodes >= 1_000, "where all are short of neighbours, all heal by themselves");
    let mut world = World::of_nodes(&scenario, scenario.nodes, seed, Fidelity::Frames);
    world.run();
    world.report()
}

/// UP-16: the ultrapeers are one piece again, and from a minute after the partition on searches reach
/// and find nineteen twentieths of what they did before it.
#[test]
#[ignore = "takes a minute; cargo test -- --ignored"]
fn a_partition_heals_within_a_minute() {
    for seed in 1..=3 {
        let report = run(seed);
        let [healing] = report.healed[..] else { panic!("seed {seed}: {:?}", report.healed) };
        assert!(healing.pieces > 1, "seed {seed}: nothing was parted");
        let ms = healing.ms.expect("all are connected again");
        assert!(ms <= LIMIT_MS, "seed {seed}: {ms} ms");
        let reach = healing.reach_again().expect("somebody searches");
        assert!(reach >= Ratio::of(19, 20), "seed {seed}: {reach}, {healing:?}");
        // Nobody is to blame for it either.
        assert_eq!(report.violations, [], "seed {seed}");
    }
}
