//! What real programs send and every node has to bear, as far as bytes can show it: each with the
//! bytes of a real program, or with such bytes changed in one place.
//!
//! What only a node can show is not here: that a query which comes again with a higher TTL is
//! forwarded but not evaluated, and who is answered with what.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;

use bytes::{Bytes, BytesMut};
use filbert::base::error::Faults;
use filbert::gnutella::link::{Head, HeadReader};
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::query_table::{Patch, Reset};
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{
    Datagram, ExtensionArea, Frame, Guid, Message, Part, Ping, Query, QueryHit, QueryTable, Vendor,
};
use support::frames;
use support::tables::{Table, exchanges, follow};

/// LimeWire 5.6: flags, text, NUL, GGEP PR, and one NUL more.
const LIMEWIRE_QUERY: &str = "lw5-leaf-up-plain tcp 45.16.0.2:51872>45.15.0.2:6346 #8";
/// LimeWire 5.6: GGEP LOC and a NUL.
const LIMEWIRE_PING: &str = "lw5up-gtkgup tcp 45.12.0.2:57746>45.11.0.2:6346 #5";
/// Phex: `urn:sha1`, GGEP SO and a NUL.
const PHEX_QUERY: &str = "gbunleaf-gtkgup-tls-deflate tcp 45.18.0.2:46596>45.17.0.2:6346 #10";
/// Phex, right after its last head.
const PHEX_PING: &str = "gbunleaf-gtkgup-tls-deflate tcp 45.18.0.2:46596>45.17.0.2:6346 #1";
const PHEX_HIT: &str = "gbunleaf-gtkgup-tls-deflate tcp 45.17.0.2:6346>45.18.0.2:46596 #9";
const LIMEWIRE_HIT: &str = "lw5-leaf-up-plain tcp 45.15.0.2:6346>45.16.0.2:51872 #5";
const GTK_GNUTELLA_HIT: &str = "gtkgleaf-gbunup tcp 45.12.0.2:40303>45.11.0.2:6346 #6";
/// LimeWire 5.6, with a list of wide capabilities.
const LIMEWIRE_CAPABILITIES: &str = "lw5-leaf-up-plain tcp 45.16.0.2:51872>45.15.0.2:6346 #2";
/// LimeWire 5.6, to a gtk-gnutella that had offered nothing by UDP.
const LIMEWIRE_UDP_PING: &str = "lw5up-gtkgup udp 45.12.0.2:6346>45.11.0.2:6346 #1";
/// The table of a gtk-gnutella leaf in entries of four bits.
const GTK_GNUTELLA_TABLE: &str = "gtkg-plain 203.0.113.2:54025>203.0.113.1:6346";

/// QUERY-22, HUGE-24
#[test]
fn a_nul_after_the_extensions_of_a_query_is_padding() {
    let query = query(LIMEWIRE_QUERY);
    assert_eq!(query.text, "limefivegamma song");
    let parts: Vec<_> = query.extensions.parts().map(|(_, part)| part).collect();
    assert_eq!(parts, [Part::Ggep(b"\xc3\x82PR\x40"), Part::Padding(1)]);
    assert_eq!(faults(&Message::Query(query)), Faults::new());
}

/// PING-03
#[test]
fn a_nul_after_the_extensions_of_a_ping_is_tolerated() {
    let Message::Ping(ping) = message(LIMEWIRE_PING) else { panic!("it is a ping") };
    assert_eq!(ping.extensions.tail(), b"\0");
    assert!(ping.extensions.find("LOC").is_some());
    assert_eq!(faults(&Message::Ping(ping)), Faults::new());
}

/// QUERY-23, HUGE-15: Phex asks so; FrostWire asks with the shorter form, which was seen but not
/// recorded.
#[test]
fn a_request_for_urns_is_no_filter() {
    let phex = query(PHEX_QUERY);
    let bytes = phex.extensions.as_bytes();
    assert_eq!(bytes, &b"urn:sha1\x1c\xc3\x82SO\x40\0"[..]);
    let shorter = ExtensionArea::new(Bytes::from_static(b"urn:\0"), Place::Query);
    for (extensions, request) in [(phex.extensions.clone(), "urn:sha1"), (shorter, "urn:")] {
        let first = extensions.parts().next().map(|(_, part)| part);
        assert_eq!(first, Some(Part::UrnRequest(request.as_bytes())));
        assert_eq!(extensions.urns().count(), 0);
        let asking = Query { extensions, ..phex.clone() };
        assert_eq!(faults(&Message::Query(asking)), Faults::new());
    }
}

