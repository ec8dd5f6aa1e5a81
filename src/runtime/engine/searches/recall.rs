use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::base::time::Time;
use crate::control::model::Hit;

/// How long hits are remembered: ultrapeers that are gtk-gnutella do not hear the same words of the same leaf
/// again for 1,700 seconds (DQ-19), so that whoever repeats a search would find less than before.
const RECALL_FOR: Duration = Duration::from_secs(1_800);

/// Hits that are remembered at most, of all searches; those of the oldest search go first.
const RECALLED_MAX: usize = 10_000;

/// What searches have found that nobody wants any more, for whoever searches for the same again.
#[derive(Debug, Default)]
pub(super) struct Recall {
    searches: VecDeque<(String, Vec<Known>)>,
}

/// A hit, and when it came.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Which file of whom, as a hash that nobody outside can aim at.
    pub(super) key: u64,
    pub(super) hit: Arc<Hit>,
    pub(super) came: Time,
}

impl Recall {
    /// Remembers what was found for these words, beside what was remembered for them.
    pub(super) fn remember(&mut self, words: &str, mut hits: Vec<Known>) {
        let words = essence(words);
        let place = self.searches.iter().position(|(others, _)| *others == words);
        if let Some((_, before)) = place.and_then(|place| self.searches.remove(place)) {
            let new: HashSet<u64> = hits.iter().map(|known| known.key).collect();
            hits.extend(before.into_iter().filter(|known| !new.contains(&known.key)));
        }
        if !hits.is_empty() {
            self.searches.push_back((words, hits));
        }
        let mut count: usize = self.searches.iter().map(|(_, hits)| hits.len()).sum();
        while count > RECALLED_MAX
            && let Some((_, oldest)) = self.searches.pop_front()
        {
            count = count.saturating_sub(oldest.len());
        }
    }

    /// Forgets what was found long ago.
    pub(super) fn sweep(&mut self, now: Time) {
        let is_fresh = |known: &Known| now.since(known.came) < RECALL_FOR;
        self.searches.retain_mut(|(_, hits)| {
            hits.retain(is_fresh);
            !hits.is_empty()
        });
    }

    /// What was found for these words not long ago.
    pub(super) fn recall(&mut self, words: &str, now: Time) -> Vec<Known> {
        self.sweep(now);
        let words = essence(words);
        let same = self.searches.iter().find(|(others, _)| *others == words);
        same.map_or_else(Vec::new, |(_, hits)| hits.clone())
    }
}

/// Words in small letters and in order: searches with the same ones find the same.
pub(super) fn essence(words: &str) -> String {
    let words = words.to_lowercase();
    let mut words: Vec<_> = words.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::super::tests::hit;
    use super::*;
    use crate::control::model::SearchId;

    /// Hits with these keys.
    fn keyed(keys: Range<u64>, came: Time) -> Vec<Known> {
        let hit = Arc::new(hit(SearchId(1), "aa", 1));
        keys.map(|key| Known { key, hit: Arc::clone(&hit), came }).collect()
    }

    fn known(count: u64, came: Time) -> Vec<Known> {
        keyed(0..count, came)
    }

    fn recalled(recall: &mut Recall, words: &str, now: Time) -> usize {
        recall.recall(words, now).len()
    }

    #[test]
    fn the_same_words_bring_back_what_they_have_found() {
        let mut recall = Recall::default();
        recall.remember("River Blues", known(2, Time::ZERO));
        for same in ["River Blues", "blues  river", " RIVER blues river"] {
            assert_eq!(recalled(&mut recall, same, Time::ZERO), 2, "{same}");
        }
        assert_eq!(recalled(&mut recall, "river", Time::ZERO), 0);
        recall.remember("blues river", known(3, Time::ZERO));
        assert_eq!(recalled(&mut recall, "river blues", Time::ZERO), 3);
    }

    #[test]
    fn a_search_that_found_less_takes_nothing_away() {
        let mut recall = Recall::default();
        recall.remember("river", keyed(0..3, Time::ZERO));
        recall.remember("river", keyed(2..5, Time::ZERO));
        recall.remember("river", Vec::new());
        assert_eq!(recalled(&mut recall, "river", Time::ZERO), 5);
    }

    #[test]
    fn each_hit_is_remembered_for_its_time() {
        let mut recall = Recall::default();
        let (later, moment) = (Time::ZERO.after_ms(1_000), Duration::from_millis(1));
        let mut hits = known(1, Time::ZERO);
        hits.extend(keyed(7..8, later));
        recall.remember("river", hits);
        let end = Time::ZERO.after(RECALL_FOR);
        assert_eq!(recalled(&mut recall, "river", Time::ZERO.after(RECALL_FOR - moment)), 2);
        assert_eq!(recalled(&mut recall, "river", end), 1);
        assert_eq!(recalled(&mut recall, "river", end.after_ms(1_000)), 0);
        assert!(recall.searches.is_empty());
    }

    #[test]
    fn so_many_hits_are_remembered_and_the_oldest_search_goes_first() {
        let mut recall = Recall::default();
        recall.remember("one", known(1, Time::ZERO));
        recall.remember("two", known(RECALLED_MAX as u64 - 1, Time::ZERO));
        assert_eq!(recalled(&mut recall, "one", Time::ZERO), 1, "at the limit");
        recall.remember("three", known(1, Time::ZERO));
        assert_eq!(recalled(&mut recall, "one", Time::ZERO), 0, "one past it");
        assert_eq!(recalled(&mut recall, "two", Time::ZERO), RECALLED_MAX - 1);
        assert_eq!(recalled(&mut recall, "three", Time::ZERO), 1);
    }
}
