use std::fmt::Display;

use crate::base::limits::QUERY_WORDS_MAX;
use crate::base::mutant::mutant;
use crate::base::urn::Urn;
use crate::gnutella::wire::Query;
use crate::gnutella::word_hash::word_hash;
use crate::index::bit_table::Probe;
use crate::index::words;

/// Bytes of a word that is looked up, where a query has any that are so long: gtk-gnutella has no
/// shorter ones in its table (QRP-31).
const WORD_LEN_MIN: usize = 3;

/// From so many words on, two of three are enough (QRP-31).
const WORDS_FOR_TWO_THIRDS: usize = 3;

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
        match std::str::from_utf8(&query.text) {
            // The hash makes letters small by itself.
            Ok(text) if text.is_ascii() || mutant!(KeepsAccents) => self.read_text(text),
            Ok(text) => self.read_text(&words::fold(text)),
            Err(_) => {}
        }
        query.extensions.urns().for_each(|urn| self.read_urn(&urn));
    }

    /// True when nothing can be looked up.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.urns.is_empty()
    }

    /// What a table is asked (QRP-28, QRP-31).
    pub fn probe(&self) -> Probe<'_> {
        let words = self.words.len();
        let two_thirds = words.saturating_mul(2).div_ceil(3);
        let needed = if words < WORDS_FOR_TWO_THIRDS || mutant!(WantsEveryWord) {
            words
        } else {
            two_thirds
        };
        Probe::new(&self.words, needed, &self.urns)
    }

    fn read_text(&mut self, folded: &str) {
        let has_long = words::words(folded).any(|word| word.len() >= WORD_LEN_MIN);
        let len_min = if has_long { WORD_LEN_MIN } else { 0 };
        let words = words::words(folded).filter(|word| word.len() >= len_min);
        words.for_each(|word| push(&mut self.words, word_hash(word, u32::BITS)));
    }

    fn read_urn(&mut self, urn: &Urn) {
        let hash = |urn: &dyn Display| word_hash(&urn.to_string(), u32::BITS);
        push(&mut self.urns, hash(urn));
        if let Some(sha1) = urn.sha1() {
            push(&mut self.urns, hash(&Urn::Sha1(*sha1)));
        }
    }
}

/// Takes up a word that is not there yet, as long as there are not too many.
fn push(hashes: &mut Vec<u32>, hash: u32) {
    if hashes.len() < QUERY_WORDS_MAX && !hashes.contains(&hash) {
        hashes.push(hash);
    }
}
