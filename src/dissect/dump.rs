use super::digits::{BadLine, digit};
use crate::base::limits::DUMP_LINE_LEN_MAX;

/// Bytes in a line after which some programs leave a wider gap.
const HALF_LINE_LEN: usize = 8;

/// A dump that arrives in pieces: lines with an offset, as xxd, `hexdump -C`, `tcpdump -X` and
/// `tshark -x` print them. All other lines are passed over.
///
/// ```text
/// 00000010: 4745 5420 2f20  GET /      0x0010:  4745 5420 2f20  GET./.
/// 00000010  47 45 54 20 2f  |GET /|    0010  47 45 54 20 2f   GET /
/// ```
#[derive(Debug, Default)]
pub(super) struct Dump {
    line: Vec<u8>,
    lines: u64,
    /// Bytes in front of those in `held`, since the offset was 0.
    offset: usize,
    /// Bytes of the last line. Its column of text may look like digits; the next offset tells.
    held: Vec<u8>,
}

/// What a dump says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    Bytes(Vec<u8>),
    /// The offset starts again: what follows is another dump.
    End,
}

impl Dump {
    /// True for a text with a line that starts a dump.
    pub(super) fn is_in(front: &[u8]) -> bool {
        front
            .split(|&byte| byte == b'\n')
            .any(|line| parse(line).is_some_and(|(offset, bytes)| offset == 0 && !bytes.is_empty()))
    }

    /// More of the text.
    pub(super) fn read(&mut self, text: &[u8], tokens: &mut Vec<Token>) -> Result<(), BadLine> {
        for piece in text.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_line(tokens)?;
            } else if self.line.len() > DUMP_LINE_LEN_MAX {
                return Err(BadLine { line: self.lines.saturating_add(1), what: "is too long" });
            }
        }
        Ok(())
    }

    /// The text ends here.
    pub(super) fn end(&mut self, tokens: &mut Vec<Token>) -> Result<(), BadLine> {
        self.end_line(tokens)?;
        tokens.push(Token::Bytes(std::mem::take(&mut self.held)));
        tokens.push(Token::End);
        Ok(())
    }

    fn end_line(&mut self, tokens: &mut Vec<Token>) -> Result<(), BadLine> {
        self.lines = self.lines.saturating_add(1);
        let line = std::mem::take(&mut self.line);
        let Some((offset, bytes)) = parse(&line) else {
            return Ok(());
        };
        let mut before = std::mem::replace(&mut self.held, bytes);
        let is_first = self.offset == 0 && before.is_empty();
        if offset == 0 && !is_first {
            tokens.push(Token::Bytes(before));
            tokens.push(Token::End);
            self.offset = 0;
            return Ok(());
        }
        let Some(before_len) = offset.checked_sub(self.offset).filter(|&len| len <= before.len())
        else {
            return Err(BadLine { line: self.lines, what: "has an offset that leaves bytes out" });
        };
        before.truncate(before_len);
        self.offset = offset;
        tokens.push(Token::Bytes(before));
        Ok(())
    }
}

/// The offset and the bytes of a line. The bytes end where a column of text seems to begin.
fn parse(line: &[u8]) -> Option<(usize, Vec<u8>)> {
    let line = line.trim_ascii_end().split(|&byte| byte == b'|').next()?.trim_ascii_start();
    let line = line.strip_prefix(b"0x").unwrap_or(line);
    let digits_len = line.iter().take_while(|&&byte| digit(byte).is_some()).count();
    let (offset, rest) = line.split_at_checked(digits_len)?;
    if !(4..=8).contains(&digits_len) {
        return None;
    }
    let offset = usize::from_str_radix(std::str::from_utf8(offset).ok()?, 16).ok()?;
    let has_colon = rest.starts_with(b":");
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let (blank_len, rest) = split_blanks(rest);
    if rest.is_empty() {
        return Some((offset, Vec::new()));
    }
    let is_offset = blank_len >= 2 || (has_colon && blank_len > 0);
    is_offset.then(|| (offset, groups(rest)))
}

