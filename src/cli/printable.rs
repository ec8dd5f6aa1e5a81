//! What strangers say, as a terminal may see it.

use serde::Serialize;

use super::columns;
use crate::base::show;

/// Marks that one letter bears. Writing needs three at most; more are a joke.
const MARKS_MAX: usize = 4;

/// The text without anything that steers a terminal, turns its text or piles up.
pub(super) fn text(text: &str) -> String {
    let mut marks: usize = 0;
    let is_kept = |character: &char| {
        let is_mark = columns::is_mark(*character);
        marks = if is_mark { marks.saturating_add(1) } else { 0 };
        marks <= MARKS_MAX
    };
    let kept = text.chars().filter(is_kept);
    kept.map(|character| if show::is_harmful(character) { '\u{fffd}' } else { character }).collect()
}

/// One line of JSON, in whose strings all that could do harm stands as a number.
pub(super) fn json(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(show::harmless_json(&serde_json::to_string(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(
            text("a\u{1b}[31mb\u{9b}1m\u{202e}c\nd é"),
            "a\u{fffd}[31mb\u{fffd}1m\u{fffd}c\u{fffd}d é"
        );
        let piled = format!("e{}x", "\u{301}".repeat(5));
        assert_eq!(text(&piled), format!("e{}x", "\u{301}".repeat(4)));
    }

    #[test]
    fn json_keeps_what_it_says_and_shows_no_harm() {
        let hostile = "a\u{1b}\u{9b}\u{7f}\u{202e}\u{e0041}\"é日";
        let line = json(&hostile).unwrap();
        assert_eq!(line, r#""a\u001b\u009b\u007f\u202e\udb40\udc41\"é日""#);
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), hostile);
    }
}
