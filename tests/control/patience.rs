//! Slow clients, and too many of them.

use std::time::Duration;

use filbert::control::model::Happening;
use filbert::control::server::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{Answer, Events, SOON, get, send};
use crate::support::fake_node::{FakeNode, PATIENCE, a_hit, until};

/// Reads to the end; how the connection ends is no matter.
async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("it does not end");
    bytes
}

#[tokio::test]
async fn a_head_has_its_time_and_no_more() {
    let served =
        FakeNode::start().serve_within(Limits { head_timeout: SOON, ..Limits::default() }).await;
    for start in
        ["", "G", "GET /health HTTP/1.1\r\n", "GET /health HTTP/1.1\r\nhost: localhost\r\n"]
    {
        let mut slow = TcpStream::connect(served.address.unwrap()).await.unwrap();
        slow.write_all(start.as_bytes()).await.unwrap();
        assert_eq!(read_all(&mut slow).await, b"", "{start:?}");
    }
}

#[tokio::test]
async fn each_byte_of_a_head_buys_no_time() {
    let served =
        FakeNode::start().serve_within(Limits { head_timeout: SOON, ..Limits::default() }).await;
    let stream = TcpStream::connect(served.address.unwrap()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let dripping = tokio::spawn(async move {
        let head = format!("GET /health HTTP/1.1\r\nx: {}", "a".repeat(10_000));
        for byte in head.bytes() {
            if write.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, read.read_to_end(&mut bytes)).await.expect("it does not end");
    assert_eq!(bytes, b"");
    dripping.abort();
}

#[tokio::test]
async fn a_connection_that_is_kept_open_has_the_same_time_for_its_next_request() {
    let served =
        FakeNode::start().serve_within(Limits { head_timeout: SOON, ..Limits::default() }).await;
    let mut client = TcpStream::connect(served.address.unwrap()).await.unwrap();
    client.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let answer = Answer::parse(&read_all(&mut client).await);
    assert_eq!(answer.body, r#"{"ok":true}"#);
}

#[tokio::test]
async fn a_body_has_its_time_and_no_more() {
    let node = FakeNode::start();
    let served = node.serve_within(Limits { body_timeout: SOON, ..Limits::default() }).await;
    let head = format!(
        "PUT /api/v1/log HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        served.token.as_str()
    );
    Answer::parse(&send(served.address.unwrap(), head.as_bytes()).await).problem(408);
    assert_eq!(node.change(|state| state.requests), 0);
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_not_waited_for() {
    let node = FakeNode::start();
    node.change(|state| state.silent = true);
    let served = node.serve_within(Limits { answer_timeout: SOON, ..Limits::default() }).await;
    let answer = get(&served, "/api/v1/status").await;
    answer.problem(503);
    assert_eq!(answer.header("retry-after"), Some("5"));
    // Not even when so many have asked before that there is no room to ask.
    for _ in 0..70 {
        get(&served, "/metrics").await.problem(503);
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_connection() {
    let node = FakeNode::start();
    let served = node.serve_within(Limits { write_timeout: SOON, ..Limits::default() }).await;
    let events = Events::open(&served, "/api/v1/events", "").await;
    until("somebody watches", || node.watchers() == 1).await;
    let mut hit = a_hit(1, 0);
    hit.name = "n".repeat(60_000);
    until("it was sent away", || {
        node.tell(Happening::Hit(hit.clone()));
        node.watchers() == 0
    })
    .await;
    drop(events);
}

#[tokio::test]
async fn so_many_connections_are_open_and_one_more_is_told_so() {
    let node = FakeNode::start();
    let served = node.serve_within(Limits { connections_max: 3, ..Limits::default() }).await;
    let address = served.address.unwrap();
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let answer = get(&served, "/health").await;
    answer.problem(503);
    let said: usize = answer.header("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.body.len(), said);
    idle.pop();
    let head = b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut status = 0;
    for _ in 0..1000 {
        status = Answer::parse(&send(address, head).await).status;
        if status == 200 {
            break;
        }
    }
    assert_eq!(status, 200, "the place of one that has left is free again");
}
