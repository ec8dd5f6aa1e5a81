use tiger::{Digest, Tiger};

use super::{Node, SEGMENT_LEN, TigerTree};
use crate::base::limits::{TREE_BLOCK_LEN_MIN, TREE_ROW_MAX};

/// What is hashed before the bytes of a segment, and before two nodes.
const SEGMENT: [u8; 1] = [0];
const INNER: [u8; 1] = [1];

/// Bytes of a file in their order -> its Tiger tree.
///
/// Nothing of the tree below the row that is kept stays in memory, but one node a level; how large the file is
/// need not be known before.
#[derive(Clone, Debug)]
pub struct TreeHasher {
    size: u64,
    /// A segment that is not yet whole, and how many bytes it has.
    segment: (Tiger, usize),
    /// Of each level below the row, from the segments up, a node that waits for its neighbour.
    waiting: Vec<Option<Node>>,
    row: Vec<Node>,
}

impl Default for TreeHasher {
    fn default() -> Self {
        let levels = (TREE_BLOCK_LEN_MIN / SEGMENT_LEN as u64).trailing_zeros();
        let waiting = (0..levels).map(|_| None).collect();
        Self { size: 0, segment: begun(), waiting, row: Vec::new() }
    }
}

impl TreeHasher {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes that come next.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.segment.1 > 0 {
            let missing = SEGMENT_LEN.saturating_sub(self.segment.1).min(bytes.len());
            let (now, later) = bytes.split_at(missing);
            self.partly(now);
            bytes = later;
        }
        let mut segments = bytes.chunks_exact(SEGMENT_LEN);
        for segment in &mut segments {
            let node = Tiger::new_with_prefix(SEGMENT).chain_update(segment).finalize();
            self.push(node.into());
        }
        self.partly(segments.remainder());
    }

    /// The tree of all bytes.
    pub fn finish(mut self) -> TigerTree {
        let is_empty = self.row.is_empty() && self.waiting.iter().all(Option::is_none);
        if self.segment.1 > 0 || is_empty {
            self.segment_ends();
        }
        // A node without a neighbour is its own parent.
        let last = self.waiting.iter().fold(None, |right, left| match (left, right) {
            (Some(left), Some(right)) => Some(inner(left, &right)),
            (left, right) => left.or(right),
        });
        if let Some(last) = last {
            self.row.push(last);
        }
        if self.row.len() > TREE_ROW_MAX {
            self.row = parents(&self.row);
            self.waiting.push(None);
        }
        let block_len = self.block_len();
        TigerTree::new(self.size, block_len, self.row.into())
    }

    /// Bytes that a node of the row stands for.
    fn block_len(&self) -> u64 {
        let levels = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        (SEGMENT_LEN as u64).checked_shl(levels).unwrap_or(u64::MAX)
    }

    /// Bytes of one segment.
    fn partly(&mut self, bytes: &[u8]) {
        let (hasher, len) = &mut self.segment;
        hasher.update(bytes);
        *len = len.saturating_add(bytes.len());
        if *len >= SEGMENT_LEN {
            self.segment_ends();
        }
    }

    fn segment_ends(&mut self) {
        let (hasher, _) = std::mem::replace(&mut self.segment, begun());
        self.push(hasher.finalize().into());
    }

    /// The node of a whole segment.
    fn push(&mut self, mut node: Node) {
        for waiting in &mut self.waiting {
            let Some(left) = waiting.take() else {
                *waiting = Some(node);
                return;
            };
            node = inner(&left, &node);
        }
        if self.row.len() < TREE_ROW_MAX {
            self.row.push(node);
            return;
        }
        self.row = parents(&self.row);
        self.waiting.push(Some(node));
    }
}

fn begun() -> (Tiger, usize) {
    (Tiger::new_with_prefix(SEGMENT), 0)
}

fn inner(left: &Node, right: &Node) -> Node {
    Tiger::new_with_prefix(INNER).chain_update(left).chain_update(right).finalize().into()
}

/// The row above a row: a node without a neighbour is its own parent.
pub(super) fn parents(row: &[Node]) -> Vec<Node> {
    let parent = |pair: &[Node]| match pair {
        [left, right] => inner(left, right),
        [alone, ..] => *alone,
        [] => Node::default(),
    };
    row.chunks(2).map(parent).collect()
}
