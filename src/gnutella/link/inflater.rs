use bytes::{Buf, BytesMut};
use flate2::{Decompress, FlushDecompress, Status};

use crate::base::error::Malformed;
use crate::base::limits::{INFLATE_RATIO_MAX, STREAM_INFLATE_FREE_LEN};
use crate::base::mutant::mutant;
use crate::base::reader::Expect;
use crate::gnutella::wire::Wrapper;

const NO_STREAM: Expect = Expect::new("LINK-13", "the compressed stream cannot be inflated");
const BOMB: Expect = Expect::new("SIZE-14", "the compressed stream swells beyond all reason");

/// The window of 32 KiB that deflate has at most. A stream that announces a smaller one saves
/// nothing, for zlib-rs sets the same room aside for all.
const WINDOW_BITS: u8 = 15;

/// Bytes of the checksum behind the last block of a zlib stream.
const CHECKSUM_LEN: usize = 4;

/// Marks a preset dictionary in the second byte of a zlib stream.
const HAS_DICTIONARY: u8 = 0x20;

/// Bytes that come out in one step.
const STEP_LEN: usize = 16 * 1024;

/// Room for a step that little goes into, so that a quiet link holds little.
const SMALL_STEP_LEN: usize = 1024;

/// How often its length what goes into a step gets as room, to begin with.
const USUAL_RATIO: usize = 8;

/// Inflates one direction of a connection, a bounded step at a time (LINK-16, SIZE-14).
///
/// It holds [`FOOTPRINT_LEN`](Self::FOOTPRINT_LEN) bytes of memory from the first block of the stream
/// to its end, and nothing before and after that. What comes out, the faults and their places do not
/// depend on how the stream was cut into pieces.
///
/// Adler-32 is not computed, which would take a sixth of the time: the streams of links never come to
/// their checksum (LINK-12), and where there is one it is passed over.
#[derive(Debug)]
pub struct Inflater {
    state: State,
    consumed_len: u64,
    produced_len: u64,
}

#[derive(Debug)]
enum State {
    Fresh(Wrapper),
    /// Behind the first byte of a zlib header.
    InHeader(u8),
    /// Within the blocks, behind which there are so many bytes of a checksum.
    Running(Decompress, usize),
    /// Behind the last block, with so many bytes of the checksum still to come.
    Ended(usize),
    Broken(Malformed),
}

