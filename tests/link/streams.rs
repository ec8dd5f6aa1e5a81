//! What one side of a connection sends, right and wrong, and the link that reads it.
use std::io::Write;
use std::sync::Arc;

use filbert::gnutella::link::{Link, Profile, Role};
use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression};

use super::support::pair::{ACCEPTING_AT, CONNECTING_AT};
use super::trace::NOW;

/// Functions of messages.
pub const PING: u8 = 0x00;
pub const BYE: u8 = 0x02;
pub const QUERY_TABLE: u8 = 0x30;
pub const VENDOR: u8 = 0x31;
pub const DHT: u8 = 0x44;
pub const QUERY: u8 = 0x80;
pub const QUERY_HIT: u8 = 0x81;

/// How our link came about. It deflates, inflates and upgrades to TLS where the other side would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The other side called us, an ultrapeer.
    Called,
    /// We, a leaf, called the other side.
    Calling,
}

impl Way {
    pub fn link(self) -> Link {
        let role = if self == Self::Called { Role::Ultrapeer } else { Role::Leaf };
        let profile = Arc::new(Profile { upgrades_to_tls: true, ..Profile::new(role) });
        match self {
            Self::Called => Link::accept(profile, CONNECTING_AT, NOW),
            Self::Calling => Link::connect(profile, ACCEPTING_AT, NOW),
        }
    }
}

/// A head with CRLF at the end of each line.
pub fn head(lines: &[&str]) -> Vec<u8> {
    format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

/// Request of a leaf that understands Bye and can upgrade to TLS.
pub fn leaf_request() -> Vec<u8> {
    head(&["GNUTELLA CONNECT/0.6", "X-Ultrapeer: False", "Bye-Packet: 0.1", "Upgrade: TLS/1.0"])
}

/// The same with a last head behind it.
pub fn leaf(last: &[&str]) -> Vec<u8> {
    [leaf_request(), head(&[&["GNUTELLA/0.6 200 OK"], last].concat())].concat()
}

/// Answer of an ultrapeer that understands Bye.
pub fn ultrapeer(headers: &[&str]) -> Vec<u8> {
    let answer = ["GNUTELLA/0.6 200 OK", "X-Ultrapeer: True", "Bye-Packet: 0.1"];
    head(&[&answer, headers].concat())
}

/// A message with TTL 1 and hops 0.
pub fn message(function: u8, payload: &[u8]) -> Vec<u8> {
    message_with(function, 1, 0, payload.len(), payload)
}

/// A message whose header says what it likes.
pub fn message_with(function: u8, ttl: u8, hops: u8, len: usize, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(len).expect("a length fits its word").to_le_bytes();
    [&[0x5a; 16][..], &[function, ttl, hops], &len, payload].concat()
}

/// Five messages as a peer of any kind may send them.
pub fn messages() -> Vec<u8> {
    [
        message(PING, b""),
        message(QUERY, b"\xe0\0query\0urn:\0"),
        message(QUERY_HIT, &[b'h'; 90]),
        message(VENDOR, b"BEAR\x04\0\x01\0\x04"),
        message(QUERY_TABLE, &[0, 0, 0, 1, 0, 7]),
    ]
    .concat()
}

/// One zlib stream that is flushed and goes on for ever.
pub fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("memory takes everything");
    encoder.flush().expect("memory takes everything");
    encoder.get_ref().clone()
}

/// The same, but each part is flushed behind it.
pub fn deflated_in_parts(parts: &[&[u8]]) -> Vec<u8> {
    let compress = Compress::new_with_window_bits(Compression::fast(), true, 10);
    let mut encoder = ZlibEncoder::new_with_compress(Vec::new(), compress);
    for part in parts {
        encoder.write_all(part).expect("memory takes everything");
        encoder.flush().expect("memory takes everything");
    }
    encoder.get_ref().clone()
}

/// A zlib stream with its end.
pub fn ended(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// A stream with a block of a kind that does not exist behind what can be read.
pub fn damaged(plain: &[u8]) -> Vec<u8> {
    [deflated(plain), vec![0x06], plain.to_vec()].concat()
}
