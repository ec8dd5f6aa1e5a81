use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::body::Fields;
use super::node_load::{Bandwidth, Dropped, Hits, Processor};
use super::parts::{Sink, block};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::gnutella::wire::ggep::Place;
use crate::gnutella::wire::{GgepArea, VendorCode};

const REQUEST_CUT: Expect = Expect::new("VMSG-20", "the question about the node ends early");
const CUT: Expect = Expect::new("VMSG-21", "the information about the node ends early");

const BANDWIDTH: u32 = 0x10;
const DROPPED: u32 = 0x20;
const HITS: u32 = 0x40;
const PROCESSOR: u32 = 0x80;

/// Asks a node about itself (VMSG-20).
///
/// ```text
/// 0  4  flags, big-endian
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NodeInfoRequest {
    pub flags: u32,
}

/// What a node says of itself (VMSG-21, VMSG-22). All numbers are big-endian.
///
/// ```text
/// 4  vendor
/// 1  mode
/// 4  answer flags
/// 4  operating flags
/// 1  number of feature words
/// 4  each feature word
/// 1  ultrapeers at most
/// 1  ultrapeers at most as a leaf
/// 1  ultrapeers now
/// 2  leaves at most
/// 2  leaves now
/// 1  TTL
/// 1  highest TTL
/// 4  time of the start
/// 4  time of the last change of address
/// n  bandwidth, dropped, hits, processor: each if the answer flags say so
/// n  GGEP, perhaps none
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeInfo {
    pub maker: VendorCode,
    pub mode: u8,
    /// Says which parts follow: it must fit them.
    pub answer_flags: u32,
    pub operating_flags: u32,
    /// At most 255; what is beyond that is not sent.
    pub features: Vec<u32>,
    pub ultrapeers_max: u8,
    pub ultrapeers_max_as_leaf: u8,
    pub ultrapeers: u8,
    pub leaves_max: u16,
    pub leaves: u16,
    pub ttl: u8,
    pub hard_ttl: u8,
    pub started: u32,
    pub address_changed: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<Bandwidth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Dropped>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hits: Option<Hits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
    #[serde(flatten)]
    pub extensions: Option<GgepArea>,
}

impl NodeInfoRequest {
    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { flags: body.u32_be(REQUEST_CUT)? })
    }
}

impl NodeInfo {
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (maker, mode) = (VendorCode(body.array(CUT)?), body.u8(CUT)?);
        let (answer_flags, operating_flags) = (body.u32_be(CUT)?, body.u32_be(CUT)?);
        let features_count = usize::from(body.u8(CUT)?);
        let features = body.take(features_count.saturating_mul(4), CUT)?;
        let has = |flag: u32| answer_flags & flag != 0;
        Ok(Self {
            maker,
            mode,
            answer_flags,
            operating_flags,
            features: features.as_chunks().0.iter().map(|word| u32::from_be_bytes(*word)).collect(),
            ultrapeers_max: body.u8(CUT)?,
            ultrapeers_max_as_leaf: body.u8(CUT)?,
            ultrapeers: body.u8(CUT)?,
            leaves_max: body.u16_be(CUT)?,
            leaves: body.u16_be(CUT)?,
            ttl: body.u8(CUT)?,
            hard_ttl: body.u8(CUT)?,
            started: body.u32_be(CUT)?,
            address_changed: body.u32_be(CUT)?,
            bandwidth: has(BANDWIDTH).then(|| Bandwidth::decode(body)).transpose()?,
            dropped: has(DROPPED).then(|| Dropped::decode(body)).transpose()?,
            hits: has(HITS).then(|| Hits::decode(body)).transpose()?,
            processor: has(PROCESSOR).then(|| Processor::decode(body)).transpose()?,
            extensions: block(payload, body, Place::Vendor, CUT).ok(),
        })
    }

    fn encode_fixed(&self, out: &mut dyn Sink) {
        let features_count = u8::try_from(self.features.len()).unwrap_or(u8::MAX);
        out.put(&self.maker.0);
        out.put(&[self.mode]);
        out.put(&self.answer_flags.to_be_bytes());
        out.put(&self.operating_flags.to_be_bytes());
        out.put(&[features_count]);
        self.features
            .iter()
            .take(features_count.into())
            .for_each(|word| out.put(&word.to_be_bytes()));
        out.put(&[self.ultrapeers_max, self.ultrapeers_max_as_leaf, self.ultrapeers]);
        out.put(&self.leaves_max.to_be_bytes());
        out.put(&self.leaves.to_be_bytes());
        out.put(&[self.ttl, self.hard_ttl]);
        out.put(&self.started.to_be_bytes());
        out.put(&self.address_changed.to_be_bytes());
    }
}

