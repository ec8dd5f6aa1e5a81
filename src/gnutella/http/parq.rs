use std::fmt;
use std::net::SocketAddr;

use super::Form;

/// The name of a place in a passive queue: letters, digits and `-_.`, so that it stands in a header as it
/// is (PARQ-02).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueId(Box<str>);

impl QueueId {
    /// Takes a text that may be one.
    pub fn new(_text: &str) -> Option<Self> {
        None
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place in a passive queue (PARQ): `X-Queued` of a response, and of the requests that follow it
/// (PARQ-01).
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// `QUEUE id address:port`, with which a server calls whoever has his turn (PARQ-05).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueCallback {
    pub id: QueueId,
    /// Where the server is.
    pub address: Option<SocketAddr>,
}

impl QueueCallback {
    /// Reads the line, without its end.
    pub fn parse(_line: &str) -> Option<Self> {
        None
    }
}

impl Form for Queued {
    const NAME: &'static str = "X-Queued";

    fn parse(_value: &str) -> Option<Self> {
        None
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
        for (name, number) in numbers {
            let Some(number) = number else { continue };
            write!(f, "{before}{name}={number}")?;
            before = "; ";
        }
        id.iter().try_for_each(|id| write!(f, "{before}ID={id}"))
    }
}

/// Without the end of the line.
impl fmt::Display for QueueCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QUEUE {}", self.id)?;
        self.address.iter().try_for_each(|address| write!(f, " {address}"))
    }
}
