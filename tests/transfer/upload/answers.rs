use filbert::base::ranges::ByteRange;

use super::scene::{Scene, content, get, host, request, sha1_of};
use filbert::base::urn::Urn;
use filbert::gnutella::http::{AltHost, NodeInfo, PushLocation};
use filbert::gnutella::wire::Guid;

/// UPLOAD-18: what we can do is said once.
#[test]
fn a_whole_file_comes_with_all_that_is_known_of_it() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, get(2, ""));
    let answer = outcome.one();
    assert_eq!((answer.status(), &answer.body), (200, &content(2, ByteRange::new(0, 10))));
    let urn = Urn::Sha1(sha1_of(2)).to_string();
    for (name, value) in [
        ("Server", "Filbert/0.1.0"),
        ("Content-Length", "10"),
        ("Content-Type", "application/octet-stream"),
        ("X-Gnutella-Content-URN", urn.as_str()),
        ("X-Node", "203.0.113.1:6346"),
        ("X-Features", "browse/1.0, queue/1.0"),
        ("Content-Disposition", "attachment; filename*=UTF-8''small.txt"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{}", answer.head);
    }
    let thex = answer.header("X-Thex-URI").unwrap();
    assert!(thex.starts_with(&format!("/uri-res/N2X?{urn};")) && thex.len() > 39, "{thex}");
    assert_eq!(answer.header("Content-Range"), None);
    assert!(!outcome.is_closed);
    let second = scene.say(&mut client, get(2, ""));
    assert_eq!(second.one().header("X-Features"), None, "once a connection");
}

/// PUSH-27, PUSH-19, PUSH-20
#[test]
fn whoever_cannot_be_called_says_how_it_is_reached() {
    let mut scene = Scene::new();
    scene.about.behind = Some(NodeInfo(PushLocation {
        servent: Guid([0xab; 16]),
        firewall_transfer: None,
        address: Some("203.0.113.1:6346".parse().unwrap()),
        proxies: vec![AltHost::new("203.0.113.9:6346".parse().unwrap())],
    }));
    let told = |scene: &mut Scene| {
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, get(2, ""));
        let header = |name| outcome.one().header(name).map(str::to_owned);
        [header("X-Node"), header("X-FW-Node-Info"), header("X-Push-Proxy")]
    };
    let [node, info, proxies] = told(&mut scene);
    assert_eq!((node.as_deref(), info, proxies), (Some("203.0.113.1:6346"), None, None));
    scene.about.node = None;
    let [node, info, proxies] = told(&mut scene);
    let expected = format!("{};6346:203.0.113.1;203.0.113.9:6346", "ab".repeat(16));
    assert_eq!((node, info), (None, Some(expected)));
    assert_eq!(proxies.as_deref(), Some("203.0.113.9:6346"));
}

#[test]
fn ranges_are_answered_as_far_as_the_file_goes() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    for (range, start, end) in [
        ("bytes=0-", 0, 1_000_000),
        ("bytes=5-9", 5, 10),
        ("bytes=999990-2000000", 999_990, 1_000_000),
        ("bytes=-7", 999_993, 1_000_000),
        ("bytes=0-0,5-9", 0, 1),
    ] {
        let outcome = scene.say(&mut client, get(1, &format!("Range: {range}\r\n")));
        let answer = outcome.one();
        assert_eq!(answer.status(), 206, "{range}");
        let told = format!("bytes {start}-{}/1000000", end - 1);
        assert_eq!(answer.header("Content-Range"), Some(told.as_str()));
        assert_eq!(answer.body, content(1, ByteRange::new(start, end)), "{range}");
    }
    for range in ["bytes=1000000-", "bytes=1000000-1000001"] {
        let outcome = scene.say(&mut client, get(1, &format!("Range: {range}\r\n")));
        assert_eq!(outcome.status(), 416, "{range}");
        assert_eq!(outcome.one().header("Content-Range"), Some("bytes */1000000"));
        assert!(!outcome.is_closed, "the connection stays");
    }
}

#[test]
fn a_head_has_the_headers_and_no_body_and_takes_no_slot() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, request("HEAD", 1, "Range: bytes=1-5\r\n"));
    let answer = outcome.one();
    assert_eq!((answer.status(), answer.header("Content-Length")), (206, Some("5")));
    assert_eq!(answer.body, b"");
    assert_eq!(scene.counter.serving(), 0);
}

/// HTTP-08, HTTP-09: a name is compared and leads nowhere.
#[test]
fn a_file_is_found_by_its_own_name_only() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    for (target, status) in [
        ("/get/2/small.txt", 200),
        ("/get/2/small%2Etxt", 200),
        ("/get/2/small.tx", 404),
        ("/get/2/../2/small.txt", 404),
        ("/get/2/part.bin", 404),
        ("/get/5/small.txt", 200),
        ("/get/0/small.txt", 200),
        ("/uri-res/N2R?urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 404),
        ("/elsewhere", 404),
    ] {
        let outcome = scene.say(&mut client, format!("GET {target} HTTP/1.1\r\n\r\n"));
        assert_eq!(outcome.status(), status, "{target}");
    }
}

#[test]
fn an_empty_file_is_empty() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, get(3, ""));
    assert_eq!((outcome.status(), outcome.one().header("Content-Length")), (200, Some("0")));
    assert_eq!(scene.say(&mut client, get(3, "Range: bytes=0-\r\n")).status(), 416);
}

