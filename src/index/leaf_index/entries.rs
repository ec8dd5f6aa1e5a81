use super::LeafFile;
use super::lists::Posting;
use crate::base::slots::{Slot, give_back_room};

/// A file, whose it is, and where it stands in the list of each of its words.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) leaf: Slot,
    pub(super) file: LeafFile,
    pub(super) spots: Box<[Spot]>,
}

/// A place in the list of a word. There are as many as files have words: they are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub(super) struct Spot {
    pub(super) hash: u64,
    pub(super) place: u32,
}

/// All files, by numbers from 0 on: where one goes, the last one gets its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries(Vec<Entry>);

impl Entry {
    /// Whether it has the word with this hash.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.spots.iter().any(|spot| spot.hash == hash)
    }
}

impl Entries {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, id: u32) -> Option<&Entry> {
        self.0.get(id as usize)
    }

    /// The number that the next file gets.
    pub(super) fn next_id(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        self.0.push(entry);
    }

    /// Takes a file away. Whoever has its number afterwards had that of the last one, which is
    /// [`next_id`](Self::next_id) now.
    pub(super) fn remove(&mut self, id: u32) -> Option<Entry> {
        if id >= self.next_id() {
            return None;
        }
        let entry = self.0.swap_remove(id as usize);
        give_back_room(&mut self.0);
        Some(entry)
    }

    /// A posting stands at another place of its list now.
    pub(super) fn move_spot(&mut self, posting: Posting, place: u32) {
        let entry = self.0.get_mut(posting.file as usize);
        if let Some(spot) = entry.and_then(|entry| entry.spots.get_mut(posting.nth as usize)) {
            spot.place = place;
        }
    }
}
