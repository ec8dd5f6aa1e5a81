use crate::base::limits::QUERY_WORDS_MAX;

/// What a query asks of a table. Words stand as hashes of 32 bits, of which the highest are the
/// slot in a table of any size.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'a> {
    words: &'a [u32],
    needed: usize,
    any_of: &'a [u32],
}

impl<'a> Probe<'a> {
    /// So many of the words must be in the table, or any one of the others. With no word needed
    /// nothing is found by words. Only the first [`QUERY_WORDS_MAX`] of either are looked at.
    pub fn new(words: &'a [u32], needed: usize, any_of: &'a [u32]) -> Self {
        let first = |words: &'a [u32]| words.get(..QUERY_WORDS_MAX).unwrap_or(words);
        Self { words: first(words), needed, any_of: first(any_of) }
    }

    /// The words of which some must be there.
    pub const fn words(&self) -> &'a [u32] {
        self.words
    }

    /// How many of them.
    pub const fn needed(&self) -> usize {
        self.needed
    }

    /// Words of which any one is enough.
    pub const fn any_of(&self) -> &'a [u32] {
        self.any_of
    }

    /// Whether a table that has certain words has what is asked for.
    pub fn is_met_by(&self, has: impl Fn(u32) -> bool) -> bool {
        if self.any_of.iter().any(|&hash| has(hash)) {
            return true;
        }
        let found = self.words.iter().filter(|&&hash| has(hash)).count();
        self.needed > 0 && found >= self.needed
    }
}
