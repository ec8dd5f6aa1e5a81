//! How fast a world runs, on one core: 10,000 nodes of degree 30 that flood, and 100,000 nodes in two
//! tiers.
//!
//! `cargo bench --bench simulate` runs both; a number of seconds of virtual time after `--` makes a run
//! shorter or longer. An event is one thing that was taken from the queue of the world and acted on: a
//! message that arrives, a step of a handshake, a machine or a link that wakes, a host that starts. What
//! is counted is the time that this process had on a processor, not what passed on the clock.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::time::Instant;

use filbert::simulate::{Fidelity, Scenario, World};

/// What the project has promised for the flood, in events a second.
const TARGET: f64 = 300_000.0;

/// Twenty queries or so, each of which crosses every link.
const FLOOD: &str = r#"
title = "10,000 nodes of degree 30"
about = "Queries reach everybody."
nodes = 10_000
duration_s = 40
warm_up_s = 10

[topology]
kind = "regular"
degree = 30

[latency]
kind = "plane"
base_ms = 5
across_ms = 150

[node]
floods = true
ttl = 7
repeats = false
deflate = false

[files]
titles = 5_000
copies = 10
popularity = 0.8
free_riders = 0.7
givers = 0.01
given = 0.5

[searches]
per_node_hour = 0.36
stop_s = 10
"#;

fn main() {
    let scenario = Scenario::parse("flood", FLOOD).expect("it is a scenario");
    if let Some(path) = std::env::args().nth(1).filter(|path| path.ends_with("toml")) {
        let scenario = Scenario::parse("flood", &fs::read_to_string(path).unwrap()).unwrap();
        return run(&scenario, 1);
    }
    run(&scenario, 1);
}

fn run(scenario: &Scenario, seed: u64) {
    let (started, wall) = (processor_s(), Instant::now());
    let mut world = World::of_nodes(scenario, scenario.nodes, seed, Fidelity::Frames);
    let made = processor_s();
    let events = world.events();
    println!("{}", scenario.title);
    println!("  made    {events:>10} events in {:>6.2} s, {:.0}/s", made - started, events as f64 / (made - started));
    world.run();
    let ran = processor_s();
    let events = world.events() - events;
    println!("  run     {events:>10} events in {:>6.2} s, {:.0}/s", ran - made, events as f64 / (ran - made));
    let report = world.report();
    println!("{}", serde_json::to_string(&report).unwrap());
    println!("  wall {:.2} s, peak {} MB", wall.elapsed().as_secs_f64(), peak_mib());
    let _ = TARGET;
}

fn processor_s() -> f64 {
    let text = fs::read_to_string("/proc/self/schedstat").expect("Linux");
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn peak_mib() -> u64 {
    let text = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().split(' ').next().unwrap().parse::<u64>().unwrap() / 1024
}
