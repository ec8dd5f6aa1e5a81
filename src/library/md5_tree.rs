//! The bytes of a file in their order -> the root of its MD5 tree, by which FastTrack knows all of it.
//!
//! ```text
//!             root
//!         a           b       a = MD5(c d)
//!      c     d      e         b = MD5(e): a node without a neighbour is hashed alone
//!    32,768 bytes each, the last ones fewer
//! ```
//!
//! A file of one leaf has the hash of that as its root, and one without bytes the hash of nothing (FTHASH-07).

use md5::{Digest, Md5};

/// Bytes of a leaf.
const LEAF_LEN: usize = 32_768;

type Node = [u8; 16];

/// Takes the bytes of a file in their order. One node a level stays in memory.
#[derive(Clone, Debug, Default)]
pub struct Md5TreeHasher {
    /// A leaf that is not yet whole, and how many bytes it has.
    leaf: (Md5, usize),
    /// Of each level, from the leaves up, a node that waits for its neighbour.
    waiting: Vec<Option<Node>>,
}

impl Md5TreeHasher {
    /// The bytes that come next.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (hasher, len) = &mut self.leaf;
            let missing = LEAF_LEN.saturating_sub(*len);
            let (now, later) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            hasher.update(now);
            *len = len.saturating_add(now.len());
            if *len == LEAF_LEN {
                self.leaf_ends();
            }
            bytes = later;
        }
    }

    /// The root.
    pub fn finish(mut self) -> Node {
        if self.leaf.1 > 0 {
            self.leaf_ends();
        }
        let Some(top) = self.waiting.len().checked_sub(1) else { return of(&[]) };
        let alone = self.waiting.iter().take(top).fold(None, above);
        match (self.waiting.last().copied().flatten(), alone) {
            (Some(root), None) if top > 0 => root,
            (last, alone) => above(alone, &last).unwrap_or_else(|| of(&[])),
        }
    }

    fn leaf_ends(&mut self) {
        let (hasher, _) = std::mem::take(&mut self.leaf);
        let mut node = hasher.finalize().into();
        for waiting in &mut self.waiting {
            let Some(left) = waiting.take() else {
                *waiting = Some(node);
                return;
            };
            node = of(&[left, node]);
        }
        self.waiting.push(Some(node));
    }
}

/// What stands above the last nodes of a level: one that waits there, and one that came from below.
fn above(right: Option<Node>, left: &Option<Node>) -> Option<Node> {
    match (*left, right) {
        (Some(left), Some(right)) => Some(of(&[left, right])),
        (Some(alone), None) | (None, Some(alone)) => Some(of(&[alone])),
        (None, None) => None,
    }
}

fn of(nodes: &[Node]) -> Node {
    Md5::digest(nodes.as_flattened()).into()
}
