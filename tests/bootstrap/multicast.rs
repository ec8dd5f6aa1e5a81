//! Hosts of the local network, which are found by multicast.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{
    MULTICAST_ANSWER_INTERVAL_MS, MULTICAST_ANSWERS_MAX, MULTICAST_HOSTS_MAX,
    MULTICAST_PING_INTERVAL_MS, MULTICAST_TIMEOUT_MS,
};
use filbert::base::time::Time;
use filbert::gnutella::bootstrap::{MULTICAST_GROUP, Multicast};
use filbert::gnutella::wire::{Datagram, Frame, Function, Message};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 2);

fn multicast(seed: u64) -> Multicast {
    Multicast::new(6346, ChaCha8Rng::seed_from_u64(seed), Time::ZERO)
}

fn at(milliseconds: u64) -> Time {
    Time::from_millis(milliseconds)
}

fn near(n: u8) -> SocketAddr {
    SocketAddr::from(([192, 168, 1, n], 40_000))
}

fn frame(bytes: &Bytes) -> Frame {
    let Datagram::Frame { frame, .. } = Datagram::decode(bytes).unwrap() else {
        panic!("no message")
    };
    frame
}

fn with_ttl(bytes: &Bytes, ttl: u8, hops: u8) -> Bytes {
    let mut out = BytesMut::new();
    frame(bytes).forwarded(ttl, hops).encode(&mut out);
    out.freeze()
}

/// What `n` answers to the ping of another host.
fn pong_of(n: u8, ping: &Bytes) -> Bytes {
    let SocketAddr::V4(address) = near(n) else { unreachable!() };
    multicast(u64::from(n)).answer(ping, near(200), *address.ip(), at(0)).unwrap()
}

/// BOOT-15
#[test]
fn the_local_network_is_pinged_at_the_start_and_seldom_after_it() {
    assert_eq!(MULTICAST_GROUP.to_string(), "234.21.81.1:6347");
    let mut multicast = multicast(1);
    assert_eq!(multicast.due(), Time::ZERO);
    let ping = frame(&multicast.ping(Time::ZERO));
    assert_eq!((ping.function, ping.ttl, ping.hops), (Function::PING, 1, 0));
    assert!(ping.payload.is_empty());
    let due = multicast.due();
    assert!(due >= at(MULTICAST_PING_INTERVAL_MS) && due < at(MULTICAST_PING_INTERVAL_MS * 2));
    assert_ne!(frame(&multicast.ping(due)).guid, ping.guid);
}

/// BOOT-16
#[test]
fn a_ping_of_the_local_network_is_answered_with_our_address() {
    let ping = multicast(1).ping(at(0));
    let answer = frame(&multicast(2).answer(&ping, near(7), OWN, at(0)).unwrap());
    assert_eq!((answer.guid, answer.ttl, answer.hops), (frame(&ping).guid, 1, 0));
    let Message::Pong(pong) = Message::decode(&answer).unwrap() else { panic!("no pong") };
    assert_eq!(pong.endpoint().to_string(), "192.168.1.2:6346");
}

/// BOOT-16: whoever forges the address of a stranger makes us send nothing to it.
#[test]
fn pings_from_afar_and_our_own_are_not_answered() {
    let mut ours = multicast(2);
    let own_ping = ours.ping(at(0));
    assert_eq!(ours.answer(&own_ping, near(7), OWN, at(0)), None, "our own");
    let ping = multicast(1).ping(at(0));
    for (what, bytes, from) in [
        ("a stranger", ping.clone(), "203.0.114.9:6346"),
        ("no port", ping.clone(), "192.168.1.7:0"),
        ("IPv6", ping.clone(), "[fe80::1]:6346"),
        ("TTL", with_ttl(&ping, 2, 0), "192.168.1.7:6346"),
        ("hops", with_ttl(&ping, 1, 1), "192.168.1.7:6346"),
        ("no ping", pong_of(3, &ping), "192.168.1.7:6346"),
        ("nothing", Bytes::new(), "192.168.1.7:6346"),
        ("cut", ping.slice(..22), "192.168.1.7:6346"),
    ] {
        assert_eq!(ours.answer(&bytes, from.parse().unwrap(), OWN, at(0)), None, "{what}");
    }
    assert!(ours.answer(&ping, near(7), OWN, at(0)).is_some());
}

/// BOOT-16
#[test]
fn a_host_is_answered_once_in_a_while_and_many_of_them_not_without_end() {
    let ping = multicast(1).ping(at(0));
    let mut ours = multicast(2);
    let mut is_answered = |n, now| ours.answer(&ping, near(n), OWN, now).is_some();
    assert!(is_answered(1, at(0)));
    let soon = at(MULTICAST_ANSWER_INTERVAL_MS - 1);
    assert!(!is_answered(1, soon));
    let others = (2..=u8::MAX).filter(|n| is_answered(*n, soon)).count();
    assert_eq!(others, MULTICAST_ANSWERS_MAX - 1);
    assert!(is_answered(1, at(2 * MULTICAST_ANSWER_INTERVAL_MS)));
}

/// BOOT-17
#[test]
fn whoever_answers_in_time_becomes_known() {
    let mut ours = multicast(2);
    let ping = ours.ping(at(0));
    let answer = pong_of(7, &ping);
    let known = "192.168.1.7:6346".parse().unwrap();
    assert_eq!(ours.hear(&answer, near(7), at(MULTICAST_TIMEOUT_MS)), Some(known));
    assert_eq!(ours.hear(&answer, near(7), at(MULTICAST_TIMEOUT_MS + 1)), None, "late");
}

/// BOOT-17
#[test]
fn answers_that_nobody_asked_for_and_tales_of_others_are_passed_over() {
    let mut ours = multicast(2);
    let ping = ours.ping(at(0));
    let answer = pong_of(7, &ping);
    assert_eq!(ours.hear(&answer, near(8), at(0)), None, "of another host");
    let other = pong_of(7, &multicast(3).ping(at(0)));
    assert_eq!(ours.hear(&other, near(7), at(0)), None, "to another ping");
    assert_eq!(ours.hear(&ping, near(7), at(0)), None, "no pong");
    let mut stranger = multicast(4);
    let ip = Ipv4Addr::new(203, 0, 114, 9);
    let of_stranger = stranger.answer(&ping, near(200), ip, at(0)).unwrap();
    assert_eq!(ours.hear(&of_stranger, SocketAddr::from((ip, 6346)), at(0)), None);
    assert!(ours.hear(&answer, near(7), at(0)).is_some());
}

/// BOOT-17
#[test]
fn so_many_hosts_are_taken_for_one_ping_and_not_one_more() {
    let mut ours = multicast(2);
    let ping = ours.ping(at(0));
    let known = (1..100).filter(|n| ours.hear(&pong_of(*n, &ping), near(*n), at(0)).is_some());
    assert_eq!(known.count(), MULTICAST_HOSTS_MAX);
    let again = ours.ping(at(0));
    assert!(ours.hear(&pong_of(100, &again), near(100), at(0)).is_some());
}
