//! Searches of an ordinary node.

use std::collections::{BTreeSet, VecDeque};
use std::hash::BuildHasher;

use super::reach::{detached, in_full, kept_len};
use crate::base::hashing::Seeded;
use crate::base::limits::{
    ASKED_SUPERNODE_MS, OWN_SEARCHES_MAX, SEARCH_ID_REST_MS, SEARCH_IDS_RESTING_MAX,
    SUPERNODE_RESULTS_LEN_MAX, SUPERNODE_RESULTS_TOLD_MAX,
};
use crate::base::time::Time;
use crate::fasttrack::sought::{SearchId, Sought};
use crate::fasttrack::wire::{Found, Names, Results, Search, Tag};

/// Searches that have not ended.
#[derive(Clone, Debug)]
pub(super) struct Searches {
    hasher: Seeded,
    /// The oldest first.
    running: Vec<Running>,
    next_id: u16,
    /// Of searches that have ended, the first in front (FTNODE-08).
    resting: VecDeque<(Time, u16)>,
}

#[derive(Clone, Debug)]
struct Running {
    search: SearchId,
    /// By which supernodes know it.
    id: u16,
    sought: Sought,
    was_asked: bool,
    /// The supernode was asked; it has brought so many results since.
    brought: Option<u16>,
    /// When it was asked, or a result came.
    heard: Time,
    /// What was told of: node, user and file.
    told: BTreeSet<u64>,
    /// Bytes that these keep.
    told_len: usize,
}

/// A search that is over, and how many results were told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over {
    pub(super) search: SearchId,
    pub(super) results: u32,
}

impl Searches {
    pub(super) fn new(seed: u64) -> Self {
        let (running, resting) = (Vec::new(), VecDeque::new());
        Self { hasher: Seeded::new(seed), running, next_id: 0, resting }
    }

    /// One more; where there are as many as there may be, the oldest ends.
    pub(super) fn begin(&mut self, search: SearchId, sought: Sought, now: Time) -> Option<Over> {
        let oldest = self.running.first().map(|oldest| oldest.search);
        let oldest = oldest.filter(|_| self.running.len() >= OWN_SEARCHES_MAX);
        let ended = oldest.and_then(|oldest| self.end(oldest, now));
        let id = self.free_id(now);
        self.running.push(Running {
            search,
            id,
            sought,
            was_asked: false,
            brought: None,
            heard: now,
            told: BTreeSet::new(),
            told_len: 0,
        });
        ended
    }

    /// An id that no search has that runs, or has ended a short while ago (FTNODE-08).
    fn free_id(&mut self, now: Time) -> u16 {
        let is_over = |at: Time| now >= at.after_ms(SEARCH_ID_REST_MS);
        while self.resting.front().is_some_and(|(at, _)| is_over(*at)) {
            self.resting.pop_front();
        }
        let resting = self.resting.iter().map(|(_, id)| *id);
        let taken: BTreeSet<u16> = self.running.iter().map(|one| one.id).chain(resting).collect();
        let mut id = self.next_id;
        while taken.contains(&id) {
            id = id.wrapping_add(1);
        }
        self.next_id = id.wrapping_add(1);
        id
    }

    /// What the supernode is to be asked that it was not asked yet.
    pub(super) fn unasked(&mut self, now: Time) -> Vec<Search> {
        let unasked = self.running.iter_mut().filter(|one| one.brought.is_none());
        unasked.map(|one| one.ask(now)).collect()
    }

    /// The supernode that was asked is gone (FTNODE-15).
    pub(super) fn orphan(&mut self) {
        for running in &mut self.running {
            running.brought = None;
        }
    }

    /// Results have come: those to be told of, and for which search.
    pub(super) fn take(&mut self, results: &Results, now: Time) -> Option<(SearchId, Vec<Found>)> {
        let hasher = &self.hasher;
        let running = self.running.iter_mut().find(|one| one.id == results.id)?;
        let news: Vec<_> =
            in_full(results).filter(|found| running.is_news(found, hasher)).map(detached).collect();
        if news.is_empty() {
            return None;
        }
        running.heard = now;
        Some((running.search, news))
    }

    /// Whether there is no need for more of it.
    pub(super) fn has_enough(&self, search: SearchId) -> bool {
        let has_enough = |one: &Running| one.told.len() >= SUPERNODE_RESULTS_TOLD_MAX;
        self.running.iter().any(|one| one.search == search && has_enough(one))
    }

