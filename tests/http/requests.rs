use bytes::BytesMut;
use filbert::base::limits::{SHARED_NAME_LEN_MAX, TRANSFER_HEAD_LEN_MAX, TRANSFER_LINE_LEN_MAX};
use filbert::base::urn::Urn;
use filbert::gnutella::http::{
    HttpVersion, Method, OwnHead, PushRequest, RequestReader, Status, Target,
};
use filbert::gnutella::wire::Guid;

use crate::{ROOT, SHA1, get, request, text};

fn urn(text: &str) -> Urn {
    Urn::parse(text.as_bytes()).expect("it is a URN")
}

/// The status and the requirement of a refusal.
fn refusal(bytes: impl AsRef<[u8]>) -> (Status, &'static str) {
    let bad = request(bytes).expect_err("it is refused");
    (bad.status, bad.fault.rule.id())
}

/// HTTP-01, HTTP-02
#[test]
fn a_request_is_read_in_pieces_and_what_follows_stays() {
    let bytes =
        b"GET  / HTTP/1.1\r\nX-Alt: 1.2.3.4:5,\r\n 6.7.8.9:10\r\n\r\nHEAD /x HTTP/1.0\n\nrest";
    let (mut reader, mut stream, mut found) = (RequestReader::default(), BytesMut::new(), vec![]);
    for byte in bytes {
        stream.extend_from_slice(&[*byte]);
        if found.len() < 2 {
            found.extend(reader.take_from(&mut stream).unwrap());
        }
    }
    assert_eq!(stream, "rest");
    let [first, second] = found.as_slice() else { panic!("two requests") };
    assert_eq!((first.method, &first.target), (Method::Get, &Target::Browse));
    assert_eq!(first.head.value("x-alt"), Some("1.2.3.4:5, 6.7.8.9:10"));
    assert_eq!((second.method, second.version), (Method::Head, HttpVersion::Http10));
}

/// HTTP-01
#[test]
fn heads_and_lines_are_read_up_to_their_limits_and_not_one_byte_further() {
    let line = |len: usize| format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(len - 3));
    assert!(request(line(TRANSFER_LINE_LEN_MAX)).is_ok());
    assert_eq!(refusal(line(TRANSFER_LINE_LEN_MAX + 1)), (Status::HEAD_TOO_LARGE, "SIZE-09"));
    let head = |len: usize| {
        let start = "GET / HTTP/1.1\r\n";
        let lines = format!("X: {}\r\n", "x".repeat(1000)).repeat(16);
        let rest = len - start.len() - lines.len() - "Y: \r\n\r\n".len();
        format!("{start}{lines}Y: {}\r\n\r\n", "y".repeat(rest))
    };
    assert!(request(head(TRANSFER_HEAD_LEN_MAX)).is_ok());
    assert_eq!(refusal(head(TRANSFER_HEAD_LEN_MAX + 1)), (Status::HEAD_TOO_LARGE, "SIZE-11"));
}

/// HTTP-02, HTTP-03, HTTP-04, HTTP-05
#[test]
fn what_is_no_request_for_a_file_is_refused_with_its_status() {
    for (line, status, rule) in [
        ("GET /", Status::BAD_REQUEST, "HTTP-02"),
        ("GET", Status::BAD_REQUEST, "HTTP-02"),
        ("GET HTTP/1.1", Status::BAD_REQUEST, "HTTP-02"),
        ("GET /HTTP/1.1", Status::BAD_REQUEST, "HTTP-02"),
        ("GET / HTTP/0.9", Status::VERSION_NOT_SUPPORTED, "HTTP-03"),
        ("GET / HTTP/2.0", Status::VERSION_NOT_SUPPORTED, "HTTP-03"),
        ("GET / HTTP/1.", Status::VERSION_NOT_SUPPORTED, "HTTP-03"),
        ("GET / HTTP/1.1x", Status::VERSION_NOT_SUPPORTED, "HTTP-03"),
        ("POST / HTTP/1.1", Status::METHOD_NOT_ALLOWED, "HTTP-04"),
        ("OPTIONS * HTTP/1.1", Status::METHOD_NOT_ALLOWED, "HTTP-04"),
        ("get / HTTP/1.1", Status::NOT_IMPLEMENTED, "HTTP-05"),
        ("BREW /pot HTTP/1.1", Status::NOT_IMPLEMENTED, "HTTP-05"),
        ("\u{16}\u{3}", Status::BAD_REQUEST, "HTTP-17"),
    ] {
        assert_eq!(refusal(format!("{line}\r\n\r\n")), (status, rule), "{line:?}");
    }
    assert_eq!(request("GET / HTTP/1.7\r\n\r\n").unwrap().version, HttpVersion::Http11);
}

