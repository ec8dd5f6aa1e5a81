use std::net::Ipv4Addr;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::{
    Broadcast, ForwardedSearch, Frame, Kind, NetworkStats, NodeInfo, NodeList, Push, PushRequest,
    Results, Search, Share, Side, Table, Unicast, Unshare,
};
use crate::base::error::{Faults, Malformed};
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the message ends early");

/// A payload understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum Message {
    NodeList(NodeList),
    Table(Table),
    NodeInfo(NodeInfo),
    /// Asks for shares (FTWIRE-16).
    SendShares,
    Share(Share),
    Unshare(Unshare),
    Search(Search),
    Results(Results),
    /// Ends a search (FTSEARCH-15).
    SearchEnd {
        id: u16,
    },
    ForwardedSearch(ForwardedSearch),
    NetworkStats(Box<NetworkStats>),
    /// The same to all supernodes (FTPEER-15).
    #[serde(rename = "network_stats")]
    BroadcastStats(Box<NetworkStats>),
    PushRequest(PushRequest),
    Push(Push),
    /// The name of a network, or a greeting (FTWIRE-22).
    NetworkName {
        #[serde(serialize_with = "legacy_text::serialize")]
        text: Bytes,
    },
    /// The newest configuration that one has, 0 for none (FTWIRE-23).
    ConfigRevision {
        number: u32,
    },
    /// 1, and nobody knows why (FTWIRE-26).
    GreetingNumber {
        number: u32,
    },
    /// Of the program (FTWIRE-27).
    Version {
        number: u32,
    },
    /// One's address as it is seen (FTWIRE-28).
    ExternalIp {
        address: Ipv4Addr,
    },
    /// A type that this room does not read, or nobody knows (FTLINK-27).
    #[serde(rename = "unknown")]
    Open {
        #[serde(skip)]
        kind: Kind,
        #[serde(rename = "body", serialize_with = "show::hex")]
        payload: Bytes,
    },
    #[serde(untagged)]
    Unicast(Unicast),
    #[serde(untagged)]
    Broadcast(Broadcast),
}

impl Message {
    /// Reads the payload of a frame. Fails only where the bytes cannot be told apart, or ask for more
    /// than the limits. What stands behind all that is known is passed by (FTWIRE-13).
    pub fn parse(frame: &Frame, side: Side) -> Result<Self, Malformed> {
        Self::split(frame, side).map(|(message, _)| message)
    }

    /// The same, and the bytes behind what is known.
    pub fn split(frame: &Frame, side: Side) -> Result<(Self, Bytes), Malformed> {
        if frame.kind.is_unicast() {
            return Ok((Self::Unicast(Unicast::decode(frame)?), Bytes::new()));
        }
        if frame.kind.is_broadcast() {
            return Ok((Self::Broadcast(Broadcast::decode(frame)?), Bytes::new()));
        }
        let payload = &frame.payload;
        let reader = &mut Reader::new(payload);
        let message = Self::decode(frame.kind, side, payload, reader)?;
        Ok((message, payload.slice_ref(reader.rest())))
    }

    fn decode(
        kind: Kind,
        side: Side,
        payload: &Bytes,
        reader: &mut Reader<'_>,
    ) -> Result<Self, Malformed> {
        Ok(match (kind, side) {
            (Kind::NODE_LIST, _) => Self::NodeList(NodeList::decode(payload, reader)),
            (Kind::TABLE, _) => Self::Table(Table::decode(payload, reader)),
            (Kind::NODE_INFO, _) => Self::NodeInfo(NodeInfo::decode(payload, reader)?),
            (Kind::SEND_SHARES, _) => Self::SendShares,
            (Kind::SHARE, _) => Self::Share(Share::decode(payload, reader)?),
            (Kind::UNSHARE, _) => Self::Unshare(Unshare::decode(payload, reader)?),
            (Kind::SEARCH, _) => Self::Search(Search::decode(payload, reader)?),
            (Kind::RESULTS, _) => Self::Results(Results::decode(payload, reader)?),
            (Kind::SEARCH_END, _) => Self::SearchEnd { id: reader.u16_be(CUT)? },
            (Kind::FORWARDED_SEARCH, Side::Across) => {
                Self::ForwardedSearch(ForwardedSearch::decode(payload, reader)?)
            }
            (Kind::NETWORK_STATS, _) => {
                Self::NetworkStats(Box::new(NetworkStats::decode(payload, reader)?))
            }
            (Kind::BROADCAST_STATS, _) => {
                Self::BroadcastStats(Box::new(NetworkStats::decode(payload, reader)?))
            }
            (Kind::PUSH, Side::Down) => Self::Push(Push::decode(reader)?),
            (Kind::PUSH, _) => Self::PushRequest(PushRequest::decode(payload, reader)?),
            (Kind::NETWORK_NAME, _) => {
                Self::NetworkName { text: payload.slice_ref(reader.take_rest()) }
            }
            (Kind::CONFIG_REVISION, _) => Self::ConfigRevision { number: reader.u32_be(CUT)? },
            (Kind::GREETING_NUMBER, _) => Self::GreetingNumber { number: reader.u32_be(CUT)? },
            (Kind::VERSION, _) => Self::Version { number: reader.u32_be(CUT)? },
            (Kind::EXTERNAL_IP, _) => {
                Self::ExternalIp { address: Ipv4Addr::from(reader.array(CUT)?) }
            }
            (kind, _) => Self::Open { kind, payload: payload.slice_ref(reader.take_rest()) },
        })
    }

