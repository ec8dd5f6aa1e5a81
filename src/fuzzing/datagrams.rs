use bytes::{Bytes, BytesMut};

use super::invariants::{check_fault, check_faults};
use super::messages::check_message;
use crate::base::error::Faults;
use crate::base::limits::DATAGRAM_INFLATED_LEN_MAX;
use crate::gnutella::wire::{Datagram, Reliable};

/// The input is one datagram. Whatever decodes is encoded to the same bytes, or, where it came
/// deflated, to bytes that say the same.
pub(super) fn datagram(input: &[u8]) {
    let bytes = Bytes::copy_from_slice(input);
    let datagram = match Datagram::decode(&bytes) {
        Ok(datagram) => datagram,
        Err(fault) => return check_fault(&fault, input.len()),
    };
    let mut faults = Faults::new();
    datagram.inspect(&mut faults);
    check_faults(&faults, input.len());
    let mut again = BytesMut::new();
    datagram.encode(&mut again);
    match &datagram {
        Datagram::Frame { frame, deflated: true, can_inflate } => {
            assert!(frame.payload.len() <= DATAGRAM_INFLATED_LEN_MAX);
            let (frame, can_inflate) = (frame.clone(), *can_inflate);
            let inflated = Datagram::Frame { frame, deflated: false, can_inflate };
            assert_eq!(Datagram::decode(&again.freeze()), Ok(inflated), "it says something else");
        }
        _ => assert_eq!(again, input, "encoding gives other bytes"),
    }
    match &datagram {
        Datagram::Frame { frame, .. } => drop(check_message(frame)),
        Datagram::Reliable(reliable) => check_reliable(reliable),
    }
}

/// The parts that are said to be missing have numbers, in order.
fn check_reliable(reliable: &Reliable) {
    let Some(reception) = &reliable.reception else { return };
    let missing: Vec<u16> = reception.missing().collect();
    assert!(missing.is_sorted() && !missing.contains(&0));
    assert_eq!(missing.len(), reception.missing_bits.count_ones() as usize);
}
