//! What the dissector of Wireshark makes of frames that we encode: field by field, and byte by
//! byte, what we put in.
//!
//! It knows the Gnutella of the year 2000, over TCP on port 6346. What is younger it passes over,
//! and some things it reads wrong: the tests that show it say so.

mod any_values;
mod expected;

use std::io::Write;
use std::net::Ipv4Addr;

use any_values::any_message;
use bytes::{Bytes, BytesMut};
use expected::{Sent, expected, hex};
use filbert::base::urn::Urn;
use filbert::gnutella::link::Head;
use filbert::gnutella::wire::ggep::{Place, Writer};
use filbert::gnutella::wire::{
    AreaWriter, Bye, ExtensionArea, Frame, Function, GgepArea, Guid, Message, Ping, Pong, Push,
    Query, QueryFlags, QueryHit, Record, Trailer, VendorCode,
};
use flate2::{Compression, write::ZlibEncoder};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::frames::encoded;
use crate::support::recording::{Recording, Side};
use crate::support::tshark::dissect;

/// The longest payload that it takes for one.
const PAYLOAD_LEN_READ: usize = 4096;

/// FRAME-01, FRAME-02, FRAME-07, FRAME-10, FRAME-11: of functions that it does not know, it reads
/// the header.
#[test]
fn headers_are_read_as_they_were_written() {
    let known = [Function::PONG, Function::PUSH, Function::QUERY, Function::QUERY_HIT];
    let sent = |code: u8| {
        let payload = Bytes::from(vec![code; code.into()]);
        let message = Message::Open { payload: payload.clone() };
        let (guid, function) = (Guid([code; 16]), Function(code));
        let frame = Frame { guid, function, ttl: code, hops: !code, size_flags: None, payload };
        Sent { frame, message }
    };
    let all = (0..=u8::MAX).map(sent);
    let unknown: Vec<_> = all.filter(|sent| !known.contains(&sent.frame.function)).collect();
    assert_eq!(unknown.len(), 252);
    assert_read_as_written("headers", &unknown);
}

/// PING-01, PONG-01, PONG-03: it knows no GGEP, and shows nothing of it.
#[test]
fn pings_and_pongs_are_read_as_they_were_written() {
    let mut sent = vec![
        Sent::new(Function::PING, Message::Ping(Ping::default())),
        Sent::new(Function::PING, Message::Ping(Ping { extensions: ggep(Place::Ping) })),
    ];
    for (port, address, files, kib) in [
        (0, Ipv4Addr::UNSPECIFIED, 0, 0),
        (6346, Ipv4Addr::new(203, 0, 113, 1), 3, 256),
        (0x0102, Ipv4Addr::new(1, 2, 3, 4), 0x0102_0304, 0x0506_0708),
        (u16::MAX, Ipv4Addr::BROADCAST, u32::MAX, u32::MAX),
    ] {
        for extensions in [GgepArea::new(Bytes::new(), Place::Pong), ggep(Place::Pong)] {
            let pong = Pong { port, address, files, kib, extensions };
            sent.push(Sent::new(Function::PONG, Message::Pong(pong)));
        }
    }
    assert_read_as_written("pongs", &sent);
}

/// QUERY-01, QUERY-02: the flags are a minimum speed to it, low byte first, and the extensions
/// belong to the bytes of the text, though not to the text that it shows.
#[test]
fn queries_are_read_as_they_were_written() {
    let mut sent = Vec::new();
    for flags in [QueryFlags::marked(), QueryFlags([0, 0]), QueryFlags([0x12, 0x34])] {
        for text in
            ["", "a", "gnutella and filberts", "caf\u{e9} \u{65e5}\u{672c}", &"x".repeat(2000)]
        {
            for extensions in [bare(Place::Query), tagged(Place::Query)] {
                let query = Query { flags, text: text.to_owned().into(), extensions };
                sent.push(Sent::new(Function::QUERY, Message::Query(query)));
            }
        }
    }
    assert_read_as_written("queries", &sent);
}

/// HIT-01, HIT-02, HIT-03, HIT-04, HIT-05, HIT-06, HIT-09, HIT-14, HIT-15
#[test]
fn query_hits_are_read_as_they_were_written() {
    let record = |index, size, name: &str, extensions: &ExtensionArea| Record {
        index,
        size,
        name: name.to_owned().into(),
        extensions: extensions.clone(),
    };
    let (bare, tagged) = (bare(Place::Record), tagged(Place::Record));
    let several = vec![
        record(0, 0, "", &bare),
        record(u32::MAX, u32::MAX, "caf\u{e9} \u{65e5}\u{672c}.txt", &tagged),
        record(1, 0x0102_0304, "plain.txt", &tagged),
        record(7, 8, "", &tagged),
    ];
    let trailer = Trailer {
        vendor: VendorCode::FILBERT,
        open: Bytes::from_static(b"\x3c\x30"),
        private: ggep(Place::Trailer).as_bytes().clone(),
    };
    let mut sent = Vec::new();
    for records in [
        Vec::new(),
        vec![record(1, 2, "one.txt", &bare)],
        several,
        vec![record(1, 2, "x", &bare); 255],
    ] {
        for trailer in [None, Some(trailer.clone())] {
            let hit = QueryHit {
                port: 0x0102,
                address: Ipv4Addr::new(1, 2, 3, 4),
                speed: 0x0506_0708,
                records: records.clone(),
                trailer,
                servent: Guid(*b"0123456789abcdef"),
            };
            sent.push(Sent::new(Function::QUERY_HIT, Message::QueryHit(hit)));
        }
    }
    assert_read_as_written("query-hits", &sent);
}

