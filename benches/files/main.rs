//! How much room a million files of ours take in the index, and how long it takes to find some of them.
//!
//! `cargo bench --bench files` prints bytes a file beside its name, how long it takes to make the index,
//! and how long queries of three words take; `-- 100000` does so with fewer files. With
//! `--features compare-sqlite` the same names and queries go through FTS5 of SQLite as well, which has the
//! beginnings of words as words, so that both find the same files: that is checked for every query. The
//! targets: at most 100 bytes a file, 50 microseconds at the 99th of a hundred queries, 100,000 queries a
//! second on one core, and five times as many as SQLite.
//!
//! Each query is run three times. The times are told of the best run of each, which other work on the machine
//! disturbs less, and of all runs one by one, which is what somebody meets who asks; queries a second are those
//! of all three rounds in the time that this thread was running.

// A benchmark prints, and stops where something is missing.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub
)]

mod names;
#[cfg(feature = "compare-sqlite")]
mod sqlite;

use std::time::{Duration, Instant};

use filbert::index::files::{File, FileId, Files, Kinds};

use crate::names::Maker;

const FILES: usize = 1_000_000;
const QUERIES: usize = 50_000;
const ROUNDS: usize = 3;

/// As many as we answer to one query.
const LIMIT: usize = 64;

fn main() {
    let count = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(FILES);
    let mut maker = Maker::new(1);
    let names: Vec<String> = (0..count).map(|_| maker.name()).collect();
    let queries: Vec<String> = (0..QUERIES).map(|_| maker.query(&names)).collect();
    println!("{count} names such as {:?}, queries such as {:?}", names[0], queries[0]);

    let (mut files, took) = timed(|| build(&names));
    tell_room(&files, &names, "as it was built", took);
    let ((), took) = timed(|| files.compact());
    tell_room(&files, &names, "put together", took);
    tell_changes(&files);
    let ours = measure(&queries, |text, found| {
        let mut ids = Vec::new();
        files.search(text, Kinds::ALL, LIMIT, &mut ids);
        found.extend(ids.iter().map(|id| id.0));
    });
    ours.tell("filbert");
    #[cfg(feature = "compare-sqlite")]
    compare(&names, &queries, &ours);
}

#[cfg(feature = "compare-sqlite")]
fn compare(names: &[String], queries: &[String], ours: &Measured) {
    for beginnings in [true, false] {
        let (table, took) = timed(|| sqlite::Table::new(names, beginnings));
        let what = if beginnings { "sqlite" } else { "sqlite, whole words only" };
        println!("{what}: made in {took:.1?}, {:.1} bytes a file", table.bytes(names.len()));
        let mut query = table.query();
        let theirs = measure(queries, |text, found| query.search(text, LIMIT, found));
        theirs.tell(what);
        if beginnings {
            assert!(ours.found == theirs.found, "both find the same files");
            println!(
                "both found the same {} files",
                ours.found.iter().map(Vec::len).sum::<usize>()
            );
        }
        println!("filbert answers {:.1} times as many a second", ours.rate / theirs.rate);
    }
}

/// Files as they are once all is known of them.
fn build(names: &[String]) -> Files {
    let mut files = Files::new();
    files.extend(names.iter().zip(0..).map(|(name, number)| file(name, number)));
    files
}

fn file(name: &str, number: u64) -> File {
    let mut lot = number.wrapping_add(1);
    let mut next = || {
        lot = lot.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        lot.to_be_bytes()[0]
    };
    let (sha1, tiger_root) = ([0; 20].map(|_: u8| next()), [0; 24].map(|_: u8| next()));
    let modified_s = u32::from_be_bytes([0x40, next(), next(), next()]);
    File {
        name: name.into(),
        size: number,
        sha1: Some(sha1),
        tiger_root: Some(tiger_root),
        modified_s: Some(modified_s),
        kzhash: None,
    }
}

