//! Overlays that were cut in two.

use filbert::simulate::{Fidelity, Scenario, World};

/// The time counts from the moment at which packets pass again.
const LIMIT_MS: u64 = 60_000;

#[test]
fn a_partition_heals_within_a_minute() {
    let scenario = Scenario::shipped("partition").unwrap().unwrap();
    for seed in 1..=5 {
        let mut world = World::of_nodes(&scenario, 200, seed, Fidelity::Frames);
        world.run();
        let report = world.report();
        let [healing] = report.healed[..] else { panic!("seed {seed}: {:?}", report.healed) };
        assert!(healing.pieces > 1, "seed {seed}: nothing was parted");
        let ms = healing.ms.expect("all are connected again");
        assert!(ms <= LIMIT_MS, "seed {seed}: {ms} ms");
        // Nobody is to blame for it either.
        assert_eq!(report.violations, [], "seed {seed}");
    }
}