/// HAND-11, HAND-17, HAND-19
#[test]
fn headers_mean_the_same_in_any_case_and_order() {
    for file in ["lw5-leaf-up-plain-01-leaf", "gtkg-plain-01-leaf", "gbun-leaf-up-plain-01-leaf"] {
        let real = &handshake(file)[0];
        let mut other = real.clone();
        other.headers.reverse();
        for (name, value) in &mut other.headers {
            *name = if name.len() % 2 == 0 { name.to_uppercase() } else { name.to_lowercase() };
            if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
                *value = value.to_uppercase();
            }
        }
        let mut written = BytesMut::new();
        other.encode(&mut written);
        let (read, _) = Head::decode(&written).unwrap();
        assert_eq!(read.capabilities(), real.capabilities(), "{file}");
    }
}

/// HAND-19: Phex writes `false` and `true`.
#[test]
fn truth_is_read_in_lower_case() {
    let heads = handshake("gbunleaf-gtkgup-tls-deflate-02-phex-leaf");
    let modes: Vec<_> = heads.iter().map(|head| head.capabilities().ultrapeer).collect();
    assert_eq!(modes, [Some(false), Some(true), None]);
}

/// HAND-17: Phex names itself in its last head too, where others have no headers; a second name in
/// one head changes nothing.
#[test]
fn a_repeated_user_agent_is_no_harm() {
    let heads = handshake("gbunleaf-gtkgup-tls-deflate-02-phex-leaf");
    let phex = Some("Phex 3.4.2.156".to_owned());
    assert_eq!(heads[0].capabilities().user_agent, phex);
    assert_eq!(heads[2].capabilities().user_agent, phex);
    let twice = heads[0].clone().with("User-Agent", "another");
    assert_eq!(twice.capabilities(), heads[0].capabilities());
}

/// HAND-44
#[test]
fn an_empty_list_of_ultrapeers_is_a_list() {
    for file in ["lw5-leaf-up-plain-01-leaf", "gbunleaf-lw5up-deflate-01-leaf"] {
        let answer = &handshake(file)[1];
        assert_eq!(answer.value("X-Try-Ultrapeers"), Some(""), "{file}");
        assert_eq!(answer.capabilities().try_ultrapeers, Some(vec![]), "{file}");
    }
}

/// VMSG-46, FRAME-12
#[test]
fn vendor_messages_with_an_all_zero_guid_are_understood() {
    let mut understood = BTreeSet::new();
    for real in frames::all() {
        let frame = real.frame();
        if let (Guid::ZERO, Message::Vendor(vendor)) =
            (frame.guid, Message::decode(&frame).unwrap())
        {
            understood.extend(vendor.message());
        }
    }
    assert!(understood.contains("messages_supported") && understood.contains("capabilities"));
}

/// VMSG-07: which of them counts is the business of a link.
#[test]
fn capabilities_may_come_several_times() {
    let real = frames::one(LIMEWIRE_CAPABILITIES);
    let mut stream = BytesMut::from(&real.bytes.repeat(3)[..]);
    let mut seen = Vec::new();
    while let Some(frame) = Frame::take_from(&mut stream).unwrap() {
        seen.push(Message::decode(&frame).unwrap());
    }
    assert_eq!(seen, vec![message(LIMEWIRE_CAPABILITIES); 3]);
}

/// VMSG-08: what older programs took for bytes at the end is a second list.
#[test]
fn the_second_list_of_capabilities_is_read() {
    let Body::Capabilities(list) = vendor(LIMEWIRE_CAPABILITIES).body else { panic!("it is one") };
    assert_eq!((list.capabilities.len(), list.wide.as_ref().map(Vec::len)), (5, Some(2)));
    assert_eq!((list.version(b"IMPP"), list.version(b"TCPI")), (Some(0x7fff_ffff), Some(1)));
}

/// VMSG-05
#[test]
fn bytes_after_capabilities_are_kept_and_told() {
    let real = frames::one(LIMEWIRE_CAPABILITIES).frame();
    let payload = [&real.payload[..], b"\x2a\x2a"].concat().into();
    let longer = Vendor::decode(&payload).unwrap();
    assert_eq!((&longer.body, &longer.rest[..]), (&vendor(LIMEWIRE_CAPABILITIES).body, &b"**"[..]));
    assert_eq!(rules(&Message::Vendor(longer.into())), ["VMSG-05"]);
}

/// QRP-18: gtk-gnutella deflates as well as it can, LimeWire and GnutellaBun by default, and others
/// with a smaller window.
#[test]
fn a_patch_may_begin_with_any_zlib_header() {
    let exchanges = exchanges();
    let heads: BTreeSet<_> = exchanges.values().flatten().filter_map(zlib_header).collect();
    assert_eq!(heads, BTreeSet::from([[0x78, 0x9c], [0x78, 0xda]]));
    let [reset, QueryTable::Patch(patch)] = &exchanges[GTK_GNUTELLA_TABLE][..] else {
        panic!("a reset and a patch were recorded")
    };
    let expected = last_table(&exchanges[GTK_GNUTELLA_TABLE]);
    for header in [[0x78, 0x01], [0x78, 0x9c], [0x68, 0x81], [0x58, 0x85]] {
        let data = [&header[..], &patch.data[2..]].concat().into();
        let patch = QueryTable::Patch(Patch { data, ..patch.clone() });
        assert_eq!(last_table(&[reset.clone(), patch]), expected, "{header:02x?}");
    }
}

