use crate::base::hashing::{Map, Seeded};

use super::Spot;

/// Which files have which words: for each word a list.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    by_hash: Map<u64, u32>,
    lists: Vec<List>,
    /// Numbers of lists that are empty, the last one last.
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct List {
    hash: u64,
    postings: Vec<Posting>,
}

/// That a file has a word, which is its nth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) file: u32,
    pub(super) nth: u32,
}

impl Lists {
    pub(super) fn new(hasher: &Seeded) -> Self {
        Self { by_hash: hasher.map(), lists: Vec::new(), free: Vec::new() }
    }

    /// The list of a word, if any file has it.
    pub(super) fn find(&self, hash: u64) -> Option<u32> {
        self.by_hash.get(&hash).copied()
    }

    /// The files that have the word of a list.
    pub(super) fn get(&self, list: u32) -> &[Posting] {
        self.lists.get(list as usize).map_or(&[], |list| &list.postings)
    }

    /// A file has a word. Tells where that is noted.
    pub(super) fn push(&mut self, hash: u64, posting: Posting) -> Spot {
        let number = self.find(hash).unwrap_or_else(|| self.begin(hash));
        let Some(list) = self.lists.get_mut(number as usize) else { return Spot::NOWHERE };
        let postings = &mut list.postings;
        let place = u32::try_from(postings.len()).unwrap_or(u32::MAX);
        if postings.len() == postings.capacity() {
            // Most words are those of one file: room for four would be wasted.
            postings.reserve_exact((postings.len() / 2).max(1));
        }
        postings.push(posting);
        Spot { list: number, place }
    }

    /// A file has a word no longer. Tells which posting stands in its place now.
    pub(super) fn remove(&mut self, spot: Spot) -> Option<Posting> {
        let list = self.lists.get_mut(spot.list as usize)?;
        let place = spot.place as usize;
        if place >= list.postings.len() {
            return None;
        }
        list.postings.swap_remove(place);
        if list.postings.is_empty() {
            self.by_hash.remove(&list.hash);
            list.postings = Vec::new();
            self.free.push(spot.list);
            self.shrink();
            return None;
        }
        if list.postings.capacity() > list.postings.len().saturating_mul(4) {
            list.postings.shrink_to(list.postings.len().saturating_mul(2));
        }
        list.postings.get(place).copied()
    }

    fn begin(&mut self, hash: u64) -> u32 {
        let list = List { hash, postings: Vec::new() };
        let number = self.free.pop().unwrap_or(u32::try_from(self.lists.len()).unwrap_or(u32::MAX));
        match self.lists.get_mut(number as usize) {
            Some(place) => *place = list,
            None => self.lists.push(list),
        }
        self.by_hash.insert(hash, number);
        number
    }

    /// Gives back memory where most of it is unused.
    fn shrink(&mut self) {
        if self.by_hash.is_empty() {
            (self.lists, self.free) = (Vec::new(), Vec::new());
        }
        if self.by_hash.capacity() > self.by_hash.len().saturating_mul(8) {
            self.by_hash.shrink_to(self.by_hash.len().saturating_mul(2));
        }
    }
}