/// At the start of a zlib stream.
impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflater {
    /// Bytes of memory of an inflater that runs: a window of 32 KiB, and tables.
    pub const FOOTPRINT_LEN: usize = 47 * 1024;

    /// At the start of a zlib stream.
    pub const fn new() -> Self {
        Self::within(Wrapper::Zlib)
    }

    /// At the start of a gzip stream.
    pub const fn gzip() -> Self {
        Self::within(Wrapper::Gzip)
    }

    const fn within(wrapper: Wrapper) -> Self {
        Self { state: State::Fresh(wrapper), consumed_len: 0, produced_len: 0 }
    }

    /// True when these bytes may start a gzip stream (RFC 1952, 2.3.1).
    pub fn is_gzip_start(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0x1f, 0x8b])
    }

    /// True when these bytes may start a zlib stream without a dictionary (RFC 1950, 2.2).
    pub fn is_start(bytes: &[u8]) -> bool {
        bytes.first_chunk().is_some_and(|&header| is_zlib_header(header))
    }

    /// Moves bytes from `deflated` to the end of `plain`, a few thousand at most, and says whether
    /// there may be more to come out. What follows the end of the stream is left alone.
    ///
    /// What came out in front of the place where a stream is broken is as good as any. After a fault
    /// nothing comes out but that fault.
    pub fn step(
        &mut self,
        deflated: &mut impl Buf,
        plain: &mut BytesMut,
    ) -> Result<bool, Malformed> {
        self.begin(deflated)?;
        let step = match self.len_to_bomb() {
            0 => self.inflate_at_the_bound(deflated, plain),
            len => self.inflate(deflated, plain, room_for(deflated.remaining()).min(len)),
        };
        self.pass_over_checksum(deflated);
        step.inspect_err(|&fault| self.state = State::Broken(fault))
    }

    /// Compressed bytes that were read.
    pub const fn consumed_len(&self) -> u64 {
        self.consumed_len
    }

    /// Bytes that came out.
    pub const fn produced_len(&self) -> u64 {
        self.produced_len
    }

    /// True once anything was read.
    pub const fn has_begun(&self) -> bool {
        self.consumed_len > 0
    }

    /// True once the compressed stream has come to its own end, which those of links never do.
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// Bytes of memory that this holds.
    pub const fn footprint_len(&self) -> usize {
        match self.state {
            State::Running(..) => Self::FOOTPRINT_LEN,
            State::Fresh(_) | State::InHeader(_) | State::Ended(_) | State::Broken(_) => 0,
        }
    }

    /// Reads on until there is something that inflates.
    fn begin(&mut self, deflated: &mut impl Buf) -> Result<(), Malformed> {
        loop {
            self.state = match self.state {
                State::Broken(fault) => return Err(fault),
                State::Running(..) | State::Ended(_) => return Ok(()),
                _ if !deflated.has_remaining() => return Ok(()),
                State::Fresh(Wrapper::Gzip) => State::Running(Decompress::new_gzip(WINDOW_BITS), 0),
                State::Fresh(Wrapper::Zlib) => State::InHeader(self.take_byte(deflated)),
                State::InHeader(first) => match is_zlib_header([first, self.take_byte(deflated)]) {
                    true => State::Running(raw_decompress(), CHECKSUM_LEN),
                    false => State::Broken(self.broken(NO_STREAM)),
                },
            };
        }
    }

    fn take_byte(&mut self, deflated: &mut impl Buf) -> u8 {
        let byte = deflated.chunk().first().copied().unwrap_or_default();
        self.advance(deflated, 1);
        byte
    }

    fn pass_over_checksum(&mut self, deflated: &mut impl Buf) {
        if let State::Ended(left) = self.state {
            let passed_over = left.min(deflated.remaining());
            self.state = State::Ended(left.saturating_sub(passed_over));
            self.advance(deflated, passed_over);
        }
    }

    fn advance(&mut self, deflated: &mut impl Buf, len: usize) {
        deflated.advance(len.min(deflated.remaining()));
        self.consumed_len = self.consumed_len.saturating_add(len as u64);
    }

    /// Moves at most `room` bytes.
    fn inflate(
        &mut self,
        deflated: &mut impl Buf,
        plain: &mut BytesMut,
        room: usize,
    ) -> Result<bool, Malformed> {
        let State::Running(decompress, checksum_len) = &mut self.state else {
            return Ok(false);
        };
        let checksum_len = *checksum_len;
        let (read, written) = (decompress.total_in(), decompress.total_out());
        let start = plain.len();
        plain.resize(start.saturating_add(room), 0);
        let space = plain.get_mut(start..).unwrap_or_default();
        let result = decompress.decompress(deflated.chunk(), space, FlushDecompress::None);
        let read = as_len(decompress.total_in().saturating_sub(read));
        let written = as_len(decompress.total_out().saturating_sub(written));
        plain.truncate(start.saturating_add(written));
        self.advance(deflated, read);
        self.produced_len = self.produced_len.saturating_add(written as u64);
        if result.map_err(|_| self.broken(NO_STREAM))? == Status::StreamEnd {
            self.state = State::Ended(checksum_len);
            return Ok(false);
        }
        // Where there is room left, all that can come out has. Whoever moves nothing never will.
        let has_moved = read > 0 || written > 0;
        Ok(has_moved && (deflated.has_remaining() || written == room))
    }

    /// As much has come out as is allowed for what went in. More is allowed with the next byte that
    /// goes in, and none without it.
    fn inflate_at_the_bound(
        &mut self,
        deflated: &mut impl Buf,
        plain: &mut BytesMut,
    ) -> Result<bool, Malformed> {
        let len = plain.len();
        let goes_in = deflated.has_remaining();
        self.inflate(&mut &b""[..], plain, 1)?;
        if plain.len() == len {
            self.inflate(&mut Buf::take(deflated, 1), plain, 1)?;
        }
        if self.produced_len > self.allowed_len() {
            plain.truncate(len);
            return Err(self.broken(BOMB));
        }
        Ok(goes_in && !self.has_ended())
    }

    /// Bytes that may come out until the stream is a bomb for what has gone in.
    ///
    /// No step is longer, so that none can pass a place where the stream is a bomb by reading on to
    /// where it would be none again: the verdict is the same as if each byte had come alone.
    fn len_to_bomb(&self) -> usize {
        as_len(self.allowed_len().saturating_sub(self.produced_len))
    }

    /// Bytes that may come out of those that have gone in.
    fn allowed_len(&self) -> u64 {
        let free_len = if mutant!(InflatesBombs) { u64::MAX } else { STREAM_INFLATE_FREE_LEN };
        self.consumed_len.saturating_mul(INFLATE_RATIO_MAX as u64).max(free_len)
    }

    /// A fault after so many bytes of what came out, for that is the same however the compressed
    /// bytes arrived.
    fn broken(&self, expect: Expect) -> Malformed {
        expect.broken_at(as_len(self.produced_len))
    }
}

