//! How hits travel by UDP: indicated by whoever has them, claimed by whoever asked.

use std::fmt;

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::body::Fields;
use super::parts::{Sink, block};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::GgepArea;
use crate::gnutella::wire::ggep::Place;

const CLAIM_V2_CUT: Expect = Expect::new("VMSG-30", "the claim of hits has no number");
const CLAIM_V3_CUT: Expect = Expect::new("VMSG-31", "the claim of hits has no number");
const NO_TOKEN: Expect = Expect::new("VMSG-31", "the claim of hits has no GGEP block");
const INDICATION_V1_CUT: Expect = Expect::new("VMSG-32", "the indication of hits has no number");
const INDICATION_CUT: Expect = Expect::new("VMSG-33", "the indication of hits ends early");
const NO_VETO: Expect = Expect::new("VMSG-34", "the veto has no version");

const UNSOLICITED: u8 = 0x01;
const RELAYED: u8 = 0x02;

/// Says how many hits there are for a query, named by the GUID (VMSG-32, VMSG-33).
///
/// ```text
/// 0  1  number of hits
/// 1  1  flags, but not in version 1: 0x01 the sender gets UDP that it did not ask for,
///       0x02 the hits are other nodes'
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfBandIndication {
    pub hits: u8,
    flags: Option<u8>,
}

/// Asks for hits that were indicated (VMSG-30, VMSG-31).
///
/// ```text
/// 0  1  number of hits wanted, 255 all
/// 1  n  GGEP, in version 3 only: SO holds a token that will come back with the hits
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct OutOfBandClaim {
    pub wanted: u8,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<GgepArea>,
}

/// Tells an ultrapeer not to put its address into the queries of its leaf (VMSG-34).
///
/// ```text
/// 0  1  highest version of the out-of-band protocol that is refused, 0 none; absent: all
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct OutOfBandVeto {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vetoed: Option<u8>,
}

impl OutOfBandIndication {
    /// An indication of version 2 or 3.
    pub const fn new(hits: u8, unsolicited: bool, relayed: bool) -> Self {
        let unsolicited = if unsolicited { UNSOLICITED } else { 0 };
        let relayed = if relayed { RELAYED } else { 0 };
        Self { hits, flags: Some(unsolicited | relayed) }
    }

    pub(super) fn decode_v1(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { hits: body.u8(INDICATION_V1_CUT)?, flags: None })
    }

    pub(super) fn decode_v2(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { hits: body.u8(INDICATION_CUT)?, flags: Some(body.u8(INDICATION_CUT)?) })
    }

    /// The sender gets UDP that it did not ask for. Version 1 does not say.
    pub fn unsolicited(self) -> Option<bool> {
        self.flags.map(|flags| flags & UNSOLICITED != 0)
    }

    /// The hits are other nodes'. Version 1 does not say.
    pub fn relayed(self) -> Option<bool> {
        self.flags.map(|flags| flags & RELAYED != 0)
    }
}

impl OutOfBandClaim {
    pub(super) fn decode_v2(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { wanted: body.u8(CLAIM_V2_CUT)?, extensions: None })
    }

    /// A claim without a token is understood, though nobody will answer it.
    pub(super) fn decode_v3(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let wanted = body.u8(CLAIM_V3_CUT)?;
        let extensions = block(payload, body, Place::Vendor, NO_TOKEN);
        let extensions = extensions.unwrap_or_else(|_| GgepArea::new(Bytes::new(), Place::Vendor));
        Ok(Self { wanted, extensions: Some(extensions) })
    }
}

impl OutOfBandVeto {
    pub(super) fn decode(body: &mut Reader<'_>) -> Self {
        Self { vetoed: body.u8(NO_VETO).ok() }
    }
}

impl Fields for OutOfBandIndication {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.hits]);
        out.put(self.flags.as_slice());
    }
}

impl Fields for OutOfBandClaim {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.wanted]);
        if let Some(extensions) = &self.extensions {
            out.put(extensions.as_bytes());
        }
    }

    fn extensions(&self) -> Option<&GgepArea> {
        self.extensions.as_ref()
    }
}

