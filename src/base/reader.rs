//! A cursor that cannot leave the bytes it was given.
//!
//! It runs nom's parsers and adds what nom's own errors do not carry: the offset from the start of
//! the message, the requirement that was broken, and a phrase for people. Numbers it reads itself:
//! nom's go byte by byte, and every header has five of them. A nested structure gets a reader of its
//! own from [`Reader::sub`], which ends where its parent said it ends.

use nom::Parser;
use nom::bytes::complete::take;

use super::error::{Malformed, Rule};

/// What a missing field means: the requirement that is broken, and a phrase that says so.
#[derive(Clone, Copy, Debug)]
pub struct Expect {
    rule: Rule,
    what: &'static str,
}

impl Expect {
    /// Reads as: unless the field is there, `what` is wrong by `rule`.
    pub const fn new(rule: &'static str, what: &'static str) -> Self {
        Self { rule: Rule::new(rule), what }
    }

    /// The fault that this expectation becomes at an offset.
    pub const fn broken_at(self, offset: usize) -> Malformed {
        Malformed { rule: self.rule, offset, what: self.what }
    }
}

/// A cursor over bytes that somebody else sent.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte, which is byte 0 of all offsets.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    /// Starts at bytes that stand `offset` bytes into the message.
    pub const fn at(bytes: &'a [u8], offset: usize) -> Self {
        Self { rest: bytes, offset }
    }

    /// How far the cursor has come.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What has not been read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// True at the end.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes have not been read yet.
    pub const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Runs a nom parser here. Where it fails, nothing is consumed.
    pub fn parse<P>(&mut self, mut parser: P, expect: Expect) -> Result<P::Output, Malformed>
    where
        P: Parser<&'a [u8], Error = ()>,
    {
        match parser.parse(self.rest) {
            Ok((rest, value)) => {
                self.offset += self.rest.len().saturating_sub(rest.len());
                self.rest = rest;
                Ok(value)
            }
            Err(_) => Err(expect.broken_at(self.offset)),
        }
    }

    /// One byte.
    pub fn u8(&mut self, expect: Expect) -> Result<u8, Malformed> {
        self.array(expect).map(|[byte]| byte)
    }

    /// Two bytes, low byte first.
    pub fn u16_le(&mut self, expect: Expect) -> Result<u16, Malformed> {
        self.array(expect).map(u16::from_le_bytes)
    }

    /// Two bytes, high byte first.
    pub fn u16_be(&mut self, expect: Expect) -> Result<u16, Malformed> {
        self.array(expect).map(u16::from_be_bytes)
    }

    /// Four bytes, low byte first.
    pub fn u32_le(&mut self, expect: Expect) -> Result<u32, Malformed> {
        self.array(expect).map(u32::from_le_bytes)
    }

    /// Four bytes, high byte first.
    pub fn u32_be(&mut self, expect: Expect) -> Result<u32, Malformed> {
        self.array(expect).map(u32::from_be_bytes)
    }

    /// Eight bytes, low byte first.
    pub fn u64_le(&mut self, expect: Expect) -> Result<u64, Malformed> {
        self.array(expect).map(u64::from_le_bytes)
    }

    /// As many bytes as the array holds.
    pub fn array<const N: usize>(&mut self, expect: Expect) -> Result<[u8; N], Malformed> {
        match self.rest.split_first_chunk::<N>() {
            Some((array, rest)) => {
                self.rest = rest;
                self.offset += N;
                Ok(*array)
            }
            None => Err(expect.broken_at(self.offset)),
        }
    }

    /// Exactly `len` bytes.
    pub fn take(&mut self, len: usize, expect: Expect) -> Result<&'a [u8], Malformed> {
        self.parse(take(len), expect)
    }

    /// Everything that is left.
    pub fn take_rest(&mut self) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(self.rest.len());
        self.offset += taken.len();
        self.rest = rest;
        taken
    }

    /// The bytes up to `end`, which is consumed too. Without an `end` nothing is consumed.
    pub fn take_until(&mut self, end: u8, expect: Expect) -> Result<&'a [u8], Malformed> {
        let split = memchr::memchr(end, self.rest).and_then(|length| {
            let (taken, rest) = self.rest.split_at_checked(length)?;
            Some((taken, rest.split_first()?.1))
        });
        let (taken, rest) = split.ok_or(expect.broken_at(self.offset))?;
        self.offset += taken.len() + 1;
        self.rest = rest;
        Ok(taken)
    }

    /// A reader over the next `len` bytes, which this one skips. It cannot see what follows them.
    pub fn sub(&mut self, len: usize, expect: Expect) -> Result<Self, Malformed> {
        let offset = self.offset;
        Ok(Self { rest: self.take(len, expect)?, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUT: Expect = Expect::new("FRAME-01", "cut");

    #[test]
    fn a_failed_read_consumes_nothing_and_says_where() {
        let mut reader = Reader::at(&[1, 2, 3], 10);
        assert_eq!(reader.u8(CUT), Ok(1));
        assert_eq!(reader.u32_le(CUT).unwrap_err().offset, 11);
        assert_eq!(reader.u16_be(CUT), Ok(0x0203));
        assert!(reader.is_empty());
    }

    #[test]
    fn a_sub_reader_cannot_read_past_its_parent() {
        let mut parent = Reader::new(&[1, 2, 3, 4]);
        let mut child = parent.sub(2, CUT).unwrap();
        assert_eq!(child.take_rest(), [1, 2]);
        assert_eq!(child.u8(CUT).unwrap_err().offset, 2);
        assert_eq!((parent.offset(), parent.rest()), (2, &[3, 4][..]));
        assert!(parent.sub(3, CUT).is_err());
    }

    #[test]
    fn until_takes_the_end_mark_with_it() {
        let mut reader = Reader::new(b"ab\0c");
        assert_eq!(reader.take_until(0, CUT), Ok(&b"ab"[..]));
        assert_eq!(reader.offset(), 3);
        assert!(reader.take_until(0, CUT).is_err());
        assert_eq!(reader.rest(), b"c");
    }
}
