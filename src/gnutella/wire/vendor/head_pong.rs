use std::fmt;
use std::num::NonZero;

use bytes::Bytes;
use serde::Serialize;

use super::body::Fields;
use super::parts::{Sink, block};
use super::{HeadPing, List, ListKind};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::ggep::Place;
use crate::gnutella::wire::{GgepArea, VendorCode};

/// The code of a servent that does not have the file.
const NOT_FOUND: u8 = 0;
/// The bit of the code that is set where the file is whole.
const COMPLETE: u8 = 0x01;

const CUT: Expect = Expect::new("VMSG-40", "the HEAD pong ends early");
const NOT_GGEP: Expect = Expect::new("VMSG-42", "the HEAD pong is no GGEP block");

/// Answers a HEAD ping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum HeadPong {
    /// Version 1.
    Binary(BinaryHeadPong),
    /// Version 2, which is a GGEP block and nothing else (VMSG-42).
    Ggep(GgepArea),
}

/// Answers a HEAD ping of version 1 (VMSG-40).
///
/// ```text
/// 0  1  flags: which lists follow
/// 1  1  code, as GGEP C; after 0, not found, nothing follows
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BinaryHeadPong {
    flags: u8,
    code: u8,
    #[serde(flatten)]
    found: Option<Found>,
}

/// What a servent says that has the file, or a part of it (VMSG-40, VMSG-41).
///
/// ```text
/// 2  4  vendor
/// 6  1  queue, as GGEP Q
/// 7  n  each list: 2 length, big-endian, and as many bytes
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    pub maker: VendorCode,
    pub queue: i8,
    /// As GGEP R; only where the file is not whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranges: Option<List>,
    /// As GGEP P.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_locations: Option<List>,
    /// As GGEP A.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternates: Option<List>,
}

impl HeadPong {
    pub(super) fn decode_v1(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (flags, code) = (body.u8(CUT)?, body.u8(CUT)?);
        let found = match code {
            NOT_FOUND => None,
            code => Some(Found::decode(flags, code, payload, body)?),
        };
        Ok(Self::Binary(BinaryHeadPong { flags, code, found }))
    }

    pub(super) fn decode_v2(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        block(payload, body, Place::HeadPong, NOT_GGEP).map(Self::Ggep)
    }
}

impl BinaryHeadPong {
    /// The servent has the file, or a part of it. The flags follow from the lists, and ranges of a
    /// whole file are left out.
    pub fn found(code: NonZero<u8>, mut found: Found) -> Self {
        let code = code.get();
        found.ranges = found.ranges.filter(|_| code & COMPLETE == 0);
        let flag = |list: &Option<List>, flag| if list.is_some() { flag } else { 0 };
        let flags = flag(&found.ranges, HeadPing::RANGES)
            | flag(&found.push_locations, HeadPing::PUSH_ALTERNATES)
            | flag(&found.alternates, HeadPing::ALTERNATES);
        Self { flags, code, found: Some(found) }
    }

    /// The servent does not have the file.
    pub const fn not_found() -> Self {
        Self { flags: 0, code: NOT_FOUND, found: None }
    }

    /// What the servent has, as GGEP C.
    pub const fn code(&self) -> u8 {
        self.code
    }

    /// What else it says, if it has the file.
    pub const fn as_found(&self) -> Option<&Found> {
        self.found.as_ref()
    }
}

impl Found {
    fn decode(
        flags: u8,
        code: u8,
        payload: &Bytes,
        body: &mut Reader<'_>,
    ) -> Result<Self, Malformed> {
        let maker = VendorCode(body.array(CUT)?);
        let queue = body.u8(CUT)?.cast_signed();
        let is_partial = code & COMPLETE == 0;
        let mut list =
            |is_there: bool, kind| is_there.then(|| List::decode(kind, payload, body)).transpose();
        Ok(Self {
            maker,
            queue,
            ranges: list(is_partial && flags & HeadPing::RANGES != 0, ListKind::Ranges)?,
            push_locations: list(flags & HeadPing::PUSH_ALTERNATES != 0, ListKind::PushLocations)?,
            alternates: list(flags & HeadPing::ALTERNATES != 0, ListKind::Alternates)?,
        })
    }
}

impl Fields for HeadPong {
    fn encode(&self, out: &mut dyn Sink) {
        let BinaryHeadPong { flags, code, found } = match self {
            Self::Ggep(extensions) => return out.put(extensions.as_bytes()),
            Self::Binary(pong) => pong,
        };
        out.put(&[*flags, *code]);
        let Some(found) = found else { return };
        out.put(&found.maker.0);
        out.put(&found.queue.to_be_bytes());
        for list in [&found.ranges, &found.push_locations, &found.alternates].into_iter().flatten()
        {
            list.encode(out);
        }
    }

