//! The other end of a connection, where a program says what it said when it was recorded.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use filbert::gnutella::link::{Deflater, Inflater, Role};
use filbert::gnutella::wire::{Frame, Function};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::running::{Running, loopback};

/// How long a node may take to say what is waited for. Machines may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Who connects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Called {
    ByUs,
    ByThem,
}

/// A program that speaks with a node of ours.
pub struct Program {
    pub our_role: Role,
    pub our_first_head: String,
    /// The one that says how our messages come.
    pub our_last_head: String,
    pub is_ultrapeer: bool,
    pub understands_vendor_messages: bool,
    /// It has offered to inflate.
    pub takes_deflate: bool,
    stream: TcpStream,
    written: BytesMut,
    plain: BytesMut,
    inflater: Option<Inflater>,
    deflater: Option<Deflater>,
}

impl Program {
    /// Connects a node with the program of a recording, at the `n`th address of loopback.
    pub async fn meet(node: &Running, n: u16, recording: &str, called: Called) -> Self {
        let at = SocketAddr::new(loopback(n).into(), 0);
        let [request, answer, last] = heads(recording);
        let is_called_by_us = called == Called::ByUs;
        let stream = if is_called_by_us {
            let listener = TcpListener::bind(at).await.unwrap();
            node.connect(listener.local_addr().unwrap()).await;
            timeout(PATIENCE, listener.accept()).await.unwrap().unwrap().0
        } else {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(at).unwrap();
            socket.connect(node.address).await.unwrap()
        };
        let theirs = if is_called_by_us { &answer } else { &request };
        let has = |line: &str| theirs.contains(&format!("\r\n{line}\r\n"));
        let mut program = Self {
            our_role: Role::Leaf,
            our_first_head: String::new(),
            our_last_head: String::new(),
            is_ultrapeer: has("X-Ultrapeer: True"),
            understands_vendor_messages: theirs.contains("\r\nVendor-Message: "),
            takes_deflate: has("Accept-Encoding: deflate"),
            stream,
            written: BytesMut::new(),
            plain: BytesMut::new(),
            inflater: None,
            deflater: None,
        };
        let theirs_last = if is_called_by_us {
            program.our_first_head = program.head().await;
            program.write(answer.as_bytes()).await;
            program.our_last_head = program.head().await;
            answer
        } else {
            program.write(request.as_bytes()).await;
            program.our_first_head = program.head().await;
            program.our_last_head.clone_from(&program.our_first_head);
            program.write(last.as_bytes()).await;
            last
        };
        let is_coded = |head: &str| head.contains("\r\nContent-Encoding: deflate\r\n");
        program.inflater = is_coded(&program.our_last_head).then(Inflater::default);
        program.deflater = is_coded(&theirs_last).then(Deflater::default);
        if program.our_first_head.contains("\r\nX-Ultrapeer: True\r\n") {
            program.our_role = Role::Ultrapeer;
        }
        node.until("the link is open", |status| status.links.total == 1).await;
        program
    }

    /// Says something.
    pub async fn say(&mut self, frame: &Frame) {
        let (mut plain, mut packed) = (BytesMut::new(), BytesMut::new());
        frame.encode(&mut plain);
        let Some(deflater) = &mut self.deflater else { return self.write(&plain).await };
        deflater.write(&plain, &mut packed);
        deflater.flush(&mut packed);
        self.write(&packed).await;
    }

    /// What the node says next.
    pub async fn next(&mut self) -> Frame {
        loop {
            match &mut self.inflater {
                Some(inflater) => {
                    while inflater.step(&mut self.written, &mut self.plain).unwrap() {}
                }
                None => self.plain.unsplit(self.written.split()),
            }
            if let Some(frame) = Frame::take_from(&mut self.plain).unwrap() {
                return frame;
            }
            self.read().await;
        }
    }

    /// What the node says next of this function.
    pub async fn next_of(&mut self, function: Function) -> Frame {
        loop {
            let frame = self.next().await;
            if frame.function == function {
                return frame;
            }
        }
    }

    async fn head(&mut self) -> String {
        loop {
            let end = self.written.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.written.split_to(end + 4);
                return String::from_utf8(head.to_vec()).unwrap();
            }
            self.read().await;
        }
    }

    async fn read(&mut self) {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.written)).await;
        let len = read.expect("the node says more").expect("the connection stands");
        assert!(len > 0, "the node has closed");
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }
}

/// The three heads of a recorded handshake, as they go over a connection.
fn heads(recording: &str) -> [String; 3] {
    let text = fs::read_to_string(format!("tests/fixtures/handshakes/{recording}.txt")).unwrap();
    let mut heads = text.split_inclusive("\r\n\r\n").map(str::to_owned);
    [(); 3].map(|()| heads.next().expect("three heads"))
}
