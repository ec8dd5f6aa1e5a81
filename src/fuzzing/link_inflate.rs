use std::sync::OnceLock;

use flate2::{Compress, Compression, FlushCompress};

use super::link::answer;
use super::link_driver::Driver;
use super::link_parts::{encoded, frame, profile};
use super::link_streams::{Verdict, verdict};
use super::link_witness::Side;
use super::link_zlib::{End, Zlib};
use super::splitter::{Splitter, in_pieces};
use crate::base::limits::{INFLATE_RATIO_MAX, STREAM_INFLATE_FREE_LEN};
use crate::gnutella::link::{Ending, Output, Role};
use crate::gnutella::wire::{HEADER_LEN, Header};

/// What opens a link on which all that we receive is deflated.
const HEADS: &[u8] = b"GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: True\r\nBye-Packet: 0.1\r\n\r\n\
    GNUTELLA/0.6 200 OK\r\nContent-Encoding: deflate\r\n\r\n";

/// More, or smaller windows, would only make each run slower.
const STEPS_MAX: usize = 32;
const STREAM_LEN_MAX: usize = 4 * 1024;
const BUILT_LEN_MAX: usize = 160 * 1024;
const WINDOWS_BITS: &[u8] = &[15, 14, 12];
const PIECES_MAX: usize = 500;
const TOLD_MAX: usize = 5_000;

/// Beyond that, nobody asks how much more would come out.
const PLAIN_LEN_MAX: usize = 8 * 1024 * 1024;

/// A compressed stream for an open link. However it is cut, all comes out the same; that is what
/// comes out when all of it is inflated at once, unless it swells too much.
///
/// ```text
/// byte 0..3   lengths of pieces
/// byte 4      how many bytes are damaged, at most 3; bit 7: the others are the stream as it is
/// then for each damage two bytes of place, little-endian, and one that flips
/// then a byte of level, one of window, and steps:
///   0, 1   a frame: two bytes, see `link_parts::frame`, often; choice is its function
///   2      bytes, compressed: a byte of length, and so many bytes
///   3      so many frames of 64 KiB of zeros, each in a hundred bytes
///   4      a flush: choice of its kind
///   5      bytes as they are, amidst the stream
///   6      the end of the stream
///   7      another compressor, behind a flush
/// ```
pub(super) fn link_inflate(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let lengths = splitter.take(4);
    let stream = stream(&mut splitter);
    let whole = run(&[&stream]);
    check(&whole, &stream);
    if whole.told().len() > TOLD_MAX {
        return;
    }
    for pieces in [in_pieces(&stream, lengths), in_pieces(&stream, &[1])] {
        if pieces.len() <= PIECES_MAX {
            let cut = run(&pieces);
            assert_eq!(whole.told(), cut.told(), "something else comes out in pieces");
            assert_eq!(whole.written(), cut.written(), "something else is said in pieces");
        }
    }
}

fn run(pieces: &[&[u8]]) -> Driver {
    let mut driver = Driver::new(Side::Accepting, profile(0));
    driver.receive(HEADS);
    answer(&mut driver, Some(0));
    assert!(driver.is_open(), "these heads open a link");
    pieces.iter().for_each(|piece| driver.receive(piece));
    if driver.is_open() {
        // An end of its own says that there was no other.
        driver.end();
    }
    driver.finish();
    driver
}

fn stream(splitter: &mut Splitter<'_>) -> Vec<u8> {
    let how = splitter.byte();
    let damages: Vec<_> = (0..how & 3)
        .map(|_| {
            let place = u16::from_le_bytes([splitter.byte(), splitter.byte()]);
            (usize::from(place), splitter.byte())
        })
        .collect();
    let mut stream = match how & 0x80 {
        0 => Builder::new(splitter).build(splitter),
        _ => splitter.rest().to_vec(),
    };
    for (place, flip) in damages {
        if let Some(byte) = stream.get_mut(place) {
            *byte ^= flip;
        }
    }
    stream.truncate(STREAM_LEN_MAX);
    stream
}

struct Builder {
    level: Compression,
    window_bits: u8,
    compress: Compress,
    plain_len: usize,
    stream: Vec<u8>,
}

impl Builder {
    fn new(splitter: &mut Splitter<'_>) -> Self {
        let level = Compression::new(u32::from(splitter.byte() % 10));
        let window_bits = splitter.choose(WINDOWS_BITS);
        let compress = Compress::new_with_window_bits(level, true, window_bits);
        Self { level, window_bits, compress, plain_len: 0, stream: Vec::new() }
    }

    fn build(mut self, splitter: &mut Splitter<'_>) -> Vec<u8> {
        for _ in 0..STEPS_MAX {
            if splitter.is_empty() || self.stream.len() > STREAM_LEN_MAX {
                break;
            }
            self.step(splitter);
        }
        self.put(&[], FlushCompress::Sync);
        self.stream
    }

