use super::hit_accounts::{Carried, HitAccounts, Holder};
use crate::base::limits::{
    HIT_COUNTERS_TIDY_MS, HIT_NEIGHBOUR_LEN_MIN, HIT_NEIGHBOUR_RESULTS_MIN, HIT_NEIGHBOURS_MAX,
    HIT_QUERY_LEN_MAX, HIT_RESULTS_CONGESTED_MAX, HIT_RESULTS_FEW, HIT_RESULTS_FEW_MAX,
    HIT_RESULTS_MAX, OWN_HITS_LEN_MAX, OWN_RESULTS_TOLD_MAX,
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
/// Accounts are forgotten when no hits can come any more. Each neighbour may have half of the accounts
/// that others leave, and whoever needs more loses its own oldest ones.
#[derive(Debug, Default)]
pub struct HitPolicy {
    limits: HitLimits,
    accounts: HitAccounts,
    /// When old accounts are looked for.
    tidy_at: Time,
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
        Self { limits, accounts: HitAccounts::new(), tidy_at: Time::ZERO }
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
        let holder = self.holder(guid, from);
        let Some((own, others)) = self.standing(guid, holder) else { return HitVerdict::Unwanted };
        if is_congested && own.all() >= share(HIT_RESULTS_CONGESTED_MAX, others.all()).max(1) {
            return HitVerdict::Congested;
        }
        let Some(sum) = self.limits.admit(own, others, hit) else { return HitVerdict::Enough };
        self.set(guid, holder, sum, now);
        let before = own.all().saturating_add(others.all());
        HitVerdict::Carry { before, of_neighbour: own.all() }
    }

    /// No more hits of this query are wanted (DQ-15).
    pub fn close(&mut self, guid: Guid, now: Time) {
        self.accounts.forget(guid);
        self.set(guid, Holder::Others, Carried::CLOSED, now);
    }

    /// Nothing more is to be known of this query.
    pub fn forget(&mut self, guid: Guid) {
        self.accounts.forget(guid);
    }

    /// A neighbour is gone.
    pub fn close_neighbour(&mut self, slot: Slot) {
        self.accounts.close(slot);
    }

    /// When [`timeout`](Self::timeout) is to be called.
    pub fn next_timeout(&self) -> Option<Time> {
        (!self.is_empty()).then_some(self.tidy_at)
    }

    /// Forgets accounts for which no hits can come any more.
    pub fn timeout(&mut self, now: Time) {
        if now < self.tidy_at {
            return;
        }
        self.accounts.forget_old(now);
        // Not for each one alone.
        let soon = now.after_ms(HIT_COUNTERS_TIDY_MS);
        self.tidy_at = self.accounts.ends().map_or(Time::ZERO, |ends| ends.max(soon));
    }

    /// How many accounts there are.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// There is no account.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whose account a hit of this neighbour goes to.
    fn holder(&self, guid: Guid, from: Slot) -> Holder {
        let own = Holder::Neighbour(from);
        let of_query = self.accounts.of_query(guid);
        let neighbours = of_query.filter(|(holder, _)| *holder != Holder::Others).count();
        let is_full = neighbours >= HIT_NEIGHBOURS_MAX && !self.accounts.has(guid, own);
        if is_full { Holder::Others } else { own }
    }

    /// What this holder has had and what all others have; `None` where no more is wanted.
    fn standing(&self, guid: Guid, holder: Holder) -> Option<(Carried, Carried)> {
        let (mut own, mut others) = (Carried::default(), Carried::default());
        for (of, carried) in self.accounts.of_query(guid) {
            if carried == Carried::CLOSED {
                return None;
            }
            let sum = if of == holder { &mut own } else { &mut others };
            *sum = sum.plus(carried);
        }
        Some((own, others))
    }

    fn set(&mut self, guid: Guid, holder: Holder, carried: Carried, now: Time) {
        let was_empty = self.is_empty();
        self.accounts.set(guid, holder, carried, now);
        if was_empty {
            self.tidy_at = self.accounts.ends().unwrap_or(now);
        }
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

/// Half of what the others leave.
const fn share(max: u16, others: u16) -> u16 {
    max.saturating_sub(others) / 2
}

/// Rounded up.
fn kib(len: usize) -> u16 {
    u16::try_from(len.div_ceil(1024)).unwrap_or(u16::MAX)
}
