//! Numbers in as few bytes as they need: seven bits in each, the lowest first.

/// Where the lowest seven bits of a byte end, and more bytes follow.
const MORE: u8 = 0x80;

/// Appends a number.
pub(super) fn put(mut value: u32, bytes: &mut Vec<u8>) {
    while value >= u32::from(MORE) {
        bytes.push(u8::try_from(value & 0x7f).unwrap_or(0) | MORE);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap_or(0));
}

/// Takes a number from the front of some bytes.
#[inline]
pub(super) fn take(bytes: &mut &[u8]) -> Option<u32> {
    let (first, mut rest) = bytes.split_first()?;
    if *first < MORE {
        *bytes = rest;
        return Some(u32::from(*first));
    }
    let mut value = u32::from(first & !MORE);
    let (mut last, mut shift) = (*first, 7_u32);
    while last & MORE != 0 {
        let (next, behind) = rest.split_first()?;
        value |= u32::from(next & !MORE).checked_shl(shift)?;
        (last, rest, shift) = (*next, behind, shift.saturating_add(7));
    }
    *bytes = rest;
    Some(value)
}

/// Takes so many bytes from the front of others.
#[inline]
pub(super) fn take_bytes<'a>(len: u32, bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_out_as_it_went_in() {
        for value in [0, 1, 127, 128, 16_383, 16_384, 1 << 21, 1 << 28, u32::MAX] {
            let mut bytes = Vec::new();
            put(value, &mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!((take(&mut rest), rest), (Some(value), &[][..]));
        }
        assert_eq!(take(&mut &[0x80][..]), None);
        assert_eq!(take(&mut &[][..]), None);
    }
}
