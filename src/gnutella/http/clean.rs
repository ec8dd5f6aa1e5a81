//! Heads that mean one thing only.

use crate::base::error::{Faults, Malformed};
use crate::base::reader::Expect;
use crate::gnutella::link::Head;

const CONTROL: Expect = Expect::new("HTTP-17", "a head has a control character in it");

/// Refuses heads with NUL, a lone CR or another control character; tabs are blanks (HTTP-17).
pub(super) fn check(head: &Head) -> Result<(), Malformed> {
    let is_bad = |text: &str| text.chars().any(|char| char.is_control() && char != '\t');
    let values = head.headers.iter().map(|(_, value)| value.as_str());
    let is_clean = !std::iter::once(head.start.as_str()).chain(values).any(is_bad);
    if is_clean { Ok(()) } else { Err(CONTROL.broken_at(0)) }
}

/// Whether a request may have a body, or has lines that are no headers: what follows such a head is
/// never read as another request (HTTP-15, HTTP-16).
pub(super) fn may_smuggle(head: &Head) -> bool {
    let has_body = head.value("Transfer-Encoding").is_some()
        || head
            .values("Content-Length")
            .any(|length| length.is_empty() || length.bytes().any(|byte| byte != b'0'));
    let mut passed_over = Faults::new();
    head.inspect(&mut passed_over);
    has_body || !passed_over.is_empty()
}
