//! What a message costs its sender on an open link: nothing, itself, or the link.

use std::io::Write;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use filbert::base::error::{Fault, Malformed, Rule};
use filbert::base::limits::{BYE_LEN_MAX, OTHER_PAYLOAD_LEN_MAX, PAYLOAD_LEN_MAX, QUERY_LEN_MAX};
use filbert::base::time::Time;
use filbert::gnutella::link::{
    Agreement, Cost, Decision, Ending, Input, Link, Output, Profile, Question, Queue, Role,
};
use filbert::gnutella::wire::{Bye, Frame, Function, Guid, HEADER_LEN, Header};

use crate::support::pair::{CONNECTING_AT, End};

const NOW: Time = Time::from_millis(5_000);

fn willing(question: &Question) -> Decision {
    Decision::accept(question.role)
}

/// A link with a leaf or an ultrapeer that understands Byes and compresses nothing.
fn open(peer_role: Role) -> End {
    open_with(peer_role, "Bye-Packet: 0.1\r\n")
}

fn open_with(peer_role: Role, headers: &str) -> End {
    let mut end =
        End::new(Link::accept(Arc::new(Profile::new(Role::Ultrapeer)), CONNECTING_AT, NOW));
    let is_ultrapeer = if peer_role.is_ultrapeer() { "True" } else { "False" };
    let heads = format!(
        "GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: {is_ultrapeer}\r\n{headers}\r\nGNUTELLA/0.6 200 OK\r\n\r\n"
    );
    end.handle(Input::Received(heads.as_bytes()), &willing, NOW);
    assert!(matches!(end.outputs.pop(), Some(Output::Opened(_))));
    end.outputs.clear();
    end.take_text();
    end
}

fn header(function: Function, payload_len: u32) -> Header {
    Header { guid: Guid([7; 16]), function, ttl: 1, hops: 0, payload_len, size_flags: None }
}

fn bytes(header: Header) -> Vec<u8> {
    let mut bytes = header.encode().to_vec();
    bytes.resize(HEADER_LEN + usize::try_from(header.payload_len).unwrap(), b'x');
    bytes
}

fn receive(end: &mut End, bytes: &[u8]) {
    end.handle(Input::Received(bytes), &willing, NOW);
}

/// The code and the text of the Bye that was written, and the rule that was broken.
fn dismissed(end: &mut End) -> (u16, String, &'static str) {
    assert_eq!(end.outputs.last(), Some(&Output::EndWriting));
    let frame = Frame::decode(&end.written.split().freeze()).unwrap();
    let bye = Bye::decode(&frame.payload).unwrap();
    end.handle(Input::Ended, &willing, NOW);
    let Some(Ending::Dismissed { code, reason, fault: Some(fault) }) = end.ending() else {
        panic!("{:?}", end.ending());
    };
    assert_eq!((*code, reason.as_bytes()), (bye.code, bye.reason()));
    (bye.code, reason.clone(), fault.rule().id())
}

/// SIZE-01, SIZE-03, SIZE-06, FRAME-21, LINK-17: refused on the header alone, and not one byte before the limit.
#[test]
fn what_is_too_long_ends_the_link_with_bye_400() {
    for (function, limit, rule) in [
        (Function::QUERY, QUERY_LEN_MAX, "SIZE-03"),
        (Function::QUERY_HIT, PAYLOAD_LEN_MAX, "SIZE-01"),
        (Function::PING, OTHER_PAYLOAD_LEN_MAX, "SIZE-06"),
        (Function::QUERY_TABLE, OTHER_PAYLOAD_LEN_MAX, "SIZE-06"),
        (Function(0x99), OTHER_PAYLOAD_LEN_MAX, "SIZE-06"),
        (Function::PONG, PAYLOAD_LEN_MAX, "SIZE-01"),
    ] {
        let mut end = open(Role::Ultrapeer);
        if rule != "SIZE-01" || function == Function::QUERY_HIT {
            receive(&mut end, &bytes(header(function, limit)));
            assert_eq!(end.outputs.len(), 1, "{function:?}: {:?}", end.outputs);
            end.outputs.clear();
        }
        receive(&mut end, &header(function, limit + 1).encode());
        let (code, reason, broken) = dismissed(&mut end);
        assert_eq!((code, broken), (400, rule), "{function:?}");
        assert!(reason.ends_with(&format!("({rule})")), "{reason}");
    }
}

/// SIZE-07, BYE-03, BYE-17: and a Bye at the limit is one, and so is a broken one.
#[test]
fn a_bye_that_is_too_long_ends_the_link_without_an_answer() {
    let mut end = open(Role::Leaf);
    receive(&mut end, &header(Function::BYE, BYE_LEN_MAX + 1).encode());
    let Some(Ending::Fault(fault)) = end.ending() else { panic!("{:?}", end.ending()) };
    assert_eq!(fault.rule().id(), "SIZE-07");
    assert!(end.written.is_empty());

    for len in [0, 1] {
        let mut end = open(Role::Leaf);
        receive(
            &mut end,
            &[bytes(header(Function::BYE, len)), bytes(header(Function::PING, 0))].concat(),
        );
        assert!(
            matches!(&end.outputs[..], [Output::Closed(Ending::Fault(_))]),
            "{:?}",
            end.outputs
        );
    }
    let mut end = open(Role::Leaf);
    receive(&mut end, &bytes(header(Function::BYE, BYE_LEN_MAX)));
    assert!(matches!(end.ending(), Some(Ending::Farewell(_))));
}

