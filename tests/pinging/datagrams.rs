//! Pings and pongs in datagrams, whose senders may be forged.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use filbert::base::limits::{
    DATAGRAM_ASKERS_MAX, DATAGRAM_PING_INTERVAL_MS, DATAGRAM_PING_TIMEOUT_MS, DATAGRAM_PINGS_MAX,
    DATAGRAM_PONG_RATIO_MAX, PONG_HOSTS_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::pinging::{DatagramPings, Own, Wanted};
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::{Frame, Guid, Pong};
use proptest::prelude::*;

use crate::desk::{GUID, OWN, at, host, ping, pong};

/// A ping with this tail.
fn ping_with(tail: &'static [u8]) -> Frame {
    Frame { payload: Bytes::from_static(tail), ..ping(1, 0) }
}

/// PING-12
#[test]
fn an_address_is_answered_once_a_minute_whatever_its_port() {
    let mut room = DatagramPings::default();
    let other_port = SocketAddr::new(host(1).ip(), 99);
    let again = at(0).after_ms(DATAGRAM_PING_INTERVAL_MS - 1);
    assert!(room.ping(&ping(1, 0), host(1), at(0)).is_some());
    assert!(room.ping(&ping(1, 0), host(1), again).is_none());
    assert!(room.ping(&ping(1, 0), other_port, again).is_none());
    assert!(room.ping(&ping(1, 0), host(2), again).is_some());
    assert!(room.ping(&ping(1, 0), host(1), at(0).after_ms(DATAGRAM_PING_INTERVAL_MS)).is_some());
    assert!(room.ping(&ping(1, 0), SocketAddr::new(host(3).ip(), 0), at(0)).is_none());
}

/// PING-12, PONG-10
#[test]
fn an_empty_ping_gets_our_own_pong() {
    let wanted = DatagramPings::default().ping(&ping(1, 0), host(1), at(0)).unwrap();
    assert_eq!((wanted.hosts, wanted.ultrapeers), (0, false));
    let pong = wanted.pong(&OWN, &[host(5)]).unwrap();
    assert_eq!((pong.guid, pong.ttl, pong.hops), (GUID, 1, 0));
    let pong = Pong::decode(&pong.payload).unwrap();
    assert_eq!(SocketAddr::V4(pong.endpoint()), OWN.address);
    assert_eq!(pong.extensions.value("IPP"), None);
    assert!(pong.extensions.value("UP").is_some());
}

/// PING-04, GGEP-55
#[test]
fn a_ping_that_asks_for_hosts_is_told_some() {
    let wants = |tail| DatagramPings::default().ping(&ping_with(tail), host(1), at(0)).unwrap();
    let named = |wanted: Wanted, hosts: &[SocketAddr]| {
        let pong = Pong::decode(&wanted.pong(&OWN, hosts).unwrap().payload).unwrap();
        match pong.extensions.value("IPP") {
            Some(Value::Addresses(named)) => named.len(),
            _ => 0,
        }
    };
    assert_eq!(wants(b"\xc3\x83SCP\x40").hosts, PONG_HOSTS_MAX);
    let wanted = wants(b"\xc3\x83SCP\x41\x01");
    assert!(wanted.ultrapeers && !wants(b"\xc3\x83SCP\x41\x02").ultrapeers);
    let hosts: Vec<_> = (0..30).map(host).collect();
    assert_eq!(named(wanted, &hosts[..1]), 1);
    // Not all have room in three times the ping; in a longer one more have.
    let few = named(wanted, &hosts);
    assert!((1..PONG_HOSTS_MAX).contains(&few), "{few}");
    const LONG: &[u8] = b"\xc3\x03SCP\x41\x01\x81x\x81\x40\
        0123456789012345678901234567890123456789012345678901234567890123";
    for (offered, told) in [(PONG_HOSTS_MAX, PONG_HOSTS_MAX), (PONG_HOSTS_MAX + 1, PONG_HOSTS_MAX)]
    {
        assert_eq!(named(wants(LONG), &hosts[..offered]), told);
    }
}

