//! Files that were offered together, and do not change: a table with a row for each, sorted by their
//! numbers, and the words of their names.

use std::cmp::Reverse;

use super::dictionary::Dictionary;
use super::digests::Digests;
use super::names::Names;
use super::newest::{Dates, Newest};
use super::removed::Removed;
use super::rows::Rows;
use super::{FileId, FileView, Kinds};
use crate::base::kazaa_hash::KzHash;

/// Rows that a segment may have: three bytes tell one.
pub(super) const ROWS_MAX: usize = 1 << 24;

/// Bytes of names from which on a segment grows no further: four bytes tell where one is.
pub(super) const NAMES_LEN_MAX: usize = 1 << 30;

#[derive(Debug)]
pub(super) struct Segment {
    /// Ascending.
    pub(super) ids: Box<[FileId]>,
    pub(super) sizes: Box<[u64]>,
    pub(super) known: Box<[Known]>,
    pub(super) names: Names,
    pub(super) dates: Dates,
    pub(super) sha1s: Digests<20>,
    pub(super) tiger_roots: Digests<24>,
    pub(super) kzhashes: Digests<36>,
    pub(super) dictionary: Dictionary,
    /// Which rows have which words.
    pub(super) rows: Box<[u8]>,
}

/// Of which kinds a file is, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) kinds: Kinds,
    flags: u8,
}

impl Known {
    const SHA1: u8 = 1;
    const TIGER_ROOT: u8 = 2;
    const MODIFIED: u8 = 4;
    const KZHASH: u8 = 8;

    pub(super) fn of(file: &FileView<'_>) -> Self {
        let flag = |is_known, flag: u8| if is_known { flag } else { 0 };
        let flags = flag(file.sha1.is_some(), Self::SHA1)
            | flag(file.tiger_root.is_some(), Self::TIGER_ROOT)
            | flag(file.modified_s.is_some(), Self::MODIFIED)
            | flag(file.kzhash.is_some(), Self::KZHASH);
        Self { kinds: file.kinds(), flags }
    }

    /// What is known.
    fn known<T>(self, flag: u8, value: Option<T>) -> Option<T> {
        value.filter(|_| self.flags & flag != 0)
    }
}

impl Segment {
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn view(&self, row: u32) -> Option<FileView<'_>> {
        let known = self.known.get(row as usize)?;
        Some(FileView {
            name: self.names.get(row)?,
            size: *self.sizes.get(row as usize)?,
            sha1: known.known(Known::SHA1, self.sha1s.of_row(row)),
            tiger_root: known.known(Known::TIGER_ROOT, self.tiger_roots.of_row(row)),
            kzhash: known.known(Known::KZHASH, self.kzhashes.of_row(row)).map(KzHash::from_bytes),
            modified_s: known.known(Known::MODIFIED, self.dates.of_row(row)),
        })
    }

    pub(super) fn id(&self, row: u32) -> Option<FileId> {
        let [first, .., last] = &*self.ids else { return self.ids.get(row as usize).copied() };
        // Numbers that were given one behind the other need not be read.
        let behind = last.0.checked_sub(first.0)?;
        if behind as usize == self.ids.len().saturating_sub(1) {
            return (row <= behind).then(|| FileId(first.0.saturating_add(row)));
        }
        self.ids.get(row as usize).copied()
    }

    pub(super) fn row_of(&self, id: FileId) -> Option<u32> {
        let first = self.ids.first()?;
        // Numbers that were given one behind the other stay so.
        let guess = id.0.checked_sub(first.0)?;
        if self.id(guess) == Some(id) {
            return Some(guess);
        }
        let row = self.ids.binary_search(&id).ok()?;
        u32::try_from(row).ok()
    }

    /// Whether a file of this row is of these kinds.
    pub(super) fn is_of(&self, row: u32, kinds: Kinds) -> bool {
        kinds == Kinds::ALL
            || self.known.get(row as usize).is_some_and(|known| known.kinds.meets(kinds))
    }

    /// Takes up the newest files. How many rows and parts were looked at.
    pub(super) fn newest(&self, removed: &Removed, kinds: Kinds, newest: &mut Newest) -> usize {
        let mut strides = self.dates.strides(kinds);
        let mut seen = strides.len();
        while let Some((date, Reverse(stride))) = strides.pop() {
            if !newest.has_room_for(date) {
                break;
            }
            for row in Dates::rows_of(stride) {
                let Some(id) = self.id(row) else { break };
                seen = seen.saturating_add(1);
                let known = self.known.get(row as usize).filter(|known| known.kinds.meets(kinds));
                let date =
                    known.and_then(|known| known.known(Known::MODIFIED, self.dates.of_row(row)));
                if let Some(date) = date.filter(|_| !removed.has(row)) {
                    newest.push(date, id);
                }
            }
        }
        seen
    }

    /// Tells each word by which others look for a file that was not removed.
    pub(super) fn each_word(&self, removed: &Removed, mut word: impl FnMut(&str)) {
        let (mut walk, mut rows) = (self.dictionary.walk(), Vec::new());
        while let Some(term) = walk.step() {
            if removed.len() > 0 {
                rows.clear();
                Rows::whole(term, &self.rows).read(&mut rows);
                if rows.iter().all(|row| removed.has(*row)) {
                    continue;
                }
            }
            if let Ok(text) = std::str::from_utf8(walk.word()) {
                word(text);
            }
        }
    }

    /// Bytes of memory, this value among them.
    pub(super) fn footprint_len(&self) -> usize {
        let parts = [
            size_of::<Self>(),
            size_of_val(&*self.ids),
            size_of_val(&*self.sizes),
            size_of_val(&*self.known),
            self.names.footprint_len(),
            self.dates.footprint_len(),
            self.sha1s.footprint_len(),
            self.tiger_roots.footprint_len(),
            self.kzhashes.footprint_len(),
            self.dictionary.footprint_len(),
            self.rows.len(),
        ];
        parts.into_iter().fold(0, usize::saturating_add)
    }
}
