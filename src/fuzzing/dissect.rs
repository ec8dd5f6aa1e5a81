use super::capture_builder::{capture, tidy_capture};
use super::invariants::check_display;
use super::splitter::{Splitter, in_pieces};
use crate::base::limits::{DISSECT_FOOTPRINT_LEN_MAX, FAULTS_MAX};
use crate::base::show;
use crate::dissect::{Body, Dissector, Record, Refusal, Statistics};
use crate::gnutella::wire::HEADER_LEN;

/// The first byte chooses. A whole file behind four lengths of pieces; or what packets a capture is
/// made of; or the same, in order, and a length of segments before that.
pub(super) fn dissect(input: &[u8]) {
    let mut splitter = Splitter::new(input);
    match splitter.byte() % 3 {
        0 => {
            let lengths = splitter.take(4);
            check_pieces(splitter.rest(), lengths);
        }
        1 => check_capture(splitter),
        _ => check_segments(splitter),
    }
}

/// However a file arrives, the same comes out of it.
fn check_pieces(file: &[u8], lengths: &[u8]) {
    let whole = dissected(&[file]);
    let cut = dissected(&in_pieces(file, lengths));
    assert_eq!(whole.result, cut.result, "another result in pieces");
    assert_eq!(whole.lines, cut.lines, "other records in pieces");
}

/// Every packet of a capture that is in order is read, whatever it carries.
fn check_capture(splitter: Splitter<'_>) {
    let (file, packets) = capture(splitter);
    let dissected = dissected(&[&file]);
    assert_eq!(dissected.result, Ok(()), "the capture is in order");
    assert_eq!(dissected.statistics.packets, packets, "packets were lost");
    assert_eq!(dissected.statistics.other_packets, 0, "a packet was not understood");
}

/// However TCP cuts what was sent, and however often it sends it, the same was said.
fn check_segments(mut splitter: Splitter<'_>) {
    let segment_len = usize::from(splitter.byte()).max(1);
    let whole = dissected(&[&tidy_capture(splitter, usize::MAX, 1)]);
    let cut = dissected(&[&tidy_capture(splitter, segment_len, 2)]);
    assert_eq!(whole.result, cut.result, "another result in segments");
    assert_eq!(whole.lines, cut.lines, "other records in segments");
}

struct Dissected {
    lines: Vec<String>,
    statistics: Statistics,
    result: Result<(), Refusal>,
}

fn dissected(pieces: &[&[u8]]) -> Dissected {
    let mut lines = Vec::new();
    let mut sink = |record: Record| {
        check_record(&record);
        lines.push(line(&record));
    };
    let mut dissector = Dissector::default();
    let mut result = Ok(());
    for piece in pieces {
        result = result.and_then(|()| dissector.push(piece, &mut sink));
        assert!(dissector.footprint_len() <= DISSECT_FOOTPRINT_LEN_MAX, "it holds too much");
    }
    if result.is_ok() {
        result = dissector.finish(&mut sink);
    }
    if let Err(refusal) = &result {
        check_display(refusal);
    }
    let statistics = dissector.statistics();
    Dissected { lines, statistics, result }
}

/// There are not too many faults, and those of a message stand within it.
fn check_record(record: &Record) {
    let faults = record.faults.as_slice();
    assert!(faults.len() <= FAULTS_MAX, "too many faults");
    faults.iter().for_each(check_display);
    let Body::Frame(decoded) = &record.body else { return };
    let Some(message) = &decoded.message else { return };
    check_display(message);
    assert_eq!(message.to_bytes(), decoded.payload, "encoding gives other bytes");
    let frame_len = HEADER_LEN + decoded.payload.len();
    assert!(faults.iter().all(|fault| fault.offset <= frame_len), "a fault beyond the frame");
}

/// The line for programs is one line, and may be shown on a terminal.
fn line(record: &Record) -> String {
    let line = record.to_json_line().expect("every record fits into JSON");
    let harmful = line.chars().find(|&character| show::is_harmful(character));
    assert_eq!(harmful, None, "a character that steers a terminal in {line:?}");
    let again: serde_json::Map<_, _> = serde_json::from_str(&line).expect("it is JSON");
    assert_eq!(again, record.to_json(), "the line says something else");
    line
}
