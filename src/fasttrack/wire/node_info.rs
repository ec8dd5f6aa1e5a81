use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::{Bandwidth, address};
use crate::base::error::Malformed;
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "who the node is ends early");

/// Says who one is (FTWIRE-15).
///
/// ```text
/// 0  6  address; port 0 if the node does not listen
/// 6  1  bandwidth
/// 7  1  0x00
/// 8  n  user name
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeInfo {
    #[serde(serialize_with = "show::display")]
    pub address: SocketAddrV4,
    pub bandwidth: Bandwidth,
    /// As it came: before it is shown or sent on, see [`harmless_user`](super::harmless_user).
    #[serde(serialize_with = "legacy_text::serialize")]
    pub user: Bytes,
}

impl NodeInfo {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let address = address::take(reader, CUT)?;
        let [bandwidth, _] = reader.array(CUT)?;
        let user = payload.slice_ref(reader.take_rest());
        Ok(Self { address, bandwidth: Bandwidth(bandwidth), user })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        address::put(out, self.address);
        out.put_slice(&[self.bandwidth.0, 0]);
        out.put_slice(&self.user);
    }
}
