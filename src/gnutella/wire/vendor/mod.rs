//! Vendor messages: what one maker of servents added to the protocol, and others took up.
//!
//! - [`MessageId`] tells the messages apart, and knows the name of each
//! - [`Body`] is what a message says, one variant a message
//! - the other files hold the layouts, one family a file

mod agents;
mod body;
mod connect_back;
mod content;
mod crawler;
mod crawler_entries;
mod head_list;
mod head_ping;
mod head_pong;
mod id;
mod known;
mod lists;
mod node_info;
mod node_load;
mod notices;
mod out_of_band;
mod parts;
mod push_proxy;
mod query_status;
mod time_sync;

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

pub use agents::Agents;
pub use body::Body;
pub use connect_back::{Redirect, TcpConnectBack, UdpConnectBack};
pub use content::Content;
pub use crawler::{CrawlerPing, CrawlerPong};
pub use crawler_entries::{Entries, Entry};
pub use head_list::{List, ListKind};
pub use head_ping::HeadPing;
pub use head_pong::{BinaryHeadPong, Found, HeadPong};
pub use id::MessageId;
pub use lists::{Capabilities, Capability, MessagesSupported};
pub use node_info::{NodeInfo, NodeInfoRequest};
pub use node_load::{Bandwidth, Dropped, Hits, Processor};
pub use notices::{HeaderUpdate, Release};
pub use out_of_band::{OutOfBandClaim, OutOfBandIndication, OutOfBandVeto};
pub use push_proxy::PushProxyAcknowledgement;
pub use query_status::{HopsFlow, QueryStatus};
pub use time_sync::{TimeSyncReply, TimeSyncRequest};

use crate::base::error::{Faults, Malformed};
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};
use crate::base::show;
use crate::gnutella::wire::{Frame, Function, Guid};

const CUT: Expect = Expect::new("VMSG-01", "the head of the vendor message ends early");
const SURPLUS: Expect = Expect::new("VMSG-05", "bytes follow the vendor message");

/// A vendor message (VMSG-01).
///
/// ```text
/// 0  4  vendor
/// 4  2  selector, little-endian
/// 6  2  version, little-endian
/// 8  n  body
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vendor {
    pub id: MessageId,
    /// What the message says, laid out as `id` demands.
    pub body: Body,
    /// What follows a body that is known (VMSG-05).
    pub rest: Bytes,
}

impl Vendor {
    /// A message as it should be sent: nothing follows its body.
    pub const fn new(id: MessageId, body: Body) -> Self {
        Self { id, body, rest: Bytes::new() }
    }

    /// Fails where the head is cut, and where the body of a known message is.
    pub fn decode(payload: &Bytes) -> Result<Self, Malformed> {
        let mut reader = Reader::new(payload);
        let mut bytes: [u8; MessageId::LEN] = reader.array(CUT)?;
        if mutant!(TakesAnyVersionForKnown) {
            let [.., low, high] = &mut bytes;
            (*low, *high) = (1, 0);
        }
        let id = MessageId::from_bytes(bytes);
        let body = Body::decode(id, payload, &mut reader)?;
        Ok(Self { id, body, rest: payload.slice_ref(reader.rest()) })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_slice(&self.id.to_bytes());
        self.body.encode(out);
        out.put_slice(&self.rest);
    }

    /// The message for one neighbour (VMSG-48). The GUID means something in few messages only; in
    /// the others it may be zero (VMSG-46).
    pub fn into_frame(self, guid: Guid) -> Frame {
        let mut payload = BytesMut::new();
        self.encode(&mut payload);
        let payload = payload.freeze();
        Frame { guid, function: Function::VENDOR, ttl: 1, hops: 0, size_flags: None, payload }
    }

    /// Notes what decoding tolerates.
    pub fn inspect(&self, faults: &mut Faults) {
        let rest_start = MessageId::LEN.saturating_add(self.body.len());
        if let Some(extensions) = self.body.extensions() {
            // They always stand last.
            let start = rest_start.saturating_sub(extensions.as_bytes().len());
            extensions.inspect(start, faults);
        }
        if !self.rest.is_empty() {
            faults.push(SURPLUS.broken_at(rest_start));
        }
    }

