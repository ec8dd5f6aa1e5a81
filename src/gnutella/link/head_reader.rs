use bytes::{Buf, BytesMut};

use super::Head;
use crate::base::error::Malformed;
use crate::base::limits::{HEAD_LEN_MAX, HEAD_LINE_LEN_MAX};
use crate::base::mutant::mutant;
use crate::base::reader::Expect;

const LONG_LINE: Expect = Expect::new("SIZE-09", "a line of the head is too long");
const LONG_HEAD: Expect = Expect::new("SIZE-11", "the head is too long");

/// Waits for the end of a head that arrives in pieces, and looks at each byte once.
#[derive(Debug)]
pub struct HeadReader {
    len_max: usize,
    line_len_max: usize,
    /// Bytes without an end of a head.
    searched: usize,
    line_start: usize,
}

/// For heads of a handshake.
impl Default for HeadReader {
    fn default() -> Self {
        Self::with_limits(HEAD_LEN_MAX, HEAD_LINE_LEN_MAX)
    }
}

impl HeadReader {
    /// For heads of another kind, which may be longer.
    pub const fn with_limits(len_max: usize, line_len_max: usize) -> Self {
        Self { len_max, line_len_max, searched: 0, line_start: 0 }
    }

    /// Takes a head off the front of `stream`, or nothing while it is not complete (HAND-08).
    ///
    /// What is too long is refused at once, without waiting for its end, and stays in `stream`. The
    /// first line is not looked at: [`Head::start_line`] does that for handshakes.
    pub fn take_from(&mut self, stream: &mut BytesMut) -> Result<Option<Head>, Malformed> {
        let Some(end) = self.find_end(stream)? else {
            return Ok(None);
        };
        *self = Self::with_limits(self.len_max, self.line_len_max);
        let head = Head::parse(stream.get(..end).unwrap_or_default())?;
        stream.advance(end.min(stream.len()));
        Ok(Some(head))
    }

    /// Where the head at the front of `bytes` ends, behind its empty line. On the next call there
    /// must be the same bytes, and perhaps more.
    pub(super) fn find_end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        let bytes = bytes.get(..self.len_max).unwrap_or(bytes);
        while let Some(line_end) = self.next_line_end(bytes) {
            let line = bytes.get(self.line_start..line_end).unwrap_or_default();
            self.searched = line_end.saturating_add(1);
            if self.check(line)?.is_empty() {
                return Ok(Some(self.searched));
            }
            self.line_start = self.searched;
        }
        self.searched = bytes.len();
        self.check(bytes.get(self.line_start..).unwrap_or_default())?;
        if bytes.len() >= self.len_max {
            return Err(LONG_HEAD.broken_at(self.len_max));
        }
        Ok(None)
    }

    fn next_line_end(&self, bytes: &[u8]) -> Option<usize> {
        let fresh = bytes.get(self.searched..)?;
        fresh.iter().position(|&byte| byte == b'\n').map(|at| at.saturating_add(self.searched))
    }

    /// The line without a CR at its end, unless it is too long.
    fn check<'a>(&self, line: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.len() > self.line_len_max && !mutant!(TakesLongLines) {
            true => Err(LONG_LINE.broken_at(self.line_start)),
            false => Ok(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GNUTELLA CONNECT/0.6\r\nGGEP: 0.5\r\n\r\nrest";

    fn taken(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
        HeadReader::default().take_from(&mut BytesMut::from(bytes))
    }

    /// HAND-08, HAND-09: whatever the pieces, the head ends at the empty line and nothing is lost.
    #[test]
    fn a_head_may_arrive_in_pieces_of_any_size() {
        for piece_len in 1..=HEAD.len() {
            let (mut reader, mut stream) = (HeadReader::default(), BytesMut::new());
            let mut heads = Vec::new();
            for piece in HEAD.chunks(piece_len) {
                stream.extend_from_slice(piece);
                if heads.is_empty() {
                    heads.extend(reader.take_from(&mut stream).unwrap());
                }
            }
            assert_eq!(heads, [Head::new("GNUTELLA CONNECT/0.6").with("GGEP", "0.5")]);
            assert_eq!(stream, "rest");
        }
    }

    /// SIZE-09.
    #[test]
    fn a_line_is_read_up_to_its_limit_and_refused_past_it() {
        for end in ["\n\n", "\r\n\r\n"] {
            let head = |len| format!("{}{end}", "x".repeat(len)).into_bytes();
            assert!(taken(&head(HEAD_LINE_LEN_MAX)).unwrap().is_some());
            assert_eq!(taken(&head(HEAD_LINE_LEN_MAX + 1)).unwrap_err().rule.id(), "SIZE-09");
        }
        let unfinished = |len| "x".repeat(len).into_bytes();
        assert_eq!(taken(&[&unfinished(HEAD_LINE_LEN_MAX)[..], b"\r"].concat()), Ok(None));
        assert!(taken(&unfinished(HEAD_LINE_LEN_MAX + 1)).is_err());
    }

    /// SIZE-11.
    #[test]
    fn a_head_is_read_up_to_its_limit_and_refused_past_it() {
        let line = format!("{}\n", "x".repeat(511));
        let head = |len: usize| [line.repeat(16).split_at(len - 2).0, "\n\n"].concat().into_bytes();
        assert!(taken(&head(HEAD_LEN_MAX)).unwrap().is_some());
        assert_eq!(taken(&head(HEAD_LEN_MAX)[..HEAD_LEN_MAX - 1]), Ok(None));
        let endless = line.repeat(16).into_bytes();
        assert_eq!(taken(&endless).unwrap_err().rule.id(), "SIZE-11");
    }
}
