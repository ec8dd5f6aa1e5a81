use std::collections::BTreeMap;
use std::mem;

use crate::base::limits::{
    HIT_COUNTERS_MAX, HIT_COUNTERS_TURN_MS, HIT_QUERY_LEN_MAX, HIT_RESULTS_CONGESTED_MAX,
    HIT_RESULTS_FEW, HIT_RESULTS_FEW_MAX, HIT_RESULTS_MAX,
};
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// Which hits of a query are carried home (DQ-20).
///
/// A query for something popular must not fill the links that carry the answers to all others. So
/// so many results and bytes are carried for each; hits with few results, which answer narrow
/// queries, may come on top. Where the way home is congested, only those queries are served that
/// have had next to nothing so far. Hits for this node itself are not asked about here.
///
/// Counters that nobody used for a while are forgotten, and earlier where there are too many. What
/// is forgotten starts anew, so that nobody is worse off for what others do.
#[derive(Debug, Default)]
pub struct HitPolicy {
    /// Used since the last turn.
    recent: BTreeMap<Guid, Carried>,
    /// Used in the turn before.
    older: BTreeMap<Guid, Carried>,
    /// When the recent ones become older; there is no turn while there are no counters.
    turn: Time,
}

/// What was carried for a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Carried {
    results: u16,
    /// In KiB, each hit rounded up.
    len_kib: u16,
}

/// Whether a hit goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitVerdict {
    /// It does. So many results went before it: a queue may prefer those with few.
    Carry { before: u16 },
    /// The query has had its part.
    Enough,
    /// The way is congested, and the query has had something.
    Congested,
    /// Whoever asked wants no more.
    Unwanted,
}

impl HitPolicy {
    /// Without a counter.
    pub const fn new() -> Self {
        Self { recent: BTreeMap::new(), older: BTreeMap::new(), turn: Time::ZERO }
    }

    /// A hit of `len` bytes is about to be carried to where its query came from.
    pub fn carry(
        &mut self,
        guid: Guid,
        results: u8,
        len: usize,
        is_congested: bool,
        now: Time,
    ) -> HitVerdict {
        let carried = self.counter(guid, now);
        if *carried == Carried::CLOSED {
            return HitVerdict::Unwanted;
        }
        let before = carried.results;
        if is_congested && before >= HIT_RESULTS_CONGESTED_MAX {
            return HitVerdict::Congested;
        }
        let max = if results <= HIT_RESULTS_FEW { HIT_RESULTS_FEW_MAX } else { HIT_RESULTS_MAX };
        if before >= max || carried.len() >= HIT_QUERY_LEN_MAX {
            return HitVerdict::Enough;
        }
        carried.add(results, len);
        HitVerdict::Carry { before }
    }

    /// No more hits of this query are wanted (DQ-15).
    pub fn close(&mut self, guid: Guid, now: Time) {
        *self.counter(guid, now) = Carried::CLOSED;
    }

    /// When [`timeout`](Self::timeout) is to be called.
    pub fn next_timeout(&self) -> Option<Time> {
        (!self.is_empty()).then_some(self.turn)
    }

    /// Forgets counters that were not used for a while.
    pub fn timeout(&mut self, now: Time) {
        if now >= self.turn {
            self.turn_over(now);
        }
    }

    /// How many queries have a counter.
    pub fn len(&self) -> usize {
        self.recent.len().saturating_add(self.older.len())
    }

    /// No query has a counter.
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty() && self.older.is_empty()
    }

    fn counter(&mut self, guid: Guid, now: Time) -> &mut Carried {
        let known = self.older.remove(&guid);
        let is_full = self.recent.len() >= HIT_COUNTERS_MAX / 2;
        if now >= self.turn || is_full && !self.recent.contains_key(&guid) {
            self.turn_over(now);
        }
        let known = known.or_else(|| self.older.remove(&guid)).unwrap_or_default();
        self.recent.entry(guid).or_insert(known)
    }

    fn turn_over(&mut self, now: Time) {
        self.older = mem::take(&mut self.recent);
        self.turn = now.after_ms(HIT_COUNTERS_TURN_MS);
    }
}

impl Carried {
    /// Never reached by counting, which ends at the limits.
    const CLOSED: Self = Self { results: u16::MAX, len_kib: u16::MAX };

    const fn len(self) -> usize {
        (self.len_kib as usize).saturating_mul(1024)
    }

    fn add(&mut self, results: u8, len: usize) {
        let kib = u16::try_from(len.div_ceil(1024)).unwrap_or(u16::MAX);
        self.results = self.results.saturating_add(u16::from(results));
        self.len_kib = self.len_kib.saturating_add(kib);
    }
}
