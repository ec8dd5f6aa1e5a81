//! Sources with a script, on real sockets.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use filbert::base::ranges::ByteRange;
use filbert::gnutella::http::thex::TreeRows;
use filbert::library::hash::Digests;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How one request for bytes is answered.
#[derive(Clone, Debug)]
pub enum Say {
    /// With what was asked for.
    Right,
    /// With so many of them at most.
    AtMost(u64),
    /// With half of them, and then the connection is closed.
    Half,
    /// With half of them, and then nothing more.
    Stall,
    /// With other bytes than those of the file.
    Wrong,
    /// With what was asked for, and with nothing about who it is.
    Bare,
    /// With chunks.
    Chunked,
    /// With a head whose lines are folded.
    Folded,
    /// With this head and no body; the connection stays if it says so.
    Head(String),
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub head: String,
    pub range: Option<ByteRange>,
    /// Since the source was there, by the clock of the test.
    pub at: Duration,
}

#[derive(Default)]
pub struct Notes {
    pub connections: usize,
    pub asked: Vec<Asked>,
    pub trees: usize,
    /// Bytes of the file.
    pub sent: u64,
}

pub struct Source {
    pub address: SocketAddr,
    pub notes: Arc<Mutex<Notes>>,
    task: JoinHandle<()>,
}

struct Script {
    file: Bytes,
    says: VecDeque<Say>,
    gives_tree: bool,
    since: tokio::time::Instant,
}

impl Source {
    /// One that answers so, and in the right way behind that.
    pub async fn start(file: &Bytes, says: Vec<Say>) -> Self {
        Self::with(file, says, true).await
    }

    /// One that has no tree.
    pub async fn without_tree(file: &Bytes, says: Vec<Say>) -> Self {
        Self::with(file, says, false).await
    }

    async fn with(file: &Bytes, says: Vec<Say>, gives_tree: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let notes = Arc::new(Mutex::new(Notes::default()));
        let since = tokio::time::Instant::now();
        let script = Script { file: file.clone(), says: says.into(), gives_tree, since };
        let script = Arc::new(Mutex::new(script));
        let told = Arc::clone(&notes);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                told.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&told)));
            }
        });
        Self { address, notes, task }
    }

    pub fn connections(&self) -> usize {
        self.notes.lock().unwrap().connections
    }

    pub fn trees(&self) -> usize {
        self.notes.lock().unwrap().trees
    }

    pub fn sent(&self) -> u64 {
        self.notes.lock().unwrap().sent
    }

    /// The requests for bytes.
    pub fn asked(&self) -> Vec<Asked> {
        self.notes.lock().unwrap().asked.clone()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>, notes: Arc<Mutex<Notes>>) {
    let mut read = Vec::new();
    while let Some(head) = head(&mut stream, &mut read).await {
        let written = if head.starts_with("GET /uri-res/N2X?") {
            notes.lock().unwrap().trees += 1;
            let answer = tree(&script.lock().unwrap());
            stream.write_all(&answer).await
        } else {
            let (say, file) = {
                let mut script = script.lock().unwrap();
                let (at, range) = (script.since.elapsed(), range_of(&head, script.file.len()));
                notes.lock().unwrap().asked.push(Asked { head, range, at });
                (script.says.pop_front().unwrap_or(Say::Right), script.file.clone())
            };
            let range = notes.lock().unwrap().asked.last().unwrap().range;
            match answer(&say, &file, range.unwrap_or(ByteRange::new(0, file.len() as u64))) {
                (bytes, sent, true) => {
                    notes.lock().unwrap().sent += sent;
                    stream.write_all(&bytes).await
                }
                (bytes, sent, false) => {
                    notes.lock().unwrap().sent += sent;
                    let _ = stream.write_all(&bytes).await;
                    if matches!(say, Say::Stall) {
                        // It stays, and says nothing more.
                        let _ = stream.read(&mut [0; 1]).await;
                    }
                    return;
                }
            }
        };
        if written.is_err() {
            return;
        }
    }
}

async fn head(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = read.drain(..end + 4).collect();
            return Some(String::from_utf8(head).unwrap());
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
}

fn range_of(head: &str, len: usize) -> Option<ByteRange> {
    let value = head.lines().find_map(|line| line.strip_prefix("Range: bytes="))?;
    let (first, last) = value.split_once('-')?;
    let last = last.parse().unwrap_or(len as u64 - 1);
    Some(ByteRange::new(first.parse().ok()?, last + 1))
}

fn tree(script: &Script) -> Vec<u8> {
    if !script.gives_tree {
        return b"HTTP/1.1 404 No Tree\r\nContent-Length: 0\r\n\r\n".to_vec();
    }
    let tree = Digests::of(&script.file).tree;
    let body = TreeRows::new(tree.size(), tree.breadth_first()).unwrap().encode();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/dime\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), &body].concat()
}

/// Bytes of the answer, how many of them are of the file, and whether the connection stays.
fn answer(say: &Say, file: &Bytes, asked: ByteRange) -> (Vec<u8>, u64, bool) {
    let urn = format!("X-Gnutella-Content-URN: urn:sha1:{}\r\n", sha1_of(file));
    let asked = asked.intersection(ByteRange::new(0, file.len() as u64));
    let range = match say {
        Say::AtMost(len) => ByteRange::new(asked.start, asked.end.min(asked.start + len)),
        _ => asked,
    };
    let content = format!("Content-Range: bytes {range}/{}\r\n", file.len());
    let mut body = file[range.start as usize..range.end as usize].to_vec();
    let len = format!("Content-Length: {}\r\n", body.len());
    let status = "HTTP/1.1 206 Partial Content\r\n";
    let half = body.len() / 2;
    let (head, stays) = match say {
        Say::Head(head) => {
            return (head.clone().into_bytes(), 0, !head.contains("Connection: close"));
        }
        Say::Right | Say::AtMost(_) => {
            (format!("{status}Server: made-up/1.0\r\n{urn}{content}{len}\r\n"), true)
        }
        Say::Half | Say::Stall => {
            body.truncate(half);
            (format!("{status}{urn}{content}{len}\r\n"), false)
        }
        Say::Wrong => {
            body.iter_mut().for_each(|byte| *byte = !*byte);
            (format!("{status}{urn}{content}{len}\r\n"), true)
        }
        Say::Bare => (format!("{status}{content}{len}\r\n"), true),
        Say::Folded => {
            let folded = content.replace("bytes ", "\r\n\t bytes ");
            (format!("{status}{urn}{folded}{len}\r\n"), true)
        }
        Say::Chunked => {
            let sent = body.len() as u64;
            let chunks: Vec<u8> = body.chunks(1_000).flat_map(chunk).chain(*b"0\r\n\r\n").collect();
            let head = format!("{status}{urn}{content}Transfer-Encoding: chunked\r\n\r\n");
            return ([head.into_bytes(), chunks].concat(), sent, true);
        }
    };
    let sent = body.len() as u64;
    ([head.into_bytes(), body].concat(), sent, stays)
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn sha1_of(file: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(&Digests::of(file).sha1)
}
