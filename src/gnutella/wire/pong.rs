use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::GgepArea;
use super::ggep::Place;
use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};

/// Bytes before the extensions.
const FIXED_LEN: usize = 14;

const CUT: Expect = Expect::new("PONG-02", "the pong ends early");
const NOT_GGEP: Expect = Expect::new("PONG-04", "the tail of the pong is no GGEP");

/// Tells who is there, and how much they share (PONG-01).
///
/// ```text
///  0  2  port, little-endian
///  2  4  IPv4 address
///  6  4  files shared, little-endian
/// 10  4  KiB shared, little-endian
/// 14  n  GGEP
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pong {
    pub port: u16,
    pub address: Ipv4Addr,
    pub files: u32,
    pub kib: u32,
    #[serde(flatten)]
    pub extensions: GgepArea,
}

impl Pong {
    /// Fails only where the fixed part is cut.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        Ok(Self {
            port: reader.u16_le(CUT)?,
            address: Ipv4Addr::from(reader.array(CUT)?),
            files: reader.u32_le(CUT)?,
            kib: reader.u32_le(CUT)?,
            extensions: GgepArea::new(payload.slice_ref(reader.rest()), Place::Pong),
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u16_le(self.port);
        out.put_slice(&self.address.octets());
        out.put_u32_le(self.files);
        out.put_u32_le(self.kib);
        out.put_slice(self.extensions.as_bytes());
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        self.extensions.inspect_tail(FIXED_LEN, NOT_GGEP, faults);
    }

    /// Where the servent listens, if it listens by IPv4.
    pub const fn endpoint(&self) -> SocketAddrV4 {
        SocketAddrV4::new(self.address, self.port)
    }
}

impl fmt::Display for Pong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} files, {} KiB", self.endpoint(), self.files, self.kib)?;
        self.extensions.summarise(", ", f)
    }
}
