use std::fmt;

use super::Form;
use crate::gnutella::link::Version;

/// Which kinds of queue a client understands: `X-Queue: 1.1` in a request (QUEUE-01).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueVersion(pub Version);

/// A place in an active queue: `X-Queue: position=2, pollMin=45, pollMax=120` in a response (QUEUE-02).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// From 1 on.
    pub position: u32,
    /// How many wait.
    pub length: Option<u32>,
    /// How many are served at once.
    pub limit: Option<u32>,
    /// Seconds that have to pass before the next request.
    pub poll_min_s: u32,
    /// Seconds after which the place is lost.
    pub poll_max_s: u32,
}

impl Form for QueueVersion {
    const NAME: &'static str = "X-Queue";

    fn parse(_value: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for QueueVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Form for Queue {
    const NAME: &'static str = "X-Queue";

    fn parse(_value: &str) -> Option<Self> {
        None
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
