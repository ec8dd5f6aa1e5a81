use std::collections::hash_map::Entry;
use std::slice;

use super::Spot;
use crate::base::hashing::{Map, Seeded};
use crate::base::slots::give_back_room;

/// Which files have which words: for each word that a file has, a list.
#[derive(Clone, Debug)]
pub(super) struct Lists(Map<u64, List>);

/// The files that have one word, at least one.
#[derive(Clone, Debug)]
enum List {
    /// Most words are those of one file.
    One(Posting),
    Many(Vec<Posting>),
}

/// That a file has a word, which is its nth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) file: u32,
    pub(super) nth: u32,
}

impl Lists {
    pub(super) fn new(hasher: &Seeded) -> Self {
        Self(hasher.map())
    }

    /// The files that have a word, if any has it.
    pub(super) fn get(&self, hash: u64) -> Option<&[Posting]> {
        self.0.get(&hash).map(List::postings)
    }

    /// A file has a word. Tells where that is noted.
    pub(super) fn push(&mut self, hash: u64, posting: Posting) -> Spot {
        let place = match self.0.entry(hash) {
            Entry::Occupied(mut list) => list.get_mut().push(posting),
            Entry::Vacant(list) => {
                list.insert(List::One(posting));
                0
            }
        };
        Spot { hash, place }
    }

    /// A file has a word no longer. Tells which posting stands in its place now.
    pub(super) fn remove(&mut self, spot: Spot) -> Option<Posting> {
        let Spot { hash, place } = spot;
        let list = self.0.get_mut(&hash)?;
        if let List::Many(postings) = list {
            postings.get(place as usize)?;
            postings.swap_remove(place as usize);
            let moved = postings.get(place as usize).copied();
            match postings[..] {
                [only] => *list = List::One(only),
                _ => give_back_room(postings),
            }
            return moved;
        }
        self.0.remove(&hash);
        self.give_back_room();
        None
    }

    /// The file that is noted there has another number now.
    pub(super) fn renumber(&mut self, spot: Spot, file: u32) {
        let Spot { hash, place } = spot;
        let posting = self.0.get_mut(&hash).and_then(|list| list.get_mut(place));
        if let Some(posting) = posting {
            posting.file = file;
        }
    }

    /// Gives back room for many lists where there are few, all of it where there are none.
    fn give_back_room(&mut self) {
        if self.0.len() <= self.0.capacity() / 4 {
            self.0.shrink_to(self.0.len().saturating_mul(2));
        }
    }
}

impl List {
    fn postings(&self) -> &[Posting] {
        match self {
            Self::One(posting) => slice::from_ref(posting),
            Self::Many(postings) => postings,
        }
    }

    fn get_mut(&mut self, place: u32) -> Option<&mut Posting> {
        match self {
            Self::One(posting) => (place == 0).then_some(posting),
            Self::Many(postings) => postings.get_mut(place as usize),
        }
    }

    /// Tells at which place it stands.
    fn push(&mut self, posting: Posting) -> u32 {
        let before = self.postings().len();
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, posting]),
            Self::Many(postings) => {
                if postings.len() == postings.capacity() {
                    postings.reserve_exact(postings.len() / 2);
                }
                postings.push(posting);
            }
        }
        u32::try_from(before).unwrap_or(u32::MAX)
    }
}
