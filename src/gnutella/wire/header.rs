use std::fmt;

use super::Guid;
use crate::base::error::Malformed;
use crate::base::limits::{BYE_LEN_MAX, OTHER_PAYLOAD_LEN_MAX, PAYLOAD_LEN_MAX, QUERY_LEN_MAX};
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

/// Bytes in the header of a descriptor.
pub const HEADER_LEN: usize = 23;

const CUT: Expect = Expect::new("FRAME-03", "the header ends early");

const TOO_LONG: Expect = Expect::new("SIZE-01", "the payload length is over 65,535");
const QUERY_TOO_LONG: Expect = Expect::new("SIZE-03", "the query is over 1,024 bytes");
const OTHER_TOO_LONG: Expect = Expect::new("SIZE-06", "the payload is over 40,960 bytes");
const BYE_TOO_LONG: Expect = Expect::new("SIZE-07", "the bye is over 4,096 bytes");

/// Where the payload length stands.
const LENGTH_OFFSET: usize = 19;
/// In the length word: the upper half holds flags (FRAME-17).
const SIZE_MARK: u32 = 0x8000_0000;

/// The first 23 bytes of every descriptor (FRAME-01).
///
/// ```text
///  0  16  GUID of the descriptor
/// 16   1  function
/// 17   1  TTL: links that it may still cross
/// 18   1  hops: links that it has crossed
/// 19   4  payload length, little-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub guid: Guid,
    pub function: Function,
    pub ttl: u8,
    pub hops: u8,
    pub payload_len: u32,
    /// Bits 16 to 30 of the length word where its bit 31 is set (FRAME-17).
    pub size_flags: Option<u16>,
}

impl Header {
    /// Reads the header at the front of `bytes`; what follows it is not looked at.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let guid = Guid(reader.array(CUT)?);
        let function = Function(reader.u8(CUT)?);
        let (ttl, hops) = (reader.u8(CUT)?, reader.u8(CUT)?);
        let (payload_len, size_flags) = split_length(reader.u32_le(CUT)?);
        Ok(Self { guid, function, ttl, hops, payload_len, size_flags })
    }

    /// The header as it stands on the wire.
    pub const fn encode(&self) -> [u8; HEADER_LEN] {
        let Guid([g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, ga, gb, gc, gd, ge, gf]) = self.guid;
        let [l0, l1, l2, l3] = join_length(self.payload_len, self.size_flags).to_le_bytes();
        [
            g0,
            g1,
            g2,
            g3,
            g4,
            g5,
            g6,
            g7,
            g8,
            g9,
            ga,
            gb,
            gc,
            gd,
            ge,
            gf, //
            self.function.0,
            self.ttl,
            self.hops,
            l0,
            l1,
            l2,
            l3,
        ]
    }

    /// The payload length, unless it is beyond what any descriptor may have. Without it there is
    /// no finding the next header.
    pub fn framed_payload_len(&self) -> Result<usize, Malformed> {
        let too_long = TOO_LONG.broken_at(LENGTH_OFFSET);
        if self.payload_len > PAYLOAD_LEN_MAX && !mutant!(WaitsForAnyLength) {
            return Err(too_long);
        }
        usize::try_from(self.payload_len).map_err(|_| too_long)
    }

    /// Whether the payload is longer than one of this function may be. A link asks before it waits
    /// for the payload, and closes if so.
    pub fn check_size(&self) -> Result<(), Malformed> {
        let (limit, too_long) = match self.function {
            Function::QUERY => (QUERY_LEN_MAX, QUERY_TOO_LONG),
            Function::BYE => (BYE_LEN_MAX, BYE_TOO_LONG),
            Function::QUERY_HIT => (PAYLOAD_LEN_MAX, TOO_LONG),
            _ => (OTHER_PAYLOAD_LEN_MAX, OTHER_TOO_LONG),
        };
        if mutant!(WaitsForAnyLength) {
            return Ok(());
        }
        if self.payload_len > PAYLOAD_LEN_MAX {
            return Err(TOO_LONG.broken_at(LENGTH_OFFSET));
        }
        if self.payload_len > limit {
            return Err(too_long.broken_at(LENGTH_OFFSET));
        }
        Ok(())
    }
}

const fn split_length(word: u32) -> (u32, Option<u16>) {
    if word & SIZE_MARK == 0 {
        return (word, None);
    }
    let [l0, l1, l2, l3] = word.to_le_bytes();
    let flags = u16::from_le_bytes([l2, l3 & 0x7f]);
    (u16::from_le_bytes([l0, l1]) as u32, Some(flags))
}

const fn join_length(payload_len: u32, size_flags: Option<u16>) -> u32 {
    match size_flags {
        None => payload_len,
        Some(flags) => payload_len & 0xffff | (flags as u32) << 16 | SIZE_MARK,
    }
}

/// What functions without a name are called.
const UNKNOWN_NAME: &str = "unknown";

/// What a descriptor is for. Unknown codes stay representable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Function(pub u8);

impl Function {
    pub const PING: Self = Self(0x00);
    pub const PONG: Self = Self(0x01);
    pub const BYE: Self = Self(0x02);
    pub const QUERY_TABLE: Self = Self(0x30);
    pub const VENDOR: Self = Self(0x31);
    pub const VENDOR_STANDARD: Self = Self(0x32);
    pub const PUSH: Self = Self(0x40);
    pub const RUDP: Self = Self(0x41);
    pub const DHT: Self = Self(0x44);
    pub const QUERY: Self = Self(0x80);
    pub const QUERY_HIT: Self = Self(0x81);
    pub const HSEP: Self = Self(0xcd);

    /// True for the functions that have a name.
    pub fn is_known(self) -> bool {
        self.name() != UNKNOWN_NAME
    }

    /// The name that people and programs see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PING => "ping",
            Self::PONG => "pong",
            Self::BYE => "bye",
            Self::QUERY_TABLE => "query_table",
            Self::VENDOR => "vendor",
            Self::VENDOR_STANDARD => "vendor_standard",
            Self::PUSH => "push",
            Self::RUDP => "rudp",
            Self::DHT => "dht",
            Self::QUERY => "query",
            Self::QUERY_HIT => "query_hit",
            Self::HSEP => "hsep",
            Self(_) => UNKNOWN_NAME,
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(0x{:02x})", self.name(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_code_survives_the_round_trip() {
        for code in 0..=u8::MAX {
            let header = Header {
                guid: Guid([code; 16]),
                function: Function(code),
                ttl: code,
                hops: !code,
                payload_len: u32::from(code) << 8,
                size_flags: None,
            };
            assert_eq!(Header::decode(&header.encode()), Ok(header));
        }
    }
}
