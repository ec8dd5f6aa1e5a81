//! Which files were written last.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{FileId, Kinds};

/// Rows of which the newest of each kind is known.
const STRIDE: usize = 64;

/// Kinds that a file may have.
const KINDS: [Kinds; 7] = [
    Kinds::OTHER,
    Kinds::AUDIO,
    Kinds::VIDEO,
    Kinds::DOCUMENT,
    Kinds::IMAGE,
    Kinds::WINDOWS_PROGRAM,
    Kinds::UNIX_PROGRAM,
];

/// When the files of a segment were written, and, for every 64 rows, when the newest of each kind was: so
/// few rows are looked at to find the newest of all. Takes nothing where that is known of no file.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// Seconds since 1970; 0 where nobody knows.
    by_row: Box<[u32]>,
    newest: Box<[[u32; KINDS.len()]]>,
}

impl Dates {
    /// Of files, in the order of their rows.
    pub(super) fn new(of: impl Iterator<Item = (Option<u32>, Kinds)> + Clone) -> Self {
        if of.clone().all(|(modified_s, _)| modified_s.is_none()) {
            return Self::default();
        }
        let by_row = of.clone().map(|(modified_s, _)| modified_s.unwrap_or(0)).collect();
        let mut newest = Vec::new();
        for (row, (modified_s, kinds)) in of.enumerate() {
            if row.is_multiple_of(STRIDE) {
                newest.push([0; KINDS.len()]);
            }
            let Some(best) = newest.last_mut() else { continue };
            for (best, kind) in best.iter_mut().zip(KINDS) {
                if kind.meets(kinds) {
                    *best = modified_s.unwrap_or(0).max(*best);
                }
            }
        }
        Self { by_row, newest: newest.into() }
    }

    /// When a file was written, if that is known of any; 0 where it is not known of this one.
    pub(super) fn of_row(&self, row: u32) -> Option<u32> {
        self.by_row.get(row as usize).copied()
    }

    /// For every 64 rows, when the newest of these kinds was written, and the rows.
    pub(super) fn strides(&self, kinds: Kinds) -> BinaryHeap<(u32, Reverse<u32>)> {
        let of = |newest: &[u32; KINDS.len()]| {
            let wanted = newest.iter().zip(KINDS).filter(|(_, kind)| kind.meets(kinds));
            wanted.map(|(date, _)| *date).max().unwrap_or(0)
        };
        (0..).zip(&*self.newest).map(|(place, newest)| (of(newest), Reverse(place))).collect()
    }

    /// The rows of such a part.
    pub(super) fn rows_of(stride: u32) -> std::ops::Range<u32> {
        let len = u32::try_from(STRIDE).unwrap_or(0);
        let start = stride.saturating_mul(len);
        start..start.saturating_add(len)
    }

    pub(super) fn footprint_len(&self) -> usize {
        size_of_val(&*self.by_row).saturating_add(size_of_val(&*self.newest))
    }
}

/// The newest files that were seen, so many of them.
#[derive(Debug)]
pub(super) struct Newest {
    limit: usize,
    /// The one that is dropped first on top.
    kept: BinaryHeap<(Reverse<u32>, FileId)>,
}

impl Newest {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, kept: BinaryHeap::new() }
    }

    /// Whether a file of then may be among them.
    pub(super) fn has_room_for(&self, modified_s: u32) -> bool {
        let oldest = self.kept.peek().filter(|_| self.kept.len() >= self.limit);
        self.limit > 0 && oldest.is_none_or(|(Reverse(oldest), _)| *oldest <= modified_s)
    }

    pub(super) fn push(&mut self, modified_s: u32, id: FileId) {
        self.kept.push((Reverse(modified_s), id));
        if self.kept.len() > self.limit {
            self.kept.pop();
        }
    }

    /// The newest first; of those of one time, by their numbers.
    pub(super) fn finish(self) -> impl Iterator<Item = FileId> {
        self.kept.into_sorted_vec().into_iter().map(|(_, id)| id)
    }
}
