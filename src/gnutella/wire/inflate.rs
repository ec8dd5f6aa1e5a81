use flate2::{Decompress, FlushDecompress, Status};

use crate::base::error::Malformed;
use crate::base::limits::{INFLATE_FREE_LEN, INFLATE_RATIO_MAX};
use crate::base::reader::Expect;

const WINDOW_BITS_MAX: u8 = 15;

const BOMB: Expect = Expect::new("SIZE-19", "deflated bytes grow more than a hundredfold");

/// What stands around deflated bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// RFC 1950.
    Zlib,
    /// RFC 1952.
    Gzip,
}

/// Inflates a whole zlib stream, unless more than `len_max` bytes or more than a sane ratio come
/// out of it.
///
/// The stream must end where `deflated` ends.
pub fn inflate(
    deflated: &[u8],
    len_max: usize,
    broken: Expect,
    too_long: Expect,
) -> Result<Vec<u8>, Malformed> {
    inflate_wrapped(Wrapper::Zlib, deflated, len_max, broken, too_long)
}

/// As [`inflate`], with a choice of wrappers.
pub fn inflate_wrapped(
    wrapper: Wrapper,
    deflated: &[u8],
    len_max: usize,
    broken: Expect,
    too_long: Expect,
) -> Result<Vec<u8>, Malformed> {
    let by_ratio = len_by_ratio(deflated.len());
    let too_much = if by_ratio < len_max { BOMB } else { too_long };
    let len_max = len_max.min(by_ratio);
    // One byte more than allowed tells a full buffer from an overflow. It is made at once, since
    // growing it would hold two of them beside the inflater, which is the larger part.
    let mut inflated = Vec::with_capacity(len_max.saturating_add(1));
    let consumed = {
        let mut inflater = match wrapper {
            Wrapper::Zlib => Decompress::new(true),
            Wrapper::Gzip => Decompress::new_gzip(WINDOW_BITS_MAX),
        };
        let status = inflater.decompress_vec(deflated, &mut inflated, FlushDecompress::Finish);
        let consumed = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
        if inflated.len() > len_max {
            return Err(too_much.broken_at(consumed));
        }
        match status {
            Ok(Status::StreamEnd) => consumed,
            Ok(Status::Ok | Status::BufError) | Err(_) => return Err(broken.broken_at(consumed)),
        }
    };
    if consumed != deflated.len() {
        return Err(broken.broken_at(consumed));
    }
    inflated.shrink_to_fit();
    Ok(inflated)
}

/// How much may come out of so many deflated bytes before they are taken for a bomb.
pub(super) fn len_by_ratio(deflated_len: usize) -> usize {
    deflated_len.saturating_mul(INFLATE_RATIO_MAX).max(INFLATE_FREE_LEN)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    const BAD: Expect = Expect::new("GGEP-18", "does not inflate");
    const LONG: Expect = Expect::new("GGEP-20", "inflates to too much");

    fn deflate(plain: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_inflates_up_to_its_limit_and_no_further() {
        let plain: Vec<u8> = (0..10_000_u32).flat_map(u32::to_le_bytes).collect();
        let deflated = deflate(&plain);
        assert_eq!(inflate(&deflated, plain.len(), BAD, LONG).as_deref(), Ok(&plain[..]));
        assert!(inflate(&deflated, plain.len() - 1, BAD, LONG).is_err());
    }

    #[test]
    fn a_bomb_is_refused_by_its_ratio() {
        let bomb = deflate(&vec![0; 1 << 20]);
        assert!(bomb.len() * INFLATE_RATIO_MAX < 1 << 20);
        assert!(inflate(&bomb, 1 << 20, BAD, LONG).is_err());
        assert!(inflate(&deflate(&[0; INFLATE_FREE_LEN]), 1 << 20, BAD, LONG).is_ok());
        assert!(inflate(&deflate(&[0; INFLATE_FREE_LEN + 1]), 1 << 20, BAD, LONG).is_err());
    }

    #[test]
    fn a_cut_or_a_continued_stream_is_refused() {
        let deflated = deflate(b"hello hello hello");
        assert!(inflate(&deflated[..deflated.len() - 1], 100, BAD, LONG).is_err());
        assert!(inflate(&[&deflated[..], b"x"].concat(), 100, BAD, LONG).is_err());
        assert!(inflate(b"", 100, BAD, LONG).is_err());
        assert!(inflate(b"no zlib", 100, BAD, LONG).is_err());
    }
}
