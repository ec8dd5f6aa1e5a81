//! Pings and pongs in datagrams, whose senders may be forged.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use filbert::base::limits::{
    DATAGRAM_ASKERS_MAX, DATAGRAM_PING_INTERVAL_MS, DATAGRAM_PING_TIMEOUT_MS, DATAGRAM_PINGS_MAX,
    DATAGRAM_PONG_RATIO_MAX, HOST_CACHES_NAMED_MAX, HOSTS_BEFORE_CACHES, PONG_HOSTS_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::pinging::{DatagramPings, NamedHost, Own, RoomFor, Wanted};
use filbert::gnutella::wire::ggep::Value;
use filbert::gnutella::wire::{Frame, GgepArea, Guid, Pong};
use proptest::prelude::*;

use crate::desk::{GUID, OWN, at, host, ping, pong};

/// A ping with this tail.
fn ping_with(tail: &'static [u8]) -> Frame {
    Frame { payload: Bytes::from_static(tail), ..ping(1, 0) }
}

/// Hosts of IPv4, with room for all of them in the list.
fn hosts(count: u16) -> Vec<NamedHost> {
    (0..count).map(|number| NamedHost { address: host(number), takes_tls: false }).collect()
}

/// What a ping with this tail wants.
fn wanted(tail: &'static [u8]) -> Wanted {
    DatagramPings::default().ping(&ping_with(tail), host(1), at(0)).unwrap()
}

/// A long ping with these flags, to which a long answer may go.
fn long_wanted(flags: u8) -> Wanted {
    let tail = [b"\xc3\x03SCP\x41", &[flags][..], b"\x81x\x84\x40", &[b'-'; 256]].concat();
    let ping = Frame { payload: tail.into(), ..ping(1, 0) };
    DatagramPings::default().ping(&ping, host(1), at(0)).unwrap()
}

/// The extensions of the answer.
fn told(wanted: &Wanted, own: &Own, hosts: &[NamedHost], caches: &[String]) -> GgepArea {
    Pong::decode(&wanted.pong(own, hosts, caches).unwrap().payload).unwrap().extensions
}

fn named(extensions: &GgepArea) -> usize {
    match extensions.value("IPP") {
        Some(Value::Addresses(named)) => named.len(),
        None => 0,
        other => panic!("{other:?}"),
    }
}

fn caches(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("cache{number}.example.net:6346")).collect()
}

fn named_caches(extensions: &GgepArea) -> Vec<String> {
    match extensions.value("PHC") {
        Some(Value::Lines(lines)) => lines.split('\n').map(str::to_owned).collect(),
        None => Vec::new(),
        other => panic!("{other:?}"),
    }
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
    assert_eq!((wanted.hosts, wanted.room), (0, RoomFor::Anybody));
    let pong = wanted.pong(&OWN, &hosts(5), &caches(2)).unwrap();
    assert_eq!((pong.guid, pong.ttl, pong.hops), (GUID, 1, 0));
    let pong = Pong::decode(&pong.payload).unwrap();
    assert_eq!(SocketAddr::V4(pong.endpoint()), OWN.address);
    assert_eq!((pong.extensions.value("IPP"), pong.extensions.value("PHC")), (None, None));
    assert!(pong.extensions.value("UP").is_some());
}

/// PING-04, GGEP-55
#[test]
fn a_ping_that_asks_for_hosts_is_told_some() {
    assert_eq!(wanted(b"\xc3\x83SCP\x40").hosts, PONG_HOSTS_MAX);
    let short = wanted(b"\xc3\x83SCP\x41\x01");
    assert_eq!(named(&told(&short, &OWN, &hosts(1), &[])), 1);
    // Not all have room in three times the ping; in a longer one more have.
    let few = named(&told(&short, &OWN, &hosts(30), &[]));
    assert!((HOSTS_BEFORE_CACHES..PONG_HOSTS_MAX).contains(&few), "{few}");
    for offered in [PONG_HOSTS_MAX, PONG_HOSTS_MAX + 1] {
        let offered = hosts(offered.try_into().unwrap());
        assert_eq!(named(&told(&long_wanted(1), &OWN, &offered, &[])), PONG_HOSTS_MAX);
    }
}

