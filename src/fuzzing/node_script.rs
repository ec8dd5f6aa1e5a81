use bytes::Bytes;

use super::splitter::Splitter;
use crate::gnutella::wire::{Frame, Function, Guid};

/// More would only make each run slower.
const OPS_MAX: usize = 200;

/// Times around which something is due.
const WAITS_MS: [u64; 16] = [
    0, 1, 100, 400, 1_000, 2_400, 4_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 180_000,
    600_000, 3_600_000,
];

const FUNCTIONS: [Function; 16] = [
    Function::QUERY,
    Function::QUERY,
    Function::QUERY,
    Function::QUERY_HIT,
    Function::QUERY_HIT,
    Function::PUSH,
    Function::PING,
    Function::PONG,
    Function::QUERY_TABLE,
    Function::QUERY_TABLE,
    Function::VENDOR,
    Function::VENDOR,
    Function::VENDOR_STANDARD,
    Function::HSEP,
    Function::BYE,
    Function(0x42),
];

const TTLS: [u8; 8] = [1, 2, 3, 4, 7, 0, 15, 255];
const HOPS: [u8; 8] = [0, 0, 0, 1, 2, 3, 14, 255];

/// Bodies that mean something; a choice beyond them takes bytes as they come.
const QUERIES: [&[u8]; 6] = [
    b"\x80\0winter light\0",
    b"\x90\0winter\0",
    b"\x84\0\0urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB\0",
    b"\0\0a\0",
    b"\x84\0winter light\0\xc3\x82SO\x40",
    b"\x84\0winter light and snow\0",
];
const HIT: &[u8] =
    b"\x01\xca\x18\x05\x05\x05\x05\0\0\0\0\x01\0\0\0\x10\0\0\0winter\0\0FILB\x02\x01\x01";
const PONG: &[u8] = b"\xca\x18\x06\x06\x06\x06\x05\0\0\0\x08\0\0\0";
const TABLES: [&[u8]; 5] = [
    b"\0\x10\0\0\0\x07",
    b"\0\0\0\x20\0\x02",
    b"\x01\x01\x01\0\x08\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa\xfa",
    b"\x01\x01\x02\0\x04\xaa\xaa\xaa\xaa",
    b"\x01\x02\x02\0\x04\xaa\xaa\xaa\xaa",
];
const VENDORS: [&[u8]; 8] = [
    b"BEAR\x04\0\x01\0\0",
    b"BEAR\x04\0\x01\0\xff",
    b"BEAR\x07\0\x01\0\xca\x18",
    b"BEAR\x0b\0\x01\0",
    b"BEAR\x0c\0\x01\0\xff\xff",
    b"LIME\x15\0\x01\0",
    b"LIME\x16\0\x02\0\x05\x05\x05\x05\xca\x18",
    b"\0\0\0\0\0\0\0\0\x04\0BEAR\x04\0\x01\0BEAR\x0b\0\x01\0BEAR\x0c\0\x01\0LIME\x15\0\x01\0",
];

/// What a node is when a run begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) is_ultrapeer: bool,
    pub(super) decides_itself: bool,
    pub(super) is_flood: bool,
    pub(super) dials: bool,
    pub(super) shares: bool,
    pub(super) seed: u64,
}

/// Something that happens to a node. Links are named by numbers, of which those count that are there.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// Somebody connects and asks for a link; it is opened if the node wants it.
    Connect {
        peer: u8,
        is_leaf: bool,
        is_old: bool,
    },
    /// Whom the node calls answers, or refuses by a code.
    Answer {
        is_there: bool,
        code: Option<u16>,
    },
    Close {
        link: u8,
    },
    Frame {
        link: u8,
        frame: Frame,
    },
    /// The link could not use a message.
    Broken {
        link: u8,
    },
    Datagram {
        peer: u8,
        bytes: Bytes,
    },
    /// A datagram of somebody who listens to what the node says.
    Stranger {
        peer: u8,
        kind: u8,
        about: u8,
    },
    Pass {
        wait_ms: u64,
    },
    /// A link takes so many messages.
    Transmit {
        link: u8,
        count: u8,
    },
    Search(u8),
    EndSearch(u8),
    Know(u8),
    Share(bool),
    /// A leaf tells what it has.
    Announce {
        link: u8,
        something: bool,
    },
    BeLeaf(bool),
    Observe(u8),
    /// What became of a connection that a push wanted, by the last three bits, and whom it led to by the others.
    CallbackEnded(u8),
    ShutDown,
}

