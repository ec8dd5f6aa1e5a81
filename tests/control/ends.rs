//! How a server ends.

use std::time::{Duration, Instant};

use filbert::control::model::Happening;
use filbert::control::server::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::http::{Events, get};
use crate::support::fake_node::{FakeNode, a_search};

#[tokio::test]
async fn streams_end_with_the_server_after_what_has_happened_before() {
    let node = FakeNode::start();
    node.change(|state| state.searches.push(a_search(1, "music")));
    // They end by themselves: the grace is longer than the patience of the test.
    let limits = Limits { end_grace: Duration::from_secs(60), ..Limits::default() };
    let served = node.serve_within(limits).await;
    let mut all = Events::open(&served, "/api/v1/events", "").await;
    let mut search = Events::open(&served, "/api/v1/searches/1/events", "").await;
    (0..300).for_each(|results| node.tell(Happening::Answered { results }));
    node.tell(Happening::Stopping);
    served.end().await;
    for results in 0..300 {
        assert_eq!(all.event().await, (u64::from(results) + 1, Happening::Answered { results }));
    }
    assert_eq!(all.event().await, (301, Happening::Stopping));
    all.end().await;
    search.end().await;
}

#[tokio::test]
async fn nobody_is_let_in_after_the_end() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let address = served.address.unwrap();
    assert_eq!(get(&served, "/api/v1/status").await.status, 200);
    served.end().await;
    assert!(TcpStream::connect(address).await.is_err());
}

/// A connection that is kept open between two requests is nobody's loss.
#[tokio::test]
async fn idle_connections_hold_nothing_up() {
    let node = FakeNode::start();
    let long = Duration::from_secs(60);
    let limits = Limits { end_grace: long, head_timeout: long, ..Limits::default() };
    let served = node.serve_within(limits).await;
    let mut client = TcpStream::connect(served.address.unwrap()).await.unwrap();
    client.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = [0; 15];
    client.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    // Ends within the patience of the test, which is shorter than the grace.
    served.end().await;
}

/// A client in the middle of a head, one in the middle of a body, and one that waits for an answer
/// that never comes.
#[tokio::test]
async fn half_a_request_holds_the_end_up_for_the_grace_only() {
    let node = FakeNode::start();
    node.change(|state| state.silent = true);
    let limits = Limits { end_grace: Duration::from_millis(300), ..Limits::default() };
    let served = node.serve_within(limits).await;
    let token = served.token.as_str();
    let ask = format!("host: localhost\r\nauthorization: Bearer {token}\r\n");
    let mut clients = Vec::new();
    for text in [
        "GET /health HT".to_owned(),
        format!("GET /api/v1/status HTTP/1.1\r\n{ask}\r\n"),
        format!(
            "PUT /api/v1/log HTTP/1.1\r\n{ask}content-type: application/json\r\ncontent-length: 9\r\n\r\n{{"
        ),
    ] {
        let mut client = TcpStream::connect(served.address.unwrap()).await.unwrap();
        client.write_all(text.as_bytes()).await.unwrap();
        clients.push(client);
    }
    crate::support::fake_node::until("the node was asked", || {
        node.change(|state| state.requests == 1)
    })
    .await;
    let before = Instant::now();
    served.end().await;
    // Far less than the ten seconds that each of them would have had.
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
}
