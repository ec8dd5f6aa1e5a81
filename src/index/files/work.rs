//! What a search has cost so far.

use crate::base::limits::FILE_SEARCH_LOOKS_MAX;

/// Parts of a look. A look is about an eighth of a microsecond, a part some two nanoseconds.
const PARTS: u64 = 64;

/// Parts that it costs to find where a word is in the dictionary, about.
const SEEK: u64 = PARTS;

/// To take up one more word that begins like the one that is sought.
const TERM: u64 = PARTS / 4;

/// To hold one word against candidates.
const WINDOW: u64 = PARTS / 4;

/// To look at a row.
const ROW: u64 = 2;

/// For each byte of a name, to split it into words and to look for those that are sought.
pub(super) const NAME_BYTE: u64 = 8;

#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    parts: u64,
    /// When nothing else is taken up.
    most: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self { parts: 0, most: PARTS.saturating_mul(FILE_SEARCH_LOOKS_MAX.into()) }
    }
}

impl Work {
    /// That goes on until all is done.
    pub(super) const fn unbounded() -> Self {
        Self { parts: 0, most: u64::MAX }
    }

    pub(super) const fn seek(&mut self) {
        self.add(SEEK);
    }

    pub(super) const fn term(&mut self) {
        self.add(TERM);
    }

    /// So many words are held against candidates, for which so many rows are read.
    pub(super) fn window(&mut self, words: usize, rows: usize) {
        self.add(WINDOW.saturating_mul(wide(words)).saturating_add(wide(rows)));
    }

    pub(super) fn rows(&mut self, count: usize) {
        self.add(ROW.saturating_mul(wide(count)));
    }

    /// A name is held against so many words.
    pub(super) fn name(&mut self, len: usize, words: usize) {
        let bytes = NAME_BYTE.saturating_mul(wide(len));
        self.add(bytes.saturating_add(ROW.saturating_mul(wide(len)).saturating_mul(wide(words))));
    }

    /// Whether nothing else is taken up.
    pub(super) fn is_spent(self) -> bool {
        self.parts >= self.most
    }

    pub(super) fn looks(self) -> u32 {
        u32::try_from(self.parts.div_ceil(PARTS)).unwrap_or(u32::MAX)
    }

    const fn add(&mut self, parts: u64) {
        self.parts = self.parts.saturating_add(parts);
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
