mod found;
mod recall;
mod sought;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use found::Found;
use recall::{Known, Recall, essence};
pub(super) use sought::{WORDS_LEN_MAX, sought};

use super::hits::with_link;
use crate::base::limits::{ENDED_HITS_KEPT_MAX, ENDED_SEARCH_KEPT_MS, SEARCHES_KEPT_MAX};
use crate::base::time::Time;
use crate::control::desk::Refusal;
use crate::control::model::{Hit, Network, Search, SearchId};

/// The searches that the API asked for, with what they found. Those that have ended are kept for a while, so that
/// a hit can be fetched once somebody has chosen.
#[derive(Debug, Default)]
pub(super) struct Searches {
    searches: BTreeMap<SearchId, Found>,
    recall: Recall,
    last: u64,
    keys: foldhash::fast::RandomState,
}

impl Searches {
    /// Begins a search, with what was found for the same words before.
    pub(super) fn begin(
        &mut self,
        words: &str,
        networks: &[Network],
        now: Time,
    ) -> Result<SearchId, Refusal> {
        let mut known = self.known_for(words, now);
        known.retain(|known| networks.contains(&known.hit.network));
        let id = self.begin_anew(words, networks, now)?;
        let Some(found) = self.searches.get_mut(&id) else { return Ok(id) };
        for Known { key, hit, came } in known {
            found.take(Hit { search: id, ..Hit::clone(&hit) }, key, came);
        }
        found.recalled = found.count;
        Ok(id)
    }

    /// Begins a search that nothing is known of. One that has ended gives its place to it, the oldest
    /// first.
    pub(super) fn begin_anew(
        &mut self,
        words: &str,
        networks: &[Network],
        now: Time,
    ) -> Result<SearchId, Refusal> {
        if self.searches.len() >= SEARCHES_KEPT_MAX {
            let ended = self.searches.iter().find(|(_, found)| found.ended.is_some());
            let Some((&oldest, _)) = ended else {
                let why =
                    format!("{SEARCHES_KEPT_MAX} searches run already: end one of them first");
                return Err(Refusal::Unavailable(why));
            };
            self.remove(oldest)?;
        }
        self.last = self.last.saturating_add(1);
        let id = SearchId(self.last);
        self.searches.insert(id, Found::new(words, networks, now));
        Ok(id)
    }

    /// The last number that a search has had.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// Whoever has been told a number of an earlier run finds no other search under it.
    pub(super) fn go_on_after(&mut self, last: u64) {
        self.last = self.last.max(last);
    }

    /// What earlier searches for the same words have found, those that are still there first.
    fn known_for(&mut self, words: &str, now: Time) -> Vec<Known> {
        let wanted = essence(words);
        let same = self.searches.values().filter(|found| essence(&found.words) == wanted);
        let known = same.flat_map(|found| found.hits.iter().cloned());
        known.chain(self.recall.recall(words, now)).collect()
    }

    /// Numbers a hit, and keeps it if there is room. Nothing of a search that is over, and nothing that was
    /// found before: several neighbours are asked, and each brings what it hears.
    pub(super) fn take(&mut self, hit: Hit, now: Time) -> Option<Arc<Hit>> {
        let content = (&hit.sha1, &hit.kazaa_hash);
        let key = (&hit.servent_id, hit.address, hit.index, &hit.name, hit.size, content);
        let key = self.keys.hash_one(key);
        self.searches.get_mut(&hit.search)?.take(hit, key, now)
    }

    /// Nobody is asked any more in one of the networks. How many results all have brought, if that was the last.
    pub(super) fn part_ended(
        &mut self,
        id: SearchId,
        (network, results): (Network, u32),
        why: &'static str,
        now: Time,
    ) -> Option<u32> {
        let found = self.searches.get_mut(&id).filter(|found| found.ended.is_none())?;
        found.awaited.retain(|awaited| *awaited != network);
        found.results = found.results.saturating_add(results);
        let results = found.results;
        let is_over = found.awaited.is_empty();
        is_over.then(|| self.ended(id, why, now))?;
        Some(results)
    }

