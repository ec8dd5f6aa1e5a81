use bytes::Bytes;

use super::invariants::{check_fault, check_faults, check_json};
use super::splitter::Splitter;
use crate::base::error::Faults;
use crate::base::limits::{GGEP_INFLATED_LEN_MAX, INFLATE_FREE_LEN, INFLATE_RATIO_MAX};
use crate::base::reader::Expect;
use crate::gnutella::wire::GgepArea;
use crate::gnutella::wire::ggep::{Item, Items, Place, Value};

const NOT_GGEP: Expect = Expect::new("PING-02", "the tail is no GGEP");

/// Every place that gives ids a meaning.
pub(super) const PLACES: &[Place] = &[
    Place::Ping,
    Place::Pong,
    Place::Query,
    Place::Record,
    Place::Trailer,
    Place::Push,
    Place::HeadPing,
    Place::HeadPong,
    Place::Vendor,
];

/// The first byte chooses the place, the others are blocks.
pub(super) fn ggep(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (place, bytes) = (splitter.choose(PLACES), splitter.rest());
    check_walk(Items::new(bytes, 0), place, bytes);
    check_walk(Items::one_block(bytes, 0), place, bytes);
    check_area(bytes, place);
}

/// What was walked over and what was not are the whole; a walk ends with its first fault.
fn check_walk(mut items: Items<'_>, place: Place, bytes: &[u8]) {
    let mut end = 0;
    while let Some(step) = items.next() {
        match step {
            Ok(item) => {
                assert!(item.start >= end, "an item begins within the one before it");
                check_item(&item, place, bytes);
                end = item.offset + item.raw.len();
            }
            Err(fault) => {
                check_fault(&fault, bytes.len());
                assert_eq!(items.clone().next(), None, "a walk goes on behind a fault");
            }
        }
        assert_eq!(&bytes[items.offset()..], items.rest(), "bytes were lost");
    }
    assert_eq!(items.offset(), end, "the walk went on behind its last item");
    assert!(!items.is_unended() || items.rest().is_empty());
}

/// An item is a part of the bytes that were walked over, and its payload is bounded.
pub(super) fn check_item(item: &Item<'_>, place: Place, walked: &[u8]) {
    let end = item.offset + item.raw.len();
    let header_len = item.offset.checked_sub(item.start).expect("it begins with its header");
    assert!(
        (item.id.len() + 2..=item.id.len() + 4).contains(&header_len),
        "a header of {header_len}"
    );
    assert_eq!(walked.get(item.offset..end), Some(item.raw), "the offset is wrong");
    assert!((1..=15).contains(&item.id.len()));
    match item.payload() {
        Ok(payload) if item.deflate => {
            let by_ratio = (item.raw.len() * INFLATE_RATIO_MAX).max(INFLATE_FREE_LEN);
            assert!(payload.len() <= by_ratio.min(GGEP_INFLATED_LEN_MAX), "it inflates to more");
        }
        Ok(payload) => assert!(payload.len() <= item.raw.len(), "it grows without deflate"),
        Err(fault) => check_fault(&fault, end),
    }
    match item.value(place) {
        Ok(value) => check_value(item, place, &value),
        Err(fault) => check_fault(&fault, end),
    }
}

/// A value is written as a payload that says the same, and is written the same way again.
fn check_value(item: &Item<'_>, place: Place, value: &Value) {
    let payload = value.to_payload();
    let written = Item { cobs: false, deflate: false, raw: &payload, start: 0, offset: 0, ..*item };
    let again = written.value(place).expect("what was written can be read");
    assert_eq!(meaning(&again), meaning(value), "it says something else");
    assert_eq!(again.to_payload(), payload, "it is written otherwise");
}

/// What a value says. Bits without a meaning and empty lines say nothing (GGEP-63, GGEP-75).
fn meaning(value: &Value) -> String {
    serde_json::to_string(value).expect("every value fits into JSON")
}

fn check_area(bytes: &[u8], place: Place) {
    let area = GgepArea::new(Bytes::copy_from_slice(bytes), place);
    assert!(bytes.ends_with(area.tail()), "the tail is something else");
    let blocks = &bytes[..bytes.len() - area.tail().len()];
    let walked: Vec<_> = Items::new(blocks, 0).map_while(Result::ok).collect();
    assert!(area.items().eq(walked.iter().copied()), "the area has other items than its blocks");
    for item in &walked {
        let id = std::str::from_utf8(item.id).expect("ids are ASCII");
        assert_eq!(area.find(id).map(|found| found.id), Some(item.id));
    }
    let inspections: [fn(&GgepArea, &mut Faults); 3] = [
        |area, faults| area.inspect(0, faults),
        |area, faults| area.inspect_all(0, faults),
        |area, faults| area.inspect_tail(0, NOT_GGEP, faults),
    ];
    for inspect in inspections {
        let mut faults = Faults::new();
        inspect(&area, &mut faults);
        check_faults(&faults, bytes.len());
    }
    check_json(&area, bytes.len());
}
