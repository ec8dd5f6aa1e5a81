use crate::base::mutant::mutant;
use crate::gnutella::wire::vendor::{Body, Capabilities, Capability, MessageId, MessagesSupported};
use crate::gnutella::wire::{Frame, Guid, Vendor};

/// A set of abilities, ours or a neighbour's: vendor messages that are understood, and other
/// things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities(u32);

#[rustfmt::skip]
impl Abilities {
    /// BEAR/4v1: the queries that we want can be fewer.
    pub const HOPS_FLOW: Self                  = Self(1);
    /// BEAR/7v1: connects to us, so that we learn whether we can be reached.
    pub const TCP_CONNECT_BACK: Self           = Self(1 << 1);
    /// BEAR/11v1: tells how many hits of a query it kept.
    pub const QUERY_STATUS_REQUEST: Self       = Self(1 << 2);
    /// BEAR/12v1: listens to how many hits of a query we kept.
    pub const QUERY_STATUS: Self               = Self(1 << 3);
    /// GTKG/7v1: sends us a ping by UDP.
    pub const UDP_CONNECT_BACK_V1: Self        = Self(1 << 4);
    /// GTKG/7v2: the same.
    pub const UDP_CONNECT_BACK_V2: Self        = Self(1 << 5);
    /// GTKG/9v1
    pub const TIME_SYNC_REQUEST: Self          = Self(1 << 6);
    /// GTKG/10v1
    pub const TIME_SYNC_REPLY: Self            = Self(1 << 7);
    /// GTKG/21v1
    pub const PUSH_PROXY_CANCEL: Self          = Self(1 << 8);
    /// LIME/5v1
    pub const CRAWLER_PING: Self               = Self(1 << 9);
    /// LIME/7v1
    pub const TCP_CONNECT_BACK_REDIRECT: Self  = Self(1 << 10);
    /// LIME/8v1
    pub const UDP_CONNECT_BACK_REDIRECT: Self  = Self(1 << 11);
    /// LIME/11v2
    pub const OUT_OF_BAND_CLAIM_V2: Self       = Self(1 << 12);
    /// LIME/11v3
    pub const OUT_OF_BAND_CLAIM_V3: Self       = Self(1 << 13);
    /// LIME/12v2
    pub const OUT_OF_BAND_INDICATION_V2: Self  = Self(1 << 14);
    /// LIME/12v3
    pub const OUT_OF_BAND_INDICATION_V3: Self  = Self(1 << 15);
    /// LIME/13v1
    pub const OUT_OF_BAND_VETO: Self           = Self(1 << 16);
    /// LIME/21v1 or v2: takes pushes for leaves. Both versions are answered alike (VMSG-35).
    pub const PUSH_PROXY_REQUEST: Self         = Self(1 << 17);
    /// LIME/22v2
    pub const PUSH_PROXY_ACKNOWLEDGEMENT: Self = Self(1 << 18);
    /// LIME/23v1
    pub const HEAD_PING_V1: Self               = Self(1 << 19);
    /// LIME/23v2
    pub const HEAD_PING_V2: Self               = Self(1 << 20);
    /// LIME/24v1
    pub const HEAD_PONG_V1: Self               = Self(1 << 21);
    /// LIME/24v2
    pub const HEAD_PONG_V2: Self               = Self(1 << 22);
    /// LIME/25v1
    pub const HEADER_UPDATE: Self              = Self(1 << 23);
    /// HSEP: tells how large the horizon is.
    pub const HORIZON: Self                    = Self(1 << 24);
    /// WHAT: answers queries for what is new.
    pub const WHATS_NEW: Self                  = Self(1 << 25);
    /// QRP1: takes query tables with one bit an entry, so it says. gtk-gnutella corrupts them.
    pub const ONE_BIT_ENTRIES: Self            = Self(1 << 26);
    /// TCPI: TCP connections from outside reach it, so it says.
    pub const INCOMING_TCP: Self               = Self(1 << 27);
    /// TLS!
    pub const TLS: Self                        = Self(1 << 28);
    /// ADHT, PDHT or LDHT: takes part in the distributed hash table.
    pub const DHT: Self                        = Self(1 << 29);

    /// What a node of ours understands however it is configured. Others come on top with what they
    /// belong to, such as [`UDP_CONNECT_BACK`](Self::UDP_CONNECT_BACK) with UDP.
    pub const OURS: Self = Self::HOPS_FLOW
        .and(Self::TCP_CONNECT_BACK)
        .and(Self::QUERY_STATUS_REQUEST)
        .and(Self::QUERY_STATUS)
        .and(Self::PUSH_PROXY_CANCEL)
        .and(Self::PUSH_PROXY_REQUEST)
        .and(Self::PUSH_PROXY_ACKNOWLEDGEMENT)
        .and(Self::WHATS_NEW);

    /// GTKG/7 in both versions.
    pub const UDP_CONNECT_BACK: Self = Self::UDP_CONNECT_BACK_V1.and(Self::UDP_CONNECT_BACK_V2);
}

