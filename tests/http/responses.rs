use bytes::BytesMut;
use filbert::base::limits::TRANSFER_HEAD_LEN_MAX;
use filbert::gnutella::http::{
    AvailableRanges, BodyEnd, Form, HttpVersion, OwnHead, ResponseReader, Status, agent,
};

use crate::{head, response, text};

fn refusal(lines: &str) -> &'static str {
    let mut stream = BytesMut::from(format!("{lines}\r\n\r\n").as_bytes());
    ResponseReader::default().take_from(&mut stream).expect_err("it is refused").rule.id()
}

/// HTTP-37: at the limit and one past it.
#[test]
fn one_line_of_an_answer_may_be_as_long_as_its_head() {
    let lines = |len: usize| {
        let start = "HTTP/1.1 416 Not These\r\nX-Available-Ranges: bytes ";
        let ranges: Vec<String> = (0..500).map(|at| format!("{at}0000000-{at}0000009")).collect();
        let ranges = ranges.join(",");
        let blanks = len - start.len() - ranges.len() - "\r\n\r\n".len();
        format!("{start}{}{ranges}", " ".repeat(blanks))
    };
    let found = response(&lines(TRANSFER_HEAD_LEN_MAX));
    assert_eq!(AvailableRanges::of(&found.head).unwrap().0.iter().count(), 500);
    assert_eq!(refusal(&lines(TRANSFER_HEAD_LEN_MAX + 1)), "SIZE-11");
}

/// HTTP-18
#[test]
fn a_response_has_a_version_a_status_and_perhaps_a_reason() {
    for (line, version, status, reason) in [
        ("HTTP/1.1 200 OK", HttpVersion::Http11, 200, "OK"),
        (
            "HTTP/1.0 503 Too many uploads; try later",
            HttpVersion::Http10,
            503,
            "Too many uploads; try later",
        ),
        ("HTTP/1.1 404", HttpVersion::Http11, 404, ""),
        ("HTTP/1.1  206  Partial", HttpVersion::Http11, 206, "Partial"),
        ("HTTP 200 OK", HttpVersion::Http10, 200, "OK"),
        ("HTTP/1.1 999 \u{202e}x\u{ad}", HttpVersion::Http11, 999, "x"),
    ] {
        let response = response(line);
        let found = (response.version, response.status, response.reason.as_str());
        assert_eq!(found, (version, Status(status), reason), "{line}");
    }
    for line in [
        "HTTP/1.1",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000",
        "HTTP/1.1 +20",
        "HTTP/1.1 099 x",
        "ICY 200 OK",
        "HTTP/2.0 200 OK",
        "",
    ] {
        assert_eq!(refusal(line), "HTTP-18", "{line:?}");
    }
    assert_eq!(refusal("HTTP/1.1 200 O\u{1b}K"), "HTTP-17");
}

/// HTTP-19
#[test]
fn a_body_ends_where_the_head_says_it_and_in_one_way_only() {
    let end = |lines: &str| response(&format!("HTTP/1.1 200 OK\r\n{lines}")).body_end();
    for (lines, expected) in [
        ("X: y", BodyEnd::Close),
        ("Content-Length: 5", BodyEnd::After(5)),
        ("Content-Length: 5\r\ncontent-length: 5", BodyEnd::After(5)),
        ("Content-Length: 5, 5", BodyEnd::After(5)),
        ("Transfer-Encoding: Chunked", BodyEnd::Chunked),
        ("Transfer-Encoding: gzip, chunked", BodyEnd::Chunked),
        ("Transfer-Encoding: gzip", BodyEnd::Close),
    ] {
        assert_eq!(end(lines), Ok(expected), "{lines}");
    }
    for lines in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Content-Length: 18446744073709551616",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
    ] {
        assert_eq!(end(lines).expect_err(lines).rule.id(), "HTTP-19");
        let response = response(&format!("HTTP/1.1 200 OK\r\n{lines}"));
        assert!(!response.keeps_connection(), "{lines}");
    }
    assert_eq!(response("HTTP/1.1 204 No\r\nContent-Length: 5").body_end(), Ok(BodyEnd::After(0)));
    assert!(response("HTTP/1.1 200 OK\r\nContent-Length: 5").keeps_connection());
    assert!(!response("HTTP/1.1 200 OK").keeps_connection(), "the end of the body is that of it");
    assert!(!response("HTTP/1.0 200 OK\r\nContent-Length: 5").keeps_connection());
}

/// HTTP-21
#[test]
fn what_strangers_say_becomes_no_line_of_ours() {
    let own = OwnHead::response_saying(Status::BUSY, "a\r\nSet-Cookie: b")
        .with("X-Name", "x\r\n\r\nGET / HTTP/1.1")
        .with_some("X-None", None::<u8>)
        .with("X-Turned", "a\u{202e}b\u{1b}[2J\0");
    let expected = "HTTP/1.1 503 a__Set-Cookie: b\r\nX-Name: x____GET / HTTP/1.1\r\nX-Turned: a_b_[2J_\r\n\r\n";
    assert_eq!(text(&own), expected);
}

/// HTTP-27
#[test]
fn a_program_is_named_harmlessly() {
    assert_eq!(agent(&head("Server: b/2\r\nUser-Agent: a/1\u{202e}x")).as_deref(), Some("a/1 x"));
    assert_eq!(
        agent(&head("Server: gtk-gnutella/1.2 (x)\r\nX-Token: y")).as_deref(),
        Some("gtk-gnutella/1.2 (x)")
    );
    assert_eq!(agent(&head("User-Agent:")), None);
}
