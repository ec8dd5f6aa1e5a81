//! Every extension in the frames of real programs: each has a typed value in its place, and what is
//! made of the values is, byte for byte, what was sent.

use std::collections::{BTreeMap, BTreeSet};

use filbert::gnutella::wire::ggep::{Item, Items, Place, Value, Writer};
use filbert::gnutella::wire::{AreaWriter, ExtensionArea, GgepArea, Message, Part};

use crate::support::frames::{self, print_counts};

/// Payloads that encoding their value does not give back: place, id, payload, and why.
const REWRITTEN: [(&str, &str, &[u8], &str); 1] = [(
    "Pong",
    "DU",
    b"",
    "gtk-gnutella leaves out the only byte of an uptime of 0; we write it, as LimeWire does",
)];

/// Bytes that a maker puts before its GGEP block: the maker, the bytes, and why they have no type.
const VENDOR_DATA: [(&str, &[u8], &str); 2] = [
    ("LIME", &[0], "whether it takes part in chats, which nobody asks any more (HIT-24)"),
    ("PHEX", &[1], "as LimeWire's, with the bit set"),
];

/// How often each extension stood in each place.
const EXTENSIONS: [(&str, &str, usize); 24] = [
    ("Ping", "GUE", 3),
    ("Ping", "LOC", 13),
    ("Ping", "QK", 3),
    ("Ping", "SCP", 96),
    ("Pong", "DHT", 4),
    ("Pong", "DU", 154),
    ("Pong", "GUE", 134),
    ("Pong", "IPP", 1),
    ("Pong", "LOC", 8),
    ("Pong", "QK", 3),
    ("Pong", "TLS", 3),
    ("Pong", "UP", 146),
    ("Pong", "VC", 150),
    ("Query", "PR", 31),
    ("Query", "SO", 20),
    ("Record", "ALT", 6),
    ("Record", "CT", 42),
    ("Record", "H", 34),
    ("Record", "TT", 10),
    ("Trailer", "BH", 25),
    ("Trailer", "GTKGV", 18),
    ("Trailer", "SO", 2),
    ("Trailer", "TLS", 2),
    ("Vendor", "SO", 2),
];

/// GGEP-24, GGEP-25, GGEP-26, GGEP-27
#[test]
fn every_extension_has_a_value_that_gives_its_payload() {
    let (mut counts, mut rewritten) = (BTreeMap::new(), BTreeSet::new());
    for real in frames::all() {
        for (place, block) in blocks(&real.message()) {
            for item in Items::new(&block, 0) {
                let item = item.unwrap_or_else(|fault| panic!("{real}: {fault}"));
                let id = std::str::from_utf8(item.id).expect("ids are ASCII").to_owned();
                let place_name = format!("{place:?}");
                let value = item.value(place).unwrap_or_else(|fault| panic!("{real}: {fault}"));
                assert!(!matches!(value, Value::Open(_)), "{real}: {place:?} {id} is unknown");
                let payload = item.payload().expect("a payload with a value is readable");
                if value.to_payload() != *payload {
                    rewritten.insert((place_name.clone(), id.clone(), payload.to_vec()));
                }
                *counts.entry((place_name, id)).or_insert(0) += 1;
            }
        }
    }
    let listed = REWRITTEN.map(|(place, id, payload, _)| (place.into(), id.into(), payload.into()));
    assert_eq!(rewritten, BTreeSet::from(listed), "payloads that values do not give back");
    let name = |(place, id): &(String, String)| format!("{place} {id}");
    print_counts("extensions", counts.iter().map(|(key, count)| (name(key), *count)));
    let counted: Vec<_> =
        counts.iter().map(|((place, id), count)| (place.as_str(), id.as_str(), *count)).collect();
    assert_eq!(counted, EXTENSIONS);
}

/// GGEP-01, GGEP-02, GGEP-06, GGEP-09, GGEP-11, GGEP-17: also where others use COBS, and where not.
#[test]
fn blocks_made_of_the_values_are_the_blocks_that_were_sent() {
    for real in frames::all() {
        for (place, block) in blocks(&real.message()) {
            let mut writer = Writer::new();
            for item in Items::new(&block, 0).map(Result::unwrap) {
                put_again(&mut writer, &item, place);
            }
            assert_eq!(writer.finish(), block, "{real}: {place:?}");
        }
    }
}

/// HUGE-05, HUGE-15, HUGE-24
#[test]
fn every_part_of_an_extension_area_is_understood() {
    let mut counts = BTreeMap::new();
    for real in frames::all() {
        for (_, area) in extension_areas(&real.message()) {
            for (offset, part) in area.parts() {
                let name = match part {
                    Part::Urn(urn) => {
                        let sent = &area.as_bytes()[offset..];
                        assert!(sent.starts_with(urn.to_string().as_bytes()), "{real}: {urn}");
                        "URN"
                    }
                    Part::UrnRequest(_) => "request for URNs",
                    Part::Ggep(_) => "GGEP",
                    Part::Padding(_) => "padding",
                    Part::Xml(_) | Part::Text(_) | Part::Broken(..) => {
                        panic!("{real}: {part:?}");
                    }
                };
                *counts.entry(name).or_insert(0) += 1;
            }
        }
    }
    print_counts("parts", counts.iter().map(|(name, count)| (name, *count)));
    let counted: Vec<_> = counts.into_iter().collect();
    assert_eq!(counted, [("GGEP", 77), ("URN", 14), ("padding", 5), ("request for URNs", 1)]);
}