/// For what stands between the header of a zlib stream and its checksum.
fn raw_decompress() -> Decompress {
    Decompress::new_with_window_bits(false, WINDOW_BITS)
}

/// True for the two bytes in front of a zlib stream that can be read: its method, its window and its
/// check are right, and there is no dictionary to know (LINK-11).
fn is_zlib_header([method, flags]: [u8; 2]) -> bool {
    let is_deflate = method & 0x0f == 8 && method >> 4 <= WINDOW_BITS.saturating_sub(8);
    let is_whole = u16::from_be_bytes([method, flags]) % 31 == 0;
    is_deflate && is_whole && flags & HAS_DICTIONARY == 0
}

/// The room that is made for what comes out of so many bytes. It may take several steps.
fn room_for(deflated_len: usize) -> usize {
    deflated_len.saturating_mul(USUAL_RATIO).clamp(SMALL_STEP_LEN, STEP_LEN)
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

    /// LINK-13
    #[test]
    fn what_is_no_stream_is_refused_for_good() {
        let mut inflater = Inflater::new();
        let fault = inflater.step(&mut &b"GNUTELLA"[..], &mut BytesMut::new()).unwrap_err();
        assert_eq!(fault.rule.id(), "LINK-13");
        assert_eq!(inflater.step(&mut &deflate(b"x")[..], &mut BytesMut::new()), Err(fault));
        assert_eq!((inflater.has_ended(), inflater.footprint_len()), (false, 0));
    }

    /// LINK-13
    #[test]
    fn an_end_is_no_fault_and_its_checksum_is_passed_over() {
        let whole = deflate(b"hello");
        let deflated = [&whole[..], b"more"].concat();
        for cut in 0..=deflated.len() {
            let (mut inflater, mut plain) = (Inflater::new(), BytesMut::new());
            let (mut first, mut second) = deflated.split_at(cut);
            assert_eq!(inflater.step(&mut first, &mut plain), Ok(false));
            assert_eq!(inflater.step(&mut second, &mut plain), Ok(false));
            assert_eq!([first, second].concat(), b"more", "cut at {cut}");
            assert_eq!((&plain[..], inflater.has_ended()), (&b"hello"[..], true));
            assert_eq!(inflater.consumed_len(), whole.len() as u64);
            assert_eq!(inflater.footprint_len(), 0);
        }
    }

    #[test]
    fn a_step_is_bounded_and_does_not_end_before_all_has_come_out() {
        let deflated = deflate(&vec![7; 3 * STEP_LEN]);
        let (mut inflater, mut plain, mut rest) = (Inflater::new(), BytesMut::new(), &deflated[..]);
        let mut steps = 0;
        while inflater.step(&mut rest, &mut plain).unwrap() {
            steps += 1;
            assert!(plain.len() <= steps * STEP_LEN);
        }
        assert_eq!((plain.len(), inflater.produced_len()), (3 * STEP_LEN, 3 * STEP_LEN as u64));
        assert_eq!(inflater.consumed_len(), deflated.len() as u64);
    }

    /// SIZE-14
    #[test]
    fn a_bomb_is_refused_and_what_is_free_is_not() {
        let free_len = usize::try_from(STREAM_INFLATE_FREE_LEN).unwrap();
        let bomb = deflate(&vec![0; free_len + 1]);
        assert!(bomb.len() * INFLATE_RATIO_MAX < free_len);
        for piece_len in [1, bomb.len()] {
            let pieces: Vec<_> = bomb.chunks(piece_len).collect();
            let fault = inflate(&pieces).unwrap_err();
            assert_eq!((fault.rule.id(), fault.offset), ("SIZE-14", free_len + 1));
        }
        assert_eq!(inflate(&[&deflate(&vec![0; free_len])]).unwrap().len(), free_len);
    }

    #[test]
    fn the_start_of_a_stream_is_recognised() {
        for start in [[0x78, 0x9c], [0x78, 0xda], [0x78, 0x01], [0x68, 0x81]] {
            assert!(Inflater::is_start(&start));
        }
        assert!(!Inflater::is_start(b"x"));
        assert!(!Inflater::is_start(&[0x78, 0x9d]));
        assert!(!Inflater::is_start(&[0x78, 0x20]), "it has a dictionary");
        assert!(!Inflater::is_start(&[0x88, 0x1c]), "its window is too large");
        assert!(!Inflater::is_start(b"GN"));
    }
}
