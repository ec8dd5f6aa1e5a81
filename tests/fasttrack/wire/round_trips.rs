//! That every message is read as it was written, and every value that was read is written as one
//! that says the same.

use bytes::Bytes;
use filbert::fasttrack::wire::{Frame, Kind, Message, Side};
use proptest::prelude::*;

use super::arbitrary;
use crate::support::properties::cases;
use crate::support::vectors;

const SIDES: [Side; 3] = [Side::Up, Side::Down, Side::Across];

proptest! {
    #![proptest_config(cases(1_000))]

    /// FTWIRE-01, FTWIRE-02, FTWIRE-06: what was written is read, and nothing is left over.
    #[test]
    fn a_message_is_read_as_it_was_written((message, side) in arbitrary::message()) {
        let frame = message.to_frame();
        prop_assert!(frame.payload.len() <= usize::from(u16::MAX) || is_large(&message));
        let (again, rest) = Message::split(&frame, side).unwrap();
        prop_assert_eq!(&again, &message);
        prop_assert!(rest.is_empty());
        prop_assert_eq!(again.to_frame(), frame);
    }

    /// FTSAFE-16: any bytes at all, with any type.
    #[test]
    fn any_bytes_are_read_and_what_is_read_says_the_same_when_written(
        kind in prop_oneof![4 => 0_u16..0x30, 1 => 0x8000_u16..0x8030, 1 => any::<u16>()],
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for side in SIDES {
            assert_stable(&Frame { kind: Kind(kind), payload: payload.clone().into() }, side);
        }
    }
}

/// Ten results with 64 long tags each may have no room in one message: whoever writes them that way
/// is told by the link.
fn is_large(message: &Message) -> bool {
    matches!(message, Message::Results(_))
}

/// A message that can be read is written so that it is read as the same.
fn assert_stable(frame: &Frame, side: Side) {
    let Ok((message, rest)) = Message::split(frame, side) else { return };
    let written = message.to_frame();
    assert_eq!(written.kind, frame.kind);
    let (again, rest_again) = Message::split(&written, side).unwrap();
    assert!(rest_again.is_empty());
    assert_eq!(again.to_frame(), written);
    let behind = frame.payload.len() - rest.len();
    assert_eq!(rest, frame.payload.slice(behind..));
}

/// FTSAFE-16: vectors with one byte changed in every way that matters.
#[test]
fn vectors_with_a_byte_changed_are_survived() {
    let mut count = 0;
    for vector in vectors::all().iter().filter(|vector| vector.entry.kind == "message") {
        let bytes = vector.bytes();
        for at in 2..bytes.len().min(200) {
            for change in [0x01, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                let kind = Kind(u16::from_be_bytes([bytes[0], bytes[1]]));
                let payload = Bytes::copy_from_slice(&bytes[2..]);
                for side in SIDES {
                    assert_stable(&Frame { kind, payload: payload.clone() }, side);
                }
                count += 1;
            }
        }
    }
    assert!(count > 5_000, "only {count} were tried");
}
