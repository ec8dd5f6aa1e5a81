use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the configuration ends before its revision");

/// A signed configuration, which a node neither sends nor obeys (FTWIRE-24).
///
/// ```text
/// 0  4  revision
/// 4  n  blocks and a signature, which nobody reads here
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NetworkConfig {
    pub revision: u32,
    #[serde(serialize_with = "show::hex")]
    pub body: Bytes,
}

impl NetworkConfig {
    pub(super) fn decode(payload: &Bytes, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let revision = reader.u32_be(CUT)?;
        Ok(Self { revision, body: payload.slice_ref(reader.take_rest()) })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u32(self.revision);
        out.put_slice(&self.body);
    }
}
