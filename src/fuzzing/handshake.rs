use bytes::BytesMut;

use super::invariants::{check_fault, check_faults, check_json};
use super::splitter::{Splitter, in_pieces};
use crate::base::error::{Faults, Malformed};
use crate::base::limits::{HEAD_HEADERS_MAX, HEAD_LEN_MAX, HEAD_LINE_LEN_MAX};
use crate::gnutella::link::{Head, HeadReader, StartLine};

/// The requirement that a head of bearable length may still break.
const TOO_MANY_HEADERS: &str = "SIZE-10";

/// Requirements by which a head may be too long once it is written anew.
const TOO_LONG: [&str; 2] = ["SIZE-09", "SIZE-11"];

/// Four bytes are the lengths of pieces, the others are what one side sent.
pub(super) fn handshake_head(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    let (lengths, bytes) = (splitter.take(4), splitter.rest());
    check_pieces(bytes, lengths);
    match Head::decode(bytes) {
        Ok((head, rest)) => {
            assert!(bytes.ends_with(rest), "the rest is something else");
            check_head(&head, bytes.len());
        }
        Err(fault) => check_fault(&fault, bytes.len()),
    }
}

/// However it is cut, a stream yields the same head, or the same fault, and the same rest.
fn check_pieces(bytes: &[u8], lengths: &[u8]) {
    let (whole, rest) = received(&[bytes]);
    let (cut, rest_of_cut) = received(&in_pieces(bytes, lengths));
    assert_eq!(whole, cut, "another head in pieces");
    assert_eq!(rest, rest_of_cut, "another rest in pieces");
    match (end_of_head(bytes), &whole) {
        (Some(end), Ok(Some(_))) => assert_eq!(rest, bytes[end..], "the head ends elsewhere"),
        (Some(_), Err(fault)) => assert_eq!(fault.rule.id(), TOO_MANY_HEADERS),
        (Some(_), Ok(None)) => panic!("the end of the head was not seen"),
        (None, found) => assert!(!matches!(found, Ok(Some(_))), "a head without an end"),
    }
    match whole {
        Ok(Some(head)) => {
            let decoded = Head::decode(bytes).map(|(head, _)| head);
            assert!(decoded.is_err() && head.start_line().is_err() || decoded == Ok(head));
        }
        Ok(None) => assert!(Head::decode(bytes).is_err(), "an unfinished head decodes"),
        Err(fault) => assert_eq!(Head::decode(bytes), Err(fault)),
    }
}

/// Where a head ends whose lines are not too long, looked for line by line.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut end = 0;
    for line in bytes[..bytes.len().min(HEAD_LEN_MAX)].split_inclusive(|&byte| byte == b'\n') {
        end += line.len();
        let line = line.strip_suffix(b"\n")?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.len() > HEAD_LINE_LEN_MAX {
            return line.is_empty().then_some(end);
        }
    }
    None
}

fn received(pieces: &[&[u8]]) -> (Result<Option<Head>, Malformed>, BytesMut) {
    let (mut reader, mut stream) = (HeadReader::default(), BytesMut::new());
    let mut found = Ok(None);
    for piece in pieces {
        stream.extend_from_slice(piece);
        if found == Ok(None) {
            found = reader.take_from(&mut stream);
        }
    }
    (found, stream)
}

/// A head can be shown, and written so that it is read as the same.
fn check_head(head: &Head, len: usize) {
    assert!(head.headers.len() <= HEAD_HEADERS_MAX);
    let mut faults = Faults::new();
    head.inspect(&mut faults);
    check_faults(&faults, len.min(HEAD_LEN_MAX));
    check_json(head, len);
    check_json(&head.capabilities(), len);
    assert!(head.start_line().is_ok_and(is_sane), "an unknown first line was let through");
    let mut written = BytesMut::new();
    head.encode(&mut written);
    match Head::decode(&written) {
        Ok((again, rest)) => {
            assert_eq!((&again.start, &again.headers), (&head.start, &head.headers));
            assert!(rest.is_empty(), "something follows the empty line");
        }
        // A byte that is no UTF-8 has become three, and continued lines have become one.
        Err(fault) => assert!(TOO_LONG.contains(&fault.rule.id()), "{fault}"),
    }
}

fn is_sane(line: StartLine) -> bool {
    match line {
        StartLine::Request { .. } => true,
        StartLine::Answer { code, .. } => code < 1000,
    }
}
