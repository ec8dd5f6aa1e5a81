//! Slots and messages for the tests of queues and shares.

use bytes::Bytes;
use filbert::base::slots::{Slot, Slots};
use filbert::gnutella::wire::{Frame, Function, Guid, HEADER_LEN};

/// So many slots.
pub(crate) fn slots(count: usize) -> Vec<Slot> {
    let mut slots = Slots::new();
    (0..count).map(|_| slots.insert(())).collect()
}

/// A message of `len` bytes on the wire, whose GUID begins with a number.
pub(crate) fn frame(number: u32, len: usize) -> Frame {
    let mut guid = [0; 16];
    guid[..4].copy_from_slice(&number.to_be_bytes());
    Frame {
        guid: Guid(guid),
        function: Function::QUERY,
        ttl: 2,
        hops: 2,
        size_flags: None,
        payload: Bytes::from(vec![0; len - HEADER_LEN]),
    }
}

/// The number of such a message.
pub(crate) fn number(frame: &Frame) -> u32 {
    u32::from_be_bytes(frame.guid.0[..4].try_into().unwrap())
}
