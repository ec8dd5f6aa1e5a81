//! What is known of a file that is offered.

use super::Kinds;
use crate::base::kazaa_hash::KzHash;

/// The number of a file, which is never given twice while the node runs, and is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A file that is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: Box<str>,
    /// Bytes.
    pub size: u64,
    /// SHA-1 of its content, where that is known.
    pub sha1: Option<[u8; 20]>,
    /// Root of the Tiger tree of its content, where that is known.
    pub tiger_root: Option<[u8; 24]>,
    /// What FastTrack knows its content by, where that is known.
    pub kzhash: Option<KzHash>,
    /// Seconds since 1970 at which it was written last, where that is known.
    pub modified_s: Option<u32>,
}

/// A file as the index tells it, which keeps it in less room than a [`File`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileView<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Bytes.
    pub size: u64,
    /// SHA-1 of its content, where that is known.
    pub sha1: Option<[u8; 20]>,
    /// Root of the Tiger tree of its content, where that is known.
    pub tiger_root: Option<[u8; 24]>,
    /// What FastTrack knows its content by, where that is known.
    pub kzhash: Option<KzHash>,
    /// Seconds since 1970 at which it was written last, where that is known.
    pub modified_s: Option<u32>,
}

impl File {
    /// The same, as the index tells it.
    pub fn view(&self) -> FileView<'_> {
        let Self { name, size, sha1, tiger_root, kzhash, modified_s } = self;
        FileView {
            name,
            size: *size,
            sha1: *sha1,
            tiger_root: *tiger_root,
            kzhash: *kzhash,
            modified_s: *modified_s,
        }
    }
}

impl FileView<'_> {
    /// What kind of file it is, as its name says.
    pub fn kinds(&self) -> Kinds {
        Kinds::of_name(self.name)
    }

    /// A copy of it.
    pub fn to_file(&self) -> File {
        let Self { name, size, sha1, tiger_root, kzhash, modified_s } = *self;
        File { name: name.into(), size, sha1, tiger_root, kzhash, modified_s }
    }
}
