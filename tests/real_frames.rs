//! Every frame of real programs in `tests/fixtures/frames`: decoded, looked at with care, and
//! encoded again.
//!
//! gtk-gnutella, LimeWire, GnutellaBun, Phex and FrostWire sent them. The probes among the senders
//! (198.51.100.x) broke rules to see what gtk-gnutella does then; what they broke is listed here,
//! and a list that says too much fails as well as one that says too little.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "counts are for whoever asks to see them")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use bytes::BytesMut;
use filbert::base::error::Faults;
use filbert::gnutella::wire::ggep::{Item, Items, Place, Value, Writer};
use filbert::gnutella::wire::{AreaWriter, ExtensionArea, Frame, GgepArea, Message, Part};
use support::frames::{self, RealFrame, Transport};

/// What a probe broke on purpose: the frame, the requirement, and what for.
const BREACHES: [(&str, &str, &str); 3] = [
    (
        "gtkg-deflate tcp 198.51.100.40:59891>203.0.113.10:6346 #1",
        "QRP-03",
        "a table of 10,000 slots, which gtk-gnutella answers with Bye 413",
    ),
    (
        "gtkg-deflate tcp 198.51.100.41:44195>203.0.113.10:6346 #1",
        "SIZE-02",
        "the next breach includes this one",
    ),
    (
        "gtkg-deflate tcp 198.51.100.41:44195>203.0.113.10:6346 #1",
        "SIZE-03",
        "a query of over 1,024 bytes, which gtk-gnutella answers with Bye 400",
    ),
];

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

/// How many frames of each function each transport carried: TCP, deflated TCP, UDP, semi-reliable
/// UDP, browse.
const FRAMES: [(&str, [usize; 5]); 8] = [
    ("bye", [10, 12, 0, 0, 0]),
    ("hsep", [40, 8, 0, 0, 0]),
    ("ping", [106, 14, 12, 0, 0]),
    ("pong", [124, 26, 7, 0, 0]),
    ("query", [46, 12, 0, 0, 0]),
    ("query_hit", [15, 6, 0, 2, 2]),
    ("query_table", [39, 18, 0, 0, 0]),
    ("vendor", [56, 20, 48, 4, 0]),
];