proptest! {
    /// UDP-10: an answer has at most three bytes for one of the ping (A10 of the attacks).
    #[test]
    fn answers_stay_small(
        tail_len in 0..200_usize,
        hosts in 0..40_u16,
        is_ipv6 in any::<bool>(),
        kib in any::<u32>(),
        guess in any::<bool>(),
    ) {
        let tail = [b"\xc3\x03SCP\x41\x01\x81x\x84".as_slice(), &vec![b'-'; tail_len]].concat();
        let asking = Frame { payload: tail.into(), ..ping(1, 0) };
        let address = if is_ipv6 { "[2a02:1::7]:6346".parse().unwrap() } else { OWN.address };
        let own = Own { address, kib, guess, daily_uptime_s: kib, ..OWN };
        let hosts: Vec<_> = (0..hosts).map(host).collect();
        let wanted = DatagramPings::default().ping(&asking, host(1), at(0)).unwrap();
        if let Some(pong) = wanted.pong(&own, &hosts) {
            prop_assert!(pong.wire_len() <= asking.wire_len() * DATAGRAM_PONG_RATIO_MAX);
        }
    }
}

/// UDP-10: forged senders without end get answers to an end.
#[test]
fn so_many_addresses_are_answered_in_a_minute_and_no_more() {
    let forged = |number: usize| {
        let bits = u32::try_from(number).unwrap();
        SocketAddr::new(Ipv4Addr::from_bits(bits).into(), 6346)
    };
    let mut room = DatagramPings::default();
    let answered = |room: &mut DatagramPings, count, now| {
        (0..count).filter(|n| room.ping(&ping(1, 0), forged(*n), now).is_some()).count()
    };
    assert_eq!(answered(&mut room, DATAGRAM_ASKERS_MAX, at(0)), DATAGRAM_ASKERS_MAX);
    assert!(room.ping(&ping(1, 0), host(1), at(59)).is_none());
    assert_eq!(answered(&mut room, DATAGRAM_ASKERS_MAX + 1, at(60)), DATAGRAM_ASKERS_MAX);
}

/// PONG-13
#[test]
fn a_pong_counts_where_it_was_asked_for() {
    let guid = Guid([1; 16]);
    let answer = pong(host(1), 64, 0, b"");
    let taken = |from, asked: Time, answered: Time, guid| {
        let mut room = DatagramPings::default();
        room.asked(host(1), guid, asked);
        let first = room.pong(&answer, from, answered).is_some();
        (first, room.pong(&answer, from, answered).is_some())
    };
    let late = at(5).after_ms(DATAGRAM_PING_TIMEOUT_MS);
    let in_time = Time::from_micros(late.as_micros() - 1);
    assert_eq!(taken(host(1), at(5), in_time, guid), (true, false), "once");
    assert_eq!(taken(host(1), at(5), late, guid), (false, false));
    assert_eq!(taken(host(2), at(5), at(6), guid), (false, false));
    assert_eq!(taken(SocketAddr::new(host(1).ip(), 99), at(5), at(6), guid), (false, false));
    assert_eq!(taken(host(1), at(5), at(6), Guid([2; 16])), (false, false));
    assert!(DatagramPings::default().pong(&answer, host(1), at(6)).is_none());
}

/// PONG-13
#[test]
fn pings_of_ours_are_remembered_up_to_a_limit() {
    let named = |number: usize| Guid([u8::try_from(number).unwrap(); 16]);
    for (count, last_counts) in [(DATAGRAM_PINGS_MAX, true), (DATAGRAM_PINGS_MAX + 1, false)] {
        let mut room = DatagramPings::default();
        for number in 1..=count {
            room.asked(host(1), named(number), at(0));
        }
        let answer = |number| Frame { guid: named(number), ..pong(host(1), 64, 0, b"") };
        assert_eq!(room.pong(&answer(count), host(1), at(1)).is_some(), last_counts);
        assert!(room.pong(&answer(1), host(1), at(1)).is_some());
    }
}
