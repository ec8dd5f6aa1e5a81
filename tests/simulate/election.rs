//! Who becomes an ultrapeer, where there are far too few at first.

use filbert::simulate::{Fidelity, Ratio, Scenario, World};

/// K-3 of the literature: those who are elected have five times the capacity of all, in mean; and
/// where nobody comes or goes, whoever has stepped down stays what it is: in fourteen hours by the
/// thresholds of the world outside a supernode of former times becomes one again less than once in
/// ten hours of a supernode. Nobody claims any capacity; all of it is measured.
#[test]
#[ignore = "takes minutes; cargo test -- --ignored"]
fn the_strong_are_elected_and_stay() {
    let scenario = Scenario::shipped("election").unwrap().unwrap();
    assert!(scenario.duration_s >= 12 * 3_600);
    let (mut again, mut thousandths_of_hours) = (0, 0);
    for seed in 1..=3 {
        let mut world = World::of_nodes(&scenario, scenario.nodes, seed, Fidelity::Frames);
        world.run();
        let report = world.report();
        let capacity = report.capacity.expect("somebody was elected");
        assert!(capacity.ratio >= Ratio::of(5, 1), "seed {seed}: {capacity:?}");
        let roles = &report.roles;
        assert!(roles.promotions > 5, "seed {seed}: {roles:?}");
        again += roles.promotions_again;
        thousandths_of_hours += report.ultrapeer.node_ms / 3_600;
    }
    let an_hour = Ratio::of(again * 1_000, thousandths_of_hours);
    assert!(an_hour < Ratio::of(1, 10), "{again} times, {an_hour} an hour of an ultrapeer");
}
