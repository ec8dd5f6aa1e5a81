//! Asking others what they share, over real connections.

use std::net::SocketAddr;

use filbert::control::desk::{Refusal, Request};
use filbert::control::model::{Happening, Hit, SearchId, SearchState};
use filbert::gnutella::link::Role;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::running::{PATIENCE, Running, loopback};

/// Somebody who answers the first request with these bytes, and gives back what was asked.
async fn host(n: u16, answer: Vec<u8>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind((loopback(n), 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
        }
        stream.write_all(&answer).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, task)
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/browse/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// The hits of the search, and why it has ended.
async fn ended(node: &mut Running, search: SearchId) -> (Vec<Hit>, String) {
    let mut hits = Vec::new();
    loop {
        let happening = timeout(PATIENCE, node.happenings.recv()).await.unwrap().unwrap();
        match &*happening {
            Happening::Hit(hit) if hit.search == search => hits.push(hit.clone()),
            Happening::SearchEnded { search: ended, results, why } if *ended == search => {
                assert_eq!(*results as usize, hits.len());
                return (hits, why.clone());
            }
            _ => {}
        }
    }
}

async fn browse(node: &Running, address: SocketAddr) -> SearchId {
    node.desk.ask(|reply| Request::Browse(address, reply)).await.unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_shares_comes_as_the_hits_of_a_search() {
    let mut node = Running::start(60, Role::Leaf);
    let (address, asked) = host(61, fixture("gtkg-chunked.http")).await;
    let search = browse(&node, address).await;
    let (hits, why) = ended(&mut node, search).await;
    assert_eq!((hits.len(), why.as_str()), (5, "that is all it shares"));
    assert_eq!((hits[0].name.as_str(), hits[0].size), ("a thousand bytes.txt", 1_000));
    let digest = Some("TZJUJDWWXCOTP3XK77JOS57NVB3PJLU5");
    assert_eq!((hits[0].sha1.as_deref(), hits[0].address, hits[0].hops), (digest, address, 0));
    let request = asked.await.unwrap();
    assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nAccept: application/x-gnutella-packets\r\n"), "{request}");
    let shown = node.desk.ask(|reply| Request::Search(search, reply)).await.unwrap();
    assert_eq!((shown.state, shown.why, shown.hits), (SearchState::Ended, Some(why), 5));
    // Nothing of it is remembered: the next list is as new as this one was.
    let (address, _) = host(61, fixture("gtkg-too-often.http")).await;
    let search = browse(&node, address).await;
    let (hits, why) = ended(&mut node, search).await;
    assert_eq!((hits, why.as_str()), (vec![], "it answered \"429 Cannot Browse Too Often\""));
    node.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_there_is_told_of() {
    let mut node = Running::start(62, Role::Leaf);
    let nobody = TcpListener::bind((loopback(63), 0)).await.unwrap().local_addr().unwrap();
    let search = browse(&node, nobody).await;
    let (hits, why) = ended(&mut node, search).await;
    assert!(hits.is_empty() && why.contains("refused"), "{why}");
    let nowhere = "0.0.0.0:6346".parse().unwrap();
    let refused = node.desk.ask(|reply| Request::Browse(nowhere, reply)).await;
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    node.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_nobody_wants_any_more_is_not_read_on() {
    let node = Running::start(64, Role::Leaf);
    let listener = TcpListener::bind((loopback(65), 0)).await.unwrap();
    let search = browse(&node, listener.local_addr().unwrap()).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    node.desk.ask(|reply| Request::EndSearch(search, reply)).await.unwrap();
    let mut request = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut request)).await.unwrap();
    assert!(end.is_ok() || request.is_empty(), "the connection ends: {end:?}");
    node.end().await;
}
