//! The bytes of a file, read once -> its SHA-1 and its Tiger tree.

use sha1::{Digest, Sha1};

use super::tiger_tree::{TigerTree, TreeHasher};

/// By what a content is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    pub sha1: [u8; 20],
    pub tree: TigerTree,
}

/// Takes the bytes of a file in their order. Further digests of the same pass belong here.
#[derive(Clone, Debug, Default)]
pub struct FileHasher {
    sha1: Sha1,
    tree: TreeHasher,
}

/// Bytes that both hashes take before either goes on, so that they come from the nearest cache.
const STRETCH_LEN: usize = 1 << 14;

impl FileHasher {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes that come next.
    pub fn update(&mut self, bytes: &[u8]) {
        for stretch in bytes.chunks(STRETCH_LEN) {
            self.sha1.update(stretch);
            self.tree.update(stretch);
        }
    }

    /// The digests of all bytes.
    pub fn finish(self) -> Digests {
        Digests { sha1: self.sha1.finalize().into(), tree: self.tree.finish() }
    }
}

impl Digests {
    /// The digests of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = FileHasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Bytes of the content.
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }
}
