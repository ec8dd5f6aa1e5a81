//! Vendor messages: what one vendor added to the protocol, and others took up.

mod id;

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

pub use id::MessageId;

use crate::base::error::{Faults, Malformed};
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("VMSG-01", "the head of the vendor message is cut");

/// A vendor message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Vendor {
    #[serde(flatten)]
    pub id: MessageId,
    #[serde(flatten)]
    pub body: Body,
    #[serde(serialize_with = "show::hex", skip_serializing_if = "Bytes::is_empty")]
    pub rest: Bytes,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// A message that is not known here.
    Open(#[serde(serialize_with = "show::hex")] Bytes),
}

impl Vendor {
    /// Fails where the head is cut, or the body of a known message is.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let id = MessageId::from_bytes(reader.array(CUT)?);
        Ok(Self { id, body: Body::Open(payload.slice_ref(reader.rest())), rest: Bytes::new() })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&self.id.to_bytes());
        match &self.body {
            Body::Open(body) => out.put_slice(body),
        }
        out.put_slice(&self.rest);
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, _faults: &mut Faults) {}
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}
