use bytes::BytesMut;

use super::{ContentRange, Form, HttpVersion, Status, clean};
use crate::base::error::Malformed;
use crate::base::limits::{TRANSFER_HEAD_LEN_MAX, TRANSFER_LINE_LEN_MAX};
use crate::base::reader::Expect;
use crate::base::show::{WORDS_LEN_MAX, one_line};
use crate::gnutella::link::{Head, HeadReader};

const NO_STATUS: Expect = Expect::new("HTTP-18", "a response does not begin as one of HTTP");

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
        Self(HeadReader::with_limits(TRANSFER_HEAD_LEN_MAX, TRANSFER_LINE_LEN_MAX))
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
        let reason = one_line(reason, WORDS_LEN_MAX);
        Ok(Self { version, status, reason, head })
    }

    /// Whether another request may follow on the connection, once the body has been read.
    pub fn keeps_connection(&self) -> bool {
        self.version.keeps_connection(&self.head) && self.body_end() != Ok(BodyEnd::Close)
    }

    /// Where the body ends, if the request was no HEAD (HTTP-19).
    pub fn body_end(&self) -> Result<BodyEnd, Malformed> {
        Ok(BodyEnd::Close)
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
