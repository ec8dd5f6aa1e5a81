//! Decodes and encodes the kinds of test vector that are messages of FastTrack.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use filbert::base::error::Faults;
use filbert::base::reader::Reader;
use filbert::fasttrack::wire::{Datagram, Frame, Kind, Message, Side, TagList, dynint};
use serde_json::{Value, json};

use super::kinds::{Decoded, Outcome, encoded, failed, ids, to_json};

/// A number.
pub fn number(bytes: &[u8]) -> Outcome {
    let mut reader = Reader::new(bytes);
    let number = dynint::take(&mut reader).map_err(failed)?;
    assert!(reader.is_empty(), "bytes follow the number");
    let encoded = encoded(|out| dynint::put(out, number));
    Ok(Decoded { value: json!({ "number": number }), faults: BTreeSet::new(), encoded })
}

/// The tags of a file.
pub fn tag_list(bytes: &[u8]) -> Outcome {
    let tags = TagList::decode(&Bytes::copy_from_slice(bytes)).map_err(failed)?;
    let mut faults = Faults::new();
    tags.inspect(&mut faults);
    let encoded = Some(tags.as_bytes().to_vec());
    Ok(Decoded { value: json!({ "tags": tags }), faults: ids(&faults), encoded })
}

/// A message: its type word and its payload.
pub fn message(place: Option<&str>, bytes: &[u8]) -> Outcome {
    let side = match place {
        Some("up") => Side::Up,
        Some("down") => Side::Down,
        Some("across") => Side::Across,
        other => panic!("no place is called {other:?}"),
    };
    let (kind, payload) = bytes.split_first_chunk().expect("a message has a type");
    let kind = Kind(u16::from_be_bytes(*kind));
    let frame = Frame { kind, payload: Bytes::copy_from_slice(payload) };
    let (message, rest) = Message::split(&frame, side).map_err(failed)?;
    let mut faults = Faults::new();
    message.inspect(&mut faults);
    let inside = match &message {
        Message::Unicast(unicast) => unicast.split().map_err(failed)?.1,
        Message::Broadcast(broadcast) => broadcast.split().map_err(failed)?.1,
        _ => rest.clone(),
    };
    let mut value = to_json(&message);
    if !inside.is_empty() {
        value["rest"] = Value::String(data_encoding::HEXLOWER.encode(&inside));
    }
    let encoded = encoded(|out: &mut BytesMut| {
        let frame = message.to_frame();
        out.extend_from_slice(&frame.kind.0.to_be_bytes());
        out.extend_from_slice(&frame.payload);
        out.extend_from_slice(&rest);
    });
    Ok(Decoded { value, faults: ids(&faults), encoded })
}

/// A UDP datagram.
pub fn datagram(bytes: &[u8]) -> Outcome {
    let datagram = Datagram::decode(&Bytes::copy_from_slice(bytes)).map_err(failed)?;
    let encoded = Some(datagram.to_bytes().to_vec());
    Ok(Decoded { value: to_json(&datagram), faults: BTreeSet::new(), encoded })
}
