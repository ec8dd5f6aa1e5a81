use crate::base::limits::QUERY_WORDS_MAX;
use crate::gnutella::wire::Query;
use crate::gnutella::word_hash::word_hash;
use crate::index::bit_table::Probe;
use crate::index::words;

/// Bytes of a word that is looked up, where a query has longer ones: gtk-gnutella puts no shorter
/// ones into its table (QRP-31).
const WORD_LEN_MIN: usize = 3;

/// What a query asks of a query table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryWords {
    words: Vec<u32>,
    urns: Vec<u32>,
}

impl QueryWords {
    /// No words.
    pub const fn new() -> Self {
        Self { words: Vec::new(), urns: Vec::new() }
    }

    /// The words of a query, and the URNs that it asks for.
    pub fn of(query: &Query) -> Self {
        let mut words = Self::new();
        words.read(query);
        words
    }

    /// Takes the words of another query, in the memory that is there.
    pub fn read(&mut self, query: &Query) {
        self.words.clear();
        self.urns.clear();
        if let Ok(text) = std::str::from_utf8(&query.text) {
            self.read_text(text);
        }
        let urns = query.extensions.urns().map(|urn| word_hash(&urn.to_string(), u32::BITS));
        self.urns.extend(urns.take(QUERY_WORDS_MAX));
    }

    /// True when nothing can be looked up.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.urns.is_empty()
    }

    /// What a table is asked (QRP-28, QRP-31).
    pub fn probe(&self) -> Probe<'_> {
        let words = self.words.len();
        let needed = if words < 3 { words } else { words.saturating_mul(2).div_ceil(3) };
        Probe::new(&self.words, needed, &self.urns)
    }

    fn read_text(&mut self, text: &str) {
        let folded = words::fold(text);
        let has_long = words::words(&folded).any(|word| word.len() >= WORD_LEN_MIN);
        let len_min = if has_long { WORD_LEN_MIN } else { 0 };
        for word in words::words(&folded).filter(|word| word.len() >= len_min) {
            let hash = word_hash(word, u32::BITS);
            if self.words.len() < QUERY_WORDS_MAX && !self.words.contains(&hash) {
                self.words.push(hash);
            }
        }
    }
}
