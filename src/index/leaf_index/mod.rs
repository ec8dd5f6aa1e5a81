//! The files that leaves announce, found by their words. Shared by both networks: who is a
//! supernode answers for its leaves.

mod entries;
mod lists;
mod search;

use std::hash::BuildHasher;

use super::words;
use crate::base::by_slot::BySlot;
use crate::base::hashing::Seeded;
use crate::base::limits::{
    LEAF_FILE_DETAILS_LEN_MAX, LEAF_FILE_NAME_LEN_MAX, LEAF_FILE_WORDS_MAX, LEAF_FILES_MAX,
    LEAF_INDEX_FILES_MAX,
};
use crate::base::slots::{Slot, give_back_room};
use entries::{Entries, Entry, Spot};
use lists::{Lists, Posting};

/// What a leaf announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafFile {
    /// The digest of its content.
    pub digest: [u8; 20],
    /// Bytes.
    pub size: u64,
    /// What it is called.
    pub name: Box<str>,
    /// What else is to be told with it, in whatever form the network has for that.
    pub details: Box<[u8]>,
}

/// Why a file was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The leaf has announced as many as one may.
    LeafIsFull,
    /// All leaves together have.
    IndexIsFull,
    /// Its name or its details are too long.
    TooLong,
}

/// The files that leaves announce.
///
/// A file knows where it stands in the list of each of its words, and so goes in as much time as it
/// has words, however many files have the same. What has shrunk to a quarter of its room gives half of
/// that back, so that leaves that are gone leave nothing behind.
#[derive(Clone, Debug)]
pub struct LeafIndex {
    hasher: Seeded,
    entries: Entries,
    lists: Lists,
    leaves: BySlot<Vec<u32>>,
}

impl LeafIndex {
    /// No files. The seed comes from the generator of the node.
    pub fn new(seed: u64) -> Self {
        let hasher = Seeded::new(seed);
        Self { lists: Lists::new(&hasher), hasher, entries: Entries::new(), leaves: BySlot::new() }
    }

    /// A leaf has a file, which is found by the words of its name and of other texts. If it has
    /// announced that content before, this takes its place.
    pub fn announce<'a>(
        &mut self,
        leaf: Slot,
        file: LeafFile,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Refused> {
        if is_long(&file) {
            return Err(Refused::TooLong);
        }
        self.withdraw(leaf, &file.digest);
        self.add(leaf, file, texts)
    }

    /// The same beside all that it has announced before, of that content too.
    pub fn add<'a>(
        &mut self,
        leaf: Slot,
        file: LeafFile,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Refused> {
        if is_long(&file) {
            return Err(Refused::TooLong);
        }
        let of_leaf = self.leaves.get(leaf).map_or(0, Vec::len);
        if of_leaf >= LEAF_FILES_MAX {
            return Err(Refused::LeafIsFull);
        }
        if self.entries.len() >= LEAF_INDEX_FILES_MAX {
            return Err(Refused::IndexIsFull);
        }
        let hashes = self.hashes(&file, texts);
        self.insert(leaf, file, &hashes);
        Ok(())
    }

    /// A leaf has a file no longer.
    pub fn withdraw(&mut self, leaf: Slot, digest: &[u8; 20]) -> Option<LeafFile> {
        self.withdraw_first(leaf, |file| file.digest == *digest)
    }

    /// The same of the first one that is meant.
    pub fn withdraw_first(
        &mut self,
        leaf: Slot,
        mut is_meant: impl FnMut(&LeafFile) -> bool,
    ) -> Option<LeafFile> {
        let mut is_it = |id: &u32| self.entries.get(*id).is_some_and(|entry| is_meant(&entry.file));
        let of_leaf = self.leaves.get(leaf)?;
        let place = of_leaf.iter().position(&mut is_it)?;
        let of_leaf = self.leaves.get_mut(leaf)?;
        let id = of_leaf.swap_remove(place);
        give_back_room(of_leaf);
        if of_leaf.is_empty() {
            self.leaves.remove(leaf);
        }
        self.remove(id)
    }

