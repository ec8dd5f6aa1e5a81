use bytes::BytesMut;
use flate2::{Compress, Compression, FlushCompress};

/// How hard to look for repetitions. On frames of real programs level 6 saves 2 to 8 % of what is
/// left by level 1, and takes four to ten times as long, most of it for the flushes.
const LEVEL: u32 = 1;

/// A window of 16 KiB, as gtk-gnutella gives its leaves. A larger one saves nothing on the recorded
/// connections and takes 64 KiB more; smaller ones take little less.
const WINDOW_BITS: u8 = 14;

/// The header of a zlib stream with this window and this level (RFC 1950, 2.2).
const ZLIB_HEADER: [u8; 2] = [0x68, 0x05];

/// Bytes of output for which room is made at once. A sync flush needs seven.
const STEP_LEN: usize = 1024;

/// Deflates one direction of a connection into a zlib stream that never ends (HAND-38, LINK-10,
/// LINK-12).
///
/// ```text
/// 68 05 | raw deflate, flushed | raw deflate of another compressor, flushed | ...
///         ◄─ until rest() ────► ◄─ from the next write() ────────────────►
/// ```
///
/// A sync flush ends on a whole byte, and behind it a compressor that remembers nothing refers to
/// nothing that the other side has forgotten. So a compressor can be dropped there and another one
/// go on, and the other side sees one stream (LINK-14). What is lost is what the first one remembered.
///
/// It holds [`FOOTPRINT_LEN`](Self::FOOTPRINT_LEN) bytes of memory between the first write and a
/// rest, and nothing otherwise.
#[derive(Debug, Default)]
pub struct Deflater {
    compress: Option<Compress>,
    has_begun: bool,
    has_unflushed: bool,
}

impl Deflater {
    /// Bytes of memory of a compressor: a window and its chains, a hash table, and blocks that wait.
    pub const FOOTPRINT_LEN: usize = 308 * 1024;

    /// In front of a stream.
    pub const fn new() -> Self {
        Self { compress: None, has_begun: false, has_unflushed: false }
    }

    /// Takes in more of the stream, and appends to `out` what comes of it. That may be nothing
    /// before a flush.
    pub fn write(&mut self, plain: &[u8], out: &mut BytesMut) {
        if plain.is_empty() {
            return;
        }
        if !self.has_begun {
            out.extend_from_slice(&ZLIB_HEADER);
            self.has_begun = true;
        }
        self.run(plain, FlushCompress::None, out);
        self.has_unflushed = true;
    }

    /// Appends to `out` what the other side needs to read everything that was written; nothing where
    /// it has that already.
    pub fn flush(&mut self, out: &mut BytesMut) {
        if self.has_unflushed {
            self.run(&[], FlushCompress::Sync, out);
            self.has_unflushed = false;
        }
    }

    /// True while the other side cannot read everything that was written.
    pub const fn has_unflushed(&self) -> bool {
        self.has_unflushed
    }

    /// Gives back the memory, until the next write. Does so only behind a flush.
    pub fn rest(&mut self) {
        if !self.has_unflushed {
            self.compress = None;
        }
    }

    /// Bytes of memory that this holds.
    pub const fn footprint_len(&self) -> usize {
        if self.compress.is_some() { Self::FOOTPRINT_LEN } else { 0 }
    }

    fn run(&mut self, mut plain: &[u8], flush: FlushCompress, out: &mut BytesMut) {
        let compress = self.compress.get_or_insert_with(compressor);
        loop {
            let (read, written) = (compress.total_in(), compress.total_out());
            let start = out.len();
            out.resize(start.saturating_add(STEP_LEN), 0);
            let result = compress.compress(plain, out.get_mut(start..).unwrap_or_default(), flush);
            debug_assert!(result.is_ok(), "nothing that is written can break a compressor");
            let read = as_len(compress.total_in().saturating_sub(read));
            let written = as_len(compress.total_out().saturating_sub(written));
            out.truncate(start.saturating_add(written));
            plain = plain.get(read..).unwrap_or_default();
            // Where there is room left, all has gone in and all that can has come out.
            if written < STEP_LEN {
                return;
            }
        }
    }
}

fn compressor() -> Compress {
    Compress::new_with_window_bits(Compression::new(LEVEL), false, WINDOW_BITS)
}

fn as_len(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_the_one_that_zlib_writes_for_this_window_and_level() {
        let mut compress =
            Compress::new_with_window_bits(Compression::new(LEVEL), true, WINDOW_BITS);
        let mut written = [0; 16];
        compress.compress(b"", &mut written, FlushCompress::Sync).unwrap();
        assert_eq!(written[..2], ZLIB_HEADER);
    }

    #[test]
    fn nothing_is_made_before_the_first_write_and_nothing_flushed_twice() {
        let (mut deflater, mut out) = (Deflater::new(), BytesMut::new());
        deflater.flush(&mut out);
        deflater.write(b"", &mut out);
        assert_eq!((out.len(), deflater.has_unflushed(), deflater.footprint_len()), (0, false, 0));
        deflater.write(b"hello", &mut out);
        assert!(deflater.has_unflushed());
        deflater.flush(&mut out);
        let flushed_len = out.len();
        deflater.flush(&mut out);
        assert_eq!((out.len(), deflater.has_unflushed()), (flushed_len, false));
        assert_eq!(out[flushed_len - 4..], [0, 0, 0xff, 0xff], "the mark of a sync flush");
    }

    #[test]
    fn a_rest_waits_for_a_flush() {
        let (mut deflater, mut out) = (Deflater::new(), BytesMut::new());
        deflater.write(b"hello", &mut out);
        deflater.rest();
        assert_eq!(deflater.footprint_len(), Deflater::FOOTPRINT_LEN);
        deflater.flush(&mut out);
        deflater.rest();
        assert_eq!(deflater.footprint_len(), 0);
    }
}
