//! Hexadecimal digits as people paste them: plain ones, and dumps with offsets.

use super::source::Refusal;
use crate::base::limits::HEX_LINE_LEN_MAX;

/// A text of hexadecimal digits that arrives in pieces.
#[derive(Debug)]
pub(super) struct HexText {
    style: Style,
    line: Vec<u8>,
    /// Counted from 1.
    line_number: u64,
    /// Bytes of the dump that were handed out, since its offset was 0.
    dump_len: usize,
    /// Bytes of the last line of the dump. The next offset tells whether all of them were digits:
    /// a column of text can look like digits too.
    held: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Pairs of digits, with white space, commas, `0x`, `\x` and `#` comments as one likes.
    Plain,
    /// Lines with an offset, as xxd, `hexdump -C`, `tcpdump -X` and `tshark -x` print them. All
    /// other lines are passed over.
    Dump,
}

/// What a text says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Bytes(&'a [u8]),
    /// The offset starts again: what follows is another packet.
    End,
}

impl HexText {
    /// Recognises the style by the first lines, of which the last may be incomplete.
    pub(super) fn detect(front: &[u8]) -> Option<Self> {
        let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
        if !front.iter().all(is_text) {
            return None;
        }
        let lines = || front.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end);
        let begins_dump = |line| dump_line(line).is_some_and(|(offset, bytes)| offset == 0 && !bytes.is_empty());
        let first = lines().find(|line| !without_comment(line).is_empty())?;
        let style = if lines().any(begins_dump) {
            Style::Dump
        } else {
            plain_line(first).ok().map(|_| Style::Plain)?
        };
        Some(Self { style, line: Vec::new(), line_number: 1, dump_len: 0, held: Vec::new() })
    }

    /// More of the text.
    pub(super) fn push(&mut self, mut text: &[u8], take: &mut dyn FnMut(Token<'_>)) -> Result<(), Refusal> {
        while let Some(end) = text.iter().position(|&byte| byte == b'\n') {
            let (line, rest) = text.split_at_checked(end).unwrap_or_default();
            self.line.extend_from_slice(line);
            self.end_line(take)?;
            text = rest.get(1..).unwrap_or_default();
        }
        self.line.extend_from_slice(text);
        // Plain digits may stand in one endless line, and any white space may part it.
        if self.line.len() > HEX_LINE_LEN_MAX && self.style == Style::Plain {
            let blank = self.line.iter().rposition(u8::is_ascii_whitespace);
            let even_len = self.line.len() & !1;
            let rest = self.line.split_off(blank.unwrap_or(even_len).min(self.line.len()));
            self.read_line(take)?;
            self.line = rest;
        }
        if self.line.len() > HEX_LINE_LEN_MAX { Err(self.bad_line()) } else { Ok(()) }
    }

    /// The text ends here.
    pub(super) fn end(&mut self, take: &mut dyn FnMut(Token<'_>)) -> Result<(), Refusal> {
        self.read_line(take)?;
        take(Token::Bytes(&std::mem::take(&mut self.held)));
        take(Token::End);
        Ok(())
    }
}