/// QRP-04, QRP-23
#[test]
fn tables_of_several_sizes_and_infinities_were_sent() {
    let exchanges = exchanges();
    let resets = exchanges.values().flatten().filter_map(|message| match message {
        QueryTable::Reset(Reset { slots, infinity, .. }) => Some((*slots, *infinity)),
        QueryTable::Patch(_) => None,
    });
    // A probe sent another, which is refused.
    let sent: BTreeSet<_> = resets.filter(|(slots, _)| slots.is_power_of_two()).collect();
    let expected = [(16_384, 1), (16_384, 2), (16_384, 7), (65_536, 7), (131_072, 7)];
    assert_eq!(sent, BTreeSet::from(expected));
    for (slots, infinity) in sent {
        let reset = QueryTable::Reset(Reset { slots, infinity, rest: Bytes::new() });
        assert_eq!(follow(&[reset]), Ok(vec![]));
    }
}

/// QRP-13, QRP-14, QRP-15, QRP-16, QRP-17: a real table, written in each width.
#[test]
fn a_table_says_the_same_in_entries_of_any_width() {
    let exchange = &exchanges()[GTK_GNUTELLA_TABLE];
    let expected = last_table(exchange);
    assert_eq!(expected.present.len(), 21);
    for entry_bits in [1_u8, 2, 4, 8] {
        let data = entries(&expected, entry_bits).into();
        let patch =
            Patch { sequence: 1, sequence_size: 1, compressor: Patch::NONE, entry_bits, data };
        let table = last_table(&[exchange[0].clone(), QueryTable::Patch(patch)]);
        assert_eq!(table, expected, "{entry_bits} bits");
    }
}

/// QRP-12, QRP-21: gtk-gnutella changes its table; GnutellaBun sends another.
#[test]
fn a_patch_without_reset_and_another_reset_are_both_understood() {
    let exchanges = exchanges();
    let kinds = |name: &str| -> String {
        let kind = |message: &QueryTable| match message {
            QueryTable::Reset(_) => 'R',
            QueryTable::Patch(_) => 'P',
        };
        exchanges[name].iter().map(kind).collect()
    };
    let changed = "gtkgleaf-gbunup 45.12.0.2:40303>45.11.0.2:6346";
    let anew = "gbun-leaf-up-plain 45.14.0.2:56014>45.13.0.2:6346";
    assert_eq!((kinds(changed).as_str(), kinds(anew).as_str()), ("RPP", "RPRP"));
    for name in [changed, anew] {
        let tables = follow(&exchanges[name]).unwrap();
        assert!(tables[0].present.is_subset(&tables[1].present), "{name}");
        assert_ne!(tables[0], tables[1], "{name}");
    }
}

/// FRAME-10: trimming them is the business of a router.
#[test]
fn a_ttl_of_six_or_seven_at_hops_0_is_read() {
    for (name, ttl) in [(LIMEWIRE_QUERY, 6), (PHEX_QUERY, 7), (PHEX_PING, 7)] {
        let frame = frames::one(name).frame();
        assert_eq!((frame.ttl, frame.hops), (ttl, 0), "{name}");
        let mut faults = Faults::new();
        frame.inspect(&mut faults);
        assert_eq!(faults, Faults::new(), "{name}");
    }
}

/// HIT-18, HIT-21, HIT-22: gtk-gnutella sends two bytes, LimeWire four, older programs three.
#[test]
fn open_data_may_have_two_three_or_four_bytes() {
    let (two, four) = (hit(GTK_GNUTELLA_HIT), hit(LIMEWIRE_HIT));
    let mut three = four.clone();
    if let Some(trailer) = &mut three.trailer {
        trailer.open.truncate(3);
    }
    let expected = [(two, 2, None, &b""[..]), (three, 3, None, b""), (four, 4, Some(3), b"{}\0")];
    for (hit, open_len, xml_len, xml) in expected {
        let hit = QueryHit::decode(&Message::QueryHit(hit).to_bytes()).unwrap();
        let trailer = hit.trailer.unwrap();
        assert_eq!(trailer.open.len(), open_len);
        assert_eq!((trailer.xml_len(), trailer.xml().0), (xml_len, xml));
        assert_eq!(trailer.flags().unwrap().push(), Some(false));
        assert!(trailer.extensions().find("BH").is_some());
    }
}

