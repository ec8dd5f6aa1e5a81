//! Lists of files, as real programs send them and as nobody should.

use bytes::{BufMut, BytesMut};
use filbert::base::limits::BROWSE_RECORDS_MAX;
use filbert::gnutella::wire::{Frame, Function, Guid, QueryHit};
use filbert::transfer::browse::{Browse, NoList};

/// The head of a list that ends with its connection.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-gnutella-packets\r\n\r\n";

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/browse/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// The names of a list that arrives in pieces of this length, and how it ended.
fn listed(bytes: &[u8], piece_len: usize) -> (Vec<String>, Result<(), NoList>) {
    let (mut browse, mut names) = (Browse::new(), Vec::new());
    let mut outcome = bytes.chunks(piece_len).try_for_each(|piece| browse.receive(piece));
    while let Some(hit) = browse.poll() {
        let name = |record: &filbert::gnutella::wire::Record| record.name.to_vec();
        names.extend(hit.records.iter().map(|record| String::from_utf8(name(record)).unwrap()));
    }
    if outcome.is_ok() {
        outcome = browse.end();
    }
    (names, outcome)
}

/// A frame with a hit that has so many records without a name.
fn hit(records: u8) -> Vec<u8> {
    let mut payload = BytesMut::new();
    payload.put_u8(records);
    payload.put_bytes(0, 10 + 10 * usize::from(records) + 16);
    assert_eq!(
        QueryHit::decode(&payload.clone().freeze()).unwrap().records.len(),
        usize::from(records)
    );
    frame(Function::QUERY_HIT, &payload)
}

fn frame(function: Function, payload: &[u8]) -> Vec<u8> {
    let payload = payload.to_vec().into();
    let guid = Guid([7; 16]);
    let frame = Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload };
    let mut bytes = BytesMut::new();
    frame.encode(&mut bytes);
    bytes.to_vec()
}

const SHARED: [&str; 5] = [
    "a thousand bytes.txt",
    "one byte.bin",
    "thirty MiB film.avi",
    "three hundred MiB disc.iso",
    "über café naïve.bin",
];

/// HTTP-28, HTTP-30
#[test]
fn the_lists_of_gtk_gnutella_are_read_however_they_arrive() {
    for name in ["gtkg-chunked.http", "gtkg-deflate-until-close.http"] {
        let bytes = fixture(name);
        for piece_len in [1, 2, 7, 100, bytes.len()] {
            let (mut names, outcome) = listed(&bytes, piece_len);
            names.sort();
            assert_eq!((names.len(), outcome), (SHARED.len(), Ok(())), "{name} by {piece_len}");
            assert_eq!(names[..4], SHARED[..4]);
        }
    }
}

#[test]
fn whoever_has_no_list_for_us_says_so() {
    let refused = NoList::Refused("429 Cannot Browse Too Often".to_owned());
    assert_eq!(listed(&fixture("gtkg-too-often.http"), 50), (vec![], Err(refused)));
    let page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(listed(page, 9).1, Err(NoList::OtherForm("text/html".to_owned())));
    let coded = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-gnutella-packets\r\n\
        Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx";
    assert!(matches!(listed(coded, 9).1, Err(NoList::Malformed(_))));
    assert!(matches!(listed(b"GNUTELLA/0.6 200 OK\r\n\r\n", 9).1, Err(NoList::Malformed(_))));
    assert_eq!(listed(b"", 9).1, Err(NoList::Cut));
}

#[test]
fn a_list_that_is_cut_gives_what_came_of_it() {
    let bytes = fixture("gtkg-chunked.http");
    let (names, outcome) = listed(&bytes[..bytes.len() - 200], 64);
    assert_eq!(outcome, Err(NoList::Cut));
    assert!(names.len() < SHARED.len());
    let within_a_frame = [HEAD, &hit(2), &hit(1)[..20]].concat();
    let (names, outcome) = listed(&within_a_frame, 30);
    assert_eq!((names.len(), outcome), (2, Err(NoList::Cut)));
}

/// HTTP-30
#[test]
fn what_is_no_hit_ends_a_list() {
    let bytes = [HEAD, &hit(3), &frame(Function::PING, b""), &hit(3)].concat();
    let (names, outcome) = listed(&bytes, 11);
    assert_eq!(names.len(), 3);
    assert!(matches!(outcome, Err(NoList::Malformed(_))), "{outcome:?}");
}

/// HTTP-33: a list has an end, whatever the other side sends.
#[test]
fn a_list_without_end_is_cut_off() {
    let mut browse = Browse::new();
    browse.receive(HEAD).unwrap();
    let (full, mut records) = (hit(250), 0);
    while !browse.is_over() {
        browse.receive(&full).unwrap();
        records += browse.poll().map_or(0, |hit| hit.records.len());
        assert!(records <= BROWSE_RECORDS_MAX);
    }
    assert_eq!(records, BROWSE_RECORDS_MAX);
    assert_eq!(browse.end(), Ok(()));
}
