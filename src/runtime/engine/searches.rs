use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::time::Time;
use crate::control::desk::Refusal;
use crate::control::model::{Hit, Search, SearchId, SearchState};

/// Searches that are remembered, those that have ended among them.
const SEARCHES_MAX: usize = 64;

/// Hits that are kept of one search. Further ones are told as they come, and counted.
const HITS_MAX: usize = 2_000;

/// The searches that the API asked for, with what they found.
#[derive(Debug, Default)]
pub(super) struct Searches {
    searches: BTreeMap<SearchId, Found>,
    last: u64,
}

#[derive(Debug)]
struct Found {
    words: String,
    began: Time,
    ended: Option<&'static str>,
    hits: Vec<Arc<Hit>>,
    count: u64,
}

impl Searches {
    /// Begins a search. One that has ended gives its place to it, the oldest first.
    pub(super) fn begin(&mut self, words: &str, now: Time) -> Result<SearchId, Refusal> {
        if self.searches.len() >= SEARCHES_MAX {
            let ended = self.searches.iter().find(|(_, found)| found.ended.is_some());
            let Some((&oldest, _)) = ended else {
                let why = format!("{SEARCHES_MAX} searches run already: end one of them first");
                return Err(Refusal::Unavailable(why));
            };
            self.searches.remove(&oldest);
        }
        self.last = self.last.saturating_add(1);
        let (id, words) = (SearchId(self.last), words.to_owned());
        let found = Found { words, began: now, ended: None, hits: Vec::new(), count: 0 };
        self.searches.insert(id, found);
        Ok(id)
    }

    /// Numbers a hit, and keeps it if there is room. Nothing of a search that is over.
    pub(super) fn take(&mut self, mut hit: Hit) -> Option<Arc<Hit>> {
        let found = self.searches.get_mut(&hit.search)?;
        hit.number = found.count;
        found.count = found.count.saturating_add(1);
        let hit = Arc::new(hit);
        if found.hits.len() < HITS_MAX {
            found.hits.push(Arc::clone(&hit));
        }
        Some(hit)
    }

    /// Nobody is asked any more.
    pub(super) fn ended(&mut self, id: SearchId, why: &'static str) {
        if let Some(found) = self.searches.get_mut(&id) {
            found.ended = Some(why);
        }
    }

    /// Forgets a search.
    pub(super) fn remove(&mut self, id: SearchId) -> Result<(), Refusal> {
        self.searches.remove(&id).map(|_| ()).ok_or_else(|| unknown(id))
    }

    pub(super) fn one(&self, id: SearchId, now: Time) -> Result<Search, Refusal> {
        let found = self.searches.get(&id).ok_or_else(|| unknown(id))?;
        Ok(found.search(id, now))
    }

    pub(super) fn all(&self, now: Time) -> Vec<Search> {
        self.searches.iter().map(|(id, found)| found.search(*id, now)).collect()
    }

    /// The kept hits of a search from this number on.
    pub(super) fn hits(&self, id: SearchId, from: u64) -> Result<Vec<Hit>, Refusal> {
        let found = self.searches.get(&id).ok_or_else(|| unknown(id))?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(found.hits.iter().skip(from).map(|hit| Hit::clone(hit)).collect())
    }

    /// How many run.
    pub(super) fn running(&self) -> usize {
        self.searches.values().filter(|found| found.ended.is_none()).count()
    }
}

impl Found {
    fn search(&self, id: SearchId, now: Time) -> Search {
        Search {
            id,
            words: self.words.clone(),
            state: match self.ended {
                None => SearchState::Running,
                Some(_) => SearchState::Ended,
            },
            why: self.ended.map(str::to_owned),
            hits: self.count,
            hits_kept: self.hits.len() as u64,
            age_s: now.since(self.began).as_secs(),
        }
    }
}

fn unknown(id: SearchId) -> Refusal {
    Refusal::NotFound(format!("there is no search {id}; see the list of searches"))
}
