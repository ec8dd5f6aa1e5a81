//! How long it takes to route one query: header and payload read, duplicate check, and the choice of
//! those of 30 neighbours that get it.
//!
//! `cargo bench --bench router` prints criterion's figures, then a table: the median and the best of
//! many short rounds (other load only ever adds). The router is as full as it gets, so that each new
//! query costs an old one its place. In the rounds called cold, 500 routers take turns, as they do in a
//! simulation: what a router needs is in no cache then.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

use std::hint::black_box;
use std::time::Instant;

use bytes::Bytes;
use criterion::Criterion;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::router::{Answer, Quotas, Router, TtlRules, Verdict};
use filbert::gnutella::wire::{Function, Guid, Header, Query};

const ROUNDS: usize = 101;
const ITERATIONS: u32 = 5_000;
const NEIGHBOURS: usize = 30;
/// What the project has promised, in nanoseconds.
const TARGET_NS: f64 = 300.0;
const COLD_ROUTERS: usize = 500;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("router");
    for case in CASES {
        let mut bench = (case.new)();
        group.bench_function(case.name, |bencher| bencher.iter(|| (case.run)(&mut bench)));
    }
    group.finish();
    criterion.final_summary();
    println!("{:<44} {:>8} {:>8} {:>8}", "case", "median", "best", "target");
    for case in CASES {
        let (median, best) = rounds(case);
        println!("{:<44} {median:>8.1} {best:>8.1} {TARGET_NS:>8.0}", case.name);
    }
    println!("all in nanoseconds for one message");
}

struct Case {
    name: &'static str,
    new: fn() -> Bench,
    run: fn(&mut Bench),
}

const CASES: &[Case] = &[
    Case { name: "a new query, to 29 of 30 neighbours", new: Bench::warm, run: Bench::new_query },
    Case { name: "a duplicate", new: Bench::warm, run: Bench::duplicate },
    Case { name: "a flood: 1 new, 29 duplicates", new: Bench::warm, run: Bench::flood },
    Case { name: "a hit", new: Bench::warm, run: Bench::hit },
    Case { name: "a new query, cold", new: Bench::cold, run: Bench::new_query },
    Case { name: "a duplicate, cold", new: Bench::cold, run: Bench::duplicate },
];

/// Nodes that take turns, and the bytes that come in.
struct Bench {
    nodes: Vec<Node>,
    turn: usize,
    random: u64,
    count: usize,
    header: [u8; 23],
    payload: Bytes,
    targets: Vec<Slot>,
}

/// A router, what the face of a servent knows of neighbours, and the queries that were here lately.
struct Node {
    router: Router,
    neighbours: Slots<Neighbour>,
    slots: Vec<Slot>,
    recent: [Guid; 16],
}

struct Neighbour {
    is_leaf: bool,
    /// Queries with so many hops are not wanted.
    hops_max: u8,
}

impl Bench {
    fn warm() -> Self {
        let mut bench = Self::new(1);
        // Every account is full.
        (0..300_000).for_each(|_| bench.new_query());
        bench
    }

    fn cold() -> Self {
        let mut bench = Self::new(COLD_ROUTERS);
        (0..COLD_ROUTERS * 2_000).for_each(|_| bench.new_query());
        bench
    }

    fn new(nodes: usize) -> Self {
        let header = Header {
            guid: Guid::ZERO,
            function: Function::QUERY,
            ttl: 3,
            hops: 1,
            payload_len: 21,
            size_flags: None,
        };
        Self {
            nodes: (0..nodes).map(|seed| Node::new(seed as u64)).collect(),
            turn: 0,
            random: 0x9e37_79b9_7f4a_7c15,
            count: 0,
            header: header.encode(),
            payload: Bytes::from_static(b"\xb9\0blue train\0\xc3\x83SCP\x41\x01"),
            targets: Vec::with_capacity(NEIGHBOURS),
        }
    }

    /// A xorshift generator: the same GUIDs in every run.
    fn guid(&mut self) -> Guid {
        let mut guid = [0; 16];
        for half in guid.chunks_mut(8) {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            half.copy_from_slice(&self.random.to_le_bytes());
        }
        Guid(guid)
    }

    fn next_turn(&mut self) {
        self.turn = (self.turn + 1) % self.nodes.len();
        self.count += 1;
    }

    fn new_query(&mut self) {
        self.next_turn();
        let guid = self.guid();
        let place = self.count / self.nodes.len() % 16;
        self.nodes[self.turn].recent[place] = guid;
        let from = self.nodes[self.turn].slots[self.count % NEIGHBOURS];
        assert_eq!(self.route(guid, from), NEIGHBOURS - 1);
    }

    /// A copy of one of the last queries, from the neighbour after the one that brought it.
    fn duplicate(&mut self) {
        self.next_turn();
        let guid = self.nodes[self.turn].recent[self.count % 16];
        let from = self.nodes[self.turn].slots[self.count % NEIGHBOURS];
        assert_eq!(self.route(guid, from), 0);
    }

    /// One message of a flood, in which every neighbour sends every query.
    fn flood(&mut self) {
        if self.count.is_multiple_of(NEIGHBOURS) { self.new_query() } else { self.duplicate() }
    }

    fn hit(&mut self) {
        self.next_turn();
        let node = &mut self.nodes[self.turn];
        let (guid, from) = (node.recent[self.count % 16], node.slots[self.count % NEIGHBOURS]);
        self.header[..16].copy_from_slice(&guid.0);
        self.header[16] = Function::QUERY_HIT.0;
        let header = Header::decode(black_box(&self.header)).expect("it is a header");
        self.header[16] = Function::QUERY.0;
        let answer = node.router.answer(&header, from, Time::ZERO);
        assert!(!matches!(black_box(answer), Answer::Own));
    }

    /// Reads a query and finds out who gets it. Says how many these are.
    fn route(&mut self, guid: Guid, from: Slot) -> usize {
        self.header[..16].copy_from_slice(&guid.0);
        let node = &mut self.nodes[self.turn];
        let header = Header::decode(black_box(&self.header)).expect("it is a header");
        let query = Query::decode(black_box(&self.payload)).expect("it is a query");
        self.targets.clear();
        let verdict = node.router.broadcast(&header, from, Time::ZERO);
        if let Verdict::New { onward: Some(onward) } = black_box(verdict) {
            let wants = |neighbour: &Neighbour| {
                !neighbour.is_leaf && onward.hops < neighbour.hops_max && !query.text.is_empty()
            };
            self.targets.extend(node.neighbours.iter().filter_map(|(slot, neighbour)| {
                (slot != from && wants(neighbour)).then_some(slot)
            }));
        }
        black_box(&self.targets).len()
    }
}

impl Node {
    fn new(seed: u64) -> Self {
        let mut router =
            Router::with_quotas(TtlRules::default(), Quotas::default().unmetered(), seed);
        let mut neighbours = Slots::new();
        let mut open = || {
            let slot = neighbours.insert(Neighbour { is_leaf: false, hops_max: 255 });
            router.open(slot, false, true, Time::ZERO);
            slot
        };
        let slots = (0..NEIGHBOURS).map(|_| open()).collect();
        Self { router, neighbours, slots, recent: [Guid::ZERO; 16] }
    }
}

/// The median and the best round, for one message.
fn rounds(case: &Case) -> (f64, f64) {
    let mut bench = (case.new)();
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..ITERATIONS).for_each(|_| (case.run)(&mut bench));
            start.elapsed().as_nanos() as f64 / f64::from(ITERATIONS)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    (rounds[ROUNDS / 2], rounds[0])
}
