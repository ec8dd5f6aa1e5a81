use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// The way of one query through the overlay.
#[derive(Debug)]
pub(crate) struct Flood {
    /// Who sent it first, if an honest machine did.
    pub(crate) origin: Option<u64>,
    /// The search that it belongs to.
    pub(crate) search: Option<u32>,
    pub(crate) last: Time,
    /// Ultrapeers and leaves that it reached.
    pub(crate) ultrapeers: u32,
    pub(crate) leaves: u32,
    pub(crate) messages: u64,
    pub(crate) duplicates: u64,
    /// How many hosts were reached first after how many hops.
    pub(crate) hops: [u32; HOPS_COUNTED],
    pub(super) hosts: HashMap<u64, Seen, FixedState>,
    /// What was sent over a link, by its name at the one who sends there.
    pub(super) sent: HashMap<u64, Ttls, FixedState>,
    /// Hits that came to a host, by the host and by what stands in them.
    pub(super) hits: HashMap<(u64, u64), Held, FixedState>,
    /// Files that were named in answers: who answered, for whom, and which.
    pub(super) answers: HashMap<(u64, Guid, u32), (), FixedState>,
}

/// Hops beyond are counted as the last.
pub(crate) const HOPS_COUNTED: usize = 16;

/// What one host was told of a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The link of the first copy, at the host, and its TTL.
    pub(super) first_link: u64,
    pub(super) first_ttl: u8,
    /// The highest TTL of the copies that came over other links.
    pub(super) others_ttl: u8,
    /// The highest TTL of any copy.
    pub(super) ttl: u8,
    /// The highest sum of TTL and hops.
    pub(super) reach: u8,
    /// A leaf asked it, so that it may start the query anew.
    pub(super) from_leaf: bool,
}

/// A hit that came to a host.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// The highest TTL with which it came.
    pub(super) ttl: u8,
    /// How often it came, less how often it was sent on.
    pub(super) left: u16,
}

/// The TTLs of some copies; those from 15 on count as one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ttls(u16);

impl Ttls {
    pub(super) const fn add(&mut self, ttl: u8) {
        self.0 |= Self::bit(ttl);
    }

    pub(super) const fn has(self, ttl: u8) -> bool {
        self.0 & Self::bit(ttl) != 0
    }

    /// The highest of them; zero of none.
    pub(super) fn highest(self) -> u8 {
        self.0.checked_ilog2().and_then(|ttl| u8::try_from(ttl).ok()).unwrap_or(0)
    }

    const fn bit(ttl: u8) -> u16 {
        1 << if ttl < 15 { ttl } else { 15 }
    }
}

impl Flood {
    pub(super) fn new(now: Time) -> Self {
        Self {
            origin: None,
            search: None,
            last: now,
            ultrapeers: 0,
            leaves: 0,
            messages: 0,
            duplicates: 0,
            hops: [0; HOPS_COUNTED],
            hosts: HashMap::default(),
            sent: HashMap::default(),
            hits: HashMap::default(),
            answers: HashMap::default(),
        }
    }
}
