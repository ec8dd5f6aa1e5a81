//! Requests of FastTrack, which come to the same place.

use filbert::base::limits::{HEADER_TEXT_LEN_MAX, QUICK_PER_MINUTE};
use filbert::base::ranges::ByteRange;
use filbert::fasttrack::http::Sender;
use filbert::transfer::upload::Terms;

use super::scene::{Answer, Scene, TERMS, content, get, host, item, uuhash_of};

fn scene() -> Scene {
    Scene::new().with_fasttrack()
}

/// As Kazaa 2.x asks.
fn ask(method: &str, index: u32, more: &str) -> String {
    let hash = uuhash_of(index);
    format!(
        "{method} /.hash={hash} HTTP/1.1\r\nHost: 203.0.113.1:1214\r\n\
         UserAgent: KazaaClient Nov  3 2002 20:29:03\r\nX-Kazaa-Username: bob\r\n\
         X-Kazaa-Network: KaZaA\r\nX-Kazaa-IP: 5.6.7.8:1214\r\n\
         X-Kazaa-SupernodeIP: 5.6.7.9:1214\r\n{more}Connection: close\r\n\
         X-Kazaa-XferId: 1\r\nX-Kazaa-XferUid: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"
    )
}

fn one(scene: &mut Scene, request: impl AsRef<[u8]>) -> Answer {
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, request);
    assert!(outcome.is_closed, "one request, one connection");
    let answer = outcome.one().clone();
    scene.leave(&client);
    answer
}

