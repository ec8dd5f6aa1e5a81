//! How many nodes the rows of a tree have.

use super::SEGMENT_LEN;
use crate::base::limits::{TREE_BLOCK_LEN_MIN, TREE_ROW_MAX};

/// Nodes of the row whose nodes stand for so many bytes each. A file without bytes has one segment all the same.
pub(super) fn row_len(size: u64, block_len: u64) -> u64 {
    size.div_ceil(block_len.max(1)).max(1)
}

/// The bytes that a node of the kept row stands for: a power of two, and no more than it takes.
pub(super) fn kept_block_len(size: u64) -> u64 {
    let mut block_len = TREE_BLOCK_LEN_MIN;
    while row_len(size, block_len) > TREE_ROW_MAX as u64 && block_len < 1 << 62 {
        block_len = block_len.saturating_mul(2);
    }
    block_len
}

/// The rows from the one that has only the root: for each of them what a node of it stands for, and how many
/// nodes it has. The last one is that of the segments.
pub(super) fn rows(size: u64) -> impl Iterator<Item = (u64, u64)> {
    let mut block_len = SEGMENT_LEN as u64;
    while row_len(size, block_len) > 1 && block_len < 1 << 62 {
        block_len = block_len.saturating_mul(2);
    }
    let halves = std::iter::successors(Some(block_len), |len| Some(len / 2));
    let rows = halves.take_while(|len| *len >= SEGMENT_LEN as u64);
    rows.map(move |block_len| (block_len, row_len(size, block_len)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_double_from_the_root_to_the_segments() {
        let rows = |size| rows(size).collect::<Vec<_>>();
        assert_eq!(rows(0), [(1_024, 1)]);
        assert_eq!(rows(1_024), [(1_024, 1)]);
        assert_eq!(rows(1_025), [(2_048, 1), (1_024, 2)]);
        assert_eq!(rows(5 * 1_024), [(8_192, 1), (4_096, 2), (2_048, 3), (1_024, 5)]);
        assert_eq!(rows(u64::MAX).first(), Some(&(1 << 62, 4)), "no file is as large");
    }

    #[test]
    fn a_kept_row_is_as_fine_as_the_limits_let_it_be() {
        let whole = TREE_BLOCK_LEN_MIN * TREE_ROW_MAX as u64;
        assert_eq!(kept_block_len(0), TREE_BLOCK_LEN_MIN);
        assert_eq!(kept_block_len(whole), TREE_BLOCK_LEN_MIN);
        assert_eq!(kept_block_len(whole + 1), 2 * TREE_BLOCK_LEN_MIN);
    }
}
