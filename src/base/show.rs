//! How bytes from strangers are shown: to programs as JSON, to people without control characters.
//! And what we write into a line of a protocol ourselves, from wherever its words come.

use std::fmt::{self, Write};

use data_encoding::HEXLOWER;
use serde::Serializer;

/// Serialises bytes as lower-case hexadecimal.
pub fn hex<S: Serializer>(bytes: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&HEXLOWER.encode(bytes.as_ref()))
}

/// Serialises bytes as text; what is not UTF-8 becomes U+FFFD.
pub fn text<S: Serializer>(bytes: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes.as_ref()))
}

/// Serialises a value by its `Display`.
pub fn display<S: Serializer>(value: impl fmt::Display, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&value)
}

/// Characters of what we write for people: a reason, the name of a program.
pub const WORDS_LEN_MAX: usize = 200;

/// The first line of `text`, at most `len_max` characters of it, without control characters and
/// without blanks around it: it neither ends the line in which it is written nor steers a terminal.
pub fn one_line(text: &str, len_max: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line: String = line.chars().take(len_max).collect();
    line.replace(char::is_control, " ").trim().to_owned()
}

/// JSON in whose strings all that could do harm stands as a number.
pub fn harmless_json(plain: &str) -> String {
    let mut json = String::with_capacity(plain.len());
    for character in plain.chars() {
        if !is_harmful(character) {
            json.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            json.push_str(&format!("\\u{unit:04x}"));
        }
    }
    json
}

/// Bytes as a quoted string that is safe to print: no control character, no escape sequence and
/// no bidirectional override of a stranger reaches a terminal or a log.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for chunk in self.0.utf8_chunks() {
            chunk.valid().chars().try_for_each(|character| write_safe(f, character))?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
        }
        f.write_char('"')
    }
}

fn write_safe(f: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '"' | '\\' => write!(f, "\\{character}"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        _ if is_harmful(character) => write!(f, "\\u{{{:x}}}", u32::from(character)),
        _ => f.write_char(character),
    }
}

/// Whether a character could steer a terminal, turn the direction of text, or hide: controls, line
/// and paragraph separators, all of Unicode's format characters, and letters without a picture.
pub fn is_harmful(character: char) -> bool {
    character.is_control() || is_format(character) || is_blank_letter(character)
}

/// General category Cf, and the two separators that break lines.
const fn is_format(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Fillers: letters and marks that are shown as nothing.
const fn is_blank_letter(character: char) -> bool {
    matches!(
        character,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{3164}' | '\u{ffa0}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_survives_quoting() {
        let hostile = "a\u{1b}[31m\r\n\u{202e}é\"\\".as_bytes();
        assert_eq!(Quoted(hostile).to_string(), r#""a\u{1b}[31m\r\n\u{202e}é\"\\""#);
        assert_eq!(Quoted(b"\xff\x00").to_string(), r#""\xff\u{0}""#);
    }

    #[test]
    fn a_line_is_cut_at_its_limit_and_at_its_end() {
        assert_eq!(one_line("12345", 5), "12345");
        assert_eq!(one_line("123456", 5), "12345");
        assert_eq!(one_line("ééé", 2), "éé");
        for (text, line) in
            [("", ""), (" \t ", ""), ("a\nb", "a"), ("a\r\nb", "a"), ("\nb", ""), ("a\rb\0", "a b")]
        {
            assert_eq!(one_line(text, 5), line, "{text:?}");
        }
    }

    #[test]
    fn nothing_that_hides_or_turns_text_survives_quoting() {
        for character in ['\u{61c}', '\u{ad}', '\u{180e}', '\u{2067}', '\u{e0041}', '\u{3164}'] {
            let quoted = Quoted(character.to_string().as_bytes()).to_string();
            assert_eq!(quoted, format!(r#""\u{{{:x}}}""#, u32::from(character)));
        }
        assert_eq!(Quoted("日本 עברית ünï".as_bytes()).to_string(), "\"日本 עברית ünï\"");
    }
}
