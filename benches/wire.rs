//! How long the codec takes, beside a copy of the same bytes.
//!
//! `cargo bench --bench wire` prints criterion's figures, then a table: the median and the best of
//! many short rounds (other load only ever adds), and the median ratio to a copy, which that load
//! disturbs less.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

mod support;

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput};
use support::{Case, cases};

const ROUNDS: usize = 301;
const ITERATIONS: u32 = 2_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for case in cases() {
        let mut group = criterion.benchmark_group("wire");
        group.throughput(Throughput::Bytes(case.bytes.len() as u64));
        group.bench_function(case.name, |bencher| bencher.iter(|| (case.run)(&case.bytes)));
        group.finish();
    }
    criterion.final_summary();
    println!("{}", machine());
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>8} {:>7}",
        "case", "median", "best", "target", "copy", "ratio"
    );
    for case in cases() {
        let Rounds { median, best, copy, ratio } = paired(&case);
        let Case { name, target_ns, .. } = case;
        println!("{name:<46} {median:>8.1} {best:>8.1} {target_ns:>8.0} {copy:>8.2} {ratio:>7.1}");
    }
    println!("all in nanoseconds but the ratio");
}

/// What the rounds of a case gave.
struct Rounds {
    median: f64,
    best: f64,
    copy: f64,
    ratio: f64,
}

/// Measures the case and a copy of its bytes in turn.
fn paired(case: &Case) -> Rounds {
    let mut buffer = vec![0; case.bytes.len()];
    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for _ in 0..ROUNDS {
        let time = per_iteration(|| (case.run)(&case.bytes));
        let copy = per_iteration(|| {
            black_box(&mut buffer[..]).copy_from_slice(black_box(&case.bytes[..]));
        });
        rounds.push((time, copy));
    }
    let sorted = |value: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (times, copies, ratios) = (sorted(|r| r.0), sorted(|r| r.1), sorted(|r| r.0 / r.1));
    let middle = ROUNDS / 2;
    Rounds { median: times[middle], best: times[0], copy: copies[middle], ratio: ratios[middle] }
}

fn per_iteration(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..ITERATIONS).for_each(|_| run());
    start.elapsed().as_nanos() as f64 / f64::from(ITERATIONS)
}

fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|line| line.split_once(':')).map_or("unknown", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("machine: {}, {cores} cores seen", model.trim())
}
