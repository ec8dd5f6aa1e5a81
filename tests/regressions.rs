//! What fuzzing found, one test a finding, with the bytes. What was wrong stands in the comment.

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
