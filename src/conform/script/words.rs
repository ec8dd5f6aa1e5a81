//! A line of a script -> its words.

use super::NotUnderstood;

/// One word: as it stands, or a relation between a field and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Where quotation marks began, if the word has any: what follows is text and nothing else.
    pub(super) quoted_at: Option<usize>,
}

impl Word {
    /// Whether it is this one, and not in quotation marks.
    pub(super) fn is_plain(&self, text: &str) -> bool {
        self.quoted_at.is_none() && self.text == text
    }
}

/// Splits at blanks. What stands in quotation marks stays together; `\"`, `\\`, `\r`, `\n` and `\0` are known there.
/// What follows `#` is for the reader.
pub(super) fn split(line: &str) -> Result<Vec<Word>, NotUnderstood> {
    let mut words = Vec::new();
    let mut letters = line.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        if letters.peek().is_none_or(|letter| *letter == '#') {
            return Ok(words);
        }
        let mut word = Word { text: String::new(), quoted_at: None };
        while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
            if letter != '"' {
                word.text.push(letter);
                continue;
            }
            word.quoted_at.get_or_insert(word.text.len());
            read_quoted(&mut letters, &mut word.text)?;
        }
        words.push(word);
    }
}

fn read_quoted(
    letters: &mut impl Iterator<Item = char>,
    text: &mut String,
) -> Result<(), NotUnderstood> {
    loop {
        match letters.next() {
            None => return Err(NotUnderstood::new("a quotation mark has no second one")),
            Some('"') => return Ok(()),
            Some('\\') => text.push(match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('0') => '\0',
                Some(letter @ ('"' | '\\')) => letter,
                _ => return Err(NotUnderstood::new("behind \\ stands n, r, 0, \\ or \"")),
            }),
            Some(letter) => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split(line).unwrap().into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_end_at_blanks_and_lines_at_a_hash() {
        assert_eq!(texts("  a sends   ping ttl=1 # one"), ["a", "sends", "ping", "ttl=1"]);
        assert!(texts("# nothing").is_empty() && texts("").is_empty());
    }

    #[test]
    fn quoted_text_stays_together() {
        assert_eq!(texts(r#"x text="a \"b\" # c" y"#), ["x", r#"text=a "b" # c"#, "y"]);
        assert_eq!(texts(r#""A\r\n\0""#), ["A\r\n\0"]);
        assert!(split("text=\"open").is_err() && split(r#""\q""#).is_err());
        assert_eq!(split(r#"text="5""#).unwrap()[0].quoted_at, Some(5));
    }
}
