use std::collections::BTreeMap;
use std::mem;

use crate::base::limits::{
    HIT_COUNTERS_MAX, HIT_COUNTERS_TURN_MS, HIT_NEIGHBOUR_LEN_MIN, HIT_NEIGHBOUR_RESULTS_MIN,
    HIT_NEIGHBOURS_MAX, HIT_QUERY_LEN_MAX, HIT_RESULTS_CONGESTED_MAX, HIT_RESULTS_FEW,
    HIT_RESULTS_FEW_MAX, HIT_RESULTS_MAX, OWN_HITS_LEN_MAX, OWN_RESULTS_TOLD_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// Which hits of a query are carried home (DQ-20).
///
/// A query for something popular must not fill the links that carry the answers to all others. So
/// so many results and bytes are carried for each; hits with few results, which answer narrow
/// queries, may come on top. Where the way home is congested, only those queries are served that
/// have had next to nothing so far.
///
/// The neighbours that bring hits share what a query may have: each may use half of what the others
/// leave of it, and a little in any case. So whoever knows the GUID of somebody else's query cannot
/// use it up with hits of its own.
///
/// Counters that nobody used for a while are forgotten, and earlier where there are too many. What
/// is forgotten starts anew, so that nobody is worse off for what others do.
#[derive(Debug, Default)]
pub struct HitPolicy {
    limits: HitLimits,
    /// Used since the last turn. The accounts of one query are all here, or all in the other.
    recent: Accounts,
    /// Used in the turn before.
    older: Accounts,
    /// When the recent ones become older; there is no turn while there are no counters.
    turn: Time,
}

/// What was carried of each query for each holder.
type Accounts = BTreeMap<(Guid, Holder), Carried>;

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    /// All neighbours that have none of their own.
    Others,
    Neighbour(Slot),
}

/// What a query may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitLimits {
    /// Results, in hits of any size.
    pub results_max: u16,
    /// Results, those in hits with few results on top.
    pub results_few_max: u16,
    /// Bytes, each hit rounded up to whole KiB.
    pub len_max: usize,
}

impl HitLimits {
    /// For the queries of others.
    pub const CARRIED: Self = Self {
        results_max: HIT_RESULTS_MAX,
        results_few_max: HIT_RESULTS_FEW_MAX,
        len_max: HIT_QUERY_LEN_MAX,
    };

    /// For searches of this node itself (DQ-23).
    pub const OWN: Self = Self {
        results_max: OWN_RESULTS_TOLD_MAX,
        results_few_max: OWN_RESULTS_TOLD_MAX,
        len_max: OWN_HITS_LEN_MAX,
    };
}

impl Default for HitLimits {
    fn default() -> Self {
        Self::CARRIED
    }
}

/// What was carried of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Carried {
    /// Within what hits of any size may have.
    results: u16,
    /// In hits with few results, on top of that.
    results_on_top: u16,
    /// In KiB, each hit rounded up.
    len_kib: u16,
}

/// Whether a hit goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitVerdict {
    /// It does. So many results went before it: a queue may prefer those with few. Of these, so
    /// many came from the same neighbour.
    Carry { before: u16, of_neighbour: u16 },
    /// The query, or this neighbour with it, has had its part.
    Enough,
    /// The way is congested, and the query has had something.
    Congested,
    /// Whoever asked wants no more.
    Unwanted,
}

/// A hit that asks to be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitSize {
    pub results: u8,
    pub len: usize,
}

impl HitPolicy {
    /// Without a counter, for the queries of others.
    pub const fn new() -> Self {
        Self::with_limits(HitLimits::CARRIED)
    }

    /// Without a counter.
    pub const fn with_limits(limits: HitLimits) -> Self {
        Self { limits, recent: BTreeMap::new(), older: BTreeMap::new(), turn: Time::ZERO }
    }

    /// A hit of a neighbour is about to be carried to where its query came from.
    pub fn carry(
        &mut self,
        guid: Guid,
        from: Slot,
        hit: HitSize,
        is_congested: bool,
        now: Time,
    ) -> HitVerdict {
        let holder = self.freshen(guid, from, now);
        let Some((own, others)) = self.standing(guid, holder) else { return HitVerdict::Unwanted };
        if is_congested && own.all() >= share(HIT_RESULTS_CONGESTED_MAX, others.all()).max(1) {
            return HitVerdict::Congested;
        }
        let Some(sum) = self.limits.admit(own, others, hit) else { return HitVerdict::Enough };
        self.recent.insert((guid, holder), sum);
        let before = own.all().saturating_add(others.all());
        HitVerdict::Carry { before, of_neighbour: own.all() }
    }

    /// No more hits of this query are wanted (DQ-15).
    pub fn close(&mut self, guid: Guid, now: Time) {
        self.forget(guid);
        self.turn_if_due(1, now);
        self.recent.insert((guid, Holder::Others), Carried::CLOSED);
    }

