//! One way of folding text and of splitting it into words, for search and for query tables alike.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::unicode_blocks::block;

/// Letters of a word from which on its beginnings are words too (QRP-30).
const PREFIXED_LETTERS_MIN: usize = 5;

/// Beginnings of such a word.
const PREFIXES: usize = 2;

/// Where LimeWire ends a word (QRP-29).
const COARSE_DELIMITERS: &[char] = &[' ', '-', '.', '_', '+', '/', '*', '(', ')', '\\', ','];

/// Text in lower case and without accents, as words are compared (QRP-29).
///
/// Characters are taken apart, lose their marks, and are put together again: so writing whose parts
/// are no marks, such as Korean, comes out as it was.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let apart = text.nfkd().filter(|&c| !is_accent(c));
    apart.flat_map(char::to_lowercase).flat_map(in_search_form).nfc().collect()
}

/// The words of text that is folded: letters and digits that stand together, all of one Unicode
/// block (QRP-29, QRP-35).
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).flat_map(Runs)
}

/// The beginnings of a word by which it is found too: all but the last letter, all but the last two
/// (QRP-30).
pub fn prefixes(word: &str) -> impl Iterator<Item = &str> {
    let is_long = word.chars().nth(PREFIXED_LETTERS_MIN.saturating_sub(1)).is_some();
    let ends = word.char_indices().rev().map(|(end, _)| end);
    ends.take(if is_long { PREFIXES } else { 0 }).filter_map(|end| word.get(..end))
}

/// Calls `found` with every word under which others look for text that is folded, some of them more
/// than once: its words, those of programs that end words in fewer places, and their beginnings.
pub fn each_sought(folded: &str, mut found: impl FnMut(&str)) {
    each_whole(folded, |word| {
        found(word);
        prefixes(word).for_each(&mut found);
    });
}

/// The same without their beginnings.
pub fn each_whole(folded: &str, found: impl FnMut(&str)) {
    let has_other = |word: &&str| word.contains(|c: char| !c.is_alphanumeric());
    let coarse = folded.split(COARSE_DELIMITERS).flat_map(Runs).filter(has_other);
    words(folded).chain(coarse).for_each(found);
}

/// True for marks that are left out. The marks that tell Japanese syllables apart are none of them.
fn is_accent(c: char) -> bool {
    is_combining_mark(c) && !matches!(c, '\u{3099}' | '\u{309a}')
}

/// A small letter as it is searched for, where that is another one, or two.
fn in_search_form(c: char) -> impl Iterator<Item = char> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        words(&fold(text)).map(str::to_owned).collect()
    }

    /// QRP-29
    #[test]
    fn words_are_letters_and_digits_in_lower_case_without_accents() {
        assert_eq!(split("The Été-Song (live)_2.MP3"), ["the", "ete", "song", "live", "2", "mp3"]);
        assert_eq!(
            split("don't \t ΣΊΣΥΦΟΣ Straße ﬁn ①"),
            ["don", "t", "σισυφοσ", "strasse", "fin", "1"]
        );
        assert_eq!(split(" .-_ "), [""; 0]);
    }

    /// QRP-29
    #[test]
    fn writing_that_is_put_together_comes_out_as_it_was() {
        for text in ["서울", "ガギグ", "がぎぐ", "日本"] {
            assert_eq!(split(text), [text]);
            assert_eq!(split(&text.nfd().collect::<String>()), [text]);
        }
        assert_eq!(split("ｶﾞ"), ["ガ"]);
    }

    /// QRP-35
    #[test]
    fn a_word_ends_where_the_block_changes() {
        assert_eq!(split("smørrebrød"), ["sm", "ø", "rrebr", "ø", "d"]);
        assert_eq!(split("日本のうたABC"), ["日本", "のうた", "abc"]);
    }

    /// QRP-30
    #[test]
    fn long_words_are_found_by_their_beginnings() {
        let of = |word| prefixes(word).collect::<Vec<_>>();
        assert_eq!(of("zebra"), ["zebr", "zeb"]);
        assert_eq!(of("ωωωωω"), ["ωωωω", "ωωω"]);
        assert_eq!(of("song"), [""; 0]);
    }

    /// QRP-29, QRP-30
    #[test]
    fn others_look_for_words_that_end_in_fewer_places() {
        let mut found = Vec::new();
        each_sought(&fold("Don't go.mp3"), |word| found.push(word.to_owned()));
        assert_eq!(found, ["don", "t", "go", "mp3", "don't", "don'", "don"]);
    }
}
