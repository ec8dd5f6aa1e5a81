//! Nothing that comes from a forged address has more sent there (A9, A10 of the attacks).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::DATAGRAM_DEBT_MAX;
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::vendor::{Body, MessageId, OutOfBandIndication};
use filbert::gnutella::wire::{Frame, Function, Vendor};
use filbert::node::{Command, RolePolicy};

use super::{chain, claim, guid_of, ping, send, sent, sent_len, stranger};
use crate::support::messages::{frame, guid};
use crate::support::net::{Net, address};

/// What pings ask for.
const PINGS: [&[u8]; 5] = [
    b"",
    b"\xc3\x82QK\x40",
    b"\xc3\x83SCP\x41\x01",
    b"\xc3\x03SCP\x41\x01\x82QK\x40",
    // All that can be asked for, and no host but those of IPv6.
    b"\xc3\x03SCP\x41\x0e\x82QK\x40",
];

/// An ultrapeer that knows many hosts and host caches, and says that it is one.
fn ultrapeer() -> (Net, usize) {
    let mut net = Net::new();
    for _ in 0..2 {
        net.add_with(RolePolicy::Always(Role::Ultrapeer), |config| {
            (config.dials, config.is_host_cache) = (false, true);
        });
    }
    net.connect(0, 1);
    net.run(120);
    let at = 1;
    net.share(at, &["winter night.ogg"]);
    let v6 = (0..99).map(|number| format!("[2a02:{number}::7]:6346").parse().unwrap());
    net.command(at, Command::Know((20..200).map(address).chain(v6).collect()));
    let caches = (0..9).map(|number| format!("cache{number}.example.net:6346"));
    net.command(at, Command::NameHostCaches(caches.collect()));
    net.places[at].lost.clear();
    (net, at)
}

fn victim(last: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(9, 9, 9, last)), 6_346)
}

/// PING-12: in a laboratory all hosts may have one address, and a victim there is its own.
#[test]
fn private_addresses_are_answered_each_time_in_a_laboratory_only() {
    for (allow_private, from, expected) in [
        (true, "127.0.0.1:6346", 3),
        (true, "192.168.1.7:6346", 3),
        (true, "9.9.9.9:6346", 1),
        (false, "127.0.0.1:6346", 0),
        (false, "9.9.9.9:6346", 1),
    ] {
        let mut net = Net::new();
        let role = RolePolicy::Always(Role::Ultrapeer);
        let at = net.add_with(role, |config| config.allow_private = allow_private);
        for number in 0..3 {
            send(&mut net, at, from.parse().unwrap(), &ping(number, PINGS[0]));
        }
        assert_eq!(sent(&net, at, 0).len(), expected, "{from} {allow_private}");
    }
}

/// A10, UDP-33, PING-12: three bytes for one, once in ten seconds, and none for nothing after that.
#[test]
fn pings_of_one_address_gain_three_bytes_for_one_once() {
    for extensions in PINGS {
        let (mut net, at) = ultrapeer();
        let (mut received, mut before) = (0, 0);
        for second in 0..3_600 {
            let len = send(&mut net, at, stranger(), &ping(second, extensions));
            received += len;
            let sent = sent_len(&net, at, before);
            before = net.places[at].lost.len();
            assert!(sent <= 3 * len, "{sent} for {len}");
            net.run(1);
        }
        assert!(before > 10, "it is answered all the same");
        let sent = sent_len(&net, at, 0);
        assert!(sent <= received, "{sent} for {received}");
    }
}

/// A10, UDP-33: as seldom as each of them would be answered. Over time no more bytes go there than come,
/// but for those that go at first.
#[test]
fn pings_of_one_address_gain_nothing_if_they_come_seldom() {
    for every_s in [10, 60, 61, 120, 300] {
        let (mut net, at) = ultrapeer();
        let mut received = 0;
        for number in 0..200 {
            received += send(&mut net, at, stranger(), &ping(number, PINGS[3]));
            let sent = sent_len(&net, at, 0);
            let sent_max = received + DATAGRAM_DEBT_MAX;
            assert!(sent <= sent_max, "every {every_s} s: {sent} for {received}");
            net.run(every_s);
        }
        assert!(sent_len(&net, at, 0) * 4 > received, "they are answered all the same");
    }
}

