use bytes::BytesMut;

use super::form::number;
use super::text::words;
use super::{ContentRange, Form, HttpVersion, Status, clean};
use crate::base::error::Malformed;
use crate::base::limits::TRANSFER_HEAD_LEN_MAX;
use crate::base::reader::Expect;
use crate::gnutella::link::{Head, HeadReader};

const NO_STATUS: Expect = Expect::new("HTTP-18", "a response does not begin as one of HTTP");
const TWO_ENDS: Expect = Expect::new("HTTP-19", "a response says in two ways where it ends");
const NO_LENGTH: Expect = Expect::new("HTTP-19", "a response has a length that is no number");

/// A response, as somebody sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub version: HttpVersion,
    pub status: Status,
    /// What stands behind the number, made harmless.
    pub reason: String,
    /// First line and headers, for the forms.
    pub head: Head,
}

/// Where the body of a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// After so many bytes.
    After(u64),
    /// Where its last chunk says so.
    Chunked,
    /// Where the connection ends.
    Close,
}

/// Waits for the heads of responses in what arrives in pieces.
#[derive(Debug)]
pub struct ResponseReader(HeadReader);

impl Default for ResponseReader {
    fn default() -> Self {
        // A single line may be all of it (HTTP-37).
        Self(HeadReader::with_limits(TRANSFER_HEAD_LEN_MAX, TRANSFER_HEAD_LEN_MAX))
    }
}

impl ResponseReader {
    /// Takes the head of a response off the front of `stream`, or nothing while it is not complete.
    pub fn take_from(&mut self, stream: &mut BytesMut) -> Result<Option<Response>, Malformed> {
        self.0.take_from(stream)?.map(Response::read).transpose()
    }
}

impl Response {
    /// Understands a head.
    pub fn read(head: Head) -> Result<Self, Malformed> {
        clean::check(&head)?;
        let (version, status, reason) = first_line(&head.start).ok_or(NO_STATUS.broken_at(0))?;
        let reason = words(reason);
        Ok(Self { version, status, reason, head })
    }

    /// Whether another request may follow on the connection, once the body has been read.
    pub fn keeps_connection(&self) -> bool {
        let ends = matches!(self.body_end(), Ok(BodyEnd::After(_) | BodyEnd::Chunked));
        ends && self.version.keeps_connection(&self.head)
    }

    /// Where the body ends, if the request was no HEAD (HTTP-19).
    ///
    /// A length that is no number, two that differ, or a length beside chunks: somebody could take the rest
    /// for a response of its own, so that nothing is read.
    pub fn body_end(&self) -> Result<BodyEnd, Malformed> {
        if matches!(self.status.0, 100..=199 | 204 | 304) {
            return Ok(BodyEnd::After(0));
        }
        let mut lengths = self.head.items("Content-Length").map(number::<u64>);
        let length = lengths.next();
        if lengths.any(|other| Some(other) != length) {
            return Err(TWO_ENDS.broken_at(0));
        }
        let mut codings = self.head.items("Transfer-Encoding").peekable();
        let is_coded = codings.peek().is_some();
        let is_chunked = codings.last().is_some_and(|last| last.eq_ignore_ascii_case("chunked"));
        match length {
            Some(_) if is_coded => Err(TWO_ENDS.broken_at(0)),
            Some(length) => length.map(BodyEnd::After).ok_or(NO_LENGTH.broken_at(0)),
            None if is_chunked => Ok(BodyEnd::Chunked),
            None => Ok(BodyEnd::Close),
        }
    }

    /// Which part of the file the body is.
    pub fn content_range(&self) -> Option<ContentRange> {
        ContentRange::of(&self.head)
    }
}

/// `HTTP/1.1 200 OK`; the reason may be missing, and older servents write `HTTP 200 OK` (HTTP-18).
fn first_line(line: &str) -> Option<(HttpVersion, Status, &str)> {
    let rest = line.strip_prefix("HTTP")?;
    let (version, rest) = rest.trim_start_matches('/').split_once(' ')?;
    let version = match version {
        "" => HttpVersion::Http10,
        _ => HttpVersion::parse(version)?,
    };
    let rest = rest.trim_start();
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let code = code.parse().ok().filter(|code| is_code && *code >= 100)?;
    Some((version, Status(code), reason))
}
