use super::LeafFile;
use super::lists::Posting;
use crate::base::slots::Slot;

/// A file, whose it is, and where it stands in the list of each of its words.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) leaf: Slot,
    pub(super) file: LeafFile,
    pub(super) spots: Box<[Spot]>,
}

/// A place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) list: u32,
    pub(super) place: u32,
}

/// All files, by numbers that are given again.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    entries: Vec<Option<Entry>>,
    /// Numbers that are free, the last one last.
    free: Vec<u32>,
}

impl Spot {
    /// No place at all.
    pub(super) const NOWHERE: Self = Self { list: u32::MAX, place: u32::MAX };
}

impl Entry {
    /// Whether it has the word of a list.
    pub(super) fn is_in(&self, list: u32) -> bool {
        self.spots.iter().any(|spot| spot.list == list)
    }
}

impl Entries {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len().saturating_sub(self.free.len())
    }

    pub(super) fn get(&self, id: u32) -> Option<&Entry> {
        self.entries.get(id as usize)?.as_ref()
    }

    /// The number that the next file gets.
    pub(super) fn next_id(&self) -> u32 {
        let new = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.free.last().copied().unwrap_or(new)
    }

    pub(super) fn insert(&mut self, entry: Entry) {
        match self.free.pop().and_then(|id| self.entries.get_mut(id as usize)) {
            Some(place) => *place = Some(entry),
            None => self.entries.push(Some(entry)),
        }
    }

    pub(super) fn remove(&mut self, id: u32) -> Option<Entry> {
        let entry = self.entries.get_mut(id as usize)?.take()?;
        self.free.push(id);
        if self.free.len() == self.entries.len() {
            *self = Self::new();
        }
        Some(entry)
    }

    /// A posting stands at another place of its list now.
    pub(super) fn move_spot(&mut self, posting: Posting, place: u32) {
        let entry = self.entries.get_mut(posting.file as usize).and_then(Option::as_mut);
        if let Some(spot) = entry.and_then(|entry| entry.spots.get_mut(posting.nth as usize)) {
            spot.place = place;
        }
    }
}
