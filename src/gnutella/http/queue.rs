use std::fmt;

use super::Form;
use super::form::{number, parameter};
use crate::base::limits::{QUEUE_POLL_MAX_S, QUEUE_POLL_MIN_S};
use crate::gnutella::link::Version;

/// Which kinds of queue a client understands: `X-Queue: 1.1` in a request (QUEUE-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueueVersion(pub Version);

/// A place in an active queue: `X-Queue: position=2, pollMin=45, pollMax=120` in a response (QUEUE-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// From 1 on.
    pub position: u32,
    /// How many wait.
    pub length: Option<u32>,
    /// How many are served at once.
    pub limit: Option<u32>,
    /// Seconds that have to pass before the next request.
    pub poll_min_s: u32,
    /// Seconds after which the place is lost, not fewer than those.
    pub poll_max_s: u32,
}

impl QueueVersion {
    /// Active queues alone.
    pub const ACTIVE: Self = Self(Version(0, 1));
    /// Passive ones as well, which is PARQ.
    pub const PASSIVE: Self = Self(Version(1, 1));

    /// Whether the client keeps a place without a connection.
    pub fn is_passive(self) -> bool {
        self >= Self(Version(1, 0))
    }
}

impl Form for QueueVersion {
    const NAME: &'static str = "X-Queue";

    /// What is no version is one of 0.1, since the header is there.
    fn parse(value: &str) -> Option<Self> {
        Some(Version::parse(value.trim()).map_or(Self::ACTIVE, Self))
    }
}

impl fmt::Display for QueueVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Form for Queue {
    const NAME: &'static str = "X-Queue";

    fn parse(value: &str) -> Option<Self> {
        let value_of = |name| parameter(value, name).and_then(number::<u32>);
        let poll_min_s = value_of("pollMin").unwrap_or(QUEUE_POLL_MIN_S);
        let poll_max_s = value_of("pollMax").unwrap_or(QUEUE_POLL_MAX_S).max(poll_min_s);
        let (length, limit) = (value_of("length"), value_of("limit"));
        Some(Self { position: value_of("position")?, length, limit, poll_min_s, poll_max_s })
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "position={}", self.position)?;
        self.length.iter().try_for_each(|length| write!(f, ", length={length}"))?;
        self.limit.iter().try_for_each(|limit| write!(f, ", limit={limit}"))?;
        write!(f, ", pollMin={}, pollMax={}", self.poll_min_s, self.poll_max_s)
    }
}
