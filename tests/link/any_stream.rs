//! Strategies for what a peer may send: valid and broken, plain and deflated, in any pieces.
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::streams::{
    BYE, DHT, PING, QUERY, QUERY_HIT, QUERY_TABLE, VENDOR, Way, damaged, deflated,
    deflated_in_parts, ended, leaf, leaf_request, message_with, ultrapeer,
};

/// Headers of answers and last heads that change what follows.
const HEADERS: [&str; 4] =
    ["Accept-Encoding: deflate", "Upgrade: TLS/1.0", "Connection: Upgrade", "X-Query-Routing: 0.1"];

/// What a peer sends, to which kind of link, and where the network cuts it.
#[derive(Clone, Debug)]
pub struct AnyStream {
    pub way: Way,
    pub bytes: Vec<u8>,
    cuts: Vec<Index>,
}

impl AnyStream {
    /// The bytes as they arrive. Pieces may be empty.
    pub fn pieces(&self) -> Vec<&[u8]> {
        let mut cuts: Vec<_> =
            self.cuts.iter().map(|cut| cut.index(self.bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut rest = (0, &self.bytes[..]);
        let mut pieces = Vec::new();
        for at in cuts {
            let (piece, after) = rest.1.split_at(at - rest.0);
            pieces.push(piece);
            rest = (at, after);
        }
        pieces.push(rest.1);
        pieces
    }
}

/// Heads that mostly open a link, then whatever a peer may send, in up to a dozen pieces.
pub fn any_stream() -> impl Strategy<Value = AnyStream> {
    let cuts = vec(any::<Index>(), 0..12);
    (any_way(), any_opening(), any_body(), any_damage(), cuts).prop_map(
        |(way, opening, (is_deflated, body), damage, cuts)| {
            let mut bytes = [opening.of(way, is_deflated), body].concat();
            let len = bytes.len();
            for (at, byte) in damage.iter().filter(|_| len > 0) {
                bytes[at.index(len)] = *byte;
            }
            AnyStream { way, bytes, cuts }
        },
    )
}

/// Bytes that are changed, mostly none.
fn any_damage() -> impl Strategy<Value = Vec<(Index, u8)>> {
    prop_oneof![3 => Just(Vec::new()), 1 => vec((any::<Index>(), any::<u8>()), 1..3)]
}

pub fn any_way() -> impl Strategy<Value = Way> {
    select(vec![Way::Called, Way::Calling])
}

/// How the heads of a peer look.
#[derive(Clone, Debug)]
enum Opening {
    /// With these headers in the head that is not the request.
    Whole(Vec<&'static str>),
    /// A request, and what should be a last head.
    Odd(Vec<u8>),
    Missing,
}

impl Opening {
    fn of(self, way: Way, is_deflated: bool) -> Vec<u8> {
        let deflated = ["Content-Encoding: deflate"].into_iter().filter(|_| is_deflated);
        match (self, way) {
            (Self::Whole(headers), Way::Called) => {
                leaf(&deflated.chain(headers).collect::<Vec<_>>())
            }
            (Self::Whole(headers), Way::Calling) => {
                ultrapeer(&deflated.chain(headers).collect::<Vec<_>>())
            }
            (Self::Odd(last), Way::Called) => [leaf_request(), last].concat(),
            (Self::Odd(last), Way::Calling) => last,
            (Self::Missing, _) => Vec::new(),
        }
    }
}

fn any_opening() -> impl Strategy<Value = Opening> {
    prop_oneof![
        12 => subsequence(&HEADERS[..], 0..=HEADERS.len()).prop_map(Opening::Whole),
        1 => "GNUTELLA/0.6 [0-9]{3} [a-z]{0,5}\r\n([A-Z]: [a-z]{0,9}\r\n){0,5}\r\n"
            .prop_map(|head| Opening::Odd(head.into_bytes())),
        1 => Just(Opening::Missing),
    ]
}

/// Messages, and whether they are announced as deflated, which is seldom a lie.
fn any_body() -> impl Strategy<Value = (bool, Vec<u8>)> {
    let lies = prop_oneof![15 => Just(false), 1 => Just(true)];
    (vec(any_message(), 0..8), 0..7_u8, lies).prop_map(|(messages, packing, lies)| {
        let plain = messages.concat();
        let body = match packing {
            0..=2 => plain,
            3 => deflated(&plain),
            4 => deflated_in_parts(&messages.iter().map(Vec::as_slice).collect::<Vec<_>>()),
            5 => ended(&plain),
            _ => damaged(&plain),
        };
        ((packing > 2) != lies, body)
    })
}

/// A message, or what looks like one.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let function = select(vec![PING, BYE, QUERY_TABLE, VENDOR, DHT, QUERY, QUERY_HIT, 0x99]);
    let hops = prop_oneof![9 => Just(0), 1 => any::<u8>()];
    let payload = prop_oneof![
        8 => vec(any::<u8>(), 4..200),
        1 => vec(any::<u8>(), 0..4),
        1 => (0..9_000_usize).prop_map(|len| vec![0; len]),
    ];
    let surplus = prop_oneof![9 => Just(0), 1 => select(vec![1, 300, 5_000, 70_000, 1 << 31])];
    let valid = (function, 0..3_u8, hops, payload, surplus).prop_map(
        |(function, ttl, hops, payload, surplus)| {
            message_with(function, ttl, hops, payload.len() + surplus, &payload)
        },
    );
    prop_oneof![15 => valid, 1 => vec(any::<u8>(), 0..80)]
}
