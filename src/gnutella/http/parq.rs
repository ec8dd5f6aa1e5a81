use std::fmt;
use std::net::SocketAddr;

use super::Form;
use super::form::{after, host, number, parameter};
use crate::base::limits::QUEUE_ID_LEN_MAX;

/// The name of a place in a passive queue: letters, digits and `-_.`, so that it stands in a header as it
/// is (PARQ-02). gtk-gnutella gives 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(Box<str>);

impl QueueId {
    /// Takes a text that may be one.
    pub fn new(text: &str) -> Option<Self> {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_id = (1..=QUEUE_ID_LEN_MAX).contains(&text.len()) && text.bytes().all(is_plain);
        is_id.then(|| Self(text.into()))
    }

    /// The name as it stands in a header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place in a passive queue (PARQ): `X-Queued` of a response, and of the requests that follow it
/// (PARQ-01).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queued {
    pub id: Option<QueueId>,
    /// From 1 on.
    pub position: Option<u32>,
    /// How many wait.
    pub length: Option<u32>,
    /// Seconds until it may be our turn.
    pub eta_s: Option<u32>,
    /// Seconds after which the place is lost.
    pub lifetime_s: Option<u32>,
}

/// `QUEUE id address:port`, with which a server calls whoever has his turn (PARQ-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueCallback {
    pub id: QueueId,
    /// Where the server is.
    pub address: Option<SocketAddr>,
}

impl QueueCallback {
    /// Reads the line, with or without its end.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = after(line, "QUEUE ")?.split_ascii_whitespace();
        let id = QueueId::new(words.next()?)?;
        Some(Self { id, address: words.next().and_then(host) })
    }
}

impl Form for Queued {
    const NAME: &'static str = "X-Queued";

    /// Nothing where neither a name nor a position is there.
    fn parse(value: &str) -> Option<Self> {
        let value_of = |name| parameter(value, name).and_then(number);
        let queued = Self {
            id: parameter(value, "ID").and_then(QueueId::new),
            position: value_of("position"),
            length: value_of("length"),
            eta_s: value_of("ETA"),
            lifetime_s: value_of("lifetime"),
        };
        (queued.id.is_some() || queued.position.is_some()).then_some(queued)
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Queued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, position, length, eta_s, lifetime_s } = self;
        let numbers =
            [("position", position), ("length", length), ("ETA", eta_s), ("lifetime", lifetime_s)];
        let mut before = "";
        if let Some(id) = id {
            write!(f, "ID={id}")?;
            before = "; ";
        }
        for (name, number) in numbers {
            let Some(number) = number else { continue };
            write!(f, "{before}{name}={number}")?;
            before = "; ";
        }
        Ok(())
    }
}

/// With the end of the line.
impl fmt::Display for QueueCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QUEUE {}", self.id)?;
        self.address.iter().try_for_each(|address| write!(f, " {address}"))?;
        f.write_str("\r\n")
    }
}
