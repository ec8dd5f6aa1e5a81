//! Where a server can listen.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::http::Answer;
use crate::support::fake_node::{FakeNode, PATIENCE, new_home};

async fn ask(path: &std::path::Path, head: &str) -> Answer {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("no end").unwrap();
    Answer::parse(&bytes)
}

#[tokio::test]
async fn a_unix_socket_takes_any_host_and_still_wants_the_token() {
    let path = new_home("unix").join("api.sock");
    let node = FakeNode::start();
    let served = node.serve_unix(&path);
    let token = format!("authorization: Bearer {}\r\n", served.token.as_str());
    for host in ["", "host: localhost\r\n", "host: whatever.example\r\n"] {
        let head = format!("GET /api/v1/status HTTP/1.1\r\nconnection: close\r\n{host}");
        assert_eq!(ask(&path, &format!("{head}{token}\r\n")).await.status, 200, "{host:?}");
        ask(&path, &format!("{head}\r\n")).await.problem(401);
    }
    let foreign =
        "GET /health HTTP/1.1\r\nconnection: close\r\norigin: https://evil.example\r\n\r\n";
    ask(&path, foreign).await.problem(403);
    served.end().await;
}