/// HTTP-06, HTTP-07, HTTP-13
#[test]
fn contents_and_trees_are_asked_for_by_urn() {
    let sha1 = format!("urn:sha1:{SHA1}");
    let bitprint = format!("urn:bitprint:{SHA1}.{ROOT}");
    let by_urn = Target::ByUrn(urn(&sha1));
    for target in [
        format!("/uri-res/N2R?{sha1}"),
        format!("/uri-res/n2r?URN:SHA1:{}", SHA1.to_lowercase()),
        format!("/uri-res/N2R?urn%3Asha1%3a{SHA1}"),
        format!("/uri-res/N2R?{sha1}&x=y"),
        format!("http://1.2.3.4:6346/uri-res/N2R?{sha1}"),
        format!("HTTP://[2001:db8::1]/URI-RES/N2R?{sha1} "),
    ] {
        assert_eq!(get(&target).target, by_urn, "{target}");
    }
    assert_eq!(get(&format!("/uri-res/N2R?{bitprint}")).target, Target::ByUrn(urn(&bitprint)));
    assert_eq!(get(&format!("/uri-res/N2X?{sha1}")).target, Target::TreeOf(urn(&sha1)));
    assert_eq!(get(&format!("/uri-res/N2X?{sha1};{ROOT}")).target, Target::TreeOf(urn(&bitprint)));
    for target in [
        format!("/uri-res/N2R?{sha1}A"),
        format!("/uri-res/N2R?{sha1}/../x"),
        "/uri-res/N2R?urn:sha1:x".to_owned(),
        "/uri-res/N2R?".to_owned(),
        format!("/uri-res/N2L?{sha1}"),
        format!("//uri-res/N2R?{sha1}"),
    ] {
        assert_eq!(get(&target).target, Target::Other(target));
    }
}

/// HTTP-08, HTTP-10
#[test]
fn files_are_asked_for_by_number_and_name() {
    let by_index = |index, name: &str| Target::ByIndex { index, name: name.to_owned() };
    for (target, expected) in [
        ("/get/7/song.ogg", by_index(7, "song.ogg")),
        ("/get/7/a song.ogg", by_index(7, "a song.ogg")),
        ("/get/7/a%20song+b.ogg/", by_index(7, "a song+b.ogg")),
        ("/GET/4294967295/%c3%a9", by_index(u32::MAX, "é")),
        ("/get/7/%252e%252e", by_index(7, "%2e%2e")),
        ("/get/7/%ff", by_index(7, "\u{fffd}")),
        ("/get/7/", Target::Other("/get/7/".to_owned())),
        ("/get/4294967296/x", Target::Other("/get/4294967296/x".to_owned())),
        ("/get/-7/x", Target::Other("/get/-7/x".to_owned())),
        ("/get/song.ogg", Target::Other("/get/song.ogg".to_owned())),
    ] {
        assert_eq!(get(target).target, expected, "{target}");
    }
    let named = |len| Target::parse(&format!("/get/1/{}", "x".repeat(len)));
    assert!(matches!(named(SHARED_NAME_LEN_MAX), Target::ByIndex { .. }));
    assert!(matches!(named(SHARED_NAME_LEN_MAX + 1), Target::Other(_)));
}

