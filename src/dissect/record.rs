use std::net::SocketAddr;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::time::Timestamp;
use crate::base::error::Faults;
use crate::gnutella::link::Head;
use crate::gnutella::wire::{Function, Header, Message, Reliable};

/// Something that was recorded, decoded: most often a message.
#[derive(Clone, Debug)]
pub struct Record {
    /// When the last byte of it was seen. Input without times has none.
    pub time: Option<Timestamp>,
    /// From where to where, and how.
    pub route: Route,
    /// What it is.
    pub body: Body,
    /// What is wrong with it. An honest record has none.
    pub faults: Faults,
}

/// The way that something took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    pub transport: Transport,
    /// The sender; unknown where only the bytes were handed in. Port 0 stands for an unknown one.
    pub from: Option<SocketAddr>,
    pub to: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Tcp,
    Udp,
}

/// What a [`Record`] is about.
#[derive(Clone, Debug)]
pub enum Body {
    /// A head of the handshake.
    Handshake(Greeting),
    /// A descriptor.
    Frame(Decoded),
    /// The head of a request or a response of a transfer, or the line of a callback.
    Http(HttpHead),
    /// All that one side sent after it had begun to encrypt.
    Tls(Stretch),
    /// What is there but cannot be read, or is no message.
    Unknown(Unknown),
}

/// A head of the handshake.
#[derive(Clone, Debug)]
pub struct Greeting {
    pub head: Head,
    /// The lines that are no headers, as they came; the faults say why.
    pub passed_over: Vec<String>,
}

/// A descriptor and what is known of its payload.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub header: Header,
    /// Inflated, where it came deflated in a datagram.
    pub payload: Bytes,
    /// None where the payload cannot be read; the faults say why.
    pub message: Option<Message>,
    /// How it came, where that is worth mentioning.
    pub packing: Packing,
    /// In a datagram: the sender says that it can inflate (UDP-08).
    pub can_inflate: bool,
}

/// How a descriptor was wrapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// As it is, or within the compressed stream of a connection.
    #[default]
    Plain,
    /// In a datagram whose payload is compressed.
    DeflatedDatagram,
    /// In so many fragments of semi-reliable UDP.
    Fragments { sequence: u16, count: u8 },
}

/// The head of a request or of a response.
#[derive(Clone, Debug)]
pub struct HttpHead {
    pub head: Head,
    /// Bytes of content that follow, where the head says so.
    pub body_len: Option<u64>,
}

/// A run of bytes that were not looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub bytes: u64,
    /// When it began.
    pub since: Option<Timestamp>,
}

/// Bytes that are no message.
#[derive(Clone, Debug)]
pub enum Unknown {
    /// Bytes of one side of a TCP connection that were not looked into.
    Stream { why: Why, stretch: Stretch },
    /// Datagrams between two hosts that are not Gnutella.
    Datagrams { stretch: Stretch, count: u64 },
    /// What came out of a compressed stream before it broke; the fault says how.
    Inflated { bytes: u64 },
    /// A message or a head whose end was not recorded.
    Unfinished { bytes: u64 },
    /// Bytes that were sent but not recorded, at a place where messages were lost with them.
    Gap { bytes: u64 },
    /// A piece of an IP packet, or a packet of which only a part was recorded.
    Piece { what: &'static str, bytes: u64 },
    /// An acknowledgement of semi-reliable UDP.
    Acknowledgement(Reliable),
    /// Fragments of semi-reliable UDP of a message that never became whole.
    Fragments { sequence: u16, received: usize, count: u8, bytes: u64 },
}

/// Why bytes of a stream were not looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They are not Gnutella.
    Foreign,
    /// Their beginning was not recorded, and nothing in them could be recognised.
    NoBeginning,
    /// They follow something malformed, a gap, or the end of the handshake.
    Lost,
    /// They are all bytes of a compressed stream that could not be followed to its end.
    Deflated,
    /// They are the head of a transfer that is longer than this program reads, and what follows it.
    LongHead,
}

impl Unknown {
    /// What it is, in a few words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stream { why: Why::Foreign, .. } | Self::Datagrams { .. } => "not Gnutella",
            Self::Stream { why: Why::NoBeginning, .. } => "stream without its beginning",
            Self::Stream { why: Why::Lost, .. } => "rest of a stream",
            Self::Stream { why: Why::Deflated, .. } => "compressed stream",
            Self::Stream { why: Why::LongHead, .. } => "transfer with a head over our limits",
            Self::Inflated { .. } => "inflated so far",
            Self::Unfinished { .. } => "beginning of a message",
            Self::Gap { .. } => "gap",
            Self::Piece { what, .. } => what,
            Self::Acknowledgement(_) => "acknowledgement of a fragment",
            Self::Fragments { .. } => "fragments of a message",
        }
    }
}

/// The sort of a record, as `--only` and the field `type` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Handshake,
    Ping,
    Pong,
    Query,
    QueryHit,
    Push,
    Bye,
    QueryTable,
    Vendor,
    Hsep,
    Http,
    Tls,
    Unknown,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Handshake,
        Self::Ping,
        Self::Pong,
        Self::Query,
        Self::QueryHit,
        Self::Push,
        Self::Bye,
        Self::QueryTable,
        Self::Vendor,
        Self::Hsep,
        Self::Http,
        Self::Tls,
        Self::Unknown,
    ];

    /// The name that people and programs see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Query => "query",
            Self::QueryHit => "query_hit",
            Self::Push => "push",
            Self::Bye => "bye",
            Self::QueryTable => "query_table",
            Self::Vendor => "vendor",
            Self::Hsep => "hsep",
            Self::Http => "http",
            Self::Tls => "tls",
            Self::Unknown => "unknown",
        }
    }

    const fn of(function: Function) -> Self {
        match function {
            Function::PING => Self::Ping,
            Function::PONG => Self::Pong,
            Function::BYE => Self::Bye,
            Function::QUERY_TABLE => Self::QueryTable,
            Function::VENDOR | Function::VENDOR_STANDARD => Self::Vendor,
            Function::PUSH => Self::Push,
            Function::QUERY => Self::Query,
            Function::QUERY_HIT => Self::QueryHit,
            Function::HSEP => Self::Hsep,
            _ => Self::Unknown,
        }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Record {
    /// The sort of this record.
    pub const fn kind(&self) -> Kind {
        match &self.body {
            Body::Handshake(_) => Kind::Handshake,
            Body::Frame(decoded) => Kind::of(decoded.header.function),
            Body::Http(_) => Kind::Http,
            Body::Tls(_) => Kind::Tls,
            Body::Unknown(_) => Kind::Unknown,
        }
    }

    /// True when it breaks a requirement.
    pub fn is_malformed(&self) -> bool {
        !self.faults.is_empty()
    }
}

impl Route {
    /// A connection or a datagram of which nothing but the bytes is known.
    pub const fn unknown(transport: Transport) -> Self {
        Self { transport, from: None, to: None }
    }
}
