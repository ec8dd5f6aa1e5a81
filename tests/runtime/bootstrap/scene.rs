//! Caches that answer as they are told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use filbert::gnutella::wire::ggep::{Place, Value, Writer};
use filbert::gnutella::wire::{Datagram, Frame, Function, GgepArea, Ping, Pong};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A web cache, and the heads of the requests that it got.
pub struct WebCache {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl WebCache {
    /// Answers each request with what `answer` says to its head, byte for byte, and closes.
    pub async fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => break,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                let answer = answer(&head);
                seen.lock().unwrap().push(head);
                let _: Result<(), _> = stream.write_all(&answer).await;
                // Closed only when the other side has closed: an empty answer is no answer.
                if answer.is_empty() {
                    let _: Result<u8, _> = stream.read_u8().await;
                }
            }
        });
        Self { address, heads, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for WebCache {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer with this status and body.
pub fn answer(status: &str, body: &str) -> Vec<u8> {
    let len = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// An answer that leads elsewhere.
pub fn redirect(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

/// A UDP host cache.
pub struct HostCache {
    pub address: SocketAddr,
    /// The pings that it got.
    pings: Arc<Mutex<Vec<Frame>>>,
    task: JoinHandle<()>,
}

impl HostCache {
    /// Names these hosts and these other caches to whoever asks.
    pub async fn start(hosts: Vec<SocketAddr>, caches: String) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let pings = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&pings);
        let task = tokio::spawn(async move {
            let mut buffer = [0; 2_048];
            while let Ok((len, from)) = socket.recv_from(&mut buffer).await {
                let datagram = Datagram::decode(&Bytes::copy_from_slice(&buffer[..len]));
                let Ok(Datagram::Frame { frame, .. }) = datagram else { continue };
                let pong = pong(&frame, address, &hosts, &caches);
                seen.lock().unwrap().push(frame);
                socket.send_to(&pong, from).await.unwrap();
            }
        });
        Self { address, pings, task }
    }

    pub fn pings(&self) -> Vec<Frame> {
        self.pings.lock().unwrap().clone()
    }
}

impl Drop for HostCache {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether a ping asks for hosts.
pub fn asks_for_hosts(ping: &Frame) -> bool {
    let extensions = Ping::decode(&ping.payload).extensions;
    (ping.ttl, ping.hops) == (1, 0) && extensions.value("SCP").is_some()
}

fn pong(ping: &Frame, own: SocketAddr, hosts: &[SocketAddr], caches: &str) -> Bytes {
    let packed = hosts.iter().filter_map(|host| match host {
        SocketAddr::V4(host) => Some(*host),
        SocketAddr::V6(_) => None,
    });
    let mut writer = Writer::new();
    writer.put_value("IPP", Place::Pong, &Value::Addresses(packed.collect())).unwrap();
    if !caches.is_empty() {
        writer.put("PHC", caches.as_bytes()).unwrap();
    }
    let extensions = GgepArea::new(writer.finish(), Place::Pong);
    let SocketAddr::V4(own) = own else { panic!("the caches here have IPv4") };
    let pong = Pong { port: own.port(), address: *own.ip(), files: 0, kib: 0, extensions };
    let mut payload = BytesMut::new();
    pong.encode(&mut payload);
    let (function, payload) = (Function::PONG, payload.freeze());
    let frame = Frame { guid: ping.guid, function, ttl: 1, hops: 0, size_flags: None, payload };
    Datagram::Frame { frame, deflated: false, can_inflate: false }.to_bytes()
}
