use crate::base::limits::{OWN_URN_SLOTS, QUERY_TABLE_KEPT_SLOTS_MAX};
use crate::base::urn::Urn;
use crate::gnutella::word_hash::word_hash;
use crate::index::bit_table::BitTable;

const BITS_MAX: u32 = QUERY_TABLE_KEPT_SLOTS_MAX.trailing_zeros();

/// Hashes that are sorted at a time.
const BATCH: usize = 1 << 16;

/// The words by which our own files are found, as far as a query table tells them apart.
///
/// For a large library they take seconds to make. They can be made anywhere: what a node does with them
/// takes as long for a million files as for a thousand.
#[derive(Clone, Debug)]
pub struct OwnWords {
    /// How many there are; those that share a slot are one where there are very many.
    count: u32,
    table: BitTable,
}

/// Collects words.
#[derive(Debug)]
struct Collected {
    hashes: Vec<u32>,
    table: BitTable,
    has_overflown: bool,
}

impl OwnWords {
    /// No words.
    pub fn new() -> Self {
        Self { count: 0, table: BitTable::new(BITS_MAX) }
    }

    /// The words of files, told one after the other, and the contents of the files (QRP-28). Where there
    /// are so many files that their contents alone would fill a table, only the words are in it.
    pub fn collect(
        each_word: impl FnOnce(&mut dyn FnMut(&str)),
        sha1s: impl Iterator<Item = [u8; 20]>,
    ) -> Self {
        let mut words = Collected::new();
        each_word(&mut |word| words.push(word_hash(word, u32::BITS)));
        let room = QUERY_TABLE_KEPT_SLOTS_MAX.checked_div(OWN_URN_SLOTS).unwrap_or(0);
        let mut contents = Vec::new();
        for sha1 in sha1s {
            if contents.len() >= room as usize {
                return words.finish();
            }
            contents.push(word_hash(&Urn::Sha1(sha1).to_string(), u32::BITS));
        }
        contents.into_iter().for_each(|hash| words.push(hash));
        words.finish()
    }

    /// How many there are.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The same as a table.
    pub(super) const fn table(&self) -> &BitTable {
        &self.table
    }
}

impl Default for OwnWords {
    fn default() -> Self {
        Self::new()
    }
}

/// Hashes of 32 bits, each as often as it likes.
impl From<Vec<u32>> for OwnWords {
    fn from(hashes: Vec<u32>) -> Self {
        Collected { hashes, ..Collected::new() }.finish()
    }
}

impl Collected {
    fn new() -> Self {
        Self { hashes: Vec::new(), table: BitTable::new(BITS_MAX), has_overflown: false }
    }

    fn push(&mut self, hash: u32) {
        if self.hashes.len() >= BATCH {
            self.take_up();
            if self.hashes.len() > BATCH / 2 {
                (self.has_overflown, self.hashes) = (true, Vec::new());
            }
        }
        self.hashes.push(hash);
    }

    /// Puts what was collected into the table.
    fn take_up(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self.hashes.iter().for_each(|hash| _ = self.table.set_hash(*hash));
    }

    fn finish(mut self) -> OwnWords {
        self.take_up();
        let exact = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        let count = if self.has_overflown { self.table.len() } else { exact };
        self.table.shrink();
        OwnWords { count, table: self.table }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: u32, files: u32) -> OwnWords {
        let each_word = |found: &mut dyn FnMut(&str)| {
            // Each of them twice.
            (0..words).chain(0..words).for_each(|number| found(&format!("word{number}")));
        };
        let sha1 = |number: u32| {
            let mut sha1 = [0; 20];
            sha1[..4].copy_from_slice(&number.to_be_bytes());
            sha1
        };
        OwnWords::collect(each_word, (0..files).map(sha1))
    }

    /// QRP-28
    #[test]
    fn contents_are_words_too_until_they_would_fill_the_table() {
        let room = QUERY_TABLE_KEPT_SLOTS_MAX / OWN_URN_SLOTS;
        let holds = |words: &OwnWords| {
            let urn = Urn::Sha1([0; 20]).to_string();
            words.table().holds(word_hash(&urn, u32::BITS))
        };
        let (at, past) = (of(3, room), of(3, room + 1));
        assert!(holds(&at) && at.count() > room * 9 / 10);
        assert_eq!((holds(&past), past.count()), (false, 3));
    }

    #[test]
    fn words_are_counted_however_many_there_are() {
        assert_eq!((of(0, 0).count(), of(1_000, 2).count()), (0, 1_002));
        let many = of(100_000, 0);
        let hash = |number: u32| word_hash(&format!("word{number}"), u32::BITS);
        let distinct: std::collections::BTreeSet<u32> = (0..100_000).map(hash).collect();
        assert_eq!(many.count() as usize, distinct.len());
        assert!(many.table().len() <= many.count());
        let all = (0..100_000).map(|number| format!("word{number}"));
        assert!(all.map(|word| word_hash(&word, u32::BITS)).all(|hash| many.table().holds(hash)));
    }
}
