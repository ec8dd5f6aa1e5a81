use std::collections::BTreeSet;

use super::{Pieces, Taken};
use crate::base::ranges::{ByteRange, RangeSet};
use crate::transfer::download::SourceId;
use crate::transfer::download::leaves::root_of;
use crate::transfer::download::row::Row;

/// What a tree said about bytes that had come before it.
#[derive(Debug, Default)]
pub struct Regrouped {
    pub right: RangeSet,
    /// What is fetched again, because it is wrong or cannot be judged.
    pub again: RangeSet,
    /// Whoever alone sent a piece that is wrong.
    pub liars: Vec<SourceId>,
}

/// Who speaks for a tree, and who against it, by what they have sent.
#[derive(Debug, Default)]
pub struct Weight {
    pub pro: BTreeSet<SourceId>,
    pub contra: BTreeSet<SourceId>,
}

impl Pieces {
    /// A tree has come: the pieces are cut as it is, and those that are there are judged. What is on its
    /// way is to be asked for again.
    pub fn regroup(&mut self, row: Row) -> Regrouped {
        let old = std::mem::replace(self, Self::new(self.size, None));
        *self = Self::new(old.size, Some(row.in_pieces_of(old.piece_len)));
        let mut outcome = Regrouped::default();
        for piece in 0..self.count() {
            let range = self.range(piece);
            let Some(parts) = old.taken_within(range) else {
                old.there.within(range).for_each(|part| outcome.again.insert(part));
                continue;
            };
            let roots: Vec<_> = parts.iter().map(|taken| taken.root).collect();
            let is_right =
                self.row.as_ref().and_then(|row| row.digest(piece)) == Some(&root_of(&roots));
            if is_right {
                self.there.insert(range);
                outcome.right.insert(range);
                continue;
            }
            outcome.again.insert(range);
            if let [Taken { by, .. }] = parts.as_slice()
                && let [liar] = by.as_slice()
            {
                outcome.liars.push(*liar);
            }
        }
        outcome
    }

    /// What the pieces that are there say of a tree: who sent alone what it says, and who something else.
    pub fn weigh(&self, row: &Row) -> Weight {
        let row = row.clone().in_pieces_of(self.piece_len);
        let mut weight = Weight::default();
        for (range, digest) in row.pieces() {
            let Some(parts) = self.taken_within(range) else { continue };
            let by: BTreeSet<SourceId> =
                parts.iter().flat_map(|taken| taken.by.iter().copied()).collect();
            let roots: Vec<_> = parts.iter().map(|taken| taken.root).collect();
            let is_known = parts.iter().all(|taken| !taken.by.is_empty());
            if let Some(by) = by.first().filter(|_| is_known && by.len() == 1) {
                let is_right = *digest == root_of(&roots);
                let said = if is_right { &mut weight.pro } else { &mut weight.contra };
                said.insert(*by);
            }
        }
        weight
    }

    /// The tree is not believed any more: its pieces are as good as any, and so are those that it said were wrong.
    pub fn lose_row(&mut self) {
        let Some(row) = self.row.take() else { return };
        let old = std::mem::replace(self, Self::new(self.size, None));
        self.piece_len = old.piece_len;
        for (range, digest) in row.pieces().filter(|(range, _)| old.there.contains(*range)) {
            self.there.insert(range);
            self.taken.insert(self.at(range.start), Taken { root: *digest, by: Vec::new() });
        }
        for (piece, disputed) in old.disputed {
            if !self.is_there(piece) {
                self.there.insert(self.range(piece));
                self.taken.insert(piece, disputed);
            }
        }
    }

    /// All pieces of a range, if all are there.
    fn taken_within(&self, range: ByteRange) -> Option<Vec<&Taken>> {
        let pieces = self.at(range.start)..=self.at(range.end.saturating_sub(1));
        pieces.map(|piece| self.taken.get(&piece)).collect()
    }
}
