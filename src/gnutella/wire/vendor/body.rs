use std::fmt;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::parts::{Count, Sink};
use super::{
    Capabilities, Content, CrawlerPing, CrawlerPong, HeadPing, HeadPong, HeaderUpdate, HopsFlow,
    MessageId, MessagesSupported, NodeInfo, NodeInfoRequest, OutOfBandClaim, OutOfBandIndication,
    OutOfBandVeto, PushProxyAcknowledgement, QueryStatus, Redirect, Release, TcpConnectBack,
    TimeSyncReply, TimeSyncRequest, UdpConnectBack,
};
use crate::base::error::Malformed;
use crate::base::reader::Reader;
use crate::gnutella::wire::GgepArea;

/// What a vendor message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Body {
    MessagesSupported(MessagesSupported),
    Capabilities(Capabilities),
    HopsFlow(HopsFlow),
    TcpConnectBack(TcpConnectBack),
    /// An ultrapeer asks a leaf how many hits it kept of a query, named by the GUID (VMSG-11).
    QueryStatusRequest,
    QueryStatus(QueryStatus),
    /// A push to the servent of a hit, named by the GUID, cannot be routed any more (VMSG-17).
    RouteLost,
    UdpConnectBack(UdpConnectBack),
    TimeSyncRequest(TimeSyncRequest),
    TimeSyncReply(TimeSyncReply),
    /// No more hits are held for a query, named by the GUID (VMSG-18).
    HitsExhausted,
    /// A leaf no longer wants its push proxy (VMSG-19).
    PushProxyCancel,
    NodeInfoRequest(NodeInfoRequest),
    NodeInfo(Box<NodeInfo>),
    Release(Release),
    CrawlerPing(CrawlerPing),
    CrawlerPong(CrawlerPong),
    TcpConnectBackRedirect(Redirect),
    UdpConnectBackRedirect(Redirect),
    OutOfBandClaim(OutOfBandClaim),
    OutOfBandIndication(OutOfBandIndication),
    OutOfBandVeto(OutOfBandVeto),
    /// A leaf, named by the GUID, asks its ultrapeer to take pushes for it (VMSG-35).
    PushProxyRequest,
    PushProxyAcknowledgement(PushProxyAcknowledgement),
    HeadPing(HeadPing),
    HeadPong(HeadPong),
    HeaderUpdate(HeaderUpdate),
    ContentRequest(Content),
    ContentResponse(Content),
    /// The body of a message that is not known here (VMSG-04).
    Open(#[serde(serialize_with = "show_open")] Bytes),
}

/// What the struct of each message can do.
pub(super) trait Fields: fmt::Display {
    /// Appends the body.
    fn encode(&self, out: &mut dyn Sink);

    /// The GGEP block that ends the body of some messages.
    fn extensions(&self) -> Option<&GgepArea> {
        None
    }
}

impl Body {
    /// Reads as much of `body`, a part of `payload`, as the message has fields.
    pub(super) fn decode(
        id: MessageId,
        payload: &Bytes,
        body: &mut Reader<'_>,
    ) -> Result<Self, Malformed> {
        use MessageId as Id;
        Ok(match id {
            Id::MESSAGES_SUPPORTED => Self::MessagesSupported(MessagesSupported::decode(body)?),
            Id::CAPABILITIES_V0 | Id::CAPABILITIES_V1 => {
                Self::Capabilities(Capabilities::decode(body)?)
            }
            Id::HOPS_FLOW => Self::HopsFlow(HopsFlow::decode(body)?),
            Id::QUERY_STATUS_REQUEST => Self::QueryStatusRequest,
            Id::QUERY_STATUS => Self::QueryStatus(QueryStatus::decode(body)?),
            Id::ROUTE_LOST => Self::RouteLost,
            Id::TIME_SYNC_REQUEST => Self::TimeSyncRequest(TimeSyncRequest::decode(body)?),
            Id::TIME_SYNC_REPLY => Self::TimeSyncReply(TimeSyncReply::decode(body)?),
            Id::HITS_EXHAUSTED => Self::HitsExhausted,
            Id::NODE_INFO_REQUEST => Self::NodeInfoRequest(NodeInfoRequest::decode(body)?),
            Id::NODE_INFO => Self::NodeInfo(Box::new(NodeInfo::decode(payload, body)?)),
            Id::RELEASE => Self::Release(Release::decode(payload, body)?),
            Id::CRAWLER_PING => Self::CrawlerPing(CrawlerPing::decode(body)?),
            Id::CRAWLER_PONG => Self::CrawlerPong(CrawlerPong::decode(payload, body)?),
            Id::HEADER_UPDATE => Self::HeaderUpdate(HeaderUpdate::decode(payload, body)?),
            Id::CONTENT_REQUEST => Self::ContentRequest(Content::decode(payload, body)?),
            Id::CONTENT_RESPONSE => Self::ContentResponse(Content::decode(payload, body)?),
            _ => return Self::decode_about_reaching(id, payload, body),
        })
    }

