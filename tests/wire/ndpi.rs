//! What nDPI, which tells protocols apart for firewalls, takes our connections and datagrams for.
//!
//! It looks at first lines of connections, and at every field in the header of small datagrams.

use bytes::{Bytes, BytesMut};
use filbert::gnutella::link::Head;
use filbert::gnutella::wire::ggep::{Place, Writer};
use filbert::gnutella::wire::vendor::{Body, MessageId, TimeSyncRequest};
use filbert::gnutella::wire::{Frame, Function, GgepArea, Guid, Message, Ping, Pong, Vendor};

use crate::support::frames::encoded;
use crate::support::programs::Program;
use crate::support::recording::{Recording, Side};

const NDPI_READER: Program = Program { name: "ndpiReader", needed: false };

const GNUTELLA: &str = "Gnutella";
const UNKNOWN: &str = "Unknown";

/// HAND-02, HAND-03
#[test]
fn a_connection_is_gnutella_by_its_first_line() {
    // The second is here to show that a connection can also be taken for something else.
    for (request, protocol) in
        [("GNUTELLA CONNECT/0.6", GNUTELLA), ("GNUTELLO CONNECT/0.6", "HTTP")]
    {
        let mut recording = Recording::new();
        recording.connect();
        recording.send(Side::Client, &head(request));
        recording.send(Side::Server, &head("GNUTELLA/0.6 200 OK"));
        recording.send(Side::Client, &head("GNUTELLA/0.6 200 OK"));
        recording.send(Side::Client, &encoded(&ping()));
        recording.close();
        assert_taken_for(protocol, &recording, "ndpi-connection");
    }
}

/// FRAME-01, UDP-01: one wrong field, and it is no longer Gnutella.
#[test]
fn an_empty_ping_by_udp_is_gnutella() {
    for (ping, protocol) in [
        (ping(), GNUTELLA),
        (Frame { function: Function(0x45), ..ping() }, UNKNOWN),
        (Frame { ttl: 2, ..ping() }, UNKNOWN),
        (Frame { hops: 1, ..ping() }, UNKNOWN),
        (Frame { payload: Bytes::from_static(b"\0"), ..ping() }, UNKNOWN),
    ] {
        assert_taken_for(protocol, &datagrams(&ping), "ndpi-ping");
    }
}

/// VMSG-15
#[test]
fn a_request_for_the_time_by_udp_is_gnutella() {
    let request = Body::TimeSyncRequest(TimeSyncRequest::new(false));
    let request = Vendor::new(MessageId::TIME_SYNC_REQUEST, request);
    let request = frame(Function::VENDOR, &Message::Vendor(request.into()));
    for (request, protocol) in [
        (request.clone(), GNUTELLA),
        (Frame { function: Function::VENDOR_STANDARD, ..request.clone() }, UNKNOWN),
        (Frame { ttl: 2, ..request }, UNKNOWN),
    ] {
        assert_taken_for(protocol, &datagrams(&request), "ndpi-time");
    }
}

/// It knows neither pongs nor extensions.
#[test]
fn most_datagrams_are_unknown_to_it() {
    let mut extensions = Writer::new();
    extensions.put("SCP", b"\x01").expect("it has room");
    let extensions = GgepArea::new(extensions.finish(), Place::Ping);
    let (address, port) = ([203, 0, 113, 1].into(), 6346);
    let none = GgepArea::new(Bytes::new(), Place::Pong);
    let pong = Pong { port, address, files: 3, kib: 256, extensions: none };
    for frame in [
        frame(Function::PING, &Message::Ping(Ping { extensions })),
        frame(Function::PONG, &Message::Pong(pong)),
    ] {
        assert_taken_for(UNKNOWN, &datagrams(&frame), "ndpi-unknown");
    }
}

fn assert_taken_for(protocol: &str, recording: &Recording, name: &str) {
    let Some(mut command) = NDPI_READER.command() else { return };
    command.args(["-v", "1", "-i"]).arg(recording.write(&format!("{name}.pcap")));
    let output = command.output().expect("ndpiReader runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().skip_while(|line| *line != "Detected protocols:").skip(1);
    let protocols = lines.map_while(|line| line.split_whitespace().next());
    assert_eq!(protocols.collect::<Vec<_>>(), [protocol], "{name}");
}

fn head(start: &str) -> BytesMut {
    let head = Head::new(start).with("User-Agent", "Filbert/0.1").with("X-Ultrapeer", "False");
    let mut bytes = BytesMut::new();
    head.encode(&mut bytes);
    bytes
}

fn ping() -> Frame {
    frame(Function::PING, &Message::Ping(Ping::default()))
}

fn frame(function: Function, message: &Message) -> Frame {
    let payload = message.to_bytes();
    Frame { guid: Guid([9; 16]), function, ttl: 1, hops: 0, size_flags: None, payload }
}

/// A frame and the same one back.
fn datagrams(frame: &Frame) -> Recording {
    let mut recording = Recording::new();
    recording.datagram(Side::Client, &encoded(frame));
    recording.datagram(Side::Server, &encoded(frame));
    recording
}
