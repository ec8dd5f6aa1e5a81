//! The compressed streams of a link: what goes in comes out, however it is flushed, rested and cut.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use filbert::base::limits::{INFLATE_RATIO_MAX, STREAM_INFLATE_FREE_LEN};
use filbert::gnutella::link::{Deflater, Inflater};
use filbert::gnutella::wire::Frame;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use proptest::prelude::*;

use crate::support::frames;

/// The frames of each direction of each recorded connection.
fn directions() -> Vec<Vec<Bytes>> {
    let mut directions: BTreeMap<(String, String, String), Vec<Bytes>> = BTreeMap::new();
    for real in frames::all().into_iter().filter(|real| !real.is_datagram()) {
        let direction = (real.capture, real.source, real.destination);
        directions.entry(direction).or_default().push(real.bytes);
    }
    directions.into_values().collect()
}

/// An inflater that nobody here has written, without any bound.
struct Plain {
    decompress: Decompress,
    buffer: Vec<u8>,
}

impl Plain {
    fn new() -> Self {
        Self { decompress: Decompress::new(true), buffer: vec![0; 64 * 1024] }
    }

    fn inflate(&mut self, mut deflated: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        loop {
            let (read, written) = (self.decompress.total_in(), self.decompress.total_out());
            self.decompress
                .decompress(deflated, &mut self.buffer, FlushDecompress::None)
                .expect("the stream is whole");
            deflated = &deflated[(self.decompress.total_in() - read) as usize..];
            let written = (self.decompress.total_out() - written) as usize;
            plain.extend_from_slice(&self.buffer[..written]);
            if written < self.buffer.len() {
                assert!(deflated.is_empty(), "the stream came to an end");
                return plain;
            }
        }
    }
}

/// What an [`Inflater`] made of a stream in pieces.
#[derive(Debug, PartialEq, Eq)]
struct Inflated {
    plain: Vec<u8>,
    /// The requirement that was broken, and where.
    fault: Option<(&'static str, usize)>,
}

fn inflate<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Inflated {
    let (mut inflater, mut plain) = (Inflater::new(), BytesMut::new());
    for mut piece in pieces {
        loop {
            match inflater.step(&mut piece, &mut plain) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => {
                    let fault = Some((fault.rule.id(), fault.offset));
                    return Inflated { plain: plain.to_vec(), fault };
                }
            }
        }
        assert!(piece.is_empty(), "bytes are left though nothing more comes out");
    }
    Inflated { plain: plain.to_vec(), fault: None }
}

/// HAND-38, LINK-10, LINK-12, LINK-14
#[test]
fn frames_of_real_programs_cross_a_link_as_soon_as_they_are_flushed() {
    let (mut plain_len, mut deflated_len, mut frames) = (0, 0, 0);
    for direction in directions() {
        let (mut deflater, mut inflater) = (Deflater::new(), Inflater::new());
        let (mut wire, mut stream) = (BytesMut::new(), BytesMut::new());
        for (number, frame) in direction.iter().enumerate() {
            deflater.write(frame, &mut wire);
            deflater.flush(&mut wire);
            if number % 7 == 3 {
                deflater.rest();
            }
            deflated_len += wire.len();
            while inflater.step(&mut wire, &mut stream).unwrap() {}
            let received = Frame::take_from(&mut stream).unwrap().expect("it is here");
            assert_eq!(frames::encoded(&received), frame);
            assert!(stream.is_empty() && !inflater.has_ended());
            plain_len += frame.len();
            frames += 1;
        }
    }
    assert!(frames > 400, "the frames were not found");
    assert!(deflated_len < plain_len, "{deflated_len} bytes for {plain_len}");
}

/// HAND-38
#[test]
fn frames_of_real_programs_are_deflated_to_two_thirds_and_less() {
    let (mut plain_len, mut deflated_len) = (0, 0);
    for direction in directions() {
        let (mut deflater, mut out) = (Deflater::new(), BytesMut::new());
        direction.iter().for_each(|frame| deflater.write(frame, &mut out));
        deflater.flush(&mut out);
        plain_len += direction.iter().map(Bytes::len).sum::<usize>();
        deflated_len += out.len();
    }
    assert!(deflated_len * 3 < plain_len * 2, "{deflated_len} bytes for {plain_len}");
}

