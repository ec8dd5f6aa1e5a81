/// A text that turned out to be no hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// Counted from 1.
    pub(super) line: u64,
    pub(super) what: &'static str,
}

/// Plain hexadecimal digits that arrive in pieces: in pairs, with white space, commas, `0x`, `\x`
/// and `#` comments between them as one likes.
#[derive(Debug)]
pub(super) struct Digits {
    line: u64,
    /// The first digit of a pair.
    high: Option<u8>,
    before: u8,
    is_in_comment: bool,
}

impl Digits {
    /// At the beginning of the text.
    pub(super) const fn new() -> Self {
        Self { line: 1, high: None, before: b' ', is_in_comment: false }
    }

    /// Appends the bytes that are written in `text`.
    pub(super) fn read(&mut self, text: &[u8], bytes: &mut Vec<u8>) -> Result<(), BadLine> {
        for &character in text {
            bytes.extend(self.character(character)?);
            self.before = character;
            self.line = self.line.saturating_add(u64::from(character == b'\n'));
        }
        Ok(())
    }

    /// The text ends here.
    pub(super) fn end(&mut self) -> Result<(), BadLine> {
        self.blank()
    }

    fn character(&mut self, character: u8) -> Result<Option<u8>, BadLine> {
        if self.is_in_comment {
            self.is_in_comment = character != b'\n';
            return Ok(None);
        }
        if let Some(digit) = digit(character) {
            let Some(high) = self.high.take() else {
                self.high = Some(digit);
                return Ok(None);
            };
            return Ok(Some(high << 4 | digit));
        }
        match character {
            b'x' | b'X' if self.is_prefix() => self.high = None,
            b'#' => {
                self.blank()?;
                self.is_in_comment = true;
            }
            b',' | b'\\' => self.blank()?,
            _ if character.is_ascii_whitespace() => self.blank()?,
            _ => return Err(self.bad("has something else than hexadecimal digits")),
        }
        Ok(None)
    }

    /// True in front of the `x` of `0x` or `\x`.
    fn is_prefix(&self) -> bool {
        self.before == b'\\' || (self.before == b'0' && self.high == Some(0))
    }

    /// Something that may stand between pairs, but not within one.
    const fn blank(&self) -> Result<(), BadLine> {
        match self.high {
            Some(_) => Err(self.bad("has an odd number of digits")),
            None => Ok(()),
        }
    }

    const fn bad(&self, what: &'static str) -> BadLine {
        BadLine { line: self.line, what }
    }
}

/// The value of a digit of either case.
pub(super) fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<u8>, BadLine> {
        let (mut digits, mut bytes) = (Digits::new(), Vec::new());
        for character in text.bytes() {
            digits.read(&[character], &mut bytes)?;
        }
        digits.end().map(|()| bytes)
    }

    #[test]
    fn digits_are_read_however_they_are_parted() {
        for text in [
            "00ff10Ab",
            "00 ff 10 ab\r\n",
            "00ff\n\t10ab",
            "0x00, 0xFF, 0x10, 0xAB",
            "0x00ff10ab",
            r"\x00\xff\x10\xab",
            "# a comment\n00ff # 99\n10ab#",
        ] {
            assert_eq!(read(text).unwrap(), [0x00, 0xff, 0x10, 0xab], "{text:?}");
        }
        assert!(read(" # nothing").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_digit_is_refused_with_its_line() {
        for (text, line) in [("00\nff\n1g", 3), ("0", 1), ("00 1 23", 1), ("00 1x23", 1), ("x", 1)]
        {
            assert_eq!(read(text).unwrap_err().line, line, "{text:?}");
        }
    }
}
