use bytes::Bytes;

use super::invariants::{check_display, check_fault, check_faults, check_json};
use super::splitter::Splitter;
use crate::base::error::Faults;
use crate::base::limits::XML_INFLATED_LEN_MAX;
use crate::gnutella::wire::{Frame, Function, Guid, Message, Trailer};

/// The first byte chooses, the others are the payload.
pub(super) fn ping_pong_push(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let function = splitter.choose(&[Function::PING, Function::PONG, Function::PUSH]);
    check_payload(function, splitter.rest());
}

/// The first byte chooses, the others are the payload.
pub(super) fn bye_hsep(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let function = splitter.choose(&[Function::BYE, Function::HSEP]);
    check_payload(function, splitter.rest());
}

/// The input is the payload.
pub(super) fn query(input: &[u8]) {
    check_payload(Function::QUERY, input);
}

/// The input is the payload.
pub(super) fn query_hit(input: &[u8]) {
    if let Some(Message::QueryHit(hit)) = check_payload(Function::QUERY_HIT, input)
        && let Some(trailer) = &hit.trailer
    {
        check_trailer(trailer);
    }
}

/// The private data is the vendor's own bytes, blocks and XML, with nothing lost or told twice.
fn check_trailer(trailer: &Trailer) {
    let extensions = trailer.extensions();
    let parts = [trailer.vendor_data(), extensions.as_bytes(), trailer.xml().0];
    assert_eq!(parts.concat(), trailer.private, "the private data is cut otherwise");
    if let Ok(text) = trailer.xml().text() {
        assert!(text.len() <= XML_INFLATED_LEN_MAX.max(trailer.xml().0.len()), "too much XML");
    }
}

/// The input is the payload.
pub(super) fn vendor(input: &[u8]) {
    check_payload(Function::VENDOR, input);
}

/// What holds for the payload of any function: whatever decodes is encoded to the same bytes, and
/// can be inspected and shown.
pub(super) fn check_payload(function: Function, payload: &[u8]) -> Option<Message> {
    let payload = Bytes::copy_from_slice(payload);
    let frame = Frame { guid: Guid::ZERO, function, ttl: 1, hops: 0, size_flags: None, payload };
    check_message(&frame)
}

/// As [`check_payload`], for a whole frame. Hands back the message, if it decodes.
pub(super) fn check_message(frame: &Frame) -> Option<Message> {
    let payload = &frame.payload;
    let message = match Message::decode(frame) {
        Ok(message) => message,
        Err(fault) => {
            check_fault(&fault, payload.len());
            return None;
        }
    };
    assert_eq!(message.to_bytes(), payload, "encoding gives other bytes");
    let mut faults = Faults::new();
    message.inspect(&mut faults);
    check_faults(&faults, payload.len());
    check_display(&message);
    check_json(&message, payload.len());
    Some(message)
}