    fn extensions(&self) -> Option<&GgepArea> {
        match self {
            Self::Ggep(extensions) => Some(extensions),
            Self::Binary(_) => None,
        }
    }
}

impl fmt::Display for HeadPong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ggep(extensions) => extensions.summarise("", f),
            Self::Binary(BinaryHeadPong { found: None, .. }) => f.write_str("not found"),
            Self::Binary(BinaryHeadPong { code, found: Some(found), .. }) => {
                write!(f, "code {code:#04x}, maker {}, queue {}", found.maker, found.queue)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    const LOCATION: &[u8] = b"\x010123456789abcdef\x01\x02\x03\x04\xca\x18";

    fn decode(payload: &Bytes) -> (Result<HeadPong, Malformed>, usize) {
        let mut body = Reader::new(payload);
        (HeadPong::decode_v1(payload, &mut body), body.len())
    }

    fn found() -> Found {
        Found {
            maker: VendorCode(*b"LIME"),
            queue: -3,
            ranges: List::new(ListKind::Ranges, Bytes::from_static(b"\0\0\0\x01\0\0\0\x09")),
            push_locations: List::new(ListKind::PushLocations, Bytes::from_static(LOCATION)),
            alternates: List::new(ListKind::Alternates, Bytes::new()),
        }
    }

    fn code(code: u8) -> NonZero<u8> {
        NonZero::new(code).unwrap()
    }

    fn encoded(pong: BinaryHeadPong) -> Bytes {
        let mut out = BytesMut::new();
        HeadPong::Binary(pong).encode(&mut out);
        out.freeze()
    }

    /// VMSG-40, VMSG-41
    #[test]
    fn a_binary_pong_has_the_lists_that_its_flags_announce() {
        let pong = BinaryHeadPong::found(code(0x02), found());
        let payload = encoded(pong.clone());
        assert_eq!(payload[..9], *b"\x07\x02LIME\xfd\x00\x08");
        assert_eq!(decode(&payload), (Ok(HeadPong::Binary(pong.clone())), 0));
        assert_eq!(
            serde_json::to_string(&pong).unwrap(),
            concat!(
                r#"{"flags":7,"code":2,"maker":"LIME","queue":-3,"ranges":[[1,9]],"push_locations":"#,
                r#"[{"servent":"30313233343536373839616263646566","features":0,"#,
                r#""firewall_transfer":0,"proxies":["1.2.3.4:6346"]}],"alternates":[]}"#
            )
        );
    }

    /// VMSG-41
    #[test]
    fn a_whole_file_has_no_ranges_whatever_the_flags() {
        let payload = encoded(BinaryHeadPong::found(code(0x01), found()));
        assert_eq!(payload[0], HeadPing::ALTERNATES | HeadPing::PUSH_ALTERNATES);
        let flagged = Bytes::from_static(b"\x01\x01LIME\x7f");
        let (pong, rest_len) = decode(&flagged);
        assert_eq!(
            (pong.unwrap().to_string().as_str(), rest_len),
            ("code 0x01, maker LIME, queue 127", 0)
        );
    }

    /// VMSG-40
    #[test]
    fn nothing_follows_where_the_file_is_not_found() {
        let payload = Bytes::from_static(b"\x07\x00LIME");
        let (pong, rest_len) = decode(&payload);
        assert_eq!((pong.unwrap().to_string().as_str(), rest_len), ("not found", 4));
        assert_eq!(encoded(BinaryHeadPong::not_found())[..], [0, 0]);
    }

    /// VMSG-40, VMSG-41
    #[test]
    fn a_pong_that_is_cut_is_refused() {
        let payload = encoded(BinaryHeadPong::found(code(0x02), found()));
        for len in 0..payload.len() {
            let rule = decode(&payload.slice(..len)).0.unwrap_err().rule.id();
            assert_eq!(rule, if len < 7 { "VMSG-40" } else { "VMSG-41" });
        }
        let uneven = Bytes::from_static(b"\x02\x01LIME\x00\x00\x05\x01\x02\x03\x04\x05");
        assert_eq!(decode(&uneven).0.unwrap_err().rule.id(), "VMSG-41");
    }

    /// VMSG-42
    #[test]
    fn a_pong_of_version_two_is_one_block() {
        let payload = Bytes::from_static(b"\xc3\x81C\x41\x00more");
        let mut body = Reader::new(&payload);
        let pong = HeadPong::decode_v2(&payload, &mut body).unwrap();
        assert_eq!((pong.to_string().as_str(), body.len()), ("GGEP(C)", 4));
        let fault = HeadPong::decode_v2(&payload, &mut Reader::new(b"C")).unwrap_err();
        assert_eq!(fault.rule.id(), "VMSG-42");
    }
}
