//! Sources that cannot be called, in whose queues we are, or that speak TLS: over real connections.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use filbert::base::ranges::ByteRange;
use filbert::control::model::DownloadState;
use filbert::gnutella::http::{Form, Giv, HeaderText, QueueCallback, QueueId, RangeHeader};
use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Guid;
use filbert::runtime::downloads::{Downloads, Plan, Push, Wanted};
use filbert::runtime::engine::{Engine, Outlets, Securer};
use filbert::runtime::tls::Tls;
use filbert::runtime::uploads::Unfinished;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, KnownBy, Manners, Origin, PushWay, Rules};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::running::{PATIENCE, Running, config, loopback};

pub const SERVENT: Guid = Guid([0x5a; 16]);

fn file() -> Bytes {
    (0..150_000_u32).map(|number| ((number * 7_919) >> 5).to_le_bytes()[0]).collect()
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(n: u16) -> Self {
        let name = format!("filbert-fetching-{n}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A node, and downloads that use its connections. Pushes go as many ways as the test says.
pub struct Fetcher {
    pub downloads: Downloads,
    pub address: SocketAddr,
    folder: Folder,
    node: Option<Engine>,
}

impl Fetcher {
    pub async fn start(n: u16, ways: usize) -> Self {
        let securer: Arc<dyn Securer> = Arc::new(Tls::new().unwrap());
        let node = Running::securing(n, config(Role::Leaf), Some(securer));
        let Running { engine, desk, address, outlets, .. } = node;
        let Outlets { mut callers, lines, .. } = outlets;
        let folder = Folder::new(n);
        let plan = Plan {
            folder: folder.0.clone(),
            rules: Rules { allow_private: true, ..Rules::default() },
            manners: Manners {
                user_agent: "Test/1".to_owned(),
                listen: Some(address),
                called_at: Some(address),
                ..Manners::default()
            },
            lines,
            unfinished: Unfinished::new(false),
            seed: 1,
            desk,
        };
        let (downloads, mut pushes) = Downloads::start(plan).await;
        let (told, coming) = (downloads.clone(), downloads.clone());
        tokio::spawn(async move {
            while let Some(Push { request, .. }) = pushes.recv().await {
                told.push_sent(request, ways);
            }
        });
        tokio::spawn(async move {
            while let Some(arrival) = callers.recv().await {
                coming.came(arrival);
            }
        });
        Self { downloads, address, folder, node: Some(engine) }
    }

    pub fn fetch(&self, finding: Finding) -> u64 {
        let (bytes, name) = (file(), "fetched".to_owned());
        let size = Some(bytes.len() as u64);
        let known_by = KnownBy::Sha1(Sha1::digest(&bytes).into());
        let intent = Intent { name, known_by, size, root: None };
        self.downloads.add(Wanted { intent, findings: vec![finding] }).unwrap().id
    }

    /// The node is not there any more; downloads are.
    pub async fn end_node(&mut self) {
        if let Some(node) = self.node.take() {
            node.end().await;
        }
    }

    pub async fn finish(&self, id: u64) {
        let whole = async {
            while self.downloads.one(id).unwrap().state != DownloadState::Finished {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, whole).await.expect("it is finished in time");
        let fetched = std::fs::read(self.folder.0.join("fetched")).unwrap();
        assert_eq!(fetched, file());
    }
}

/// Reads a head.
pub async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

pub fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find_map(|(found, value)| (found == name).then_some(value))
}

/// Gives the file to whoever asks, until the connection ends. What it was asked is told.
pub async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    asked: mpsc::UnboundedSender<String>,
) {
    let bytes = file();
    while let Some(request) = head(&mut stream).await {
        let _ = asked.send(request.clone());
        let range = value(&request, "Range").and_then(RangeHeader::parse);
        let Some(RangeHeader::Bounded(ByteRange { start, end })) = range else {
            let lacking = b"HTTP/1.1 404 Not Found\r\nServer: Test/1\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(lacking).await.unwrap();
            continue;
        };
        let end = end.min(bytes.len() as u64);
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\nServer: Test/1\r\nContent-Length: {}\r\n\
             Content-Range: bytes {start}-{}/{}\r\nX-Available-Ranges: bytes 0-{}\r\n\r\n",
            end - start,
            end - 1,
            bytes.len(),
            bytes.len() - 1,
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let [start, end] = [start, end].map(|at| usize::try_from(at).unwrap());
        if stream.write_all(&bytes[start..end]).await.is_err() {
            return;
        }
    }
}

/// Calls from this address of loopback.
pub async fn call_from(n: u16, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((loopback(n), 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

fn firewalled(proxies: Vec<SocketAddr>) -> Finding {
    let way = PushWay { servent: SERVENT, index: 3, proxies };
    let nowhere = "127.0.0.1:9".parse().unwrap();
    Finding { push: Some(way), is_firewalled: true, ..Finding::by_urn(nowhere, Origin::Alternate) }
}

async fn listener(n: u16) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((loopback(n), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// PUSH-21, PUSH-23, PUSH-24, GIV-01
#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_goes_nowhere_is_asked_for_over_http_of_one_proxy_after_the_other() {
    let fetcher = Fetcher::start(700, 0).await;
    let (refusing, first) = listener(701).await;
    let (passing, second) = listener(702).await;
    let (asked, mut heard) = mpsc::unbounded_channel();
    let to = fetcher.address;
    let refusal = tokio::spawn(async move {
        let (mut stream, _) = refusing.accept().await.unwrap();
        let request = head(&mut stream).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 410 Push proxy: no route\r\nServer: Test/1\r\n\r\n")
            .await
            .unwrap();
        request
    });
    let passed = tokio::spawn(async move {
        let (mut stream, _) = passing.accept().await.unwrap();
        let request = head(&mut stream).await.unwrap();
        // As gtk-gnutella does: no length, and the connection ends.
        let passed = b"HTTP/1.1 202 Push-proxy: message sent to node\r\nServer: Test/1\r\n\r\n";
        stream.write_all(passed).await.unwrap();
        drop(stream);
        let mut source = call_from(703, to).await;
        let giv = Giv { index: 3, servent: SERVENT, name: HeaderText::default() };
        source.write_all(giv.to_string().as_bytes()).await.unwrap();
        tokio::spawn(serve(source, asked));
        request
    });
    let id = fetcher.fetch(firewalled(vec![first, second]));
    fetcher.finish(id).await;
    let line = "GET /gnutella/push-proxy?ServerId=LJNFUWS2LJNFUWS2LJNFUWS2LI&file=3 HTTP/1.1\r\n";
    for request in [refusal.await.unwrap(), passed.await.unwrap()] {
        assert!(request.starts_with(line), "{request}");
        assert_eq!(value(&request, "X-Node"), Some(to.to_string().as_str()));
    }
    assert!(heard.recv().await.unwrap().starts_with("GET /uri-res/N2"));
}

/// QUEUE-05, PARQ-04
#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_that_it_is_our_turn_is_asked_over_its_connection() {
    let fetcher = Fetcher::start(710, 0).await;
    let (source, address) = listener(711).await;
    let (asked, mut heard) = mpsc::unbounded_channel();
    let id = fetcher.fetch(Finding::by_urn(address, Origin::Hit));
    let (mut stream, _) = source.accept().await.unwrap();
    let queued = "HTTP/1.1 503 Queued\r\nServer: Test/1\r\nConnection: close\r\nContent-Length: 0\r\n\
                  X-Queued: position=2; ID=ab12; lifetime=900; length=2; ETA=600\r\nRetry-After: 600\r\n\r\n";
    while let Some(request) = head(&mut stream).await {
        // Trees need no slot.
        let is_queued = request.starts_with("GET /uri-res/N2R?");
        let lacking = "HTTP/1.1 404 Not Found\r\nServer: Test/1\r\nContent-Length: 0\r\n\r\n";
        let answer = if is_queued { queued } else { lacking };
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
    // As it is sent by one of our own.
    let (named, at) = (QueueId::new("ab12").unwrap(), Some(address));
    let line = QueueCallback { id: named, address: at }.to_string();
    assert_eq!(line, format!("QUEUE ab12 {address}\r\n"));
    // A stranger who knows the name of the place, and somebody at the right host who does not.
    for (n, line) in [(712, line.clone()), (711, line.replace("ab12", "ab13"))] {
        let mut stranger = call_from(n, fetcher.address).await;
        stranger.write_all(line.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        let ended =
            timeout(PATIENCE, stranger.read_to_end(&mut said)).await.expect("it is hung up on");
        assert!(said.is_empty(), "{ended:?} {said:?}");
    }
    let mut turn = call_from(711, fetcher.address).await;
    turn.write_all(line.as_bytes()).await.unwrap();
    tokio::spawn(serve(turn, asked));
    fetcher.finish(id).await;
    let first = heard.recv().await.unwrap();
    assert!(value(&first, "X-Queued").is_some_and(|place| place.contains("ID=ab12")), "{first}");
}

/// HTTP-36
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_speaks_tls_is_asked_in_secret() {
    let fetcher = Fetcher::start(720, 0).await;
    let (source, address) = listener(721).await;
    let (asked, mut heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let tls = Tls::new().unwrap();
        let (stream, _) = source.accept().await.unwrap();
        let secret = tls.secure(stream, Bytes::new(), false).await.unwrap();
        serve(secret, asked).await;
    });
    let id = fetcher.fetch(Finding { takes_tls: true, ..Finding::by_urn(address, Origin::Hit) });
    fetcher.finish(id).await;
    assert!(heard.recv().await.is_some());
}

/// HTTP-36
#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_only_claims_to_speak_tls_is_asked_in_the_clear() {
    let fetcher = Fetcher::start(730, 0).await;
    let (source, address) = listener(731).await;
    let (asked, mut heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut first, _) = source.accept().await.unwrap();
        first.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        drop(first);
        let (second, _) = source.accept().await.unwrap();
        serve(second, asked).await;
    });
    let id = fetcher.fetch(Finding { takes_tls: true, ..Finding::by_urn(address, Origin::Hit) });
    fetcher.finish(id).await;
    assert!(heard.recv().await.is_some());
}
