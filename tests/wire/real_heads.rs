//! The heads of real handshakes and transfers in `tests/fixtures/handshakes` and `http`: read,
//! looked at with care, and written again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bytes::BytesMut;
use filbert::base::error::Faults;
use filbert::base::limits::HTTP_HEAD_LEN_MAX;
use filbert::gnutella::link::{Head, HeadReader, StartLine};

use crate::support::files;

/// Every header of a handshake that was recorded, and the field that it fills; none for those that
/// are for information only (HAND-16).
const FIELDS: [(&str, Option<&str>); 34] = [
    ("Accept", Some("accept")),
    ("Accept-Encoding", Some("accept_deflate")),
    ("Bye-Packet", Some("bye_packet")),
    ("Connection", Some("connection_upgrade")),
    ("Content-Encoding", Some("content_deflate")),
    ("Content-Type", None),
    ("Crawler", Some("crawler")),
    ("GGEP", Some("ggep")),
    ("GUID", Some("guid")),
    ("Leaves", Some("leaves")),
    ("Listen-IP", Some("listen")),
    ("Node", Some("listen")),
    ("Peers", Some("peers")),
    ("Pong-Caching", Some("pong_caching")),
    ("Remote-IP", Some("remote_ip")),
    ("Upgrade", Some("upgrade_tls")),
    ("User-Agent", Some("user_agent")),
    ("Vendor-Message", Some("vendor_message")),
    ("X-Auth-Challenge", Some("challenge")),
    ("X-Degree", Some("degree")),
    ("X-Dynamic-Querying", Some("dynamic_querying")),
    ("X-Ext-Probes", Some("ext_probes")),
    ("X-Features", Some("features")),
    ("X-Guess", Some("guess")),
    ("X-Live-Since", None),
    ("X-Locale-Pref", None),
    ("X-Max-TTL", Some("max_ttl")),
    ("X-Query-Routing", Some("query_routing")),
    ("X-Requeries", Some("requeries")),
    ("X-Token", None),
    ("X-Try-Ultrapeers", Some("try_ultrapeers")),
    ("X-Ultrapeer", Some("ultrapeer")),
    ("X-Ultrapeer-Needed", Some("ultrapeer_needed")),
    ("X-Ultrapeer-Query-Routing", Some("ultrapeer_query_routing")),
];

/// How often each code was answered.
const ANSWERS: [(u16, usize); 6] = [(200, 55), (204, 1), (403, 4), (406, 1), (409, 2), (429, 1)];

/// HAND-07, HAND-08, HAND-10
#[test]
fn every_head_of_a_handshake_is_written_as_it_was_read() {
    let files = texts("handshakes");
    assert_eq!(files.len(), 39);
    let mut count = 0;
    for (name, bytes) in files {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (head, after) =
                Head::decode(rest).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            let (sent, _) = rest.split_at(rest.len() - after.len());
            assert_eq!(encoded(&head), sent, "{name}");
            assert_spotless(&name, &head);
            rest = after;
            count += 1;
        }
    }
    println!("{count} heads of handshakes");
    assert_eq!(count, 103);
}

/// HAND-02, HAND-03, HAND-05, HAND-59
#[test]
fn every_first_line_is_understood() {
    let (mut requests, mut answers) = (0, BTreeMap::new());
    for (name, head) in handshake_heads() {
        match head.start_line().unwrap_or_else(|fault| panic!("{name}: {fault}")) {
            StartLine::Request { .. } => requests += 1,
            StartLine::Answer { code, .. } => *answers.entry(code).or_insert(0) += 1,
        }
    }
    println!("{requests} requests, answers {answers:?}");
    assert_eq!(requests, 39);
    assert_eq!(answers, BTreeMap::from(ANSWERS));
}

/// HAND-16, HAND-19, HAND-20, HAND-21, HAND-23, HAND-29, HAND-30, HAND-40, HAND-41, HAND-42,
/// HAND-44, HAND-46, HAND-54
#[test]
fn every_header_that_means_something_is_understood() {
    let mut seen = BTreeSet::new();
    for (name, head) in handshake_heads() {
        let capabilities = serde_json::to_value(head.capabilities()).expect("it fits into JSON");
        for (header, value) in &head.headers {
            let listed = FIELDS.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(header));
            let (listed, field) =
                listed.unwrap_or_else(|| panic!("{name}: {header} is not listed"));
            let is_read = field.is_none_or(|field| !capabilities[field].is_null());
            assert!(is_read, "{name}: {header}: {value}");
            seen.insert(*listed);
        }
    }
    assert_eq!(seen, FIELDS.iter().map(|(header, _)| *header).collect());
}

/// The heads of transfers have the same form as those of handshakes.
#[test]
fn every_head_of_a_transfer_is_written_as_it_was_read() {
    let (mut requests, mut answers) = (0, BTreeMap::new());
    for (name, bytes) in texts("http") {
        let mut reader = HeadReader::with_limits(HTTP_HEAD_LEN_MAX, HTTP_HEAD_LEN_MAX);
        let (mut stream, mut written) = (BytesMut::from(&bytes[..]), Vec::new());
        while let Some(head) = reader.take_from(&mut stream).unwrap() {
            assert_spotless(&name, &head);
            match head.start.strip_prefix("HTTP/1.1 ") {
                Some(status) => *answers.entry(status.to_owned()).or_insert(0) += 1,
                None if head.start.starts_with("GET /") => requests += 1,
                None => panic!("{name}: {}", head.start),
            }
            written.extend(encoded(&head));
        }
        assert_eq!(written, bytes, "{name}");
    }
    println!("{requests} requests, answers {answers:?}");
    let expected = [("200 OK".to_owned(), 9), ("206 Partial Content".to_owned(), 6)];
    assert_eq!((requests, answers), (15, BTreeMap::from(expected)));
}

fn assert_spotless(name: &str, head: &Head) {
    let mut faults = Faults::new();
    head.inspect(&mut faults);
    assert_eq!(faults, Faults::new(), "{name}");
}

fn handshake_heads() -> Vec<(String, Head)> {
    let mut heads = Vec::new();
    for (name, bytes) in texts("handshakes") {
        let mut stream = BytesMut::from(&bytes[..]);
        while let Some(head) = HeadReader::default().take_from(&mut stream).unwrap() {
            heads.push((name.clone(), head));
        }
    }
    heads
}

fn encoded(head: &Head) -> Vec<u8> {
    let mut out = BytesMut::new();
    head.encode(&mut out);
    out.to_vec()
}

/// The text files of a folder, each with its name.
fn texts(folder: &str) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let heads = files::with_extension(&format!("tests/fixtures/{folder}"), "txt");
    heads.iter().map(|path| (name(path), fs::read(path).expect("the file is readable"))).collect()
}
