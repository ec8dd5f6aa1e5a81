//! Which segments there are, and when some of them become one.

use std::cmp::Reverse;
use std::sync::Arc;

use super::removed::Removed;
use super::segment::{NAMES_LEN_MAX, ROWS_MAX, Segment};
use super::{FileId, Files};

/// Files up to which segments are put together, whatever the next one has.
const SMALL_LEN: usize = 32;

/// A segment, and what of it is offered no longer.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) segment: Arc<Segment>,
    pub(super) removed: Removed,
}

impl Held {
    fn merge(all: &[Self]) -> Self {
        let parts: Vec<_> = all.iter().map(|held| (&*held.segment, &held.removed)).collect();
        Self { segment: Arc::new(Segment::merge(&parts)), removed: Removed::default() }
    }

    /// Files that are offered.
    pub(super) fn len(&self) -> usize {
        self.segment.len().saturating_sub(self.removed.len())
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, FileId)> {
        let rows = (0..).zip(self.segment.ids.iter().copied());
        rows.filter(|(row, _)| !self.removed.has(*row))
    }

    pub(super) fn row_of(&self, id: FileId) -> Option<u32> {
        self.segment.row_of(id).filter(|row| !self.removed.has(*row))
    }

    /// Appends the files of these rows, up to `limit` of them.
    pub(super) fn tell(
        &self,
        rows: impl Iterator<Item = u32>,
        limit: usize,
        found: &mut Vec<FileId>,
    ) {
        let offered = rows.filter(|row| !self.removed.has(*row));
        found.extend(offered.filter_map(|row| self.segment.id(row)).take(limit));
    }
}

impl Files {
    pub(super) fn hold(&mut self, segment: Segment) {
        if self.held.is_empty() {
            // Most nodes never have a second one.
            self.held.reserve_exact(1);
        }
        self.held.push(Held { segment: Arc::new(segment), removed: Removed::default() });
    }

    /// Puts together what has become alike in size, and gives back the room of what was removed.
    pub(super) fn settle(&mut self) {
        self.held.retain(|held| held.len() > 0);
        for held in &mut self.held {
            if held.removed.len() > held.len() {
                *held = Held::merge(std::slice::from_ref(held));
            }
        }
        self.held.sort_by_key(|held| Reverse(held.len()));
        let (mut files, mut names_len, mut from) = (0_usize, 0_usize, self.held.len());
        for held in self.held.iter().rev() {
            let (before, text_len) = (files, held.segment.names.text_len());
            files = files.saturating_add(held.len());
            names_len = names_len.saturating_add(text_len);
            let is_too_large = files > ROWS_MAX || names_len > NAMES_LEN_MAX;
            if before > 0 && (held.len() > before.max(SMALL_LEN) || is_too_large) {
                break;
            }
            from = from.saturating_sub(1);
        }
        if self.held.len().saturating_sub(from) > 1 {
            self.merge_from(from);
        }
        if self.held.is_empty() {
            self.held = Vec::new();
        }
    }

    /// Puts the segments from this one on together.
    pub(super) fn merge_from(&mut self, from: usize) {
        let merged = Held::merge(self.held.get(from..).unwrap_or_default());
        self.held.truncate(from);
        self.held.push(merged);
        self.held.sort_by_key(|held| Reverse(held.len()));
    }
}