/// FRAME-17, FRAME-19, FRAME-20, LINK-19
#[test]
fn a_marked_length_that_nobody_agreed_on_ends_the_link() {
    for flags in [0, 1, 0x7fff] {
        let mut end = open(Role::Ultrapeer);
        receive(
            &mut end,
            &Header { size_flags: Some(flags), ..header(Function::PING, 0) }.encode(),
        );
        let (code, _, rule) = dismissed(&mut end);
        assert_eq!((code, rule), (400, "LINK-19"));
    }
}

/// TTL-10, LINK-18: whatever the message, and only from a leaf.
#[test]
fn a_leaf_that_relays_is_told_so_and_dismissed() {
    for function in [Function::PING, Function::QUERY, Function::QUERY_TABLE, Function::BYE] {
        let relayed = Header { hops: 1, ..header(function, 10) };
        let mut end = open(Role::Leaf);
        receive(&mut end, &relayed.encode());
        let (code, _, rule) = dismissed(&mut end);
        assert_eq!((code, rule), (414, "TTL-10"), "{function:?}");
    }
    let mut end = open(Role::Ultrapeer);
    receive(&mut end, &bytes(Header { hops: 1, ..header(Function::PING, 0) }));
    assert_eq!(end.frames().len(), 1);
    let mut end = open(Role::Leaf);
    receive(&mut end, &Header { hops: 1, ..header(Function::QUERY, 1_025) }.encode());
    assert_eq!(dismissed(&mut end).2, "SIZE-03", "the length comes first");
}

/// TTL-09, BYE-14, SIZE-04, FRAME-08, FRAME-22: dropped and reported, and the link goes on.
#[test]
fn what_makes_no_sense_here_is_dropped() {
    let far = |function| Header { ttl: 2, ..header(function, 30) };
    let near = |function| header(function, 30);
    for (header, rule) in [
        (far(Function::QUERY_TABLE), Some("TTL-09")),
        (far(Function::VENDOR), Some("TTL-09")),
        (Header { hops: 1, ..near(Function::VENDOR_STANDARD) }, Some("TTL-09")),
        (Header { hops: 1, ..near(Function::HSEP) }, Some("TTL-09")),
        (far(Function::BYE), Some("BYE-14")),
        (Header { hops: 1, ..near(Function::BYE) }, Some("BYE-14")),
        (header(Function::QUERY, 3), Some("SIZE-04")),
        (near(Function(0x99)), Some("FRAME-08")),
        (near(Function::RUDP), Some("FRAME-22")),
        (near(Function::DHT), Some("FRAME-22")),
        // What only must not be forwarded is for the router.
        (header(Function::QUERY, 257), None),
        (header(Function::QUERY_HIT, 16_385), None),
        (Header { ttl: 0, ..near(Function::QUERY_TABLE) }, None),
    ] {
        let mut end = open(Role::Ultrapeer);
        receive(&mut end, &bytes(header));
        match (&end.outputs[..], rule) {
            ([Output::Dropped { header: dropped, fault }], Some(rule)) => {
                assert_eq!((*dropped, fault.rule.id()), (header, rule));
            }
            ([Output::Frame(frame)], None) => assert_eq!(frame.header(), header),
            (outputs, _) => panic!("{header:?}: {outputs:?}"),
        }
        end.outputs.clear();
        receive(&mut end, &bytes(near(Function::PING)));
        assert_eq!(end.frames().len(), 1, "the link goes on");
    }
}

/// BYE-17
#[test]
fn a_bye_ends_everything_at_once() {
    let mut end = open(Role::Ultrapeer);
    end.link.send(&ping(), NOW);
    let mut last = BytesMut::new();
    Bye::new(200, "Servent shutdown").encode(&mut last);
    let len = u32::try_from(last.len()).unwrap();
    let mut wire = header(Function::BYE, len).encode().to_vec();
    wire.extend_from_slice(&last);
    wire.extend(bytes(header(Function::PING, 0)));
    receive(&mut end, &wire);
    let [Output::Closed(Ending::Farewell(bye))] = &end.outputs[..] else {
        panic!("{:?}", end.outputs);
    };
    assert_eq!((bye.code, bye.reason()), (200, &b"Servent shutdown"[..]));
    assert!(end.written.is_empty(), "not even what waited");
    assert_eq!(end.link.transmit(Queue::Dry, NOW), None);
}

