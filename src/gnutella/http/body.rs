use bytes::{Buf, Bytes, BytesMut};

use super::BodyEnd;
use crate::base::error::Malformed;
use crate::base::limits::CHUNK_LINE_LEN_MAX;
use crate::base::reader::Expect;

const NO_CHUNK: Expect = Expect::new("HTTP-28", "a chunk does not begin with its length");
const LONG_LINE: Expect = Expect::new("HTTP-28", "a line between chunks is too long");
const NO_CHUNK_END: Expect = Expect::new("HTTP-28", "a chunk is longer than it said");

/// Lines behind the last chunk that are passed over.
const TRAILERS_MAX: u8 = 16;

/// Follows the body of a response, however it is cut, to its end.
#[derive(Debug)]
pub struct BodyReader {
    state: State,
}

/// What comes next.
#[derive(Clone, Copy, Debug)]
enum State {
    /// So many bytes of a body with a length.
    Plain(u64),
    /// Everything that is left.
    ToClose,
    ChunkLine,
    Chunk(u64),
    /// The line end behind a chunk.
    ChunkEnd,
    /// Lines behind the last chunk, of which so many were there.
    Trailer(u8),
    Done,
}

impl BodyReader {
    /// In front of a body that ends there.
    pub const fn new(end: BodyEnd) -> Self {
        let state = match end {
            BodyEnd::After(0) => State::Done,
            BodyEnd::After(len) => State::Plain(len),
            BodyEnd::Chunked => State::ChunkLine,
            BodyEnd::Close => State::ToClose,
        };
        Self { state }
    }

    /// True once the body is over; what follows belongs to another response.
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// True where the body may end with the connection.
    pub const fn may_end_here(&self) -> bool {
        matches!(self.state, State::Done | State::ToClose)
    }

    /// Takes what is there of the body off the front of `stream`; nothing while more has to come, or at
    /// the end.
    pub fn take_from(&mut self, stream: &mut BytesMut) -> Result<Option<Bytes>, Malformed> {
        while !stream.is_empty() {
            match self.state {
                State::Done => return Ok(None),
                State::ToClose => return Ok(Some(stream.split().freeze())),
                State::Plain(len) => return Ok(Some(self.piece(stream, len, State::Plain))),
                State::Chunk(len) => return Ok(Some(self.piece(stream, len, State::Chunk))),
                State::ChunkLine | State::ChunkEnd | State::Trailer(_) => {
                    let Some(line) = line(stream)? else { return Ok(None) };
                    self.state = self.after_line(&line)?;
                }
            }
        }
        Ok(None)
    }

    fn piece(&mut self, stream: &mut BytesMut, len: u64, state: fn(u64) -> State) -> Bytes {
        let piece = stream.split_to(usize::try_from(len).unwrap_or(usize::MAX).min(stream.len()));
        let left = len.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        self.state = match (left, self.state) {
            (0, State::Chunk(_)) => State::ChunkEnd,
            (0, _) => State::Done,
            _ => state(left),
        };
        piece.freeze()
    }

    fn after_line(&self, line: &str) -> Result<State, Malformed> {
        match self.state {
            State::ChunkLine => match chunk_len(line).ok_or(NO_CHUNK.broken_at(0))? {
                0 => Ok(State::Trailer(0)),
                len => Ok(State::Chunk(len)),
            },
            State::ChunkEnd if line.is_empty() => Ok(State::ChunkLine),
            State::Trailer(_) if line.is_empty() => Ok(State::Done),
            State::Trailer(count) if count < TRAILERS_MAX => {
                Ok(State::Trailer(count.saturating_add(1)))
            }
            State::Trailer(_) => Err(LONG_LINE.broken_at(0)),
            _ => Err(NO_CHUNK_END.broken_at(0)),
        }
    }
}

/// Hexadecimal digits, and after a semicolon what nobody knows.
fn chunk_len(line: &str) -> Option<u64> {
    let digits = line.split(';').next()?.trim();
    let is_number =
        (1..=16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_number { u64::from_str_radix(digits, 16).ok() } else { None }
}

/// Takes a line, without its end.
fn line(stream: &mut BytesMut) -> Result<Option<String>, Malformed> {
    let head = stream.get(..CHUNK_LINE_LEN_MAX).unwrap_or(stream);
    let Some(end) = head.iter().position(|&byte| byte == b'\n') else {
        let is_long = stream.len() >= CHUNK_LINE_LEN_MAX;
        return if is_long { Err(LONG_LINE.broken_at(0)) } else { Ok(None) };
    };
    let line = stream.split_to(end);
    stream.advance(1.min(stream.len()));
    let line = line.strip_suffix(b"\r").unwrap_or(&line);
    Ok(Some(String::from_utf8_lossy(line).into_owned()))
}
