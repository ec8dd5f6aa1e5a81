//! Folders -> the files in them.
//!
//! Files and folders whose names begin with a dot are nobody's business. Links are not followed: what they lead
//! to was not shared. What cannot be read is left out and counted.

#![allow(clippy::disallowed_methods, reason = "this module reads the disk")]

use std::collections::BTreeSet;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use crate::base::limits::{SHARED_DEPTH_MAX, SHARED_FILES_MAX};

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    pub path: PathBuf,
    /// The last part of the path.
    pub name: String,
    pub size: u64,
}

/// What is in some folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order of their paths.
    pub files: Vec<FoundFile>,
    /// Files and folders that could not be read, or whose names nobody could ask for.
    pub unreadable: usize,
    /// Of the folders that were to be looked through, those that are not there, or are none.
    pub missing: Vec<PathBuf>,
    /// There were more files than are shared.
    pub is_cut: bool,
}

/// Looks through these folders and all that is below them.
pub fn scan(folders: &[PathBuf]) -> Found {
    let mut scanned = Scan { found: Found::default(), seen: BTreeSet::new() };
    for folder in folders {
        if folder.is_dir() {
            scanned.folder(folder, 0);
        } else {
            scanned.found.missing.push(folder.clone());
        }
    }
    scanned.found.files.sort_by(|one, other| one.path.cmp(&other.path));
    scanned.found
}

struct Scan {
    found: Found,
    /// Folders may lie in each other, and are looked through once.
    seen: BTreeSet<PathBuf>,
}

impl Scan {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(real) = fs::canonicalize(folder) else { return self.unreadable() };
        if depth > SHARED_DEPTH_MAX || !self.seen.insert(real) {
            return;
        }
        let Ok(entries) = fs::read_dir(folder) else { return self.unreadable() };
        for entry in entries {
            match entry {
                Ok(entry) => self.entry(&entry, depth),
                Err(_) => self.unreadable(),
            }
            if self.found.is_cut {
                return;
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, depth: usize) {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { return self.unreadable() };
        if name.starts_with('.') {
            return;
        }
        // Of the entry itself, not of what a link leads to.
        let Ok(metadata) = entry.metadata() else { return self.unreadable() };
        if metadata.is_dir() {
            return self.folder(&entry.path(), depth.saturating_add(1));
        }
        if !metadata.is_file() {
            return;
        }
        if self.found.files.len() >= SHARED_FILES_MAX {
            self.found.is_cut = true;
            return;
        }
        let (path, name, size) = (entry.path(), name.to_owned(), metadata.len());
        self.found.files.push(FoundFile { path, name, size });
    }

    const fn unreadable(&mut self) {
        self.found.unreadable = self.found.unreadable.saturating_add(1);
    }
}