    /// The search that the supernode knows by this id.
    pub(super) fn of_id(&self, id: u16) -> Option<SearchId> {
        self.running.iter().find(|one| one.id == id).map(|one| one.search)
    }

    /// It is over.
    pub(super) fn end(&mut self, search: SearchId, now: Time) -> Option<Over> {
        let place = self.running.iter().position(|one| one.search == search)?;
        let running = self.running.remove(place);
        if self.resting.len() >= SEARCH_IDS_RESTING_MAX {
            self.resting.pop_front();
        }
        self.resting.push_back((now, running.id));
        let results = u32::try_from(running.told.len()).unwrap_or(u32::MAX);
        Some(Over { search, results })
    }

    /// Those of which nothing was heard for long (FTNODE-09).
    pub(super) fn quiet(&self, now: Time) -> Vec<SearchId> {
        let quiet = self.running.iter().filter(|one| now >= one.over_at());
        quiet.map(|one| one.search).collect()
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.running.iter().map(Running::over_at).min()
    }
}

impl Running {
    fn over_at(&self) -> Time {
        self.heard.after_ms(ASKED_SUPERNODE_MS)
    }

    /// The first time because somebody wants to know, then by itself (FTSEARCH-01).
    fn ask(&mut self, now: Time) -> Search {
        (self.brought, self.heard) = (Some(0), now);
        let by_hand = !std::mem::replace(&mut self.was_asked, true);
        let Sought { max, realm, terms } = self.sought.clone();
        Search { by_hand, max, id: self.id, realm, terms }
    }

    /// Whether it is told of; if so, it counts as told.
    fn is_news(&mut self, found: &Found, hasher: &Seeded) -> bool {
        let is_sought = self.sought_hash().is_none_or(|hash| hash == found.hash);
        let Some(brought) = self.brought.as_mut().filter(|_| is_sought) else { return false };
        if *brought >= self.sought.max || self.told.len() >= SUPERNODE_RESULTS_TOLD_MAX {
            return false;
        }
        let user = match &found.names {
            Names::Full { user, .. } => user.as_ref(),
            Names::Same => &[],
        };
        let told_len = self.told_len.saturating_add(kept_len(found));
        let what = hasher.hash_one((found.address, user, found.hash));
        if told_len > SUPERNODE_RESULTS_LEN_MAX || !self.told.insert(what) {
            return false;
        }
        self.told_len = told_len;
        *brought = brought.saturating_add(1);
        true
    }

    fn sought_hash(&self) -> Option<[u8; 20]> {
        let term = self.sought.terms.iter().find(|term| term.tag == Tag::HASH);
        term?.value().hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fasttrack::wire::Realm;

    /// Begins a search, and ends it: the id that it had.
    fn one(searches: &mut Searches, now: Time) -> u16 {
        searches.begin(SearchId(1), Sought::words("tune", Realm::EVERYTHING), now);
        let id = searches.unasked(now)[0].id;
        searches.end(SearchId(1), now);
        id
    }

    /// FTNODE-08
    #[test]
    fn an_id_rests_for_a_minute() {
        for (wait_ms, id) in [(SEARCH_ID_REST_MS - 1, 6), (SEARCH_ID_REST_MS, 5)] {
            let mut searches = Searches::new(1);
            searches.next_id = 5;
            assert_eq!(one(&mut searches, Time::ZERO), 5);
            searches.next_id = 5;
            assert_eq!(one(&mut searches, Time::from_millis(wait_ms)), id);
        }
    }

    /// FTNODE-08: of so many, so that nobody makes us remember more.
    #[test]
    fn so_many_ids_rest_and_not_one_more() {
        for (count, is_free) in
            [(SEARCH_IDS_RESTING_MAX, false), (SEARCH_IDS_RESTING_MAX + 1, true)]
        {
            let mut searches = Searches::new(1);
            let ids: Vec<_> = (0..count).map(|_| one(&mut searches, Time::ZERO)).collect();
            searches.next_id = ids[0];
            assert_eq!(one(&mut searches, Time::ZERO) == ids[0], is_free);
        }
    }

    #[test]
    fn ids_begin_again_behind_the_last() {
        let mut searches = Searches::new(1);
        searches.next_id = u16::MAX;
        assert_eq!([one(&mut searches, Time::ZERO), one(&mut searches, Time::ZERO)], [u16::MAX, 0]);
    }
}
