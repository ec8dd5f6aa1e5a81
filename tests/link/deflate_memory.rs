//! How much memory the compressed streams of a link hold.

use std::io::Write;

use bytes::{BufMut, BytesMut};
use filbert::gnutella::link::{Deflater, Inflater};
use filbert::gnutella::wire::{Frame, Function, Guid};
use flate2::write::ZlibEncoder;
use flate2::{Compress, Compression, FlushCompress};

/// Bytes of memory that are held after `work` and were not before.
fn held(work: impl FnOnce()) -> usize {
    usize::try_from(allocation_counter::measure(work).bytes_current).expect("nothing is given back")
}

/// A stream that goes on, with a window of so many bits.
fn stream(window_bits: u8, plain: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new_with_window_bits(Compression::new(6), true, window_bits);
    let mut deflated = Vec::with_capacity(plain.len() + 1024);
    compress.compress_vec(plain, &mut deflated, FlushCompress::Sync).unwrap();
    deflated
}

/// SIZE-14, SIZE-15
#[test]
fn an_inflater_holds_memory_between_the_first_byte_and_the_end() {
    for window_bits in [15, 14] {
        let deflated = stream(window_bits, b"hello");
        let mut plain = BytesMut::with_capacity(64 * 1024);
        let mut inflater = Inflater::new();
        assert_eq!(held(|| _ = inflater.step(&mut &b""[..], &mut plain)), 0);
        let held = held(|| while inflater.step(&mut &deflated[..], &mut plain).unwrap() {});
        assert_eq!(&plain[..], b"hello");
        assert_eq!(inflater.footprint_len(), Inflater::FOOTPRINT_LEN);
        let least = Inflater::FOOTPRINT_LEN / 10 * 9;
        assert!((least..=Inflater::FOOTPRINT_LEN).contains(&held), "{held} bytes");
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(b"hello").unwrap();
    let deflated = encoder.finish().unwrap();
    let mut plain = BytesMut::with_capacity(64 * 1024);
    let mut inflater = Inflater::new();
    assert_eq!(held(|| while inflater.step(&mut &deflated[..], &mut plain).unwrap() {}), 0);
    assert!(inflater.has_ended());
}

/// SIZE-14, SIZE-15: the largest frames, deflated as much as is allowed, in pieces as a socket gives
/// them.
#[test]
fn inflating_and_framing_stay_within_bounds() {
    let mut plain = BytesMut::new();
    let mut noise = 1_u32;
    for number in 0..200_u32 {
        let payload: BytesMut = (0..65_535_u32)
            .map(|at| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if at % 64 == number % 64 { noise.to_be_bytes()[0] } else { 0 }
            })
            .collect();
        let function = Function::QUERY_HIT;
        let payload = payload.freeze();
        Frame { guid: Guid::ZERO, function, ttl: 1, hops: 0, size_flags: None, payload }
            .encode(&mut plain);
    }
    let deflated = stream(15, &plain);
    drop(plain);
    let mut frames = 0;
    let measured = allocation_counter::measure(|| {
        let (mut inflater, mut plain) = (Inflater::new(), BytesMut::new());
        for mut piece in deflated.chunks(16 * 1024) {
            let mut may_hold_more = true;
            while may_hold_more {
                may_hold_more = inflater.step(&mut piece, &mut plain).unwrap();
                while Frame::take_from(&mut plain).unwrap().is_some() {
                    frames += 1;
                }
            }
        }
    });
    assert_eq!(frames, 200);
    let bound = Inflater::FOOTPRINT_LEN + 4 * 65_536;
    assert!(measured.bytes_max <= bound as u64, "{} bytes", measured.bytes_max);
}

#[test]
fn a_quiet_link_keeps_little_room_for_what_is_inflated() {
    let deflated = stream(15, &[7; 60]);
    let mut inflater = Inflater::new();
    let mut plain = BytesMut::new();
    while inflater.step(&mut &deflated[..], &mut plain).unwrap() {}
    assert!(plain.capacity() <= 2 * 1024, "{} bytes", plain.capacity());
}

/// SIZE-15
#[test]
fn a_deflater_holds_memory_between_the_first_write_and_a_rest() {
    let mut out = BytesMut::with_capacity(64 * 1024);
    let mut deflater = Deflater::new();
    for number in 0..3 {
        let held = held(|| {
            deflater.write(b"hello", &mut out);
            deflater.flush(&mut out);
        });
        let least = Deflater::FOOTPRINT_LEN / 10 * 9;
        assert!((least..=Deflater::FOOTPRINT_LEN).contains(&held), "{held} bytes");
        assert_eq!(deflater.footprint_len(), Deflater::FOOTPRINT_LEN);
        let rested = allocation_counter::measure(|| deflater.rest());
        assert_eq!(rested.bytes_current, -i64::try_from(held).unwrap(), "rest {number}");
        assert_eq!(deflater.footprint_len(), 0);
    }
}

/// SIZE-15: beside its own memory, a write takes no more than what it appends and a constant.
#[test]
fn the_output_of_a_deflater_grows_with_what_is_written() {
    let mut plain = BytesMut::new();
    (0..65_558_u32).for_each(|n| plain.put_u8(n.wrapping_mul(2_654_435_761).to_be_bytes()[0]));
    let (mut deflater, mut out) = (Deflater::new(), BytesMut::new());
    let measured = allocation_counter::measure(|| {
        deflater.write(&plain, &mut out);
        deflater.flush(&mut out);
    });
    // A buffer doubles where it has to grow, and stands beside the new one meanwhile.
    let bound = Deflater::FOOTPRINT_LEN + 3 * (out.len() + 1024);
    assert!(measured.bytes_max <= bound as u64, "{} bytes", measured.bytes_max);
}