/// BOOT-18
#[test]
fn a_ping_says_for_whom_there_is_to_be_room() {
    let room = |tail| wanted(tail).room;
    assert_eq!(room(b"\xc3\x83SCP\x40"), RoomFor::Anybody);
    for (leaves, ultrapeers) in [
        (&b"\xc3\x83SCP\x41\x00"[..], &b"\xc3\x83SCP\x41\x01"[..]),
        (b"\xc3\x83SCP\x41\x0e", b"\xc3\x83SCP\x41\x0f"),
        (b"\xc3\x83SCP\x41\xfe", b"\xc3\x83SCP\x41\xff"),
    ] {
        assert_eq!((room(leaves), room(ultrapeers)), (RoomFor::Leaves, RoomFor::Ultrapeers));
    }
}

/// BOOT-19
#[test]
fn a_ping_says_which_kinds_of_addresses_are_wanted() {
    let (v4, v6) = (host(1).ip(), "2a02:1::7".parse().unwrap());
    let mapped = "::ffff:81.2.3.4".parse().unwrap();
    for (flags, takes) in [
        (0x00, (true, false)),
        (0x03, (true, false)),
        (0x04, (true, true)),
        (0x08, (false, false)),
        (0x0c, (false, true)),
    ] {
        let wanted = long_wanted(flags);
        assert_eq!((wanted.takes(v4), wanted.takes(v6)), takes, "{flags:#x}");
        assert_eq!(wanted.takes(mapped), takes.0, "{flags:#x}");
    }
    assert!(wanted(b"\xc3\x83SCP\x40").takes(v4) && !wanted(b"\xc3\x83SCP\x40").takes(v6));
}

/// BOOT-19, GGEP-55
#[test]
fn hosts_of_ipv6_stand_in_a_list_of_their_own() {
    let v6: SocketAddr = "[2a02:1::7]:6347".parse().unwrap();
    let mut both = hosts(2);
    both.insert(1, NamedHost { address: v6, takes_tls: false });
    let extensions = told(&long_wanted(4), &OWN, &both, &[]);
    assert_eq!(named(&extensions), 2);
    let Some(Value::Addresses6(named6)) = extensions.value("IPP6") else { panic!("no IPP6") };
    assert_eq!(named6.iter().map(ToString::to_string).collect::<Vec<_>>(), [v6.to_string()]);
}

