//! How long a link takes to inflate and frame what a peer sends, beside inflating alone.
//!
//! `cargo bench --bench link` prints criterion's figures, then a table: medians of many rounds that
//! take turns, so that other load disturbs all alike, and the median of their ratios. Inflating and
//! framing have to reach 0.9 of the throughput of zlib-rs that inflates into a buffer of fixed size.
//! A whole link also checks each frame and hands it out one by one.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, reason = "what is counted here stays small")]

#[path = "../tests/support/frames.rs"]
#[allow(dead_code, unreachable_pub)]
mod frames;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use bytes::BytesMut;
use criterion::{Criterion, Throughput};
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Inflater, Input, Link, Output, Profile, Queue, Role};
use filbert::gnutella::wire::{Frame, Function};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

const ROUNDS: usize = 101;
const PLAIN_LEN: usize = 4 * 1024 * 1024;
const FLUSH_LEN: usize = 4 * 1024;
/// What one read from a socket gives.
const PIECE_LEN: usize = 16 * 1024;
const TARGET_RATIO: f64 = 0.9;

fn main() {
    let plain = plain();
    let deflated = deflate(&plain);
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("link");
    group.throughput(Throughput::Bytes(plain.iter().map(|frame| frame.len() as u64).sum()));
    group.bench_function("inflate", |bencher| bencher.iter(|| inflate(&deflated)));
    group.bench_function("inflate and frame", |bencher| bencher.iter(|| frame(&deflated)));
    group.bench_function("a whole link", |bencher| bencher.iter(|| link(&deflated)));
    group.finish();
    criterion.final_summary();
    compare(&plain, &deflated);
}

/// Frames of real programs, again and again, with other GUIDs each time as they would have. None of
/// them ends a link.
fn plain() -> Vec<Vec<u8>> {
    let real: Vec<Vec<u8>> = frames::all()
        .into_iter()
        .filter(|real| !real.is_datagram() && goes_on(&real.frame()))
        .map(|real| real.bytes.to_vec())
        .collect();
    let mut guids = Guids(0x9e37_79b9_7f4a_7c15);
    let mut plain_len = 0;
    let mut plain = Vec::new();
    for frame in real.iter().cycle() {
        let mut frame = frame.clone();
        frame[..16].copy_from_slice(&guids.next());
        plain_len += frame.len();
        plain.push(frame);
        if plain_len >= PLAIN_LEN {
            return plain;
        }
    }
    panic!("there are no frames");
}

/// True for a frame behind which others can follow, whatever the sides agreed on.
fn goes_on(frame: &Frame) -> bool {
    let is_plain = frame.function != Function::BYE && frame.size_flags.is_none();
    is_plain && frame.header().check_size().is_ok()
}

/// A xorshift generator: the same GUIDs in every run.
struct Guids(u64);

impl Guids {
    fn next(&mut self) -> [u8; 16] {
        let mut guid = [0; 16];
        for half in guid.chunks_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            half.copy_from_slice(&self.0.to_le_bytes());
        }
        guid
    }
}

/// Level 6, and a sync flush after about 4 KiB.
fn deflate(plain: &[Vec<u8>]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(6), true);
    let mut deflated = Vec::new();
    let plain = plain.concat();
    for piece in plain.chunks(FLUSH_LEN) {
        let mut out = [0; 2 * FLUSH_LEN];
        let written = compress.total_out();
        compress.compress(piece, &mut out, FlushCompress::Sync).expect("it is in order");
        deflated.extend_from_slice(&out[..(compress.total_out() - written) as usize]);
    }
    deflated
}

/// Everything into the same buffer, and says how many bytes there were.
fn inflate(deflated: &[u8]) -> u64 {
    let mut decompress = Decompress::new(true);
    let mut buffer = [0; 16 * 1024];
    for mut piece in deflated.chunks(PIECE_LEN) {
        loop {
            let (read, written) = (decompress.total_in(), decompress.total_out());
            decompress
                .decompress(piece, &mut buffer, FlushDecompress::None)
                .expect("the stream is in order");
            black_box(&mut buffer);
            piece = &piece[(decompress.total_in() - read) as usize..];
            if decompress.total_out() - written < buffer.len() as u64 {
                break;
            }
        }
    }
    decompress.total_out()
}

