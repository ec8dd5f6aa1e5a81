//! What the dissector of Wireshark makes of frames that we encode: field by field, and byte by
//! byte, what we put in.
//!
//! It knows the Gnutella of the year 2000, over TCP on port 6346. What is younger it passes over,
//! and some things it reads wrong: the tests that show it say so.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "counts are for whoever asks to see them")]

mod support;

use std::io::Write;
use std::net::Ipv4Addr;

use bytes::{Bytes, BytesMut};
use filbert::base::urn::Urn;
use filbert::gnutella::link::Head;
use filbert::gnutella::wire::ggep::{Place, Writer};
use filbert::gnutella::wire::{
    AreaWriter, Bye, ExtensionArea, Frame, Function, GgepArea, Guid, Message, Ping, Pong, Push,
    Query, QueryFlags, QueryHit, Record, Trailer, VendorCode,
};
use flate2::{Compression, write::ZlibEncoder};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use support::frames::encoded;
use support::recording::{Recording, Side};
use support::tshark::dissect;

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
    let mut area = AreaWriter::new();
    let block = ggep(Place::Query);
    area.put_urn(&Urn::Sha1([0xa5; 20])).put_block(block.as_bytes());
    let extensions = area.finish(Place::Query);
    let mut sent = Vec::new();
    for flags in [QueryFlags::marked(), QueryFlags([0, 0]), QueryFlags([0x12, 0x34])] {
        for text in
            ["", "a", "gnutella and filberts", "caf\u{e9} \u{65e5}\u{672c}", &"x".repeat(2000)]
        {
            for extensions in [no_extensions(Place::Query), extensions.clone()] {
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
    let mut area = AreaWriter::new();
    let block = ggep(Place::Record);
    area.put_urn(&Urn::Sha1([0xa5; 20])).put_block(block.as_bytes());
    let tagged = area.finish(Place::Record);
    let record = |index, size, name: &str, extensions: &ExtensionArea| Record {
        index,
        size,
        name: name.to_owned().into(),
        extensions: extensions.clone(),
    };
    let bare = no_extensions(Place::Record);
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
    let mut runner = TestRunner::deterministic();
    let mut sent = Vec::new();
    for _ in 0..100 {
        for messages in
            [any_pong().boxed(), any_push().boxed(), any_query().boxed(), any_hit().boxed()]
        {
            let (function, message) = messages.new_tree(&mut runner).unwrap().current();
            sent.push(Sent::new(function, message));
        }
    }
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

/// A frame, and the values that it was made of.
#[derive(Clone, Debug)]
struct Sent {
    frame: Frame,
    message: Message,
}

impl Sent {
    fn new(function: Function, message: Message) -> Self {
        let guid = Guid(*b"\x10\x32\x54\x76\x98\xba\xdc\xfe\xff\x01\x23\x45\x67\x89\xab\x00");
        let payload = message.to_bytes();
        Self {
            frame: Frame { guid, function, ttl: 4, hops: 3, size_flags: None, payload },
            message,
        }
    }
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

/// What tshark should say of a frame, by what was put in, and not by what we read in it.
fn expected(Sent { frame, message }: &Sent) -> Value {
    let bytes = encoded(frame);
    let mut header = Tree::new("gnutella.header", &bytes[..23]);
    header.put("id", frame.guid.0, &colons(&frame.guid.0));
    header.put("payload", [frame.function.0], &frame.function.0);
    header.put("ttl", [frame.ttl], &frame.ttl);
    header.put("hops", [frame.hops], &frame.hops);
    let payload_len = u32::try_from(frame.payload.len()).unwrap();
    header.put("size", payload_len.to_le_bytes(), &payload_len);
    if let Some((name, payload)) = payload(message, &frame.payload) {
        header.put_tree(name, payload);
    }
    json!({ "bytes": hex(&bytes), "gnutella.header": header.into_value() })
}

/// The tree of a payload that it knows, and its name.
fn payload(message: &Message, payload: &[u8]) -> Option<(&'static str, Tree)> {
    Some(match message {
        Message::Pong(pong) => ("gnutella.pong.payload", of_pong(pong, payload)),
        Message::Push(push) => ("gnutella.push.payload", of_push(push, payload)),
        Message::Query(query) => ("gnutella.query.payload", of_query(query, payload)),
        Message::QueryHit(hit) => ("gnutella.queryhit.payload", of_hit(hit, payload)),
        _ => return None,
    })
}

fn of_pong(pong: &Pong, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.pong", payload);
    tree.put("port", pong.port.to_le_bytes(), &pong.port);
    tree.put("ip", pong.address.octets(), &pong.address);
    tree.put("files", pong.files.to_le_bytes(), &pong.files);
    tree.put("kbytes", pong.kib.to_le_bytes(), &pong.kib);
    tree
}

fn of_push(push: &Push, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.push", payload);
    tree.put("servent_id", push.servent.0, &colons(&push.servent.0));
    tree.put("index", push.index.to_le_bytes(), &push.index);
    tree.put("ip", push.address.octets(), &push.address);
    tree.put("port", push.port.to_le_bytes(), &push.port);
    tree
}

fn of_query(query: &Query, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.query", payload);
    // Wrong: the flags are no speed, and their high byte comes first (QUERY-03).
    tree.put("min_speed", query.flags.0, &u16::from_le_bytes(query.flags.0));
    // Wrong: the extensions are no part of the text.
    let rest = [&query.text[..], b"\0", query.extensions.as_bytes()].concat();
    tree.put("search", rest, &ascii(&query.text));
    tree
}

fn of_hit(hit: &QueryHit, payload: &[u8]) -> Tree {
    let mut tree = Tree::new("gnutella.queryhit", payload);
    let count = u8::try_from(hit.records.len()).unwrap();
    tree.put("count", [count], &count);
    tree.put("port", hit.port.to_le_bytes(), &hit.port);
    tree.put("ip", hit.address.octets(), &hit.address);
    tree.put("speed", hit.speed.to_le_bytes(), &hit.speed);
    for record in &hit.records {
        tree.put_tree("gnutella.queryhit.hit", of_record(record));
    }
    if let Some(Trailer { vendor, open, private }) = &hit.trailer {
        let open_len = u8::try_from(open.len()).unwrap();
        let trailer = [&vendor.0[..], &[open_len], open, private].concat();
        tree.put("extra", &trailer, &colons(&trailer));
    }
    tree.put("servent_id", hit.servent.0, &colons(&hit.servent.0));
    tree
}

fn of_record(record: &Record) -> Tree {
    let (name, extensions) = (&record.name, record.extensions.as_bytes());
    let fixed = [record.index, record.size].map(u32::to_le_bytes).concat();
    let bytes = [&fixed[..], name, b"\0", extensions, b"\0"].concat();
    let mut tree = Tree::new("gnutella.queryhit.hit", &bytes);
    tree.put("index", record.index.to_le_bytes(), &record.index);
    tree.put("size", record.size.to_le_bytes(), &record.size);
    tree.put("name", name, &ascii(name));
    if !extensions.is_empty() {
        tree.put("extra", extensions, &colons(extensions));
    }
    tree
}

/// Fields with one parent, as `dissect` hands them out.
struct Tree {
    prefix: &'static str,
    fields: Map<String, Value>,
}

impl Tree {
    fn new(prefix: &'static str, bytes: &[u8]) -> Self {
        let fields = Map::from_iter([("bytes".to_owned(), hex(bytes).into())]);
        Self { prefix, fields }
    }

    fn put(&mut self, name: &str, bytes: impl AsRef<[u8]>, shown: &impl ToString) {
        let field = json!({ "bytes": hex(bytes.as_ref()), "shown": shown.to_string() });
        self.fields.insert(format!("{}.{name}", self.prefix), field);
    }

    /// Trees of one name become a list.
    fn put_tree(&mut self, name: &str, tree: Self) {
        let tree = tree.into_value();
        let both = match self.fields.remove(name) {
            None => tree,
            Some(Value::Array(mut trees)) => {
                trees.push(tree);
                Value::Array(trees)
            }
            Some(first) => json!([first, tree]),
        };
        self.fields.insert(name.to_owned(), both);
    }

    fn into_value(self) -> Value {
        Value::Object(self.fields)
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// Wrong: it takes text for ASCII, where it is UTF-8 (QUERY-16, HIT-13).
fn ascii(text: &[u8]) -> String {
    text.iter().map(|&byte| if byte.is_ascii() { byte.into() } else { '\u{fffd}' }).collect()
}

/// Two extensions, the payload of the second COBS-encoded in a record.
fn ggep(place: Place) -> GgepArea {
    let mut writer = Writer::new();
    writer.put("BH", b"").unwrap().put_without_nul("X", b"\0\x01\0").unwrap();
    GgepArea::new(writer.finish(), place)
}

fn no_extensions(place: Place) -> ExtensionArea {
    ExtensionArea::new(Bytes::new(), place)
}

fn without_nul(len_max: usize) -> impl Strategy<Value = Bytes> {
    vec(1_u8.., 0..=len_max).prop_map(Bytes::from)
}

fn printable(len_max: usize) -> impl Strategy<Value = Bytes> {
    let printable = prop_oneof![Just(b' '), b'0'..=b'9', b'a'..=b'z', 0xa0_u8..];
    vec(printable, 0..=len_max).prop_map(Bytes::from)
}

fn any_bytes(len_max: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..=len_max).prop_map(Bytes::from)
}

fn any_pong() -> impl Strategy<Value = (Function, Message)> {
    let fields = (any::<u16>(), any::<Ipv4Addr>(), any::<u32>(), any::<u32>(), any_bytes(40));
    fields.prop_map(|(port, address, files, kib, tail)| {
        let extensions = GgepArea::new(tail, Place::Pong);
        (Function::PONG, Message::Pong(Pong { port, address, files, kib, extensions }))
    })
}

fn any_push() -> impl Strategy<Value = (Function, Message)> {
    let fields = (any::<[u8; 16]>(), any::<u32>(), any::<Ipv4Addr>(), any::<u16>(), any_bytes(40));
    fields.prop_map(|(servent, index, address, port, tail)| {
        let extensions = GgepArea::new(tail, Place::Push);
        let push = Push { servent: Guid(servent), index, address, port, extensions };
        (Function::PUSH, Message::Push(push))
    })
}

fn any_query() -> impl Strategy<Value = (Function, Message)> {
    (any::<[u8; 2]>(), printable(60), any_bytes(40)).prop_map(|(flags, text, area)| {
        let extensions = ExtensionArea::new(area, Place::Query);
        let query = Query { flags: QueryFlags(flags), text, extensions };
        (Function::QUERY, Message::Query(query))
    })
}

fn any_hit() -> impl Strategy<Value = (Function, Message)> {
    let record = (any::<u32>(), any::<u32>(), printable(40), without_nul(30));
    let record = record.prop_map(|(index, size, name, area)| {
        let extensions = ExtensionArea::new(area, Place::Record);
        Record { index, size, name, extensions }
    });
    let trailer = (any::<[u8; 4]>(), any_bytes(3), any_bytes(40));
    let trailer = trailer.prop_map(|(vendor, open, private)| Trailer {
        vendor: VendorCode(vendor),
        open,
        private,
    });
    let fields = (any::<u16>(), any::<Ipv4Addr>(), any::<u32>(), any::<[u8; 16]>());
    (fields, vec(record, 0..=10), proptest::option::of(trailer)).prop_map(
        |((port, address, speed, servent), records, trailer)| {
            let servent = Guid(servent);
            let hit = QueryHit { port, address, speed, records, trailer, servent };
            (Function::QUERY_HIT, Message::QueryHit(hit))
        },
    )
}
