use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;
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
    /// Which files of whom are kept, as hashes that nobody outside can aim at.
    kept: HashSet<u64, foldhash::fast::RandomState>,
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
        let (hits, kept) = Default::default();
        let found = Found { words, began: now, ended: None, hits, kept, count: 0 };
        self.searches.insert(id, found);
        Ok(id)
    }

    /// Numbers a hit, and keeps it if there is room. Nothing of a search that is over, and nothing that was
    /// found before: several neighbours are asked, and each brings what it hears.
    pub(super) fn take(&mut self, mut hit: Hit) -> Option<Arc<Hit>> {
        let found = self.searches.get_mut(&hit.search)?;
        let key = (&hit.servent_id, hit.index, &hit.name, hit.size, &hit.sha1);
        let key = found.kept.hasher().hash_one(key);
        if found.kept.contains(&key) {
            return None;
        }
        hit.number = found.count;
        found.count = found.count.saturating_add(1);
        let hit = Arc::new(hit);
        if found.hits.len() < HITS_MAX {
            found.kept.insert(key);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(search: SearchId, servent: &str, index: u32) -> Hit {
        Hit {
            search,
            number: 0,
            name: "song.ogg".to_owned(),
            size: 1_000,
            sha1: None,
            address: "203.0.113.1:6346".parse().unwrap(),
            index,
            vendor: None,
            servent_id: servent.to_owned(),
            firewalled: false,
            busy: false,
            hops: 1,
            speed: 0,
        }
    }

    #[test]
    fn what_several_neighbours_bring_is_told_once() {
        let mut searches = Searches::default();
        let [one, other] = ["song", "song"].map(|words| searches.begin(words, Time::ZERO).unwrap());
        let first = hit(one, "aa", 1);
        assert_eq!(searches.take(first.clone()).map(|hit| hit.number), Some(0));
        assert_eq!(searches.take(Hit { hops: 3, ..first }), None);
        assert_eq!(searches.take(hit(one, "aa", 2)).map(|hit| hit.number), Some(1));
        assert_eq!(searches.take(hit(one, "bb", 1)).map(|hit| hit.number), Some(2));
        assert_eq!(searches.take(hit(other, "aa", 1)).map(|hit| hit.number), Some(0));
        assert_eq!(searches.one(one, Time::ZERO).unwrap().hits, 3);
    }
}
