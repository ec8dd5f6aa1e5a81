//! What 10,000 children of a FastTrack supernode cost, with 50 files each.
//!
//! `cargo bench --bench fasttrack` prints how much memory a child takes, how long a share, a search and a
//! farewell take; `-- 1000` does so with fewer children. All of it goes through the face of the wing, from
//! a message of a session to messages that are taken to be sent; cipher and sockets are not there. The targets: 1 millisecond at the 99th of a hundred searches, 40 KiB a child.
//!
//! The names are made of words as people use them, each file has a name of its own, and tags are as
//! frequent and as long as in real shares. The searches: half are for two or three words of some file, a
//! quarter for one word of some file, which many have, an eighth for such words and a bitrate that few have,
//! an eighth for a hash. Searches that find little are measured beside these: for words of two files, and for
//! words that nobody has. Each search is sent three times: the times are told of the best run of each, which
//! other work on the machine disturbs less, and of all runs one by one.

// A benchmark prints, and stops where something is missing.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    unreachable_pub
)]

#[path = "files/names.rs"]
mod names;
#[path = "support/shares.rs"]
mod shares;

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use bytes::Bytes;
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::fasttrack::peer::{Output, Peer, Room, Settings};
use filbert::fasttrack::sought::Sought;
use filbert::fasttrack::wire::{
    Bandwidth, Frame, Message, NodeInfo, Operator, Realm, Search, Tag, Term,
};
use filbert::promotion::Role;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::names::Maker;
use crate::shares::{share, shown};

const CHILDREN: u32 = 10_000;
const FILES: u32 = 50;
const SEARCHES: usize = 10_000;
/// Times that each search is sent.
const ROUNDS: usize = 3;

fn main() {
    let count = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(CHILDREN);
    let mut bench = Bench::new(count);
    bench.fill();
    for (name, kinds) in [
        ("words of a file, 2 or 3", 0..4),
        ("a word of a file", 4..6),
        ("a word and a bitrate", 6..7),
        ("a hash", 7..8),
        ("all of these", 0..8),
        ("words of two files", 8..9),
        ("a word of a file and one of nobody", 9..10),
    ] {
        bench.search(name, kinds);
    }
    bench.come_and_go();
}

struct Bench {
    peer: Peer,
    rng: ChaCha8Rng,
    maker: Maker,
    children: usize,
    slots: Vec<Slot>,
    /// Some of the names and hashes that are there.
    names: Vec<String>,
    hashes: Vec<[u8; 20]>,
}

