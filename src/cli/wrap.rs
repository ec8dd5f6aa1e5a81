//! Text in lines that fit a terminal.

/// The widest line that is still easy to read.
pub(super) const WIDTH_MAX: usize = 100;

/// A terminal narrower than this gets lines that it has to break itself.
const WIDTH_MIN: usize = 40;

/// How many columns there are to write in: those of the terminal, within reason.
pub(super) fn width() -> usize {
    let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.unwrap_or(WIDTH_MAX).clamp(WIDTH_MIN, WIDTH_MAX)
}

/// Breaks text into lines of at most `width` columns.
///
/// Lines that follow one another are one paragraph. An empty line ends it, an indented line stands
/// as it is (a layout, which must keep its columns), and a list item starts a line of its own. A
/// word longer than a line is not broken, so that it can be copied.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut continues = false;
    for line in text.trim_end().lines() {
        let stands_alone = line.trim().is_empty() || line.starts_with(char::is_whitespace);
        if stands_alone {
            lines.push(line.trim_end().to_owned());
        } else {
            let starts_item = line.starts_with("- ");
            if !continues || starts_item {
                lines.push(String::new());
            }
            line.split_whitespace().for_each(|word| append(&mut lines, word, width));
        }
        continues = !stands_alone;
    }
    lines
}

/// Puts a word at the end of the last line, or of a new one where it does not fit.
fn append(lines: &mut Vec<String>, word: &str, width: usize) {
    match lines.last_mut() {
        Some(line) if line.is_empty() => line.push_str(word),
        Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
            line.push(' ');
            line.push_str(word);
        }
        _ => lines.push(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_full_at_its_width_and_not_one_past_it() {
        assert_eq!(wrap("four five\nsix", 9), ["four five", "six"]);
        assert_eq!(wrap("four five\nsix", 8), ["four", "five six"]);
        assert_eq!(wrap("ä é", 3), ["ä é"], "characters count, not bytes");
    }

    #[test]
    fn a_long_word_stays_whole() {
        assert_eq!(wrap("a unbreakable b", 5), ["a", "unbreakable", "b"]);
    }

    #[test]
    fn layouts_and_lists_keep_their_lines() {
        let text = "Intro\ngoes on:\n  0  2  port\n  2  4  address\nThen\n- one\n- two\n\nEnd.\n";
        let expected = [
            "Intro goes on:",
            "  0  2  port",
            "  2  4  address",
            "Then",
            "- one",
            "- two",
            "",
            "End.",
        ];
        assert_eq!(wrap(text, 40), expected);
        assert!(wrap("", 40).is_empty());
    }
}
