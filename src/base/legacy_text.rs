//! Text whose character set nobody declared: UTF-8 where it can be read as that, else Windows-1252.

use std::borrow::Cow;

use serde::Serializer;

/// The characters of these bytes; U+FFFD where Windows-1252 has none.
pub fn read(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

/// Serialises bytes as that text.
pub fn serialize<S: Serializer>(bytes: impl AsRef<[u8]>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&read(bytes.as_ref()))
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => HIGH.get(usize::from(byte & 0x1f)).copied().unwrap_or('\u{fffd}'),
        _ => char::from(byte),
    }
}

/// What stands from 0x80 to 0x9f, where Latin-1 has controls.
const HIGH: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
    '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}',
    'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_goes_first_and_windows_1252_reads_the_rest() {
        assert_eq!(read("café".as_bytes()), "café");
        assert_eq!(read(b"caf\xe9"), "café");
        assert_eq!(read(b"\x80 \x99 \x9f \xff"), "€ ™ Ÿ ÿ");
        assert_eq!(read(b"\x81\xe9"), "\u{fffd}é");
        assert_eq!(read(b""), "");
    }
}
