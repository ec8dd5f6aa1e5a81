//! A link makes the same of a stream however the network cuts it into pieces.

use std::fmt;

use filbert::gnutella::link::Input;

use crate::streams::{
    BYE, DHT, PING, QUERY, QUERY_HIT, VENDOR, Way, damaged, deflated, deflated_in_parts, ended,
    head, leaf, leaf_request, message, message_with, messages, ultrapeer,
};
use crate::trace::{Answers, Trace};

const DEFLATED: &str = "Content-Encoding: deflate";

/// Who sends what, and what comes of it.
struct Case {
    way: Way,
    sent: Vec<u8>,
    verdict: &'static str,
}

fn called(sent: &[&[u8]], verdict: &'static str) -> Case {
    Case { way: Way::Called, sent: sent.concat(), verdict }
}

fn calling(sent: &[&[u8]], verdict: &'static str) -> Case {
    Case { way: Way::Calling, sent: sent.concat(), verdict }
}

fn plain_streams() -> Vec<Case> {
    let (leaf, ultrapeer) = (leaf(&[]), ultrapeer(&[]));
    let cut_off = &message(QUERY_HIT, b"hit")[..24];
    vec![
        called(&[&leaf, &messages(), cut_off], "5 frames, closed"),
        calling(&[&ultrapeer, &messages(), &messages()], "10 frames, closed"),
        called(
            &[&leaf, &messages(), &message(BYE, b"\xc8\0good night\0"), &messages()],
            "5 frames, farewell 200",
        ),
        calling(
            &[&ultrapeer, &messages(), &message_with(QUERY, 1, 0, 1_025, b"too long")],
            "5 frames, dismissed 400 SIZE-03",
        ),
        calling(
            &[&ultrapeer, &message_with(PING, 1, 0, 65_536, &messages())],
            "0 frames, dismissed 400 SIZE-01",
        ),
        calling(
            &[&ultrapeer, &message_with(PING, 1, 0, 1 << 31, b""), &messages()],
            "0 frames, dismissed 400 LINK-19",
        ),
        calling(
            &[&ultrapeer, &messages(), &message_with(BYE, 1, 0, 4_097, b"\xc8\0")],
            "5 frames, fault SIZE-07",
        ),
        called(
            &[&leaf, &messages(), &message_with(QUERY, 2, 1, 8, b"\0\0relay\0"), &messages()],
            "5 frames, dismissed 414 TTL-10",
        ),
        calling(&[&ultrapeer, &dropped(), &messages()], DROPPED),
        calling(
            &[&ultrapeer, &messages(), &message(BYE, b"x"), &messages()],
            "5 frames, fault BYE-03",
        ),
    ]
}

/// Messages that mean nothing here.
fn dropped() -> Vec<u8> {
    [
        message(0x99, b"what"),
        message(DHT, b"udp"),
        message_with(VENDOR, 2, 0, 4, b"BEAR"),
        message(QUERY, b"\0\0\0"),
        message_with(BYE, 1, 1, 4, b"\xc8\0x\0"),
    ]
    .concat()
}

const DROPPED: &str = "5 frames, dropped FRAME-08, dropped FRAME-22, dropped TTL-09, \
     dropped SIZE-04, dropped BYE-14, closed";

fn deflated_streams() -> Vec<Case> {
    let (leaf, ultrapeer) = (leaf(&[DEFLATED]), ultrapeer(&[DEFLATED]));
    let farewell = message(BYE, b"\xc8\0good night\0");
    let zeros = message(QUERY_HIT, &[0; 4_000]).repeat(20);
    let long = message_with(PING, 1, 0, 40_961, b"");
    let relayed = message_with(QUERY, 2, 1, 8, b"\0\0relay\0");
    let mut with_dictionary = deflated(&messages());
    with_dictionary[..2].copy_from_slice(&[0x78, 0xbb]);
    vec![
        called(&[&leaf, &deflated(&messages())], "5 frames, closed"),
        calling(
            &[&ultrapeer, &deflated_in_parts(&[&messages(), b"", &messages()[..30]])],
            "6 frames, closed",
        ),
        calling(
            &[&ultrapeer, &ended(&[messages(), farewell].concat()), b"behind"],
            "5 frames, farewell 200",
        ),
        called(&[&leaf, &damaged(&messages())], "5 frames, dismissed 501 LINK-13"),
        called(&[&leaf, &messages()], "0 frames, dismissed 501 LINK-13"),
        calling(&[&ultrapeer, &with_dictionary], "0 frames, dismissed 501 LINK-13"),
        calling(&[&ultrapeer, &ended(&messages()), b"behind"], "5 frames, stream ended"),
        called(&[&leaf, &ended(&messages()[..100])], "2 frames, stream ended"),
        calling(
            &[&ultrapeer, &deflated(&[messages(), long].concat()), b"behind"],
            "5 frames, dismissed 400 SIZE-06",
        ),
        called(
            &[&leaf, &deflated(&[messages(), relayed, messages()].concat())],
            "5 frames, dismissed 414 TTL-10",
        ),
        calling(&[&ultrapeer, &deflated(&zeros)], "20 frames, closed"),
    ]
}

