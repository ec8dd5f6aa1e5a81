//! One way of splitting and folding text into words, for search and for query tables alike.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::unicode_blocks::block;

/// Letters of a word from which on its beginnings are words too (QRP-30).
const PREFIXED_LETTERS_MIN: usize = 5;

/// Text in lower case and without accents, as words are compared (QRP-29).
///
/// Characters are taken apart, lose their marks, and are put together again, so that writing that is
/// composed of parts that are no marks, such as Korean, comes out as it was.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|&c| !is_accent(c))
        .flat_map(char::to_lowercase)
        .flat_map(unfold)
        .nfc()
        .collect()
}

/// The words of text that is folded: runs of letters and digits of one Unicode block (QRP-29,
/// QRP-35).
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).flat_map(Runs)
}

/// The beginnings of a word by which it is found too (QRP-30).
pub fn prefixes(word: &str) -> impl Iterator<Item = &str> {
    let is_long = word.char_indices().nth(PREFIXED_LETTERS_MIN.saturating_sub(1)).is_some();
    let ends = word.char_indices().rev().map(|(end, _)| end);
    ends.take(if is_long { 2 } else { 0 }).filter_map(|end| word.get(..end))
}

/// True for marks that are left out. The marks that tell Japanese syllables apart are none of them.
fn is_accent(c: char) -> bool {
    is_combining_mark(c) && !matches!(c, '\u{3099}' | '\u{309a}')
}

/// Letters of which there are two in lower case.
fn unfold(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ß' => ('s', Some('s')),
        'ς' => ('σ', None),
        c => (c, None),
    };
    std::iter::once(first).chain(second)
}

/// The parts of a text in each of which all characters are of one block.
struct Runs<'a>(&'a str);

impl<'a> Iterator for Runs<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = block(self.0.chars().next()?);
        let end = self.0.find(|c| block(c) != first).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(run)
    }
}
