use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::body::Fields;
use super::parts::{Sink, block};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::GgepArea;
use crate::gnutella::wire::ggep::Place;

const NOT_GGEP: Expect = Expect::new("VMSG-44", "the body is no GGEP block");

/// Asks or tells whether a file is permitted (VMSG-44).
///
/// ```text
/// 0  n  GGEP: S1 the file; SV in the answer
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Content {
    #[serde(flatten)]
    pub extensions: GgepArea,
}

impl Content {
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { extensions: block(payload, body, Place::Vendor, NOT_GGEP)? })
    }
}

impl Fields for Content {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(self.extensions.as_bytes());
    }

    fn extensions(&self) -> Option<&GgepArea> {
        Some(&self.extensions)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.extensions.summarise("", f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-44
    #[test]
    fn the_body_is_one_block() {
        let payload = Bytes::from_static(b"\xc3\x82SV\x41\x01\xc3\x82SV\x41\x01");
        let mut body = Reader::new(&payload);
        let content = Content::decode(&payload, &mut body).unwrap();
        assert_eq!((content.to_string().as_str(), body.offset()), ("GGEP(SV)", 6));
        for broken in [&b""[..], b"\xc3", b"\xc3\x82SV\x41", b"SV"] {
            let fault = Content::decode(&payload, &mut Reader::new(broken)).unwrap_err();
            assert_eq!(fault.rule.id(), "VMSG-44");
        }
    }
}
