use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::GgepArea;
use super::ggep::Place;
use crate::base::error::Faults;
use crate::base::reader::Expect;

const NOT_GGEP: Expect = Expect::new("PING-02", "the tail of the ping is no GGEP");

/// Asks who is there: empty, or nothing but GGEP (PING-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ping {
    #[serde(flatten)]
    pub extensions: GgepArea,
}

impl Ping {
    /// Any payload is a ping.
    pub fn decode(payload: &Bytes) -> Self {
        Self { extensions: GgepArea::new(payload.clone(), Place::Ping) }
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(self.extensions.as_bytes());
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        self.extensions.inspect_tail(0, NOT_GGEP, faults);
    }
}

/// A ping that asks for nothing more.
impl Default for Ping {
    fn default() -> Self {
        Self::decode(&Bytes::new())
    }
}

impl fmt::Display for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.extensions.summarise("", f)
    }
}
