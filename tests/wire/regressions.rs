//! What fuzzing found, one test a finding, with the bytes. What was wrong stands in the comment.

use filbert::base::limits::{HEAD_HEADERS_MAX, HEAD_LEN_MAX};
use filbert::dissect::{Body, Dissector, Record, Unknown};
use filbert::gnutella::wire::ggep::{Items, Place, Value};

/// The meaning of the only extension of a block.
fn value(block: &[u8]) -> Value {
    let item = Items::one_block(block, 0).next().expect("there is an extension");
    item.expect("it parses").value(Place::Pong).expect("it has a meaning")
}

/// GGEP-63. A list of nothing but empty lines was written as an empty payload, which is no list.
#[test]
fn host_caches_without_a_line_are_an_empty_payload() {
    for block in [&b"\xc3\x83PHC\x41\n"[..], b"\xc3\x83PHC\x42\n\n", b"\xc3\x83PHC\x40"] {
        assert_eq!(value(block), Value::Mark);
    }
    assert_eq!(value(b"\xc3\x83PHC\x42\na").to_payload(), b"a");
}

/// First lines of heads, and lengths of what is told of as the rest of a stream.
fn dissected(pieces: &[&[u8]]) -> (Vec<String>, u64) {
    let (mut heads, mut rest_len) = (Vec::new(), 0);
    let mut sink = |record: Record| match record.body {
        Body::Handshake(greeting) => heads.push(greeting.head.start),
        Body::Unknown(Unknown::Stream { stretch, .. }) => rest_len += stretch.bytes,
        other => panic!("neither a head nor a rest: {other:?}"),
    };
    let mut dissector = Dissector::default();
    for piece in pieces {
        dissector.push(piece, &mut sink).expect("it is Gnutella");
    }
    dissector.finish(&mut sink).expect("it is Gnutella");
    (heads, rest_len)
}

/// SIZE-11. Of what follows a head that is too long, only that was told of which came later.
#[test]
fn the_rest_behind_a_head_that_is_too_long_does_not_depend_on_pieces() {
    let line = format!("X: {}\r\n", "x".repeat(507));
    let head = format!("GNUTELLA CONNECT/0.6\r\n{}\r\n", line.repeat(17));
    let expected = (vec!["GNUTELLA CONNECT/0.6".to_owned()], (head.len() - HEAD_LEN_MAX) as u64);
    assert_eq!(dissected(&[head.as_bytes()]), expected);
    assert_eq!(dissected(&head.as_bytes().chunks(700).collect::<Vec<_>>()), expected);
}

/// SIZE-10. A head with too many headers was shown with the first line of what follows it.
#[test]
fn a_head_with_too_many_headers_keeps_its_first_line() {
    let headers = "X: y\r\n".repeat(HEAD_HEADERS_MAX + 1);
    let stream = format!("GNUTELLA CONNECT/0.6\r\n{headers}\r\nsomething else\r\n");
    let (heads, _) = dissected(&[stream.as_bytes()]);
    assert_eq!(heads, ["GNUTELLA CONNECT/0.6"]);
}
