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
    for (name, liars, transfers) in [("plain", None, true), ("liars", Some(10), true), ("liars, nothing measured", Some(10), false)] {
        let mut world = World::new(1_000, liars, Thresholds::filbert(), 1);
        world.transfers = transfers;
        println!("{name}"); let mut hours = 0.0;
        for _ in 0..36 {
            world.run(HOUR / 3);
            let supernodes = world.supernodes().len();
            if supernodes > 0 {
                let changes: usize = world.peers.iter().map(|p| p.changes.len()).sum();
                println!("{:?} supernodes {} advantage {} orphans {} liars {} changes {changes}", world.now.since(filbert::base::time::Time::ZERO), supernodes, world.advantage(), world.orphans(), world.lying_supernodes());
                hours += supernodes as f64 / 3.0;
            } else { println!("none"); }
        }
        let prom = world.peers.iter().flat_map(|p| p.changes.iter()).filter(|c| c.1 == Change::Promote && c.0.as_micros() > 2*3_600_000_000).count(); let again: usize = world.peers.iter().map(|p| p.changes.iter().filter(|c| c.1 == Change::Promote).count().saturating_sub(1)).sum();
 println!("per hour {} again {}", prom as f64 / hours, again as f64 / hours);
        let mut all: Vec<_> = world.peers.iter().flat_map(|p| p.changes.iter().map(|c| (c.0, p.capacity, p.lies, c.2.clone()))).collect();
        all.sort();
        for (t, c, l, w) in all { println!("   {:?} {c} {l} {w}", t.since(filbert::base::time::Time::ZERO)); }
        let _ = (Change::Promote, MINUTE);
    }
}
