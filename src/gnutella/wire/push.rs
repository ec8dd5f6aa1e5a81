use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::ggep::Place;
use super::{GgepArea, Guid};
use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};

/// Bytes before the extensions.
const FIXED_LEN: usize = 26;

const CUT: Expect = Expect::new("PUSH-02", "the push ends early");
const NOT_GGEP: Expect = Expect::new("PUSH-06", "the tail of the push is no GGEP");

/// Asks a servent that cannot be reached to connect to somebody (PUSH-01).
///
/// ```text
///  0  16  GUID of the servent that shall connect
/// 16   4  index of the file, little-endian
/// 20   4  IPv4 address to connect to
/// 24   2  port to connect to, little-endian
/// 26   n  GGEP
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Push {
    pub servent: Guid,
    pub index: u32,
    pub address: Ipv4Addr,
    pub port: u16,
    #[serde(flatten)]
    pub extensions: GgepArea,
}

impl Push {
    /// The index that asks for a transfer between two firewalled servents.
    pub const FIREWALL_TRANSFER_INDEX: u32 = 0x7fff_fffd;

    /// Fails only where the fixed part is cut.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        Ok(Self {
            servent: Guid(reader.array(CUT)?),
            index: reader.u32_le(CUT)?,
            address: Ipv4Addr::from(reader.array(CUT)?),
            port: reader.u16_le(CUT)?,
            extensions: GgepArea::new(payload.slice_ref(reader.rest()), Place::Push),
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&self.servent.0);
        out.put_u32_le(self.index);
        out.put_slice(&self.address.octets());
        out.put_u16_le(self.port);
        out.put_slice(self.extensions.as_bytes());
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        self.extensions.inspect_tail(FIXED_LEN, NOT_GGEP, faults);
    }
}

impl fmt::Display for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = SocketAddrV4::new(self.address, self.port);
        write!(f, "servent {} to {target}, file {}", self.servent, self.index)?;
        self.extensions.summarise(", ", f)
    }
}