/// A10, UDP-33: those of other services, and those of a house.
#[test]
fn pings_from_where_no_servent_is_are_not_answered() {
    for (from, is_answered) in [
        ("9.9.9.9:53", false),
        ("9.9.9.9:1023", false),
        ("9.9.9.9:1024", true),
        ("192.168.1.1:6346", false),
        ("127.0.0.1:6346", false),
        ("224.0.0.1:6346", false),
        ("255.255.255.255:6346", false),
    ] {
        for extensions in PINGS {
            let (mut net, at) = ultrapeer();
            send(&mut net, at, from.parse().unwrap(), &ping(1, extensions));
            assert_eq!(sent_len(&net, at, 0) > 0, is_answered, "{from}");
        }
    }
}

/// A10, UDP-33: many forged addresses of one network.
#[test]
fn pings_of_a_whole_network_gain_a_few_bytes_once() {
    let (mut net, at) = ultrapeer();
    let mut received = 0;
    for minute in 0..30 {
        for last in 0..=255 {
            let number = minute * 256 + u32::from(last);
            received += send(&mut net, at, victim(last), &ping(number, PINGS[2]));
            let sent = sent_len(&net, at, 0);
            assert!(sent <= received + DATAGRAM_DEBT_MAX, "{sent} for {received}");
        }
        net.run(60);
    }
    // What goes on at first is lost among what comes.
    assert!(sent_len(&net, at, 0) * 100 <= received * 101);
}

/// A9, OOB-02: a query names a victim. What it is told is no longer than the query.
#[test]
fn queries_that_name_a_victim_have_no_more_sent_to_it() {
    let mut net = Net::new();
    let [asker, at] = chain(&mut net);
    net.share(at, &["winter night.ogg", "winter light.ogg"]);
    net.places[at].lost.clear();
    let texts: [&[u8]; 4] = [
        b"\x84\0winter\0",
        b"\x84\0winter\0\xc3\x82SO\x40",
        b"\x84\0winter night\0\xc3\x82SO\x40",
        b"\x80\0winter\0\x1c\xc3\x82SO\x40",
    ];
    let mut received = 0;
    for number in 0..240_u32 {
        let payload = texts[number as usize % texts.len()];
        let query = frame(guid_of(number, stranger()), Function::QUERY, 1, payload);
        received += query.wire_len();
        net.forge(asker, at, Frame { hops: 1, ..query });
        net.run(20);
    }
    let sent = sent_len(&net, at, 0);
    assert!(sent > 0 && sent <= received, "{sent} for {received}");
}

/// The files of a node from which a victim would get more than an attacker sends.
fn holder(net: &mut Net) -> (usize, usize) {
    let [asker, at] = chain(net);
    let names: Vec<String> =
        (0..30).map(|number| format!("winter {} {number:03}.ogg", "x".repeat(200))).collect();
    net.share(at, &names.iter().map(String::as_str).collect::<Vec<_>>());
    net.places[at].lost.clear();
    (asker, at)
}

/// A query that wants hits by UDP, and the claim that goes with it: of version 2 and 3 by turns.
fn forged(number: u32, victim: SocketAddr) -> (Frame, Frame) {
    let (payload, token): (&[u8], &[u8]) = match number % 2 {
        0 => (b"\x84\0winter\0\xc3\x82SO\x40", b"abcd"),
        _ => (b"\x84\0winter xxx\0", b""),
    };
    let guid = guid_of(number, victim);
    let query = Frame { hops: 1, ..frame(guid, Function::QUERY, 1, payload) };
    (query, claim(guid, 255, token))
}

/// A9, OOB-10: whoever makes a query knows what a claim needs, and forges that too. However it goes on, no
/// more bytes go to the victim than the queries and the claims had.
#[test]
fn forged_claims_have_no_more_sent_to_a_victim() {
    for (every_s, each, ports) in [(0, 200, 1), (1, 240, 4), (30, 100, 1), (70, 100, 2)] {
        let mut net = Net::new();
        let (asker, at) = holder(&mut net);
        let (mut received, mut pings) = (0, 0);
        for number in 0..each {
            let victim =
                SocketAddr::new(victim(7).ip(), 6_346 + u16::try_from(number % ports).unwrap());
            let (query, claim) = forged(number, victim);
            received += query.wire_len();
            net.forge(asker, at, query);
            assert!(sent_len(&net, at, 0) <= received, "query {number} every {every_s} s");
            // Whoever has seen no ping guesses.
            for message in [&claim, &claim, &frame(claim.guid, Function::PONG, 1, vec![0; 14])] {
                received += send(&mut net, at, victim, message);
                assert!(sent_len(&net, at, 0) <= received, "claim {number} every {every_s} s");
            }
            net.run(every_s);
        }
        net.run(600);
        for (to, frame) in sent(&net, at, 0) {
            assert_eq!(to.ip(), victim(7).ip());
            assert_ne!(frame.function, Function::QUERY_HIT);
            pings += usize::from(frame.function == Function::PING);
        }
        assert!(pings > 0 && sent_len(&net, at, 0) <= received, "every {every_s} s");
    }
}

