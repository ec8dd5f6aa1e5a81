//! TLS between nodes, asked for in the handshake and from the first byte on.

use std::sync::Arc;

use filbert::gnutella::link::Role;
use filbert::runtime::tls::Tls;

use crate::running::{Running, config};

fn node(n: u16, role: Role) -> Running {
    Running::securing(n, config(role), Some(Arc::new(Tls::new().unwrap())))
}

/// HAND-48, HAND-49, HAND-50
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_that_can_speak_tls_do() {
    let ultrapeer = node(11, Role::Ultrapeer);
    let mut leaf = node(12, Role::Leaf);
    let plain = Running::start(13, Role::Leaf);
    plain.share(&["quiet harbour.ogg"]).await;
    leaf.connect(ultrapeer.address).await;
    plain.connect(ultrapeer.address).await;
    ultrapeer.until("two leaves", |status| status.links.leaves == 2).await;
    let peers = ultrapeer.peers().await;
    let is_tls = |address| {
        let ip = |peer: &&filbert::control::model::Peer| peer.address.ip() == address;
        peers.iter().find(ip).map(|peer| peer.tls)
    };
    assert_eq!(is_tls(leaf.address.ip()), Some(true));
    assert_eq!(is_tls(plain.address.ip()), Some(false));
    assert!(leaf.peers().await.iter().all(|peer| peer.tls && peer.deflate_in));
    assert_eq!(leaf.find("quiet harbour").await.address, plain.address);
}

/// HAND-51
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_be_tls_from_its_first_byte_on() {
    let ultrapeer = node(14, Role::Ultrapeer);
    let stream = tokio::net::TcpStream::connect(ultrapeer.address).await.unwrap();
    let tls = Tls::new().unwrap();
    let securing =
        filbert::runtime::engine::Securer::secure(&tls, stream, bytes::Bytes::new(), true);
    let mut stream = securing.await.unwrap();
    let head = b"GNUTELLA CONNECT/0.6\r\nUser-Agent: Test/1.0\r\nX-Ultrapeer: False\r\n\
                 X-Query-Routing: 0.2\r\nUpgrade: TLS/1.0\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.unwrap();
    let mut answer = vec![0; 4096];
    let len = tokio::io::AsyncReadExt::read(&mut stream, &mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..len]);
    assert!(answer.starts_with("GNUTELLA/0.6 200 "), "{answer}");
    assert!(!answer.contains("Upgrade: TLS"), "it is TLS already: {answer}");
}
