//! How long it takes to ask the tables of 5,000 leaves, and how much memory they take.
//!
//! `cargo bench --bench tables` prints criterion's figures, then a table: the median of a query,
//! the same for one leaf, how many leaves it finds, bytes of memory a leaf, how long it takes to
//! merge all tables into one, and how long a leaf takes to come and to go. The targets: a query
//! takes at most 10 microseconds, that is 2 nanoseconds a leaf, and a leaf at most 16 KiB.
//!
//! Seen on one core of an AMD EPYC that others used too: 2.1 to 5.9 microseconds with 300 words a
//! leaf, 1.7 to 1.9 KiB a leaf; 3.6 to 4.2 with a tenth of all slots set, 2.9 to 3.7 with all of
//! them, 16 KiB and 83 bytes a leaf.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::print_stdout, clippy::indexing_slicing)]

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use bytes::Bytes;
use criterion::{BatchSize, Criterion};
use filbert::base::slots::Slots;
use filbert::base::time::Time;
use filbert::gnutella::query_routing::{QueryTables, QueryWords};
use filbert::gnutella::wire::query_table::{Patch, Reset};
use filbert::gnutella::wire::{Query, QueryTable};
use filbert::index::bit_table::{BitTable, Probe};
use filbert::index::bit_tables::{BitTables, Column};
use flate2::{Compression, write::ZlibEncoder};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

const LEAVES: usize = 5_000;
const QUERIES: usize = 1_000;
/// Words that people use. Word n is used by one in n, as in any language.
const VOCABULARY: usize = 200_000;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, tables, queries) in &mut cases() {
        let mut found = Vec::new();
        let mut next = queries.iter().cycle();
        criterion.bench_function(&format!("tables/{name}"), |bencher| {
            bencher.iter_batched(
                || next.next().expect("a cycle has no end"),
                |words| ask(tables, words, &mut found),
                BatchSize::SmallInput,
            );
        });
    }
    criterion.final_summary();
    println!(
        "{:<44} {:>8} {:>8} {:>8} {:>9} {:>9} {:>9}",
        "case", "query/us", "leaf/ns", "found", "bytes", "merge/ms", "leaf/us"
    );
    for (name, mut tables, queries) in cases() {
        row(name, &mut tables, &queries);
    }
    saturated_leaves();
}

type Case = (&'static str, BitTables, Vec<Vec<u32>>);

fn cases() -> Vec<Case> {
    let zipf = Zipf::new();
    let usual = |rng: &mut ChaCha8Rng, table: &mut Writer<'_>| {
        (0..300).for_each(|_| table.set(zipf.word(rng)));
    };
    let tenth = |rng: &mut ChaCha8Rng, table: &mut Writer<'_>| {
        (0..table.slots() / 10).for_each(|_| table.set(rng.random()));
    };
    let full = |_: &mut ChaCha8Rng, table: &mut Writer<'_>| {
        (0..table.slots()).for_each(|slot| table.set_slot(slot));
    };
    vec![
        ("300 words in 65,536 slots", filled(|_| 16, usual), queries(&zipf, 3)),
        ("300 words in 65,536 slots, 1 word asked", filled(|_| 16, usual), queries(&zipf, 1)),
        ("300 words in 65,536 slots, 8 words asked", filled(|_| 16, usual), queries(&zipf, 8)),
        (
            "300 words in 16,384 to 131,072 slots",
            filled(|n| [14, 15, 16, 17][n % 4], usual),
            queries(&zipf, 3),
        ),
        ("a tenth of 131,072 slots", filled(|_| 17, tenth), queries(&zipf, 3)),
        ("all of 131,072 slots", filled(|_| 17, full), queries(&zipf, 3)),
    ]
}

/// The tables of many leaves.
fn filled(
    bits: impl Fn(usize) -> u32,
    fill: impl Fn(&mut ChaCha8Rng, &mut Writer<'_>),
) -> BitTables {
    let (mut tables, mut rng) = (BitTables::new(), ChaCha8Rng::seed_from_u64(1));
    for leaf in 0..LEAVES {
        let bits = bits(leaf);
        let column = tables.insert(bits).expect("there is room");
        fill(&mut rng, &mut Writer { tables: &mut tables, column, bits });
    }
    tables
}

struct Writer<'a> {
    tables: &'a mut BitTables,
    column: Column,
    bits: u32,
}

impl Writer<'_> {
    fn slots(&self) -> u32 {
        1 << self.bits
    }

    fn set(&mut self, hash: u32) {
        self.set_slot(hash >> (32 - self.bits));
    }

    fn set_slot(&mut self, slot: u32) {
        self.tables.set(self.column, slot);
    }
}

