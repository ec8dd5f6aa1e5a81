//! Somebody whom nobody can call but who is pushed calls, and brings files.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{Datagram, Frame, Function, GgepArea, Guid, Push};

use crate::home::{Home, PATIENCE, wait_for, wait_until};
use crate::node::Node;
use crate::peer::{PUSH, Peer};
use crate::uploads::{Sharer, bytes};

/// Wants files and says so in datagrams.
struct Asker {
    listener: TcpListener,
    at: SocketAddrV4,
    datagrams: UdpSocket,
    servent: Guid,
    node: SocketAddr,
    pushes: u8,
}

impl Asker {
    fn new(ip: Ipv4Addr, sharer: &Sharer) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let SocketAddr::V4(at) = listener.local_addr().unwrap() else { panic!("it was given so") };
        let datagrams = UdpSocket::bind((ip, 0)).unwrap();
        let status = sharer.node.show("status");
        let servent = Guid::from_hex(status["servent_id"].as_str().unwrap().as_bytes()).unwrap();
        Self { listener, at, datagrams, servent, node: sharer.node.listen, pushes: 0 }
    }

    fn push(&mut self, index: u32) {
        self.pushes += 1;
        let extensions = GgepArea::new(Default::default(), Place::Push);
        let mut payload = Default::default();
        let (address, port) = (*self.at.ip(), self.at.port());
        Push { servent: self.servent, index, address, port, extensions }.encode(&mut payload);
        let frame = Frame {
            guid: Guid([self.pushes; 16]),
            function: Function::PUSH,
            ttl: 1,
            hops: 0,
            size_flags: None,
            payload: payload.freeze(),
        };
        let datagram = Datagram::Frame { frame, deflated: false, can_inflate: false };
        self.datagrams.send_to(&datagram.to_bytes(), self.node).unwrap();
    }

    /// The same over the overlay, where it names this address.
    fn push_over(&mut self, link: &mut Peer, index: u32, at: SocketAddrV4) {
        self.pushes += 1;
        let (servent, ip, port) = (self.servent.0, at.ip().octets(), at.port().to_le_bytes());
        let payload = [&servent[..], &index.to_le_bytes(), &ip, &port].concat();
        link.send_as([self.pushes; 16], PUSH, &payload);
    }

    /// Pushes until it is called; the connection, behind the line with which it begins.
    fn called(&mut self, index: u32) -> TcpStream {
        self.called_by(index, |asker| asker.push(index))
    }

    fn called_by(&mut self, index: u32, mut push: impl FnMut(&mut Self)) -> TcpStream {
        let (mut stream, _) = wait_for("a call", || {
            push(self);
            std::thread::sleep(Duration::from_millis(100));
            self.listener.accept().ok()
        });
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut line = Vec::new();
        while !line.ends_with(b"\n\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            line.push(byte[0]);
        }
        let line = String::from_utf8(line).unwrap();
        assert!(line.starts_with(&format!("GIV {index}:")), "{line}");
        stream
    }
}

/// PUSH-12, PUSH-29: the second file does not wait for a minute.
#[test]
fn whoever_has_fetched_one_file_after_a_push_gets_the_next_one_as_soon() {
    let [one, other] = [20_000, 30_000].map(bytes);
    let sharer = Sharer::new("pushed", &[("one.bin", &one), ("other.bin", &other)], "");
    let mut asker = Asker::new(Ipv4Addr::new(127, 9, 0, 1), &sharer);
    let mut kept = Vec::new();
    for (index, (name, content)) in (1..).zip([("one.bin", one), ("other.bin", other)]) {
        let mut stream = asker.called(index);
        let head = fetch(&mut stream, &sharer.target(name), &content);
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        kept.push(stream);
    }
}

/// Asks over a connection until the answer ends with this; the head of it.
#[track_caller]
fn fetch(stream: &mut TcpStream, target: &str, end: &[u8]) -> String {
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(end) {
        let mut buffer = [0; 4_096];
        let len = stream.read(&mut buffer).unwrap();
        assert!(len > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&buffer[..len]);
    }
    let head = answer.len() - end.len();
    String::from_utf8(answer[..head].to_vec()).unwrap()
}

/// An ultrapeer that shares, somebody linked with it, and what was shared.
fn overlay(name: &str, content: &[u8]) -> (Sharer, Peer) {
    let home = Home::new(name);
    let folder = home.path().join("shared");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("river.bin"), content).unwrap();
    let folder = folder.to_string_lossy().into_owned();
    let node = Node::start(&home, &["--role", "ultrapeer", "--log", "debug", "--share", &folder]);
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    (Sharer { home, node }, peer)
}

/// PUSH-09, PUSH-12: a push over the overlay, a GIV line, a request over the connection that we have opened.
#[test]
fn a_push_over_the_overlay_brings_the_file_to_whoever_sent_it() {
    let content = bytes(200_000);
    let (sharer, mut link) = overlay("pushed-over", &content);
    let target = sharer.target("river.bin");
    let mut asker = Asker::new(Ipv4Addr::new(127, 9, 0, 2), &sharer);
    let at = asker.at;
    let mut stream = asker.called_by(1, |asker| asker.push_over(&mut link, 1, at));
    let head = fetch(&mut stream, &target, &content);
    assert!(head.starts_with("HTTP/1.1 200 ") && head.ends_with("\r\n\r\n"), "{head}");
    drop(stream);
    wait_until("its slot is free", || sharer.node.show("uploads")["slots_taken"] == 0);
    // The index may be an old one: that is no reason not to call, and what it names is not there.
    let mut stream = asker.called_by(4_000, |asker| asker.push_over(&mut link, 4_000, at));
    let head = fetch(&mut stream, "/get/4000/gone.bin", b"\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    let head = fetch(&mut stream, &target, &content);
    assert!(head.starts_with("HTTP/1.1 200 "), "it goes on over the same connection: {head}");
}

/// PUSH-12: where neither can be called nobody comes to anybody, and it is not tried again at once.
#[test]
fn whoever_cannot_be_called_either_is_called_once() {
    let (sharer, mut link) = overlay("pushed-nowhere", b"a file");
    let ip = Ipv4Addr::new(127, 9, 0, 3);
    let closed = TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap().port();
    let mut asker = Asker::new(Ipv4Addr::new(127, 9, 0, 4), &sharer);
    let (nobody, at) = (SocketAddrV4::new(ip, closed), asker.at);
    for _ in 0..20 {
        asker.push_over(&mut link, 1, nobody);
    }
    let not_there = "somebody who wanted to be called was not there";
    sharer.node.until_log(not_there);
    // Whatever else came of them has come to its end when this does.
    let _stream = asker.called_by(1, |asker| asker.push_over(&mut link, 1, at));
    let calls = sharer.node.log().matches(not_there).count();
    assert_eq!(calls, 1, "{}", sharer.node.log());
}
