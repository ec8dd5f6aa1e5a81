use crate::gnutella::link::{Capabilities, Head, StartLine};

/// Headers in a head of ours. LimeWire reads 30 in both heads of one side.
const OUR_HEADERS_MAX: usize = 28;

/// The codes of heads that we wrote, as far as they have one. All can be read, hold text, and are
/// short enough for the strictest.
pub(super) fn codes(mut written: &[u8]) -> Vec<Option<u16>> {
    let mut codes = Vec::new();
    while !written.is_empty() {
        let head;
        (head, written) = Head::decode(written).expect("we write heads");
        assert!(head.headers.len() <= OUR_HEADERS_MAX, "{} headers", head.headers.len());
        let mut texts = head.headers.iter().map(|(_, value)| value).chain([&head.start]);
        assert!(!texts.any(|text| text.contains(char::is_control)), "it is no text: {head:?}");
        codes.push(match head.start_line().expect("we write first lines") {
            StartLine::Answer { code, .. } => Some(code),
            StartLine::Request { .. } => None,
        });
    }
    codes
}

/// What the first heads say.
pub(super) fn said(mut bytes: &[u8], count: usize) -> Vec<Capabilities> {
    let mut capabilities = Vec::new();
    while capabilities.len() < count {
        let head;
        (head, bytes) = Head::decode(bytes).expect("a head that was understood can be decoded");
        capabilities.push(head.capabilities());
    }
    capabilities
}

/// What stands behind so many heads.
pub(super) fn behind(mut bytes: &[u8], heads: usize) -> &[u8] {
    for _ in 0..heads {
        (_, bytes) = Head::decode(bytes).expect("a head that was understood can be decoded");
    }
    bytes
}
