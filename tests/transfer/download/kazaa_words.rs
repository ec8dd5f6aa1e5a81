//! What nodes of FastTrack are asked, and what their answers come to.

use bytes::BytesMut;
use filbert::base::limits::{KAZAA_RETRY_MAX_S, KAZAA_RETRY_MIN_S, KAZAA_RETRY_S};
use filbert::base::ranges::ByteRange;
use filbert::fasttrack::http::Sender;
use filbert::gnutella::http::ResponseReader;
use filbert::transfer::download::{Answer, Ask, Manners, Outcome, Path, Wanted, request_of};

use super::kazaa::{kzhash, node};
use super::swarm::address;

const RANGE: ByteRange = ByteRange::new(1_000, 3_000);

fn ask(what: Wanted) -> Ask {
    Ask {
        what,
        path: Path::Kazaa(node(kzhash(b"a").uuhash)),
        alternates: vec![address(2)],
        pushed: Vec::new(),
        bad_alternates: vec![address(3)],
        ticket: Some("a".to_owned()),
        available: None,
    }
}

/// FTHTTP-01, FTHTTP-03, FTHTTP-05, FTHTTP-12, FTHTTP-13
#[test]
fn a_node_is_asked_in_the_words_of_its_network() {
    let kazaa = Sender {
        network: Some("KaZaA".to_owned()),
        user: Some("Ann B".to_owned()),
        address: Some("203.0.113.1:1214".parse().unwrap()),
        supernode: Some("198.51.100.1:1214".parse().unwrap()),
    };
    let manners = Manners { user_agent: "Filbert/1".to_owned(), kazaa, ..Manners::default() };
    let head = |what, sha1| request_of(&ask(what), sha1, address(1), &manners);
    let said = head(Wanted::Bytes(RANGE), None).unwrap().to_bytes();
    let expected = "GET /.hash=0cc175b9c0f1b6a831c399e269772661feffffff HTTP/1.1\r\n\
                    Host: 11.1.0.1:6346\r\nUserAgent: Filbert/1\r\nX-Kazaa-Network: KaZaA\r\n\
                    X-Kazaa-Username: Ann_B\r\nX-Kazaa-IP: 203.0.113.1:1214\r\n\
                    X-Kazaa-SupernodeIP: 198.51.100.1:1214\r\nRange: bytes=1000-2999\r\n\
                    Connection: close\r\n\r\n";
    assert_eq!(String::from_utf8_lossy(&said), expected);
    assert_eq!(head(Wanted::Bytes(RANGE), Some([1; 20])).unwrap().to_bytes(), said);
    assert_eq!(head(Wanted::Tree, Some([1; 20])), None, "it has none");
}

/// FTHTTP-05: giFT refuses the range of the first byte alone.
#[test]
fn the_first_byte_alone_is_asked_for_without_a_range() {
    let range_of = |start, end| {
        let what = Wanted::Bytes(ByteRange::new(start, end));
        let head = request_of(&ask(what), None, address(1), &Manners::default()).unwrap();
        let text = String::from_utf8(head.to_bytes().to_vec()).unwrap();
        text.lines().find_map(|line| line.strip_prefix("Range: bytes=")).map(str::to_owned)
    };
    assert_eq!(range_of(0, 1), None);
    assert_eq!(range_of(0, 2).as_deref(), Some("0-1"));
    assert_eq!(range_of(1, 2).as_deref(), Some("1-1"));
}

fn answer(head: &str) -> Answer {
    let mut stream = BytesMut::from(head);
    let response = ResponseReader::default().take_from(&mut stream).unwrap().unwrap();
    Answer::of_kazaa(&response, Wanted::Bytes(RANGE), &node(kzhash(b"a").uuhash))
}

fn outcome(head: &str) -> Outcome {
    answer(&format!("HTTP/1.1 {head}\r\n\r\n")).outcome
}

const fn part(start: u64, end: u64, size: Option<u64>) -> Outcome {
    Outcome::Bytes { range: ByteRange::new(start, end), size }
}

/// FTHTTP-06, FTHTTP-07: whether it is what was asked for is seen where what is known of the file is.
#[test]
fn a_part_is_what_the_answer_says_or_what_was_asked_for() {
    let with_size = "Content-Range: bytes 1000-2999/9000";
    let told = format!("206 Partial Content\r\nContent-Length: 2000\r\n{with_size}");
    assert_eq!(outcome(&told), part(1_000, 3_000, Some(9_000)));
    // Kazaa 2.x answers so too.
    assert_eq!(
        outcome(&told.replace("206 Partial Content", "200 OK")),
        part(1_000, 3_000, Some(9_000))
    );
    let untold = |len: &str| outcome(&format!("206 Partial Content{len}"));
    assert_eq!(untold("\r\nContent-Length: 2000"), part(1_000, 3_000, None));
    assert_eq!(untold("\r\nContent-Length: 500"), part(1_000, 1_500, None));
    assert_eq!(untold("\r\nContent-Length: 9000"), part(1_000, 3_000, None));
    assert_eq!(untold(""), part(1_000, 3_000, None));
    assert_eq!(untold("\r\nTransfer-Encoding: chunked"), Outcome::Refused);
    assert_eq!(outcome("200 OK\r\nContent-Length: 9000"), part(0, 9_000, Some(9_000)));
    assert_eq!(outcome("206 Partial Content\r\nContent-Range: bytes */9"), Outcome::Refused);
    let elsewhere = |more: &str| outcome(&format!("416 Requested Range Not Satisfiable{more}"));
    assert_eq!(elsewhere(""), Outcome::NotTheseBytes { size: None });
    let told = elsewhere("\r\nContent-Range: bytes */900");
    assert_eq!(told, Outcome::NotTheseBytes { size: Some(900) });
}