#[allow(clippy::cast_precision_loss, reason = "figures for people")]
fn tell_room(files: &Files, names: &[String], what: &str, took: Duration) {
    let names_len: usize = names.iter().map(String::len).sum();
    let beside = files.footprint_len().saturating_sub(names_len) as f64 / names.len() as f64;
    let name = names_len as f64 / names.len() as f64;
    println!("{what}: {beside:.1} bytes a file beside {name:.1} of its name, in {took:.1?}");
}

/// What it costs to change something, and to look for other things than words.
fn tell_changes(files: &Files) {
    let (mut copy, copying) = timed(|| files.clone());
    let count = u32::try_from(files.len()).expect("few enough");
    let ((), adding) = timed(|| {
        (0..1_000).for_each(|number| _ = copy.add(file("one more file.mp3", number)));
    });
    let ((), replacing) = timed(|| {
        for number in 0..1_000 {
            copy.replace(FileId(1 + number * 7 % count), file("another file.mp3", number.into()));
        }
    });
    let mut found = Vec::new();
    let (_, newest) = timed(|| files.newest(LIMIT, Kinds::IMAGE, &mut found));
    let sha1s: Vec<_> = (0..1_000).map(|number| file("", number * 991).sha1).collect();
    let ((), by_sha1) = timed(|| {
        sha1s.iter().flatten().for_each(|sha1| _ = files.with_sha1(sha1, LIMIT, &mut found));
    });
    let (words, walking) = timed(|| {
        let mut words = 0_u64;
        files.each_word(|_| words += 1);
        words
    });
    println!(
        "a copy {copying:.1?}, one more {:.1?}, another {:.1?}",
        adding / 1_000,
        replacing / 1_000
    );
    println!("newest {newest:.1?}, by SHA-1 {:.1?}, {words} words {walking:.1?}", by_sha1 / 1_000);
}

/// How long queries took, and what they found.
struct Measured {
    /// Nanoseconds of the best run of each query, sorted.
    times_ns: Vec<u64>,
    /// Nanoseconds of all runs, sorted.
    runs_ns: Vec<u64>,
    /// Queries a second.
    rate: f64,
    found: Vec<Vec<u32>>,
}

fn measure(queries: &[String], mut search: impl FnMut(&str, &mut Vec<u32>)) -> Measured {
    let mut found = vec![Vec::new(); queries.len()];
    let mut times_ns = vec![u64::MAX; queries.len()];
    let mut runs_ns = Vec::with_capacity(ROUNDS * queries.len());
    let (started, started_ns) = (Instant::now(), running_ns());
    for _ in 0..ROUNDS {
        for ((text, found), best) in queries.iter().zip(&mut found).zip(&mut times_ns) {
            found.clear();
            let ((), took) = timed(|| search(text, found));
            let took_ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            runs_ns.push(took_ns);
            *best = (*best).min(took_ns);
        }
    }
    let ran_ns = running_ns().zip(started_ns).map(|(now, then)| Duration::from_nanos(now - then));
    let ran = ran_ns.unwrap_or_else(|| started.elapsed());
    times_ns.sort_unstable();
    runs_ns.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    let rate = (ROUNDS * queries.len()) as f64 / ran.as_secs_f64();
    Measured { times_ns, runs_ns, rate, found }
}

impl Measured {
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    fn tell(&self, what: &str) {
        let hits = self.found.iter().filter(|found| !found.is_empty()).count();
        let (rate, queries) = (self.rate, self.found.len());
        for (runs, times_ns) in
            [("the best of three", &self.times_ns), ("single runs", &self.runs_ns)]
        {
            let us =
                |hundredths: usize| times_ns[(times_ns.len() - 1) * hundredths / 100] as f64 / 1e3;
            let (p50, p90, p99, max) = (us(50), us(90), us(99), us(100));
            println!("{what}, {runs}: p50 {p50:.1} us, p90 {p90:.1}, p99 {p99:.1}, max {max:.1}");
        }
        println!("{what}: {rate:.0} queries/s; {hits} of {queries} found something");
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let made = work();
    (made, started.elapsed())
}

/// Nanoseconds that this thread was running, where the system tells.
fn running_ns() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok()
}
