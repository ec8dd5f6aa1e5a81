use crate::base::urn::Urn;
use crate::index::words;

/// Words that LimeWire does not look for, so that its hits need not have them.
const TRIVIAL: [&str; 4] = ["the", "an", "a", "and"];

/// Letters of a word below which it is not asked of a name: programs differ in whether they look for it.
const ASKED_LETTERS_MIN: usize = 3;

/// Words as bits of their hashes. Two sets without a bit in common have no word in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WordBits(u128);

impl WordBits {
    pub(super) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let bit = |word: &str| 1_u128.wrapping_shl(fnv1a(word.as_bytes()));
        Self(words.into_iter().fold(0, |bits, word| bits | bit(word)))
    }

    pub(super) const fn has_none_of(self, other: Self) -> bool {
        self.0 & other.0 == 0
    }
}

/// What a search asks for.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    /// Folded, those that every name must have.
    words: Vec<String>,
    pub(super) bits: WordBits,
    urns: Vec<Urn>,
}

impl Sought {
    pub(super) fn of(text: &str) -> Self {
        let parts = || text.split_whitespace();
        let urns: Vec<Urn> = parts().filter_map(|part| Urn::parse(part.as_bytes())).collect();
        let others = parts().filter(|part| Urn::parse(part.as_bytes()).is_none());
        let folded = words::fold(&others.collect::<Vec<_>>().join(" "));
        let is_asked = |word: &&str| {
            word.chars().nth(ASKED_LETTERS_MIN.saturating_sub(1)).is_some()
                && !TRIVIAL.contains(word)
        };
        let words: Vec<String> =
            words::words(&folded).filter(is_asked).map(str::to_owned).collect();
        let bits = WordBits::of(words.iter().map(String::as_str));
        Self { words, bits, urns }
    }

    /// Whether there are words by which searches can be told apart.
    pub(super) const fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whether a folded text has all words, as parts of its words too.
    pub(super) fn is_in(&self, folded: &str) -> bool {
        self.words.iter().all(|word| folded.contains(word.as_str()))
    }

    /// Whether a word is one of those that are sought.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|sought| sought == word)
    }

    /// Whether one of these URNs names what is sought; so they do where no content is.
    pub(super) fn is_named_by(&self, mut urns: impl Iterator<Item = Urn>) -> bool {
        let is_sought = |urn: Urn| {
            let is_same = |sought: &Urn| {
                *sought == urn || sought.sha1().is_some_and(|sha1| urn.sha1() == Some(sha1))
            };
            self.urns.iter().any(is_same)
        };
        self.urns.iter().all(|urn| urn.sha1().is_none()) || urns.any(is_sought)
    }
}

/// FNV-1a. Whoever makes words that collide looks less like spam by it, and has gained one word.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
