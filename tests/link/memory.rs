//! What a link costs in memory, in each of its states. The figures are asserted as upper bounds, and
//! printed by `cargo test --test link memory -- --nocapture`.

use std::mem::size_of;
use std::sync::Arc;

use filbert::base::limits::{DEFLATE_KEEP_MS, HEAD_LEN_MAX};
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Input, Link, Output, Profile, Queue, Role};
use filbert::gnutella::wire::{Frame, Function, Guid};

use crate::support::messages::frame;
use crate::support::pair::CONNECTING_AT;

const NOW: Time = Time::from_millis(1_000);
const REQUEST: &[u8] = b"GNUTELLA CONNECT/0.6\r\nUser-Agent: somebody/1.0\r\nX-Ultrapeer: True\r\n\
    Bye-Packet: 0.1\r\nAccept-Encoding: deflate\r\nX-Query-Routing: 0.1\r\nX-Degree: 32\r\n\r\n";
const LAST: &[u8] = b"GNUTELLA/0.6 200 OK\r\n\r\n";
const LAST_DEFLATED: &[u8] = b"GNUTELLA/0.6 200 OK\r\nContent-Encoding: deflate\r\n\r\n";

/// What a link holds: itself, and what it has allocated and not given back.
fn held_by(make: impl FnOnce() -> Link) -> u64 {
    let mut link = None;
    let heap = allocation_counter::measure(|| link = Some(make()));
    assert!(link.is_some_and(|mut link| link.poll().is_none()), "everything was polled");
    u64::try_from(heap.bytes_current).expect("it gives back no more than it took")
        + size_of::<Link>() as u64
}

fn profile(sends_deflate: bool) -> Arc<Profile> {
    Arc::new(Profile { sends_deflate, ..Profile::new(Role::Ultrapeer) })
}

/// Lets the driver take everything, and accepts who asks.
fn drain(link: &mut Link) {
    while let Some(output) = link.poll() {
        if matches!(output, Output::Asked(_)) {
            assert!(link.poll().is_none());
            link.handle(Input::Decided(Decision::accept(Role::Ultrapeer)), NOW);
        }
    }
    while link.transmit(Queue::Dry, NOW).is_some() {}
}

fn receive(link: &mut Link, bytes: &[u8]) {
    link.handle(Input::Received(bytes), NOW);
    drain(link);
}

fn open(profile: Arc<Profile>, last: &[u8]) -> Link {
    let mut link = Link::accept(profile, CONNECTING_AT, NOW);
    receive(&mut link, REQUEST);
    receive(&mut link, last);
    assert!(link.wants_frames());
    link
}

fn hit() -> Frame {
    let payload = (0..400_u32).flat_map(|n| (n * n).to_le_bytes()).collect::<Vec<u8>>();
    frame(Guid([7; 16]), Function::QUERY_HIT, 3, payload)
}

fn assert_at_most(name: &str, held: u64, bound: u64) {
    println!("{name}: {held} bytes (at most {bound})");
    assert!(held <= bound, "{name}: {held} bytes, more than {bound}");
}

/// LINK-09
#[test]
fn a_connection_that_is_no_link_yet_costs_little() {
    let profile = profile(true);
    let silent = held_by(|| Link::accept(profile.clone(), CONNECTING_AT, NOW));
    assert_at_most("silent", silent, 1_024);
    let slow = held_by(|| {
        let mut link = Link::accept(profile.clone(), CONNECTING_AT, NOW);
        let head = [b"GNUTELLA CONNECT/0.6\r\n", &b"A: b\r\n".repeat(2_000)[..]].concat();
        for piece in head[..HEAD_LEN_MAX / 2].chunks(100) {
            receive(&mut link, piece);
        }
        link
    });
    assert_at_most("half a head", slow, HEAD_LEN_MAX as u64 + 1_024);
}