    /// The name of the message; none where its body is not known here.
    pub fn message(&self) -> Option<&'static str> {
        match self.body {
            Body::Open(_) => None,
            _ => self.id.name(),
        }
    }
}

impl Serialize for Vendor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            #[serde(flatten)]
            id: MessageId,
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<&'static str>,
            #[serde(flatten)]
            body: &'a Body,
            #[serde(serialize_with = "show::hex", skip_serializing_if = "Bytes::is_empty")]
            rest: &'a Bytes,
        }
        let Self { id, body, rest } = self;
        Shown { id: *id, message: self.message(), body, rest }.serialize(serializer)
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)?;
        if let Some(message) = self.message() {
            write!(f, " {message}")?;
        }
        self.body.summarise(", ", f)?;
        match self.rest.len() {
            0 => Ok(()),
            len => write!(f, ", then {len} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vendor(payload: &[u8]) -> Result<Vendor, Malformed> {
        Vendor::decode(&Bytes::copy_from_slice(payload))
    }

    fn encoded(vendor: &Vendor) -> BytesMut {
        let mut out = BytesMut::new();
        vendor.encode(&mut out);
        out
    }

    fn rules(vendor: &Vendor) -> Vec<&'static str> {
        let mut faults = Faults::new();
        vendor.inspect(&mut faults);
        faults.as_slice().iter().map(|fault| fault.rule.id()).collect()
    }

    /// VMSG-01
    #[test]
    fn a_head_of_seven_bytes_is_cut() {
        assert_eq!(vendor(b"BEAR\x0b\x00\x01").unwrap_err().rule.id(), "VMSG-01");
        assert_eq!(vendor(b"BEAR\x0b\x00\x01\x00").unwrap().body, Body::QueryStatusRequest);
    }

    /// VMSG-46, VMSG-48
    #[test]
    fn a_message_for_a_neighbour_goes_one_link_and_may_be_nameless() {
        let flow = Vendor::new(MessageId::HOPS_FLOW, Body::HopsFlow(HopsFlow { hops: 0 }));
        let frame = flow.clone().into_frame(Guid::ZERO);
        assert_eq!((frame.function, frame.ttl, frame.hops), (Function::VENDOR, 1, 0));
        assert_eq!(Vendor::decode(&frame.payload), Ok(flow));
        let mut faults = Faults::new();
        frame.inspect(&mut faults);
        assert!(faults.is_empty());
        for (ttl, hops) in [(2, 0), (1, 1), (0, 1)] {
            let mut faults = Faults::new();
            frame.forwarded(ttl, hops).inspect(&mut faults);
            assert_eq!(faults.as_slice().first().map(|fault| fault.rule.id()), Some("TTL-09"));
        }
    }

    /// VMSG-04, VMSG-45
    #[test]
    fn an_unknown_message_is_kept() {
        for payload in [&b"BEAR\x04\x00\x02\x00\x07"[..], b"LIME\x21\x00\x01\x00", b"FILB\0\0\0\0x"]
        {
            let message = vendor(payload).unwrap();
            assert_eq!(message.body, Body::Open(Bytes::copy_from_slice(&payload[8..])));
            assert_eq!((message.message(), rules(&message)), (None, vec![]));
            assert_eq!(encoded(&message), payload);
        }
        let shown = serde_json::to_string(&vendor(b"BEAR\x04\x00\x02\x00\x07").unwrap()).unwrap();
        assert_eq!(shown, r#"{"vendor":"BEAR","selector":4,"version":2,"body":"07"}"#);
    }

    /// VMSG-05
    #[test]
    fn bytes_after_a_known_body_are_kept_and_told() {
        let message = vendor(b"BEAR\x04\x00\x01\x00\x07\x01\x02").unwrap();
        let mut faults = Faults::new();
        message.inspect(&mut faults);
        assert_eq!(faults.as_slice(), [SURPLUS.broken_at(9)]);
        assert_eq!(message.to_string(), "BEAR/4v1 hops_flow, below 7 hops, then 2 bytes");
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"vendor":"BEAR","selector":4,"version":1,"message":"hops_flow","hops":7,"rest":"0102"}"#
        );
    }

    #[test]
    fn a_fault_in_the_extensions_is_told_with_its_place() {
        let message = vendor(b"LIME\x0b\x00\x03\x00\x02\xc3\x03TLS\x41x\x83TLS\x41xy").unwrap();
        let mut faults = Faults::new();
        message.inspect(&mut faults);
        let offsets: Vec<_> = faults.as_slice().iter().map(|f| (f.rule.id(), f.offset)).collect();
        assert_eq!(offsets[0], ("GGEP-79", 15));
        assert_eq!(offsets.last(), Some(&("VMSG-05", 22)));
    }

    #[test]
    fn every_known_message_has_a_body_of_its_own() {
        for id in MessageId::known() {
            match vendor(&[&id.to_bytes()[..], &[0; 200]].concat()) {
                Ok(message) => assert_eq!(message.message(), id.name(), "{id}"),
                Err(fault) => assert!(fault.rule.id().starts_with("VMSG-"), "{id}: {fault}"),
            }
        }
    }

    /// SIZE-15
    #[test]
    fn decoding_allocates_no_more_than_its_input_and_64_kib() {
        let numbers: String =
            (0..6_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string()).collect();
        let agents = Agents::new([&numbers.as_bytes()[..16_384]]).unwrap();
        for payload in [
            [&b"\0\0\0\0\0\0\0\0\xff\x1f"[..], &[7; 65_530]].concat(),
            [&b"\0\0\0\0\x0a\0\x01\0\0\x20"[..], &[7; 65_530]].concat(),
            [&b"LIME\x18\0\x01\0\x01\x02LIME\0\xff\xf8"[..], &[0; 65_528]].concat(),
            [&b"LIME\x06\0\x01\0\0\0\x08"[..], agents.as_bytes()].concat(),
        ] {
            let payload = Bytes::from(payload);
            let measured = allocation_counter::measure(|| {
                let message = Vendor::decode(&payload).unwrap();
                assert_ne!(message.message(), None);
                message.inspect(&mut Faults::new());
            });
            let surplus = measured.bytes_max.saturating_sub(payload.len() as u64);
            assert!(surplus <= 64 * 1024, "{surplus} bytes too many");
        }
    }

    /// Bodies that begin like real ones, so that what follows is reached.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        let urn = b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
        let ggep = b"\xc3\x81C\x41\x00";
        let any = || proptest::collection::vec(any::<u8>(), 0..80);
        prop_oneof![
            any(),
            any().prop_map(move |tail| [&[0x10][..], urn, ggep, &tail].concat()),
            any().prop_map(move |tail| [&[0x00][..], urn, &tail].concat()),
            any().prop_map(move |tail| [&ggep[..], &tail].concat()),
            any().prop_map(move |tail| [&[3][..], ggep, &tail].concat()),
            (0_u8..3, 0_u8..3, any()).prop_map(|(a, b, tail)| [&[a, b][..], &tail].concat()),
            (0_u8..3, any()).prop_map(|(count, tail)| [&[count, 0][..], &tail].concat()),
        ]
    }

    proptest! {
        #[test]
        fn what_decodes_encodes_to_the_same_bytes(
            id in prop_oneof![
                any::<[u8; 8]>(),
                proptest::sample::select(MessageId::known().collect::<Vec<_>>())
                    .prop_map(MessageId::to_bytes),
            ],
            body in body(),
        ) {
            let payload = [&id[..], &body].concat();
            if let Ok(message) = vendor(&payload) {
                prop_assert_eq!(&encoded(&message)[..], &payload[..]);
                let rest_start = MessageId::LEN.saturating_add(message.body.len());
                prop_assert_eq!(payload.get(rest_start..), Some(&message.rest[..]));
                rules(&message);
                prop_assert!(!message.to_string().contains(char::is_control));
                prop_assert!(serde_json::to_value(&message).is_ok());
            }
        }
    }
}
