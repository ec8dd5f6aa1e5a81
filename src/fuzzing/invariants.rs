//! What holds for every message, whatever its bytes.

use std::fmt::Display;

use serde::Serialize;

use crate::base::error::{Faults, Malformed};
use crate::base::limits::{FAULTS_MAX, INFLATE_FREE_LEN, INFLATE_RATIO_MAX};
use crate::base::show;

/// Bytes of the shortest GGEP extension that inflates to [`INFLATE_FREE_LEN`] bytes.
const SHORTEST_BOMB_LEN: usize = 16;
/// Characters in which one byte is shown at most: `\u0000` in JSON, and eight digits of a bitmap.
const SHOWN_PER_BYTE: usize = 8;
/// Characters that frame the fields of the smallest part of a message, which has at least two bytes.
const SHOWN_PER_PART: usize = 128;
/// Characters that frame a whole message.
const SHOWN_PER_MESSAGE: usize = 4 * 1024;

/// There are not too many, and each stands within the `len` bytes it is about.
pub(super) fn check_faults(faults: &Faults, len: usize) {
    assert!(faults.as_slice().len() <= FAULTS_MAX, "too many faults");
    faults.as_slice().iter().for_each(|fault| check_fault(fault, len));
}

pub(super) fn check_fault(fault: &Malformed, len: usize) {
    assert!(fault.offset <= len, "beyond the {len} bytes: {fault}");
    check_display(fault);
}

/// The line for people steers no terminal.
pub(super) fn check_display(value: &impl Display) {
    let line = value.to_string();
    assert!(!line.contains(show::is_harmful), "a character that steers a terminal in {line:?}");
}

/// The object for programs is JSON without control characters, and grows with what was received,
/// `len` bytes, as the limits of inflating allow and no faster.
pub(super) fn check_json(value: &impl Serialize, len: usize) {
    let json = serde_json::to_string(value).expect("every value fits into JSON");
    assert!(!json.bytes().any(|byte| byte < b' '), "a control character in {json:?}");
    let inflated_len = len * INFLATE_RATIO_MAX.max(INFLATE_FREE_LEN / SHORTEST_BOMB_LEN);
    let limit = SHOWN_PER_MESSAGE + inflated_len * SHOWN_PER_BYTE + len * SHOWN_PER_PART;
    assert!(json.len() <= limit, "{} bytes of JSON for {len}", json.len());
}
