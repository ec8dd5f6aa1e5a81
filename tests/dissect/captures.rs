//! Recordings of real programs: every frame that is known to be in them comes out of them.

use std::collections::BTreeMap;
use std::fs;

use bytes::{Bytes, BytesMut};
use filbert::dissect::{Body, Packing, Record};
use filbert::gnutella::wire::{Datagram, Frame};

use crate::made_packets as packets;
use crate::support::files;
use crate::support::frames::{self, RealFrame, Transport};

/// The last Bye of a compressed stream whose beginning was not recorded. Its bytes were found by
/// guessing the window; a decoder does not guess.
const GUESSED: &str = "203.0.113.10:6346>198.51.100.11:47059";

const FOLDER: &str = "tests/captures";

fn capture_names() -> Vec<String> {
    let paths = files::with_extension(FOLDER, "pcap");
    paths.iter().map(|path| files::stem(path)).collect()
}

fn records_of(name: &str) -> Vec<Record> {
    packets::records(&fs::read(files::path(FOLDER).join(name).with_extension("pcap")).unwrap())
}

/// The frames of each direction, in the order in which they were seen.
type ByRoute = BTreeMap<String, Vec<Bytes>>;

fn expected(name: &str) -> ByRoute {
    let mut by_route = ByRoute::new();
    for real in frames::of(name) {
        let route = format!("{}>{}", real.source, real.destination);
        if route != GUESSED {
            by_route.entry(route).or_default().push(plain(&real));
        }
    }
    by_route
}

/// A frame without the marks that only datagrams have.
fn plain(real: &RealFrame) -> Bytes {
    match (real.transport, Datagram::decode(&real.bytes)) {
        (Transport::Udp, Ok(Datagram::Frame { frame, .. })) => frames::encoded(&frame),
        _ => real.bytes.clone(),
    }
}

fn found(records: &[Record]) -> ByRoute {
    let mut by_route = ByRoute::new();
    for record in records {
        let Body::Frame(decoded) = &record.body else { continue };
        let [from, to] = [record.route.from, record.route.to].map(Option::unwrap);
        let mut bytes = BytesMut::new();
        Frame::from_parts(decoded.header, decoded.payload.clone()).encode(&mut bytes);
        by_route.entry(format!("{from}>{to}")).or_default().push(bytes.freeze());
    }
    by_route
}

#[test]
fn every_frame_of_the_captures_is_found() {
    let mut count = 0;
    for name in capture_names() {
        let (expected, found) = (expected(&name), found(&records_of(&name)));
        let routes: Vec<_> = found.keys().collect();
        assert_eq!(routes, expected.keys().collect::<Vec<_>>(), "{name}");
        for (route, frames) in &expected {
            assert_eq!(found[route], *frames, "{name} {route}");
            count += frames.len();
        }
    }
    assert_eq!(count, 626);
}

/// The decoder does not blame real programs; the two breaches are those of probes.
#[test]
fn real_programs_are_not_malformed() {
    for name in capture_names() {
        for record in records_of(&name).iter().filter(|record| record.is_malformed()) {
            let from = record.route.from.unwrap().to_string();
            assert!(from.starts_with("198.51.100."), "{name} {from}: {:?}", record.faults);
        }
    }
}

#[test]
fn records_come_in_the_order_of_time() {
    for name in capture_names() {
        let records = records_of(&name);
        let messages = records.iter().filter(|record| matches!(record.body, Body::Frame(_)));
        let times: Vec<_> = messages.map(|record| record.time.unwrap()).collect();
        assert!(times.is_sorted(), "{name}");
    }
}

#[test]
fn fragments_and_browsed_hits_are_among_them() {
    let records = records_of("gtkg-plain");
    let in_fragments = |record: &&Record| matches!(&record.body, Body::Frame(decoded) if decoded.packing != Packing::Plain);
    assert_eq!(records.iter().filter(in_fragments).count(), 3);
    let sketch = packets::sketch(&records);
    let browse = sketch.iter().position(|line| line == "> http GET / HTTP/1.1").unwrap();
    assert!(sketch[browse + 2].starts_with("< query_hit"), "{:?}", &sketch[browse..browse + 3]);
}
