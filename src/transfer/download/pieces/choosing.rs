use std::ops::RangeInclusive;

use super::Pieces;
use crate::base::limits::DOUBLE_LEN_MAX;
use crate::base::ranges::{ByteRange, RangeSet};
use crate::transfer::download::SourceId;

/// What a source could be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub source: SourceId,
    /// What it has, where it has not all.
    pub has: Option<&'a RangeSet>,
    /// About as many bytes as it should be asked for.
    pub len: u64,
    /// The piece at which to begin to look, so that not all of those who share what they fetch have the
    /// same pieces.
    pub from: u64,
}

impl Pieces {
    /// The bytes to ask for: those that the fewest have, and what follows them. A piece that somebody
    /// has begun comes before others, so that it can be checked and shared.
    pub fn choose(&self, wish: Wish<'_>, rarity: impl Fn(u64) -> usize) -> Option<ByteRange> {
        let count = self.count();
        let order = (wish.from..count).chain(0..wish.from.min(count));
        let free = order.filter(|piece| self.is_free(*piece, &wish));
        let key = |piece: &u64| (!self.growing.contains_key(piece), rarity(*piece));
        let first = free.min_by_key(key)?;
        let start = self.begins_at(first);
        let rare = rarity(first);
        let mut end = self.range(first).end;
        for piece in first.saturating_add(1)..count {
            let is_long = end.saturating_sub(start) >= wish.len;
            let is_alike = !self.growing.contains_key(&piece) && rarity(piece) == rare;
            if is_long || !is_alike || !self.is_free(piece, &wish) {
                break;
            }
            end = self.range(piece).end;
        }
        Some(ByteRange::new(start, end))
    }

    /// These bytes are asked for: nobody else needs to be.
    pub fn ask(&mut self, source: SourceId, range: ByteRange) {
        for piece in self.touched(range) {
            if !self.is_there(piece) {
                self.asked.entry(piece).or_insert(source);
            }
        }
    }

    /// The pieces of a range that a source is expected to send, in order, with those that it sends a
    /// second time.
    pub fn expected(&self, source: SourceId, range: ByteRange) -> impl Iterator<Item = u64> {
        let pieces = self.touched(range);
        let is_its_own = move |piece: &u64| {
            self.asked.get(piece) == Some(&source)
                || self.doubles.get(piece).is_some_and(|double| double.by == source)
        };
        pieces.filter(move |_| !range.is_empty()).filter(is_its_own)
    }

    /// The pieces that a range has bytes of. Strangers say where it ends.
    fn touched(&self, range: ByteRange) -> RangeInclusive<u64> {
        let last = self.count().saturating_sub(1);
        self.at(range.start)..=self.at(range.end.saturating_sub(1)).min(last)
    }

    /// The pieces that were asked of a source and of which nothing has come.
    pub fn not_begun(&self, source: SourceId) -> Vec<u64> {
        let of_it = self.asked.iter().filter(|(_, by)| **by == source).map(|(piece, _)| *piece);
        of_it
            .filter(|piece| self.growing.get(piece).is_none_or(|growing| growing.len == 0))
            .collect()
    }

    /// Another source does it.
    pub fn hand_over(&mut self, piece: u64, to: SourceId) {
        self.growing.remove(&piece);
        self.asked.insert(piece, to);
    }

    /// The piece that a source is at, if another one may fetch it too.
    pub fn may_double(&self, writer: SourceId, wish: &Wish<'_>) -> Option<u64> {
        let mut own = self.asked.iter().filter(|(_, by)| **by == writer).map(|(piece, _)| *piece);
        own.find(|piece| {
            let range = self.range(*piece);
            range.len() <= DOUBLE_LEN_MAX
                && !self.doubles.contains_key(piece)
                && self.has(wish, *piece, range)
        })
    }

    /// The piece that a source has begun and not ended.
    pub fn begun_by(&self, source: SourceId) -> Option<u64> {
        let mut own = self.asked.iter().filter(|(_, by)| **by == source).map(|(piece, _)| *piece);
        own.find(|piece| self.begun_len(*piece) > 0)
    }

    /// Who fetches this piece a second time.
    pub fn doubled_by(&self, piece: u64) -> Option<SourceId> {
        self.doubles.get(&piece).map(|double| double.by)
    }

    /// What is missing of a piece.
    pub fn rest(&self, piece: u64) -> ByteRange {
        ByteRange::new(self.begins_at(piece), self.range(piece).end)
    }

    /// How many bytes of this piece have come.
    pub fn begun_len(&self, piece: u64) -> u64 {
        self.growing.get(&piece).map_or(0, |growing| growing.len)
    }

    /// This source is not asked for this piece again: it says otherwise than the tree.
    pub fn contradict(&mut self, piece: u64, source: SourceId) {
        self.contradicted.insert((piece, source));
    }

    /// True where nobody is at a piece and the source has what is missing of it.
    fn is_free(&self, piece: u64, wish: &Wish<'_>) -> bool {
        let nobody = !self.is_there(piece) && !self.asked.contains_key(&piece);
        nobody
            && self.has(wish, piece, ByteRange::new(self.begins_at(piece), self.range(piece).end))
    }

    fn has(&self, wish: &Wish<'_>, piece: u64, range: ByteRange) -> bool {
        wish.has.is_none_or(|has| has.contains(range))
            && !self.contradicted.contains(&(piece, wish.source))
    }

    /// Where the first byte that is missing of a piece stands.
    fn begins_at(&self, piece: u64) -> u64 {
        self.range(piece).start.saturating_add(self.begun_len(piece))
    }
}
