//! Bytes as people read them.

use std::fmt::Write;

/// Bytes of an exchange that are shown.
const SHOWN_MAX: usize = 512;

/// Sixteen bytes a line: place, digits, letters.
pub(super) fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    let shown = bytes.get(..SHOWN_MAX).unwrap_or(bytes);
    for (place, line) in shown.chunks(16).enumerate() {
        let at = place.saturating_mul(16);
        let digits: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let letter = |byte: &u8| if matches!(byte, 0x20..=0x7e) { char::from(*byte) } else { '.' };
        let letters: String = line.iter().map(letter).collect();
        let _ = writeln!(text, "{at:04x}  {:47}  {letters}", digits.join(" "));
    }
    if shown.len() < bytes.len() {
        let _ = writeln!(text, "…     {} bytes more", bytes.len().saturating_sub(shown.len()));
    }
    text
}
