//! Heads of handshakes and of transfers.

use std::fs;

use bytes::BytesMut;
use filbert::gnutella::link::{Head, HeadReader};

/// HAND-11, HAND-17, HAND-19
#[test]
fn headers_mean_the_same_in_any_case_and_order() {
    for file in ["lw5-leaf-up-plain-01-leaf", "gtkg-plain-01-leaf", "gbun-leaf-up-plain-01-leaf"] {
        let real = &handshake(file)[0];
        let mut other = real.clone();
        other.headers.reverse();
        for (name, value) in &mut other.headers {
            *name = if name.len() % 2 == 0 { name.to_uppercase() } else { name.to_lowercase() };
            if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
                *value = value.to_uppercase();
            }
        }
        let mut written = BytesMut::new();
        other.encode(&mut written);
        let (read, _) = Head::decode(&written).unwrap();
        assert_eq!(read.capabilities(), real.capabilities(), "{file}");
    }
}

/// HAND-19: Phex writes `false` and `true`.
#[test]
fn truth_is_read_in_lower_case() {
    let heads = handshake("gbunleaf-gtkgup-tls-deflate-02-phex-leaf");
    let modes: Vec<_> = heads.iter().map(|head| head.capabilities().ultrapeer).collect();
    assert_eq!(modes, [Some(false), Some(true), None]);
}

/// HAND-17: Phex names itself in its last head too, where others have no headers; a second name in
/// one head changes nothing.
#[test]
fn a_repeated_user_agent_is_no_harm() {
    let heads = handshake("gbunleaf-gtkgup-tls-deflate-02-phex-leaf");
    let phex = Some("Phex 3.4.2.156".to_owned());
    assert_eq!(heads[0].capabilities().user_agent, phex);
    assert_eq!(heads[2].capabilities().user_agent, phex);
    let twice = heads[0].clone().with("User-Agent", "another");
    assert_eq!(twice.capabilities(), heads[0].capabilities());
}

/// HAND-44
#[test]
fn an_empty_list_of_ultrapeers_is_a_list() {
    for file in ["lw5-leaf-up-plain-01-leaf", "gbunleaf-lw5up-deflate-01-leaf"] {
        let answer = &handshake(file)[1];
        assert_eq!(answer.value("X-Try-Ultrapeers"), Some(""), "{file}");
        assert_eq!(answer.capabilities().try_ultrapeers, Some(vec![]), "{file}");
    }
}

/// A server answers a request for all bytes with 200 or with 206, and may tell the range in both.
#[test]
fn a_request_for_all_bytes_is_answered_in_several_ways() {
    for (file, range, code, answered) in [
        ("gbun-n2r-200", "bytes=0-", "200", None),
        ("gbun-from-gtkg-n2r-200", "bytes=0-", "200", None),
        ("gbun-from-lw5-n2r-200", "bytes=0-", "200", Some("bytes 0-180999/181000")),
        ("lw5-n2r-206-first", "bytes=0-131071", "206", Some("bytes 0-131071/310000")),
    ] {
        let [request, answer] = &transfer(file)[..] else { panic!("{file} has two heads") };
        assert_eq!(request.value("range"), Some(range), "{file}");
        assert_eq!(answer.start.split(' ').nth(1), Some(code), "{file}");
        assert_eq!(answer.value("content-range"), answered, "{file}");
    }
}

/// Both say so, or nothing does: HTTP 1.1 keeps a connection unless told otherwise.
#[test]
fn a_connection_is_kept_with_and_without_a_word() {
    let kept = |file| transfer(file).iter().map(|h| h.value("Connection").is_some()).collect();
    assert_eq!((kept("gbun-n2r-200"), kept("lw5-n2r-206-next")), (vec![true; 2], vec![false; 2]));
}

/// HAND-48: the offer stands in a request for a file too, and may be passed over.
#[test]
fn a_request_may_offer_tls() {
    let [request, answer] = &transfer("gtkg-from-gbun-n2r-200")[..] else { panic!("two heads") };
    assert!(request.capabilities().upgrade_tls && request.capabilities().connection_upgrade);
    assert!(!answer.capabilities().upgrade_tls && !answer.capabilities().connection_upgrade);
}

fn handshake(file: &str) -> Vec<Head> {
    heads(&format!("handshakes/{file}.txt"))
}

fn transfer(file: &str) -> Vec<Head> {
    heads(&format!("http/{file}.txt"))
}

fn heads(path: &str) -> Vec<Head> {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (mut stream, mut reader) = (BytesMut::from(&bytes[..]), HeadReader::default());
    std::iter::from_fn(|| reader.take_from(&mut stream).unwrap()).collect()
}