    /// Nobody is asked any more.
    pub(super) fn ended(&mut self, id: SearchId, why: impl Into<Cow<'static, str>>, now: Time) {
        if let Some(found) = self.searches.get_mut(&id) {
            found.ended = Some((why.into(), now));
        }
        self.forget_beyond();
    }

    /// Forgets a search, and remembers what it has found for whoever searches for the same.
    pub(super) fn remove(&mut self, id: SearchId) -> Result<(), Refusal> {
        let Found { words, hits, .. } =
            self.searches.remove(&id).ok_or_else(|| self.unknown(id))?;
        self.recall.remember(&words, hits);
        Ok(())
    }

    pub(super) fn one(&self, id: SearchId, now: Time) -> Result<Search, Refusal> {
        let found = self.searches.get(&id).ok_or_else(|| self.unknown(id))?;
        Ok(found.search(id, now))
    }

    pub(super) fn all(&self, now: Time) -> Vec<Search> {
        self.searches.iter().map(|(id, found)| found.search(*id, now)).collect()
    }

    /// The kept hits of a search from this number on.
    pub(super) fn hits(&self, id: SearchId, from: u64) -> Result<Vec<Hit>, Refusal> {
        let found = self.searches.get(&id).ok_or_else(|| self.unknown(id))?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        Ok(found.hits.iter().skip(from).map(|known| with_link(&known.hit)).collect())
    }

    /// Forgets what was found long ago.
    pub(super) fn sweep(&mut self, now: Time) {
        let is_old = |found: &Found| {
            found.ended.as_ref().is_some_and(|(_, then)| now >= then.after_ms(ENDED_SEARCH_KEPT_MS))
        };
        let old = self.searches.iter().filter(|(_, found)| is_old(found));
        let old: Vec<SearchId> = old.map(|(id, _)| *id).collect();
        for id in old {
            let _ = self.remove(id);
        }
        self.recall.sweep(now);
    }

    /// Forgets the oldest of those that have ended, as long as they have more hits than are kept.
    fn forget_beyond(&mut self) {
        let ended = self.searches.iter().filter(|(_, found)| found.ended.is_some());
        let ended: Vec<_> = ended.map(|(id, found)| (*id, found.hits.len())).collect();
        let mut count: usize = ended.iter().map(|(_, len)| len).sum();
        for (id, len) in ended {
            if count <= ENDED_HITS_KEPT_MAX {
                return;
            }
            count = count.saturating_sub(len);
            let _ = self.remove(id);
        }
    }

    /// Why nothing is known of a search.
    fn unknown(&self, id: SearchId) -> Refusal {
        Refusal::NotFound(match id.0 {
            known if (1..=self.last).contains(&known) => {
                format!("search {id} is not kept any more; search again")
            }
            _ => format!("there is no search {id}; see the list of searches"),
        })
    }