    fn step(&mut self, splitter: &mut Splitter<'_>) {
        let what = splitter.byte();
        let choice = what >> 4;
        match what & 7 {
            0 | 1 => {
                let times = splitter.byte() % 16 + 1;
                let frame = encoded(&frame(choice, splitter));
                (0..times).for_each(|_| self.put(&frame, FlushCompress::None));
            }
            2 => self.put(splitter.piece(), FlushCompress::None),
            3 => {
                let times = splitter.byte() % 64;
                self.put(&[], FlushCompress::Sync);
                (0..times).for_each(|_| self.stream.extend_from_slice(swelling()));
            }
            4 => self.put(&[], [FlushCompress::Sync, FlushCompress::Full][usize::from(choice & 1)]),
            5 => self.stream.extend_from_slice(splitter.piece()),
            6 => self.put(&[], FlushCompress::Finish),
            _ => {
                self.put(&[], FlushCompress::Sync);
                let level = self.level;
                self.compress = Compress::new_with_window_bits(level, false, self.window_bits);
            }
        }
    }

    fn put(&mut self, mut plain: &[u8], flush: FlushCompress) {
        self.plain_len += plain.len();
        if self.plain_len > BUILT_LEN_MAX {
            return;
        }
        loop {
            let (read, mut room) = (self.compress.total_in(), [0; 1_024]);
            let written = self.compress.total_out();
            // Behind its end a stream takes nothing more.
            let status = self.compress.compress(plain, &mut room, flush);
            let written = usize::try_from(self.compress.total_out() - written).expect("short");
            let read = usize::try_from(self.compress.total_in() - read).expect("short");
            self.stream.extend_from_slice(&room[..written]);
            plain = &plain[read..];
            if written < room.len() || status.is_err() {
                return;
            }
        }
    }
}

/// A frame of zeros that refers to nothing in front of it, up to a flush.
fn swelling() -> &'static [u8] {
    static SWELLING: OnceLock<Vec<u8>> = OnceLock::new();
    SWELLING.get_or_init(|| {
        // A query hit of 65,535 bytes.
        let frame = encoded(&frame(10, &mut Splitter::new(&[0x0f, 0])));
        let mut compress = Compress::new(Compression::best(), false);
        let mut swelling = Vec::with_capacity(1_024);
        let status = compress.compress_vec(&frame, &mut swelling, FlushCompress::Sync);
        assert!(status.is_ok() && swelling.len() < 200, "{status:?}");
        swelling
    })
}

/// Holds what a link told against what the stream holds.
fn check(driver: &Driver, stream: &[u8]) {
    let mut plain = Vec::new();
    let end = Zlib::default().feed(stream, &mut plain, PLAIN_LEN_MAX);
    let (messages, verdict) = messages(&plain);
    let told: Vec<_> = driver.told().iter().filter_map(message).collect();
    let allowed_len = as_len(STREAM_INFLATE_FREE_LEN).max(stream.len() * INFLATE_RATIO_MAX);
    let told_len: usize = told.iter().map(|(_, len)| len).sum();
    assert!(told_len <= allowed_len, "{told_len} bytes for {}", stream.len());
    assert!(messages.starts_with(&told), "other messages come out");
    let ending = driver.ending().expect("the link has ended");
    if is_bomb(ending) {
        assert!(plain.len() > as_len(STREAM_INFLATE_FREE_LEN), "this is no bomb");
        return;
    }
    assert_eq!(told.len(), messages.len(), "a message is lost");
    match (ending, verdict, end) {
        (Ending::Dismissed { code, .. }, Verdict::Dismissal(due), _) => assert_eq!(*code, due),
        (Ending::Closed, Verdict::Taken, End::Never) => assert!(plain.len() <= allowed_len),
        (Ending::Fault(_), Verdict::End, _)
        | (Ending::Farewell(_), Verdict::Farewell, _)
        | (Ending::StreamEnded, Verdict::Taken, End::Properly)
        | (Ending::Dismissed { code: 501, .. }, Verdict::Taken, End::Damaged) => {}
        other => panic!("another end: {other:?}"),
    }
}

fn is_bomb(ending: &Ending) -> bool {
    match ending {
        Ending::Dismissed { fault: Some(fault), .. } => fault.rule().id() == "SIZE-14",
        _ => false,
    }
}

/// A message that was told, by its header and its length.
fn message(output: &Output) -> Option<(Header, usize)> {
    match output {
        Output::Frame(frame) => Some((frame.header(), frame.wire_len())),
        Output::Dropped { header, .. } => Some((*header, wire_len(header))),
        _ => None,
    }
}

/// The messages that stand in a stream, and what ends them before the stream does.
fn messages(mut plain: &[u8]) -> (Vec<(Header, usize)>, Verdict) {
    let mut messages = Vec::new();
    while let Ok(header) = Header::decode(plain) {
        let verdict = verdict(&header, Role::Ultrapeer);
        let len = wire_len(&header);
        match verdict {
            Verdict::Dismissal(_) | Verdict::End => return (messages, verdict),
            _ if plain.len() < len => break,
            Verdict::Farewell if header.payload_len < 2 => return (messages, Verdict::End),
            Verdict::Farewell => return (messages, verdict),
            Verdict::Taken | Verdict::Dropped(_) => messages.push((header, len)),
        }
        plain = &plain[len..];
    }
    (messages, Verdict::Taken)
}

fn wire_len(header: &Header) -> usize {
    HEADER_LEN + as_len(header.payload_len.into())
}

fn as_len(len: u64) -> usize {
    usize::try_from(len).expect("it is short")
}
