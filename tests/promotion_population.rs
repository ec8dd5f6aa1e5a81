//! What becomes of a whole population: who is elected, who stays, and what liars gain.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

#[allow(dead_code, reason = "every test file uses a part of it")]
#[path = "support/promotion_world.rs"]
mod world;

use std::time::Duration;

use filbert::promotion::{Change, Thresholds};
use world::World;

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn explore() {
    for (name, liars, transfers) in [
        ("plain", None, true),
        ("liars", Some(10), true),
        ("liars, nothing measured", Some(10), false),
    ] {
        let mut world = World::new(1_000, liars, Thresholds::filbert(), 1);
        world.transfers = transfers;
        println!("{name}");
        for _ in 0..24 {
            world.run(HOUR / 4);
            let supernodes = world.supernodes().len();
            if supernodes > 0 {
                let changes: usize = world.peers.iter().map(|p| p.changes.len()).sum();
                println!(
                    "{:?} supernodes {} advantage {} orphans {} liars {} changes {changes}",
                    world.now.since(filbert::base::time::Time::ZERO),
                    supernodes,
                    world.advantage(),
                    world.orphans(),
                    world.lying_supernodes()
                );
            } else {
                println!("none");
            }
        }
        let _ = (Change::Promote, MINUTE);
    }
}