impl Fields for OutOfBandVeto {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(self.vetoed.as_slice());
    }
}

impl Serialize for OutOfBandIndication {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("hits", &self.hits)?;
        if let (Some(unsolicited), Some(relayed)) = (self.unsolicited(), self.relayed()) {
            map.serialize_entry("unsolicited", &unsolicited)?;
            map.serialize_entry("relayed", &relayed)?;
        }
        map.end()
    }
}

impl fmt::Display for OutOfBandIndication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hits", self.hits)?;
        if self.unsolicited() == Some(true) {
            f.write_str(", unsolicited")?;
        }
        if self.relayed() == Some(true) {
            f.write_str(", relayed")?;
        }
        Ok(())
    }
}

impl fmt::Display for OutOfBandClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wanted {
            u8::MAX => f.write_str("all hits")?,
            wanted => write!(f, "{wanted} hits")?,
        }
        self.extensions.as_ref().map_or(Ok(()), |extensions| extensions.summarise(", ", f))
    }
}

impl fmt::Display for OutOfBandVeto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.vetoed {
            None => f.write_str("no version"),
            Some(0) => f.write_str("any version"),
            Some(version) => write!(f, "no version up to {version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VMSG-32, VMSG-33
    #[test]
    fn an_indication_has_flags_from_version_two_on() {
        let v1 = OutOfBandIndication::decode_v1(&mut Reader::new(b"\x07")).unwrap();
        assert_eq!(serde_json::to_string(&v1).unwrap(), r#"{"hits":7}"#);
        let v2 = |body| OutOfBandIndication::decode_v2(&mut Reader::new(body));
        assert_eq!(v2(b"\x07\x01"), Ok(OutOfBandIndication::new(7, true, false)));
        assert_eq!(v2(b"\x07\xff").unwrap().to_string(), "7 hits, unsolicited, relayed");
        assert_eq!(v2(b"\x07\xfc").unwrap().to_string(), "7 hits");
        let empty = OutOfBandIndication::decode_v1(&mut Reader::new(b"")).unwrap_err();
        assert_eq!(empty.rule.id(), "VMSG-32");
        assert_eq!(v2(b"\x07").unwrap_err().rule.id(), "VMSG-33");
    }

    /// VMSG-30, VMSG-31
    #[test]
    fn a_claim_has_a_token_in_version_three() {
        let payload = Bytes::from_static(b"\x02\xc3\x82SO\x44\xf9\xde\x87\x88");
        let v3 = OutOfBandClaim::decode_v3(&payload, &mut Reader::new(&payload)).unwrap();
        assert_eq!(v3.to_string(), "2 hits, GGEP(SO)");
        let v2 = OutOfBandClaim::decode_v2(&mut Reader::new(&payload)).unwrap();
        assert_eq!((v2.extensions, v2.wanted), (None, 2));
        let empty = || Reader::new(b"");
        let v2 = OutOfBandClaim::decode_v2(&mut empty()).unwrap_err();
        let v3 = OutOfBandClaim::decode_v3(&payload, &mut empty()).unwrap_err();
        assert_eq!([v2.rule.id(), v3.rule.id()], ["VMSG-30", "VMSG-31"]);
    }

    /// VMSG-31
    #[test]
    fn a_claim_whose_block_is_broken_leaves_it_alone() {
        let payload = Bytes::from_static(b"\xff\xc3\x82SO\x44\xf9");
        let mut body = Reader::new(&payload);
        let claim = OutOfBandClaim::decode_v3(&payload, &mut body).unwrap();
        assert_eq!((claim.to_string().as_str(), body.len()), ("all hits", 6));
        let shown = serde_json::to_string(&claim).unwrap();
        assert_eq!(shown, r#"{"wanted":255,"extensions":[]}"#);
    }

    /// VMSG-34
    #[test]
    fn a_veto_may_be_empty() {
        let veto = |body| OutOfBandVeto::decode(&mut Reader::new(body));
        assert_eq!(serde_json::to_string(&veto(b"")).unwrap(), "{}");
        assert_eq!(veto(b"\x02").vetoed, Some(2));
        assert_eq!(veto(b"\x02").to_string(), "no version up to 2");
    }
}
