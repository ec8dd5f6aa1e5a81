//! Searches of an ordinary node.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::BuildHasher;

use super::hits::{OwnHit, Reader};
use crate::base::hashing::Seeded;
use crate::base::limits::{
    ASKED_SUPERNODE_MS, FASTTRACK_VALUE_LEN_MAX, FASTTRACK_WORDS_MAX,
    HASH_RESULTS_WANTED_OF_SUPERNODE, OWN_SEARCHES_MAX, SEARCH_ID_REST_MS, SEARCH_IDS_RESTING_MAX,
    SUPERNODE_RESULTS_TOLD_MAX, WORDS_RESULTS_WANTED,
};
use crate::base::time::Time;
use crate::fasttrack::wire::{Found, Names, Realm, Results, Search, Tag, Term};
use crate::index::words;

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    pub what: What,
    pub realm: Realm,
    /// Somebody waits for the answer; else the program asks by itself.
    pub by_hand: bool,
}

impl Sought {
    /// Whether there is anything to search for.
    pub(super) fn has_sense(&self) -> bool {
        match &self.what {
            What::Words(words) => words::words(&words::fold(first_words(words))).next().is_some(),
            What::Hash(hash) => *hash != [0; 20],
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// All of these words. Of more than 16, or more than 1,024 bytes, the first count (FTSAFE-06).
    Words(String),
    /// The file with this hash.
    Hash([u8; 20]),
}

/// The name of a search, never given twice. A later one has a greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(u64);

/// Searches that have not ended.
#[derive(Clone, Debug)]
pub(super) struct Searches {
    hasher: Seeded,
    running: BTreeMap<SearchKey, Running>,
    next_key: u64,
    next_id: u16,
    /// Of searches that have ended, the first in front (FTNODE-08).
    resting: VecDeque<(Time, u16)>,
}

#[derive(Clone, Debug)]
struct Running {
    id: u16,
    sought: Sought,
    /// A supernode was asked; it has brought so many results since.
    asked: Option<u16>,
    /// When it was asked, or a result came.
    heard: Time,
    /// What was told of: node, user and file.
    told: BTreeSet<u64>,
}

/// A search that is over, and how many results were told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over {
    pub(super) search: SearchKey,
    pub(super) results: usize,
}

impl Searches {
    pub(super) fn new(seed: u64) -> Self {
        let (running, resting) = (BTreeMap::new(), VecDeque::new());
        Self { hasher: Seeded::new(seed), running, next_key: 0, next_id: 0, resting }
    }

    /// One more; where there are as many as there may be, the oldest ends.
    pub(super) fn begin(&mut self, sought: Sought, now: Time) -> (SearchKey, Option<Over>) {
        let oldest = self.running.keys().next().copied();
        let oldest = oldest.filter(|_| self.running.len() >= OWN_SEARCHES_MAX);
        let ended = oldest.and_then(|oldest| self.end(oldest, now));
        let key = SearchKey(self.next_key);
        self.next_key = self.next_key.saturating_add(1);
        let id = self.free_id(now);
        let running = Running { id, sought, asked: None, heard: now, told: BTreeSet::new() };
        self.running.insert(key, running);
        (key, ended)
    }

    /// An id that no search has that runs, or has ended a short while ago (FTNODE-08).
    fn free_id(&mut self, now: Time) -> u16 {
        let is_over = |at: &Time| now >= at.after_ms(SEARCH_ID_REST_MS);
        while self.resting.pop_front_if(|(at, _)| is_over(at)).is_some() {}
        let is_taken = |id| {
            self.running.values().any(|one| one.id == id)
                || self.resting.iter().any(|(_, resting)| *resting == id)
        };
        let mut id = self.next_id;
        while is_taken(id) {
            id = id.wrapping_add(1);
        }
        self.next_id = id.wrapping_add(1);
        id
    }

    /// What the supernode is to be asked that it was not asked yet.
    pub(super) fn unasked(&mut self, now: Time) -> Vec<Search> {
        let unasked = self.running.values_mut().filter(|one| one.asked.is_none());
        unasked.map(|one| one.ask(now)).collect()
    }

    /// The supernode that was asked is gone (FTNODE-15).
    pub(super) fn orphan(&mut self) {
        for running in self.running.values_mut() {
            running.asked = None;
        }
    }

