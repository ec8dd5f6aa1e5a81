//! Transfers: heads are told, contents are passed over, and a browsed host's hits are read.

use filbert::base::limits::{HEAD_HEADERS_MAX, HTTP_HEAD_LEN_MAX, HTTP_PIPELINE_MAX};
use filbert::gnutella::wire::Function;

use crate::made_packets::{CLIENT, Connection, SERVER, deflate, frame, gzip, head};

const GET: &[&str] = &["GET /uri-res/N2R?urn:sha1:A HTTP/1.1", "Host: x"];
const BROWSE: &[&str] = &["GET / HTTP/1.1", "Accept: application/x-gnutella-packets"];
const PACKETS: &str = "Content-Type: application/x-gnutella-packets";

const ASKED: &str = "> http GET /uri-res/N2R?urn:sha1:A HTTP/1.1";
const OK: &str = "< http HTTP/1.1 200 OK";
const PARTIAL: &str = "< http HTTP/1.1 206 Partial";

fn with_len(start: &str, len: usize) -> Vec<u8> {
    head(&[start, &format!("Content-Length: {len}")]).into_bytes()
}

/// A query hit with one record.
fn hit(byte: u8) -> Vec<u8> {
    let front = [1, 0xca, 0x18, 192, 0, 2, 2, 1, 0, 0, 0];
    let record = [7, 0, 0, 0, 9, 0, 0, 0, b'a', 0, 0];
    frame(byte, Function::QUERY_HIT, &[&front[..], &record, &[9; 16]].concat())
}

/// The answer to a browse request, with this content and these further headers.
fn browsed(content: &[u8], headers: &[&str]) -> Vec<String> {
    let lines = [&["HTTP/1.1 200 OK", PACKETS][..], headers].concat();
    let answer = [head(&lines).as_bytes(), content].concat();
    let connection = Connection::open().send(CLIENT, head(BROWSE)).send(SERVER, answer).close();
    let sketch = connection.sketch();
    assert_eq!(sketch[..2], ["> http GET / HTTP/1.1", OK]);
    sketch[2..].to_vec()
}