/// HUGE-01, HUGE-02, HUGE-04
#[test]
fn areas_made_of_their_parts_are_the_areas_that_were_sent() {
    let (mut count, mut doubled) = (0, BTreeSet::new());
    for real in frames::all() {
        for (place, area) in extension_areas(&real.message()) {
            let mut writer = AreaWriter::new();
            for (_, part) in area.parts() {
                writer.put_part(&part);
            }
            let mut expected = area.as_bytes().to_vec();
            expected.dedup_by(|byte, before| [*byte, *before] == [0x1c; 2]);
            assert_eq!(writer.finish(place).as_bytes(), &expected, "{real}");
            if expected.len() < area.as_bytes().len() {
                doubled.insert(real.source.clone());
            }
            count += usize::from(!expected.is_empty());
        }
    }
    assert_eq!(count, 77);
    // The LimeWires put two separators where one does.
    assert!(doubled.iter().eq(["45.11.0.2:6346", "45.15.0.2:6346", "45.16.0.2:51872"]));
}

/// HIT-15, HIT-17, HIT-18, HIT-24, HIT-26
#[test]
fn every_trailer_is_understood() {
    let mut untyped = BTreeSet::new();
    let mut counts = BTreeMap::new();
    for real in frames::all() {
        let Message::QueryHit(hit) = real.message() else { continue };
        let trailer = hit.trailer.unwrap_or_else(|| panic!("{real} has no trailer"));
        let flags = trailer.flags().unwrap_or_else(|| panic!("{real} has no flags"));
        assert_eq!(flags.ggep(), Some(true), "{real}");
        assert!(flags.push().is_some() && flags.busy().is_some(), "{real}");
        assert_eq!(trailer.extensions().tail(), b"", "{real}");
        let vendor = trailer.vendor.to_string();
        if !trailer.vendor_data().is_empty() {
            untyped.insert((vendor.clone(), trailer.vendor_data().to_vec()));
        }
        *counts.entry(vendor).or_insert(0) += 1;
    }
    let listed = VENDOR_DATA.map(|(vendor, bytes, _)| (vendor.to_owned(), bytes.to_vec()));
    assert_eq!(untyped, BTreeSet::from(listed));
    print_counts("trailers", counts.iter().map(|(name, count)| (name, *count)));
    let counted: Vec<_> = counts.iter().map(|(vendor, count)| (vendor.as_str(), *count)).collect();
    assert_eq!(counted, [("GBUN", 3), ("GTKG", 18), ("LIME", 3), ("PHEX", 1)]);
}

/// The areas of a message in which GGEP stands among other things.
fn extension_areas(message: &Message) -> Vec<(Place, ExtensionArea)> {
    match message {
        Message::Query(query) => vec![(Place::Query, query.extensions.clone())],
        Message::QueryHit(hit) => {
            hit.records.iter().map(|record| (Place::Record, record.extensions.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// The areas of a message in which only GGEP stands.
fn ggep_area(message: &Message) -> Option<(Place, GgepArea)> {
    match message {
        Message::Ping(ping) => Some((Place::Ping, ping.extensions.clone())),
        Message::Pong(pong) => Some((Place::Pong, pong.extensions.clone())),
        Message::QueryHit(hit) => Some((Place::Trailer, hit.trailer.as_ref()?.extensions())),
        Message::Vendor(vendor) => Some((Place::Vendor, vendor.body.extensions()?.clone())),
        _ => None,
    }
}

/// Every GGEP block of a message.
fn blocks(message: &Message) -> Vec<(Place, Vec<u8>)> {
    let mut blocks = Vec::new();
    for (place, area) in extension_areas(message) {
        let ggep = area.parts().filter_map(|(_, part)| match part {
            Part::Ggep(block) => Some((place, block.to_vec())),
            _ => None,
        });
        blocks.extend(ggep);
    }
    if let Some((place, area)) = ggep_area(message) {
        let len = area.as_bytes().len() - area.tail().len();
        blocks.extend((len > 0).then(|| (place, area.as_bytes()[..len].to_vec())));
    }
    blocks
}

/// Adds what an extension means to a block, except for those that are known to come out otherwise.
fn put_again(writer: &mut Writer, item: &Item<'_>, place: Place) {
    let id = std::str::from_utf8(item.id).expect("ids are ASCII");
    let payload = item.payload().expect("the payload is readable");
    let is_rewritten = REWRITTEN.iter().any(|(listed_place, listed, bytes, _)| {
        (*listed_place, *listed, *bytes) == (&format!("{place:?}"), id, &payload)
    });
    let put = if is_rewritten {
        writer.put(id, &payload)
    } else {
        writer.put_value(id, place, &item.value(place).expect("the value is readable"))
    };
    put.expect("what was sent has room");
}