fn handshakes() -> Vec<Case> {
    let request = "GNUTELLA CONNECT/0.6";
    let switch = "Connection: Upgrade";
    let many = [&[request][..], &["X: y"; 65]].concat();
    let long_line = format!("X: {}", "x".repeat(1_022));
    let long_head = "X: y\r\n".repeat(1_400);
    vec![
        called(&[&leaf(&[switch]), &messages()], "TLS, 5 frames, closed"),
        called(&[&leaf(&[switch, DEFLATED]), &deflated(&messages())], "TLS, 5 frames, closed"),
        calling(
            &[&ultrapeer(&[switch, "Upgrade: TLS/1.0", DEFLATED]), &deflated(&messages())],
            "TLS, 5 frames, closed",
        ),
        called(&[&head(&[request]), &messages()], "0 frames, refused 403 HAND-23"),
        called(&[&head(&[request, "no colon"]), b"behind"], "0 frames, refused 403 HAND-23"),
        called(&[&head(&[request, " continues nothing"])], "0 frames, refused 403 HAND-23"),
        called(&[&head(&many), &messages()], "0 frames, refused 400 SIZE-10"),
        called(&[&head(&[request, &long_line]), &messages()], "0 frames, refused 400 SIZE-09"),
        called(&[&head(&[request, &long_head])], "0 frames, refused 400 SIZE-11"),
        called(&[b"GNUTELLA CONNECT\r\n\r\n"], "0 frames, refused 400 HAND-04"),
        called(&[b"GNUTELLX CONNECT/0.6\r\n\r\n"], "0 frames, refused 400 HAND-04"),
        called(&[&leaf_request(), b"GNUTELLA/0.6 200 OK\r\n"], "0 frames, closed"),
        called(&[&head(&[request, "Crawler: 0.1"]), &leaf(&[])], "0 frames, crawled"),
        called(&[&leaf_request(), &leaf_request()], "0 frames, fault HAND-63"),
        called(&[&leaf_request(), &head(&["GNUTELLA/0.6 503 No"])], "0 frames, declined 503"),
        calling(
            &[&head(&["GNUTELLA/0.6 503 No", "X-Try: 192.0.2.1:1"]), b"x"],
            "0 frames, declined 503",
        ),
        calling(&[&head(&["GNUTELLA/0.6 200 OK"]), b"x"], "0 frames, refused 403 HAND-23"),
        calling(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"], "0 frames, fault HAND-04"),
        calling(&[&leaf(&[])], "0 frames, fault HAND-63"),
    ]
}

/// FRAME-06, HAND-08, HAND-09, LINK-10, LINK-13, LINK-16, LINK-17, LINK-18
#[test]
fn every_stream_means_the_same_wherever_it_is_cut_in_two() {
    let mut cut_count = 0;
    for case in all() {
        let whole = Trace::of(case.way.link(), [&case.sent[..]]);
        assert_eq!(whole.verdict(), case.verdict, "{case}");
        for at in 0..=case.sent.len() {
            let (first, second) = case.sent.split_at(at);
            let cut = Trace::of(case.way.link(), [first, second]);
            cut.assert_like(&whole, format_args!("cut at {at}: {case}"));
            cut_count += 1;
        }
    }
    println!("{cut_count} cuts of {} streams", all().count());
}

/// The same requirements, as hard as it gets.
#[test]
fn every_stream_means_the_same_byte_by_byte() {
    for case in all() {
        let whole = Trace::of(case.way.link(), [&case.sent[..]]);
        for piece_len in [1, 2, 3, 7, 23] {
            let cut = Trace::of(case.way.link(), case.sent.chunks(piece_len));
            cut.assert_like(&whole, format_args!("pieces of {piece_len}: {case}"));
        }
    }
}

/// HAND-65: a node that takes its time gets the same link, and the same of it.
#[test]
fn every_stream_means_the_same_when_the_node_answers_late() {
    for case in all() {
        let whole = Trace::of(case.way.link(), [&case.sent[..]]);
        let mut late = Trace::new(case.way.link(), Answers::Later);
        case.sent.chunks(100).for_each(|piece| late.handle(Input::Received(piece)));
        late.decide();
        late.handle(Input::Ended);
        late.assert_ended_once();
        late.assert_like(&whole, &case);
    }
}

fn all() -> impl Iterator<Item = Case> {
    plain_streams().into_iter().chain(deflated_streams()).chain(handshakes())
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.way, self.sent.escape_ascii())
    }
}
