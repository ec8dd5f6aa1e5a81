use bytes::{Buf, BytesMut};
use flate2::{Decompress, FlushDecompress, Status};

use crate::base::error::Malformed;
use crate::base::limits::{INFLATE_RATIO_MAX, STREAM_INFLATE_FREE_LEN};
use crate::base::reader::Expect;

const NO_STREAM: Expect = Expect::new("HAND-38", "the compressed stream cannot be inflated");
const BOMB: Expect = Expect::new("SIZE-14", "the compressed stream swells beyond all reason");

/// The window of 32 KiB that deflate has at most.
const WINDOW_BITS: u8 = 15;

const CHUNK_LEN: usize = 4 * 1024;

/// Bytes of memory that an inflater holds: its window of 32 KiB and its tables.
pub(super) const FOOTPRINT_LEN: usize = 48 * 1024;

/// Inflates one direction of a connection, a little at a time (HAND-38).
#[derive(Debug)]
pub(super) struct Inflater {
    decompress: Decompress,
    has_ended: bool,
}

impl Inflater {
    /// At the start of a zlib stream.
    pub(super) fn new() -> Self {
        Self { decompress: Decompress::new(true), has_ended: false }
    }

    /// At the start of a gzip stream.
    pub(super) fn gzip() -> Self {
        Self { decompress: Decompress::new_gzip(WINDOW_BITS), has_ended: false }
    }

    /// True when these bytes may start a gzip stream (RFC 1952, 2.3.1).
    pub(super) fn is_gzip_start(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0x1f, 0x8b])
    }

    /// True when these bytes may start a zlib stream (RFC 1950, 2.2).
    pub(super) fn is_start(bytes: &[u8]) -> bool {
        let Some(&[method, flags]) = bytes.first_chunk() else {
            return false;
        };
        method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0
    }

    /// Moves bytes from `deflated` to the end of `plain`, a few thousand at most, and says whether
    /// there may be more to come out. What follows the end of the stream is left alone.
    pub(super) fn step(
        &mut self,
        deflated: &mut BytesMut,
        plain: &mut BytesMut,
    ) -> Result<bool, Malformed> {
        if self.has_ended {
            return Ok(false);
        }
        let mut chunk = [0; CHUNK_LEN];
        let (before_in, before_out) = (self.consumed_len(), self.decompress.total_out());
        let room = chunk.get_mut(..self.room()).unwrap_or_default();
        let result = self.decompress.decompress(deflated, room, FlushDecompress::None);
        // What came out in front of the place where a stream is broken is as good as any.
        let consumed = as_len(self.consumed_len().saturating_sub(before_in));
        let produced = as_len(self.decompress.total_out().saturating_sub(before_out));
        deflated.advance(consumed.min(deflated.len()));
        plain.extend_from_slice(chunk.get(..produced).unwrap_or_default());
        self.has_ended = result.map_err(|_| self.broken(NO_STREAM))? == Status::StreamEnd;
        self.check_ratio()?;
        let may_hold_more = produced > 0 || consumed > 0;
        Ok(!self.has_ended && may_hold_more)
    }

    /// Compressed bytes that were read.
    pub(super) fn consumed_len(&self) -> u64 {
        self.decompress.total_in()
    }

    /// Bytes that came out.
    pub(super) fn produced_len(&self) -> u64 {
        self.decompress.total_out()
    }

    /// True once anything was read.
    pub(super) fn has_begun(&self) -> bool {
        self.decompress.total_in() > 0
    }

    /// True once the zlib stream has come to its own end.
    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Bytes that may come out at once: up to the next full chunk.
    fn room(&self) -> usize {
        let in_chunk = as_len(self.produced_len()) % CHUNK_LEN;
        CHUNK_LEN.saturating_sub(in_chunk)
    }

    /// Looks at the ratio after each full chunk, so that it does not depend on how the stream was
    /// cut into pieces.
    fn check_ratio(&self) -> Result<(), Malformed> {
        let allowed = self.consumed_len().saturating_mul(INFLATE_RATIO_MAX as u64);
        let is_bomb = self.produced_len() > allowed.max(STREAM_INFLATE_FREE_LEN);
        match is_bomb && self.room() == CHUNK_LEN {
            true => Err(self.broken(BOMB)),
            false => Ok(()),
        }
    }

    /// A fault after so many bytes of what came out, for that is the same however the compressed
    /// bytes arrived.
    fn broken(&self, expect: Expect) -> Malformed {
        expect.broken_at(as_len(self.produced_len()))
    }
}

fn as_len(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn deflate(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(pieces: &[&[u8]]) -> Result<BytesMut, Malformed> {
        let (mut inflater, mut plain, mut deflated) =
            (Inflater::new(), BytesMut::new(), BytesMut::new());
        for piece in pieces {
            deflated.extend_from_slice(piece);
            while inflater.step(&mut deflated, &mut plain)? {}
        }
        Ok(plain)
    }

    #[test]
    fn a_stream_inflates_whatever_its_pieces() {
        let plain: Vec<u8> = (0..20_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let deflated = deflate(&plain);
        for piece_len in [1, 2, 1000, deflated.len()] {
            let pieces: Vec<_> = deflated.chunks(piece_len).collect();
            assert_eq!(inflate(&pieces).unwrap(), plain, "in pieces of {piece_len}");
        }
    }

    /// HAND-38.
    #[test]
    fn what_is_no_stream_is_refused() {
        assert_eq!(inflate(&[b"GNUTELLA"]).unwrap_err().rule.id(), "HAND-38");
    }

    /// SIZE-14.
    #[test]
    fn a_bomb_is_refused_and_what_is_free_is_not() {
        let free_len = usize::try_from(STREAM_INFLATE_FREE_LEN).unwrap();
        assert_eq!(inflate(&[&deflate(&vec![0; free_len])]).unwrap().len(), free_len);
        let bomb = deflate(&vec![0; free_len + CHUNK_LEN]);
        assert!(bomb.len() * INFLATE_RATIO_MAX < free_len);
        assert_eq!(inflate(&[&bomb]).unwrap_err().rule.id(), "SIZE-14");
    }

    #[test]
    fn the_start_of_a_stream_is_recognised() {
        for start in [[0x78, 0x9c], [0x78, 0xda], [0x78, 0x01], [0x68, 0x81]] {
            assert!(Inflater::is_start(&start));
        }
        assert!(!Inflater::is_start(b"x"));
        assert!(!Inflater::is_start(&[0x78, 0x9d]));
        assert!(!Inflater::is_start(b"GN"));
    }
}