/// LINK-11
#[test]
fn every_window_is_read_and_no_dictionary() {
    let plain: Vec<u8> = (0..9_000_u32).flat_map(|n| (n / 3).to_le_bytes()).collect();
    let deflate = |window_bits| {
        let mut compress = Compress::new_with_window_bits(Compression::new(6), true, window_bits);
        let mut deflated = Vec::with_capacity(plain.len() * 2);
        compress.compress_vec(&plain, &mut deflated, FlushCompress::Sync).unwrap();
        deflated
    };
    for window_bits in 9..=15 {
        let deflated = deflate(window_bits);
        assert_eq!(deflated[0] >> 4, window_bits - 8);
        assert_eq!(inflate(deflated.chunks(100)), Inflated { plain: plain.clone(), fault: None });
    }
    // A window of 256 bytes, in which nothing is looked for here.
    let smallest = [&[0x08, 0x1d][..], b"\0\x05\0\xfa\xffhello"].concat();
    assert_eq!(inflate([&smallest[..]].into_iter()).plain, b"hello");
    for header in [[0x78, 0x20], [0x79, 0x18], [0x78, 0x9d], [0x88, 0x1c]] {
        let refused = [&header[..], &deflate(15)[2..]].concat();
        let fault = inflate([&refused[..]].into_iter()).fault;
        assert_eq!(fault, Some(("LINK-13", 0)), "{header:x?}");
    }
}

/// What may be asked of a deflater.
#[derive(Clone, Debug)]
enum Step {
    Write(Vec<u8>),
    Flush,
    Rest,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let run = (any::<u8>(), 0..5_000_usize).prop_map(|(byte, len)| vec![byte; len]);
    let words = (0..50_usize, 0..500_usize)
        .prop_map(|(first, count)| (first..first + count).flat_map(|n| n.to_string().into_bytes()))
        .prop_map(Iterator::collect);
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 0..3_000), run, words];
    let step = prop_oneof![4 => bytes.prop_map(Step::Write), 2 => Just(Step::Flush), 1 => Just(Step::Rest)];
    prop::collection::vec(step, 1..40)
}

proptest! {
    /// HAND-38, LINK-10, LINK-12, LINK-14: each flush makes readable what was written, and nobody
    /// sees a rest.
    #[test]
    fn an_ordinary_inflater_reads_one_stream_across_flushes_and_rests(steps in steps()) {
        let (mut deflater, mut peer) = (Deflater::new(), Plain::new());
        let (mut written, mut read) = (Vec::new(), Vec::new());
        for step in steps {
            let mut out = BytesMut::new();
            let (had_unflushed, has_rested) = (deflater.has_unflushed(), deflater.footprint_len() == 0);
            match &step {
                Step::Write(bytes) => {
                    deflater.write(bytes, &mut out);
                    written.extend_from_slice(bytes);
                }
                Step::Flush => deflater.flush(&mut out),
                Step::Rest => deflater.rest(),
            }
            prop_assert!(had_unflushed || !matches!(step, Step::Flush) || out.is_empty());
            prop_assert!(had_unflushed || !matches!(step, Step::Rest) || deflater.footprint_len() == 0);
            prop_assert!(!has_rested || !matches!(step, Step::Rest | Step::Flush) || out.is_empty());
            read.extend(peer.inflate(&out));
            prop_assert!(written.starts_with(&read));
            prop_assert!(deflater.has_unflushed() || read == written);
        }
    }

    /// What cannot be compressed grows by an eighth at most, and a flush costs some bytes.
    #[test]
    fn output_is_bounded_by_what_was_written(steps in steps()) {
        let (mut deflater, mut out) = (Deflater::new(), BytesMut::new());
        let mut bound = 2;
        for step in steps {
            match step {
                Step::Write(bytes) => {
                    deflater.write(&bytes, &mut out);
                    bound += bytes.len() + bytes.len() / 8;
                }
                Step::Flush => {
                    deflater.flush(&mut out);
                    bound += 8;
                }
                Step::Rest => deflater.rest(),
            }
            prop_assert!(out.len() <= bound, "{} bytes, not {bound}", out.len());
        }
    }
}

/// A part of a stream from someone who may mean harm.
#[derive(Clone, Debug)]
enum Part {
    Zeros(usize),
    Noise(usize),
    /// So many blocks without anything in them, five bytes each.
    Empty(usize),
}

use Part::{Empty, Noise, Zeros};

/// A zlib stream that goes on.
fn stream(parts: &[Part]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut deflated = vec![0x78, 0xda];
    let mut noise = 1_u32;
    for part in parts {
        let plain: Vec<u8> = match part {
            Zeros(len) => vec![0; *len],
            Noise(len) => (0..*len)
                .map(|_| {
                    noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    noise.to_be_bytes()[0]
                })
                .collect(),
            Empty(count) => {
                deflated.extend([0, 0, 0, 0xff, 0xff].repeat(*count));
                continue;
            }
        };
        deflated.reserve(plain.len() + 1024);
        compress.compress_vec(&plain, &mut deflated, FlushCompress::Sync).unwrap();
    }
    deflated
}

