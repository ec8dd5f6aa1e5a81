//! Somebody at the other end of a connection, written by hand.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

use crate::home::PATIENCE;

pub const PING: u8 = 0x00;
pub const PONG: u8 = 0x01;
pub const BYE: u8 = 0x02;
pub const PUSH: u8 = 0x40;

/// A leaf that understands goodbyes and nothing else.
pub struct Peer {
    stream: TcpStream,
}

/// Connects from an address of loopback of one's own.
pub fn connect_from(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from.into(), 0).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}

/// Asks for a link, and returns the answer, which takes a while where the line is full.
pub fn greet(stream: &mut TcpStream, user_agent: &str) -> std::io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "GNUTELLA CONNECT/0.6\r\nUser-Agent: {user_agent}\r\nX-Ultrapeer: False\r\n\
         X-Query-Routing: 0.1\r\nBye-Packet: 0.1\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        answer.push(byte[0]);
    }
    Ok(String::from_utf8(answer).unwrap())
}

impl Peer {
    /// A link with a node.
    pub fn join(to: SocketAddr) -> Self {
        Self::join_as(to, "Test/1.0")
    }

    /// The same for a program of this name.
    pub fn join_as(to: SocketAddr, user_agent: &str) -> Self {
        Self::try_join(connect_from(Ipv4Addr::LOCALHOST, to), user_agent).unwrap()
    }

    /// The same over a connection that stands, and that the node may close.
    pub fn try_join(mut stream: TcpStream, user_agent: &str) -> std::io::Result<Self> {
        let answer = greet(&mut stream, user_agent)?;
        if !answer.starts_with("GNUTELLA/0.6 200 ") {
            return Err(std::io::Error::other(answer));
        }
        stream.write_all(b"GNUTELLA/0.6 200 OK\r\n\r\n")?;
        Ok(Self { stream })
    }

    pub fn send(&mut self, kind: u8, payload: &[u8]) {
        self.send_as([0x42; 16], kind, payload);
    }

    /// Searches for these words; each search has a number of its own.
    pub fn ask(&mut self, number: u8, words: &[u8]) {
        let payload = [&[0x80, 0], words, &[0]].concat();
        self.send_as([number; 16], 0x80, &payload);
    }

    /// A message with a number of its own.
    pub fn send_as(&mut self, guid: [u8; 16], kind: u8, payload: &[u8]) {
        let mut message = guid.to_vec();
        message.extend([kind, 1, 0]);
        message.extend(u32::try_from(payload.len()).unwrap().to_le_bytes());
        message.extend(payload);
        self.stream.write_all(&message).unwrap();
    }

    /// The next message: its kind and its payload; nothing at the end.
    pub fn hear(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut header = [0; 23];
        self.stream.read_exact(&mut header).ok()?;
        let len = u32::from_le_bytes(header[19..].try_into().unwrap());
        let mut payload = vec![0; usize::try_from(len).unwrap()];
        self.stream.read_exact(&mut payload).ok()?;
        Some((header[16], payload))
    }

    /// Waits for a message of this kind.
    #[track_caller]
    pub fn until(&mut self, kind: u8) -> Vec<u8> {
        loop {
            let (heard, payload) = self.hear().expect("it is said before the end");
            if heard == kind {
                return payload;
            }
        }
    }

    /// Whether the node answers on the link: a ping is worth a pong.
    #[track_caller]
    pub fn is_answered(&mut self) {
        self.send(PING, &[]);
        self.until(PONG);
    }
}
