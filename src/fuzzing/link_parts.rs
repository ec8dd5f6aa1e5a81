//! What the inputs of the targets for links are made of.

use std::net::{Ipv6Addr, SocketAddr};

use bytes::{Bytes, BytesMut};

use super::splitter::Splitter;
use crate::gnutella::link::{
    Decision, Feature, Profile, Question, Refusal, Role, StartLine, Version,
};
use crate::gnutella::wire::{Frame, Function, Guid};

/// Lengths around which something else happens; most are small, so that runs are fast.
const LENGTHS: [usize; 16] =
    [0, 1, 2, 3, 4, 14, 30, 100, 256, 257, 1_024, 1_025, 4_096, 4_097, 40_961, 65_535];

const TTLS: [u8; 4] = [1, 0, 2, 255];
const HOPS: [u8; 4] = [0, 0, 1, 255];

const FUNCTIONS: [Function; 16] = [
    Function::PING,
    Function::PONG,
    Function::BYE,
    Function::QUERY_TABLE,
    Function::VENDOR,
    Function::VENDOR_STANDARD,
    Function::PUSH,
    Function::RUDP,
    Function::DHT,
    Function::QUERY,
    Function::QUERY_HIT,
    Function::HSEP,
    Function(0x05),
    Function(0xff),
    Function::QUERY,
    Function::QUERY_HIT,
];

/// First lines of heads, and a header that decides much.
const HEADS: [(&str, &str); 16] = [
    ("GNUTELLA CONNECT/0.6", ""),
    ("GNUTELLA/0.6 200 OK", ""),
    ("GNUTELLA/0.6 200 OK", "X-Ultrapeer-Needed: False\r\n"),
    ("GNUTELLA/0.6 200 OK", "X-Ultrapeer-Needed: True\r\n"),
    ("GNUTELLA/0.6 200 OK", "X-Try-Ultrapeers: 203.0.113.1:6346,[2001:db8::1]:6346\r\n"),
    ("GNUTELLA/0.6 503 Full", "X-Try-Ultrapeers: 203.0.113.1:6346\r\n"),
    ("GNUTELLA/0.6 403 \u{1b}[31m", ""),
    ("GNUTELLA CONNECT/0.6", "Crawler: 0.1\r\n"),
    ("GNUTELLA CONNECT/0.6", "Accept: application/x-gnutella-packets\r\n"),
    ("GNUTELLA CONNECT/0.6", "Accept: application/x-gnutella2\r\n"),
    ("GNUTELLA CONNECT/0.6", "X-Auth-Challenge: x\r\n"),
    ("GNUTELLA CONNECT/0.7", "X-Query-Routing: 0.1\r\n"),
    ("GNUTELLA CONNECT/0.4", ""),
    ("GNUTELLA OK", ""),
    ("GNUTELLA/0.4 200 OK", ""),
    ("GNUTELLA/0.6 200 OK", "X-Query-Routing: 0.3\r\n"),
];

/// Headers of which each flag of a head puts one in.
const HEADERS: [&str; 7] = [
    "X-Ultrapeer: True\r\n",
    "X-Ultrapeer: False\r\n",
    "Accept-Encoding: deflate\r\n",
    "Content-Encoding: deflate\r\n",
    "Bye-Packet: 0.1\r\n",
    "Upgrade: TLS/1.0\r\n",
    "Connection: Upgrade\r\n",
];

/// What we are: bit 0 a leaf, bit 1 without inflating, bit 2 without deflating, bit 3 with TLS, bit 4
/// with everything that only some say, bit 5 with words that should not stand in a head.
pub(super) fn profile(flags: u8) -> Profile {
    let has = |bit: u8| flags >> bit & 1 != 0;
    let words =
        if has(5) { "two\nlines\r\nX-Ultrapeer: True\u{7}".repeat(40) } else { String::new() };
    let usual = Profile {
        user_agent: format!("Fuzzer/1.0{words}"),
        accepts_deflate: !has(1),
        sends_deflate: !has(2),
        upgrades_to_tls: has(3),
        ..Profile::new(if has(0) { Role::Leaf } else { Role::Ultrapeer })
    };
    if !has(4) {
        return usual;
    }
    let version = Version(0, 1);
    Profile {
        guid: Some(Guid([7; 16])),
        listen: Some(hosts(1)[0]),
        guess: Some(version),
        live_since: Some(format!("{words}Fri, 20 Nov 2026 15:53:34 +0000")),
        features: vec![
            Feature { name: format!("{words}browse"), version },
            Feature { name: "long".repeat(200), version },
            Feature { name: "last".repeat(100), version },
        ],
        ..usual
    }
}

