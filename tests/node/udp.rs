//! What a node does with datagrams, whose senders may be forged.

mod amplification;
mod guess;
mod host_cache;
mod out_of_band;
mod proofs;
mod pushes;
mod reached;

use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::vendor::{Body, MessageId, OutOfBandClaim};
use filbert::gnutella::wire::{Datagram, Frame, Function, GgepArea, Guid, Ping, Pong, Vendor};
use filbert::node::Input;

use crate::support::messages::{frame, guid};
use crate::support::net::Net;

/// Somebody who is no node of the net.
const STRANGER: &str = "9.9.9.9:6346";

fn stranger() -> SocketAddr {
    STRANGER.parse().unwrap()
}

fn in_datagram(frame: &Frame) -> Bytes {
    Datagram::Frame { frame: frame.clone(), deflated: false, can_inflate: false }.to_bytes()
}

/// Hands a node a datagram as if it came from there: how many bytes it has.
fn send(net: &mut Net, to: usize, from: SocketAddr, frame: &Frame) -> usize {
    let bytes = in_datagram(frame);
    let len = bytes.len();
    net.hand_in(to, Input::Datagram { from, bytes });
    len
}

/// What a node has sent to strangers, from here on.
fn sent(net: &Net, at: usize, from: usize) -> Vec<(SocketAddr, Frame)> {
    let lost = net.places[at].lost[from..].iter();
    let frames = lost.map(|(to, bytes)| match Datagram::decode(bytes).unwrap() {
        Datagram::Frame { frame, .. } => (*to, frame),
        other => panic!("{other:?}"),
    });
    frames.collect()
}

/// How many bytes a node has sent to strangers, from here on.
fn sent_len(net: &Net, at: usize, from: usize) -> usize {
    net.places[at].lost[from..].iter().map(|(_, bytes)| bytes.len()).sum()
}

/// Nodes that are ultrapeers, each connected to the next, and known to be reached by UDP.
fn chain<const N: usize>(net: &mut Net) -> [usize; N] {
    let all = [(); N].map(|()| net.add(Role::Ultrapeer));
    for pair in all.windows(2) {
        net.connect(pair[0], pair[1]);
    }
    net.run(120);
    all
}

/// A ping with these extensions.
fn ping(number: u32, extensions: &'static [u8]) -> Frame {
    let extensions = GgepArea::new(Bytes::from_static(extensions), Place::Ping);
    let mut payload = BytesMut::new();
    Ping { extensions }.encode(&mut payload);
    frame(guid(number), Function::PING, 1, payload.freeze())
}

/// The query key in a pong.
fn key_in(pong: &Frame) -> Option<Vec<u8>> {
    match Pong::decode(&pong.payload).unwrap().extensions.value("QK") {
        Some(Value::Token(key)) => Some(key),
        _ => None,
    }
}

/// The key that a node gives to a host.
fn ask_for_key(net: &mut Net, at: usize, from: SocketAddr) -> Vec<u8> {
    let before = net.places[at].lost.len();
    send(net, at, from, &ping(77, b"\xc3\x82QK\x40"));
    let [(to, pong)] = &sent(net, at, before)[..] else { panic!("one pong") };
    assert_eq!((*to, pong.guid), (from, guid(77)));
    key_in(pong).expect("a key")
}

/// The pings that a node has sent to a stranger, from here on.
fn pings_to(net: &Net, at: usize, to: SocketAddr, from: usize) -> Vec<Frame> {
    let sent = sent(net, at, from).into_iter();
    let to_it = sent.filter(|(host, frame)| *host == to && frame.function == Function::PING);
    to_it.map(|(_, ping)| ping).collect()
}

/// A stranger answers such a ping.
fn answer_ping(net: &mut Net, at: usize, from: SocketAddr, ping: &Frame) -> usize {
    let SocketAddr::V4(host) = from else { panic!("IPv4") };
    let extensions = GgepArea::new(Bytes::new(), Place::Pong);
    let (port, address) = (host.port(), *host.ip());
    let mut payload = BytesMut::new();
    Pong { port, address, files: 9, kib: 900, extensions }.encode(&mut payload);
    send(net, at, from, &frame(ping.guid, Function::PONG, 1, payload.freeze()))
}

/// A claim of so many hits for a query, of version 2 if there is no token.
fn claim(query: Guid, wanted: u8, token: &[u8]) -> Frame {
    let mut id = MessageId::OUT_OF_BAND_CLAIM_V2;
    let mut extensions = None;
    if !token.is_empty() {
        let mut writer = Writer::new();
        writer.put_value("SO", Place::Vendor, &Value::Token(token.to_vec())).unwrap();
        id = MessageId::OUT_OF_BAND_CLAIM_V3;
        extensions = Some(GgepArea::new(writer.finish(), Place::Vendor));
    }
    let body = Body::OutOfBandClaim(OutOfBandClaim { wanted, extensions });
    Vendor::new(id, body).into_frame(query)
}

/// The number of hits that a datagram tells of.
fn indicated(frame: &Frame) -> Option<(MessageId, u8)> {
    let vendor = Vendor::decode(&frame.payload).ok()?;
    match vendor.body {
        Body::OutOfBandIndication(told) => Some((vendor.id, told.hits)),
        _ => None,
    }
}

/// A GUID with this address in it.
fn guid_of(number: u32, address: SocketAddr) -> Guid {
    let SocketAddr::V4(address) = address else { panic!("IPv4") };
    Guid([u8::try_from(number % 251).unwrap(); 16]).with_out_of_band_address(address)
}