impl Bench {
    fn new(count: u32) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(7);
        let settings = Settings {
            listen: Some(SocketAddrV4::new(Ipv4Addr::new(5, 9, 1, 1), 1214)),
            user: "filbert".into(),
            bandwidth: Bandwidth(0x90),
            allow_private: false,
            udp: true,
            // Nobody has to wait for others.
            work_per_second: u32::MAX,
        };
        let mut peer = Peer::new(settings, Role::Supernode, &rng);
        peer.set_room(Room { children: count + 1, neighbours: 0 });
        let children = usize::try_from(count).expect("they are few");
        let (slots, names, hashes) = (Vec::new(), Vec::new(), Vec::new());
        Self { peer, rng, maker: Maker::new(1), children, slots, names, hashes }
    }

    fn fill(&mut self) {
        // What is made up is not what is measured.
        let count = self.children;
        println!("{count} children with {FILES} files each");
        let example = share(&mut Maker::new(2), &mut ChaCha8Rng::seed_from_u64(2));
        println!("a file: {}", shown(&example));
        let before = resident_len();
        let (mut took, mut payload_len) = (Duration::ZERO, 0);
        let allocated = allocation_counter::measure(|| (took, payload_len) = self.open_all());
        let files = self.peer.as_supernode().expect("it is one").files_len();
        assert_eq!(files, count * FILES as usize, "all of them were taken");
        let kept = resident_len().saturating_sub(before);
        // With what is noted here to be sought, some two hundred bytes a child.
        let each = |len: f64| len / 1024.0 / count as f64;
        let (allocated, resident) = (each(allocated.bytes_current as f64), each(kept as f64));
        println!("memory: {allocated:.1} KiB a child allocated, {resident:.1} resident, target 40");
        println!("a share: {:.2} us, {} bytes", micros(took) / files as f64, payload_len / files);
    }

    /// How long all shares took, and how many bytes they have.
    fn open_all(&mut self) -> (Duration, usize) {
        let (mut took, mut payload_len) = (Duration::ZERO, 0);
        for number in 0..self.children {
            let slot = self.open(number);
            self.slots.push(slot);
            for _ in 0..FILES {
                let share = share(&mut self.maker, &mut self.rng);
                if self.rng.random_range(0..50) == 0 {
                    self.names
                        .push(share.tags.text(Tag::FILE_NAME).expect("it has one").into_owned());
                    self.hashes.push(share.hash);
                }
                let frame = Message::Share(share).to_frame();
                payload_len += frame.payload.len();
                took += self.receive(slot, &frame);
            }
        }
        (took, payload_len)
    }

    fn open(&mut self, number: usize) -> Slot {
        let [_, a, b, c] = u32::try_from(number + 1).expect("they are few").to_be_bytes();
        let address = SocketAddrV4::new(Ipv4Addr::new(60 + a, b, c, 1), 40_000);
        let user = Bytes::from(format!("user{number}"));
        let info = NodeInfo { address, bandwidth: Bandwidth(0x60), user };
        let slot = self.peer.open(0, address, false, Time::ZERO);
        self.receive(slot, &Message::NodeInfo(info).to_frame());
        slot
    }

    /// Takes a message as a session brings it, and takes what it is answered with.
    fn receive(&mut self, slot: Slot, frame: &Frame) -> Duration {
        let begun = Instant::now();
        self.peer.receive(slot, frame, Time::ZERO);
        while let Some(output) = self.peer.poll() {
            match output {
                Output::WantsNodes { slot } => self.peer.give_nodes(slot, [], Time::ZERO),
                Output::Ready(slot) => {
                    while let Some(frame) = self.peer.transmit(slot, Time::ZERO) {
                        black_box(frame);
                    }
                }
                _ => {}
            }
        }
        begun.elapsed()
    }

    fn search(&mut self, name: &str, kinds: std::ops::Range<u8>) {
        let asker = self.open(self.children);
        let searches: Vec<_> = (0..SEARCHES)
            .map(|_| {
                let kind = self.rng.random_range(kinds.clone());
                self.made_up(kind)
            })
            .collect();
        let (mut best, mut runs) = (vec![f64::MAX; SEARCHES], Vec::new());
        for _ in 0..ROUNDS {
            for (search, best) in searches.iter().zip(&mut best) {
                let frame = Message::Search(search.clone()).to_frame();
                let took = micros(self.receive(asker, &frame));
                runs.push(took);
                *best = best.min(took);
            }
        }
        let found: usize = searches.iter().map(|search| self.found_len(search)).sum();
        self.peer.close(asker, Time::ZERO);
        println!("search, {name}: {:.1} results", found as f64 / SEARCHES as f64);
        tell("the best of three", best);
        tell("single runs", runs);
    }

    fn found_len(&self, search: &Search) -> usize {
        let Search { max, realm, terms, .. } = search.clone();
        let supernode = self.peer.as_supernode().expect("it is one");
        supernode.find(&Sought { max, realm, terms }, None).0.len()
    }

    fn made_up(&mut self, kind: u8) -> Search {
        let place = self.rng.random_range(0..self.names.len());
        let words: Vec<_> = self.names[place].split(|c: char| !c.is_alphanumeric()).collect();
        let words: Vec<_> = words.into_iter().filter(|word| word.len() > 2).collect();
        let mut some = |count: usize| -> String {
            let start = self.rng.random_range(0..words.len().max(1));
            let chosen = words.iter().cycle().skip(start).take(count.min(words.len()));
            chosen.copied().collect::<Vec<_>>().join(" ")
        };
        let terms = match kind {
            0..2 => vec![Term::words(Tag::ANY, &some(2))],
            2..4 => vec![Term::words(Tag::ANY, &some(3))],
            4..6 => vec![Term::words(Tag::ANY, &some(1))],
            6 => {
                let rate = Term::number(Operator::EQUAL, Tag::BITRATE, 320);
                vec![Term::words(Tag::ANY, &some(1)), rate]
            }
            7 => vec![Term::hash(&self.hashes[place])],
            8 => {
                let (one, other) = (some(1), self.some_word());
                vec![Term::words(Tag::ANY, &format!("{one} {other}"))]
            }
            _ => {
                let unknown: u64 = self.rng.random();
                vec![Term::words(Tag::ANY, &format!("{} x{unknown:016x}", self.some_word()))]
            }
        };
        Search { by_hand: true, max: 200, id: 7, realm: Realm::EVERYTHING, terms }
    }

    /// A word of the name of some file.
    fn some_word(&mut self) -> String {
        let place = self.rng.random_range(0..self.names.len());
        let mut words = self.names[place].split(|c: char| !c.is_alphanumeric());
        words.find(|word| word.len() > 2).unwrap_or_default().to_owned()
    }

    /// A child among all the others goes, and comes again with all that it shares.
    fn come_and_go(&mut self) {
        let (mut going, mut coming) = (Duration::ZERO, Duration::ZERO);
        for round in 0..200 {
            let number = round * 31 % self.children;
            let begun = Instant::now();
            self.peer.close(self.slots[number], Time::ZERO);
            going += begun.elapsed();
            let slot = self.open(number);
            self.slots[number] = slot;
            for _ in 0..FILES {
                let frame = Message::Share(share(&mut self.maker, &mut self.rng)).to_frame();
                coming += self.receive(slot, &frame);
            }
        }
        let each = |took| micros(took) / 200.0;
        println!("a child goes: {:.1} us, shares all anew: {:.1} us", each(going), each(coming));
    }
}

fn tell(which: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |hundredths: usize| times[(times.len() - 1) * hundredths / 100];
    let (p50, p99, most) = (at(50), at(99), at(100));
    println!("    {which:<18} p50 {p50:>7.1} us, p99 {p99:>7.1} us, most {most:>7.1} us");
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

/// Bytes of memory that this process has.
fn resident_len() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system says it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is there");
    let kib = line.trim().trim_end_matches("kB").trim();
    kib.parse::<u64>().expect("it is a number") * 1024
}