/// LINK-09: whatever the head says, while the node makes up its mind.
#[test]
fn a_request_that_waits_for_its_answer_costs_no_more_than_its_head() {
    let profile = profile(true);
    for (name, item) in [
        ("X-Try", "1.1.1.1:1"),
        ("X-Features", "a/1.0"),
        ("Accept", "application/x-gnutella-packets"),
        ("User-Agent", "x"),
        ("X-Nothing", "y"),
    ] {
        let line = format!("{name}: {}\r\n", vec![item; 900 / (item.len() + 1)].join(","));
        let lines = line.repeat((HEAD_LEN_MAX - 100) / line.len());
        let head = format!("GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: False\r\n{lines}\r\n");
        let held = held_by(|| {
            let mut link = Link::accept(profile.clone(), CONNECTING_AT, NOW);
            link.handle(Input::Received(head.as_bytes()), NOW);
            assert!(matches!(link.poll(), Some(Output::Asked(_))));
            assert!(link.poll().is_none());
            link
        });
        assert_at_most(&format!("asked with {name}"), held, HEAD_LEN_MAX as u64);
    }
}

/// LINK-22, HAND-79: what comes in the time of grace is not kept.
#[test]
fn the_time_of_grace_costs_nothing() {
    let profile = profile(false);
    let held = held_by(|| {
        let mut link = open(profile.clone(), LAST);
        link.handle(Input::Bye { code: 200, reason: "x" }, NOW);
        drain(&mut link);
        (0..100).for_each(|_| receive(&mut link, &[7; 10_000]));
        link
    });
    assert_at_most("after a Bye", held, 2_048);
}

/// An idle link without compression, whether or not messages have gone both ways before.
#[test]
fn an_idle_link_holds_no_buffers() {
    let profile = profile(false);
    assert_at_most("idle", held_by(|| open(profile.clone(), LAST)), 2_048);
    let used = held_by(|| {
        let mut link = open(profile.clone(), LAST);
        let mut wire = bytes::BytesMut::new();
        (0..50).for_each(|_| hit().encode(&mut wire));
        wire.chunks(1_000).for_each(|piece| receive(&mut link, piece));
        (0..50).for_each(|_| _ = link.send(&hit(), NOW));
        drain(&mut link);
        link
    });
    assert_at_most("idle after use", used, 2_048);
}

/// LINK-09, LINK-14: compression costs nothing before the first byte, and little after a while.
#[test]
fn compression_costs_where_it_is_used() {
    let profile = profile(true);
    assert_at_most("agreed on", held_by(|| open(profile.clone(), LAST_DEFLATED)), 2_048);
    let deflated = {
        let mut deflater = filbert::gnutella::link::Deflater::default();
        let (mut plain, mut out) = (bytes::BytesMut::new(), bytes::BytesMut::new());
        hit().encode(&mut plain);
        deflater.write(&plain, &mut out);
        deflater.flush(&mut out);
        out
    };
    let active = || {
        let mut link = open(profile.clone(), LAST_DEFLATED);
        receive(&mut link, &deflated);
        link.send(&hit(), NOW);
        drain(&mut link);
        link
    };
    assert_at_most("both streams active", held_by(active), 384 * 1_024);
    let rested = held_by(|| {
        let mut link = active();
        link.handle(Input::Timeout, NOW.after_ms(DEFLATE_KEEP_MS));
        drain(&mut link);
        link
    });
    assert_at_most("both streams at rest", rested, 52 * 1_024);
    let only_in = held_by(|| {
        let mut link = open(profile.clone(), LAST_DEFLATED);
        receive(&mut link, &deflated);
        link
    });
    assert_at_most("receives only", only_in, 52 * 1_024);
    let only_out = held_by(|| {
        let mut link = open(profile.clone(), LAST_DEFLATED);
        link.send(&hit(), NOW);
        drain(&mut link);
        link
    });
    assert_at_most("sends only", only_out, 320 * 1_024);
}
