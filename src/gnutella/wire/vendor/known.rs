use super::MessageId;
use crate::gnutella::wire::VendorCode;

const NULL: VendorCode = VendorCode::NULL;
const BEAR: VendorCode = VendorCode(*b"BEAR");
const GTKG: VendorCode = VendorCode(*b"GTKG");
const LIME: VendorCode = VendorCode(*b"LIME");

/// The messages that are read here. A version stands in the name where there are several.
#[rustfmt::skip]
impl MessageId {
    pub const MESSAGES_SUPPORTED: Self             = Self::new(NULL, 0, 0);
    pub const CAPABILITIES_V0: Self                = Self::new(NULL, 10, 0);
    pub const CAPABILITIES_V1: Self                = Self::new(NULL, 10, 1);
    pub const HOPS_FLOW: Self                      = Self::new(BEAR, 4, 1);
    pub const TCP_CONNECT_BACK: Self               = Self::new(BEAR, 7, 1);
    pub const QUERY_STATUS_REQUEST: Self           = Self::new(BEAR, 11, 1);
    pub const QUERY_STATUS: Self                   = Self::new(BEAR, 12, 1);
    pub const ROUTE_LOST: Self                     = Self::new(GTKG, 2, 1);
    pub const UDP_CONNECT_BACK_V1: Self            = Self::new(GTKG, 7, 1);
    pub const UDP_CONNECT_BACK_V2: Self            = Self::new(GTKG, 7, 2);
    pub const TIME_SYNC_REQUEST: Self              = Self::new(GTKG, 9, 1);
    pub const TIME_SYNC_REPLY: Self                = Self::new(GTKG, 10, 1);
    pub const HITS_EXHAUSTED: Self                 = Self::new(GTKG, 11, 1);
    pub const PUSH_PROXY_CANCEL: Self              = Self::new(GTKG, 21, 1);
    pub const NODE_INFO_REQUEST: Self              = Self::new(GTKG, 22, 1);
    pub const NODE_INFO: Self                      = Self::new(GTKG, 23, 1);
    pub const RELEASE: Self                        = Self::new(GTKG, 24, 1);
    pub const CRAWLER_PING: Self                   = Self::new(LIME, 5, 1);
    pub const CRAWLER_PONG: Self                   = Self::new(LIME, 6, 1);
    pub const TCP_CONNECT_BACK_REDIRECT: Self      = Self::new(LIME, 7, 1);
    pub const UDP_CONNECT_BACK_REDIRECT: Self      = Self::new(LIME, 8, 1);
    pub const OUT_OF_BAND_CLAIM_V2: Self           = Self::new(LIME, 11, 2);
    pub const OUT_OF_BAND_CLAIM_V3: Self           = Self::new(LIME, 11, 3);
    pub const OUT_OF_BAND_INDICATION_V1: Self      = Self::new(LIME, 12, 1);
    pub const OUT_OF_BAND_INDICATION_V2: Self      = Self::new(LIME, 12, 2);
    pub const OUT_OF_BAND_INDICATION_V3: Self      = Self::new(LIME, 12, 3);
    pub const OUT_OF_BAND_VETO: Self               = Self::new(LIME, 13, 1);
    pub const PUSH_PROXY_REQUEST_V1: Self          = Self::new(LIME, 21, 1);
    pub const PUSH_PROXY_REQUEST_V2: Self          = Self::new(LIME, 21, 2);
    pub const PUSH_PROXY_ACKNOWLEDGEMENT_V1: Self  = Self::new(LIME, 22, 1);
    pub const PUSH_PROXY_ACKNOWLEDGEMENT_V2: Self  = Self::new(LIME, 22, 2);
    pub const HEAD_PING_V1: Self                   = Self::new(LIME, 23, 1);
    pub const HEAD_PING_V2: Self                   = Self::new(LIME, 23, 2);
    pub const HEAD_PONG_V1: Self                   = Self::new(LIME, 24, 1);
    pub const HEAD_PONG_V2: Self                   = Self::new(LIME, 24, 2);
    pub const HEADER_UPDATE: Self                  = Self::new(LIME, 25, 1);
    pub const CONTENT_REQUEST: Self                = Self::new(LIME, 28, 1);
    pub const CONTENT_RESPONSE: Self               = Self::new(LIME, 29, 1);
}

