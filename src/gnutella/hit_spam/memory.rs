use std::collections::{BTreeMap, VecDeque};

use super::sought::WordBits;
use crate::base::limits::SPAM_NAMES_MAX;

/// Under which names something was found, by which searches. The oldest things are forgotten.
#[derive(Clone, Debug)]
pub(super) struct Memory<K> {
    things: BTreeMap<K, Vec<Sighting>>,
    order: VecDeque<K>,
    most: usize,
}

/// What something was called when a search found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) search: WordBits,
    pub(super) name: WordBits,
}

impl Sighting {
    /// Whether the two have nothing to do with each other: neither name has a word of the other search.
    const fn is_foreign_to(self, other: Self) -> bool {
        self.search.has_none_of(other.search)
            && self.search.has_none_of(other.name)
            && self.name.has_none_of(other.search)
    }
}

impl<K: Ord + Copy> Memory<K> {
    pub(super) const fn new(most: usize) -> Self {
        Self { things: BTreeMap::new(), order: VecDeque::new(), most }
    }

    /// Something was found. To how many of the earlier times this has no relation.
    pub(super) fn note(&mut self, thing: K, seen: Sighting) -> usize {
        if !self.things.contains_key(&thing) {
            if self.order.len() >= self.most {
                let oldest = self.order.pop_front();
                oldest.and_then(|oldest| self.things.remove(&oldest));
            }
            self.order.push_back(thing);
        }
        let known = self.things.entry(thing).or_default();
        let foreign = known.iter().filter(|before| before.is_foreign_to(seen)).count();
        if !known.contains(&seen) && known.len() < SPAM_NAMES_MAX {
            known.push(seen);
        }
        foreign
    }
}
