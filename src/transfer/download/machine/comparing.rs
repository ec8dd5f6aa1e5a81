//! Who says otherwise than a tree is asked whether another one says the same (DOWN-37).

use super::Download;
use super::trees::network_of;
use crate::base::limits::DOUBLE_LEN_MAX;
use crate::base::ranges::ByteRange;
use crate::transfer::download::contract::SourceId;

impl Download {
    /// A source says otherwise than the tree, and so did one of another network at another piece: it sends that
    /// piece too, for only the two together convict the tree.
    pub(super) fn compare(&mut self, id: SourceId) {
        let is_long = self.pieces.piece_len() > DOUBLE_LEN_MAX;
        let Some(source) = self.sources.get(&id) else { return };
        let network = network_of(source.finding.address.ip());
        let is_fit = |piece: u64, by: SourceId| {
            let other = self.sources.get(&by).filter(|other| !other.is_dropped());
            let range = self.pieces.range(piece);
            other.is_some_and(|other| network_of(other.finding.address.ip()) != network)
                && source.offers().is_none_or(|has| has.contains(range))
                && !self.has_claimed(id, piece)
        };
        let claims = self.trees.claims.iter().filter(|(piece, by, _)| is_fit(*piece, *by));
        let best = claims.max_by_key(|(piece, _, root)| {
            let alike =
                self.trees.claims.iter().filter(|(at, _, said)| at == piece && said == root);
            (alike.count(), std::cmp::Reverse(*piece))
        });
        let has_compared = self.trees.claims.iter().filter(|(_, by, _)| *by == id).count() > 1;
        let piece = best.map(|(piece, ..)| *piece);
        let piece = piece.filter(|_| !is_long && !has_compared && !self.trees.is_confirmed);
        if let Some(source) = self.sources.get_mut(&id) {
            source.checks = piece;
        }
    }

    /// What a source is asked for of which another one has sent something else than the tree says.
    pub(super) fn take_to_compare(&mut self, id: SourceId) -> Option<ByteRange> {
        let piece = self.sources.get(&id)?.checks?;
        if self.pieces.doubled_by(piece).is_none() {
            self.pieces.double(piece, id);
        }
        (self.pieces.doubled_by(piece) == Some(id)).then(|| self.pieces.range(piece))
    }

    /// It has sent what the tree says after all, or does not have it.
    pub(super) fn end_comparison(&mut self, id: SourceId) {
        if let Some(source) = self.sources.get_mut(&id) {
            source.checks = None;
        }
    }

    fn has_claimed(&self, id: SourceId, piece: u64) -> bool {
        self.trees.claims.iter().any(|(at, by, _)| *at == piece && *by == id)
    }
}
