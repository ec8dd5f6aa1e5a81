//! How fast a world runs on one core, and how much memory it takes.
//!
//! `cargo bench --bench simulate` runs a flood among 10,000 nodes of degree 30 twice: every query
//! followed hop by hop and held against the rules, and one in a hundred. With `-- --large` 100,000
//! nodes in two tiers come on top, which takes many minutes; with `-- FILE` a scenario of your own.
//!
//! An event is one thing that was taken from the queue of the world and acted on: a message or some
//! bytes that arrive, a call, a machine or a link that wakes, a line that is free. What a message
//! makes a machine do is a part of its event. Time is what this process had of a processor, so that
//! other load makes it longer only by what it does to the caches.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::time::Instant;
use std::{env, fs};

use filbert::simulate::{Expectations, Fidelity, Scenario, World};

/// What the project has promised for the flood, in events a second.
const TARGET: f64 = 300_000.0;

/// Some sixteen queries, each of which crosses every link.
const FLOOD: &str = r#"
title = "10,000 nodes of degree 30 flood"
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

/// The shipped scenario with fewer searches, for each of them is worth thousands of messages.
const LARGE: u32 = 100_000;
const SHIPPED_SEARCHES: &str = "per_node_hour = 6";
const LARGE_SEARCHES: &str = "per_node_hour = 0.5";

fn main() {
    println!("{:<48} {:>10} {:>8} {:>10} {:>6}", "case", "events", "s", "events/s", "MiB");
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    if let Some(path) = arguments.iter().find(|word| !word.starts_with('-')) {
        let text = fs::read_to_string(path).expect("the scenario can be read");
        return run("", &Scenario::parse(path, &text).expect("it is a scenario"));
    }
    let flood = Scenario::parse("flood", FLOOD).expect("it is a scenario");
    run(", all followed", &flood);
    run(", 1 in 100 followed", &following(flood, 100));
    println!("the target for the flood is {TARGET:.0} events/s");
    if arguments.iter().any(|word| word == "--large") {
        let text = include_str!("../src/simulate/scenarios/two-tier.toml");
        assert!(text.contains(SHIPPED_SEARCHES), "the scenario has changed");
        let text = text.replace(SHIPPED_SEARCHES, LARGE_SEARCHES);
        let large = Scenario::parse("two-tier", &text).expect("it is a scenario");
        let mut large = large.with_nodes(LARGE).expect("there may be so many");
        // No search reaches so many.
        large.expect = Expectations::default();
        run(", 100,000 nodes", &following(large, 100));
    }
}

fn following(mut scenario: Scenario, one_in: u32) -> Scenario {
    if let Some(searches) = &mut scenario.searches {
        searches.watch_one_in = one_in;
    }
    scenario
}

/// Makes a world and runs it. The peak of memory is that of all runs so far.
fn run(how: &str, scenario: &Scenario) {
    let (wall, started) = (Instant::now(), processor_s());
    let mut world = World::of_nodes(scenario, scenario.nodes, 1, Fidelity::Frames);
    let (events_made, made) = (world.events(), processor_s());
    print("  its connections are made", events_made, made - started);
    world.run();
    print(&format!("{}{how}", scenario.title), world.events() - events_made, processor_s() - made);
    println!("  {:.1} s on the clock in all", wall.elapsed().as_secs_f64());
    assert_eq!(world.report().violations_count, 0);
}

fn print(what: &str, events: u64, seconds: f64) {
    let rate = events as f64 / seconds;
    println!("{what:<48} {events:>10} {seconds:>8.2} {rate:>10.0} {:>6}", peak_mib());
}

/// For how long this process has been on a processor, where that is told; otherwise for how long it
/// has been there.
fn processor_s() -> f64 {
    static STARTED: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/self/schedstat").ok();
    let nanos = told.as_deref().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or_else(|| STARTED.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

fn peak_mib() -> String {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = told.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    let kib = kib.and_then(|kib| kib.parse::<u64>().ok());
    kib.map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string())
}
