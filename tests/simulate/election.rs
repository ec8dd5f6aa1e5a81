//! Who becomes an ultrapeer, where there are far too few at first.

use filbert::simulate::{Fidelity, Ratio, Scenario, World};

/// K-3 of the literature: those who are elected have five times the capacity of all, in mean; and
/// where nobody comes or goes, whoever has stepped down stays what it is. A supernode of former
/// times becomes one again less than once in ten hours of one; by the thresholds of the laboratory,
/// with which everything goes twenty times as fast and more, that is twice in an hour.
#[test]
#[ignore = "takes half a minute; cargo test -- --ignored"]
fn the_strong_are_elected_and_stay() {
    let scenario = Scenario::shipped("election").unwrap().unwrap();
    let mut world = World::of_nodes(&scenario, scenario.nodes, 1, Fidelity::Frames);
    world.run();
    let report = world.report();
    assert_eq!(report.violations, []);
    let capacity = report.capacity.expect("somebody was elected");
    assert!(capacity.ratio >= Ratio::of(5, 1), "{capacity:?}");
    let roles = report.roles;
    assert!(roles.promotions > 5, "{roles:?}");
    assert!(roles.again_per_hour < Ratio::of(2, 1), "{roles:?}");
}
