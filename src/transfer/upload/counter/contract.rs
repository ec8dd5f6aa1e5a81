//! What a counter is asked, and what it says.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::index::files::FileId;

/// The number of a connection over which somebody asks for files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitId(pub u64);

/// The number by which PARQ knows an entry of the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub [u8; 16]);

impl Ticket {
    /// Reads the 32 hexadecimal digits of one.
    pub fn parse(text: &str) -> Option<Self> {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What the user allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Files that are under way at the same time.
    pub slots: usize,
    /// Of these, to one host.
    pub slots_per_host: usize,
    /// How many may wait.
    pub queue_len: usize,
}

/// Somebody asks for something that needs a slot.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub visit: VisitId,
    pub address: IpAddr,
    pub file: FileId,
    pub manner: Manner,
}

/// How somebody can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It knows no queues, and may come again by itself.
    Unaware,
    /// It stays connected and asks again (`X-Queue: 0.1`).
    Stays,
    /// It has numbers (PARQ): the one that it was given before, and where it takes a call.
    Numbered { id: Option<Ticket>, calls_at: Option<SocketAddr> },
}

impl Manner {
    pub(super) const fn id(&self) -> Option<Ticket> {
        match self {
            Self::Numbered { id, .. } => *id,
            Self::Unaware | Self::Stays => None,
        }
    }
}

/// What somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has a slot.
    Serve,
    /// It has a place in the queue.
    Wait(Waiting),
    /// It has neither.
    Refuse(Refusal),
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: Ticket,
    /// From 1 on.
    pub position: usize,
    /// How many wait.
    pub len: usize,
    /// How many do not have to.
    pub slots: usize,
    /// How long it will take, in seconds, if everybody takes as long as may be.
    pub eta_s: u32,
    /// When it asks again: so many seconds later at the earliest and at the latest.
    pub poll_min_s: u32,
    pub poll_max_s: u32,
}

/// Why somebody gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too many wait.
    QueueFull,
    /// Its host has what one may have.
    HostFull,
    /// Its host has asked too often.
    TooOften,
    /// Its host has taken files too slowly.
    TooSlow,
}

impl Refusal {
    /// When it may try again, in seconds.
    pub const fn retry_after_s(self) -> u32 {
        match self {
            Self::QueueFull => 300,
            Self::HostFull | Self::TooSlow | Self::TooOften => 60,
        }
    }

    /// The reason in a few words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::QueueFull => "Queue Full",
            Self::HostFull => "Too Many Transfers",
            Self::TooOften => "Too Many Requests",
            Self::TooSlow => "Transfer Too Slow",
        }
    }
}

/// What the counter wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A connection has lost its slot in the middle of an answer, which ends here.
    TakeBack { visit: VisitId, why: Ended },
    /// Somebody who waits is to be told that it is awaited: `QUEUE`, its number, our address.
    Call { to: SocketAddr, id: Ticket },
}

/// Why an answer ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was taken too slowly.
    Slow,
    /// It has taken its turn, and others wait.
    Turn,
}
