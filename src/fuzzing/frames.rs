use bytes::{Bytes, BytesMut};

use super::invariants::{check_fault, check_faults};
use super::messages::check_message;
use super::splitter::{Splitter, in_pieces};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::PAYLOAD_LEN_MAX;
use crate::gnutella::wire::{Frame, HEADER_LEN, Header};

/// The input is one frame.
pub(super) fn frame(input: &[u8]) {
    check_header(input);
    let bytes = Bytes::copy_from_slice(input);
    let frame = match Frame::decode(&bytes) {
        Ok(frame) => frame,
        Err(fault) => return check_fault(&fault, input.len()),
    };
    assert_eq!(frame.wire_len(), input.len());
    assert_eq!(encoded(&frame), input, "encoding gives other bytes");
    let mut faults = Faults::new();
    frame.inspect(&mut faults);
    check_faults(&faults, input.len());
    let forwarded = frame.forwarded(frame.ttl.wrapping_sub(1), frame.hops.wrapping_add(1));
    assert_eq!(forwarded.payload.as_ptr(), frame.payload.as_ptr(), "the payload was copied");
    check_message(&frame);
}

/// A header of which nothing is lost, with no length beyond the limit.
fn check_header(input: &[u8]) {
    let header = match Header::decode(input) {
        Ok(header) => header,
        Err(fault) => return check_fault(&fault, input.len()),
    };
    assert_eq!(header.encode(), input[..HEADER_LEN], "encoding gives another header");
    match header.framed_payload_len() {
        Ok(len) => assert!(len <= PAYLOAD_LEN_MAX as usize),
        Err(fault) => check_fault(&fault, HEADER_LEN),
    }
    if let Err(fault) = header.check_size() {
        check_fault(&fault, HEADER_LEN);
    }
}

/// Four bytes are the lengths of pieces, the others are the stream. However it is cut, it yields
/// the same frames, which together with what is left over are the stream.
pub(super) fn frame_stream(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (lengths, bytes) = (splitter.take(4), splitter.rest());
    let whole = received(&[bytes]);
    let cut = received(&in_pieces(bytes, lengths));
    assert_eq!(whole.frames, cut.frames, "other frames in pieces");
    assert_eq!(whole.fault, cut.fault, "another end in pieces");
    let mut again = whole.frames.iter().flat_map(encoded).collect::<Vec<_>>();
    again.extend(whole.rest);
    assert_eq!(again, bytes, "bytes were lost");
}

#[derive(Default)]
struct Received {
    frames: Vec<Frame>,
    rest: BytesMut,
    fault: Option<Malformed>,
}

fn received(pieces: &[&[u8]]) -> Received {
    let mut received = Received::default();
    for piece in pieces {
        received.rest.extend_from_slice(piece);
        while received.fault.is_none() {
            match Frame::take_from(&mut received.rest) {
                Ok(Some(frame)) => received.frames.push(frame),
                Ok(None) => break,
                Err(fault) => {
                    check_fault(&fault, HEADER_LEN);
                    received.fault = Some(fault);
                }
            }
        }
    }
    received
}

fn encoded(frame: &Frame) -> BytesMut {
    let mut out = BytesMut::new();
    frame.encode(&mut out);
    out
}
