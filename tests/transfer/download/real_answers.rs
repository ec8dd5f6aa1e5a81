//! What gtk-gnutella 1.2.3 and GnutellaBun 1.2.0 have answered, and what a download makes of it.

use std::fmt::Write as _;

use bytes::BytesMut;
use filbert::base::ranges::ByteRange;
use filbert::base::urn::Urn;
use filbert::gnutella::http::{Form, RangeHeader, Request, RequestReader, ResponseReader, Target};
use filbert::transfer::download::{Answer, Outcome, Wanted};

use crate::recorded::recorded;

/// What was asked for, as a download would ask.
fn asked_by(request: &Request) -> Wanted {
    if matches!(request.target, Target::TreeOf(_)) {
        return Wanted::Tree;
    }
    let range = RangeHeader::of(&request.head).and_then(|range| range.within(u64::MAX));
    Wanted::Bytes(range.unwrap_or(ByteRange::new(0, u64::MAX)))
}

fn sha1_of(request: &Request) -> [u8; 20] {
    let (Target::ByUrn(urn) | Target::TreeOf(urn)) = &request.target else { return [0; 20] };
    urn.sha1().copied().unwrap_or_default()
}

/// One line of what an answer comes to.
fn told(answer: &Answer) -> String {
    let Answer { outcome, stays_open, is_servent, available, alternates, .. } = answer;
    let mut line = match outcome {
        Outcome::Bytes { range, size } => format!("bytes {range} of {size:?}"),
        other => format!("{other:?}"),
    };
    line.push_str(if *stays_open { ", stays" } else { ", closes" });
    if !is_servent {
        line.push_str(", no servent");
    }
    if let Some(available) = available {
        write!(line, ", has {}", available.len()).unwrap();
    }
    if !alternates.is_empty() || !answer.bad_alternates.is_empty() {
        write!(line, ", others {alternates:?}, gone {:?}", answer.bad_alternates).unwrap();
    }
    if let Some(root) = answer.root {
        write!(line, ", tree {}", Urn::TigerTree(root)).unwrap();
    }
    if !answer.proxies.is_empty() {
        write!(line, ", behind {:?}", answer.proxies).unwrap();
    }
    line
}

/// DOWN-11, DOWN-16, RANGE-06, RANGE-08, QUEUE-02, PARQ-01, ALTLOC-01: each answer is read, and as what it is.
#[test]
fn answers_of_real_programs_are_what_they_are() {
    let mut lines = String::new();
    for (name, bytes) in recorded("answers") {
        let mut stream = BytesMut::from(&bytes[..]);
        let request = RequestReader::default().take_from(&mut stream);
        let request = request.unwrap().unwrap();
        let response = ResponseReader::default().take_from(&mut stream).unwrap().unwrap();
        assert!(stream.is_empty(), "{name}");
        let wanted = asked_by(&request);
        let answer = Answer::of(&response, wanted, Some(&sha1_of(&request)));
        writeln!(lines, "{name}: {}, {}", response.status.0, told(&answer)).unwrap();
    }
    insta::assert_snapshot!(lines);
}

/// RANGE-06: LimeWire 5.6.2 answers `bytes=0-` so; gtk-gnutella takes it, too.
#[test]
fn a_part_is_a_part_with_status_200_too() {
    let asked = Wanted::Bytes(ByteRange::new(0, 1_000));
    let answered = |more: &str| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n{more}\r\n");
        let mut stream = BytesMut::from(head.as_bytes());
        let response = ResponseReader::default().take_from(&mut stream).unwrap().unwrap();
        Answer::of(&response, asked, Some(&[0; 20])).outcome
    };
    let part = |range, size| Outcome::Bytes { range, size: Some(size) };
    assert_eq!(answered(""), part(ByteRange::new(0, 1_000), 1_000));
    let told = "Content-Range: bytes 0-999/5000\r\n";
    assert_eq!(answered(told), part(ByteRange::new(0, 1_000), 5_000));
    assert_eq!(answered("Content-Range: bytes 0-4999/5000\r\n"), Outcome::Refused);
}
