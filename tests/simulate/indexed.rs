//! Supernodes that index their leaves, beside those that ask them.

use filbert::simulate::{Fidelity, Ratio, Report, Scenario, World};

fn run(name: &str, seed: u64) -> Report {
    let scenario = Scenario::shipped(name).expect("it is shipped").expect("it can be read");
    let mut world = World::of_nodes(&scenario, 200, seed, Fidelity::Frames);
    world.run();
    let report = world.report();
    assert_eq!(report.violations, [], "{name}, seed {seed}");
    report
}

#[test]
fn an_index_finds_sooner_with_fewer_queries() {
    for seed in 1..=3 {
        let (asked, indexed) = (run("two-tier", seed), run("indexed", seed));
        assert!(asked.searches.answerable > 10, "{}", asked.searches.answerable);
        assert_eq!(asked.searches.answerable, indexed.searches.answerable);
        // Each of the three parents of a leaf answers for it, so that searches have enough sooner.
        assert!(indexed.recall > Some(Ratio::of(9, 10)), "{:?}", indexed.recall);
        assert!(indexed.searches.first_hit_ms_p50 < asked.searches.first_hit_ms_p50);
        assert!(indexed.messages["query"].sent < asked.messages["query"].sent);
    }
}