/// Words with the frequencies of words.
struct Zipf {
    sums: Vec<f64>,
}

impl Zipf {
    fn new() -> Self {
        let sums = (1..=VOCABULARY).scan(0.0, |sum, rank| {
            *sum += 1.0 / rank as f64;
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    /// The hash of a word.
    fn word(&self, rng: &mut ChaCha8Rng) -> u32 {
        let at = rng.random::<f64>() * self.sums[VOCABULARY - 1];
        let rank = self.sums.partition_point(|&sum| sum < at);
        u32::try_from(rank)
            .expect("the vocabulary is small")
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b1)
    }
}

fn queries(zipf: &Zipf, words: usize) -> Vec<Vec<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    (0..QUERIES).map(|_| (0..words).map(|_| zipf.word(&mut rng)).collect()).collect()
}

fn ask(tables: &mut BitTables, words: &[u32], found: &mut Vec<Column>) -> usize {
    found.clear();
    let needed = if words.len() < 3 { words.len() } else { (2 * words.len()).div_ceil(3) };
    tables.matching(&Probe::new(words, needed, &[]), found);
    black_box(found.len())
}

fn row(name: &str, tables: &mut BitTables, queries: &[Vec<u32>]) {
    let (mut found, mut total, mut times) = (Vec::new(), 0, Vec::new());
    for words in queries.iter().cycle().take(5 * QUERIES) {
        let start = Instant::now();
        total += ask(tables, words, &mut found);
        times.push(start.elapsed().as_nanos());
    }
    times.sort_unstable();
    let median = times[times.len() / 2] as f64;
    let mean_found = total / times.len();
    let bytes = tables.footprint_len() / LEAVES;
    let start = Instant::now();
    let mut merged = BitTable::new(17);
    tables.merge_into(&mut merged, |_| true);
    let merge = start.elapsed().as_secs_f64() * 1e3;
    let leaf = come_and_go(tables);
    let (query, one) = (median / 1e3, median / LEAVES as f64);
    println!(
        "{name:<44} {query:>8.2} {one:>8.2} {mean_found:>8} {bytes:>9} {merge:>9.2} {leaf:>9.1}"
    );
}

/// Microseconds in which a leaf of 300 words comes and goes.
fn come_and_go(tables: &mut BitTables) -> f64 {
    let (zipf, mut rng) = (Zipf::new(), ChaCha8Rng::seed_from_u64(3));
    let words: Vec<u32> = (0..300).map(|_| zipf.word(&mut rng)).collect();
    let start = Instant::now();
    for _ in 0..100 {
        let column = tables.insert(16).expect("there is room");
        for word in &words {
            tables.set(column, word >> 16);
        }
        tables.remove(column);
    }
    start.elapsed().as_secs_f64() * 1e6 / 100.0
}

/// The same through the room that knows the leaves, and lets only a few of them have a query.
fn saturated_leaves() {
    let (mut slots, mut tables) = (Slots::new(), QueryTables::new(16));
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![0xff; 1 << 16]).expect("a vector takes everything");
    let data = Bytes::from(encoder.finish().expect("a vector takes everything"));
    let reset = QueryTable::Reset(Reset { slots: 1 << 17, infinity: 7, rest: Bytes::new() });
    let (sequence, sequence_size, compressor, entry_bits) = (1, 1, 1, 4);
    let patch = Patch { sequence, sequence_size, compressor, entry_bits, data };
    let patch = QueryTable::Patch(patch);
    for _ in 0..LEAVES {
        let slot = slots.insert(());
        tables.open(slot, true);
        for message in [&reset, &patch] {
            tables.receive(slot, message, Time::ZERO).expect("the table is fine");
        }
    }
    let words = Bytes::from_static(b"\x80\0some words that people want\0");
    let words = QueryWords::of(&Query::decode(&words).expect("the query is whole"));
    let (mut ordinary, mut saturated, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for second in 0..QUERIES as u64 {
        saturated.clear();
        let start = Instant::now();
        let now = Time::from_millis(100 * second);
        tables.leaves_matching(&words, now, &mut ordinary, &mut saturated);
        times.push(start.elapsed().as_nanos());
        black_box(saturated.len());
    }
    times.sort_unstable();
    let query = times[times.len() / 2] as f64;
    println!(
        "{:<44} {:>8.2} {:>8.2} {:>8}",
        "all of 131,072 slots, 20 leaves served",
        query / 1e3,
        query / LEAVES as f64,
        saturated.len()
    );
}