    /// As [`decode`](Self::decode), for the messages with which servents reach one another.
    fn decode_about_reaching(
        id: MessageId,
        payload: &Bytes,
        body: &mut Reader<'_>,
    ) -> Result<Self, Malformed> {
        use MessageId as Id;
        Ok(match id {
            Id::TCP_CONNECT_BACK => Self::TcpConnectBack(TcpConnectBack::decode(body)?),
            Id::UDP_CONNECT_BACK_V1 => Self::UdpConnectBack(UdpConnectBack::decode_v1(body)?),
            Id::UDP_CONNECT_BACK_V2 => Self::UdpConnectBack(UdpConnectBack::decode_v2(body)?),
            Id::TCP_CONNECT_BACK_REDIRECT => {
                Self::TcpConnectBackRedirect(Redirect::decode_tcp(body)?)
            }
            Id::UDP_CONNECT_BACK_REDIRECT => {
                Self::UdpConnectBackRedirect(Redirect::decode_udp(body)?)
            }
            Id::OUT_OF_BAND_CLAIM_V2 => Self::OutOfBandClaim(OutOfBandClaim::decode_v2(body)?),
            Id::OUT_OF_BAND_CLAIM_V3 => {
                Self::OutOfBandClaim(OutOfBandClaim::decode_v3(payload, body)?)
            }
            Id::OUT_OF_BAND_INDICATION_V1 => {
                Self::OutOfBandIndication(OutOfBandIndication::decode_v1(body)?)
            }
            Id::OUT_OF_BAND_INDICATION_V2 | Id::OUT_OF_BAND_INDICATION_V3 => {
                Self::OutOfBandIndication(OutOfBandIndication::decode_v2(body)?)
            }
            Id::OUT_OF_BAND_VETO => Self::OutOfBandVeto(OutOfBandVeto::decode(body)),
            Id::PUSH_PROXY_CANCEL => Self::PushProxyCancel,
            Id::PUSH_PROXY_REQUEST_V1 | Id::PUSH_PROXY_REQUEST_V2 => Self::PushProxyRequest,
            Id::PUSH_PROXY_ACKNOWLEDGEMENT_V1 => {
                Self::PushProxyAcknowledgement(PushProxyAcknowledgement::decode_v1(body)?)
            }
            Id::PUSH_PROXY_ACKNOWLEDGEMENT_V2 => {
                Self::PushProxyAcknowledgement(PushProxyAcknowledgement::decode_v2(body)?)
            }
            Id::HEAD_PING_V1 | Id::HEAD_PING_V2 => Self::HeadPing(HeadPing::decode(payload, body)?),
            Id::HEAD_PONG_V1 => Self::HeadPong(HeadPong::decode_v1(payload, body)?),
            Id::HEAD_PONG_V2 => Self::HeadPong(HeadPong::decode_v2(payload, body)?),
            _ => Self::Open(payload.slice_ref(body.take_rest())),
        })
    }

    pub(super) fn encode(&self, out: &mut dyn Sink) {
        match self {
            Self::Open(body) => out.put(body),
            _ => self.fields().into_iter().for_each(|fields| fields.encode(out)),
        }
    }

    /// Bytes that it takes on the wire.
    pub(super) fn len(&self) -> usize {
        let mut count = Count::default();
        self.encode(&mut count);
        count.0
    }

    /// The GGEP block that ends the body, if the message has one.
    pub fn extensions(&self) -> Option<&GgepArea> {
        self.fields()?.extensions()
    }

    /// Writes the fields, if there are any.
    pub(super) fn summarise(&self, before: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.fields()) {
            (Self::Open(body), _) => write!(f, "{before}{} bytes", body.len()),
            (_, Some(fields)) => write!(f, "{before}{fields}"),
            (_, None) => Ok(()),
        }
    }

    fn fields(&self) -> Option<&dyn Fields> {
        Some(match self {
            Self::MessagesSupported(fields) => fields,
            Self::Capabilities(fields) => fields,
            Self::HopsFlow(fields) => fields,
            Self::TcpConnectBack(fields) => fields,
            Self::QueryStatus(fields) => fields,
            Self::UdpConnectBack(fields) => fields,
            Self::TimeSyncRequest(fields) => fields,
            Self::TimeSyncReply(fields) => fields,
            Self::NodeInfoRequest(fields) => fields,
            Self::NodeInfo(fields) => &**fields,
            Self::Release(fields) => fields,
            Self::CrawlerPing(fields) => fields,
            Self::CrawlerPong(fields) => fields,
            Self::TcpConnectBackRedirect(fields) | Self::UdpConnectBackRedirect(fields) => fields,
            Self::OutOfBandClaim(fields) => fields,
            Self::OutOfBandIndication(fields) => fields,
            Self::OutOfBandVeto(fields) => fields,
            Self::PushProxyAcknowledgement(fields) => fields,
            Self::HeadPing(fields) => fields,
            Self::HeadPong(fields) => fields,
            Self::HeaderUpdate(fields) => fields,
            Self::ContentRequest(fields) | Self::ContentResponse(fields) => fields,
            Self::QueryStatusRequest
            | Self::RouteLost
            | Self::HitsExhausted
            | Self::PushProxyCancel
            | Self::PushProxyRequest
            | Self::Open(_) => return None,
        })
    }
}

fn show_open<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("body", data_encoding::HEXLOWER.encode(body))])
}
