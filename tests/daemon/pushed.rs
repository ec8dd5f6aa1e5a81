//! Somebody whom nobody can call but who is pushed calls, and brings files.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{Datagram, Frame, Function, GgepArea, Guid, Push};

use crate::home::{PATIENCE, wait_for};
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

    /// Pushes until it is called; the connection, behind the line with which it begins.
    fn called(&mut self, index: u32) -> TcpStream {
        let (mut stream, _) = wait_for("a call", || {
            self.push(index);
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
        let target = sharer.target(name);
        write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(&content) {
            let mut buffer = [0; 4_096];
            let len = stream.read(&mut buffer).unwrap();
            assert!(len > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&buffer[..len]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
        kept.push(stream);
    }
}
