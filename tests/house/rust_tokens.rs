//! A small lexer for Rust: enough to tell words, strings and comments apart.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Of a string, what stands between the quotes.
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier, a keyword or a number.
    Word,
    /// A string, byte string or character.
    Literal,
    /// One punctuation character, or `::`.
    Mark,
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.kind != Kind::Literal && self.text == text
    }

    pub(crate) fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    pub(crate) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }

    pub(crate) fn is_literal(&self) -> bool {
        self.kind == Kind::Literal
    }
}

/// The tokens of Rust source. Comments, white space and lifetimes are dropped.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < source.len() {
        let rest = &source[at..];
        let (kind, len, text) = lex(rest);
        if let Some(kind) = kind {
            tokens.push(Token { kind, text: text.to_owned(), line, span: at..at + len });
        }
        line += rest[..len].matches('\n').count();
        at += len;
    }
    tokens
}

/// One past the bracket that closes the one at `at`.
pub(crate) fn group_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, token) in tokens.iter().enumerate().skip(at) {
        depth += usize::from(opens(token));
        depth -= usize::from(token.is_any(&[")", "]", "}"]));
        if depth == 0 {
            return offset + 1;
        }
    }
    tokens.len()
}

pub(crate) fn opens(token: &Token) -> bool {
    token.is_any(&["(", "[", "{"])
}

/// True when the tokens at `at` are those of `pattern`, which spaces part.
pub(crate) fn matches(tokens: &[Token], at: usize, pattern: &str) -> bool {
    pattern
        .split(' ')
        .enumerate()
        .all(|(offset, text)| tokens.get(at + offset).is_some_and(|token| token.is(text)))
}

/// What `rest` starts with: its kind (nothing for what is dropped), its length, its text.
fn lex(rest: &str) -> (Option<Kind>, usize, &str) {
    if let Some(len) = space_or_comment_len(rest) {
        return (None, len, "");
    }
    if let Some((open, close)) = string_edges(rest) {
        let body = &rest[open..];
        let len = if close.len() == 1 && !rest[..open].contains('r') {
            escaped_len(body, '"')
        } else {
            body.find(&close).unwrap_or(body.len())
        };
        return (Some(Kind::Literal), open + len + close.len(), &body[..len]);
    }
    if let Some(body) = rest.strip_prefix('\'') {
        return lex_quote(rest, body);
    }
    let rest_of_word = rest.strip_prefix("r#").unwrap_or(rest);
    let word_len = rest_of_word.find(|c: char| !is_word(c)).unwrap_or(rest_of_word.len());
    if word_len > 0 {
        let len = rest.len() - rest_of_word.len() + word_len;
        return (Some(Kind::Word), len, &rest_of_word[..word_len]);
    }
    let len =
        if rest.starts_with("::") { 2 } else { rest.chars().next().map_or(1, char::len_utf8) };
    (Some(Kind::Mark), len, &rest[..len])
}

/// A character such as `'a'`, or a lifetime such as `'a`, which is dropped.
fn lex_quote<'a>(rest: &'a str, body: &'a str) -> (Option<Kind>, usize, &'a str) {
    let mut characters = body.chars();
    let first = characters.next();
    if first == Some('\\') || characters.next() == Some('\'') {
        let len = escaped_len(body, '\'');
        return (Some(Kind::Literal), len + 2, &body[..len]);
    }
    let len = body.find(|c: char| !is_word(c)).unwrap_or(body.len());
    (None, len + 1, &rest[..0])
}

fn space_or_comment_len(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment_len(rest));
    }
    let len = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
    (len > 0).then_some(len)
}

/// Block comments nest.
fn block_comment_len(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(len) = rest[at..].find(['/', '*']) {
        at += len;
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += 1;
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// How a string opens (its length) and closes, if one starts here: `"`, `b"`, `r#"`, `br##"` ...
fn string_edges(rest: &str) -> Option<(usize, String)> {
    let prefix =
        ["br", "cr", "r", "b", "c", ""].into_iter().find(|prefix| rest.starts_with(prefix))?;
    let body = &rest[prefix.len()..];
    let hashes =
        if prefix.ends_with('r') { body.len() - body.trim_start_matches('#').len() } else { 0 };
    let quote = body[hashes..].starts_with('"');
    quote.then(|| (prefix.len() + hashes + 1, format!("\"{}", "#".repeat(hashes))))
}

/// How long a text is before its closing quote, over which backslashes lift it.
fn escaped_len(body: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = body.find(|c| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.unwrap_or(body.len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}
