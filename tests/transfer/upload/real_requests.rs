//! What gtk-gnutella 1.2.3 and GnutellaBun 1.2.0 ask for, and what they get from us.

use std::fmt::Write as _;

use bytes::BytesMut;
use filbert::gnutella::http::{Request, RequestReader, Target};

use super::scene::{Answer, Scene, host, item};
use crate::recorded::recorded;

/// As many bytes as the files had that they asked for.
const SIZE: u64 = 40_000_000;

/// Headers that they go by.
const TOLD: [&str; 7] = [
    "Content-Range",
    "Content-Length",
    "Content-Type",
    "X-Thex-URI",
    "X-Alt",
    "X-Queue",
    "X-Queued",
];

/// The bytes of a request, without the line that its servent began the connection with.
fn request_of(bytes: &[u8]) -> &[u8] {
    let lines_end = |mark: &[u8]| bytes.windows(mark.len()).position(|seen| seen == mark);
    let start = match bytes {
        [b'G', b'I', b'V', ..] => lines_end(b"\n\n").unwrap() + 2,
        [b'Q', b'U', ..] => lines_end(b"\r\n").unwrap() + 2,
        _ => 0,
    };
    &bytes[start..]
}

/// A shelf with the file that they ask for.
fn scene_for(request: &Request) -> Scene {
    let mut scene = Scene::new();
    let mut wanted = item(1, SIZE, "wanted.bin");
    match &request.target {
        Target::ByUrn(urn) | Target::TreeOf(urn) => wanted.sha1 = urn.sha1().copied(),
        Target::ByIndex { name, .. } => wanted.name = name.as_str().into(),
        other => panic!("{other:?}"),
    }
    scene.shelves.items.insert(1, wanted);
    scene
}

fn told(answer: &Answer) -> String {
    let mut line = answer.status().to_string();
    for name in TOLD {
        if let Some(value) = answer.header(name) {
            write!(line, "; {name}: {value}").unwrap();
        }
    }
    line
}

/// HTTP-06, HTTP-07, HTTP-08, RANGE-01, THEX-01: each gets what it asked for, whole, and the connection stays.
#[test]
fn requests_of_real_programs_are_answered() {
    let mut lines = String::new();
    for (name, bytes) in recorded("requests") {
        let bytes = request_of(&bytes);
        let request = RequestReader::default().take_from(&mut BytesMut::from(bytes));
        let request = request.unwrap().unwrap();
        let mut scene = scene_for(&request);
        let mut client = scene.client(host(1));
        let outcome = scene.say(&mut client, bytes);
        assert!(!outcome.is_closed, "{name}");
        let answer = outcome.one();
        assert!(answer.header("Server").is_some(), "{name}");
        writeln!(lines, "{name}: {}", told(answer)).unwrap();
    }
    insta::assert_snapshot!(lines);
}

/// UPLOAD-21: GnutellaBun asks for `bytes=0-`, and takes an answer of fewer bytes for a failure.
#[test]
fn an_open_range_is_never_cut_short() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(1));
    let answer = scene.say(&mut client, super::scene::get(1, "Range: bytes=0-\r\n"));
    assert_eq!(answer.one().body.len(), 1_000_000);
}

/// UPLOAD-22
#[test]
fn a_request_ahead_is_kept() {
    let mut scene = Scene::new();
    let mut client = scene.client(host(1));
    client.takes = false;
    let first = scene.say(&mut client, super::scene::get(1, "Range: bytes=0-9\r\n"));
    assert_eq!(first.one().body.len(), 10);
    let ahead = scene.say(&mut client, super::scene::get(1, "Range: bytes=10-29\r\n"));
    assert!(ahead.answers.is_empty());
    let second = scene.take(&mut client);
    assert_eq!(second.one().body.len(), 20);
}
