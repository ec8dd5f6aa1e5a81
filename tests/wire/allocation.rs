//! How much the codec allocates: never more than its input plus 64 KiB, and nothing to forward.

use std::io::Write;

use bytes::{BufMut, Bytes, BytesMut};
use filbert::base::error::Faults;
use filbert::gnutella::link::Head;
use filbert::gnutella::wire::query_table::Receiver;
use filbert::gnutella::wire::{Datagram, Frame, Function, Guid, Message, QueryTable};
use flate2::{Compression, write::ZlibEncoder};

use crate::support::vectors;

/// What decoding may add to the length of its input.
const SURPLUS_MAX: u64 = 64 * 1024;

const FUNCTIONS: [Function; 9] = [
    Function::PING,
    Function::PONG,
    Function::BYE,
    Function::QUERY_TABLE,
    Function::VENDOR,
    Function::PUSH,
    Function::QUERY,
    Function::QUERY_HIT,
    Function::HSEP,
];

fn frame(function: Function, payload: &[u8]) -> Frame {
    let payload = Bytes::copy_from_slice(payload);
    Frame { guid: Guid::ZERO, function, ttl: 1, hops: 0, size_flags: None, payload }
}

/// The most memory that decoding and a careful look held at any moment.
fn peak(payload: &[u8]) -> u64 {
    let frames = FUNCTIONS.map(|function| frame(function, payload));
    let datagram = Bytes::copy_from_slice(payload);
    let of_frame = |frame: &Frame| {
        let measured = allocation_counter::measure(|| {
            if let Ok(message) = Message::decode(frame) {
                let mut faults = Faults::new();
                message.inspect(&mut faults);
            }
        });
        measured.bytes_max
    };
    let of_datagram = allocation_counter::measure(|| {
        if let Ok(datagram) = Datagram::decode(&datagram) {
            datagram.inspect(&mut Faults::new());
        }
    });
    frames.iter().map(of_frame).max().unwrap_or(0).max(of_datagram.bytes_max)
}

fn assert_bounded(name: &str, payload: &[u8]) {
    let (peak, input) = (peak(payload), payload.len() as u64);
    assert!(peak <= input + SURPLUS_MAX, "{name}: {peak} bytes for an input of {input}");
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A GGEP block of extensions with this id, flags and payload.
fn block(id: &str, flags: u8, payload: &[u8], count: usize) -> Vec<u8> {
    let mut block = vec![0xc3];
    for index in 0..count {
        let last = if index + 1 == count { 0x80 } else { 0 };
        block.push(last | flags | u8::try_from(id.len()).unwrap());
        block.extend(id.as_bytes());
        let len = payload.len();
        block.extend([
            0x80 | u8::try_from(len >> 12).unwrap(),
            0x80 | u8::try_from(len >> 6 & 0x3f).unwrap(),
            0x40 | u8::try_from(len & 0x3f).unwrap(),
        ]);
        block.extend(payload);
    }
    block
}

/// SIZE-15
#[test]
fn every_vector_is_decoded_within_bounds() {
    for vector in vectors::all() {
        if vector.entry.hex.is_some() {
            for bytes in vector.messages() {
                assert_bounded(&vector.entry.id, &bytes);
                assert_bounded(&vector.entry.id, bytes.get(23..).unwrap_or_default());
            }
        }
    }
}

/// GGEP-20, SIZE-13, SIZE-15
#[test]
fn bombs_and_long_lists_stay_within_bounds() {
    let noise: Vec<u8> =
        (0..65_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let bomb = deflate(&vec![0; 1 << 20]);
    let big = deflate(&noise[..16 * 1024]);
    for id in ["XQ", "IPP", "IPP6", "ALT", "PR1", "PR4", "PHC", "QK", "VMSG", "GGEP", "P", "R", "H"]
    {
        for (flags, payload) in [(0, &noise[..60_000]), (0x20, &bomb), (0x20, &big), (0x40, &noise)]
        {
            let count = (64_000 / payload.len()).max(1);
            assert_bounded(id, &block(id, flags, payload, count));
        }
        assert_bounded(id, &block(id, 0, b"", 9_000));
        assert_bounded(id, &block(id, 0, b"127001", 5_000));
    }
    assert_bounded("zeros", &[0; 65_535]);
    assert_bounded("ones", &[0xff; 65_535]);
    assert_bounded("separators", &[0x1c; 65_535]);
    assert_bounded("magic", &[0xc3; 65_535]);
    assert_bounded("noise", &noise);
    let mut hit = vec![255; 11];
    hit.extend(b"\0\0\0\0\0\0\0\0\0\0".repeat(255));
    hit.extend([0; 16]);
    assert_bounded("many records", &hit);
}

/// The most memory that a piece of work held at any moment.
fn peak_of(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).bytes_max
}

/// SIZE-09, SIZE-10, SIZE-11, SIZE-15
#[test]
fn heads_stay_within_bounds() {
    let short = "GNUTELLA/0.6 200 OK\r\n".to_owned() + &"A:\r\n".repeat(2_000) + "\r\n";
    let folded = "GNUTELLA/0.6 200 OK\r\nA: b\r\n".to_owned() + &" c\r\n".repeat(2_000) + "\r\n";
    let long = "GNUTELLA/0.6 200 OK\r\nA: ".to_owned() + &"b".repeat(60_000);
    let features =
        "GNUTELLA/0.6 200 OK\r\nX-Features: ".to_owned() + &"a/1,".repeat(250) + "\r\n\r\n";
    for head in [short, folded, long, features] {
        let peak = peak_of(|| {
            if let Ok((head, _)) = Head::decode(head.as_bytes()) {
                let _ = head.capabilities();
            }
        });
        assert!(peak <= head.len() as u64 + SURPLUS_MAX, "{peak} bytes for {}", head.len());
    }
}

/// QRP-20, QRP-22, SIZE-15
#[test]
fn following_a_query_table_stays_within_bounds() {
    let reset = Bytes::from_static(&[0, 0, 0, 0x20, 0, 7]);
    let bomb = deflate(&vec![0x88; 1 << 20]);
    let patch = Bytes::from([&[1, 1, 1, 1, 4], &bomb[..]].concat());
    let (reset, patch) = (QueryTable::decode(&reset).unwrap(), QueryTable::decode(&patch).unwrap());
    let mut changes = 0_u32;
    let peak = peak_of(|| {
        let mut receiver = Receiver::new();
        receiver.receive(&reset, |_, _| {}).unwrap();
        assert_eq!(receiver.receive(&patch, |_, _| changes += 1), Ok(true));
    });
    assert_eq!(changes, 1 << 21);
    assert!(peak <= bomb.len() as u64 + SURPLUS_MAX, "{peak} bytes for {}", bomb.len());
}

/// FRAME-15: a frame goes on without a copy and without an allocation.
#[test]
fn forwarding_allocates_nothing() {
    let mut stream = BytesMut::new();
    frame(Function::QUERY_HIT, &[7; 2_000]).encode(&mut stream);
    let received = Frame::take_from(&mut stream).unwrap().unwrap();
    let mut out = BytesMut::with_capacity(64);
    let measured = allocation_counter::measure(|| {
        let forwarded = received.forwarded(received.ttl - 1, received.hops + 1);
        out.put_slice(&forwarded.header().encode());
        assert_eq!(forwarded.payload.as_ptr(), received.payload.as_ptr());
    });
    assert_eq!(measured.count_total, 0);
}
