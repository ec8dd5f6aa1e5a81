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
    /// Whoever sent any that is right.
    pub witnesses: BTreeSet<SourceId>,
    /// Whoever alone sent a piece that is wrong.
    pub liars: Vec<SourceId>,
}

impl Pieces {
    /// A tree has come: the pieces are cut as it is, and those that are there are judged. What is on its
    /// way is to be asked for again.
    pub fn regroup(&mut self, row: Row) -> Regrouped {
        let mut old = std::mem::replace(self, Self::new(self.size, None));
        *self = Self::new(old.size, Some(row.in_pieces_of(old.piece_len)));
        self.go_on_with(&mut old);
        let mut outcome = Regrouped::default();
        for piece in 0..self.count() {
            let range = self.range(piece);
            let Some(parts) = old.taken_within(range) else {
                old.there.within(range).for_each(|part| outcome.again.insert(part));
                continue;
            };
            let roots: Vec<_> = parts.iter().map(|taken| taken.root).collect();
            let root = root_of(&roots);
            if self.row.as_ref().and_then(|row| row.digest(piece)) == Some(&root) {
                self.there.insert(range);
                let by = senders(&parts);
                outcome.witnesses.extend(by.iter().copied());
                self.right_by.insert(piece, by);
                outcome.right.insert(range);
                continue;
            }
            outcome.again.insert(range);
            if let [Taken { by, .. }] = parts.as_slice()
                && let [liar] = by.as_slice()
            {
                outcome.liars.push(*liar);
            }
            // The tree may be the lie.
            self.disputed.insert(piece, Taken { root, by: senders(&parts) });
        }
        outcome
    }

    /// The tree is not believed any more: its pieces are as good as any, and so are those that it said were wrong.
    pub fn lose_row(&mut self) {
        let Some(row) = self.row.take() else { return };
        let mut old = std::mem::replace(self, Self::new(self.size, None));
        self.piece_len = old.piece_len;
        self.go_on_with(&mut old);
        for (range, digest) in row.pieces().filter(|(range, _)| old.there.contains(*range)) {
            let piece = self.at(range.start);
            let by = old.right_by.remove(&piece).unwrap_or_default();
            self.there.insert(range);
            self.taken.insert(piece, Taken { root: *digest, by });
        }
        for (piece, disputed) in old.disputed {
            if !self.is_there(piece) {
                self.there.insert(self.range(piece));
                self.taken.insert(piece, disputed);
            }
            self.asked.remove(&piece);
            self.doubles.remove(&piece);
        }
    }

    /// Pieces that have begun to come go on where they are cut as before.
    fn go_on_with(&mut self, old: &mut Self) {
        if self.piece_len == old.piece_len {
            self.growing = std::mem::take(&mut old.growing);
            self.doubles = std::mem::take(&mut old.doubles);
            self.asked = std::mem::take(&mut old.asked);
        }
    }

    /// All pieces of a range, if all are there.
    fn taken_within(&self, range: ByteRange) -> Option<Vec<&Taken>> {
        let pieces = self.at(range.start)..=self.at(range.end.saturating_sub(1));
        pieces.map(|piece| self.taken.get(&piece)).collect()
    }
}

/// Whoever sent any of them; nobody where that is not known of all.
fn senders(parts: &[&Taken]) -> Vec<SourceId> {
    if parts.iter().any(|taken| taken.by.is_empty()) {
        return Vec::new();
    }
    let by: BTreeSet<SourceId> = parts.iter().flat_map(|taken| taken.by.iter().copied()).collect();
    by.into_iter().collect()
}