/// HIT-24
#[test]
fn a_private_byte_may_stand_before_the_extensions() {
    for (name, private) in [(LIMEWIRE_HIT, 0), (PHEX_HIT, 1)] {
        let trailer = hit(name).trailer.unwrap();
        assert_eq!(trailer.vendor_data(), [private], "{name}");
        assert!(trailer.extensions().find("BH").is_some(), "{name}");
    }
}

/// HIT-05
#[test]
fn a_speed_may_be_absurd() {
    assert_eq!(hit(PHEX_HIT).speed, 0x20_0000);
}

/// A server answers a request for all bytes with 200 or with 206, and may tell the range in both.
#[test]
fn a_request_for_all_bytes_is_answered_in_several_ways() {
    for (file, range, code, answered) in [
        ("gbun-n2r-200", "bytes=0-", "200", None),
        ("gbun-from-gtkg-n2r-200", "bytes=0-", "200", None),
        ("gbun-from-lw5-n2r-200", "bytes=0-", "200", Some("bytes 0-180999/181000")),
        ("lw5-n2r-206-first", "bytes=0-131071", "206", Some("bytes 0-131071/310000")),
    ] {
        let [request, answer] = &transfer(file)[..] else { panic!("{file} has two heads") };
        assert_eq!(request.value("range"), Some(range), "{file}");
        assert_eq!(answer.start.split(' ').nth(1), Some(code), "{file}");
        assert_eq!(answer.value("content-range"), answered, "{file}");
    }
}

/// Both say so, or nothing does: HTTP 1.1 keeps a connection unless told otherwise.
#[test]
fn a_connection_is_kept_with_and_without_a_word() {
    let kept = |file| transfer(file).iter().map(|h| h.value("Connection").is_some()).collect();
    assert_eq!((kept("gbun-n2r-200"), kept("lw5-n2r-206-next")), (vec![true; 2], vec![false; 2]));
}

/// HAND-48: the offer stands in a request for a file too, and may be passed over.
#[test]
fn a_request_may_offer_tls() {
    let [request, answer] = &transfer("gtkg-from-gbun-n2r-200")[..] else { panic!("two heads") };
    assert!(request.capabilities().upgrade_tls && request.capabilities().connection_upgrade);
    assert!(!answer.capabilities().upgrade_tls && !answer.capabilities().connection_upgrade);
}

/// UDP-01, PING-01
#[test]
fn an_empty_ping_comes_by_udp() {
    let Datagram::Frame { frame, deflated, .. } = frames::one(LIMEWIRE_UDP_PING).datagram() else {
        panic!("it is no fragment")
    };
    assert_eq!(Message::decode(&frame), Ok(Message::Ping(Ping::default())));
    assert!(!deflated);
}

fn message(name: &str) -> Message {
    Message::decode(&frames::one(name).frame()).unwrap()
}

fn query(name: &str) -> Query {
    let Message::Query(query) = message(name) else { panic!("{name} is no query") };
    query
}

fn hit(name: &str) -> QueryHit {
    let Message::QueryHit(hit) = message(name) else { panic!("{name} is no query hit") };
    hit
}

fn vendor(name: &str) -> Vendor {
    Vendor::decode(&frames::one(name).frame().payload).unwrap()
}

fn faults(message: &Message) -> Faults {
    let mut faults = Faults::new();
    message.inspect(&mut faults);
    faults
}

fn rules(message: &Message) -> Vec<&'static str> {
    faults(message).as_slice().iter().map(|fault| fault.rule.id()).collect()
}

fn handshake(file: &str) -> Vec<Head> {
    heads(&format!("handshakes/{file}.txt"))
}

fn transfer(file: &str) -> Vec<Head> {
    heads(&format!("http/{file}.txt"))
}

fn heads(path: &str) -> Vec<Head> {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (mut stream, mut reader) = (BytesMut::from(&bytes[..]), HeadReader::default());
    std::iter::from_fn(|| reader.take_from(&mut stream).unwrap()).collect()
}

fn zlib_header(message: &QueryTable) -> Option<[u8; 2]> {
    match message {
        QueryTable::Patch(patch) => patch.data.first_chunk().copied(),
        QueryTable::Reset(_) => None,
    }
}

fn last_table(messages: &[QueryTable]) -> Table {
    follow(messages).unwrap().pop().expect("there is a table")
}

/// The entries of a patch that makes a table out of an empty one: all bits set for a slot with a
/// word, which is -1 in each width.
fn entries(table: &Table, entry_bits: u8) -> Vec<u8> {
    let per_byte = u32::from(8 / entry_bits);
    let entry = u8::MAX << (8 - entry_bits);
    let mut bytes = vec![0; usize::try_from(table.slots / per_byte).unwrap()];
    for slot in &table.present {
        let place = u8::try_from(slot % per_byte).unwrap();
        bytes[usize::try_from(slot / per_byte).unwrap()] |= entry >> (place * entry_bits);
    }
    bytes
}