/// ```text
/// byte 0   bit 0 ultrapeer, 1 it decides itself, 2 flood, 3 it calls others, 4 it shares
/// byte 1   seed
/// then operations, each with bit 0..3 of a byte as its name, and bit 4..7 as its choice:
///   0        somebody connects: choice of the address; a byte: bit 0 a leaf, bit 1 without extras
///   1        a call is answered: choice 0 by nobody, 1 by 503, 2 by 204, others accept
///   2        a link closes
///   3 to 9   a frame over the link of the choice, see `frame`
///   10       time passes, by choice
///   11       a link takes messages: a byte of how many
///   12       the user wants something, or the driver tells something, by choice and the next byte
///   13       a datagram: choice of the address, a piece; if that is empty, a byte of which kind, and one
///            of what it is about
///   14       something was measured, by the next byte
///   15       a broken message
/// ```
#[derive(Debug)]
pub(super) struct Script {
    pub(super) setup: Setup,
    pub(super) ops: Vec<Op>,
}

impl Script {
    pub(super) fn read(input: &[u8]) -> Self {
        let mut splitter = Splitter::new(input);
        let flags = splitter.byte();
        let has = |bit: u8| flags >> bit & 1 != 0;
        let setup = Setup {
            is_ultrapeer: has(0),
            decides_itself: has(1),
            is_flood: has(2),
            dials: has(3),
            shares: has(4),
            seed: splitter.byte().into(),
        };
        let mut ops = Vec::new();
        while !splitter.is_empty() && ops.len() < OPS_MAX {
            ops.push(op(&mut splitter));
        }
        Self { setup, ops }
    }
}

fn op(splitter: &mut Splitter<'_>) -> Op {
    let byte = splitter.byte();
    let (name, choice) = (byte & 0x0f, byte >> 4);
    match name {
        0 => {
            let flags = splitter.byte();
            Op::Connect { peer: choice, is_leaf: flags & 1 != 0, is_old: flags & 2 != 0 }
        }
        1 => {
            let code = match choice {
                1 => Some(503),
                2 => Some(204),
                _ => None,
            };
            Op::Answer { is_there: choice != 0, code }
        }
        2 => Op::Close { link: choice },
        3..=9 => Op::Frame { link: choice, frame: frame(splitter) },
        10 => Op::Pass { wait_ms: WAITS_MS[usize::from(choice)] },
        11 => Op::Transmit { link: choice, count: splitter.byte() },
        12 => command(choice, splitter.byte()),
        13 => datagram(choice, splitter),
        14 => Op::Observe(splitter.byte()),
        _ => Op::Broken { link: choice },
    }
}

fn datagram(peer: u8, splitter: &mut Splitter<'_>) -> Op {
    match splitter.piece() {
        [] => Op::Stranger { peer, kind: splitter.byte(), about: splitter.byte() },
        bytes => Op::Datagram { peer, bytes: Bytes::copy_from_slice(bytes) },
    }
}

fn command(choice: u8, number: u8) -> Op {
    match choice {
        0..=4 => Op::Search(number),
        5 => Op::EndSearch(number),
        6..=8 => Op::Know(number),
        9 => Op::Share(number & 1 != 0),
        10 => Op::Announce { link: number, something: number & 1 != 0 },
        11 | 12 => Op::BeLeaf(number & 1 != 0),
        13 => Op::ShutDown,
        14 => Op::CallbackEnded(number),
        _ => Op::Observe(number),
    }
}

/// Four bytes: function, TTL and hops, which GUID, which body; then perhaps a piece.
fn frame(splitter: &mut Splitter<'_>) -> Frame {
    let function = splitter.choose(&FUNCTIONS);
    let journey = splitter.byte();
    let (ttl, hops) = (TTLS[usize::from(journey & 7)], HOPS[usize::from(journey >> 3 & 7)]);
    let guid = splitter.byte();
    let body = splitter.byte();
    let payload = payload(function, body, splitter);
    Frame { guid: Guid([guid & 0x1f; 16]), function, ttl, hops, size_flags: None, payload }
}

fn payload(function: Function, body: u8, splitter: &mut Splitter<'_>) -> Bytes {
    if body >= 0xc0 {
        return Bytes::copy_from_slice(splitter.piece());
    }
    let number = usize::from(body);
    match function {
        Function::QUERY => Bytes::from_static(QUERIES[number % QUERIES.len()]),
        Function::QUERY_HIT => Bytes::from([HIT, &[body & 0x07; 16]].concat()),
        Function::PONG => Bytes::from_static(PONG),
        // To one of a few hosts; where it is meant for the node, that may have to call.
        Function::PUSH => {
            let host = [0, 0, 0, 0, 80, 1, body >> 3, 1, 0xca, 0x18];
            Bytes::from([&[body & 0x07; 16], &host[..]].concat())
        }
        Function::QUERY_TABLE => Bytes::from_static(TABLES[number % TABLES.len()]),
        Function::VENDOR | Function::VENDOR_STANDARD => {
            Bytes::from_static(VENDORS[number % VENDORS.len()])
        }
        _ => Bytes::new(),
    }
}
