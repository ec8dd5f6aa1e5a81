//! The bytes of a file, read once -> its SHA-1, its Tiger tree, and its kzhash where that is wanted.

use sha1::{Digest, Sha1};

use super::md5_tree::Md5TreeHasher;
use super::tiger_tree::{TigerTree, TreeHasher};
use super::uuhash::UuHasher;
use crate::base::kazaa_hash::KzHash;

/// By what a content is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    pub sha1: [u8; 20],
    pub tree: TigerTree,
    /// For FastTrack; none where it was not wanted.
    pub kzhash: Option<KzHash>,
}

/// Which digests are computed besides SHA-1 and Tiger tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The kzhash, and with it the UUHash: all bytes go through one more hash.
    pub kzhash: bool,
}

/// Takes the bytes of a file in their order. Further digests of the same pass belong here.
#[derive(Clone, Debug, Default)]
pub struct FileHasher {
    sha1: Sha1,
    tree: TreeHasher,
    kzhash: Option<KzHasher>,
}

/// Both parts of a kzhash.
#[derive(Clone, Debug)]
struct KzHasher {
    uuhash: UuHasher,
    tree: Md5TreeHasher,
}

/// Bytes that all hashes take before any goes on, so that they come from the nearest cache.
const STRETCH_LEN: usize = 1 << 14;

impl FileHasher {
    /// Nothing yet, and no kzhash.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet of a file of this size (FTHASH-13).
    pub fn of_size(size: u64, wanted: Wanted) -> Self {
        let kzhash = wanted
            .kzhash
            .then(|| KzHasher { uuhash: UuHasher::new(size), tree: Md5TreeHasher::default() });
        Self { kzhash, ..Self::default() }
    }

    /// The bytes that come next.
    pub fn update(&mut self, bytes: &[u8]) {
        for stretch in bytes.chunks(STRETCH_LEN) {
            self.sha1.update(stretch);
            self.tree.update(stretch);
            if let Some(kzhash) = &mut self.kzhash {
                kzhash.uuhash.update(stretch);
                kzhash.tree.update(stretch);
            }
        }
    }

    /// The digests of all bytes. There is no kzhash where the size was another one.
    pub fn finish(self) -> Digests {
        let kzhash = self.kzhash.and_then(|KzHasher { uuhash, tree }| {
            Some(KzHash { uuhash: uuhash.finish()?, root: tree.finish() })
        });
        Digests { sha1: self.sha1.finalize().into(), tree: self.tree.finish(), kzhash }
    }
}

impl Digests {
    /// The digests of these bytes, without a kzhash.
    pub fn of(bytes: &[u8]) -> Self {
        Self::wanted_of(bytes, Wanted::default())
    }

    /// Those that are wanted of these bytes.
    pub fn wanted_of(bytes: &[u8], wanted: Wanted) -> Self {
        let mut hasher = FileHasher::of_size(bytes.len() as u64, wanted);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Bytes of the content.
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }
}
