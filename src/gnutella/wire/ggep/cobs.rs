use crate::base::error::Malformed;
use crate::base::reader::Expect;

const BROKEN: Expect = Expect::new("GGEP-15", "the COBS encoding is broken");

/// Undoes Consistent Overhead Byte Stuffing.
///
/// Each code byte `n` is followed by `n - 1` bytes that are not NUL, and stands for those and a NUL
/// after them, unless `n` is 255 or nothing follows.
pub fn cobs_decode(encoded: &[u8]) -> Result<Vec<u8>, Malformed> {
    if encoded.is_empty() {
        return Err(BROKEN.broken_at(0));
    }
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&code, after)) = rest.split_first() {
        let broken = BROKEN.broken_at(encoded.len().saturating_sub(rest.len()));
        let literal_len = usize::from(code).checked_sub(1).ok_or(broken)?;
        let (literal, next) = after.split_at_checked(literal_len).ok_or(broken)?;
        if literal.contains(&0) {
            return Err(broken);
        }
        decoded.extend_from_slice(literal);
        if code != u8::MAX && !next.is_empty() {
            decoded.push(0);
        }
        rest = next;
    }
    Ok(decoded)
}

/// Encodes bytes so that none of them is NUL. Grows by one byte, and one more for each 254.
pub fn cobs_encode(plain: &[u8]) -> Vec<u8> {
    let mut encoded =
        Vec::with_capacity(plain.len().saturating_add(plain.len() / 254).saturating_add(1));
    let mut runs = plain.split(|&byte| byte == 0).peekable();
    while let Some(run) = runs.next() {
        encode_run(run, runs.peek().is_none(), &mut encoded);
    }
    encoded
}

/// Encodes the bytes between two NULs; a full group of 254 stands for itself without a NUL.
fn encode_run(run: &[u8], is_last: bool, encoded: &mut Vec<u8>) {
    let mut groups = run.chunks_exact(254);
    for group in groups.by_ref() {
        encoded.push(u8::MAX);
        encoded.extend_from_slice(group);
    }
    let rest = groups.remainder();
    let ends_with_full_group = is_last && rest.is_empty() && !run.is_empty();
    if !ends_with_full_group {
        encoded.push(u8::try_from(rest.len()).map_or(u8::MAX, |len| len.saturating_add(1)));
        encoded.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_edges_of_a_group() {
        for len in [0, 1, 253, 254, 255, 508, 509] {
            let plain = vec![1; len];
            let encoded = cobs_encode(&plain);
            assert_eq!(cobs_decode(&encoded), Ok(plain), "{len} bytes");
            assert_eq!(encoded.len(), len + len.div_ceil(254).max(1), "{len} bytes");
        }
        assert_eq!(cobs_encode(&[0]), [1, 1]);
        assert_eq!(cobs_encode(&[]), [1]);
    }

    #[test]
    fn a_nul_and_a_code_past_the_end_are_refused() {
        assert_eq!(cobs_decode(&[2, 7, 0]).unwrap_err().offset, 2);
        assert_eq!(cobs_decode(&[3, 7]).unwrap_err().offset, 0);
        assert_eq!(cobs_decode(&[3, 0, 7]).unwrap_err().offset, 0);
        assert!(cobs_decode(&[]).is_err());
    }

    proptest! {
        #[test]
        fn every_payload_survives_without_a_nul(plain in prop::collection::vec(0_u8..3, 0..1200)) {
            let encoded = cobs_encode(&plain);
            prop_assert!(!encoded.contains(&0));
            prop_assert_eq!(cobs_decode(&encoded), Ok(plain));
        }
    }
}
