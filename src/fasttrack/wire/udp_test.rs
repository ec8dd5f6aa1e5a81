use std::net::SocketAddrV4;

use bytes::{BufMut, BytesMut};
use serde::Serialize;

use super::address;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the UDP test ends early");

/// A node that is to be reached by UDP (FTWIRE-21).
///
/// ```text
/// 0  6  its address
/// 6  4  id
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct UdpTest {
    #[serde(serialize_with = "show::display")]
    pub address: SocketAddrV4,
    pub id: u32,
}

impl UdpTest {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { address: address::take(reader, CUT)?, id: reader.u32_be(CUT)? })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        address::put(out, self.address);
        out.put_u32(self.id);
    }
}