/// BOOT-20, GGEP-28
#[test]
fn a_bitmap_names_those_that_take_tls_where_that_is_wanted() {
    let bits = |flags, of: &[usize]| {
        let mut hosts = hosts(10);
        of.iter().for_each(|index| hosts[*index].takes_tls = true);
        hosts.push(NamedHost { address: "[2a02:1::7]:1".parse().unwrap(), takes_tls: true });
        hosts.swap(9, 10);
        hosts.truncate(10);
        let extensions = told(&long_wanted(flags), &OWN, &hosts, &[]);
        assert_eq!(named(&extensions), 9);
        ["IPP_TLS", "IPP6_TLS"].map(|id| match extensions.value(id) {
            Some(Value::Bitmap(bits)) => bits,
            None => Vec::new(),
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(bits(2, &[0, 2]), [vec![0b1010_0000], vec![0x80]]);
    assert_eq!(bits(2, &[7]), [vec![0b0000_0001], vec![0x80]]);
    assert_eq!(bits(2, &[0, 8]), [vec![0b1000_0000, 0b1000_0000], vec![0x80]]);
    assert_eq!(bits(2, &[]), [vec![], vec![0x80]]);
    assert_eq!(bits(0, &[0, 2]), [vec![0; 0], vec![]], "it was not asked for");
}

/// BOOT-21
#[test]
fn so_many_host_caches_are_named_and_not_one_more() {
    for count in [HOST_CACHES_NAMED_MAX, HOST_CACHES_NAMED_MAX + 1] {
        let extensions = told(&long_wanted(0), &OWN, &hosts(10), &caches(count));
        assert_eq!(named_caches(&extensions), caches(HOST_CACHES_NAMED_MAX));
        assert_eq!(named(&extensions), 10);
        assert!(extensions.value("DU").is_some() && extensions.value("VC").is_some());
    }
}

/// BOOT-21
#[test]
fn a_short_answer_has_five_hosts_then_caches_then_the_other_hosts() {
    let (mut before, mut seen) = ((0, 0), Vec::new());
    for filling in 0..120_usize {
        let len = u8::try_from(filling).unwrap();
        let length = [0x80 | (len >> 6), 0x40 | (len & 0x3f)];
        let filling = vec![b'-'; filling];
        let tail = [&b"\xc3\x03SCP\x41\x00\x81x"[..], &length, &filling].concat();
        let ping = Frame { payload: tail.into(), ..ping(1, 0) };
        let wanted = DatagramPings::default().ping(&ping, host(1), at(0)).unwrap();
        let extensions = told(&wanted, &OWN, &hosts(10), &caches(4));
        let now = (named(&extensions), named_caches(&extensions).len());
        assert!(extensions.value("UP").is_some());
        let is_whole = now == (10, 4);
        assert!(is_whole || extensions.value("DU").is_none(), "{now:?}");
        // No cache where one of the first hosts is left out, and each of them before further hosts.
        assert!(now.0 >= HOSTS_BEFORE_CACHES || now.1 == 0, "{now:?}");
        assert!(now.1 >= before.1 && (now.1 > before.1 || now.0 >= before.0), "{before:?} {now:?}");
        if now.1 > before.1 {
            seen.push(now.1);
        }
        before = now;
    }
    assert_eq!((before, seen), ((10, 4), vec![1, 2, 3, 4]));
}

/// BOOT-22
#[test]
fn a_host_cache_says_so_to_those_who_ask_for_hosts() {
    let cache = Own { is_host_cache: true, ..OWN };
    let scp = wanted(b"\xc3\x83SCP\x41\x01");
    let said = |wanted: &Wanted, own| told(wanted, own, &hosts(9), &[]).value("UDPHC");
    assert_eq!(said(&scp, &cache), Some(Value::Mark));
    assert_eq!(said(&scp, &OWN), None);
    assert_eq!(said(&wanted(b""), &cache), None);
    assert_eq!(said(&wanted(b"\xc3\x82QK\x40"), &cache), None);
}

proptest! {
    /// UDP-10: an answer has at most three bytes for one of the ping (A10 of the attacks).
    #[test]
    fn answers_stay_small(
        tail_len in 0..200_u8,
        flags in 0..16_u8,
        hosts in 0..40_u16,
        ipv6_hosts in 0..10_u16,
        caches_len in 0..6_usize,
        is_host_cache in any::<bool>(),
        is_ipv6 in any::<bool>(),
        kib in any::<u32>(),
        guess in any::<bool>(),
    ) {
        let length = [0x80 | (tail_len >> 6), 0x40 | (tail_len & 0x3f)];
        let filling = vec![b'-'; tail_len.into()];
        let scp = [b"\xc3\x03SCP\x41".as_slice(), &[flags], b"\x81x"].concat();
        let tail = [&scp[..], &length, &filling].concat();
        let asking = Frame { payload: tail.into(), ..ping(1, 0) };
        let address = if is_ipv6 { "[2a02:1::7]:6346".parse().unwrap() } else { OWN.address };
        let own = Own { address, kib, guess, is_host_cache, daily_uptime_s: kib, ..OWN };
        let mut hosts = self::hosts(hosts);
        hosts.iter_mut().for_each(|host| host.takes_tls = true);
        for number in 0..ipv6_hosts.min(hosts.len().try_into().unwrap()) {
            hosts[usize::from(number)].address = format!("[2a02:{number}::1]:7").parse().unwrap();
        }
        let wanted = DatagramPings::default().ping(&asking, host(1), at(0)).unwrap();
        prop_assert_eq!(wanted.hosts, PONG_HOSTS_MAX);
        if let Some(pong) = wanted.pong(&own, &hosts, &caches(caches_len)) {
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
