//! A client that sends exactly what it is told, and streams that are read line by line.

use std::net::SocketAddr;
use std::time::Duration;

use filbert::control::model::{Happening, Problem};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::fake_node::{PATIENCE, Served};

/// What a server has answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// Reads one answer. Without one there is none, and the test ends.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The refusal of this status, which has to be one as RFC 9457 has it.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: Problem = serde_json::from_str(&self.body).unwrap();
        assert_eq!((problem.status, problem.kind.as_str()), (status, "about:blank"));
        assert!(!problem.title.is_empty());
        assert!(problem.detail.len() > 10 && !problem.detail.ends_with('.'), "{problem:?}");
        problem.detail
    }
}

/// Sends these bytes, and reads to the end of the connection. That it is reset is its end too.
pub async fn send(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let talk = async {
        let _ = stream.write_all(bytes).await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    timeout(PATIENCE, talk).await.expect("the connection does not end");
    answer
}

/// A request with a token, a host and these headers besides.
pub async fn request(
    served: &Served,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let token = format!("authorization: Bearer {}\r\n", served.token.as_str());
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    let length =
        if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let text = format!("{head}{token}{headers}{length}\r\n{body}");
    Answer::parse(&send(served.address.unwrap(), text.as_bytes()).await)
}

pub async fn get(served: &Served, path: &str) -> Answer {
    request(served, "GET", path, "", "").await
}

pub async fn delete(served: &Served, path: &str) -> Answer {
    request(served, "DELETE", path, "", "").await
}

pub async fn post(served: &Served, path: &str, body: &str) -> Answer {
    request(served, "POST", path, "content-type: application/json\r\n", body).await
}

pub async fn put(served: &Served, path: &str, body: &str) -> Answer {
    request(served, "PUT", path, "content-type: application/json\r\n", body).await
}

/// A stream of events.
pub struct Events {
    lines: BufReader<TcpStream>,
}

/// One event of a stream, or that it has ended.
#[derive(Debug, PartialEq)]
pub enum Seen {
    Event { id: u64, happening: Box<Happening> },
    Comment(String),
    End,
}

impl Events {
    /// Watches. As HTTP/1.0 has no chunks, what comes are the lines themselves.
    pub async fn open(served: &Served, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(served.address.unwrap()).await.unwrap();
        let token = served.token.as_str();
        let head = format!("GET {path} HTTP/1.0\r\nhost: localhost\r\n{headers}");
        let head = format!("{head}authorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut events = Self { lines: BufReader::new(stream) };
        assert_eq!(events.line().await.unwrap(), "HTTP/1.0 200 OK");
        let mut is_stream = false;
        while let Some(line) = events.line().await.filter(|line| !line.is_empty()) {
            is_stream |= line == "content-type: text/event-stream";
        }
        assert!(is_stream);
        events
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(PATIENCE, self.lines.read_line(&mut line)).await;
        match read.expect("nothing comes") {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }

    /// What comes next, signs of life included.
    pub async fn next(&mut self) -> Seen {
        let mut lines = Vec::new();
        loop {
            match self.line().await {
                None => return Seen::End,
                Some(line) if line.is_empty() => break,
                Some(line) => lines.push(line),
            }
        }
        if let [comment] = lines.as_slice() {
            return Seen::Comment(comment.strip_prefix(": ").unwrap().to_owned());
        }
        let [id, event, data] = lines.as_slice() else { panic!("{lines:?}") };
        let id = id.strip_prefix("id: ").unwrap().parse().unwrap();
        let happening: Box<Happening> =
            serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(event.strip_prefix("event: "), Some(happening.name()));
        Seen::Event { id, happening }
    }

    /// The next event, past signs of life.
    pub async fn event(&mut self) -> (u64, Happening) {
        loop {
            match self.next().await {
                Seen::Event { id, happening } => return (id, *happening),
                Seen::Comment(_) => {}
                Seen::End => panic!("the stream has ended"),
            }
        }
    }

    /// That nothing comes any more but the end.
    pub async fn end(&mut self) {
        loop {
            match self.next().await {
                Seen::End => return,
                Seen::Comment(_) => {}
                seen @ Seen::Event { .. } => panic!("{seen:?}"),
            }
        }
    }
}

/// Much shorter than the real limits, so that a test can wait for them.
pub const SOON: Duration = Duration::from_millis(150);
