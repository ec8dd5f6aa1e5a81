//! Floods as they were in 2000, and what can be calculated of them.

use filbert::simulate::{Fidelity, Report, Scenario, World};

fn flood() -> Scenario {
    Scenario::shipped("flood").expect("it is shipped").expect("it can be read")
}

fn run(scenario: &Scenario, nodes: u32, seed: u64, fidelity: Fidelity) -> Report {
    let mut world = World::of_nodes(scenario, nodes, seed, fidelity);
    world.run();
    world.report()
}

#[test]
fn a_flood_at_constant_latency_covers_what_a_walk_in_breadth_does() {
    let scenario = flood();
    let report = run(&scenario, 200, 7, Fidelity::Frames);
    println!("{report}");
    assert_eq!(report.violations, []);
}