    /// Nothing more is to be known of this query.
    pub fn forget(&mut self, guid: Guid) {
        take(&mut self.recent, guid);
        take(&mut self.older, guid);
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

    /// How many counters there are.
    pub fn len(&self) -> usize {
        self.recent.len().saturating_add(self.older.len())
    }

    /// There is no counter.
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty() && self.older.is_empty()
    }

    /// Brings the accounts of a query to the recent ones, and says which is the neighbour's.
    fn freshen(&mut self, guid: Guid, from: Slot, now: Time) -> Holder {
        let own = Holder::Neighbour(from);
        let mut known = take(&mut self.older, guid);
        let is_new = !self.recent.contains_key(&(guid, own));
        if self.turn_if_due(known.len().saturating_add(usize::from(is_new)), now) {
            known.append(&mut take(&mut self.older, guid));
        }
        self.recent.extend(known);
        let neighbours = of_query(&self.recent, guid).filter(|(one, _)| *one != Holder::Others);
        let is_full = neighbours.count() >= HIT_NEIGHBOURS_MAX;
        if is_full && !self.recent.contains_key(&(guid, own)) { Holder::Others } else { own }
    }

    /// What this holder has had and what all others have; `None` where no more is wanted.
    fn standing(&self, guid: Guid, holder: Holder) -> Option<(Carried, Carried)> {
        let (mut own, mut others) = (Carried::default(), Carried::default());
        for (of, carried) in of_query(&self.recent, guid) {
            if carried == Carried::CLOSED {
                return None;
            }
            let sum = if of == holder { &mut own } else { &mut others };
            *sum = sum.plus(carried);
        }
        Some((own, others))
    }

    /// Makes room for so many recent ones.
    fn turn_if_due(&mut self, added: usize, now: Time) -> bool {
        let len = self.recent.len().saturating_add(added);
        let is_full = added > 0 && len > HIT_COUNTERS_MAX / 2;
        let is_due = now >= self.turn || is_full;
        if is_due {
            self.turn_over(now);
        }
        is_due
    }

    fn turn_over(&mut self, now: Time) {
        self.older = mem::take(&mut self.recent);
        self.turn = now.after_ms(HIT_COUNTERS_TURN_MS);
    }
}

impl HitLimits {
    /// What a holder has had with this hit, if it may have it.
    ///
    /// Few results that come on top take nothing from hits of any size.
    fn admit(&self, own: Carried, others: Carried, hit: HitSize) -> Option<Carried> {
        let results = u16::from(hit.results);
        let len_kib = own.len_kib.saturating_add(kib(hit.len));
        if len_kib > share(kib(self.len_max), others.len_kib).max(kib(HIT_NEIGHBOUR_LEN_MIN)) {
            return None;
        }
        let sum = own.results.saturating_add(results);
        if sum <= share(self.results_max, others.results).max(HIT_NEIGHBOUR_RESULTS_MIN) {
            return Some(Carried { results: sum, len_kib, ..own });
        }
        let on_top = own.results_on_top.saturating_add(results);
        let on_top_max = self.results_few_max.saturating_sub(self.results_max);
        let fits =
            hit.results <= HIT_RESULTS_FEW && on_top <= share(on_top_max, others.results_on_top);
        fits.then_some(Carried { results_on_top: on_top, len_kib, ..own })
    }
}

impl Carried {
    /// Never reached by counting, which ends at the limits.
    const CLOSED: Self = Self { results: u16::MAX, results_on_top: 0, len_kib: u16::MAX };

    const fn all(self) -> u16 {
        self.results.saturating_add(self.results_on_top)
    }

    const fn plus(self, more: Self) -> Self {
        Self {
            results: self.results.saturating_add(more.results),
            results_on_top: self.results_on_top.saturating_add(more.results_on_top),
            len_kib: self.len_kib.saturating_add(more.len_kib),
        }
    }
}

/// Half of what the others leave.
const fn share(max: u16, others: u16) -> u16 {
    max.saturating_sub(others) / 2
}

/// Rounded up.
fn kib(len: usize) -> u16 {
    u16::try_from(len.div_ceil(1024)).unwrap_or(u16::MAX)
}

/// All accounts of a query.
fn of_query(accounts: &Accounts, guid: Guid) -> impl Iterator<Item = (Holder, Carried)> {
    let from = accounts.range((guid, Holder::Others)..);
    let own = from.take_while(move |((of, _), _)| *of == guid);
    own.map(|((_, holder), carried)| (*holder, *carried))
}

fn take(accounts: &mut Accounts, guid: Guid) -> Accounts {
    let taken: Accounts =
        of_query(accounts, guid).map(|(holder, carried)| ((guid, holder), carried)).collect();
    for key in taken.keys() {
        accounts.remove(key);
    }
    taken
}
