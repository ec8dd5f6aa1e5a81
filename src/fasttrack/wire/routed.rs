use std::net::SocketAddrV4;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Frame, Kind, Message, Side, address};
use crate::base::error::Malformed;
use crate::base::limits::FASTTRACK_HOPS_MAX;
use crate::base::reader::{Expect, Reader};
use crate::base::show;

const CUT: Expect = Expect::new("FTSAFE-05", "the routing header is cut");

/// Bytes of the routing headers.
pub(super) const UNICAST_LEN: usize = 13;
const BROADCAST_LEN: usize = 9;

/// A message to one supernode, which others pass on without a look into it (FTPEER-13).
///
/// ```text
///  0  6  address of the sender
///  6  6  address of the receiver
/// 12  1  hops, 1 at first
/// 13  n  the payload inside
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unicast {
    pub sender: SocketAddrV4,
    pub receiver: SocketAddrV4,
    pub hops: u8,
    /// What is inside, without a flag.
    pub kind: Kind,
    /// Shared with what came.
    pub payload: Bytes,
}

/// A message to all supernodes (FTPEER-15).
///
/// ```text
/// 0  6  address of the sender
/// 6  2  unknown
/// 8  1  hops
/// 9  n  the payload inside
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broadcast {
    pub sender: SocketAddrV4,
    pub unknown: [u8; 2],
    pub hops: u8,
    /// What is inside, without a flag.
    pub kind: Kind,
    /// Shared with what came.
    pub payload: Bytes,
}

impl Unicast {
    /// A message that goes out from here.
    pub fn new(sender: SocketAddrV4, receiver: SocketAddrV4, message: &Message) -> Self {
        let Frame { kind, payload } = message.to_frame();
        Self { sender, receiver, hops: 1, kind: kind.inner(), payload }
    }

    /// Fails where the header is cut; what is inside is not looked at.
    pub(super) fn decode(frame: &Frame) -> Result<Self, Malformed> {
        let mut reader = Reader::new(&frame.payload);
        Ok(Self {
            sender: address::take(&mut reader, CUT)?,
            receiver: address::take(&mut reader, CUT)?,
            hops: reader.u8(CUT)?,
            kind: frame.kind.inner(),
            payload: frame.payload.slice_ref(reader.rest()),
        })
    }

    /// The same one hop further, or nothing where it has come too far (FTPEER-14).
    pub fn relayed(self) -> Option<Self> {
        let hops = self.hops.checked_add(1).filter(|&hops| hops <= FASTTRACK_HOPS_MAX)?;
        Some(Self { hops, ..self })
    }

    /// What is inside, understood.
    pub fn message(&self) -> Result<Message, Malformed> {
        self.split().map(|(message, _)| message)
    }

    /// What is inside, and what stands behind it.
    pub fn split(&self) -> Result<(Message, Bytes), Malformed> {
        split_inner(self.kind, &self.payload, UNICAST_LEN)
    }

    /// Appends header and payload. What is inside is copied once and not looked at.
    pub fn encode(&self, out: &mut BytesMut) {
        out.reserve(self.payload.len().saturating_add(UNICAST_LEN));
        address::put(out, self.sender);
        address::put(out, self.receiver);
        out.put_u8(self.hops);
        out.put_slice(&self.payload);
    }

    /// The message as a session carries it.
    pub fn to_frame(&self) -> Frame {
        let mut out = BytesMut::new();
        self.encode(&mut out);
        Frame { kind: self.kind.unicast(), payload: out.freeze() }
    }
}

impl Broadcast {
    /// Fails where the header is cut; what is inside is not looked at.
    pub(super) fn decode(frame: &Frame) -> Result<Self, Malformed> {
        let mut reader = Reader::new(&frame.payload);
        Ok(Self {
            sender: address::take(&mut reader, CUT)?,
            unknown: reader.array(CUT)?,
            hops: reader.u8(CUT)?,
            kind: frame.kind.inner(),
            payload: frame.payload.slice_ref(reader.rest()),
        })
    }

    /// What is inside, understood.
    pub fn message(&self) -> Result<Message, Malformed> {
        self.split().map(|(message, _)| message)
    }

    /// What is inside, and what stands behind it.
    pub fn split(&self) -> Result<(Message, Bytes), Malformed> {
        split_inner(self.kind, &self.payload, BROADCAST_LEN)
    }

    /// Appends header and payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.reserve(self.payload.len().saturating_add(BROADCAST_LEN));
        address::put(out, self.sender);
        out.put_slice(&self.unknown);
        out.put_u8(self.hops);
        out.put_slice(&self.payload);
    }
}

fn split_inner(kind: Kind, payload: &Bytes, start: usize) -> Result<(Message, Bytes), Malformed> {
    let frame = Frame { kind, payload: payload.clone() };
    Message::split(&frame, Side::Across).map_err(|fault| fault.moved_by(start))
}

/// What is inside, or its bytes where they cannot be told apart. As a value: a message that may hold
/// itself would have no end for the compiler.
fn shown(kind: Kind, payload: &Bytes) -> Value {
    let open = || Message::Open { kind, payload: payload.clone() };
    let message = split_inner(kind, payload, 0).map_or_else(|_| open(), |(message, _)| message);
    serde_json::to_value(message).unwrap_or_default()
}

impl Serialize for Unicast {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            #[serde(serialize_with = "show::display")]
            sender: SocketAddrV4,
            #[serde(serialize_with = "show::display")]
            receiver: SocketAddrV4,
            hops: u8,
            #[serde(flatten)]
            message: Value,
        }
        let Self { sender, receiver, hops, kind, ref payload } = *self;
        Shown { sender, receiver, hops, message: shown(kind, payload) }.serialize(serializer)
    }
}

impl Serialize for Broadcast {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            #[serde(serialize_with = "show::display")]
            sender: SocketAddrV4,
            #[serde(serialize_with = "show::hex")]
            broadcast: [u8; 2],
            hops: u8,
            #[serde(flatten)]
            message: Value,
        }
        let Self { sender, unknown, hops, kind, ref payload } = *self;
        let message = shown(kind, payload);
        Shown { sender, broadcast: unknown, hops, message }.serialize(serializer)
    }
}