/// Most bytes that may come out of so many.
fn allowed_len(deflated_len: usize) -> usize {
    (deflated_len * INFLATE_RATIO_MAX).max(usize::try_from(STREAM_INFLATE_FREE_LEN).unwrap())
}

/// What an [`Inflater`] has to make of a stream: each byte on its own, and a look after each.
fn expected(deflated: &[u8]) -> Inflated {
    let (mut peer, mut plain) = (Plain::new(), Vec::new());
    for (number, byte) in deflated.chunks(1).enumerate() {
        plain.extend(peer.inflate(byte));
        let allowed_len = allowed_len(number + 1);
        if plain.len() > allowed_len {
            plain.truncate(allowed_len);
            return Inflated { plain, fault: Some(("SIZE-14", allowed_len + 1)) };
        }
    }
    Inflated { plain, fault: None }
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let part = prop_oneof![
        (0..400_000_usize).prop_map(Zeros),
        (0..900_usize).prop_map(Noise),
        (0..100_usize).prop_map(Empty),
    ];
    prop::collection::vec(part, 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// LINK-16, SIZE-14
    #[test]
    fn the_verdict_on_a_bomb_does_not_depend_on_how_it_is_cut(
        parts in parts(),
        piece_lens in prop::collection::vec(1..400_usize, 1..20),
    ) {
        let deflated = stream(&[vec![Zeros(2_000_000)], parts].concat());
        let expected = expected(&deflated);
        prop_assert_eq!(&inflate([&deflated[..]].into_iter()), &expected);
        prop_assert_eq!(&inflate(deflated.chunks(1)), &expected);
        let mut rest = &deflated[..];
        let pieces = piece_lens.into_iter().cycle().map_while(|piece_len| {
            let (piece, behind) = rest.split_at(piece_len.min(rest.len()));
            rest = behind;
            (!piece.is_empty()).then_some(piece)
        });
        prop_assert_eq!(&inflate(pieces), &expected);
    }
}

/// SIZE-14: bytes that stand for themselves go in only where there is room for them.
#[test]
fn noise_at_the_bound_ends_in_the_same_verdict() {
    let deflated = stream(&[Zeros(2_096_968), Noise(809), Noise(265), Zeros(6_321)]);
    let expected = expected(&deflated);
    assert_eq!((expected.plain.len(), expected.fault), (2_097_152, Some(("SIZE-14", 2_097_153))));
    assert_eq!(inflate([&deflated[..]].into_iter()), expected);
}

/// LINK-16, SIZE-14: a stream may grow a hundredfold, beyond what is free, and not by one byte more.
#[test]
fn a_stream_at_the_ratio_is_taken_and_one_byte_more_is_not() {
    let (at, past) = (21_000..21_100).find_map(swells_a_hundredfold).expect("some noise does");
    let plain_len = allowed_len(last_fruitful_len(&at));
    let taken = inflate([&at[..]].into_iter());
    assert_eq!((taken.plain.len(), taken.fault), (plain_len, None));
    let bomb = inflate([&past[..]].into_iter());
    assert_eq!(bomb.fault, Some(("SIZE-14", plain_len + 1)));
    assert_eq!(bomb.plain, taken.plain);
    // Bytes that come too late do not help.
    let late = [&past[..], &stream(&[Noise(500)])[2..]].concat();
    assert_eq!(inflate([&late[..]].into_iter()), bomb);
}

/// So much noise, and as many zeros behind it as make it grow exactly a hundredfold; then the same
/// with one zero more, if that costs nothing. The last zeros come out of the last bytes, so that the
/// ratio is highest there.
fn swells_a_hundredfold(noise_len: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let swelling = |zeros| stream(&[Noise(noise_len), Zeros(zeros)]);
    let allowed_zeros = |zeros| allowed_len(last_fruitful_len(&swelling(zeros))) - noise_len;
    let zeros = (0..5).fold(100 * noise_len, |zeros, _| allowed_zeros(zeros));
    let is_exact = allowed_zeros(zeros) == zeros && allowed_zeros(zeros + 1) == zeros;
    is_exact.then(|| (swelling(zeros), swelling(zeros + 1)))
}

/// How much of a stream there must be for all of it to come out.
fn last_fruitful_len(deflated: &[u8]) -> usize {
    let mut peer = Plain::new();
    let gains = deflated.chunks(1).map(|byte| peer.inflate(byte).len());
    gains.enumerate().filter(|(_, gain)| *gain > 0).last().map_or(0, |(at, _)| at + 1)
}
