use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::address;
use crate::base::error::Malformed;
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the push ends early");

/// Asks a supernode that somebody who cannot be called shall call (FTWIRE-20).
///
/// ```text
///  0  4  number of the push
///  4  6  address of the requester
/// 10  6  address of the target, as it gave it
/// 16  6  address of the target's supernode
/// 22  n  user name of the target
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushRequest {
    pub id: u32,
    #[serde(serialize_with = "show::display")]
    pub requester: SocketAddrV4,
    #[serde(serialize_with = "show::display")]
    pub target: SocketAddrV4,
    #[serde(serialize_with = "show::display")]
    pub supernode: SocketAddrV4,
    /// As it came, which may be as [`harmless_user`](super::harmless_user) made it.
    #[serde(serialize_with = "legacy_text::serialize")]
    pub user: Bytes,
}

/// Asks a child to call somebody (FTWIRE-20).
///
/// ```text
/// 0  4  number of the push
/// 4  6  address of the requester
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Push {
    pub id: u32,
    #[serde(serialize_with = "show::display")]
    pub requester: SocketAddrV4,
}

impl PushRequest {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            id: reader.u32_be(CUT)?,
            requester: address::take(reader, CUT)?,
            target: address::take(reader, CUT)?,
            supernode: address::take(reader, CUT)?,
            user: payload.slice_ref(reader.take_rest()),
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        self.push().encode(out);
        address::put(out, self.target);
        address::put(out, self.supernode);
        out.put_slice(&self.user);
    }

    /// What the target is told.
    pub const fn push(&self) -> Push {
        Push { id: self.id, requester: self.requester }
    }
}

impl Push {
    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { id: reader.u32_be(CUT)?, requester: address::take(reader, CUT)? })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.id);
        address::put(out, self.requester);
    }
}
