//! What of a file is there, what is on its way, and who sent it.
//!
//! | module | what it is |
//! |---|---|
//! | `receiving` | bytes come: a piece grows, and is judged when it is whole |
//! | `choosing` | who is asked for which pieces |
//! | `regrouping` | a tree came late: the pieces are cut as it is |

mod choosing;
mod receiving;
mod regrouping;

use std::collections::{BTreeMap, BTreeSet};

use bytes::BytesMut;

pub(super) use choosing::Wish;
pub(super) use receiving::Judged;

use super::SourceId;
use super::leaves::{Leaves, TigerDigest};
use super::row::Row;
use crate::base::limits::{PIECE_LEN_MIN, PIECES_MAX};
use crate::base::ranges::{ByteRange, RangeSet};

/// The pieces of one file.
#[derive(Debug)]
pub struct Pieces {
    size: u64,
    piece_len: u64,
    row: Option<Row>,
    /// Whole pieces that were handed to the disk.
    there: RangeSet,
    /// Those among them of which no tree says that they are right.
    taken: BTreeMap<u64, Taken>,
    /// Who sent those that a tree says are right, as far as is known.
    right_by: BTreeMap<u64, Vec<SourceId>>,
    growing: BTreeMap<u64, Growing>,
    doubles: BTreeMap<u64, Double>,
    asked: BTreeMap<u64, SourceId>,
    /// Pieces that came wrong from several senders together.
    suspicions: BTreeMap<u64, Vec<Suspicion>>,
    /// Pieces that are not what the tree says: of one source, or older than the tree. They are on the disk until
    /// somebody sends them anew (DOWN-37).
    disputed: BTreeMap<u64, Taken>,
    /// Who has sent which piece otherwise than a tree says that nobody vouches for.
    contradicted: BTreeSet<(u64, SourceId)>,
}

/// A piece that is there, and nobody knows whether it is right.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    root: TigerDigest,
    by: Vec<SourceId>,
}

/// A piece that is written as it comes.
#[derive(Debug)]
struct Growing {
    leaves: Leaves,
    len: u64,
    /// Who sent it, and up to where.
    parts: Vec<Part>,
    writer: Option<SourceId>,
}

/// The end of what one source sent of a piece, counted from the start of the piece.
#[derive(Clone, Copy, Debug)]
struct Part {
    by: SourceId,
    end: u64,
}

/// A piece that is fetched a second time; it waits in memory.
#[derive(Debug)]
struct Double {
    by: SourceId,
    leaves: Leaves,
    bytes: BytesMut,
}

/// What several senders sent together, and what was wrong.
#[derive(Debug)]
struct Suspicion {
    leaves: Vec<TigerDigest>,
    parts: Vec<Part>,
}

impl Pieces {
    /// Nothing is there yet. A row says what the pieces must be; it may be coarser than we would cut.
    pub fn new(size: u64, row: Option<Row>) -> Self {
        let own_len = size.div_ceil(PIECES_MAX).next_power_of_two().max(PIECE_LEN_MIN);
        let row = row.filter(|row| row.size() == size).map(|row| row.in_pieces_of(own_len));
        Self {
            size,
            piece_len: row.as_ref().map_or(own_len, Row::piece_len),
            row,
            there: RangeSet::new(),
            taken: BTreeMap::new(),
            right_by: BTreeMap::new(),
            growing: BTreeMap::new(),
            doubles: BTreeMap::new(),
            asked: BTreeMap::new(),
            suspicions: BTreeMap::new(),
            disputed: BTreeMap::new(),
            contradicted: BTreeSet::new(),
        }
    }

    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of a piece.
    pub const fn piece_len(&self) -> u64 {
        self.piece_len
    }

    /// How many pieces there are.
    pub const fn count(&self) -> u64 {
        self.size.div_ceil(self.piece_len)
    }

    /// What the pieces must be, if that is known.
    pub const fn row(&self) -> Option<&Row> {
        self.row.as_ref()
    }

    /// The same without the last piece, which ends with the file.
    pub fn there_before_last(&self) -> RangeSet {
        let mut there = self.there.clone();
        there.remove(self.range(self.count().saturating_sub(1)));
        there
    }

    /// What was handed to the disk, whole pieces only.
    pub const fn there(&self) -> &RangeSet {
        &self.there
    }

    /// Bytes that are there or have begun to come.
    pub fn len(&self) -> u64 {
        let growing = self.growing.values().map(|piece| piece.len);
        growing.fold(self.there.len(), u64::saturating_add)
    }

    /// True while not a byte has come.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True when all of it is there.
    pub fn is_whole(&self) -> bool {
        self.there.len() >= self.size
    }

