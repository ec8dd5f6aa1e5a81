//! What happens follows from the scenario and the seed alone: not from what ran before in the same
//! process, nor on which thread, nor in which order the allocator hands out memory.

use std::thread;

use filbert::simulate::{Fidelity, Scenario, World};

/// Scenarios that have little in common: one that is given and one that the nodes make themselves,
/// nodes that come and go and crash, liars, promotion. Each with as many nodes as show something.
const SCENARIOS: [(&str, u32); 6] = [
    ("flood", 40),
    ("shuffled-flood", 40),
    ("two-tier", 70),
    ("churn", 30),
    ("capacity-liars", 30),
    ("kazaa", 40),
];

const SEEDS: u64 = 200;
const THREADS: u64 = 3;

/// One run: the hash of all that any node was told, and how much happened.
type Trace = (String, u64);

fn trace((name, nodes): (&str, u32), seed: u64, fidelity: Fidelity) -> Trace {
    let mut scenario = Scenario::shipped(name).unwrap().unwrap();
    // The handshakes, the tables and the first searches: what comes later is more of the same.
    scenario.duration_s = scenario.duration_s.min(scenario.warm_up_s + 30);
    let mut world = World::of_nodes(&scenario, nodes, seed, fidelity);
    world.run();
    let report = world.report();
    (report.trace_hash, report.events)
}

/// Every seed has one of the scenarios.
fn of_seed(seed: u64, fidelity: Fidelity) -> Trace {
    let place = usize::try_from(seed).unwrap() % SCENARIOS.len();
    trace(SCENARIOS[place], seed, fidelity)
}

#[test]
fn a_seed_gives_the_same_trace_on_every_thread_and_after_whatever_ran_before() {
    let in_order: Vec<Trace> = (0..SEEDS).map(|seed| of_seed(seed, Fidelity::Frames)).collect();
    let backwards = |thread: u64| {
        let seeds = (0..SEEDS).rev().filter(move |seed| seed % THREADS == thread);
        seeds.map(|seed| (seed, of_seed(seed, Fidelity::Frames))).collect::<Vec<_>>()
    };
    let again: Vec<(u64, Trace)> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || backwards(thread))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(again.len(), in_order.len());
    for (seed, trace) in again {
        assert_eq!(trace, in_order[usize::try_from(seed).unwrap()], "seed {seed}");
    }
    // A hash that is always the same would show nothing.
    let mut different = in_order;
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), usize::try_from(SEEDS).unwrap());
}

#[test]
fn as_bytes_through_the_links_the_trace_is_the_same() {
    for seed in 0..20 {
        let (frames, _) = of_seed(seed, Fidelity::Frames);
        let (bytes, _) = of_seed(seed, Fidelity::Bytes);
        assert_eq!(frames, bytes, "seed {seed}");
    }
}
