use std::fmt;

use crate::base::limits::HEADER_TEXT_LEN_MAX;
use crate::base::show::{WORDS_LEN_MAX, is_harmful, one_line};

/// What stands for a character that has no place in a head.
const STAND_IN: char = '_';

/// Words that we write into a head. Whatever they were made of, nothing in them ends a line, steers a
/// terminal or hides (HTTP-21).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    /// What `value` shows, on one line: harmful characters become `_`, blanks around it go, and what is
    /// beyond [`HEADER_TEXT_LEN_MAX`] bytes is cut off.
    pub fn of(value: impl fmt::Display) -> Self {
        let shown = value.to_string();
        let clean: String = shown.trim().chars().map(harmless).collect();
        Self(cut(clean.trim(), HEADER_TEXT_LEN_MAX).to_owned())
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Words of a stranger for people: one line of them, harmless.
pub(super) fn words(text: &str) -> String {
    one_line(&text.replace(is_harmful, " "), WORDS_LEN_MAX)
}

fn harmless(character: char) -> char {
    if is_harmful(character) { STAND_IN } else { character }
}

/// The beginning of a text that has at most so many bytes.
fn cut(text: &str, len_max: usize) -> &str {
    let mut end = text.len().min(len_max);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HTTP-21
    #[test]
    fn nothing_that_ends_a_line_or_hides_gets_into_a_head() {
        let hostile = " a\r\nSet-Cookie: b\0\u{1b}[31m\u{202e}c\u{85}\u{2028}\u{ad}d\t";
        assert_eq!(HeaderText::of(hostile).as_str(), "a__Set-Cookie: b__[31m_c___d");
        assert_eq!(HeaderText::of("naïve 日本.ogg").as_str(), "naïve 日本.ogg");
    }

    /// HTTP-21
    #[test]
    fn words_are_cut_at_their_limit() {
        let longest = "x".repeat(HEADER_TEXT_LEN_MAX);
        assert_eq!(HeaderText::of(&longest).as_str(), longest);
        assert_eq!(HeaderText::of(format!("{longest}y")).as_str(), longest);
        let odd = format!("{}é", "x".repeat(HEADER_TEXT_LEN_MAX - 1));
        assert_eq!(HeaderText::of(odd).as_str().len(), HEADER_TEXT_LEN_MAX - 1);
    }
}
