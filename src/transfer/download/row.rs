use super::leaves::{LEAF_LEN, TigerDigest, root_of, row_above};
use crate::base::limits::{TREE_PIECE_LEN_MAX, TREE_PIECES_MIN};
use crate::base::ranges::ByteRange;
use crate::gnutella::http::thex::TreeRows;

/// One row of a Tiger tree: a digest for each piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    size: u64,
    piece_len: u64,
    digests: Vec<TigerDigest>,
}

impl Row {
    /// A row as it came: nothing where it does not fit a file of this size.
    pub fn new(size: u64, piece_len: u64, digests: Vec<TigerDigest>) -> Option<Self> {
        let is_level = piece_len.is_power_of_two() && piece_len >= LEAF_LEN as u64;
        let count = size.div_ceil(piece_len.max(1)).max(1);
        let fits = is_level && u64::try_from(digests.len()).is_ok_and(|len| len == count);
        fits.then_some(Self { size, piece_len, digests })
    }

    /// The lowest row of a tree, if it leads to its root.
    pub fn lowest_of(rows: &TreeRows) -> Option<Self> {
        let blocks = rows.size().div_ceil(LEAF_LEN as u64).max(1);
        let full_depth = u64::BITS.saturating_sub(blocks.saturating_sub(1).leading_zeros());
        let above = full_depth.saturating_sub(rows.depth().into());
        let piece_len = (LEAF_LEN as u64).checked_shl(above)?;
        let row = Self::new(rows.size(), piece_len, rows.last_row().to_vec())?;
        (row.root() == rows.root()).then_some(row)
    }

    /// The same digests for a file of another size: nothing where there would be more of them, or fewer.
    pub fn of_size(self, size: u64) -> Option<Self> {
        Self::new(size, self.piece_len, self.digests)
    }

    /// The row of a file that is one piece: its root.
    pub fn of_root(size: u64, root: TigerDigest) -> Self {
        let piece_len = size.max(LEAF_LEN as u64).next_power_of_two();
        Self { size, piece_len, digests: vec![root] }
    }

    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of each piece; the last one may be shorter.
    pub const fn piece_len(&self) -> u64 {
        self.piece_len
    }

    /// Whether its pieces are so long that a source could hold up the whole file with one of them (DOWN-30).
    pub fn is_coarse(&self) -> bool {
        let share = self.size.checked_div(TREE_PIECES_MIN).unwrap_or_default().next_power_of_two();
        self.piece_len.min(self.size) > share.max(TREE_PIECE_LEN_MAX)
    }

    /// The digests, in the order of the pieces.
    pub fn digests(&self) -> &[TigerDigest] {
        &self.digests
    }

    /// What the piece of this number must be.
    pub fn digest(&self, piece: u64) -> Option<&TigerDigest> {
        self.digests.get(usize::try_from(piece).ok()?)
    }

    /// The digest of the whole file.
    pub fn root(&self) -> TigerDigest {
        root_of(&self.digests)
    }

    /// All rows from the root on down to this one.
    pub fn breadth_first(&self) -> Vec<TigerDigest> {
        let mut rows = vec![self.digests.clone()];
        while let Some(row) = rows.last().filter(|row| row.len() > 1) {
            rows.push(row_above(row));
        }
        rows.into_iter().rev().flatten().collect()
    }

    /// The same tree in pieces of at least this length.
    #[must_use]
    pub fn in_pieces_of(mut self, piece_len: u64) -> Self {
        while self.piece_len < piece_len && self.digests.len() > 1 {
            self.digests = row_above(&self.digests);
            self.piece_len = self.piece_len.saturating_mul(2);
        }
        // One digest stands for a piece of any length.
        if self.digests.len() == 1 {
            self.piece_len = self.piece_len.max(piece_len);
        }
        self
    }

    /// The pieces and what they must be.
    pub fn pieces(&self) -> impl Iterator<Item = (ByteRange, &TigerDigest)> {
        (0_u64..).zip(&self.digests).map(|(number, digest)| {
            let start = number.saturating_mul(self.piece_len);
            let end = start.saturating_add(self.piece_len).min(self.size);
            (ByteRange::new(start, end), digest)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::leaves::Leaves;
    use super::*;

    /// DOWN-03
    #[test]
    fn a_row_has_the_same_root_in_pieces_of_any_length() {
        let bytes: Vec<u8> = (0..9_000_u32).map(|at| (at % 251) as u8).collect();
        let mut leaves = Leaves::new();
        leaves.update(&bytes);
        let row = Row::new(9_000, 1_024, leaves.finish()).unwrap();
        for len in [1_024, 2_048, 4_096, 8_192, 16_384, 1 << 20] {
            let coarse = row.clone().in_pieces_of(len);
            assert_eq!(coarse.root(), row.root());
            assert_eq!(coarse.piece_len(), len);
            assert_eq!(coarse.digests().len() as u64, 9_000_u64.div_ceil(len));
        }
    }

    /// DOWN-30: at the limit and one past it.
    #[test]
    fn a_row_is_coarse_where_its_pieces_are_too_long() {
        let is_coarse = |size: u64, piece_len: u64| {
            let count = usize::try_from(size.div_ceil(piece_len)).unwrap();
            Row::new(size, piece_len, vec![[0; 24]; count]).unwrap().is_coarse()
        };
        assert!(!is_coarse(TREE_PIECE_LEN_MAX, 8 << 20), "it is one piece of no more than that");
        assert!(is_coarse(TREE_PIECE_LEN_MAX + 1, 8 << 20));
        assert!(!is_coarse(TREE_PIECE_LEN_MAX + 1, 4 << 20));
        // Gtk-gnutella has 2,048 leaves at most, and more than half of them.
        assert!(!is_coarse(16 << 30, 16 << 20) && is_coarse(16 << 30, 32 << 20));
        assert!(!is_coarse((16 << 30) + 1, 16 << 20));
    }

    #[test]
    fn a_row_that_does_not_fit_the_file_is_none() {
        assert_eq!(Row::new(3_000, 1_024, vec![[0; 24]; 4]), None);
        assert_eq!(Row::new(3_000, 1_500, vec![[0; 24]; 2]), None);
        assert_eq!(Row::new(3_000, 512, vec![[0; 24]; 6]), None);
        assert!(Row::new(0, 1_024, vec![[0; 24]; 1]).is_some());
    }
}
