//! What a session of FastTrack costs: to make the two ciphers of its hello, and to decipher and frame what is sent.
//!
//! `cargo bench --bench session` prints criterion's figures. A supernode makes two ciphers for each child that comes.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, reason = "what is counted here stays small")]

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, Throughput};
use filbert::base::time::Time;
use filbert::fasttrack::link::{Cipher, Encryption, Input, Link, Output, Profile, cube};
use filbert::fasttrack::wire::{Frame, Kind};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const NOW: Time = Time::ZERO;
/// What one read from a socket gives.
const PIECE_LEN: usize = 16 * 1024;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    ciphers(&mut criterion);
    sessions(&mut criterion);
    criterion.final_summary();
}

fn ciphers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cipher");
    let number = std::array::from_fn(|at| (at * 7 % 0xe0) as u8);
    group.bench_function("cube", |bencher| bencher.iter(|| cube(black_box(&number))));
    for encryption in Encryption::ALL {
        let mut seed = 0_u32;
        group.bench_function(format!("new {encryption}"), |bencher| {
            bencher.iter(|| {
                seed = seed.wrapping_add(1);
                Cipher::new(seed, encryption)
            });
        });
    }
    let mut bytes = vec![0; PIECE_LEN];
    group.throughput(Throughput::Bytes(PIECE_LEN as u64));
    for encryption in Encryption::ALL {
        let mut cipher = Cipher::new(1, encryption);
        group.bench_function(format!("keystream {encryption}"), |bencher| {
            bencher.iter(|| cipher.apply(black_box(&mut bytes)));
        });
    }
    group.finish();
}

fn sessions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("session");
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    group.bench_function("hello of both sides", |bencher| {
        bencher.iter(|| opened(&mut generator));
    });
    // Messages such as a child sends, which shares its files.
    let share = Frame { kind: Kind(0x40), payload: Bytes::from(vec![7; 80]) };
    let (mut sending, _) = opened(&mut ChaCha8Rng::seed_from_u64(1));
    while sending.wants_frames() {
        sending.send(&share);
    }
    let bytes = sending.transmit(NOW).expect("there are bytes");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("decipher and frame", |bencher| {
        let receiving = || opened(&mut ChaCha8Rng::seed_from_u64(1)).1;
        bencher.iter_batched(receiving, |link| receive(link, &bytes), BatchSize::SmallInput);
    });
    group.finish();
}

/// Both sides of a session that stands.
fn opened(generator: &mut ChaCha8Rng) -> (Link, Link) {
    let profile = Profile::default();
    let mut sides = (Link::connect(&profile, NOW), Link::accept(&profile, generator, NOW));
    for _ in 0..2 {
        carry(&mut sides.0, &mut sides.1);
        carry(&mut sides.1, &mut sides.0);
    }
    assert!(sides.0.wants_frames() && sides.1.wants_frames());
    sides
}

fn carry(from: &mut Link, to: &mut Link) {
    while let Some(bytes) = from.transmit(NOW) {
        to.handle(Input::Received(&bytes), NOW);
        while to.poll().is_some() {}
    }
}

/// As a driver does it.
fn receive(mut link: Link, bytes: &[u8]) -> usize {
    let mut count = 0;
    for piece in bytes.chunks(PIECE_LEN) {
        link.handle(Input::Received(piece), NOW);
        while let Some(output) = link.poll() {
            assert!(matches!(output, Output::Frame(_)), "{output:?}");
            count += 1;
        }
    }
    count
}
