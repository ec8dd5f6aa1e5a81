use bytes::BytesMut;

use super::http_forms::{check_forms, check_written};
use super::invariants::{check_display, check_fault};
use super::splitter::{Splitter, in_pieces};
use crate::base::limits::TRANSFER_HEAD_LEN_MAX;
use crate::gnutella::http::{
    Alternates, BadRequest, BodyEnd, BodyReader, BrowseReader, OwnHead, Request, RequestReader,
    Response, ResponseReader, Status, Target, agent,
};
use crate::gnutella::link::Head;

/// A target with more bytes may not fit a line once it is encoded.
const TARGET_LEN_MAX: usize = 1000;

/// Four bytes are the lengths of pieces, the others what a client sends.
pub(super) fn http_request(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (lengths, bytes) = (splitter.take(4), splitter.rest());
    let whole = requests(&[bytes]);
    assert_eq!(whole, requests(&in_pieces(bytes, lengths)), "other requests in pieces");
    let (requests, bad) = whole;
    requests.iter().for_each(check_request);
    if let Some(BadRequest { status, fault }) = bad {
        assert!((400..600).contains(&status.0), "{status} for {fault}");
        check_fault(&fault, bytes.len());
        check_written(&OwnHead::response_saying(status, fault));
    }
}

/// What a server takes: requests until one says that no other follows, or is none.
fn requests(pieces: &[&[u8]]) -> (Vec<Request>, Option<BadRequest>) {
    let (mut reader, mut stream) = (RequestReader::default(), BytesMut::new());
    let mut found: Vec<Request> = Vec::new();
    for piece in pieces {
        stream.extend_from_slice(piece);
        while found.last().is_none_or(Request::keeps_connection) {
            match reader.take_from(&mut stream) {
                Ok(Some(request)) => found.push(request),
                Ok(None) => break,
                Err(bad) => return (found, Some(bad)),
            }
        }
    }
    (found, None)
}

fn check_request(request: &Request) {
    check_head(&request.head);
    if request.keeps_connection() {
        assert_eq!(request.head.value("Transfer-Encoding"), None, "its body may be a request");
        assert!(
            request
                .head
                .values("Content-Length")
                .all(|len| !len.is_empty() && len.bytes().all(|byte| byte == b'0'))
        );
    }
    let own = OwnHead::request(request.method, &request.target).with("Host", "x");
    let head = check_written(&own.with("X-Was", &request.head.start));
    let target = request.target.to_string();
    if target.len() > TARGET_LEN_MAX && matches!(request.target, Target::Other(_)) {
        return;
    }
    let again = Request::read(head).expect("we ask as we understand");
    assert_eq!((again.method, again.target.to_string()), (request.method, target));
    if !matches!(request.target, Target::Other(_)) {
        assert_eq!(again.target, request.target);
    }
    assert!(again.keeps_connection());
}

fn check_head(head: &Head) {
    check_forms(head);
    agent(head).iter().for_each(check_display);
    let mut own = OwnHead::response(Status::OK);
    Alternates::of(head, &[7; 20]).write_to(&mut own);
    for (_, value) in &head.headers {
        own.push("X-Said", value);
    }
    if head.headers.len() < 16 {
        check_written(&own);
    }
}

/// Four bytes are the lengths of pieces, the others what a server sends.
pub(super) fn http_response(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (lengths, bytes) = (splitter.take(4), splitter.rest());
    let whole = response(&[bytes]);
    assert_eq!(whole, response(&in_pieces(bytes, lengths)), "another response in pieces");
    let Some(response) = whole.head else { return };
    check_head(&response.head);
    check_display(&response.reason);
    assert!((100..1000).contains(&response.status.0));
    match response.body_end() {
        Ok(BodyEnd::After(len)) => assert!(u64::try_from(whole.body.len()).unwrap() <= len),
        Ok(BodyEnd::Chunked | BodyEnd::Close) => assert!(whole.body.len() <= bytes.len()),
        Err(fault) => assert!(!response.keeps_connection(), "{fault}"),
    }
    list_files(&response.head, &whole.body);
    let own = OwnHead::response_saying(response.status, &response.reason);
    let again = Response::read(check_written(&own)).expect("we answer as we understand");
    assert_eq!(again.status, response.status);
}

#[derive(Debug, Default, PartialEq)]
struct Received {
    head: Option<Response>,
    body: Vec<u8>,
    is_done: bool,
    is_bad: bool,
}

fn response(pieces: &[&[u8]]) -> Received {
    let (mut reader, mut stream) = (ResponseReader::default(), BytesMut::new());
    let (mut received, mut body) = (Received::default(), None);
    for piece in pieces {
        stream.extend_from_slice(piece);
        if received.head.is_none() {
            match reader.take_from(&mut stream) {
                Ok(head) => received.head = head,
                Err(fault) => {
                    check_fault(&fault, TRANSFER_HEAD_LEN_MAX);
                    received.is_bad = true;
                }
            }
            let end = received.head.as_ref().map(Response::body_end);
            received.is_bad |= matches!(end, Some(Err(_)));
            body = end.and_then(Result::ok).map(BodyReader::new);
        }
        if received.is_bad {
            break;
        }
        let Some(body) = &mut body else { continue };
        received.is_bad |= loop {
            match body.take_from(&mut stream) {
                Ok(Some(bytes)) => received.body.extend_from_slice(&bytes),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        received.is_done = body.is_done();
    }
    received
}

/// A body that may be a list of files is read with bounds.
fn list_files(head: &Head, body: &[u8]) {
    let Ok(mut reader) = BrowseReader::new(head) else { return };
    let mut count = 0;
    let _ = reader.receive(body.to_vec().into(), |hit| count += 1 + hit.records.len());
    assert!(count <= 2048 * (body.len() + 1), "{count} files in {} bytes", body.len());
}