/// A9, OOB-03: claims from ports that no query has named are nobody's.
#[test]
fn claims_from_other_ports_have_nothing_sent() {
    let mut net = Net::new();
    let (asker, at) = holder(&mut net);
    for number in 0..32 {
        let (query, claim) = forged(number, victim(7));
        net.forge(asker, at, query);
        let before = net.places[at].lost.len();
        for port in [1_024, 6_345, 6_347, 50_000] {
            send(&mut net, at, SocketAddr::new(victim(7).ip(), port), &claim);
        }
        assert_eq!(net.places[at].lost.len(), before);
    }
    assert!(sent_len(&net, at, 0) > 0, "it was told of hits");
}

/// A10, UDP-33, OOB-10: the pings for claims and the pongs for pings, of one network.
#[test]
fn forged_claims_and_pings_together_gain_a_few_bytes_once() {
    let mut net = Net::new();
    let (asker, at) = holder(&mut net);
    net.command(at, Command::Know((20..200).map(address).collect()));
    net.places[at].lost.clear();
    let mut received = 0;
    for round in 0..10 {
        for last in 0..50_u8 {
            let number = round * 50 + u32::from(last);
            let (query, claim) = forged(number, victim(last));
            received += query.wire_len();
            net.forge(asker, at, query);
            for message in [&ping(number, PINGS[3]), &claim] {
                received += send(&mut net, at, victim(last), message);
            }
            let sent = sent_len(&net, at, 0);
            assert!(sent <= received + DATAGRAM_DEBT_MAX, "{sent} for {received}");
        }
        net.run(90);
    }
    assert!(sent(&net, at, 0).iter().any(|(_, frame)| frame.function == Function::PONG));
    assert!(sent(&net, at, 0).iter().any(|(_, frame)| frame.function == Function::PING));
}

/// A9, GUESS-02: queries by UDP without the right key.
#[test]
fn queries_without_a_right_key_have_no_more_sent() {
    let (mut net, at) = ultrapeer();
    for (number, payload) in (0..).zip([
        &b"\x80\0winter\0"[..],
        b"\x80\0winter\0\xc3\x82QK\x44abcd",
        b"\x80\0winter night\0\xc3\x82QK\x44abcd",
        b"\x80\0winter night and day\0\xc3\x82QK\x50abcdefghijklmnop",
        b"\x80\0winter\0\xc3\x82QK\x40",
    ]) {
        for again in 0..20 {
            let before = net.places[at].lost.len();
            let query = frame(guid(100 * number + again), Function::QUERY, 1, payload);
            let len = send(&mut net, at, stranger(), &query);
            assert!(sent_len(&net, at, before) <= len, "{}", payload.escape_ascii());
        }
    }
    net.run(60);
}

/// A9, OOB-07: hits are claimed for searches that run, and once of each host. The claim is eight bytes
/// longer than what tells of hits, which is as it must be.
#[test]
fn indications_have_one_claim_sent_for_a_search() {
    let mut net = Net::new();
    let [at, _, last] = chain(&mut net);
    net.search(at, "winter night");
    net.run(10);
    let asked = net.frames(last, Function::QUERY)[0].guid;
    net.places[at].lost.clear();
    let mut received = 0;
    for number in 0..100 {
        let body = Body::OutOfBandIndication(OutOfBandIndication::new(2, false, false));
        let told = Vendor::new(MessageId::OUT_OF_BAND_INDICATION_V3, body);
        let told = told.into_frame(if number % 2 == 0 { asked } else { guid(number) });
        received = send(&mut net, at, stranger(), &told);
    }
    assert_eq!(net.places[at].lost.len(), 1);
    assert!(sent_len(&net, at, 0) <= received + 8);
}

/// A9: what comes in datagrams has nothing sent where it is nobody's.
#[test]
fn datagrams_of_a_leafs_kind_have_nothing_sent_at_all() {
    let mut net = Net::new();
    let parent = net.add(Role::Ultrapeer);
    let leaf = net.add(Role::Leaf);
    net.connect(leaf, parent);
    net.run(60);
    net.places[leaf].lost.clear();
    for function in 0..=255 {
        if Function(function) != Function::PING {
            let payload = b"\x80\0winter\0\xc3\x82QK\x44abcd".as_slice();
            send(&mut net, leaf, stranger(), &frame(guid(1), Function(function), 1, payload));
        }
    }
    assert_eq!(sent_len(&net, leaf, 0), 0);
}