/// How often each vendor message was sent.
const VENDOR_MESSAGES: [(&str, usize); 13] = [
    ("BEAR/12v1 query_status", 7),
    ("GTKG/10v1 time_sync_reply", 24),
    ("GTKG/7v1 udp_connect_back", 2),
    ("GTKG/9v1 time_sync_request", 24),
    ("LIME/11v3 out_of_band_claim", 2),
    ("LIME/12v3 out_of_band_indication", 2),
    ("LIME/13v1 out_of_band_veto", 1),
    ("LIME/21v1 push_proxy_request", 1),
    ("LIME/21v2 push_proxy_request", 1),
    ("LIME/22v2 push_proxy_acknowledgement", 2),
    ("null/0v0 messages_supported", 31),
    ("null/10v0 capabilities", 26),
    ("null/10v1 capabilities", 5),
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

/// FRAME-01, FRAME-02, FRAME-07, QUERY-01, HIT-01, PING-01, PONG-01, BYE-01, HSEP-01, QRP-02,
/// QRP-05, VMSG-01
#[test]
fn every_frame_is_encoded_to_the_bytes_it_was_decoded_from() {
    for real in frames::all() {
        let frame = real.frame();
        let message = message(&real, &frame);
        assert_eq!(message.to_bytes(), frame.payload, "{real}: {message}");
        let mut out = BytesMut::new();
        if real.is_datagram() {
            real.datagram().encode(&mut out);
        } else {
            frame.encode(&mut out);
        }
        assert_eq!(out, real.bytes, "{real}");
    }
}

/// FRAME-05, FRAME-06: all that one side sent, in pieces that know nothing of frames.
#[test]
fn every_stream_falls_apart_into_its_frames() {
    let mut streams: BTreeMap<_, Vec<RealFrame>> = BTreeMap::new();
    for real in frames::all().into_iter().filter(|real| !real.is_datagram()) {
        let direction = (real.capture.clone(), real.source.clone(), real.destination.clone());
        streams.entry(direction).or_default().push(real);
    }
    assert_eq!(streams.len(), 57, "directions");
    for frames in streams.values() {
        let sent: Vec<u8> = frames.iter().flat_map(|real| real.bytes.clone()).collect();
        let (mut stream, mut seen) = (BytesMut::new(), Vec::new());
        for piece in sent.chunks(37) {
            stream.extend_from_slice(piece);
            while let Some(frame) = Frame::take_from(&mut stream).unwrap() {
                seen.push(frames::encoded(&frame));
            }
        }
        assert!(stream.is_empty(), "{}", frames[0]);
        assert!(seen.iter().eq(frames.iter().map(|real| &real.bytes)), "{}", frames[0]);
    }
}

#[test]
fn nothing_is_wrong_but_what_probes_broke_on_purpose() {
    let found: BTreeSet<_> = frames::all().iter().flat_map(breaches).collect();
    let listed = BREACHES.map(|(frame, rule, _)| (frame.to_owned(), rule.to_owned()));
    let listed = BTreeSet::from(listed);
    let unlisted: Vec<_> = found.difference(&listed).collect();
    assert!(unlisted.is_empty(), "breaches that are not listed: {unlisted:#?}");
    let needless: Vec<_> = listed.difference(&found).collect();
    assert!(needless.is_empty(), "listed, but not broken: {needless:#?}");
}

#[test]
fn no_frame_was_lost() {
    let mut counts: BTreeMap<String, BTreeMap<Transport, usize>> = BTreeMap::new();
    for real in frames::all() {
        let kind = counts.entry(real.frame().function.name().to_owned()).or_default();
        *kind.entry(real.transport).or_default() += 1;
    }
    print_counts("frames", counts.iter().map(|(name, by)| (name, by.values().sum())));
    let transports = [
        Transport::Tcp,
        Transport::TcpDeflate,
        Transport::Udp,
        Transport::UdpReliable,
        Transport::Browse,
    ];
    let count = |by: &BTreeMap<_, _>, transport| by.get(transport).copied().unwrap_or(0);
    let counted: Vec<_> = counts
        .iter()
        .map(|(name, by)| (name.as_str(), transports.each_ref().map(|each| count(by, each))))
        .collect();
    assert_eq!(counted, FRAMES);
}

/// VMSG-04: what is unknown would have no name.
#[test]
fn every_vendor_message_is_understood() {
    let mut counts = BTreeMap::new();
    for real in frames::all() {
        if let Message::Vendor(vendor) = message(&real, &real.frame()) {
            let name = vendor.message().unwrap_or_else(|| panic!("{real}: {vendor}"));
            *counts.entry(format!("{} {name}", vendor.id)).or_insert(0) += 1;
        }
    }
    print_counts("vendor messages", counts.iter().map(|(name, count)| (name, *count)));
    let counted: Vec<_> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counted, VENDOR_MESSAGES);
}

/// GGEP-24, GGEP-25, GGEP-26, GGEP-27
#[test]
fn every_extension_has_a_value_that_gives_its_payload() {
    let (mut counts, mut rewritten) = (BTreeMap::new(), BTreeSet::new());
    for real in frames::all() {
        for (place, block) in blocks(&message(&real, &real.frame())) {
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
        for (place, block) in blocks(&message(&real, &real.frame())) {
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
        for (_, area) in extension_areas(&message(&real, &real.frame())) {
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
        for (place, area) in extension_areas(&message(&real, &real.frame())) {
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
    println!("{count} areas");
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
        let Message::QueryHit(hit) = message(&real, &real.frame()) else { continue };
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

fn message(real: &RealFrame, frame: &Frame) -> Message {
    Message::decode(frame).unwrap_or_else(|fault| panic!("{real}: {fault}"))
}

/// The requirements that a frame breaks, on its own and by what it carries.
fn breaches(real: &RealFrame) -> Vec<(String, String)> {
    let (mut faults, frame) = (Faults::new(), real.frame());
    match real.transport {
        Transport::Udp | Transport::UdpReliable => real.datagram().inspect(&mut faults),
        Transport::Tcp | Transport::TcpDeflate | Transport::Browse => frame.inspect(&mut faults),
    }
    message(real, &frame).inspect(&mut faults);
    let rules = faults.as_slice().iter().map(|fault| fault.rule.id().to_owned());
    rules.map(|rule| (real.to_string(), rule)).collect()
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

fn print_counts(what: &str, counts: impl Iterator<Item = (impl std::fmt::Display, usize)>) {
    let mut total = 0;
    for (name, count) in counts {
        println!("{count:6} {name}");
        total += count;
    }
    println!("{total:6} {what}\n");
}
