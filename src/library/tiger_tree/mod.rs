//! The Tiger tree of a file: by it each block of a download is checked as it comes.
//!
//! ```text
//!            root                 1 node, stands for all bytes
//!        a          b
//!      c   d      e   f           a row is kept: at most 2,048 nodes, none for less than 64 KiB
//!     ... segments of 1,024 bytes ...
//! ```
//!
//! A segment is hashed behind a byte 0, two nodes behind a byte 1; a node without a neighbour is its own
//! parent (TREE-01, TREE-02). A file that is not longer than a block has a row of one node, the root.

mod hasher;
mod shape;
#[cfg(test)]
mod tests;

use hasher::parents;

pub use hasher::TreeHasher;

use crate::base::error::{Misbehaved, Rule};
use crate::base::limits::{TREE_NODES_MAX, TREE_ROW_MAX};
use crate::base::ranges::ByteRange;

/// Bytes of a file that are hashed by themselves.
pub const SEGMENT_LEN: usize = 1_024;

/// A node of a tree: a Tiger digest.
pub type Node = [u8; 24];

/// The tree of a file, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TigerTree {
    size: u64,
    root: Node,
    block_len: u64,
    /// Not empty.
    row: Box<[Node]>,
}

impl TigerTree {
    fn new(size: u64, block_len: u64, row: Box<[Node]>) -> Self {
        Self { size, root: root_of(&row), block_len, row }
    }

    /// The tree of a file of which this is the row that is kept; none where a file of this size has no such row.
    pub fn from_row(size: u64, row: Vec<Node>) -> Option<Self> {
        if row.len() > TREE_ROW_MAX {
            return None;
        }
        let kept = shape::kept_block_len(size);
        let is_it = |(_, len): &(u64, u64)| *len == row.len() as u64;
        // A row of one node may be that of a file that is shorter than a block.
        let (block_len, _) = shape::rows(size).filter(is_it).last()?;
        let is_whole = shape::row_len(size, kept) == row.len() as u64;
        Some(Self::new(size, if is_whole { kept } else { block_len }, row.into()))
    }

    /// The tree of a file of this size, of which somebody sends these nodes: row by row from the root, each from
    /// the left. Taken up is the lowest row that is there and that may be kept; the others are not looked at.
    ///
    /// # Errors
    /// The nodes are not those of this root (TREE-03).
    pub fn from_breadth_first(size: u64, nodes: &[Node], root: &Node) -> Result<Self, Misbehaved> {
        let nodes = nodes.get(..TREE_NODES_MAX).unwrap_or(nodes);
        let (mut rest, mut lowest) = (nodes, None);
        for (block_len, len) in shape::rows(size) {
            let row = usize::try_from(len).ok().filter(|len| *len <= TREE_ROW_MAX);
            let Some((row, below)) = row.and_then(|len| rest.split_at_checked(len)) else { break };
            (rest, lowest) = (below, Some((block_len, row)));
        }
        let Some((block_len, row)) = lowest else { return Err(wrong("a tree without its root")) };
        let tree = Self::new(size, block_len, row.into());
        if tree.root != *root {
            return Err(wrong("a tree of another file"));
        }
        Ok(tree)
    }

    /// Bytes of the file.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Stands for all bytes.
    pub const fn root(&self) -> Node {
        self.root
    }

    /// The row that is kept, from the left.
    pub fn row(&self) -> &[Node] {
        &self.row
    }

    /// How many rows are above the one that is kept.
    pub fn depth(&self) -> u32 {
        self.row.len().next_power_of_two().trailing_zeros()
    }

    /// Bytes that a node of the row stands for; the last one stands for the rest.
    pub const fn block_len(&self) -> u64 {
        self.block_len
    }

    /// How many blocks the file has: nodes of the row.
    pub const fn block_count(&self) -> usize {
        self.row.len()
    }

    /// The bytes of a block, if there is such a block.
    pub fn block(&self, index: usize) -> Option<ByteRange> {
        self.row.get(index)?;
        let start = self.block_len.saturating_mul(index as u64);
        Some(ByteRange::new(start, start.saturating_add(self.block_len).min(self.size)))
    }

    /// The block in which a byte stands, if the file has such a byte.
    pub fn block_at(&self, offset: u64) -> Option<usize> {
        let index = (offset < self.size).then(|| offset.checked_div(self.block_len))??;
        usize::try_from(index).ok()
    }

    /// Whether these are the bytes of a block. They need to be all of them.
    pub fn is_block(&self, index: usize, bytes: &[u8]) -> bool {
        let is_long_enough =
            self.block(index).is_some_and(|range| range.len() == bytes.len() as u64);
        is_long_enough && self.row.get(index) == Some(&Self::block_digest(bytes))
    }

    /// The node that stands for these bytes, which begin where a block begins. The same, a part after
    /// the other: [`TreeHasher`], whose root it is.
    pub fn block_digest(bytes: &[u8]) -> Node {
        let mut hasher = TreeHasher::new();
        hasher.update(bytes);
        hasher.finish().root()
    }

    /// The node of a block, if there is such a block.
    pub fn node(&self, index: usize) -> Option<Node> {
        self.row.get(index).copied()
    }

    /// All rows from the root to the one that is kept, as THEX writes them.
    pub fn breadth_first(&self) -> Vec<Node> {
        let above = |row: &Vec<Node>| (row.len() > 1).then(|| parents(row));
        let mut rows: Vec<Vec<Node>> =
            std::iter::successors(Some(self.row.to_vec()), above).collect();
        rows.reverse();
        rows.concat()
    }
}

fn root_of(row: &[Node]) -> Node {
    let mut row = row.to_vec();
    while row.len() > 1 {
        row = parents(&row);
    }
    row.first().copied().unwrap_or_default()
}

const fn wrong(what: &'static str) -> Misbehaved {
    Misbehaved { rule: Rule::new("TREE-03"), what }
}