/// Each of them with the name that it has in protocol-spec.
#[rustfmt::skip]
const NAMES: &[(MessageId, &str)] = &[
    (MessageId::MESSAGES_SUPPORTED,            "messages_supported"),
    (MessageId::CAPABILITIES_V0,               "capabilities"),
    (MessageId::CAPABILITIES_V1,               "capabilities"),
    (MessageId::HOPS_FLOW,                     "hops_flow"),
    (MessageId::TCP_CONNECT_BACK,              "tcp_connect_back"),
    (MessageId::QUERY_STATUS_REQUEST,          "query_status_request"),
    (MessageId::QUERY_STATUS,                  "query_status"),
    (MessageId::ROUTE_LOST,                    "route_lost"),
    (MessageId::UDP_CONNECT_BACK_V1,           "udp_connect_back"),
    (MessageId::UDP_CONNECT_BACK_V2,           "udp_connect_back"),
    (MessageId::TIME_SYNC_REQUEST,             "time_sync_request"),
    (MessageId::TIME_SYNC_REPLY,               "time_sync_reply"),
    (MessageId::HITS_EXHAUSTED,                "hits_exhausted"),
    (MessageId::PUSH_PROXY_CANCEL,             "push_proxy_cancel"),
    (MessageId::NODE_INFO_REQUEST,             "node_info_request"),
    (MessageId::NODE_INFO,                     "node_info"),
    (MessageId::RELEASE,                       "release"),
    (MessageId::CRAWLER_PING,                  "crawler_ping"),
    (MessageId::CRAWLER_PONG,                  "crawler_pong"),
    (MessageId::TCP_CONNECT_BACK_REDIRECT,     "tcp_connect_back_redirect"),
    (MessageId::UDP_CONNECT_BACK_REDIRECT,     "udp_connect_back_redirect"),
    (MessageId::OUT_OF_BAND_CLAIM_V2,          "out_of_band_claim"),
    (MessageId::OUT_OF_BAND_CLAIM_V3,          "out_of_band_claim"),
    (MessageId::OUT_OF_BAND_INDICATION_V1,     "out_of_band_indication"),
    (MessageId::OUT_OF_BAND_INDICATION_V2,     "out_of_band_indication"),
    (MessageId::OUT_OF_BAND_INDICATION_V3,     "out_of_band_indication"),
    (MessageId::OUT_OF_BAND_VETO,              "out_of_band_veto"),
    (MessageId::PUSH_PROXY_REQUEST_V1,         "push_proxy_request"),
    (MessageId::PUSH_PROXY_REQUEST_V2,         "push_proxy_request"),
    (MessageId::PUSH_PROXY_ACKNOWLEDGEMENT_V1, "push_proxy_acknowledgement"),
    (MessageId::PUSH_PROXY_ACKNOWLEDGEMENT_V2, "push_proxy_acknowledgement"),
    (MessageId::HEAD_PING_V1,                  "head_ping"),
    (MessageId::HEAD_PING_V2,                  "head_ping"),
    (MessageId::HEAD_PONG_V1,                  "head_pong"),
    (MessageId::HEAD_PONG_V2,                  "head_pong"),
    (MessageId::HEADER_UPDATE,                 "header_update"),
    (MessageId::CONTENT_REQUEST,               "content_request"),
    (MessageId::CONTENT_RESPONSE,              "content_response"),
];

impl MessageId {
    /// The name of the message, if it is known here.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(id, _)| *id == self).map(|(_, name)| *name)
    }

    /// Every message that is known here.
    pub fn known() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(id, _)| *id)
    }
}
