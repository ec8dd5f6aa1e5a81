use std::collections::BTreeMap;
use std::net::SocketAddr;

use bytes::Bytes;

use super::node_parts::address_of;
use crate::base::addresses::octets;
use crate::gnutella::wire::ggep::{Place, Value, Writer};
use crate::gnutella::wire::vendor::{Body, MessageId, OutOfBandClaim, OutOfBandIndication};
use crate::gnutella::wire::{Datagram, Frame, Function, GgepArea, Guid, Pong, Vendor};
use crate::node::Output;

/// What strangers learn from the datagrams of a node, so that theirs can mean something.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    keys: BTreeMap<SocketAddr, Vec<u8>>,
    /// Whose hits the node has claimed, and with which token.
    claimed: BTreeMap<SocketAddr, (Guid, Vec<u8>)>,
    /// The GUID of the query that left the node last.
    latest: Guid,
    /// The GUID with which a ping would prove that the node is reached.
    proof: Guid,
}

impl Strangers {
    /// The node sends something.
    pub(super) fn hear(&mut self, output: &Output) {
        let Output::Datagram { to, bytes } = output else { return };
        let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { return };
        if frame.function == Function::PONG
            && let Ok(pong) = Pong::decode(&frame.payload)
            && let Some(Value::Token(key)) = pong.extensions.value("QK")
        {
            self.keys.insert(*to, key);
        }
        if let Ok(Vendor { body: Body::OutOfBandClaim(claim), .. }) = Vendor::decode(&frame.payload)
        {
            let token = match claim.extensions.and_then(|area| area.value("SO")) {
                Some(Value::Token(token)) => token,
                _ => Vec::new(),
            };
            self.claimed.insert(*to, (frame.guid, token));
        }
    }

    /// The node sends something to a neighbour, who tells.
    pub(super) fn overhear(&mut self, frame: &Frame) {
        if frame.function == Function::QUERY {
            self.latest = frame.guid;
        }
        let vendor = Vendor::decode(&frame.payload).ok();
        if let Some(Body::UdpConnectBack(asked)) = vendor.map(|vendor| vendor.body) {
            self.proof = asked.guid.unwrap_or(frame.guid);
        }
    }

    /// A datagram of this kind, about this query; and who sends it.
    pub(super) fn message(&self, peer: u8, kind: u8, about: u8) -> (SocketAddr, Frame) {
        let from = address_of(peer);
        let guid = Guid([about & 0x1f; 16]);
        match kind & 7 {
            0 => (from, frame(guid, Function::PING, block("QK", &[]))),
            1 | 2 => {
                let key = self.keys.get(&from).cloned().unwrap_or_else(|| vec![about; 4]);
                let query = [b"\x80\0winter light\0", &block("QK", &key)[..]].concat();
                (from, frame(guid, Function::QUERY, query.into()))
            }
            3 => {
                let extensions = GgepArea::new(block("SO", &[about; 4]), Place::Vendor);
                let claim = OutOfBandClaim { wanted: about, extensions: Some(extensions) };
                let id = MessageId::OUT_OF_BAND_CLAIM_V3;
                let claim = Vendor::new(id, Body::OutOfBandClaim(claim)).into_frame(guid);
                (guid.out_of_band_address().into(), claim)
            }
            4 => {
                let told = OutOfBandIndication::new(about & 7, false, false);
                let id = if about & 8 == 0 {
                    MessageId::OUT_OF_BAND_INDICATION_V2
                } else {
                    MessageId::OUT_OF_BAND_INDICATION_V3
                };
                let told = Vendor::new(id, Body::OutOfBandIndication(told));
                (from, told.into_frame(self.latest))
            }
            5 => {
                let (guid, token) = self.claimed.get(&from).cloned().unwrap_or((guid, Vec::new()));
                (from, frame(guid, Function::QUERY_HIT, hit(about, &token)))
            }
            6 => (from, frame(self.proof, Function::PING, Bytes::new())),
            _ => {
                let host = octets(from.ip());
                let (ip, port) = (&host[12..], from.port().to_le_bytes());
                let push = [&[about & 0x1f; 16][..], &[0; 4], ip, &port].concat();
                (from, frame(guid, Function::PUSH, push.into()))
            }
        }
    }
}

/// A hit with one record, and this token.
fn hit(about: u8, token: &[u8]) -> Bytes {
    const HEAD: &[u8] =
        b"\x01\xca\x18\x05\x05\x05\x05\0\0\0\0\x01\0\0\0\x10\0\0\0winter\0\0FILB\x02";
    Bytes::from([HEAD, b"\x21\x20", &block("SO", token), &[about & 0x07; 16]].concat())
}

fn block(id: &str, payload: &[u8]) -> Bytes {
    let mut writer = Writer::new();
    writer.put(id, payload).expect("it is short");
    writer.finish()
}

fn frame(guid: Guid, function: Function, payload: Bytes) -> Frame {
    Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload }
}
