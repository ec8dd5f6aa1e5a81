use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Input, Link, Output, Profile, Queue, Role};
use filbert::gnutella::wire::{Frame, Function, Guid, QueryFlags};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Bytes that are read at once.
const READ_LEN: usize = 256 * 1024;

/// Somebody who is connected to the program, without compression.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    /// What has arrived and was not looked at.
    inbox: BytesMut,
}

/// The `n`th address of loopback that peers have, one network of 256 each four of them.
pub(crate) fn address(n: usize) -> Ipv4Addr {
    let [_, high, middle, low] = u32::try_from(n).expect("few peers").to_be_bytes();
    Ipv4Addr::new(127, 10 + high, middle, low)
}

impl Peer {
    /// Connects from there and goes through the handshake.
    pub(crate) async fn connect(to: SocketAddr, from: Ipv4Addr, role: Role) -> Self {
        let socket = TcpSocket::new_v4().expect("sockets can be made");
        socket.bind(SocketAddr::new(from.into(), 0)).expect("loopback is there");
        let mut stream = socket.connect(to).await.expect("the program listens");
        stream.set_nodelay(true).expect("a connection can be set up");
        let mut profile = Profile::new(role);
        profile.accepts_deflate = false;
        profile.sends_deflate = false;
        profile.user_agent = "Load/1.0".to_owned();
        let begun = Instant::now();
        let now = || Time::from_micros(u64::try_from(begun.elapsed().as_micros()).expect("soon"));
        let mut link = Link::connect(Arc::new(profile), to.ip(), now());
        let mut inbox = BytesMut::new();
        let mut is_open = false;
        let mut buffer = vec![0; 16 * 1024];
        while !is_open {
            while let Some(bytes) = link.transmit(Queue::Dry, now()) {
                stream.write_all(&bytes).await.expect("the program reads");
            }
            let len = stream.read(&mut buffer).await.expect("the program writes");
            let input = if len == 0 { Input::Ended } else { Input::Received(&buffer[..len]) };
            link.handle(input, now());
            while let Some(output) = link.poll() {
                match output {
                    Output::Answered(_) => {
                        assert!(link.poll().is_none(), "a question is the last thing");
                        link.handle(Input::Decided(Decision::accept(role)), now());
                    }
                    Output::Opened(_) => is_open = true,
                    Output::Frame(frame) => frame.encode(&mut inbox),
                    Output::Closed(ending) => panic!("no link from {from}: {ending}"),
                    other => panic!("{other:?}"),
                }
            }
        }
        while let Some(bytes) = link.transmit(Queue::Dry, now()) {
            stream.write_all(&bytes).await.expect("the program reads");
        }
        Self { stream, inbox }
    }

    /// Sends these messages.
    pub(crate) async fn send(&mut self, frames: &[Frame]) {
        let mut bytes = BytesMut::new();
        for frame in frames {
            frame.encode(&mut bytes);
        }
        self.stream.write_all(&bytes).await.expect("the program reads");
    }

    /// The next message; none at the end.
    pub(crate) async fn receive(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = Frame::take_from(&mut self.inbox).expect("the program is correct")
            {
                return Some(frame);
            }
            self.inbox.reserve(READ_LEN);
            if self.stream.read_buf(&mut self.inbox).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Receives messages until so many queries have come, or none for a while; how many did.
    pub(crate) async fn count_up_to(&mut self, wanted: usize, patience: Duration) -> usize {
        let mut count = 0;
        while count < wanted {
            match timeout(patience, self.receive()).await {
                Ok(Some(frame)) if frame.function == Function::QUERY => count += 1,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        count
    }

    /// Receives messages until so many queries have come; how many did before the connection ended.
    pub(crate) async fn count_queries(&mut self, wanted: usize) -> usize {
        let mut count = 0;
        while count < wanted {
            match self.receive().await {
                Some(frame) if frame.function == Function::QUERY => count += 1,
                Some(_) => {}
                None => break,
            }
        }
        count
    }
}

/// A query, as an ultrapeer passes it on.
pub(crate) fn query(number: u64, words: &str, ttl: u8, hops: u8) -> Frame {
    let mut guid = [0x5a; 16];
    guid[..8].copy_from_slice(&number.to_be_bytes());
    let mut payload = BytesMut::new();
    payload.extend_from_slice(&QueryFlags::marked().0);
    payload.extend_from_slice(words.as_bytes());
    payload.extend_from_slice(&[0]);
    let function = Function::QUERY;
    Frame { guid: Guid(guid), function, ttl, hops, size_flags: None, payload: payload.freeze() }
}