/// PUSH-01
#[test]
fn pushes_are_read_as_they_were_written() {
    let mut sent = Vec::new();
    for (index, address, port) in [
        (0, Ipv4Addr::UNSPECIFIED, 0),
        (Push::FIREWALL_TRANSFER_INDEX, Ipv4Addr::new(1, 2, 3, 4), 0x0102),
        (u32::MAX, Ipv4Addr::BROADCAST, u16::MAX),
    ] {
        for extensions in [GgepArea::new(Bytes::new(), Place::Push), ggep(Place::Push)] {
            let push = Push { servent: Guid([0xf1; 16]), index, address, port, extensions };
            sent.push(Sent::new(Function::PUSH, Message::Push(push)));
        }
    }
    assert_read_as_written("pushes", &sent);
}

/// The same for values that nobody chose; always the same ones, so that a failure can be repeated.
#[test]
fn messages_of_any_values_are_read_as_they_were_written() {
    let (mut runner, messages) = (TestRunner::deterministic(), any_message());
    let sent: Vec<_> = (0..400)
        .map(|_| {
            let (function, message) = messages.new_tree(&mut runner).unwrap().current();
            Sent::new(function, message)
        })
        .collect();
    assert_read_as_written("any-values", &sent);
}

/// FRAME-05, FRAME-06
#[test]
fn frames_are_found_in_packets_that_know_nothing_of_them() {
    let ping = Message::Ping(Ping { extensions: ggep(Place::Ping) });
    let sent = Sent::new(Function::PING, ping);
    let bytes = encoded(&sent.frame).repeat(5);
    let mut recording = Recording::new();
    recording.connect();
    recording.send(Side::Client, &bytes);
    bytes.chunks(11).for_each(|piece| recording.send(Side::Server, piece));
    let Some(seen) = dissect(&recording, "packets") else { return };
    assert_eq!(seen, vec![expected(&sent); 10]);
}

/// Handshakes, long payloads and compressed streams are a "stream" to it, in which it looks for no
/// frames; of datagrams it knows nothing.
#[test]
fn it_knows_no_handshake_no_long_payload_no_compression_and_no_udp() {
    let bye = |len| Message::Bye(Bye::new(200, &"x".repeat(len - 3)));
    let sent = |len| Sent::new(Function::BYE, bye(len));
    let (long, longer) = (sent(PAYLOAD_LEN_READ), sent(PAYLOAD_LEN_READ + 1));
    let mut head = BytesMut::new();
    Head::new("GNUTELLA CONNECT/0.6").with("User-Agent", "Filbert/0.1").encode(&mut head);
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(&encoded(&long.frame)).unwrap();
    let compressed = compressed.finish().unwrap();

    let mut recording = Recording::new();
    recording.connect();
    recording.send(Side::Client, &head);
    recording.send(Side::Client, &encoded(&long.frame));
    recording.datagram(Side::Client, &encoded(&sent(100).frame));
    recording.connect();
    recording.send(Side::Client, &compressed);
    recording.connect();
    recording.send(Side::Client, &encoded(&longer.frame)[..100]);
    let Some(seen) = dissect(&recording, "unknown") else { return };
    let stream = |bytes: &[u8]| {
        let field = json!({ "bytes": hex(bytes), "shown": "" });
        json!({ "bytes": hex(bytes), "gnutella.stream": field })
    };
    let longer = stream(&encoded(&longer.frame)[..100]);
    assert_eq!(seen, [stream(&head), expected(&long), stream(&compressed), longer]);
}

/// Sends each frame on its own, all over one connection, and compares what tshark reads.
fn assert_read_as_written(name: &str, sent: &[Sent]) {
    let mut recording = Recording::new();
    recording.connect();
    for Sent { frame, .. } in sent {
        assert!(frame.payload.len() <= PAYLOAD_LEN_READ, "{name}: it would not read this one");
        recording.send(Side::Server, &encoded(frame));
    }
    recording.close();
    let Some(seen) = dissect(&recording, name) else { return };
    assert_eq!(seen.len(), sent.len(), "{name}");
    for (seen, sent) in seen.iter().zip(sent) {
        assert_eq!(*seen, expected(sent), "{name}: {sent:?}");
    }
    println!("{name}: {} frames are read as they were written", sent.len());
}

/// Two extensions, the payload of the second COBS-encoded in a record.
fn ggep(place: Place) -> GgepArea {
    let mut writer = Writer::new();
    writer.put("BH", b"").unwrap().put_without_nul("X", b"\0\x01\0").unwrap();
    GgepArea::new(writer.finish(), place)
}

fn bare(place: Place) -> ExtensionArea {
    ExtensionArea::new(Bytes::new(), place)
}

/// A URN and a block.
fn tagged(place: Place) -> ExtensionArea {
    let mut area = AreaWriter::new();
    area.put_urn(&Urn::Sha1([0xa5; 20])).put_block(ggep(place).as_bytes());
    area.finish(place)
}