    /// A leaf is gone, and all that it announced. Tells how many files that were.
    pub fn drop_leaf(&mut self, leaf: Slot) -> usize {
        let count = self.files_of(leaf);
        // Those that are left may get other numbers each time.
        while let Some(id) = self.leaves.get_mut(leaf).and_then(Vec::pop) {
            self.remove(id);
        }
        self.leaves.remove(leaf);
        count
    }

    /// Appends the files that have all words of `text`, each with the leaf that has it, up to
    /// `limit` of them, in an order that is the same each time; none where there are no words. How many
    /// looks at words and files that took.
    pub fn search<'a>(
        &'a self,
        text: &str,
        limit: usize,
        found: &mut Vec<(Slot, &'a LeafFile)>,
    ) -> u32 {
        self.search_among(text, limit, |_, _| Some(true), found)
    }

    /// Appends the files of this content, as [`search`](Self::search) does.
    pub fn with_digest<'a>(
        &'a self,
        digest: &[u8; 20],
        limit: usize,
        found: &mut Vec<(Slot, &'a LeafFile)>,
    ) -> u32 {
        self.with_digest_among(digest, limit, |_, _| Some(true), found)
    }

    /// How many files there are.
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there are no files.
    pub const fn is_empty(&self) -> bool {
        self.entries.len() == 0
    }

    /// How many files a leaf has announced.
    pub fn files_of(&self, leaf: Slot) -> usize {
        self.leaves.get(leaf).map_or(0, Vec::len)
    }

    /// The hashes under which a file stands: its content, and its words.
    fn hashes<'a>(&self, file: &LeafFile, texts: impl IntoIterator<Item = &'a str>) -> Vec<u64> {
        let mut hashes = vec![self.hasher.hash_one(file.digest)];
        self.add_words(&file.name, &mut hashes);
        texts.into_iter().for_each(|text| self.add_words(text, &mut hashes));
        hashes
    }

    fn add_words(&self, text: &str, hashes: &mut Vec<u64>) {
        for word in words::words(&words::fold(text)) {
            let hash = self.hasher.hash_one(word);
            // The first one is that of the digest.
            if hashes.len() <= LEAF_FILE_WORDS_MAX && !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
    }

    fn insert(&mut self, leaf: Slot, file: LeafFile, hashes: &[u64]) {
        let id = self.entries.next_id();
        let spots =
            (0..).zip(hashes).map(|(nth, &hash)| self.lists.push(hash, Posting { file: id, nth }));
        let spots = spots.collect();
        self.entries.insert(Entry { leaf, file, spots });
        match self.leaves.get_mut(leaf) {
            Some(of_leaf) => of_leaf.push(id),
            None => self.leaves.insert(leaf, vec![id]),
        }
    }

    fn remove(&mut self, id: u32) -> Option<LeafFile> {
        for nth in 0.. {
            let Some(&spot) = self.entries.get(id)?.spots.get(nth) else { break };
            if let Some(moved) = self.lists.remove(spot) {
                self.entries.move_spot(moved, spot.place);
            }
        }
        let gone = self.entries.remove(id)?;
        self.renumber_last(id);
        Some(gone.file)
    }

    /// The file that was the last one has this number now, if there is one that has it.
    fn renumber_last(&mut self, id: u32) {
        let Some(entry) = self.entries.get(id) else { return };
        for &spot in &entry.spots {
            self.lists.renumber(spot, id);
        }
        let before = self.entries.next_id();
        let of_leaf = self.leaves.get_mut(entry.leaf).into_iter().flatten();
        of_leaf.filter(|other| **other == before).for_each(|other| *other = id);
    }
}

const fn is_long(file: &LeafFile) -> bool {
    file.name.len() > LEAF_FILE_NAME_LEN_MAX || file.details.len() > LEAF_FILE_DETAILS_LEN_MAX
}
