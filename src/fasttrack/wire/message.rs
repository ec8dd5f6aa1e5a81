use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::{
    Broadcast, ForwardedSearch, Frame, Kind, NetworkConfig, NetworkStats, NodeInfo, NodeList, Push,
    PushRequest, RandomFiles, Results, Search, Share, Side, Table, UdpTest, Unicast, Unshare,
    address, random_files,
};
use crate::base::error::{Faults, Malformed};
use crate::base::legacy_text;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTWIRE-13", "the message ends early");

/// Bytes that most messages stay below.
const USUAL_LEN: usize = 64;

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
    /// Asks to be reached by UDP (FTWIRE-21).
    UdpTestRequest {
        #[serde(serialize_with = "show::display")]
        address: SocketAddrV4,
    },
    /// Asks to reach somebody by UDP.
    UdpTest(UdpTest),
    /// That one was reached.
    UdpReached(UdpTest),
    /// That one was not.
    UdpMissed(UdpTest),
    /// One is reached oneself.
    OwnUdpReached,
    /// One is not.
    OwnUdpMissed,
    /// The name of a network, or a greeting (FTWIRE-22).
    NetworkName {
        #[serde(serialize_with = "legacy_text::serialize")]
        text: Bytes,
    },
    /// The newest configuration that one has, 0 for none (FTWIRE-23).
    ConfigRevision {
        number: u32,
    },
    NetworkConfig(NetworkConfig),
    /// Asks for some files of somebody (FTWIRE-25).
    RandomFilesRequest {
        id: u16,
    },
    RandomFiles(RandomFiles),
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
            (Kind::UDP_TEST, Side::Up) => {
                Self::UdpTestRequest { address: address::take(reader, CUT)? }
            }
            (Kind::UDP_TEST, Side::Down) => Self::UdpTest(UdpTest::decode(reader)?),
            (Kind::UDP_REACHED, Side::Up) => Self::UdpReached(UdpTest::decode(reader)?),
            (Kind::UDP_MISSED, Side::Up) => Self::UdpMissed(UdpTest::decode(reader)?),
            (Kind::UDP_REACHED, Side::Down) => Self::OwnUdpReached,
            (Kind::UDP_MISSED, Side::Down) => Self::OwnUdpMissed,
            (Kind::NETWORK_NAME, _) => {
                Self::NetworkName { text: payload.slice_ref(reader.take_rest()) }
            }
            (Kind::CONFIG_REVISION, _) => Self::ConfigRevision { number: reader.u32_be(CUT)? },
            (Kind::NETWORK_CONFIG, _) => {
                Self::NetworkConfig(NetworkConfig::decode(payload, reader)?)
            }
            (Kind::RANDOM_FILES_REQUEST, Side::Up) => {
                Self::RandomFilesRequest { id: random_files::take_request(reader)? }
            }
            (Kind::RANDOM_FILES, Side::Down) => {
                Self::RandomFiles(RandomFiles::decode(payload, reader)?)
            }
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
            Self::UdpTestRequest { .. } | Self::UdpTest(_) => Kind::UDP_TEST,
            Self::UdpReached(_) | Self::OwnUdpReached => Kind::UDP_REACHED,
            Self::UdpMissed(_) | Self::OwnUdpMissed => Kind::UDP_MISSED,
            Self::NetworkName { .. } => Kind::NETWORK_NAME,
            Self::ConfigRevision { .. } => Kind::CONFIG_REVISION,
            Self::NetworkConfig(_) => Kind::NETWORK_CONFIG,
            Self::RandomFilesRequest { .. } => Kind::RANDOM_FILES_REQUEST,
            Self::RandomFiles(_) => Kind::RANDOM_FILES,
            Self::GreetingNumber { .. } => Kind::GREETING_NUMBER,
            Self::Version { .. } => Kind::VERSION,
            Self::ExternalIp { .. } => Kind::EXTERNAL_IP,
            Self::Unicast(unicast) => unicast.kind.unicast(),
            Self::Broadcast(broadcast) => broadcast.kind.broadcast(),
            Self::Open { kind, .. } => *kind,
        }
    }

    /// The message as a session carries it. Lists and tables are shared, not copied.
    pub fn to_frame(&self) -> Frame {
        let payload = match self {
            Self::NodeList(list) => list.as_bytes().clone(),
            Self::Table(table) => table.as_bytes().clone(),
            Self::NetworkName { text } => text.clone(),
            Self::Open { payload, .. } => payload.clone(),
            _ => {
                let mut out = BytesMut::with_capacity(USUAL_LEN);
                self.encode(&mut out);
                out.freeze()
            }
        };
        Frame { kind: self.kind(), payload }
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::NodeList(list) => out.put_slice(list.as_bytes()),
            Self::Table(table) => out.put_slice(table.as_bytes()),
            Self::NodeInfo(info) => info.encode(out),
            Self::SendShares | Self::OwnUdpReached | Self::OwnUdpMissed => {}
            Self::UdpTestRequest { address } => address::put(out, *address),
            Self::UdpTest(test) | Self::UdpReached(test) | Self::UdpMissed(test) => {
                test.encode(out);
            }
            Self::NetworkConfig(config) => config.encode(out),
            Self::RandomFilesRequest { id } => random_files::put_request(out, *id),
            Self::RandomFiles(files) => files.encode(out),
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
            Self::Unicast(unicast) => unicast.encode(out),
            Self::Broadcast(broadcast) => broadcast.encode(out),
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
