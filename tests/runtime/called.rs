//! Whoever is called because of a push asks for a file, or does not (PUSH-29).

use std::sync::Arc;

use filbert::control::desk::Desk;
use filbert::gnutella::holder::{Holder, Own};
use filbert::gnutella::wire::Guid;
use filbert::runtime::engine::Lines;
use filbert::runtime::sharing::Doubts;
use filbert::runtime::uploads::{LibraryFiles, Outcome, Plan, Uploads};
use filbert::transfer::upload::{About, Terms};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use crate::running::{PATIENCE, loopback};

const LINE: &str = "GIV 1:05050505050505050505050505050505/file\n\n";

/// Uploads of nothing. Nobody comes by itself as long as the sender is there.
fn uploads() -> (Uploads, impl Sized) {
    let nothing = watch::channel(Default::default()).1;
    let own = Own { servent: Guid([5; 16]), ..Own::default() };
    let plan = Plan {
        terms: Terms { slots: 1, slots_per_host: 1, queue_len: 1 },
        files: Arc::new(LibraryFiles::new(nothing, None, Doubts::default())),
        about: About {
            server: "Test/1".to_owned(),
            holder: Holder::ours(&own, &[]),
            node: None,
            behind: None,
            allow_private: true,
            kazaa: None,
        },
        seed: 1,
        lines: Lines::alone(),
        desk: Desk::new().0,
    };
    let (visitors, arriving) = mpsc::channel(1);
    let (uploads, outlets) = Uploads::start(plan, arriving);
    (uploads, (visitors, outlets))
}

/// Calls somebody who has heard the line by then.
async fn call(uploads: &Uploads, n: u16) -> (Outcome, TcpStream) {
    let listener = TcpListener::bind((loopback(n), 0)).await.unwrap();
    let outcome = uploads.door().call(listener.local_addr().unwrap(), LINE).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut line = [0; LINE.len()];
    stream.read_exact(&mut line).await.unwrap();
    assert_eq!(line, LINE.as_bytes());
    (outcome, stream)
}

async fn ended(outcome: Outcome) -> Option<bool> {
    timeout(PATIENCE, outcome.has_asked()).await.expect("it is known in time")
}

#[tokio::test]
async fn whoever_asks_for_a_file_that_is_not_here_any_more_has_asked() {
    let (uploads, _held) = uploads();
    let requests = [
        "GET /get/1/gone HTTP/1.1\r\n\r\n",
        "HEAD /uri-res/N2R?urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nAccept: application/x-gnutella-packets\r\n\r\n",
    ];
    for (n, request) in (800..).zip(requests) {
        let (outcome, mut stream) = call(&uploads, n).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(ended(outcome).await, Some(true), "{request}");
    }
}

/// A victim has other services; it closes, waits for what it knows, or says what it is.
#[tokio::test]
async fn whoever_is_no_servent_has_not_asked() {
    let (uploads, _held) = uploads();
    let answers = [
        "",
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "220 ready\r\n",
        LINE,
        "GET /index.html HTTP/1.1\r\n\r\n",
        "GET /get/1/name",
    ];
    for (n, answer) in (810..).zip(answers) {
        let (outcome, mut stream) = call(&uploads, n).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(ended(outcome).await, Some(false), "{answer}");
    }
}

/// That we end is no fault of whoever was called.
#[tokio::test]
async fn nothing_is_known_of_calls_that_we_have_ended() {
    let (uploads, _held) = uploads();
    let (outcome, _stream) = call(&uploads, 821).await;
    uploads.end().await;
    assert_eq!(ended(outcome).await, None);
}