/// One of the ways in which a node may decide.
pub(super) fn decision(choice: u8, question: Option<&Question>) -> Decision {
    let role = question.map_or(Role::Leaf, |question| question.role);
    let guidance = question.and_then(|question| question.guidance).unwrap_or(role);
    let other = Role::from_ultrapeer(role.is_leaf());
    let crawl = || Decision::Crawl { peers: hosts(choice.into()), leaves: hosts(200) };
    let is_by_crawler = question.is_some_and(|question| question.is_crawler);
    let guide = |needed, others| Decision::Accept {
        role,
        ultrapeer_needed: Some(needed),
        try_ultrapeers: hosts(others),
    };
    match choice & 0x0f {
        _ if is_by_crawler && choice & 1 != 0 => crawl(),
        13 => crawl(),
        0..=3 => Decision::accept(role),
        4 | 5 => Decision::accept(guidance),
        6 => Decision::accept(other),
        7 | 8 => guide(false, 0),
        9 => guide(true, 200),
        10 => Decision::Refuse(Refusal::no_room(hosts(20))),
        11 => {
            Decision::Refuse(Refusal::new(Refusal::BANNED, "no\rX-Ultrapeer: True\nand \u{1b}[2J"))
        }
        12 => Decision::Refuse(Refusal::new(Refusal::CONFLICT, "so it is ".repeat(300))),
        14 => Decision::Refuse(Refusal::new(StartLine::ACCEPTED, "so that it accepts")),
        _ => Decision::Refuse(Refusal::new(1_000, "")),
    }
}

fn hosts(count: u16) -> Vec<SocketAddr> {
    let ip = Ipv6Addr::new(0x2001, 0xdb8, 0x1234, 0x5678, 0x9abc, 0xdef0, 0x1234, 0x5678);
    (0..count).map(|number| SocketAddr::new(ip.into(), 60_000 + number)).collect()
}

/// A head: its first line, a header that decides much, and a header for each flag.
pub(super) fn head(choice: u8, flags: u8) -> Vec<u8> {
    let (start, header) = HEADS[usize::from(choice)];
    let chosen = HEADERS.iter().enumerate().filter(|&(index, _)| flags >> index & 1 != 0);
    let headers: String = chosen.map(|(_, &header)| header).collect();
    format!("{start}\r\n{header}{headers}\r\n").into_bytes()
}

/// A frame: its function by `choice`; then one byte for length (bit 0..3), TTL (4, 5) and hops (6, 7),
/// and one for the payload.
pub(super) fn frame(choice: u8, splitter: &mut Splitter<'_>) -> Frame {
    let (how, filling) = (splitter.byte(), splitter.byte());
    let len = LENGTHS[usize::from(how & 0x0f)];
    let payload: Bytes =
        (0..len).map(|at| filling.wrapping_mul(at.to_le_bytes()[0])).collect::<Vec<_>>().into();
    Frame {
        guid: Guid([filling; 16]),
        function: FUNCTIONS[usize::from(choice & 0x0f)],
        ttl: TTLS[usize::from(how >> 4 & 3)],
        hops: HOPS[usize::from(how >> 6)],
        // What is marked is no longer than the mark leaves room for.
        size_flags: (filling == 0xfe && how >> 6 == 1).then_some(1),
        payload,
    }
}

/// The frame as it stands on the wire.
pub(super) fn encoded(frame: &Frame) -> BytesMut {
    let mut bytes = BytesMut::new();
    frame.encode(&mut bytes);
    bytes
}
