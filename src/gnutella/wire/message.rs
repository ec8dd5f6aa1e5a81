use std::fmt;

use bytes::{Bytes, BytesMut};
use serde::Serialize;

use super::{Bye, Frame, Function, Hsep, Ping, Pong, Push, Query, QueryHit, QueryTable, Vendor};
use crate::base::error::{Faults, Malformed};
use crate::base::show;

/// A payload understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Message {
    Ping(Ping),
    Pong(Pong),
    Bye(Bye),
    QueryTable(QueryTable),
    /// In a box, since its many forms would make every other message slower to move.
    Vendor(Box<Vendor>),
    Push(Push),
    Query(Query),
    QueryHit(QueryHit),
    Hsep(Hsep),
    /// A function that this room does not read (or nobody knows).
    Open {
        #[serde(serialize_with = "show::hex")]
        payload: Bytes,
    },
}

impl Message {
    /// Reads the payload of a frame. Fails only where the bytes cannot be told apart.
    pub fn decode(frame: &Frame) -> Result<Self, Malformed> {
        let payload = &frame.payload;
        Ok(match frame.function {
            Function::PING => Self::Ping(Ping::decode(payload)),
            Function::PONG => Self::Pong(Pong::decode(payload)?),
            Function::BYE => Self::Bye(Bye::decode(payload)?),
            Function::QUERY_TABLE => Self::QueryTable(QueryTable::decode(payload)?),
            Function::VENDOR | Function::VENDOR_STANDARD => {
                Self::Vendor(Box::new(Vendor::decode(payload)?))
            }
            Function::PUSH => Self::Push(Push::decode(payload)?),
            Function::QUERY => Self::Query(Query::decode(payload)?),
            Function::QUERY_HIT => Self::QueryHit(QueryHit::decode(payload)?),
            Function::HSEP => Self::Hsep(Hsep::decode(payload)?),
            _ => Self::Open { payload: payload.clone() },
        })
    }

    /// Appends the payload.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Ping(ping) => ping.encode(out),
            Self::Pong(pong) => pong.encode(out),
            Self::Bye(bye) => bye.encode(out),
            Self::QueryTable(table) => table.encode(out),
            Self::Vendor(vendor) => vendor.encode(out),
            Self::Push(push) => push.encode(out),
            Self::Query(query) => query.encode(out),
            Self::QueryHit(hit) => hit.encode(out),
            Self::Hsep(hsep) => hsep.encode(out),
            Self::Open { payload } => out.extend_from_slice(payload),
        }
    }

    /// The payload as bytes.
    pub fn to_bytes(&self) -> Bytes {
        let mut out = BytesMut::new();
        self.encode(&mut out);
        out.freeze()
    }

    /// Looks at everything that decoding tolerates, and notes what is wrong.
    pub fn inspect(&self, faults: &mut Faults) {
        match self {
            Self::Ping(ping) => ping.inspect(faults),
            Self::Pong(pong) => pong.inspect(faults),
            Self::Bye(bye) => bye.inspect(faults),
            Self::QueryTable(table) => table.inspect(faults),
            Self::Vendor(vendor) => vendor.inspect(faults),
            Self::Push(push) => push.inspect(faults),
            Self::Query(query) => query.inspect(faults),
            Self::QueryHit(hit) => hit.inspect(faults),
            Self::Hsep(hsep) => hsep.inspect(faults),
            Self::Open { .. } => {}
        }
    }
}

/// One line for people, without control characters of strangers.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping(ping) => ping.fmt(f),
            Self::Pong(pong) => pong.fmt(f),
            Self::Bye(bye) => bye.fmt(f),
            Self::QueryTable(table) => table.fmt(f),
            Self::Vendor(vendor) => vendor.fmt(f),
            Self::Push(push) => push.fmt(f),
            Self::Query(query) => query.fmt(f),
            Self::QueryHit(hit) => hit.fmt(f),
            Self::Hsep(hsep) => hsep.fmt(f),
            Self::Open { payload } => write!(f, "{} bytes", payload.len()),
        }
    }
}
