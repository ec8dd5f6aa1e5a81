//! Numbers in groups of seven bits, and those on logarithmic scales.

use bytes::BytesMut;
use filbert::base::reader::Reader;
use filbert::fasttrack::wire::{Bandwidth, Logarithm, Media, Realm, StatsSize, dynint};
use proptest::prelude::*;

use super::rule;
use crate::support::properties::cases;

fn take(bytes: &[u8]) -> Result<u32, filbert::base::error::Malformed> {
    dynint::take(&mut Reader::new(bytes))
}

fn written(number: u32) -> BytesMut {
    let mut out = BytesMut::new();
    dynint::put(&mut out, number);
    out
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// FTWIRE-02: in as few bytes as possible, whatever follows.
    #[test]
    fn a_number_is_read_as_it_was_written(number: u32, shift in 0_u32..32, behind: u8) {
        let number = number >> shift;
        let mut bytes = written(number);
        let groups = (32 - number.leading_zeros()).div_ceil(7).max(1);
        prop_assert_eq!(bytes.len(), groups as usize);
        bytes.extend_from_slice(&[behind]);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(dynint::take(&mut reader), Ok(number));
        prop_assert_eq!(reader.rest(), [behind]);
    }

    /// FTWIRE-03: what ends in the middle cannot be read, wherever that is.
    #[test]
    fn a_number_that_is_cut_cannot_be_read(number in 128_u32..) {
        let bytes = written(number);
        for len in 0..bytes.len() {
            prop_assert_eq!(rule(take(&bytes[..len])), "FTWIRE-03");
        }
    }
}

/// FTWIRE-05: what mldonkey writes for the powers of 128 is read as them, but for 128 itself, which
/// cannot be told from zero.
#[test]
fn mldonkeys_short_numbers_are_understood() {
    // As mldonkey writes: one byte more only above each power.
    let mldonkey = |number: u32| {
        let bytes = written(number);
        let is_power =
            number >= 128 && number.is_power_of_two() && number.ilog2().is_multiple_of(7);
        if is_power { bytes[1..].to_vec() } else { bytes.to_vec() }
    };
    for power in [7, 14, 21, 28] {
        let number = 1 << power;
        for near in [number - 1, number, number + 1] {
            let expected = if near == 128 { 0 } else { near };
            assert_eq!(take(&mldonkey(near)), Ok(expected), "{near}");
        }
    }
    assert_eq!(take(&[0]), Ok(0));
    assert_eq!(take(&[0x80; 4]).map_err(|fault| fault.rule.id()), Err("FTWIRE-03"));
    assert_eq!(take(&[0x80, 0x80, 0x80, 0x80, 0]), Ok(0), "nobody is short by that much");
}

/// FTWIRE-10: 14 steps are a doubling, and each byte is found again from its own speed.
#[test]
fn bandwidth_is_on_its_scale() {
    for (byte, kbit_s) in [(59, 1), (0x60, 6), (0x68, 9), (0xd1, 1_680)] {
        assert_eq!(Bandwidth(byte).kbit_s(), kbit_s);
    }
    for (kbit_s, byte) in [(0, 59), (1, 59), (1_680, 0xd1), (u32::MAX, 0xd1)] {
        assert_eq!(Bandwidth::from_kbit_s(kbit_s), Bandwidth(byte));
    }
    // Below 30 kbit/s several bytes are the same number.
    for byte in 128..=0xd1 {
        assert_eq!(Bandwidth::from_kbit_s(Bandwidth(byte).kbit_s()), Bandwidth(byte));
    }
    let speeds: Vec<u32> = (0..=255).map(|byte| Bandwidth(byte).kbit_s()).collect();
    assert!(speeds.is_sorted());
}

/// FTPEER-05: a byte n is 2^(n / 4) - 1, and a number is written as the nearest.
#[test]
fn counts_are_written_as_their_logarithm() {
    for (byte, number) in [(0, 0), (4, 1), (8, 3), (42, 1_447), (48, 4_095), (128, (1 << 32) - 1)] {
        assert_eq!(Logarithm(byte).number(), number);
        assert_eq!(Logarithm::from_number(number), Logarithm(byte));
    }
    let numbers: Vec<u64> = (0..=255).map(|byte| Logarithm(byte).number()).collect();
    assert!(numbers.is_sorted());
    for pair in numbers.windows(2) {
        let (low, high) = (pair[0], pair[1]);
        if high - low > 2 {
            let (near_low, near_high) = (low + (high - low) / 3, high - (high - low) / 3);
            assert_eq!(Logarithm::from_number(near_low).number(), low);
            assert_eq!(Logarithm::from_number(near_high).number(), high);
        }
    }
    assert_eq!(Logarithm::from_number(u64::MAX), Logarithm(255));
}

/// FTWIRE-19: a size is mantissa * 2^(exponent - 30) GB.
#[test]
fn sizes_of_the_network_are_a_mantissa_and_an_exponent() {
    let size = |mantissa, exponent| StatsSize { mantissa, exponent };
    assert_eq!(size(32_768, 37).to_bytes(), 32_768 << 37);
    assert_eq!(StatsSize::from_bytes(32_768 << 37), size(32_768, 37));
    assert_eq!(StatsSize::from_bytes(0), size(0, 0));
    assert_eq!(StatsSize::from_bytes(65_535), size(65_535, 0));
    assert_eq!(StatsSize::from_bytes(65_536), size(32_768, 1));
    assert_eq!(StatsSize::from_bytes(u64::MAX), size(65_535, 48));
    assert_eq!(size(1, 63).to_bytes(), 1 << 63);
    assert_eq!(size(1, 64).to_bytes(), u64::MAX);
    assert_eq!(size(2, 63).to_bytes(), u64::MAX);
    assert_eq!(size(0, u16::MAX).to_bytes(), 0);
}

/// FTSEARCH-09: the lower five bits count, and 0x1f is any.
#[test]
fn a_realm_wants_its_media() {
    for realm in [0xbf, 0x3f, 0x1f, 0xff] {
        assert!((0..=5).all(|media| Realm(realm).wants(Media(media))));
    }
    for realm in [0xa2, 0x22, 0x02] {
        assert!(Realm(realm).wants(Media::VIDEO) && !Realm(realm).wants(Media::AUDIO));
    }
    assert_eq!(Realm::of(Media::SOFTWARE), Realm(0xa5));
    assert!(!Realm::of(Media::AUDIO).wants(Media::UNKNOWN));
}
