//! How wide text is on a terminal.

use std::env;
use std::io::{self, IsTerminal};

use unicode_normalization::char::canonical_combining_class;

/// The columns that standard output has, if it is a terminal. `COLUMNS` says it in its stead.
pub(super) fn of_output() -> Option<usize> {
    let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let wanted = wanted.filter(|columns| *columns > 0);
    let is_terminal = io::stdout().is_terminal();
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    wanted.or_else(|| is_terminal.then(terminal).flatten())
}

/// The same of standard error.
pub(super) fn of_errors() -> Option<usize> {
    let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let wanted = wanted.filter(|columns| *columns > 0);
    let terminal = || terminal_size::terminal_size_of(io::stderr());
    wanted.or_else(|| terminal().map(|(width, _)| usize::from(width.0)))
}

/// Columns that a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// The text in at most so many columns; `…` stands for what is left out.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let mut used: usize = 0;
    let is_within = |character: &char| {
        used = used.saturating_add(width_of(*character));
        used <= room
    };
    let mut fitted: String = text.chars().take_while(is_within).collect();
    fitted.push('…');
    fitted
}

/// A mark that stands on the letter before it.
pub(super) fn is_mark(character: char) -> bool {
    canonical_combining_class(character) != 0
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn width_of(character: char) -> usize {
    match character {
        ' '..='~' => 1,
        _ if is_mark(character) => 0,
        _ if is_wide(character) => 2,
        _ => 1,
    }
}

/// Letters of East Asia and pictures, which take two columns (UAX #11: W and F).
#[rustfmt::skip]
const fn is_wide(character: char) -> bool {
    matches!(
        character,
        '\u{1100}'..='\u{115f}'
            | '\u{231a}'..='\u{231b}' | '\u{2329}'..='\u{232a}' | '\u{23e9}'..='\u{23ec}'
            | '\u{23f0}' | '\u{23f3}' | '\u{25fd}'..='\u{25fe}' | '\u{2614}'..='\u{2615}'
            | '\u{2648}'..='\u{2653}' | '\u{267f}' | '\u{2693}' | '\u{26a1}'
            | '\u{26aa}'..='\u{26ab}' | '\u{26bd}'..='\u{26be}' | '\u{26c4}'..='\u{26c5}'
            | '\u{26ce}' | '\u{26d4}' | '\u{26ea}' | '\u{26f2}'..='\u{26f3}' | '\u{26f5}'
            | '\u{26fa}' | '\u{26fd}' | '\u{2705}' | '\u{270a}'..='\u{270b}' | '\u{2728}'
            | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
            | '\u{2795}'..='\u{2797}' | '\u{27b0}' | '\u{27bf}' | '\u{2b1b}'..='\u{2b1c}'
            | '\u{2b50}' | '\u{2b55}'
            | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{4dbf}' | '\u{4e00}'..='\u{a4cf}'
            | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
            | '\u{fe10}'..='\u{fe19}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff01}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}' | '\u{16fe0}'..='\u{18dff}' | '\u{1aff0}'..='\u{1b2ff}'
            | '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}'
            | '\u{1f200}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}' | '\u{1f7e0}'..='\u{1f7f0}'
            | '\u{1f900}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_east_asia_take_two_columns_and_marks_none() {
        for (text, columns) in [
            ("", 0),
            ("abc", 3),
            ("é", 1),
            ("e\u{301}", 1),
            ("日本", 4),
            ("한", 2),
            ("😀", 2),
            ("ﬀ…", 2),
        ] {
            assert_eq!(width(text), columns, "{text}");
        }
    }

    #[test]
    fn a_text_fits_at_its_width_and_is_shortened_below_it() {
        assert_eq!(fit("abcd", 4), "abcd");
        assert_eq!(fit("abcd", 3), "ab…");
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…", "half a letter is none");
        assert_eq!(fit("ae\u{301}bc", 3), "ae\u{301}…", "a mark stays with its letter");
        assert_eq!(fit("abc", 1), "…");
        assert_eq!(fit("abc", 0), "");
    }
}
