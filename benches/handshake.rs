//! How long two links take to shake hands, both ends in memory: three heads written and read, two
//! agreements. To stay under: 60 microseconds.
//!
//! `cargo bench --bench handshake` prints the median and the best of many rounds; other load only
//! ever adds.

// A benchmark prints, and stops where something is missing.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Input, Link, Output, Profile, Queue, Role};

const ROUNDS: usize = 20_001;
const TARGET_US: f64 = 60.0;
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1));
const NOW: Time = Time::ZERO;

fn main() {
    println!("{:<28} {:>8} {:>8} {:>8}", "handshake (microseconds)", "median", "best", "target");
    for (connecting, accepting) in [
        (Role::Leaf, Role::Ultrapeer),
        (Role::Ultrapeer, Role::Ultrapeer),
        (Role::Ultrapeer, Role::Leaf),
    ] {
        let profiles = [connecting, accepting].map(|role| Arc::new(Profile::new(role)));
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(&profiles)).collect();
        rounds.sort_by(f64::total_cmp);
        let name = format!("{connecting} to {accepting}");
        println!("{name:<28} {:>8.2} {:>8.2} {TARGET_US:>8.0}", rounds[ROUNDS / 2], rounds[0]);
    }
}

/// One handshake, in microseconds.
fn round([connecting, accepting]: &[Arc<Profile>; 2]) -> f64 {
    let start = Instant::now();
    let mut connecting = Link::connect(connecting.clone(), PEER, NOW);
    let mut accepting = Link::accept(accepting.clone(), PEER, NOW);
    carry(&mut connecting, &mut accepting);
    carry(&mut accepting, &mut connecting);
    carry(&mut connecting, &mut accepting);
    let time = start.elapsed();
    assert!(connecting.wants_frames() && accepting.wants_frames(), "both are open");
    time.as_secs_f64() * 1e6
}

/// Hands over what `from` has written, and says yes to whatever `to` asks.
fn carry(from: &mut Link, to: &mut Link) {
    let written = from.transmit(Queue::Dry, NOW).expect("it has something to say");
    to.handle(Input::Received(&written), NOW);
    while let Some(output) = to.poll() {
        if let Output::Asked(question) | Output::Answered(question) = output {
            assert!(to.poll().is_none());
            to.handle(Input::Decided(Decision::accept(question.role)), NOW);
        }
    }
}
