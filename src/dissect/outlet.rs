use bytes::Bytes;

use super::record::{Body, Decoded, Packing, Record, Route, Unknown};
use super::time::Timestamp;
use crate::base::error::{Faults, Malformed};
use crate::gnutella::wire::{Frame, HEADER_LEN, Header, Message};

/// What the fragments of semi-reliable UDP begin with (UDP-12).
pub(super) const FRAGMENT_TAG: &[u8] = b"GTA";

/// Whoever takes the records: one at a time and as soon as they are known, so that none piles up.
pub type Sink<'a> = dyn FnMut(Record) + 'a;

/// Where what was decoded leaves this room, with what all of it has in common.
pub(super) struct Outlet<'a, 'b> {
    /// When the bytes in hand were seen.
    pub(super) time: Option<Timestamp>,
    /// The way that they took.
    pub(super) route: Route,
    pub(super) sink: &'a mut Sink<'b>,
}

/// What a descriptor does not say itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) packing: Packing,
    pub(super) can_inflate: bool,
}

impl Outlet<'_, '_> {
    /// Something with what is wrong with it.
    pub(super) fn put(&mut self, body: Body, faults: Faults) {
        (self.sink)(Record { time: self.time, route: self.route, body, faults });
    }

    /// Something that is in order, as far as one can see.
    pub(super) fn put_clean(&mut self, body: Body) {
        self.put(body, Faults::new());
    }

    /// Something that cannot be read.
    pub(super) fn put_broken(&mut self, body: Body, fault: Malformed) {
        let mut faults = Faults::new();
        faults.push(fault);
        self.put(body, faults);
    }

    /// Bytes that are no message.
    pub(super) fn put_unknown(&mut self, unknown: Unknown) {
        self.put_clean(Body::Unknown(unknown));
    }

    /// A descriptor, and what is wrong with it as such. Its payload is decoded and inspected here;
    /// offsets count from the first byte of the header.
    pub(super) fn put_frame(&mut self, frame: &Frame, packing: Packing, faults: Faults) {
        self.put_sent_frame(frame, Sent { packing, can_inflate: false }, faults);
    }

    /// The same for a descriptor of which more is known than it says itself.
    pub(super) fn put_sent_frame(&mut self, frame: &Frame, sent: Sent, mut faults: Faults) {
        let mut payload_faults = Faults::new();
        let message = payload_faults.note(Message::decode(frame), 0);
        if let Some(message) = &message {
            message.inspect(&mut payload_faults);
        }
        for fault in payload_faults.as_slice() {
            faults.push(fault.moved_by(HEADER_LEN));
        }
        let payload = frame.payload.clone();
        let Sent { packing, can_inflate } = sent;
        let decoded = Decoded { header: frame.header(), payload, message, packing, can_inflate };
        self.put(Body::Frame(decoded), faults);
    }

    /// The front of a descriptor that cannot be taken off its stream. Where even its header is not
    /// whole, only the bytes are left to tell of.
    pub(super) fn put_broken_frame(&mut self, bytes: &[u8], fault: Malformed) {
        let body = Header::decode(bytes).map_or_else(
            |_| Body::Unknown(Unknown::Unfinished { bytes: bytes.len() as u64 }),
            |header| Body::Frame(unread(header, bytes.get(HEADER_LEN..).unwrap_or_default())),
        );
        self.put_broken(body, fault);
    }

    /// A datagram that cannot be read. Its header is told where it has one.
    pub(super) fn put_broken_datagram(&mut self, bytes: &[u8], fault: Malformed) {
        let bytes_len = bytes.len() as u64;
        let body = match Header::decode(bytes) {
            Ok(header) if !bytes.starts_with(FRAGMENT_TAG) => {
                Body::Frame(unread(header, bytes.get(HEADER_LEN..).unwrap_or_default()))
            }
            _ => Body::Unknown(Unknown::Piece { what: "datagram", bytes: bytes_len }),
        };
        self.put_broken(body, fault);
    }
}

/// A descriptor that cannot be read, with what there is of its payload.
fn unread(header: Header, payload: &[u8]) -> Decoded {
    let (payload, message) = (Bytes::copy_from_slice(payload), None);
    Decoded { header, payload, message, packing: Packing::Plain, can_inflate: false }
}
