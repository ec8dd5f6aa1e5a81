//! Messages.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use filbert::base::error::Faults;
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::vendor::Body;
use filbert::gnutella::wire::{
    Datagram, ExtensionArea, Frame, Guid, Message, Part, Ping, Query, QueryHit, Vendor,
};

use crate::support::frames;

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

/// HIT-18, HIT-21, HIT-22: gtk-gnutella sends two bytes, LimeWire four; three were not recorded.
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
    frames::one(name).message()
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