/// What each answer to a node of FastTrack says (FTHTTP-08).
#[track_caller]
fn is_signed(answer: &Answer) {
    for (name, value) in [
        ("X-Kazaa-Network", "KaZaA"),
        ("X-Kazaa-Username", "filbert"),
        ("X-Kazaa-IP", "203.0.113.1:1214"),
        ("X-Kazaa-SupernodeIP", "198.51.100.1:1214"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{}", answer.head);
        assert_eq!(answer.head.matches(&format!("\r\n{name}: ")).count(), 1, "{}", answer.head);
    }
    for word in ["X-Gnutella", "X-Thex", "X-Features", "X-Alt", "X-Node", "X-Queue"] {
        assert!(!answer.head.contains(word), "{}", answer.head);
    }
}

/// FTHTTP-01, FTHTTP-03, FTHTTP-04, FTHTTP-05, FTHTTP-06, FTHTTP-08, FTHTTP-13
#[test]
fn a_range_of_a_file_is_given_by_its_hash() {
    let mut scene = scene();
    let answer = one(&mut scene, ask("GET", 1, "Range: bytes=1000-1999\r\n"));
    assert_eq!(answer.body, content(1, ByteRange::new(1_000, 2_000)));
    assert!(answer.head.starts_with("HTTP/1.1 206 Partial Content\r\n"), "{}", answer.head);
    assert_eq!(answer.header("Content-Range"), Some("bytes 1000-1999/1000000"));
    assert_eq!(answer.header("Content-Length"), Some("1000"));
    assert_eq!(answer.header("Connection"), Some("close"));
    assert_eq!(answer.header("X-KazaaTag"), Some(&*format!("3={}", uuhash_of(1).to_text())));
    assert!(!answer.head.contains("X-KazaaTag: 2="), "{}", answer.head);
    is_signed(&answer);
    // mldonkey asks in another version, and says little.
    let hash = uuhash_of(1).to_string().to_uppercase();
    let request = format!("GET /.hash={hash} HTTP/1.0\r\nRange: bytes=0-9,20-29\r\n\r\n");
    let answer = one(&mut scene, request);
    assert_eq!((answer.status(), answer.body.len()), (206, 10));
}

/// FTHTTP-05, FTHTTP-06
#[test]
fn without_a_range_the_file_is_given_and_behind_its_end_nothing() {
    let mut scene = scene();
    let answer = one(&mut scene, ask("GET", 2, ""));
    assert_eq!((answer.status(), answer.header("Content-Range")), (200, None));
    assert_eq!(answer.body, content(2, ByteRange::new(0, 10)));
    is_signed(&answer);
    let answer = one(&mut scene, ask("GET", 2, "Range: bytes=10-19\r\n"));
    assert_eq!((answer.status(), answer.header("Content-Range")), (416, Some("bytes */10")));
    is_signed(&answer);
}

/// FTHTTP-01
#[test]
fn head_is_answered_without_a_body() {
    let answer = one(&mut scene(), ask("HEAD", 1, "Range: bytes=5-14\r\n"));
    assert_eq!((answer.status(), answer.body.len()), (206, 0));
    assert_eq!(answer.header("Content-Length"), Some("10"));
    is_signed(&answer);
}

/// FTHTTP-11, FTHTTP-18: also what was shared and is another file by now, and what has the form of another program.
#[test]
fn what_is_not_here_is_404() {
    let mut scene = scene();
    let answer = one(&mut scene, ask("GET", 9, ""));
    assert_eq!(answer.status(), 404);
    is_signed(&answer);
    scene.shelves.changed.insert(1);
    let answer = one(&mut scene, ask("GET", 1, ""));
    assert_eq!(answer.status(), 404);
    is_signed(&answer);
    let short = &uuhash_of(2).to_string()[2..];
    for path in ["/.files", "/.hash=", "/.hash=x", &format!("/.hash={short}"), "/1234/small.txt"] {
        let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n");
        assert_eq!(one(&mut scene, request).status(), 404, "{path}");
    }
    let answer = one(&mut scene, "GIFT / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(answer.status(), 501);
}

/// FTHTTP-11
#[test]
fn whoever_does_not_speak_fasttrack_has_no_file_of_it() {
    let mut scene = Scene::new();
    let answer = one(&mut scene, ask("GET", 1, ""));
    assert_eq!((answer.status(), answer.head.contains("Kazaa")), (404, false));
}

/// FTHTTP-10: a node of FastTrack has no place that it could name, and comes again.
#[test]
fn too_busy_is_503_with_a_time() {
    let mut scene = scene();
    let mut holders = Vec::new();
    for number in 1..=TERMS.slots {
        let mut client = scene.client(host(number));
        client.takes = false;
        assert_eq!(scene.say(&mut client, ask("GET", 1, "")).status(), 200);
        holders.push(client);
    }
    let answer = one(&mut scene, ask("GET", 1, "X-Queue: 1.0\r\n"));
    assert!(answer.head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"), "{}", answer.head);
    assert_eq!(answer.header("Retry-After"), Some("15"));
    assert_eq!(answer.header("Content-Length"), Some("0"));
    is_signed(&answer);
    // It comes when it may, and somebody has gone.
    scene.leave(&holders[0]);
    scene.wait_ms(60_000);
    assert_eq!(one(&mut scene, ask("GET", 1, "")).status(), 200);
    scene.shelves.unopened.insert(1);
    scene.leave(&holders[1]);
    let answer = one(&mut scene, ask("GET", 1, ""));
    assert_eq!((answer.status(), answer.header("Retry-After")), (503, Some("60")));
    is_signed(&answer);
}

/// FTHTTP-10
#[test]
fn whoever_asks_too_often_is_told_so_in_its_own_words() {
    let mut scene = scene();
    let last = (0..=QUICK_PER_MINUTE).map(|_| one(&mut scene, ask("GET", 9, ""))).last().unwrap();
    assert_eq!((last.status(), last.header("Retry-After")), (503, Some("60")));
    is_signed(&last);
}

/// FTHTTP-12
#[test]
fn no_head_is_longer_than_gift_reads() {
    let mut scene = scene();
    let long = "\u{20ac}".repeat(HEADER_TEXT_LEN_MAX);
    scene.shelves.items.insert(7, item(7, u64::MAX - 1, &long[..255]));
    scene.about.kazaa = scene.about.kazaa.map(|own| Sender { user: Some(long.clone()), ..own });
    let last = u64::MAX - 2;
    let answer = one(&mut scene, ask("HEAD", 7, &format!("Range: bytes={last}-{last}\r\n")));
    assert_eq!(answer.status(), 206);
    assert!(answer.head.len() <= 4_096, "{}", answer.head.len());
    let user = answer.header("X-Kazaa-Username").unwrap();
    assert_eq!(user, "_".repeat(31), "a name as it may stand in messages");
}

/// FTHTTP-13: both sides may want the connection to stay, and each answer is in the words of its request.
#[test]
fn a_connection_that_stays_may_ask_in_both_languages() {
    let mut scene = scene();
    let mut client = scene.client(host(0));
    let request = |index| format!("GET /.hash={} HTTP/1.1\r\nHost: x\r\n\r\n", uuhash_of(index));
    for _ in 0..2 {
        let answer = scene.say(&mut client, request(2)).one().clone();
        assert_eq!((answer.status(), answer.header("Connection")), (200, Some("Keep-Alive")));
        is_signed(&answer);
        let answer = scene.say(&mut client, get(2, "")).one().clone();
        assert!(answer.head.contains("X-Gnutella-Content-URN") && !answer.head.contains("Kazaa"));
    }
}

/// As giFT 0.11.9 with giFT-FastTrack 0.8.9 asked: for all of a file, whatever its size, as one range.
#[test]
fn what_gift_asks_for_it_gets() {
    let ask = |index: u32, range: &str| {
        format!(
            "GET /.hash={} HTTP/1.1\r\nRange: bytes={range}\r\nUserAgent: giFT-FastTrack 0.8.9\r\n\
             X-Kazaa-Network: KaZaA\r\nX-Kazaa-Username: gift1\r\nConnection: Close\r\n\
             X-Kazaa-XferUid: 19ij8zSr4/n/MY438xqRfpqtG0Dm82FmIJSXbtPTjrA=\r\n\
             Host: 203.0.113.101:1214\r\n\r\n",
            uuhash_of(index)
        )
    };
    let mut scene = scene();
    for (range, len) in [("0-999999", 1_000_000), ("0-0", 1), ("999999-999999", 1)] {
        let answer = one(&mut scene, ask(1, range));
        assert_eq!((answer.status(), answer.body.len()), (206, len), "{range}");
        let told = format!("bytes {range}/1000000");
        assert_eq!(answer.header("Content-Range"), Some(&*told));
        assert_eq!(answer.header("Content-Length"), Some(&*len.to_string()));
        assert_eq!(answer.header("Connection"), Some("close"));
        is_signed(&answer);
    }
}

/// As mldonkey 3.2.1 asked: with HTTP/1.0, two wishes to stay, 256 KiB at a time, and the next request before the answer
/// is through (UPLOAD-22).
#[test]
fn what_mldonkey_asks_for_ahead_is_answered_in_its_turn() {
    let ask = |first: u64, last: u64| {
        format!(
            "GET /.hash={} HTTP/1.0\r\nX-Kazaa-Network: KaZaA\r\nConnection: Keep-Alive\r\n\
             X-Kazaa-Username: mld1\r\nConnection: Keep-Alive\r\nHost: 203.0.113.101:1214\r\n\
             Range: bytes={first}-{last}\r\n\r\n",
            uuhash_of(1)
        )
    };
    let mut scene = Scene::with_terms(Terms { slots: 1, ..TERMS }).with_fasttrack();
    let mut client = scene.client(host(0));
    client.takes = false;
    let begun = scene.say(&mut client, ask(786_432, 999_999));
    assert_eq!((begun.status(), begun.one().body.len()), (206, 213_568));
    assert_eq!(begun.one().header("Connection"), Some("Keep-Alive"));
    let ahead = ask(0, 262_143) + &ask(262_144, 524_287);
    let (early, late) = ahead.split_at(300);
    for bytes in [early, late] {
        assert!(scene.say(&mut client, bytes).answers.is_empty(), "an answer is under way");
    }
    for first in [0, 262_144] {
        let next = scene.take(&mut client);
        assert!(!next.is_closed);
        let range = ByteRange::new(first, first + 262_144);
        assert_eq!((next.status(), &next.one().body), (206, &content(1, range)));
        is_signed(next.one());
    }
    assert!(scene.take(&mut client).answers.is_empty());
    assert_eq!(scene.counter.serving(), 1, "its slot is kept for a moment");
}