#[test]
fn what_cannot_be_understood_is_answered_and_ends_the_connection() {
    for (head, status) in [
        ("GET / HTTP/2.0\r\n\r\n", 505),
        ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405),
        ("BREW /pot HTTP/1.1\r\n\r\n", 501),
        ("GET /\r\n\r\n", 400),
        ("GET  HTTP/1.1\r\n\r\n", 400),
    ] {
        let mut scene = Scene::new();
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, head);
        assert_eq!((outcome.status(), outcome.is_closed), (status, true), "{head}");
        assert!(!client.conversation.wants_bytes());
    }
}

/// HTTP-14
#[test]
fn the_connection_stays_where_the_client_wants_it() {
    for (version, more, stays) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
    ] {
        let mut scene = Scene::new();
        let mut client = scene.client(host(0));
        let head = format!("GET /get/2/small.txt HTTP/{version}\r\n{more}\r\n");
        let outcome = scene.say(&mut client, head);
        assert_eq!((outcome.status(), outcome.is_closed), (200, !stays), "{version} {more}");
        let said = outcome.one().header("Connection").unwrap();
        assert_eq!(said.eq_ignore_ascii_case("keep-alive"), stays);
    }
}

#[test]
fn requests_that_come_together_are_answered_in_their_order() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    client.takes = false;
    let both = [get(2, "Range: bytes=0-3\r\n"), get(2, "Range: bytes=4-\r\n")].concat();
    let first = scene.say(&mut client, both);
    assert_eq!(first.one().body, content(2, ByteRange::new(0, 4)));
    let second = scene.take(&mut client);
    assert_eq!(second.one().body, content(2, ByteRange::new(4, 10)));
}

/// UPLOAD-16
#[test]
fn a_file_that_has_changed_is_gone() {
    let mut scene = Scene::new();
    scene.shelves.changed.insert(1);
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, get(1, ""));
    assert_eq!((outcome.status(), &*outcome.one().body), (410, &b""[..]));
    assert!(!outcome.is_closed);
}

/// UPLOAD-16
#[test]
fn a_file_that_cannot_be_opened_may_be_asked_for_again() {
    let mut scene = Scene::new();
    scene.shelves.unopened.insert(1);
    let mut client = scene.client(host(0));
    let outcome = scene.say(&mut client, get(1, ""));
    assert_eq!((outcome.status(), &*outcome.one().body), (503, &b""[..]));
    assert!(outcome.one().head.contains("Retry-After: 60\r\n"), "{}", outcome.one().head);
    assert!(!outcome.is_closed);
    scene.shelves.unopened.clear();
    assert_eq!(scene.say(&mut client, get(1, "")).status(), 200);
}

/// UPLOAD-17
#[test]
fn of_a_file_that_is_not_all_here_the_parts_are_given_that_are() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    for (range, given) in [
        ("bytes=0-", Some((0, 100_000))),
        ("bytes=50-99", Some((50, 100))),
        ("bytes=200000-499999", Some((200_000, 300_000))),
        ("bytes=100000-", None),
        ("bytes=150000-250000", None),
    ] {
        let outcome = scene.say(&mut client, get(4, &format!("Range: {range}\r\n")));
        let answer = outcome.one();
        assert_eq!(answer.header("X-Available-Ranges"), Some("bytes 0-99999, 200000-299999"));
        match given {
            Some((start, end)) => {
                assert_eq!(answer.status(), 206, "{range}");
                assert_eq!(answer.body, content(4, ByteRange::new(start, end)));
            }
            None => assert_eq!(answer.status(), 416, "{range}"),
        }
    }
    let outcome = scene.say(&mut client, get(4, ""));
    let answer = outcome.one();
    assert_eq!(answer.status(), 416, "who asks for the whole would take a part for it");
    assert_eq!(answer.header("X-Available-Ranges"), Some("bytes 0-99999, 200000-299999"));
}

/// THEX-02
#[test]
fn a_tree_comes_in_dime() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(0));
    let urn = Urn::Sha1(sha1_of(1));
    let outcome = scene.say(&mut client, format!("GET /uri-res/N2X?{urn} HTTP/1.1\r\n\r\n"));
    let answer = outcome.one();
    assert_eq!((answer.status(), answer.header("Content-Type")), (200, Some("application/dime")));
    let rows = filbert::gnutella::http::thex::TreeRows::decode(&answer.body).unwrap();
    assert_eq!((rows.size(), rows.depth()), (1_000_000, 0));
}

/// PUSH-12
#[test]
fn a_push_is_passed_on_for_whoever_wants_to_be_called_itself() {
    let target = "/gnutella/push-proxy?ServerId=AAAAAAAAAAAAAAAAAAAAAAAAAA";
    let here = host(0).ip();
    for (node, status) in [
        (format!("X-Node: {here}:6346\r\n"), 202),
        ("X-Node: 203.0.113.200:6346\r\n".to_owned(), 400),
        (String::new(), 400),
    ] {
        let mut scene = Scene::new();
        let mut client = scene.client(host(0));
        let outcome = scene.say(&mut client, format!("GET {target} HTTP/1.1\r\n{node}\r\n"));
        assert_eq!(outcome.status(), status, "{node}");
    }
}
