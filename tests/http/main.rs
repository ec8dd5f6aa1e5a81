//! The HTTP of transfers: heads, forms, trees and lists of files.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

mod alternates;
mod bodies;
mod browse;
mod forms;
mod hostile;
mod magnets;
mod queueing;
mod ranges;
mod requests;
mod responses;
mod trees;

use bytes::BytesMut;
use filbert::gnutella::http::{
    BadRequest, HeaderText, OwnHead, Request, RequestReader, Response, ResponseReader,
};
use filbert::gnutella::link::Head;

const SHA1: &str = "PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB";
const ROOT: &str = "LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ";

/// The request that these bytes are.
fn request(bytes: impl AsRef<[u8]>) -> Result<Request, BadRequest> {
    let mut stream = BytesMut::from(bytes.as_ref());
    RequestReader::default().take_from(&mut stream).map(|request| request.expect("it is whole"))
}

/// A GET of this target.
fn get(target: &str) -> Request {
    request(format!("GET {target} HTTP/1.1\r\n\r\n")).expect("it is a request")
}

/// The response that these lines are.
fn response(lines: &str) -> Response {
    let mut stream = BytesMut::from(format!("{lines}\r\n\r\n").as_bytes());
    let response = ResponseReader::default().take_from(&mut stream);
    response.expect("it is a response").expect("it is whole")
}

/// A head with these lines of headers.
fn head(lines: &str) -> Head {
    response(&format!("HTTP/1.1 200 OK\r\n{lines}")).head
}

/// What we write, as text.
fn text(own: &OwnHead) -> String {
    String::from_utf8(own.to_bytes().to_vec()).expect("it is UTF-8")
}

/// Shows that a value is written as it is, and fits.
fn written(form: &impl std::fmt::Display) -> String {
    let written = form.to_string();
    assert_eq!(HeaderText::of(form).as_str(), written);
    written
}
