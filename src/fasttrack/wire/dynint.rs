//! Numbers in groups of seven bits, the most significant first; all bytes but the last have 0x80 set
//! (FTWIRE-02).

use bytes::{BufMut, BytesMut};

use crate::base::error::Malformed;
use crate::base::mutant::mutant;
use crate::base::reader::{Expect, Reader};

/// Bytes of the longest: 32 bits in groups of seven.
pub const LEN_MAX: u8 = 5;

const CUT: Expect = Expect::new("FTWIRE-03", "a number is cut");
const TOO_LARGE: Expect = Expect::new("FTWIRE-03", "a number has more than 32 bits");

/// Takes a number; `80 00` and the like are what mldonkey means by them (FTWIRE-05).
pub fn take(reader: &mut Reader<'_>) -> Result<u32, Malformed> {
    take_in(reader, CUT)
}

/// The same where another rule is broken by a number that is cut.
pub(super) fn take_in(reader: &mut Reader<'_>, cut: Expect) -> Result<u32, Malformed> {
    let start = reader.offset();
    let mut number = 0_u32;
    for len in 1..=LEN_MAX {
        let byte = reader.u8(cut)?;
        let shifted = number.checked_mul(128).ok_or(TOO_LARGE.broken_at(start))?;
        number = shifted | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(if number == 0 && !mutant!(ReadsMldonkeyWrong) {
                zeros(len)
            } else {
                number
            });
        }
    }
    Err(TOO_LARGE.broken_at(start))
}

/// What so many groups of zeros stand for: mldonkey leaves out the one in front of them.
const fn zeros(len: u8) -> u32 {
    match len {
        2 => 1 << 14,
        3 => 1 << 21,
        4 => 1 << 28,
        _ => 0,
    }
}

/// Appends a number in as few bytes as possible.
pub fn put(out: &mut BytesMut, number: u32) {
    for shift in [28, 21, 14, 7] {
        let rest = number.wrapping_shr(shift);
        if rest != 0 {
            out.put_u8(0x80 | low_group(rest));
        }
    }
    out.put_u8(low_group(number));
}

/// The lowest seven bits.
const fn low_group(number: u32) -> u8 {
    number.to_le_bytes()[0] & 0x7f
}

/// Bytes that [`put`] writes.
pub(super) fn len(number: u32) -> usize {
    [7, 14, 21, 28]
        .into_iter()
        .filter(|&shift| number.wrapping_shr(shift) != 0)
        .count()
        .saturating_add(1)
}