/// Each vendor message that has a bit. Where two have the same, the first one is what we list.
#[rustfmt::skip]
const MESSAGES: &[(Abilities, MessageId)] = &[
    (Abilities::HOPS_FLOW,                  MessageId::HOPS_FLOW),
    (Abilities::TCP_CONNECT_BACK,           MessageId::TCP_CONNECT_BACK),
    (Abilities::QUERY_STATUS_REQUEST,       MessageId::QUERY_STATUS_REQUEST),
    (Abilities::QUERY_STATUS,               MessageId::QUERY_STATUS),
    (Abilities::UDP_CONNECT_BACK_V1,        MessageId::UDP_CONNECT_BACK_V1),
    (Abilities::UDP_CONNECT_BACK_V2,        MessageId::UDP_CONNECT_BACK_V2),
    (Abilities::TIME_SYNC_REQUEST,          MessageId::TIME_SYNC_REQUEST),
    (Abilities::TIME_SYNC_REPLY,            MessageId::TIME_SYNC_REPLY),
    (Abilities::PUSH_PROXY_CANCEL,          MessageId::PUSH_PROXY_CANCEL),
    (Abilities::CRAWLER_PING,               MessageId::CRAWLER_PING),
    (Abilities::TCP_CONNECT_BACK_REDIRECT,  MessageId::TCP_CONNECT_BACK_REDIRECT),
    (Abilities::UDP_CONNECT_BACK_REDIRECT,  MessageId::UDP_CONNECT_BACK_REDIRECT),
    (Abilities::OUT_OF_BAND_CLAIM_V2,       MessageId::OUT_OF_BAND_CLAIM_V2),
    (Abilities::OUT_OF_BAND_CLAIM_V3,       MessageId::OUT_OF_BAND_CLAIM_V3),
    (Abilities::OUT_OF_BAND_INDICATION_V2,  MessageId::OUT_OF_BAND_INDICATION_V2),
    (Abilities::OUT_OF_BAND_INDICATION_V3,  MessageId::OUT_OF_BAND_INDICATION_V3),
    (Abilities::OUT_OF_BAND_VETO,           MessageId::OUT_OF_BAND_VETO),
    (Abilities::PUSH_PROXY_REQUEST,         MessageId::PUSH_PROXY_REQUEST_V1),
    (Abilities::PUSH_PROXY_REQUEST,         MessageId::PUSH_PROXY_REQUEST_V2),
    (Abilities::PUSH_PROXY_ACKNOWLEDGEMENT, MessageId::PUSH_PROXY_ACKNOWLEDGEMENT_V2),
    (Abilities::HEAD_PING_V1,               MessageId::HEAD_PING_V1),
    (Abilities::HEAD_PING_V2,               MessageId::HEAD_PING_V2),
    (Abilities::HEAD_PONG_V1,               MessageId::HEAD_PONG_V1),
    (Abilities::HEAD_PONG_V2,               MessageId::HEAD_PONG_V2),
    (Abilities::HEADER_UPDATE,              MessageId::HEADER_UPDATE),
];

/// Each capability that has a bit.
const CAPABILITIES: &[(Abilities, [u8; 4])] = &[
    (Abilities::HORIZON, *b"HSEP"),
    (Abilities::WHATS_NEW, *b"WHAT"),
    (Abilities::ONE_BIT_ENTRIES, *b"QRP1"),
    (Abilities::INCOMING_TCP, *b"TCPI"),
    (Abilities::TLS, *b"TLS!"),
    (Abilities::DHT, *b"ADHT"),
    (Abilities::DHT, *b"PDHT"),
    (Abilities::DHT, *b"LDHT"),
];

/// The bits of messages; the others are those of capabilities.
const OF_MESSAGES: Abilities = Abilities((1 << 24) - 1);

impl Abilities {
    /// Both sets together.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// This set without another.
    #[must_use]
    pub const fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }

    /// True if all of `wanted` are in the set.
    pub const fn contain(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// The two messages that tell a neighbour about this set. They have to be the first ones after
    /// the handshake, or nearly so (VMSG-49).
    pub fn greet(self, out: &mut Vec<Frame>) {
        out.push(self.to_messages_supported());
        out.extend(self.to_capabilities());
    }

    /// Which messages are in the set, for a neighbour to know (VMSG-06).
    pub fn to_messages_supported(self) -> Frame {
        let mut listed = Self::default();
        let mut messages = Vec::new();
        for &(bit, id) in MESSAGES {
            if self.contain(bit) && !listed.contain(bit) {
                messages.push(id);
                listed = listed.and(bit);
            }
        }
        let body = Body::MessagesSupported(MessagesSupported { messages });
        Vendor::new(MessageId::MESSAGES_SUPPORTED, body).into_frame(Guid::ZERO)
    }

    /// Which capabilities are in the set; nothing where there are none (VMSG-07). The hash table is
    /// never said, for it would need the version that we speak of it.
    pub fn to_capabilities(self) -> Option<Frame> {
        let said = self.without(Self::DHT);
        let names = CAPABILITIES.iter().filter(|(bit, _)| said.contain(*bit));
        let capabilities: Vec<_> =
            names.map(|(_, name)| Capability { name: *name, version: 1 }).collect();
        if capabilities.is_empty() {
            return None;
        }
        let body = Body::Capabilities(Capabilities { capabilities, wide: None });
        Some(Vendor::new(MessageId::CAPABILITIES_V0, body).into_frame(Guid::ZERO))
    }

    /// The set with the messages that a list names, in place of those that were in it.
    pub(super) fn with_messages(self, list: &MessagesSupported) -> Self {
        let kept = self.without(OF_MESSAGES);
        let named = MESSAGES.iter().filter(|(_, id)| list.contains(*id));
        named.fold(kept, |set, (bit, _)| set.and(*bit))
    }

    /// The set with the capabilities that a list names, in place of those that were in it
    /// (VMSG-50).
    pub(super) fn with_capabilities(self, list: &Capabilities) -> Self {
        let kept = Self(self.0 & OF_MESSAGES.0);
        let kept = if mutant!(AddsUpCapabilities) { self } else { kept };
        let named = CAPABILITIES.iter().filter(|(_, name)| list.version(name).is_some());
        named.fold(kept, |set, (bit, _)| set.and(*bit))
    }
}
