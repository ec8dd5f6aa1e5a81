use std::collections::{BTreeMap, VecDeque};

use crate::base::limits::{HIT_COUNTER_LIFE_MS, HIT_COUNTERS_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// What was carried of each query for each holder.
///
/// A holder may have half of the accounts that others leave, or as many as if all had the same number, and
/// loses its own oldest one for each that it needs beyond that. Where all are taken, and it may have one
/// more, the holder with most loses its oldest.
#[derive(Debug, Default)]
pub(super) struct HitAccounts {
    accounts: BTreeMap<(Guid, Holder), Carried>,
    /// When each holder opened which ones, the oldest first.
    opened: BTreeMap<Holder, VecDeque<(Time, Guid)>>,
}

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// All neighbours that have none of their own.
    Others,
    Neighbour(Slot),
}

/// What was carried of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Carried {
    /// Within what hits of any size may have.
    pub(super) results: u16,
    /// In hits with few results, on top of that.
    pub(super) results_on_top: u16,
    /// In KiB, each hit rounded up.
    pub(super) len_kib: u16,
}

impl HitAccounts {
    pub(super) const fn new() -> Self {
        Self { accounts: BTreeMap::new(), opened: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.accounts.len()
    }

    /// All accounts of a query.
    pub(super) fn of_query(&self, guid: Guid) -> impl Iterator<Item = (Holder, Carried)> {
        let from = self.accounts.range((guid, Holder::Others)..);
        let own = from.take_while(move |((of, _), _)| *of == guid);
        own.map(|((_, holder), carried)| (*holder, *carried))
    }

    pub(super) fn has(&self, guid: Guid, holder: Holder) -> bool {
        self.accounts.contains_key(&(guid, holder))
    }

    /// Sets what was carried, in an account that is opened if need be.
    pub(super) fn set(&mut self, guid: Guid, holder: Holder, carried: Carried, now: Time) {
        if let Some(account) = self.accounts.get_mut(&(guid, holder)) {
            *account = carried;
        } else {
            self.make_room(holder);
            self.accounts.insert((guid, holder), carried);
            self.opened.entry(holder).or_default().push_back((now, guid));
        }
    }

    /// Forgets the accounts of a query.
    pub(super) fn forget(&mut self, guid: Guid) {
        let holders: Vec<Holder> = self.of_query(guid).map(|(holder, _)| holder).collect();
        for holder in holders {
            self.accounts.remove(&(guid, holder));
            if let Some(opened) = self.opened.get_mut(&holder) {
                opened.retain(|(_, of)| *of != guid);
            }
        }
        self.give_back();
    }

    /// Forgets the accounts of a neighbour that is gone.
    pub(super) fn close(&mut self, neighbour: Slot) {
        let holder = Holder::Neighbour(neighbour);
        for (_, guid) in self.opened.remove(&holder).unwrap_or_default() {
            self.accounts.remove(&(guid, holder));
        }
        self.give_back();
    }

    /// Forgets what has outlived its time.
    pub(super) fn forget_old(&mut self, now: Time) {
        for (holder, opened) in &mut self.opened {
            while let Some((when, guid)) = opened.front().copied()
                && when.after_ms(HIT_COUNTER_LIFE_MS) <= now
            {
                opened.pop_front();
                self.accounts.remove(&(guid, *holder));
            }
        }
        self.give_back();
    }

    /// When the oldest one has outlived its time.
    pub(super) fn ends(&self) -> Option<Time> {
        let oldest = self.opened.values().filter_map(|opened| opened.front()).min();
        oldest.map(|(when, _)| when.after_ms(HIT_COUNTER_LIFE_MS))
    }

    /// Makes room for one more of this holder.
    fn make_room(&mut self, holder: Holder) {
        let own = self.opened.get(&holder).map_or(0, VecDeque::len);
        let others = self.accounts.len().saturating_sub(own);
        let half = HIT_COUNTERS_MAX.saturating_sub(others).div_ceil(2);
        let holders = self.opened.len().saturating_add(usize::from(own == 0)).max(1);
        let share = half.max(HIT_COUNTERS_MAX.div_euclid(holders));
        for _ in share..=own {
            self.drop_oldest(holder);
        }
        while self.accounts.len() >= HIT_COUNTERS_MAX
            && let Some(holder) = self.holder_with_most()
        {
            self.drop_oldest(holder);
        }
    }

    fn holder_with_most(&self) -> Option<Holder> {
        let most = self.opened.iter().max_by_key(|(_, opened)| opened.len());
        most.filter(|(_, opened)| !opened.is_empty()).map(|(holder, _)| *holder)
    }

    fn drop_oldest(&mut self, holder: Holder) {
        let oldest = self.opened.get_mut(&holder).and_then(VecDeque::pop_front);
        if let Some((_, guid)) = oldest {
            self.accounts.remove(&(guid, holder));
        }
    }

    /// Whoever has no account needs no list, and an empty tree no memory.
    fn give_back(&mut self) {
        self.opened.retain(|_, opened| !opened.is_empty());
        if self.accounts.is_empty() {
            *self = Self::new();
        }
    }
}

impl Carried {
    /// Never reached by counting, which ends at the limits.
    pub(super) const CLOSED: Self =
        Self { results: u16::MAX, results_on_top: 0, len_kib: u16::MAX };

    pub(super) const fn all(self) -> u16 {
        self.results.saturating_add(self.results_on_top)
    }

    pub(super) const fn plus(self, more: Self) -> Self {
        Self {
            results: self.results.saturating_add(more.results),
            results_on_top: self.results_on_top.saturating_add(more.results_on_top),
            len_kib: self.len_kib.saturating_add(more.len_kib),
        }
    }
}
