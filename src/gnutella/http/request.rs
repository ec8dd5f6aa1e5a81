use std::fmt;

use bytes::BytesMut;

use super::{BrowseForm, Form, HttpVersion, RangeHeader, Status, Target, clean};
use crate::base::error::Malformed;
use crate::base::limits::{TRANSFER_HEAD_LEN_MAX, TRANSFER_LINE_LEN_MAX};
use crate::base::mutant::mutant;
use crate::base::reader::Expect;
use crate::gnutella::link::{Head, HeadReader};

const NO_VERSION: Expect = Expect::new("HTTP-02", "a request names no version of HTTP");
const OTHER_VERSION: Expect = Expect::new("HTTP-03", "a request is of another version of HTTP");
const OTHER_METHOD: Expect = Expect::new("HTTP-04", "a request has a method that is not for files");
const NO_METHOD: Expect = Expect::new("HTTP-05", "a request has an unknown method");
const NO_TARGET: Expect = Expect::new("HTTP-02", "a request asks for nothing");

/// Methods of HTTP that no file is asked for with.
const OTHER_METHODS: [&str; 7] = ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH"];

/// What a request asks to be done with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    /// The same without the body.
    Head,
}

/// A request, as somebody sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub target: Target,
    pub version: HttpVersion,
    /// First line and headers, for the forms that a target may need.
    pub head: Head,
    keeps_connection: bool,
}

/// Why a request cannot be answered, and the status that says so. The connection closes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRequest {
    pub status: Status,
    pub fault: Malformed,
}

/// Waits for the heads of requests in what arrives in pieces.
#[derive(Debug)]
pub struct RequestReader(HeadReader);

impl Default for RequestReader {
    fn default() -> Self {
        Self(HeadReader::with_limits(TRANSFER_HEAD_LEN_MAX, TRANSFER_LINE_LEN_MAX))
    }
}

impl RequestReader {
    /// Takes a request off the front of `stream`, or nothing while it is not complete.
    pub fn take_from(&mut self, stream: &mut BytesMut) -> Result<Option<Request>, BadRequest> {
        let too_large = |fault| BadRequest { status: Status::HEAD_TOO_LARGE, fault };
        self.0.take_from(stream).map_err(too_large)?.map(Request::read).transpose()
    }
}

impl Request {
    /// Understands a head.
    pub fn read(head: Head) -> Result<Self, BadRequest> {
        clean::check(&head).map_err(|fault| BadRequest { status: Status::BAD_REQUEST, fault })?;
        let line = head.start.trim();
        let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let method = method(word)?;
        let (target, version) = target_and_version(rest)?;
        let keeps_connection = version.keeps_connection(&head)
            && (!clean::may_smuggle(&head) || mutant!(ReadsBodiesAsRequests));
        Ok(Self { method, target, version, head, keeps_connection })
    }

    /// Whether another request may follow on the connection. Not where this one may have a body, or
    /// lines that somebody else could take for something else (HTTP-15, HTTP-16).
    pub const fn keeps_connection(&self) -> bool {
        self.keeps_connection
    }

    /// Which part of the file is asked for.
    pub fn range(&self) -> Option<RangeHeader> {
        RangeHeader::of(&self.head)
    }

    /// In which form the list of our files is asked for; nothing where we have none that is accepted.
    pub fn browse_form(&self) -> Option<BrowseForm> {
        BrowseForm::of(&self.head)
    }
}

const fn bad(status: Status, expect: Expect) -> BadRequest {
    BadRequest { status, fault: expect.broken_at(0) }
}

/// HTTP-04, HTTP-05
fn method(word: &str) -> Result<Method, BadRequest> {
    match word {
        "GET" => Ok(Method::Get),
        "HEAD" => Ok(Method::Head),
        _ if OTHER_METHODS.contains(&word) => Err(bad(Status::METHOD_NOT_ALLOWED, OTHER_METHOD)),
        _ => Err(bad(Status::NOT_IMPLEMENTED, NO_METHOD)),
    }
}

/// What stands behind the method (HTTP-02, HTTP-03).
fn target_and_version(rest: &str) -> Result<(Target, HttpVersion), BadRequest> {
    let parts = rest.rsplit_once("HTTP/");
    let parts = parts.filter(|(target, _)| target.is_empty() || target.ends_with([' ', '\t']));
    let (target, version) = parts.ok_or(bad(Status::BAD_REQUEST, NO_VERSION))?;
    let version = HttpVersion::parse(version);
    let version = version.ok_or(bad(Status::VERSION_NOT_SUPPORTED, OTHER_VERSION))?;
    match target.trim() {
        "" => Err(bad(Status::BAD_REQUEST, NO_TARGET)),
        target => Ok((Target::parse(target), version)),
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
        })
    }
}
