//! Results: whose they are, and how they are written for others.

use std::borrow::Cow;
use std::net::SocketAddrV4;

use bytes::Bytes;
use filbert::fasttrack::wire::{
    Bandwidth, FoundRef, Frame, Kind, Message, Names, Results, Side, Tag, TagList, TagWriter, pack,
};

use super::{address, parse};

fn read(frame: &Frame) -> Results {
    match Message::parse(frame, Side::Down) {
        Ok(Message::Results(results)) => results,
        other => panic!("{other:?}"),
    }
}

/// One result for each: an address, and names or the byte 0x02.
fn results(of: &[(&str, Option<(&str, &str)>)]) -> Results {
    let mut payload = vec![9, 9, 9, 9, 4, 0xbe, 0, 1, 0, of.len() as u8];
    for (node, names) in of {
        let node = address(node);
        payload.extend(node.ip().octets());
        payload.extend(node.port().to_be_bytes());
        payload.push(0x68);
        match names {
            Some((user, network)) => payload.extend(format!("{user}\x01{network}\0").bytes()),
            None => payload.push(2),
        }
        payload.extend([[7; 20].as_slice(), &[1, 2, 0]].concat());
    }
    read(&Frame { kind: Kind::RESULTS, payload: payload.into() })
}

fn users(results: &Results) -> Vec<Option<&[u8]>> {
    let places = 0..results.results.len();
    places.map(|place| results.names_of(place).map(|(user, _)| &user[..])).collect()
}

/// FTSEARCH-12: 0x02 is the last result before it with the same address and port, not just the last.
#[test]
fn a_byte_stands_for_the_names_of_an_earlier_result() {
    let ann = ("203.0.113.5:1", Some(("ann", "KaZaA")));
    let bob = ("203.0.113.6:1", Some(("bob", "KaZaA")));
    let carl = ("203.0.113.5:1", Some(("carl", "fileshare")));
    let (like_ann, like_bob) = (("203.0.113.5:1", None), ("203.0.113.6:1", None));
    let other_port = ("203.0.113.5:2", None);
    let found = results(&[ann, like_ann, bob, like_ann, like_bob, other_port, carl, like_ann]);
    let [ann, bob, carl] = [b"ann".as_slice(), b"bob", b"carl"].map(Some);
    assert_eq!(users(&found), [ann, ann, bob, ann, bob, None, carl, carl]);
    assert_eq!(found.names_of(8), None);
}

/// FTSEARCH-12: where there is none before it the names are unknown, and the result counts.
#[test]
fn names_of_nobody_are_unknown() {
    let ann_later = [("203.0.113.5:1", None), ("203.0.113.5:1", Some(("ann", "KaZaA")))];
    assert_eq!(users(&results(&ann_later)), [None, Some(b"ann".as_slice())]);
}

/// FTSEARCH-13, FTWIRE-11: what is sent on has all names in full, and nothing in them does harm.
#[test]
fn results_are_sent_on_with_names_in_full() {
    let found = results(&[
        ("203.0.113.5:1", Some(("a b@\r\n", "KaZaA"))),
        ("203.0.113.5:1", None),
        ("203.0.113.6:1", None),
    ]);
    let frames: Vec<_> = pack(found.supernode, 77, found.to_send_on()).collect();
    let [frame] = frames.as_slice() else { panic!("one message") };
    let sent = read(frame);
    assert_eq!((sent.supernode, sent.id), (found.supernode, 77));
    let names: Vec<_> = sent.results.iter().map(|found| found.names.clone()).collect();
    let harmless = Names::full("a_b___", "KaZaA");
    assert_eq!(names, [harmless.clone(), harmless, Names::full("unknown", "")]);
    for (before, after) in found.results.iter().zip(&sent.results) {
        assert_eq!(
            (before.address, before.hash, &before.tags),
            (after.address, after.hash, &after.tags)
        );
    }
}

fn found(tags: &[u8]) -> FoundRef<'_> {
    FoundRef {
        address: address("203.0.113.5:1214"),
        bandwidth: Bandwidth::UNLIMITED,
        user: Cow::Borrowed("ann"),
        network: Cow::Borrowed("KaZaA"),
        hash: [7; 20],
        file_id: 16_221,
        size: 5_000,
        tags,
    }
}

fn counts(supernode: SocketAddrV4, results: Vec<FoundRef<'_>>) -> Vec<usize> {
    let frames = pack(supernode, 1, results);
    let checked = frames.map(|frame| {
        assert!(frame.payload.len() <= usize::from(u16::MAX));
        read(&frame).results.len()
    });
    checked.collect()
}

/// FTSEARCH-10: ten results in a message, and the eleventh in the next one.
#[test]
fn ten_results_go_into_a_message() {
    let supernode = address("9.9.9.9:1214");
    let tags = TagWriter::new().text(Tag::FILE_NAME, "a.mp3").finish();
    for (results, expected) in
        [(0, vec![]), (1, vec![1]), (10, vec![10]), (11, vec![10, 1]), (25, vec![10, 10, 5])]
    {
        assert_eq!(counts(supernode, vec![found(tags.as_bytes()); results]), expected);
    }
}

/// FTSEARCH-10, FTPEER-19: results share messages as far as these have room, also across; one that has none is left
/// out.
#[test]
fn long_results_share_messages_as_far_as_they_fit() {
    let supernode = address("9.9.9.9:1214");
    // Head 10, node 7, names 10, hash 20, numbers 2 and 2, and a routing header of 13.
    let exact = vec![0; 65_535 - 51 - 13];
    let long = vec![0; 65_535 - 50 - 13];
    let half = vec![0; 40_000];
    let lens = |tags: &[&Vec<u8>]| {
        let results: Vec<_> = tags.iter().map(|tags| found(tags)).collect();
        let frames: Vec<_> = pack(supernode, 1, results).collect();
        frames.iter().map(|frame| frame.payload.len()).collect::<Vec<_>>()
    };
    assert_eq!(lens(&[&exact]), [65_535 - 13]);
    assert_eq!(lens(&[&long]), [0_usize; 0]);
    assert_eq!(lens(&[&half, &half]), [40_051, 40_051]);
    assert_eq!(lens(&[&half, &long, &half, &vec![0; 10]]), [40_051, 40_051 + 51]);
}

/// FTSEARCH-11: what is packed is what an owned message with the same results says.
#[test]
fn both_ways_of_writing_results_say_the_same() {
    let tags = TagWriter::new().text(Tag::FILE_NAME, "a.mp3").number(Tag::BITRATE, 96).finish();
    let supernode = address("9.9.9.9:1214");
    let frame = pack(supernode, 7, [found(tags.as_bytes())]).next().unwrap();
    let owned = filbert::fasttrack::wire::Found {
        address: address("203.0.113.5:1214"),
        bandwidth: Bandwidth::UNLIMITED,
        names: Names::Full {
            user: Bytes::from_static(b"ann"),
            network: Bytes::from_static(b"KaZaA"),
        },
        hash: [7; 20],
        file_id: 16_221,
        size: 5_000,
        tags,
    };
    let owned = Results { supernode, id: 7, results: vec![owned] };
    assert_eq!(frame, Message::Results(owned).to_frame());
}

/// A result without a name is read all the same; who uses it decides.
#[test]
fn a_result_without_tags_is_read() {
    let found = results(&[("203.0.113.5:1", Some(("ann", "KaZaA")))]);
    assert_eq!(found.results[0].tags, TagList::EMPTY);
    assert!(parse(Kind::RESULTS, Side::Across, &[0; 10]).is_ok());
}