/// HTTP-11, HTTP-12
#[test]
fn lists_and_pushes_are_asked_for() {
    assert_eq!(get("/").target, Target::Browse);
    assert_eq!(get("http://1.2.3.4").target, Target::Browse);
    let servent = Guid(*b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
    let push = |file, tls| Target::PushProxy(PushRequest { servent, file, tls });
    for (target, expected) in [
        ("/gnutella/push-proxy?ServerId=AAAQEAYEAUDAOCAJBIFQYDIOB4", push(None, false)),
        (
            "/gnutella/push-proxy?ServerID=aaaqeayeaudaocajbifqydiob4======&file=7",
            push(Some(7), false),
        ),
        ("/gnet/push-proxy?guid=000102030405060708090A0B0C0D0E0F&tls=TRUE", push(None, true)),
        (
            "/gnet/push-proxy?file=7&tls=false&x&guid=000102030405060708090a0b0c0d0e0f",
            push(Some(7), false),
        ),
    ] {
        assert_eq!(get(target).target, expected, "{target}");
    }
    for target in ["/gnutella/push-proxy", "/gnet/push-proxy?guid=00", "/gnet/push-proxy?file=7"] {
        assert_eq!(get(target).target, Target::Other(target.to_owned()));
    }
}

/// HTTP-20
#[test]
fn we_ask_as_others_understand() {
    let target = Target::ByIndex { index: 7, name: "a/b %é?#&+.ogg".to_owned() };
    let own = OwnHead::request(Method::Get, &target).with("Host", "1.2.3.4:6346");
    let expected =
        "GET /get/7/a%2Fb%20%25%C3%A9%3F%23%26%2B.ogg HTTP/1.1\r\nHost: 1.2.3.4:6346\r\n\r\n";
    assert_eq!(text(&own), expected);
    assert_eq!(request(expected).unwrap().target, target);
    for target in [
        format!("/uri-res/N2R?urn:sha1:{SHA1}"),
        format!("/uri-res/N2X?urn:sha1:{SHA1}"),
        "/".to_owned(),
        "/gnutella/push-proxy?ServerId=AAAQEAYEAUDAOCAJBIFQYDIOB4&file=7&tls=true".to_owned(),
        "/other?x=y".to_owned(),
    ] {
        assert_eq!(Target::parse(&target).to_string(), target);
    }
    assert_eq!(Target::Other("/a b\r\nc\u{e9}".to_owned()).to_string(), "/a%20b%0D%0Ac%C3%A9");
}

/// HTTP-14
#[test]
fn connections_stay_open_as_their_version_says() {
    for (version, header, stays) in [
        ("1.1", "X: y", true),
        ("1.1", "Connection: close", false),
        ("1.1", "connection: Keep-Alive, Close", false),
        ("1.0", "X: y", false),
        ("1.0", "Connection: Keep-Alive", true),
        ("1.0", "Connection: keep-alive, close", false),
    ] {
        let request = request(format!("GET / HTTP/{version}\r\n{header}\r\n\r\n")).unwrap();
        assert_eq!(request.keeps_connection(), stays, "{version} {header}");
    }
}

/// HTTP-15, HTTP-16
#[test]
fn nothing_that_may_be_a_body_is_read_as_a_request() {
    for (header, stays) in [
        ("Content-Length: 0", true),
        ("Content-Length: 000", true),
        ("Content-Length:", false),
        ("Content-Length: 5", false),
        ("Content-Length: +0", false),
        ("Content-Length: 0\r\nContent-Length: 5", false),
        ("Content-Length: 0, 5", false),
        ("Content-Length:\t5", false),
        ("Content-Length : 5", false),
        ("content-length:\r\n 5", false),
        ("X: y\r\n Content-Length: 5", true),
        ("Transfer-Encoding: chunked", false),
        ("Transfer-Encoding: identity", false),
        ("Transfer_Encoding: chunked", false),
        ("Content-Length\u{a0}: 5", false),
        ("no header", false),
        (": 5", false),
    ] {
        let request = request(format!("GET / HTTP/1.1\r\n{header}\r\n\r\n")).unwrap();
        assert_eq!(request.keeps_connection(), stays, "{header:?}");
    }
}

/// HTTP-17
#[test]
fn control_characters_in_a_head_are_refused() {
    for bytes in [
        &b"GET /\0 HTTP/1.1\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\rContent-Length: 5\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: \x1b[2J\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\r\n \x07\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \u{85}\r\n\r\n".as_bytes(),
    ] {
        assert_eq!(refusal(bytes), (Status::BAD_REQUEST, "HTTP-17"), "{bytes:?}");
    }
    assert!(request(b"GET / HTTP/1.1\nX:\ta\tb \n\n").is_ok(), "tabs are blanks");
}