    /// Results have come: those to be told of, and for which search.
    pub(super) fn take(
        &mut self,
        results: &Results,
        reader: Reader,
        now: Time,
    ) -> Option<(SearchKey, Vec<OwnHit>)> {
        let hasher = &self.hasher;
        let of_id = self.running.iter_mut().find(|(_, one)| one.id == results.id);
        let (key, running) = of_id.filter(|(_, one)| one.asked.is_some())?;
        let hits: Vec<_> =
            reader.read(results).filter(|hit| running.is_news(&hit.found, hasher)).collect();
        if hits.is_empty() {
            return None;
        }
        running.heard = now;
        Some((*key, hits))
    }

    /// Whether there is no need for more of it.
    pub(super) fn has_enough(&self, search: SearchKey) -> bool {
        let running = self.running.get(&search);
        running.is_some_and(|one| one.told.len() >= SUPERNODE_RESULTS_TOLD_MAX)
    }

    /// The search that the supernode knows by this id.
    pub(super) fn of_id(&self, id: u16) -> Option<SearchKey> {
        let mut asked = self.running.iter().filter(|(_, one)| one.asked.is_some());
        asked.find(|(_, one)| one.id == id).map(|(key, _)| *key)
    }

    /// It is over.
    pub(super) fn end(&mut self, search: SearchKey, now: Time) -> Option<Over> {
        let running = self.running.remove(&search)?;
        if self.resting.len() >= SEARCH_IDS_RESTING_MAX {
            self.resting.pop_front();
        }
        self.resting.push_back((now, running.id));
        Some(Over { search, results: running.told.len() })
    }

    /// Those of which nothing was heard for long (FTNODE-09).
    pub(super) fn quiet(&self, now: Time) -> Vec<SearchKey> {
        let quiet = self.running.iter().filter(|(_, one)| now >= one.over_at());
        quiet.map(|(key, _)| *key).collect()
    }

    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.running.values().map(Running::over_at).min()
    }
}

impl Running {
    fn over_at(&self) -> Time {
        self.heard.after_ms(ASKED_SUPERNODE_MS)
    }

    /// What one supernode may bring.
    const fn wanted(&self) -> u16 {
        match self.sought.what {
            What::Words(_) => WORDS_RESULTS_WANTED,
            What::Hash(_) => HASH_RESULTS_WANTED_OF_SUPERNODE,
        }
    }

    fn ask(&mut self, now: Time) -> Search {
        (self.asked, self.heard) = (Some(0), now);
        let term = match &self.sought.what {
            What::Words(words) => Term::words(Tag::ANY, first_words(words)),
            What::Hash(hash) => Term::hash(hash),
        };
        let Sought { realm, by_hand, .. } = self.sought;
        Search { by_hand, max: self.wanted(), id: self.id, realm, terms: vec![term] }
    }

    /// Whether it is told of; if so, it counts as told.
    fn is_news(&mut self, found: &Found, hasher: &Seeded) -> bool {
        let is_sought = match self.sought.what {
            What::Words(_) => true,
            What::Hash(hash) => found.hash == hash,
        };
        let wanted = self.wanted();
        let Some(brought) = &mut self.asked else { return false };
        let has_room = *brought < wanted && self.told.len() < SUPERNODE_RESULTS_TOLD_MAX;
        let user = match &found.names {
            Names::Full { user, .. } => user.as_ref(),
            Names::Same => &[],
        };
        let what = (found.address, user, found.hash);
        let is_news = is_sought && has_room && self.told.insert(hasher.hash_one(what));
        *brought = brought.saturating_add(is_news.into());
        is_news
    }
}

/// As much of it as may stand in a term.
fn first_words(text: &str) -> &str {
    let (mut count, mut end) = (0_usize, 0_usize);
    for word in text.split_inclusive(char::is_whitespace) {
        count = count.saturating_add(words::words(&words::fold(word)).count());
        let next = end.saturating_add(word.len());
        if count > FASTTRACK_WORDS_MAX || next > FASTTRACK_VALUE_LEN_MAX {
            break;
        }
        end = next;
    }
    text.get(..end).unwrap_or_default().trim()
}