fn chunked(content: &[u8]) -> Vec<u8> {
    let (front, back) = content.split_at(content.len() / 2);
    let chunk = |data: &[u8]| [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
    [chunk(front), chunk(back), b"0\r\n\r\n".to_vec()].concat()
}

#[test]
fn contents_are_passed_over_and_requests_may_be_pipelined() {
    let file = vec![b'G'; 5000];
    let connection = Connection::open()
        .send(CLIENT, [head(GET), head(GET)].concat())
        .send(SERVER, [with_len("HTTP/1.1 206 Partial", 5000), file.clone()].concat())
        .send(SERVER, [with_len("HTTP/1.1 200 OK", 5000), file].concat())
        .close();
    assert_eq!(connection.sketch(), [ASKED, ASKED, PARTIAL, OK]);
}

#[test]
fn a_content_that_looks_like_a_head_is_not_taken_for_one() {
    let content = head(&["HTTP/1.1 404 Not here"]);
    let connection = Connection::open()
        .send(CLIENT, head(GET))
        .send(SERVER, with_len("HTTP/1.1 200 OK", content.len()))
        .send(SERVER, content)
        .close();
    assert_eq!(connection.sketch(), [ASKED, OK]);
}

#[test]
fn the_answer_to_head_has_no_content() {
    let connection =
        Connection::open().send(CLIENT, [head(&["HEAD /x HTTP/1.1"]), head(GET)].concat()).send(
            SERVER,
            [with_len("HTTP/1.1 200 OK", 700), with_len("HTTP/1.1 206 Partial", 0)].concat(),
        );
    assert_eq!(connection.sketch(), ["> http HEAD /x HTTP/1.1", ASKED, OK, PARTIAL]);
}

/// Beyond the limit it is forgotten that the first request asked for a head alone.
#[test]
fn requests_are_remembered_up_to_their_limit() {
    for (count, is_remembered) in [(HTTP_PIPELINE_MAX, true), (HTTP_PIPELINE_MAX + 1, false)] {
        let requests = head(&["HEAD /x HTTP/1.1"]) + &head(GET).repeat(count - 1);
        let answers = [with_len("HTTP/1.1 200 OK", 40), with_len("HTTP/1.1 206 Partial", 0)];
        let sketch =
            Connection::open().send(CLIENT, requests).send(SERVER, answers.concat()).sketch();
        let told = &sketch[count..];
        assert_eq!(told.iter().any(|line| line == PARTIAL), is_remembered, "{told:?}");
    }
}

#[test]
fn heads_are_read_up_to_their_limit() {
    for (len, told) in [
        (HTTP_HEAD_LEN_MAX, "> http GET / HTTP/1.1"),
        (HTTP_HEAD_LEN_MAX + 1, "> unknown transfer with a head over our limits 32769"),
    ] {
        let bare_len = head(&["GET / HTTP/1.1", "X: "]).len();
        let request = head(&["GET / HTTP/1.1", &format!("X: {}", "y".repeat(len - bare_len))]);
        assert_eq!(request.len(), len);
        let sketch = Connection::open().send(CLIENT, request).close().sketch();
        assert!(sketch[0].starts_with(told), "{sketch:?}");
    }
}

#[test]
fn headers_are_read_up_to_their_limit() {
    let request = |count: usize| head(&[&["GET / HTTP/1.1"][..], &vec!["X: y"; count]].concat());
    let sketch_of = |count| Connection::open().send(CLIENT, request(count)).close().sketch();
    assert_eq!(sketch_of(HEAD_HEADERS_MAX), ["> http GET / HTTP/1.1"]);
    let len = request(HEAD_HEADERS_MAX + 1).len();
    let told = format!("> unknown transfer with a head over our limits {len}");
    assert_eq!(sketch_of(HEAD_HEADERS_MAX + 1), [told]);
}

#[test]
fn a_length_with_a_sign_is_none() {
    let answer = head(&["HTTP/1.1 200 OK", "Content-Length: +5"]);
    let next = with_len("HTTP/1.1 206 Partial", 0);
    let connection = Connection::open()
        .send(CLIENT, head(GET))
        .send(SERVER, [answer.as_bytes(), b"hello", &next].concat())
        .close();
    assert_eq!(connection.sketch(), [ASKED, OK], "the content ends with the connection");
}

#[test]
fn a_gap_within_a_file_is_not_missed() {
    let connection = Connection::open()
        .send(CLIENT, head(GET))
        .send(SERVER, [&with_len("HTTP/1.1 206 Partial", 1000)[..], &[0; 100]].concat())
        .lose(SERVER, 800)
        .send(SERVER, [&[0; 100], &with_len("HTTP/1.1 200 OK", 0)[..]].concat())
        .close();
    assert_eq!(connection.sketch(), [ASKED, PARTIAL, OK]);
}

#[test]
fn behind_a_gap_that_swallows_a_head_the_next_head_is_found() {
    let connection = Connection::open()
        .send(CLIENT, [head(GET), head(GET), head(GET)].concat())
        .send(SERVER, [&with_len("HTTP/1.1 206 Partial", 1000)[..], &[0; 100]].concat())
        .lose(SERVER, 1500)
        .send(SERVER, [b'x'; 50])
        .send(SERVER, with_len("HTTP/1.1 200 OK", 0))
        .close();
    let sketch = connection.sketch();
    assert_eq!(sketch, [ASKED, ASKED, ASKED, PARTIAL, "< unknown gap 1500", OK]);
}

#[test]
fn a_file_that_was_not_recorded_to_its_end_is_no_malformed_message() {
    let connection = Connection::open()
        .send(CLIENT, head(GET))
        .send(SERVER, [&with_len("HTTP/1.1 200 OK", 1000)[..], &[0; 100]].concat())
        .lose(SERVER, 900)
        .close();
    assert_eq!(connection.sketch(), [ASKED, OK]);
}

#[test]
fn browsed_hits_are_read_however_they_are_packed() {
    let hits = [hit(1), hit(2)].concat();
    let len = |content: &[u8]| format!("Content-Length: {}", content.len());
    let deflated = deflate(&hits);
    let encoding = "Content-Encoding: deflate";
    let chunks = "Transfer-Encoding: chunked";
    let expected = ["< query_hit 01", "< query_hit 02"];
    assert_eq!(browsed(&hits, &[&len(&hits)]), expected);
    assert_eq!(browsed(&hits, &[]), expected);
    assert_eq!(browsed(&deflated, &[encoding]), expected);
    assert_eq!(browsed(&deflated, &[encoding, &len(&deflated)]), expected);
    assert_eq!(browsed(&chunked(&hits), &[chunks]), expected);
    assert_eq!(browsed(&chunked(&deflated), &[chunks, encoding]), expected);
    assert_eq!(browsed(&gzip(&hits), &["Content-Encoding: GZip"]), expected);
}

#[test]
fn a_content_type_is_known_in_any_case() {
    let kind = "Content-Type: Application/X-Gnutella-Packets; v=1";
    let answer = [head(&["HTTP/1.1 200 OK", kind]).as_bytes(), &hit(1)].concat();
    let sketch = Connection::open().send(CLIENT, head(BROWSE)).send(SERVER, answer).sketch();
    assert_eq!(sketch[2..], ["< query_hit 01"]);
}

#[test]
fn a_browsed_hit_that_is_cut_is_told() {
    let hits = [hit(1), hit(2)[..30].to_vec()].concat();
    let expected = ["< query_hit 01", "< unknown beginning of a message 30"];
    assert_eq!(browsed(&hits, &[&format!("Content-Length: {}", hits.len())]), expected);
}

#[test]
fn encodings_that_are_not_read_are_told() {
    for (content, coding) in
        [(&b"no gzip at all"[..], "gzip"), (b"\x03\x00raw deflate.", "deflate"), (&[0; 14], "br")]
    {
        let told = browsed(content, &[&format!("Content-Encoding: {coding}")]);
        assert_eq!(told, ["< unknown list of files in a coding that is not read 14"], "{coding}");
    }
}

/// The side that was asked to push calls back, and is then asked like any other.
#[test]
fn callbacks_are_followed_by_transfers() {
    for (callback, start) in [
        (
            "GIV 3:00112233445566778899aabbccddee00/name\n\n",
            "GIV 3:00112233445566778899aabbccddee00/name",
        ),
        ("QUEUE 0a0b 192.0.2.1:6346\r\n", "QUEUE 0a0b 192.0.2.1:6346"),
    ] {
        let connection = Connection::open()
            .send(CLIENT, callback)
            .send(SERVER, head(GET))
            .send(CLIENT, with_len("HTTP/1.1 200 OK", 3))
            .send(CLIENT, b"abc")
            .close();
        let told = [
            &format!("> http {start}"),
            "< http GET /uri-res/N2R?urn:sha1:A HTTP/1.1",
            "> http HTTP/1.1 200 OK",
        ];
        assert_eq!(connection.sketch(), told);
    }
}

#[test]
fn a_transfer_may_go_on_encrypted() {
    let hello = b"\x16\x03\x01\0\x05hello";
    let connection = Connection::open()
        .send(CLIENT, head(&[GET[0], "Upgrade: TLS/1.0", "Connection: Upgrade"]))
        .send(SERVER, head(&["HTTP/1.1 101 Switching Protocols", "Upgrade: TLS/1.0"]))
        .send(CLIENT, hello)
        .send(SERVER, hello)
        .close();
    let expected = [ASKED, "< http HTTP/1.1 101 Switching Protocols", "> tls 10", "< tls 10"];
    assert_eq!(connection.sketch(), expected);
}

#[test]
fn what_follows_a_head_and_is_none_is_not_guessed_at() {
    let connection = Connection::open().send(CLIENT, head(GET)).send(CLIENT, b"nonsense").close();
    assert_eq!(connection.sketch(), [ASKED, "> unknown not Gnutella 8"]);
}
