//! What is measured: one function a case, the same for the clock and for the instruction counter.

#![allow(dead_code, unreachable_pub, clippy::expect_used)]

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{
    ExtensionArea, Frame, Function, Guid, Message, Query, QueryFlags, QueryHit, Record, Trailer,
    VendorCode,
};

/// Something to measure, and the bytes that it works on.
pub struct Case {
    pub name: &'static str,
    /// What the project has promised, in nanoseconds.
    pub target_ns: f64,
    pub bytes: Bytes,
    pub run: fn(&Bytes),
}

/// Every case.
pub fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "decode a query, header and payload, 44 bytes",
            target_ns: 60.0,
            bytes: query(),
            run: decode,
        },
        Case {
            name: "decode a query hit with 10 records",
            target_ns: 1_500.0,
            bytes: query_hit(),
            run: decode,
        },
        Case {
            name: "forward a frame: TTL, hops, clone",
            target_ns: 10.0,
            bytes: query_hit(),
            run: forward,
        },
    ]
}

fn decode(wire: &Bytes) {
    let frame = Frame::decode(black_box(wire)).expect("the frame is whole");
    black_box(Message::decode(&frame).expect("the message decodes"));
}

fn forward(wire: &Bytes) {
    thread_local! {
        static RECEIVED: std::cell::OnceCell<Frame> = const { std::cell::OnceCell::new() };
    }
    RECEIVED.with(|received| {
        let received = received.get_or_init(|| Frame::decode(wire).expect("the frame is whole"));
        let received = black_box(received);
        black_box(received.forwarded(received.ttl - 1, received.hops + 1));
    });
}

/// Shared bytes, as they come out of a link's receive buffer.
fn frame(function: Function, message: &Message) -> Bytes {
    let guid = Guid(*b"\x6a\x3c\x11\xf0\x29\x8e\x4d\x77\xff\x01\x5b\xc2\x90\x3e\x84\x00");
    let payload = message.to_bytes();
    let frame = Frame { guid, function, ttl: 3, hops: 1, size_flags: None, payload };
    let mut stream = BytesMut::new();
    frame.encode(&mut stream);
    frame.encode(&mut stream);
    stream.split_to(frame.wire_len()).freeze()
}

/// 23 bytes of header, flags, ten letters, a NUL, and eight bytes of GGEP.
fn query() -> Bytes {
    let extensions = Bytes::from_static(b"\xc3\x83SCP\x41\x01\x00");
    let query = Query {
        flags: QueryFlags([0xb9, 0x00]),
        text: Bytes::from_static(b"blue train"),
        extensions: ExtensionArea::new(extensions, Place::Query),
    };
    let bytes = frame(Function::QUERY, &Message::Query(query));
    assert_eq!(bytes.len(), 44);
    bytes
}

/// Ten records with a URN and two GGEP extensions each, and a trailer with GGEP.
fn query_hit() -> Bytes {
    let record = |index: u32| {
        let mut ggep = Writer::new();
        let created = Value::Number(1_163_980_800 + u64::from(index));
        ggep.put_value("CT", Place::Record, &created).expect("it has room");
        ggep.put_without_nul("TT", &[7; 24]).expect("it has room");
        let urn = b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB\x1c";
        let area = Bytes::from([&urn[..], &ggep.finish()].concat());
        Record {
            index,
            size: 4_000_000 + index,
            name: Bytes::from(format!("John Coltrane - Blue Train ({index:02}).ogg")),
            extensions: ExtensionArea::new(area, Place::Record),
        }
    };
    let hit = QueryHit {
        port: 6346,
        address: "203.0.113.9".parse().expect("it is an address"),
        speed: 1_000,
        records: (1..=10).map(record).collect(),
        trailer: Some(Trailer {
            vendor: VendorCode::FILBERT,
            open: Bytes::from_static(&[0x2c, 0x21]),
            private: Bytes::from_static(b"\xc3\x82BH\x40"),
        }),
        servent: Guid([9; 16]),
    };
    frame(Function::QUERY_HIT, &Message::QueryHit(hit))
}
