//! How a crawler learns whom a node is connected to.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::body::Fields;
use super::parts::Sink;
use super::{Agents, Entries};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};

const PING_CUT: Expect = Expect::new("VMSG-24", "the crawler ping ends early");
const PONG_CUT: Expect = Expect::new("VMSG-25", "the crawler pong ends early");

/// Asks whom a node is connected to (VMSG-24).
///
/// ```text
/// 0  1  ultrapeers wanted, 255 all
/// 1  1  leaves wanted, 255 all
/// 2  1  features: what to tell of them
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CrawlerPing {
    pub ultrapeers: u8,
    pub leaves: u8,
    pub features: u8,
}

/// Tells whom a node is connected to (VMSG-25, VMSG-26, VMSG-27).
///
/// ```text
/// 0  1  number of ultrapeers
/// 1  1  number of leaves
/// 2  1  features that are granted
///    4  average uptime in seconds, little-endian, with feature 0x10
///    1  status in the DHT, with feature 0x40
///    n  entries of ultrapeers, then of leaves
///    n  user agents, with feature 0x08
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrawlerPong {
    /// Says which parts follow: it must fit them.
    pub features: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uptime: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dht_status: Option<u8>,
    pub ultrapeers: Entries,
    pub leaves: Entries,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<Agents>,
}

impl CrawlerPing {
    /// How long each is connected.
    pub const MINUTES: u8 = 0x01;
    /// Which language its user prefers.
    pub const LANGUAGE: u8 = 0x02;
    /// Only those who can be asked themselves.
    pub const CRAWLABLE: u8 = 0x04;
    /// Which program it is.
    pub const AGENTS: u8 = 0x08;
    /// How long the node itself usually runs.
    pub const UPTIME: u8 = 0x10;
    /// How many replies came from it.
    pub const REPLIES: u8 = 0x20;
    /// What the node itself does in the DHT.
    pub const DHT_STATUS: u8 = 0x40;

    pub(super) fn decode(body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [ultrapeers, leaves, features] = body.array(PING_CUT)?;
        Ok(Self { ultrapeers, leaves, features })
    }
}

impl CrawlerPong {
    /// User agents that cannot be read are left alone (VMSG-27).
    pub(super) fn decode(payload: &Bytes, body: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [ultrapeers, leaves, features] = body.array(PONG_CUT)?;
        let has = |feature: u8| features & feature != 0;
        Ok(Self {
            features,
            uptime: has(CrawlerPing::UPTIME).then(|| body.u32_le(PONG_CUT)).transpose()?,
            dht_status: has(CrawlerPing::DHT_STATUS).then(|| body.u8(PONG_CUT)).transpose()?,
            ultrapeers: Entries::decode(features, ultrapeers, payload, body)?,
            leaves: Entries::decode(features, leaves, payload, body)?,
            agents: has(CrawlerPing::AGENTS).then(|| Agents::decode(payload, body)).flatten(),
        })
    }
}

impl Fields for CrawlerPing {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.ultrapeers, self.leaves, self.features]);
    }
}

impl Fields for CrawlerPong {
    fn encode(&self, out: &mut dyn Sink) {
        out.put(&[self.ultrapeers.count(), self.leaves.count(), self.features]);
        if let Some(uptime) = self.uptime {
            out.put(&uptime.to_le_bytes());
        }
        out.put(self.dht_status.as_slice());
        out.put(self.ultrapeers.packed());
        out.put(self.leaves.packed());
        if let Some(agents) = &self.agents {
            out.put(agents.as_bytes());
        }
    }
}

impl fmt::Display for CrawlerPing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ultrapeers, leaves, features } = self;
        write!(f, "{ultrapeers} ultrapeers and {leaves} leaves wanted, features {features:#04x}")
    }
}

impl fmt::Display for CrawlerPong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ultrapeers, leaves) = (self.ultrapeers.count(), self.leaves.count());
        write!(f, "{ultrapeers} ultrapeers, {leaves} leaves")?;
        self.agents.as_ref().map_or(Ok(()), |_| f.write_str(", user agents"))
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::*;
    use crate::gnutella::wire::vendor::Entry;

    fn pong() -> CrawlerPong {
        let entry = |address: &str| Entry {
            address: address.parse().unwrap(),
            minutes: None,
            language: None,
            replies: None,
        };
        let features = CrawlerPing::UPTIME | CrawlerPing::DHT_STATUS | CrawlerPing::AGENTS;
        CrawlerPong {
            features,
            uptime: Some(0x0102_0304),
            dht_status: Some(2),
            ultrapeers: Entries::new(features, ["1.1.1.1:1", "2.2.2.2:2"].map(entry)),
            leaves: Entries::new(features, ["3.3.3.3:3"].map(entry)),
            agents: Agents::new([&b"LimeWire/5"[..], b"us/1"]),
        }
    }

    fn encoded(pong: &CrawlerPong) -> Bytes {
        let mut out = BytesMut::new();
        pong.encode(&mut out);
        out.freeze()
    }

    fn decode(payload: &Bytes) -> (Result<CrawlerPong, Malformed>, usize) {
        let mut body = Reader::new(payload);
        (CrawlerPong::decode(payload, &mut body), body.len())
    }

    /// VMSG-24
    #[test]
    fn a_ping_has_three_bytes() {
        let ping = CrawlerPing::decode(&mut Reader::new(b"\x1e\xff\x08")).unwrap();
        assert_eq!(ping, CrawlerPing { ultrapeers: 30, leaves: 255, features: 8 });
        let cut = CrawlerPing::decode(&mut Reader::new(b"\x1e\xff")).unwrap_err();
        assert_eq!(cut.rule.id(), "VMSG-24");
    }

    /// VMSG-25, VMSG-26, VMSG-27
    #[test]
    fn a_pong_has_uptime_and_status_then_entries_then_agents() {
        let payload = encoded(&pong());
        assert_eq!(payload[..14], *b"\x02\x01\x58\x04\x03\x02\x01\x02\x01\x01\x01\x01\x01\x00");
        assert_eq!(decode(&payload), (Ok(pong()), 0));
        assert_eq!(pong().to_string(), "2 ultrapeers, 1 leaves, user agents");
        let fixed_len = 3 + 4 + 1 + 3 * 6;
        for len in 0..fixed_len {
            assert_eq!(decode(&payload.slice(..len)).0.unwrap_err().rule.id(), "VMSG-25");
        }
    }

    /// VMSG-27
    #[test]
    fn agents_that_are_cut_or_not_announced_are_left_alone() {
        let payload = encoded(&pong());
        let (cut, rest_len) = decode(&payload.slice(..payload.len() - 1));
        assert_eq!((cut.unwrap().agents, rest_len), (None, payload.len() - 26 - 1));
        let missing = payload.slice(..26);
        assert_eq!(decode(&missing), (Ok(CrawlerPong { agents: None, ..pong() }), 0));
        let unannounced = Bytes::from([&b"\0\0\0"[..], &payload[26..]].concat());
        assert_eq!(decode(&unannounced).1, payload.len() - 26);
    }
}
