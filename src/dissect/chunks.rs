use std::ops::ControlFlow;

use bytes::{Buf, BytesMut};

/// Bytes of a line with the size of a chunk, or of a trailer; its end counts.
const LINE_LEN_MAX: usize = 1024;

/// The chunks of a body with `Transfer-Encoding: chunked`.
///
/// ```text
/// size in hexadecimal [; extension] CR LF, so many bytes, CR LF
/// 0 CR LF, trailers, CR LF
/// ```
#[derive(Debug, Default)]
pub(super) struct Chunks {
    place: Place,
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    /// Not chunks after all: there is no telling where they end.
    Lost,
}

impl Chunks {
    /// Takes whatever is complete off the front of `stream`, and hands the data to `content`.
    /// Breaks at the end of the last chunk.
    pub(super) fn take_from(
        &mut self,
        stream: &mut BytesMut,
        mut content: impl FnMut(&[u8]),
    ) -> ControlFlow<()> {
        while !stream.is_empty() {
            if let Place::Data(left) = self.place {
                let taken = stream.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                content(&stream.split_to(taken));
                self.place = Self::after_data(left.saturating_sub(taken as u64));
                continue;
            }
            if matches!(self.place, Place::Lost) {
                stream.clear();
                break;
            }
            let Some(line) = take_line(stream) else {
                if stream.len() < LINE_LEN_MAX {
                    break;
                }
                self.place = Place::Lost;
                continue;
            };
            if matches!(self.place, Place::Trailer) && line.is_empty() {
                return ControlFlow::Break(());
            }
            self.line(&line);
        }
        ControlFlow::Continue(())
    }

    /// So many bytes are missing here. False where they reach beyond the chunk.
    pub(super) fn gap(&mut self, gap_len: u64) -> bool {
        let Place::Data(left) = self.place else {
            return false;
        };
        let Some(rest) = left.checked_sub(gap_len) else {
            return false;
        };
        self.place = Self::after_data(rest);
        true
    }

    const fn after_data(left: u64) -> Place {
        if left == 0 { Place::DataEnd } else { Place::Data(left) }
    }

    fn line(&mut self, line: &[u8]) {
        self.place = match self.place {
            Place::Size => match size(line) {
                Some(0) => Place::Trailer,
                Some(len) => Place::Data(len),
                None => Place::Lost,
            },
            Place::DataEnd if line.is_empty() => Place::Size,
            Place::Trailer => Place::Trailer,
            _ => Place::Lost,
        };
    }
}

fn size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    // Rust's parser takes a sign as well.
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u64::from_str_radix(digits, 16).ok()
}

/// A line without its end.
fn take_line(stream: &mut BytesMut) -> Option<BytesMut> {
    let end = stream.iter().take(LINE_LEN_MAX).position(|&byte| byte == b'\n')?;
    let mut line = stream.split_to(end.min(stream.len()));
    stream.advance(1.min(stream.len()));
    if line.last() == Some(&b'\r') {
        line.truncate(line.len().saturating_sub(1));
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pieces: &[&[u8]]) -> (String, bool) {
        let (mut chunks, mut stream, mut seen) = (Chunks::default(), BytesMut::new(), Vec::new());
        for piece in pieces {
            stream.extend_from_slice(piece);
            if chunks.take_from(&mut stream, |data| seen.extend_from_slice(data)).is_break() {
                return (String::from_utf8(seen).unwrap(), true);
            }
        }
        (String::from_utf8(seen).unwrap(), false)
    }

    const BODY: &[u8] = b"4\r\nGnut\r\n5 ; x=y\r\nellas\r\n0\r\nTrailer: 1\r\n\r\n";

    #[test]
    fn chunks_are_joined_whatever_the_pieces() {
        for piece_len in 1..=BODY.len() {
            let pieces: Vec<_> = BODY.chunks(piece_len).collect();
            assert_eq!(taken(&pieces), ("Gnutellas".to_owned(), true), "in pieces of {piece_len}");
        }
        assert_eq!(taken(&[&BODY[..BODY.len() - 1]]), ("Gnutellas".to_owned(), false));
    }

    #[test]
    fn what_is_no_chunk_has_no_end() {
        assert_eq!(taken(&[b"nonsense\r\n", b"0\r\n\r\n"]), (String::new(), false));
        assert_eq!(taken(&[&[b'1'; LINE_LEN_MAX], b"0\r\n\r\n"]), (String::new(), false));
        assert_eq!(taken(&[b"+1\r\na\r\n0\r\n\r\n"]), (String::new(), false));
        assert_eq!(taken(&[b"1\r\nabc\r\n0\r\n\r\n"]), ("a".to_owned(), false));
    }

    #[test]
    fn a_gap_is_tolerated_within_a_chunk_only() {
        let mut chunks = Chunks::default();
        assert!(!chunks.gap(1));
        let _ = chunks.take_from(&mut BytesMut::from("a\r\nxx"), |_| ());
        assert!(chunks.gap(7));
        assert!(!chunks.gap(2));
        assert!(chunks.gap(1));
        assert!(chunks.take_from(&mut BytesMut::from("\r\n0\r\n\r\n"), |_| ()).is_break());
    }
}
