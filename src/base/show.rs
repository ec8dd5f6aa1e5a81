//! How bytes from strangers are shown: to programs as JSON, to people without control characters.

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

/// Controls, line and paragraph separators, and the marks that turn the direction of text.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
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
}
