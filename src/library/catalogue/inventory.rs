use std::path::PathBuf;
use std::sync::Arc;

use super::pages::Pages;
use crate::base::kazaa_hash::{KzHash, UuHash};
use crate::index::files::{FileId, Files};
use crate::library::found::{SharedFolder, Stamp};

/// What is offered at one moment, which does not change any more. Copies share what they have in common.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    pub(super) entries: Pages<Entry>,
    /// The numbers of those that are offered, or are about to be: while files are hashed they are few among many.
    pub(super) offered: Pages<()>,
    pub(super) files: Files,
}

/// A file in a shared folder.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) folder: Arc<SharedFolder>,
    pub(super) name: Arc<str>,
    pub(super) stamp: Stamp,
    /// It is hashed, and others may find it.
    pub(super) is_offered: bool,
}

/// A file that is offered.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    pub id: FileId,
    pub folder: &'a SharedFolder,
    pub name: &'a str,
    /// As it was when it was hashed: whoever opens it compares.
    pub stamp: Stamp,
    pub sha1: [u8; 20],
    pub tiger_root: [u8; 24],
    pub kzhash: Option<KzHash>,
}

impl Offered<'_> {
    /// Where it lies.
    pub fn path(&self) -> PathBuf {
        self.folder.file(self.name)
    }

    /// Where it lies below the folder that the user shares.
    pub fn relative_path(&self) -> PathBuf {
        self.folder.relative().join(self.name)
    }
}

impl Inventory {
    /// The index of all that is offered, for the node.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// How many files are offered.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True where nothing is offered.
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The file of this number, if it is offered.
    pub fn get(&self, id: FileId) -> Option<Offered<'_>> {
        self.offered(id, self.entries.get(id.0)?)
    }

    /// A file with this content.
    pub fn with_sha1(&self, sha1: &[u8; 20]) -> Option<Offered<'_>> {
        let mut found = Vec::new();
        self.files.with_sha1(sha1, 1, &mut found);
        found.into_iter().find_map(|id| self.get(id))
    }

    /// Files with the same content as this one, itself the first of them; up to `limit`.
    pub fn copies(&self, id: FileId, limit: usize) -> Vec<Offered<'_>> {
        let Some(file) = self.get(id) else { return Vec::new() };
        let mut found = Vec::new();
        self.files.with_sha1(&file.sha1, limit, &mut found);
        let others = found.into_iter().filter(|other| *other != id);
        let others = others.filter_map(|other| self.get(other));
        std::iter::once(file).chain(others).take(limit).collect()
    }

    /// A file whose content has this root of its Tiger tree.
    pub fn with_tiger_root(&self, root: &[u8; 24]) -> Option<Offered<'_>> {
        let mut found = Vec::new();
        self.files.with_tiger_root(root, 1, &mut found);
        found.into_iter().find_map(|id| self.get(id))
    }

    /// A file that FastTrack knows by this hash.
    pub fn with_uuhash(&self, hash: &UuHash) -> Option<Offered<'_>> {
        let mut found = Vec::new();
        self.files.with_uuhash(hash, 1, &mut found);
        found.into_iter().find_map(|id| self.get(id))
    }

    /// The file of this name, byte for byte, where it is the only one (UPLOAD-25).
    pub fn with_name(&self, name: &str) -> Option<Offered<'_>> {
        let mut found = Vec::new();
        self.files.with_name(name, 2, &mut found);
        match *found {
            [id] => self.get(id),
            _ => None,
        }
    }

    /// What is offered, from this number on, in the order of the numbers.
    pub fn from(&self, first: FileId) -> impl Iterator<Item = Offered<'_>> {
        self.offered.from(first.0).filter_map(|(id, ())| self.get(FileId(id)))
    }

    /// All files whose names have all these words, from this number on, in the order of the numbers. Among a million files
    /// that may take some milliseconds.
    pub fn search(&self, words: &str, first: FileId) -> impl Iterator<Item = Offered<'_>> {
        let mut found = Vec::new();
        self.files.search_all(words, &mut found);
        let before = found.partition_point(|id| *id < first);
        found.into_iter().skip(before).filter_map(|id| self.get(id))
    }

    fn offered<'a>(&'a self, id: FileId, entry: &'a Entry) -> Option<Offered<'a>> {
        let file = self.files.get(id).filter(|_| entry.is_offered)?;
        let (sha1, tiger_root) = (file.sha1?, file.tiger_root?);
        let Entry { folder, name, stamp, .. } = entry;
        let kzhash = file.kzhash;
        Some(Offered { id, folder, name, stamp: *stamp, sha1, tiger_root, kzhash })
    }
}