impl Fields for NodeInfoRequest {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&self.flags.to_be_bytes());
    }
}

impl Fields for NodeInfo {
    fn encode(&self, out: &mut dyn Sink) {
        self.encode_fixed(out);
        self.bandwidth.into_iter().for_each(|part| part.encode(out));
        self.dropped.into_iter().for_each(|part| part.encode(out));
        self.hits.into_iter().for_each(|part| part.encode(out));
        self.processor.into_iter().for_each(|part| part.encode(out));
        if let Some(extensions) = &self.extensions {
            out.put(extensions.as_bytes());
        }
    }

    fn extensions(&self) -> Option<&GgepArea> {
        self.extensions.as_ref()
    }
}

impl fmt::Display for NodeInfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flags {:#x}", self.flags)
    }
}

impl fmt::Display for NodeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { maker, ultrapeers, ultrapeers_max, leaves, leaves_max, .. } = self;
        write!(f, "{maker}, {ultrapeers} of {ultrapeers_max} ultrapeers")?;
        write!(f, ", {leaves} of {leaves_max} leaves")?;
        self.extensions.as_ref().map_or(Ok(()), |extensions| extensions.summarise(", ", f))
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;

    fn info() -> NodeInfo {
        NodeInfo {
            maker: VendorCode(*b"GTKG"),
            mode: 2,
            answer_flags: BANDWIDTH | DROPPED | HITS | PROCESSOR,
            operating_flags: 0x0102_0304,
            features: vec![1, 0x8000_0000],
            ultrapeers_max: 32,
            ultrapeers_max_as_leaf: 3,
            ultrapeers: 30,
            leaves_max: 0x0102,
            leaves: 7,
            ttl: 4,
            hard_ttl: 15,
            started: 1_600_000_000,
            address_changed: 1_600_000_001,
            bandwidth: Some(Bandwidth {
                flags: 1,
                incoming: 2,
                outgoing: 3,
                leaves_in: 4,
                leaves_out: 5,
            }),
            dropped: Some(Dropped { sent: 6, received: 7 }),
            hits: Some(Hits {
                results_max: 8,
                files: 9,
                tcp: 10,
                udp: 11,
                tcp_bytes: 12,
                udp_bytes: u64::MAX,
            }),
            processor: Some(Processor { user_ms: 13, system_ms: 14 }),
            extensions: None,
        }
    }

    fn encoded(info: &NodeInfo) -> Bytes {
        let mut out = BytesMut::new();
        info.encode(&mut out);
        out.freeze()
    }

    fn decode(payload: &Bytes) -> Result<NodeInfo, Malformed> {
        NodeInfo::decode(payload, &mut Reader::new(payload))
    }

    /// VMSG-20
    #[test]
    fn a_request_has_four_bytes_of_flags() {
        let request = |body| NodeInfoRequest::decode(&mut Reader::new(body));
        assert_eq!(request(b"\0\0\x01\x02"), Ok(NodeInfoRequest { flags: 0x0102 }));
        assert_eq!(request(b"\0\0\x01").unwrap_err().rule.id(), "VMSG-20");
    }

    /// VMSG-21, VMSG-22
    #[test]
    fn what_is_cut_belongs_to_the_fixed_part_or_to_an_announced_one() {
        let payload = encoded(&info());
        assert_eq!(payload[14..22], *b"\0\0\0\x01\x80\0\0\0");
        assert_eq!(decode(&payload), Ok(info()));
        let fixed_len = payload.len() - 18 - 8 - 30 - 16;
        assert_eq!(fixed_len, 39);
        for len in 0..payload.len() {
            let rule = decode(&payload.slice(..len)).unwrap_err().rule.id();
            assert_eq!(rule, if len < fixed_len { "VMSG-21" } else { "VMSG-22" });
        }
    }

    /// VMSG-22
    #[test]
    fn only_announced_parts_are_read_and_then_a_block() {
        let (answer_flags, bandwidth) = (DROPPED, None);
        let plain = NodeInfo {
            answer_flags,
            bandwidth,
            hits: None,
            processor: None,
            extensions: Some(GgepArea::new(Bytes::from_static(b"\xc3\x82UP\x40"), Place::Vendor)),
            ..info()
        };
        assert_eq!(decode(&encoded(&plain)), Ok(plain.clone()));
        let shown = plain.to_string();
        assert_eq!(shown, "GTKG, 30 of 32 ultrapeers, 7 of 258 leaves, GGEP(UP)");
    }
}
