//! Counts and lengths that say more than there is, and messages that end early.

use filbert::fasttrack::wire::{Kind, Message, Side, TagList};

use super::{parse, rule};
use crate::support::vectors;

/// Types whose fixed part, or whose numbers, can be cut.
const SIDES: [(&str, Side); 3] = [("up", Side::Up), ("down", Side::Down), ("across", Side::Across)];

/// FTWIRE-13, FTSAFE-05: wherever a message of the vectors is cut, it is either malformed or read as
/// far as it is whole; nothing that is read was not there.
#[test]
fn a_message_that_is_cut_never_says_more() {
    let mut refused = 0;
    for vector in vectors::all().iter().filter(|vector| vector.entry.kind == "message") {
        let bytes = vector.bytes();
        let place = vector.entry.place.as_deref();
        let (_, side) = SIDES.into_iter().find(|(name, _)| Some(*name) == place).unwrap();
        let kind = Kind(u16::from_be_bytes([bytes[0], bytes[1]]));
        for len in 2..bytes.len().min(500) {
            let payload = &bytes[2..len];
            match parse(kind, side, payload) {
                Ok(message) => {
                    let written = message.to_frame().payload;
                    assert!(written.len() <= payload.len() + 4, "{}: {len}", vector.entry.id);
                }
                Err(fault) => {
                    assert!(fault.offset <= payload.len(), "{}: {len}", vector.entry.id);
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 500, "only {refused} were refused");
}

/// FTSAFE-04, FTSAFE-05: every count and every length of tags, with more than there is behind it.
#[test]
fn lying_tags_are_refused() {
    let decode = |bytes: &[u8]| TagList::decode(&bytes.to_vec().into());
    let cases: [(&[u8], &str); 8] = [
        (b"", "FTWIRE-03"),
        (b"\x81", "FTWIRE-03"),
        (b"\x01", "FTSAFE-04"),
        (b"\x8f\xff\xff\xff\x7f", "FTSAFE-04"),
        (b"\x02\x01\x01\x07", "FTSAFE-04"),
        (b"\x01\x81", "FTSAFE-05"),
        (b"\x01\x01\x8f\xff\xff\xff\x7fa", "FTSAFE-05"),
        (b"\x01\x90\x80\x80\x80\x00\x01\x07", "FTWIRE-03"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(rule(decode(bytes)), expected, "{bytes:02x?}");
    }
}

/// FTSAFE-04: four thousand million results in ten bytes are none.
#[test]
fn lying_results_are_those_that_are_there() {
    let payload = [9, 9, 9, 9, 4, 0xbe, 0, 1, 0xff, 0xff];
    let Ok(Message::Results(results)) = parse(Kind::RESULTS, Side::Down, &payload) else {
        panic!("results")
    };
    assert_eq!(results.results, []);
}

/// FTWIRE-13: every message with a fixed part is malformed without its last byte.
#[test]
fn fixed_parts_are_whole_or_malformed() {
    let fixed = [
        (Kind::NODE_INFO, Side::Up, 8),
        (Kind::SEARCH, Side::Up, 9),
        (Kind::RESULTS, Side::Down, 10),
        (Kind::SEARCH_END, Side::Down, 2),
        (Kind::NETWORK_STATS, Side::Down, 60),
        (Kind::BROADCAST_STATS, Side::Across, 60),
        (Kind::FORWARDED_SEARCH, Side::Across, 9),
        (Kind::PUSH, Side::Up, 22),
        (Kind::PUSH, Side::Across, 22),
        (Kind::PUSH, Side::Down, 10),
        (Kind::UDP_TEST, Side::Up, 6),
        (Kind::UDP_TEST, Side::Down, 10),
        (Kind::UDP_REACHED, Side::Up, 10),
        (Kind::UDP_MISSED, Side::Up, 10),
        (Kind::CONFIG_REVISION, Side::Up, 4),
        (Kind::NETWORK_CONFIG, Side::Down, 4),
        (Kind::RANDOM_FILES_REQUEST, Side::Up, 5),
        (Kind::RANDOM_FILES, Side::Down, 3),
        (Kind::GREETING_NUMBER, Side::Down, 4),
        (Kind::VERSION, Side::Up, 4),
        (Kind::EXTERNAL_IP, Side::Down, 4),
    ];
    for (kind, side, len) in fixed {
        assert!(parse(kind, side, &vec![0; len]).is_ok(), "{kind} of {len} bytes");
        assert_eq!(rule(parse(kind, side, &vec![0; len - 1])), "FTWIRE-13", "{kind}");
    }
    for (kind, len) in [(0x8007, 13), (0xc024, 9)] {
        assert!(parse(Kind(kind), Side::Across, &vec![0; len]).is_ok());
        assert_eq!(rule(parse(Kind(kind), Side::Across, &vec![0; len - 1])), "FTSAFE-05");
    }
}
