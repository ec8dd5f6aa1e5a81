use super::meter::Meter;
use crate::base::error::{Misbehaved, Rule};
use crate::base::fair_table::Account;
use crate::base::limits::{
    FAR_QUERIES_MAX, FAR_QUERY_HOPS_MAX, REPEATS_MAX, REPEATS_PER_MILLE_MAX,
};
use crate::gnutella::wire::{Function, Header};

pub(super) const RELAYED: Misbehaved =
    Misbehaved { rule: Rule::new("TTL-10"), what: "a leaf has sent what it did not make" };
pub(super) const SPENT: Misbehaved =
    Misbehaved { rule: Rule::new("TTL-04"), what: "a message came with TTL 0" };
const TOO_FAR: Misbehaved =
    Misbehaved { rule: Rule::new("TTL-08"), what: "many queries reach too far" };
const REPEATED: Misbehaved =
    Misbehaved { rule: Rule::new("TTL-14"), what: "many messages of its own came again" };

/// What a router knows of a neighbour.
#[derive(Clone, Debug)]
pub(super) struct Neighbour {
    /// A number that no other neighbour of this router ever had, nor will have.
    pub(super) number: u32,
    /// The account of the messages that it was the first to bring, once it has one.
    pub(super) messages: Option<Account>,
    /// The account of the servents for which it speaks, once it has one.
    pub(super) servents: Option<Account>,
    pub(super) is_leaf: bool,
    pub(super) dynamic_querying: bool,
    received: u32,
    repeats: u32,
    far_queries: u32,
    /// What of it has gone on within its own share.
    pub(super) forwarded: Meter,
}

impl Neighbour {
    pub(super) fn new(number: u32, is_leaf: bool, dynamic_querying: bool) -> Self {
        Self {
            number,
            messages: None,
            servents: None,
            is_leaf,
            dynamic_querying,
            received: 0,
            repeats: 0,
            far_queries: 0,
            forwarded: Meter::default(),
        }
    }

    /// Counts a message, whatever becomes of it.
    #[inline]
    pub(super) const fn count(&mut self) {
        self.received = self.received.saturating_add(1);
    }

    /// Counts a message of its own that this neighbour has sent before, with no lower TTL.
    pub(super) fn blame_repeat(&mut self) -> Option<Misbehaved> {
        self.repeats = self.repeats.saturating_add(1);
        let per_mille = u64::from(self.repeats).saturating_mul(1_000);
        let share_max = u64::from(self.received).saturating_mul(u64::from(REPEATS_PER_MILLE_MAX));
        (self.repeats > REPEATS_MAX && per_mille > share_max).then_some(REPEATED)
    }

    /// Counts a message above the hard limit.
    pub(super) fn blame_far(&mut self, header: &Header) -> Option<Misbehaved> {
        if header.function != Function::QUERY || header.hops > FAR_QUERY_HOPS_MAX {
            return None;
        }
        self.far_queries = self.far_queries.saturating_add(1);
        (self.far_queries > FAR_QUERIES_MAX).then_some(TOO_FAR)
    }
}
