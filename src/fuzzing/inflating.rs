use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::invariants::check_fault;
use super::splitter::Splitter;
use crate::base::limits::{INFLATE_FREE_LEN, INFLATE_RATIO_MAX};
use crate::base::reader::Expect;
use crate::gnutella::wire::ggep::{cobs_decode, cobs_encode};
use crate::gnutella::wire::{Wrapper, inflate_wrapped};

const BROKEN: Expect = Expect::new("GGEP-18", "it does not inflate");
const TOO_LONG: Expect = Expect::new("GGEP-20", "it inflates to too much");

/// Lengths at and around which inflating stops.
const LIMITS: &[usize] =
    &[0, 1, 100, INFLATE_FREE_LEN - 1, INFLATE_FREE_LEN, INFLATE_FREE_LEN + 1, 16 * 1024, 1 << 20];

/// The first byte chooses a limit and the second how often the others are repeated before they are
/// deflated; the others are plain, encoded and deflated bytes, all at once.
pub(super) fn cobs_inflate(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let len_max = splitter.choose(LIMITS);
    let times = usize::from(splitter.byte()).max(1);
    let bytes = splitter.rest();
    check_cobs(bytes);
    for wrapper in [Wrapper::Zlib, Wrapper::Gzip] {
        check_inflate(wrapper, bytes, len_max);
        check_deflated(wrapper, &bytes.repeat(times), len_max);
    }
}

fn check_cobs(bytes: &[u8]) {
    let encoded = cobs_encode(bytes);
    assert!(!encoded.contains(&0), "a NUL is left");
    assert!(encoded.len() <= bytes.len() + bytes.len() / 254 + 1, "it grows too much");
    assert_eq!(cobs_decode(&encoded).as_deref(), Ok(bytes));
    match cobs_decode(bytes) {
        Ok(decoded) => {
            assert!(decoded.len() < bytes.len());
            assert_eq!(cobs_decode(&cobs_encode(&decoded)), Ok(decoded));
        }
        Err(fault) => check_fault(&fault, bytes.len()),
    }
}

/// Never more comes out than the limit and the ratio allow.
fn check_inflate(wrapper: Wrapper, bytes: &[u8], len_max: usize) {
    match inflate_wrapped(wrapper, bytes, len_max, BROKEN, TOO_LONG) {
        Ok(inflated) => assert!(inflated.len() <= allowed_len(bytes, len_max)),
        Err(fault) => check_fault(&fault, bytes.len()),
    }
}

/// What was deflated comes out again, unless it is too much.
fn check_deflated(wrapper: Wrapper, plain: &[u8], len_max: usize) {
    let deflated = deflate(wrapper, plain);
    let inflated = inflate_wrapped(wrapper, &deflated, len_max, BROKEN, TOO_LONG);
    match plain.len() <= allowed_len(&deflated, len_max) {
        true => assert_eq!(inflated.as_deref(), Ok(plain)),
        false => assert!(inflated.is_err(), "more comes out than is allowed"),
    }
}

fn allowed_len(deflated: &[u8], len_max: usize) -> usize {
    (deflated.len() * INFLATE_RATIO_MAX).max(INFLATE_FREE_LEN).min(len_max)
}

fn deflate(wrapper: Wrapper, plain: &[u8]) -> Vec<u8> {
    let finished = match wrapper {
        Wrapper::Zlib => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
        Wrapper::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain).and_then(|()| encoder.finish())
        }
    };
    finished.expect("a vector takes everything")
}