/// BYE-15, LINK-20: others are closed on.
#[test]
fn a_bye_is_sent_to_who_announced_that_it_understands_one() {
    let mut end = open_with(Role::Ultrapeer, "");
    end.send(&[ping()], NOW);
    assert_eq!(end.written.split().len(), HEADER_LEN);
    end.link.send(&ping(), NOW);
    end.handle(Input::Bye { code: 200, reason: "x" }, &willing, NOW);
    assert_eq!(end.written.len(), HEADER_LEN, "what was sent before goes out");
    assert_eq!(end.outputs.last(), Some(&Output::EndWriting));
}

fn ping() -> Frame {
    Frame::from_parts(header(Function::PING, 0), Bytes::new())
}

/// LINK-17: what the node finds in a message costs what it costs, by its rule.
#[test]
fn the_node_may_blame_the_other_side() {
    let fault = |rule| Fault::from(Malformed { rule: Rule::new(rule), offset: 0, what: "x" });
    for (rule, cost) in [
        ("QRP-04", Cost::Bye(413)),
        ("PONG-01", Cost::Drop),
        ("GGEP-02", Cost::Drop),
        ("SIZE-07", Cost::Close),
        ("LINK-13", Cost::Bye(501)),
    ] {
        assert_eq!(Cost::of(&fault(rule)), cost);
        let mut end = open(Role::Leaf);
        end.handle(Input::Blame(fault(rule)), &willing, NOW);
        match cost {
            Cost::Drop => assert!(end.outputs.is_empty() && end.link.wants_frames()),
            Cost::Bye(code) => assert_eq!(dismissed(&mut end).0, code),
            Cost::Close => assert!(matches!(end.ending(), Some(Ending::Fault(_)))),
        }
    }
}

fn compressed(peer_role: Role) -> (End, Box<Agreement>) {
    let mut end =
        End::new(Link::accept(Arc::new(Profile::new(Role::Ultrapeer)), CONNECTING_AT, NOW));
    let is_ultrapeer = if peer_role.is_ultrapeer() { "True" } else { "False" };
    let heads = format!(
        "GNUTELLA CONNECT/0.6\r\nX-Ultrapeer: {is_ultrapeer}\r\nBye-Packet: 0.1\r\n\r\n\
         GNUTELLA/0.6 200 OK\r\nContent-Encoding: deflate\r\n\r\n"
    );
    end.handle(Input::Received(heads.as_bytes()), &willing, NOW);
    let Some(Output::Opened(agreement)) = end.outputs.pop() else { panic!("it is open") };
    end.outputs.clear();
    end.take_text();
    (end, agreement)
}

/// LINK-13, LINK-11: whole messages before the damage count.
#[test]
fn damage_in_a_compressed_stream_ends_the_link_with_a_reason() {
    let mut good = BytesMut::new();
    let mut deflater = filbert::gnutella::link::Deflater::default();
    deflater.write(&bytes(header(Function::PING, 0)), &mut good);
    deflater.flush(&mut good);
    for (stream, frames) in [
        ([&good[..], b"\xff\xff\xff\xff\xff\xff"].concat(), 1),
        (bytes(header(Function::PING, 0)), 0),
        // A preset dictionary.
        (vec![0x78, 0xbb, 1, 2, 3, 4, 5, 6], 0),
    ] {
        let (mut end, agreement) = compressed(Role::Leaf);
        assert!(agreement.receives_deflate);
        receive(&mut end, &stream);
        assert_eq!(end.frames().len(), frames);
        let (code, _, rule) = dismissed(&mut end);
        assert_eq!((code, rule), (501, "LINK-13"));
    }
}

/// LINK-13: an end is no offence.
#[test]
fn the_end_of_a_compressed_stream_ends_the_link() {
    let zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let mut zlib = zlib;
    zlib.write_all(&bytes(header(Function::PING, 0)).repeat(3)).unwrap();
    zlib.write_all(&[1, 2, 3]).unwrap();
    let (mut end, _) = compressed(Role::Leaf);
    receive(&mut end, &zlib.finish().unwrap());
    assert_eq!(end.frames().len(), 3);
    assert_eq!(end.ending(), Some(&Ending::StreamEnded));
}

/// LINK-16: a leaf that sends its whole table uncompressed in a compressed stream is honest.
#[test]
fn a_query_table_of_zeros_is_no_bomb() {
    let table = bytes(header(Function::QUERY_TABLE, 4_096)).repeat(64);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    (0..4).for_each(|_| zlib.write_all(&table).unwrap());
    zlib.flush().unwrap();
    let stream = zlib.get_ref();
    assert!(stream.len() * 100 < table.len() * 4, "{}", stream.len());
    let (mut end, _) = compressed(Role::Leaf);
    receive(&mut end, stream);
    assert_eq!((end.frames().len(), end.ending()), (256, None));
}

/// SIZE-14, LINK-16: a bomb of whole small messages is no less a bomb.
#[test]
fn a_stream_that_swells_ends_the_link() {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..200_000 {
        zlib.write_all(&bytes(header(Function::PING, 0))).unwrap();
    }
    let (mut end, _) = compressed(Role::Ultrapeer);
    receive(&mut end, &zlib.finish().unwrap());
    assert!(end.frames().len() < 200_000, "{}", end.frames().len());
    assert_eq!(dismissed(&mut end).2, "SIZE-14");
}
