//! Files of which something is known exactly: what is in them, or their whole name.

use super::{FileId, Files};
use crate::base::kazaa_hash::UuHash;

impl Files {
    /// Appends the files with this content, up to `limit` of them, by their numbers. How many looks that
    /// took.
    pub fn with_sha1(&self, sha1: &[u8; 20], limit: usize, found: &mut Vec<FileId>) -> u32 {
        let before = found.len();
        for held in &self.held {
            held.tell(held.segment.sha1s.rows_with(sha1), limit, found);
        }
        self.sort(found, before, limit);
        self.looks_at(found.len().saturating_sub(before))
    }

    /// Appends the files whose content has this Tiger tree, up to `limit` of them, by their numbers. How many
    /// looks that took.
    pub fn with_tiger_root(&self, root: &[u8; 24], limit: usize, found: &mut Vec<FileId>) -> u32 {
        let before = found.len();
        for held in &self.held {
            held.tell(held.segment.tiger_roots.rows_with(root), limit, found);
        }
        self.sort(found, before, limit);
        self.looks_at(found.len().saturating_sub(before))
    }

    /// Appends the files that FastTrack knows by this hash, up to `limit` of them, by their numbers. How many looks that
    /// took.
    pub fn with_uuhash(&self, hash: &UuHash, limit: usize, found: &mut Vec<FileId>) -> u32 {
        let before = found.len();
        for held in &self.held {
            // Files that differ where the hash does not look stand by their trees.
            let mut rows: Vec<u32> = held.segment.kzhashes.rows_beginning(&hash.0).collect();
            rows.sort_unstable();
            held.tell(rows.into_iter(), limit, found);
        }
        self.sort(found, before, limit);
        self.looks_at(found.len().saturating_sub(before))
    }

    /// Appends the files of this name, byte for byte, up to `limit` of them, by their numbers. How many looks that
    /// took: as many among a million files as among few.
    pub fn with_name(&self, name: &str, limit: usize, found: &mut Vec<FileId>) -> u32 {
        let before = found.len();
        for held in &self.held {
            let (names, removed) = (&held.segment.names, &held.removed);
            let rows = names.rows_like(name).filter(|row| !removed.has(*row));
            held.tell(rows.filter(|row| names.get(*row) == Some(name)), limit, found);
        }
        self.sort(found, before, limit);
        self.looks_at(found.len().saturating_sub(before))
    }

    /// Looks of a search by content that found so many.
    fn looks_at(&self, found: usize) -> u32 {
        u32::try_from(found.saturating_add(self.held.len())).unwrap_or(u32::MAX)
    }
}
