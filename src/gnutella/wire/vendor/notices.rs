//! Notices of one vendor to its own servents, which others can read all the same.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::body::Fields;
use super::parts::Sink;
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::base::show::{self, Quoted};

/// Bytes of the shortest signature.
const SIGNATURE_LEN_MIN: usize = 8;

const RELEASE_CUT: Expect = Expect::new("VMSG-23", "the notice of a release ends early");
const NO_TEXT: Expect = Expect::new("VMSG-43", "the update of headers is empty");

/// There is a new release of gtk-gnutella (VMSG-23). Nobody else can check the signature.
///
/// ```text
/// 0  4  revision, big-endian
/// 4  4  date in seconds since 1970, big-endian
/// 8  n  signature, at least 8 bytes
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    pub revision: u32,
    pub date: u32,
    #[serde(serialize_with = "show::hex")]
    pub signature: Bytes,
}

/// Headers of the handshake have new values (VMSG-43).
///
/// ```text
/// 0  n  lines of name=value, at least one byte
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeaderUpdate {
    #[serde(serialize_with = "show::text")]
    pub text: Bytes,
}

impl Release {
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (revision, date) = (body.u32_be(RELEASE_CUT)?, body.u32_be(RELEASE_CUT)?);
        let signature_len = body.len().max(SIGNATURE_LEN_MIN);
        let signature = payload.slice_ref(body.take(signature_len, RELEASE_CUT)?);
        Ok(Self { revision, date, signature })
    }
}

impl HeaderUpdate {
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let text_len = body.len().max(1);
        Ok(Self { text: payload.slice_ref(body.take(text_len, NO_TEXT)?) })
    }
}

impl Fields for Release {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&self.revision.to_be_bytes());
        out.put(&self.date.to_be_bytes());
        out.put(&self.signature);
    }
}

impl Fields for HeaderUpdate {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&self.text);
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature_len = self.signature.len();
        write!(f, "revision {}, {signature_len} bytes of signature", self.revision)
    }
}

impl fmt::Display for HeaderUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Quoted(&self.text).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-23
    #[test]
    fn a_release_has_a_signature_of_eight_bytes_or_more() {
        let payload = Bytes::from_static(b"\x00\x00\x55\x44\x60\x00\x00\x00sign_me!");
        let release = Release::decode(&payload, &mut Reader::new(&payload)).unwrap();
        assert_eq!((release.revision, release.date), (0x5544, 0x6000_0000));
        assert_eq!(release.signature, b"sign_me!"[..]);
        let cut = payload.slice(..15);
        let fault = Release::decode(&cut, &mut Reader::new(&cut)).unwrap_err();
        assert_eq!(fault.rule.id(), "VMSG-23");
    }

    /// VMSG-43
    #[test]
    fn an_update_of_headers_is_text() {
        let payload = Bytes::from_static(b"X-Degree=32\n");
        let update = HeaderUpdate::decode(&payload, &mut Reader::new(&payload)).unwrap();
        assert_eq!(update.to_string(), r#""X-Degree=32\n""#);
        let fault = HeaderUpdate::decode(&payload, &mut Reader::new(&[])).unwrap_err();
        assert_eq!(fault.rule.id(), "VMSG-43");
    }
}