/// Everything into frames, and says how many bytes they have.
fn frame(deflated: &[u8]) -> u64 {
    let mut inflater = Inflater::new();
    let mut plain = BytesMut::new();
    let mut framed_len = 0;
    for mut piece in deflated.chunks(PIECE_LEN) {
        loop {
            let may_hold_more = inflater.step(&mut piece, &mut plain).expect("it is in order");
            while let Some(frame) = Frame::take_from(&mut plain).expect("the frames are in order") {
                framed_len += black_box(frame).wire_len() as u64;
            }
            if !may_hold_more {
                break;
            }
        }
    }
    framed_len
}

/// Everything through a link, from its handshake on, and says how many bytes the frames have.
fn link(deflated: &[u8]) -> u64 {
    const REQUEST: &[u8] = b"GNUTELLA CONNECT/0.6\r\nUser-Agent: somebody/1.0\r\n\
        X-Ultrapeer: True\r\nX-Query-Routing: 0.1\r\n\r\n";
    const LAST: &[u8] = b"GNUTELLA/0.6 200 OK\r\nContent-Encoding: deflate\r\n\r\n";
    let now = Time::from_millis(1);
    let profile = Arc::new(Profile::new(Role::Ultrapeer));
    let mut link = Link::accept(profile, IpAddr::V4(Ipv4Addr::LOCALHOST), now);
    let mut framed_len = 0;
    for piece in [REQUEST, LAST].into_iter().chain(deflated.chunks(PIECE_LEN)) {
        link.handle(Input::Received(piece), now);
        while let Some(output) = link.poll() {
            match black_box(output) {
                Output::Frame(frame) => framed_len += frame.wire_len() as u64,
                Output::Dropped { header, .. } => framed_len += 23 + u64::from(header.payload_len),
                Output::Asked(_) => {
                    assert!(link.poll().is_none(), "a link that asks waits for the answer");
                    link.handle(Input::Decided(Decision::accept(Role::Ultrapeer)), now);
                }
                Output::EndWriting | Output::Closed(_) => panic!("the link has come to an end"),
                _ => {}
            }
        }
        while link.transmit(Queue::Dry, now).is_some() {}
    }
    framed_len
}

/// A name, and what it does with the deflated bytes.
type Run = (&'static str, fn(&[u8]) -> u64);

/// What is compared, in the order of the table.
const RUNS: [Run; 3] = [("inflate", inflate), ("inflate and frame", frame), ("a whole link", link)];

fn compare(plain: &[Vec<u8>], deflated: &[u8]) {
    let plain_len: usize = plain.iter().map(Vec::len).sum();
    RUNS.iter().for_each(|(name, run)| assert_eq!(run(deflated), plain_len as u64, "{name}"));
    let rounds: Vec<[f64; 3]> =
        (0..ROUNDS).map(|_| RUNS.map(|(_, run)| seconds(|| run(deflated)))).collect();
    println!("{} frames, {plain_len} bytes, {} deflated", plain.len(), deflated.len());
    println!("{:<20} {:>8} {:>8}", "", "MB/s", "ratio");
    for (at, (name, _)) in RUNS.iter().enumerate() {
        let throughput = plain_len as f64 / median(rounds.iter().map(|round| round[at])) / 1e6;
        let ratio = median(rounds.iter().map(|round| round[0] / round[at]));
        println!("{name:<20} {throughput:>8.1} {ratio:>8.3}");
    }
    println!("to reach: {TARGET_RATIO} with inflate and frame");
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn seconds(run: impl FnOnce() -> u64) -> f64 {
    let start = Instant::now();
    black_box(run());
    start.elapsed().as_secs_f64()
}