fn groups(mut rest: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let group_len = rest.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        let Some((group, behind)) = rest.split_at_checked(group_len) else {
            return bytes;
        };
        let Some(group) = group_bytes(group) else {
            return bytes;
        };
        let is_pair = group.len() == 1;
        bytes.extend(group);
        let (blank_len, behind) = split_blanks(behind);
        let is_middle = is_pair && blank_len == 2 && bytes.len() == HALF_LINE_LEN;
        if behind.is_empty() || (blank_len > 1 && !is_middle) {
            return bytes;
        }
        rest = behind;
    }
}

fn group_bytes(group: &[u8]) -> Option<Vec<u8>> {
    let pairs = group.chunks(2).map(|pair| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

fn split_blanks(bytes: &[u8]) -> (usize, &[u8]) {
    let rest = bytes.trim_ascii_start();
    (bytes.len().saturating_sub(rest.len()), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<u8>>, BadLine> {
        let (mut dump, mut tokens) = (Dump::default(), Vec::new());
        for character in text.bytes() {
            dump.read(&[character], &mut tokens)?;
        }
        dump.end(&mut tokens)?;
        let (mut dumps, mut bytes) = (Vec::new(), Vec::new());
        for token in tokens {
            match token {
                Token::Bytes(more) => bytes.extend(more),
                Token::End => dumps.push(std::mem::take(&mut bytes)),
            }
        }
        Ok(dumps)
    }

    const BYTES: &[u8] = b"GNUTELLA CONNECT/0.6\r\nab cd\r\n";

    #[test]
    fn dumps_of_well_known_programs_are_read() {
        for text in [
            "00000000: 474e 5554 454c 4c41 2043 4f4e 4e45 4354  GNUTELLA CONNECT\n\
             00000010: 2f30 2e36 0d0a 6162 2063 640d 0a         /0.6..ab cd..\n",
            "00000000  47 4e 55 54 45 4c 4c 41  20 43 4f 4e 4e 45 43 54  |GNUTELLA CONNECT|\n\
             00000010  2f 30 2e 36 0d 0a 61 62  20 63 64 0d 0a           |/0.6..ab cd..|\n\
             0000001d\n",
            "16:02:51.245386 IP 203.0.113.2.54025 > 203.0.113.1.6346: length 29\n\
             \t0x0000:  474e 5554 454c 4c41 2043 4f4e 4e45 4354  GNUTELLA.CONNECT\n\
             \t0x0010:  2f30 2e36 0d0a 6162 2063 640d 0a         /0.6..ab.cd..\n",
            "0000  47 4e 55 54 45 4c 4c 41 20 43 4f 4e 4e 45 43 54   GNUTELLA CONNECT\n\
             0010  2f 30 2e 36 0d 0a 61 62 20 63 64 0d 0a            /0.6..ab cd..\n\n",
        ] {
            assert!(Dump::is_in(text.as_bytes()));
            assert_eq!(read(text).unwrap(), [BYTES], "{text}");
        }
    }

    #[test]
    fn the_next_offset_cuts_off_text_that_looks_like_digits() {
        let text = "0000: 6162 6364 6566 6768  ab cd\n0008: 61\n0009:\n";
        assert_eq!(read(text).unwrap(), [b"abcdefgha"]);
        let text = "00000000: 61 62 63 64 65 66 67 68  ab cd\n00000008: 69\n";
        assert_eq!(read(text).unwrap(), [b"abcdefghi"]);
    }

    #[test]
    fn each_zero_offset_starts_another_dump() {
        let text = "0000  61 62\n\n0000  63\n0001  64\n";
        assert_eq!(read(text).unwrap(), [&b"ab"[..], b"cd"]);
    }

    #[test]
    fn a_dump_with_a_hole_is_refused() {
        assert_eq!(read("0000  61 62\n0010  63\n").unwrap_err().line, 2);
    }

    #[test]
    fn a_line_may_be_long_but_not_endless() {
        let line = |len: usize| format!("0000  61{}", " ".repeat(len - 8));
        assert!(read(&line(DUMP_LINE_LEN_MAX)).is_ok());
        assert_eq!(read(&line(DUMP_LINE_LEN_MAX + 1)).unwrap_err().line, 1);
    }

    #[test]
    fn other_texts_are_no_dumps() {
        for text in ["", "0000", "hello  world", "00 01 02 03", "deadbeef  61", "0000 61 62"] {
            assert!(!Dump::is_in(text.as_bytes()), "{text:?}");
        }
    }
}