    /// The type word.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::NodeList(_) => Kind::NODE_LIST,
            Self::Table(_) => Kind::TABLE,
            Self::NodeInfo(_) => Kind::NODE_INFO,
            Self::SendShares => Kind::SEND_SHARES,
            Self::Share(_) => Kind::SHARE,
            Self::Unshare(_) => Kind::UNSHARE,
            Self::Search(_) => Kind::SEARCH,
            Self::Results(_) => Kind::RESULTS,
            Self::SearchEnd { .. } => Kind::SEARCH_END,
            Self::ForwardedSearch(_) => Kind::FORWARDED_SEARCH,
            Self::NetworkStats(_) => Kind::NETWORK_STATS,
            Self::BroadcastStats(_) => Kind::BROADCAST_STATS,
            Self::PushRequest(_) | Self::Push(_) => Kind::PUSH,
            Self::NetworkName { .. } => Kind::NETWORK_NAME,
            Self::ConfigRevision { .. } => Kind::CONFIG_REVISION,
            Self::GreetingNumber { .. } => Kind::GREETING_NUMBER,
            Self::Version { .. } => Kind::VERSION,
            Self::ExternalIp { .. } => Kind::EXTERNAL_IP,
            Self::Unicast(unicast) => unicast.kind.unicast(),
            Self::Broadcast(broadcast) => broadcast.kind.broadcast(),
            Self::Open { kind, .. } => *kind,
        }
    }

    /// The message as a session carries it.
    pub fn to_frame(&self) -> Frame {
        match self {
            Self::Unicast(unicast) => unicast.to_frame(),
            Self::Broadcast(broadcast) => broadcast.to_frame(),
            Self::Open { kind, payload } => Frame { kind: *kind, payload: payload.clone() },
            _ => {
                let mut out = BytesMut::new();
                self.encode(&mut out);
                Frame { kind: self.kind(), payload: out.freeze() }
            }
        }
    }

    /// Appends the payload.
    fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::NodeList(list) => list.encode(out),
            Self::Table(table) => table.encode(out),
            Self::NodeInfo(info) => info.encode(out),
            Self::SendShares => {}
            Self::Share(share) => share.encode(out),
            Self::Unshare(unshare) => unshare.encode(out),
            Self::Search(search) => search.encode(out),
            Self::Results(results) => results.encode(out),
            Self::SearchEnd { id } => out.put_u16(*id),
            Self::ForwardedSearch(search) => search.encode(out),
            Self::NetworkStats(stats) | Self::BroadcastStats(stats) => stats.encode(out),
            Self::PushRequest(request) => request.encode(out),
            Self::Push(push) => push.encode(out),
            Self::NetworkName { text } => out.put_slice(text),
            Self::ConfigRevision { number }
            | Self::GreetingNumber { number }
            | Self::Version { number } => out.put_u32(*number),
            Self::ExternalIp { address } => out.put_slice(&address.octets()),
            Self::Unicast(unicast) => out.put_slice(&unicast.to_frame().payload),
            Self::Broadcast(broadcast) => out.put_slice(&broadcast.to_frame().payload),
            Self::Open { payload, .. } => out.put_slice(payload),
        }
    }

    /// Looks at everything that parsing tolerates, and notes what is wrong.
    pub fn inspect(&self, faults: &mut Faults) {
        match self {
            Self::NodeList(list) => list.inspect(faults),
            Self::Table(table) => table.inspect(faults),
            Self::Share(share) => share.inspect(faults),
            Self::Unshare(unshare) => unshare.inspect(faults),
            Self::Results(results) => results.inspect(faults),
            _ => {}
        }
    }
}