    /// The number of the piece that has this byte.
    pub const fn at(&self, offset: u64) -> u64 {
        match offset.checked_div(self.piece_len) {
            Some(piece) => piece,
            None => 0,
        }
    }

    /// The bytes of a piece.
    pub fn range(&self, piece: u64) -> ByteRange {
        let start = piece.saturating_mul(self.piece_len);
        ByteRange::new(start, start.saturating_add(self.piece_len).min(self.size))
    }

    /// True where all of a piece is there.
    pub fn is_there(&self, piece: u64) -> bool {
        self.there.contains(self.range(piece))
    }

    /// Whether there is a piece that nobody is at.
    pub fn has_free(&self) -> bool {
        let is_free = |piece| !self.is_there(piece) && !self.asked.contains_key(&piece);
        (0..self.count()).any(is_free)
    }

    /// Those of which no tree says that they are right.
    pub fn taken_pieces(&self) -> Vec<(ByteRange, TigerDigest)> {
        self.taken.iter().map(|(piece, taken)| (self.range(*piece), taken.root)).collect()
    }

    /// Whoever sent them; nothing where that is not known of all, for some are of an earlier run.
    pub fn senders(&self) -> Option<Vec<SourceId>> {
        if self.taken.values().any(|taken| taken.by.is_empty()) {
            return None;
        }
        let senders: BTreeSet<SourceId> =
            self.taken.values().flat_map(|taken| taken.by.iter().copied()).collect();
        Some(senders.into_iter().collect())
    }

    /// Bytes that an earlier run left on the disk; those without a tree come with their digest.
    pub fn restore(&mut self, verified: &RangeSet, taken: &[(u64, TigerDigest)]) {
        for piece in 0..self.count() {
            if verified.contains(self.range(piece)) {
                self.there.insert(self.range(piece));
            }
        }
        for (start, root) in taken {
            let piece = self.at(*start);
            if self.row.is_none() && self.range(piece).start == *start && !self.is_there(piece) {
                self.there.insert(self.range(piece));
                self.taken.insert(piece, Taken { root: *root, by: Vec::new() });
            }
        }
    }

    /// A source is gone: what it was asked for may be asked of others, who go on where it stopped.
    pub fn lose(&mut self, source: SourceId) {
        self.asked.retain(|_, by| *by != source);
        self.doubles.retain(|_, double| double.by != source);
        for growing in self.growing.values_mut() {
            growing.writer = growing.writer.filter(|writer| *writer != source);
        }
        // What was wrong before is fetched from one source alone, so that it is known who lied.
        let suspicions = &self.suspicions;
        self.growing.retain(|piece, growing| {
            growing.writer.is_some() || (growing.len > 0 && !suspicions.contains_key(piece))
        });
    }

    /// A source has lied: what nobody has checked of what it sent goes away. Returned is what of that
    /// was on the disk as a whole piece.
    pub fn throw_away(&mut self, source: SourceId) -> RangeSet {
        self.lose(source);
        self.growing.retain(|_, growing| growing.parts.iter().all(|part| part.by != source));
        self.disputed.retain(|_, disputed| !disputed.by.contains(&source));
        let of_it = self.taken.iter().filter(|(_, taken)| taken.by.contains(&source));
        let of_it: Vec<u64> = of_it.map(|(piece, _)| *piece).collect();
        self.forget(of_it)
    }

    /// All of which no tree says that it is right goes away.
    pub fn throw_taken_away(&mut self) -> RangeSet {
        let all: Vec<u64> = self.taken.keys().copied().collect();
        self.growing.clear();
        self.forget(all)
    }

    /// Bytes that turned out not to be on the disk.
    pub fn not_there(&mut self, range: ByteRange) {
        let pieces = self.at(range.start)..=self.at(range.end.saturating_sub(1));
        let inside: Vec<u64> = pieces.filter(|_| !range.is_empty()).collect();
        for piece in &inside {
            self.growing.remove(piece);
        }
        self.forget(inside);
    }

    /// All begins again, without a tree.
    pub fn begin_again(&mut self) {
        *self = Self::new(self.size, None);
    }

    fn forget(&mut self, pieces: Vec<u64>) -> RangeSet {
        let mut forgotten = RangeSet::new();
        for piece in pieces {
            let range = self.range(piece);
            self.taken.remove(&piece);
            self.right_by.remove(&piece);
            self.disputed.remove(&piece);
            if self.there.contains(range) {
                self.there.remove(range);
                forgotten.insert(range);
            }
        }
        forgotten
    }
}