/// FTHTTP-09
#[test]
fn nothing_is_taken_of_a_file_that_has_another_hash() {
    let with_tag = |tag: &str| {
        outcome(&format!("206 Partial Content\r\nX-KazaaTag: 5=70\r\nX-KazaaTag: {tag}"))
    };
    let ours = part(1_000, 3_000, None);
    assert_eq!(with_tag(&format!("3={}", kzhash(b"a").uuhash.to_text())), ours);
    assert_eq!(with_tag(&format!("3={}", kzhash(b"b").uuhash.to_text())), Outcome::Missing);
    assert_eq!(with_tag("3==AAAA"), ours, "that says nothing");
}

/// FTHTTP-10: at the limits and one past them.
#[test]
fn whoever_is_busy_is_left_alone_within_reason() {
    let waits = |more: &str| match outcome(&format!("503 Service Unavailable{more}")) {
        Outcome::Busy { retry_ms: Some(retry_ms) } => retry_ms / 1_000,
        other => panic!("{other:?}"),
    };
    let after = |seconds: u32| waits(&format!("\r\nRetry-After: {seconds}"));
    assert_eq!(waits(""), u64::from(KAZAA_RETRY_S));
    let (min, max) = (KAZAA_RETRY_MIN_S, KAZAA_RETRY_MAX_S);
    assert_eq!([min - 1, min, min + 1].map(after), [min, min, min + 1].map(u64::from));
    assert_eq!([max - 1, max, max + 1].map(after), [max - 1, max, max].map(u64::from));
    // What Gnutella says of queues is nothing here, and HTTP/1.0 means nothing.
    let queued = "HTTP/1.0 503 Busy\r\nX-Queue: position=1\r\nRetry-After: 100\r\n\r\n";
    assert_eq!(answer(queued).outcome, Outcome::Busy { retry_ms: Some(100_000) });
}

/// FTHTTP-11, FTHTTP-13
#[test]
fn what_is_not_there_is_missing_and_who_speaks_is_known() {
    let gone = answer("HTTP/1.0 404 Not Found\r\nX-Kazaa-Username: bob\r\n\r\n");
    assert_eq!((gone.outcome, gone.is_servent, gone.stays_open), (Outcome::Missing, true, false));
    assert!(!answer("HTTP/1.1 404 Not Found\r\nServer: Apache\r\n\r\n").is_servent);
    assert_eq!(outcome("501 Not Implemented"), Outcome::Refused);
    let kept = answer("HTTP/1.1 206 Partial Content\r\nContent-Length: 2000\r\n\r\n");
    assert!(kept.stays_open, "where both sides want it");
}

fn asked_for(range: ByteRange, head: &str) -> Outcome {
    let mut stream = BytesMut::from(head);
    let response = ResponseReader::default().take_from(&mut stream).unwrap().unwrap();
    let hash = kzhash(b"a").uuhash;
    Answer::of_kazaa(&response, Wanted::Bytes(range), &node(hash)).outcome
}

/// FTHTTP-05, FTHTTP-06: giFT answers 206 with all of the file where no range was named.
#[test]
fn the_answer_to_a_request_without_a_range_is_the_whole_file() {
    let first = ByteRange::new(0, 1);
    let head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-10239/10240\r\n\
                Content-Length: 10240\r\nAccept-Ranges: bytes\r\n\
                Server: KazaaClient Nov  3 2002 20:29:03\r\nConnection: close\r\n\
                X-Kazaa-Username: gift1\r\nX-Kazaa-Network: KaZaA\r\n\r\n";
    let whole = part(0, 10_240, Some(10_240));
    assert_eq!(asked_for(first, head), whole);
    let untold = head.replace("Content-Range: bytes 0-10239/10240\r\n", "");
    assert_eq!(asked_for(first, &untold), whole);
    assert_eq!(asked_for(first, &untold.replace("206 Partial Content", "200 OK")), whole);
    let one = "HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\n";
    assert_eq!(asked_for(first, one), part(0, 1, Some(1)));
}

/// FTHTTP-06: whoever says that it gives something else than was asked for gives nothing that is taken.
#[test]
fn a_part_that_nobody_asked_for_is_told_as_it_is() {
    for (said, range, size) in [
        ("bytes 0-1999/9000", (0, 2_000), Some(9_000)),
        ("bytes 1000-2999/*", (1_000, 3_000), None),
    ] {
        let head = format!("206 Partial Content\r\nContent-Length: 2000\r\nContent-Range: {said}");
        assert_eq!(outcome(&head), part(range.0, range.1, size), "{said}");
    }
    for said in
        ["bytes 2999-1000/9000", "bytes 1000-2999/2000", "bytes 5-4/9", "bytes 1000-2998/9000"]
    {
        let head = format!("206 Partial Content\r\nContent-Length: 2000\r\nContent-Range: {said}");
        assert_eq!(outcome(&head), Outcome::Refused, "{said}");
    }
}

/// giFT says no length with its errors, and the connection ends with them.
#[test]
fn an_error_without_a_length_ends_its_connection() {
    let refused = answer("HTTP/1.1 400 Bad Request\r\nServer: giFT-FastTrack\r\n\r\n");
    assert_eq!((refused.outcome, refused.stays_open), (Outcome::Refused, false));
    let gone = answer("HTTP/1.1 404 Not Found\r\nX-Kazaa-Username: a\r\n\r\nsome words");
    assert_eq!((gone.outcome, gone.stays_open), (Outcome::Missing, false));
}