    /// How many run.
    pub(super) fn running(&self) -> usize {
        self.searches.values().filter(|found| found.ended.is_none()).count()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::limits::SEARCH_HITS_KEPT_MAX;
    use crate::control::model::SearchState;

    pub(in crate::runtime::engine) fn hit(search: SearchId, servent: &str, index: u32) -> Hit {
        Hit {
            search,
            number: 0,
            network: Network::Gnutella,
            name: "song.ogg".to_owned(),
            size: 1_000,
            sha1: None,
            kazaa_hash: None,
            user: None,
            supernode: None,
            address: "203.0.113.1:6346".parse().unwrap(),
            index,
            vendor: None,
            servent_id: servent.to_owned(),
            firewalled: false,
            push_proxies: Vec::new(),
            takes_tls: false,
            busy: false,
            hops: 1,
            speed: 0,
            doubt: None,
            magnet: None,
        }
    }

    const BOTH: [Network; 2] = [Network::Gnutella, Network::FastTrack];

    #[test]
    fn a_search_is_over_when_all_networks_have_been_asked() {
        let mut searches = Searches::default();
        let mut begin = |networks: &[Network]| searches.begin("a", networks, Time::ZERO).unwrap();
        let [both, one] = [begin(&BOTH), begin(&BOTH[1..])];
        let mut end = |id, network, results| {
            let over = searches.part_ended(id, (network, results), "asked", Time::ZERO);
            (over, searches.one(id, Time::ZERO).unwrap().state)
        };
        use SearchState::{Ended, Running};
        assert_eq!(end(both, Network::Gnutella, 3), (None, Running));
        assert_eq!(end(both, Network::Gnutella, 0), (None, Running));
        assert_eq!(end(both, Network::FastTrack, 4), (Some(7), Ended));
        assert_eq!(end(both, Network::FastTrack, 4), (None, Ended));
        assert_eq!(end(one, Network::FastTrack, 0), (Some(0), Ended));
    }

    #[test]
    fn what_one_network_has_found_is_not_told_of_another() {
        let mut searches = Searches::default();
        let first = searches.begin("a", &BOTH, Time::ZERO).unwrap();
        let foreign = Hit { network: Network::FastTrack, ..hit(first, "", 2) };
        for hit in [hit(first, "aa", 1), foreign] {
            assert!(searches.take(hit, Time::ZERO).is_some());
        }
        for (networks, known) in [(&BOTH[..1], 1), (&BOTH[1..], 1), (&BOTH[..], 2)] {
            let id = searches.begin("a", networks, Time::ZERO).unwrap();
            let Search { hits, networks: asked, .. } = searches.one(id, Time::ZERO).unwrap();
            assert_eq!((hits, &asked[..]), (known, networks));
        }
    }

    #[test]
    fn what_several_neighbours_bring_is_told_once() {
        let mut searches = Searches::default();
        let [one, other] =
            ["song", "song"].map(|words| searches.begin(words, &BOTH, Time::ZERO).unwrap());
        let first = hit(one, "aa", 1);
        let mut take = |hit| searches.take(hit, Time::ZERO).map(|hit| hit.number);
        assert_eq!(take(first.clone()), Some(0));
        assert_eq!(take(Hit { hops: 3, ..first }), None);
        assert_eq!(take(hit(one, "aa", 2)), Some(1));
        assert_eq!(take(hit(one, "bb", 1)), Some(2));
        assert_eq!(take(hit(other, "aa", 1)), Some(0));
        assert_eq!(searches.one(one, Time::ZERO).unwrap().hits, 3);
    }

    #[test]
    fn whoever_searches_again_has_what_was_found_before() {
        let mut searches = Searches::default();
        let one = searches.begin("slow river", &BOTH, Time::ZERO).unwrap();
        searches.take(hit(one, "aa", 1), Time::ZERO);
        searches.take(hit(one, "bb", 1), Time::ZERO);
        searches.remove(one).unwrap();
        let later = Time::ZERO.after_ms(60_000);
        let again = searches.begin("River slow", &BOTH, later).unwrap();
        let Search { hits, hits_kept, hits_recalled, .. } = searches.one(again, later).unwrap();
        assert_eq!((hits, hits_kept, hits_recalled), (2, 2, 2));
        let numbers = searches.hits(again, 0).unwrap();
        let numbers: Vec<_> = numbers.iter().map(|hit| (hit.search, hit.number)).collect();
        assert_eq!(numbers, [(again, 0), (again, 1)]);
        assert_eq!(searches.take(hit(again, "bb", 1), later), None, "it is known");
        assert_eq!(searches.take(hit(again, "cc", 1), later).unwrap().number, 2);
        let Search { hits, hits_recalled, .. } = searches.one(again, later).unwrap();
        assert_eq!((hits, hits_recalled), (3, 2));
        // Also while the earlier one is still there, and whatever is deleted.
        let third = searches.begin("slow river", &BOTH, later).unwrap();
        assert_eq!(searches.one(third, later).unwrap().hits, 3);
        searches.remove(again).unwrap();
        searches.remove(third).unwrap();
        let last = searches.begin("slow river", &BOTH, later).unwrap();
        assert_eq!(searches.one(last, later).unwrap().hits, 3);
        // What is found again is as fresh as what is new.
        let end = later.after_ms(1_799_000);
        assert_eq!(searches.take(hit(last, "aa", 1), end), None);
        searches.remove(last).unwrap();
        let very_last = searches.begin("slow river", &BOTH, end.after_ms(2_000)).unwrap();
        assert_eq!(searches.one(very_last, end).unwrap().hits, 1);
    }

    #[test]
    fn what_has_ended_is_kept_for_its_time_and_then_said_to_be_gone() {
        let mut searches = Searches::default();
        let id = searches.begin("slow river", &BOTH, Time::ZERO).unwrap();
        searches.take(hit(id, "aa", 1), Time::ZERO);
        let end = Time::ZERO.after_ms(5_000);
        searches.ended(id, "enough", end);
        let last = end.after_ms(ENDED_SEARCH_KEPT_MS - 1);
        searches.sweep(last);
        assert_eq!(searches.hits(id, 0).unwrap().len(), 1);
        let running = searches.begin("other words", &BOTH, Time::ZERO).unwrap();
        searches.sweep(last.after_ms(1));
        let gone = Refusal::NotFound("search 1 is not kept any more; search again".to_owned());
        assert_eq!(searches.hits(id, 0), Err(gone));
        let never = "there is no search 7; see the list of searches".to_owned();
        assert_eq!(searches.hits(SearchId(7), 0), Err(Refusal::NotFound(never)));
        assert!(searches.one(running, last).is_ok(), "what runs is not swept away");
    }

    #[test]
    fn so_many_hits_are_kept_of_those_that_have_ended_and_the_oldest_go_first() {
        let mut searches = Searches::default();
        let count = ENDED_HITS_KEPT_MAX / SEARCH_HITS_KEPT_MAX;
        let mut full = |words: &str| {
            let id = searches.begin(words, &BOTH, Time::ZERO).unwrap();
            for index in 0..=u32::try_from(SEARCH_HITS_KEPT_MAX).unwrap() {
                searches.take(hit(id, "aa", index), Time::ZERO);
            }
            searches.ended(id, "enough", Time::ZERO);
            searches.searches.len()
        };
        for number in 1..=count {
            assert_eq!(full(&format!("words {number}")), number);
        }
        assert_eq!(full("one more"), count, "the first has gone");
        let Search { hits, hits_kept, .. } = searches.one(SearchId(2), Time::ZERO).unwrap();
        assert_eq!((hits, hits_kept), (2_001, 2_000));
        assert!(searches.one(SearchId(1), Time::ZERO).is_err());
    }

    #[test]
    fn one_that_has_ended_gives_its_place_to_a_new_one_and_no_other_does() {
        let mut searches = Searches::default();
        for number in 0..SEARCHES_KEPT_MAX {
            searches.begin(&format!("words {number}"), &BOTH, Time::ZERO).unwrap();
        }
        assert!(matches!(searches.begin("x", &BOTH, Time::ZERO), Err(Refusal::Unavailable(_))));
        searches.ended(SearchId(5), "enough", Time::ZERO);
        assert!(searches.begin("x", &BOTH, Time::ZERO).is_ok());
        assert!(searches.one(SearchId(5), Time::ZERO).is_err());
    }

    #[test]
    fn whoever_has_moved_is_found_at_the_new_place_too() {
        let mut searches = Searches::default();
        let last = searches.begin("slow river", &BOTH, Time::ZERO).unwrap();
        searches.take(hit(last, "aa", 1), Time::ZERO);
        let moved = Hit { address: "203.0.113.9:6346".parse().unwrap(), ..hit(last, "aa", 1) };
        assert!(searches.take(moved, Time::ZERO).is_some());
    }
}
