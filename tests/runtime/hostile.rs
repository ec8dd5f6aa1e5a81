//! Those who connect and do not behave: the node goes on, and others are served (A21, A25).

use std::net::SocketAddr;
use std::time::Duration;

use filbert::gnutella::link::Role;
use filbert::node::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::running::{PATIENCE, Running, config, loopback};

async fn connect_from(n: u16, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(loopback(n).into(), 0)).unwrap();
    socket.connect(to).await.unwrap()
}

/// Reads until the other side closes; what it said. A reset is an end too.
async fn hear_out(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
    let _ = read.expect("the node closes the connection");
    heard
}

/// SIZE-18: a head that comes a byte at a time, and somebody who says nothing at all.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_slow_to_say_what_it_wants_keeps_nobody_waiting() {
    let node = Running::start(21, Role::Ultrapeer);
    let mut silent = connect_from(300, node.address).await;
    let mut slow = connect_from(301, node.address).await;
    let dripping = tokio::spawn(async move {
        for byte in b"GNUTELLA CONNECT/0.6\r\n".iter().chain(b"X-Ultrapeer: ".iter().cycle()) {
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let leaf = Running::start(22, Role::Leaf);
    leaf.connect(node.address).await;
    leaf.until("a link beside them", |status| status.links.ultrapeers == 1).await;
    assert_eq!(hear_out(&mut silent).await, b"");
    timeout(PATIENCE, dripping).await.expect("the slow one is cut off").unwrap();
    node.until("only the leaf is left", |status| {
        status.links.leaves == 1 && status.links.greeting == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_answered_with_an_end() {
    let node = Running::start(23, Role::Ultrapeer);
    for (n, (said, expected)) in [
        (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], &b""[..]),
        (b"\x00\x01\x02\x03", b""),
        (b"\n\n", b""),
        (b"GNUTELLA CONNECT/0.4\n\n", b""),
        (b"\x16\x03\x01\x00\x05hello", b""),
    ]
    .into_iter()
    .enumerate()
    {
        let mut stream = connect_from(310 + u16::try_from(n).unwrap(), node.address).await;
        stream.write_all(said).await.unwrap();
        let heard = hear_out(&mut stream).await;
        assert!(heard.starts_with(expected), "{} -> {}", said.escape_ascii(), heard.escape_ascii());
        assert!(!expected.is_empty() || heard.is_empty() || heard.starts_with(b"GNUTELLA/0.6 4"));
    }
    node.until("nobody is left", |status| status.links.greeting == 0).await;
}

/// Connections from one address are few at a time, and those of others are as welcome as before.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_connections_from_one_address_keep_nobody_else_out() {
    let node = Running::with(24, Config { allow_private: false, ..config(Role::Ultrapeer) });
    let mut flood = Vec::new();
    for _ in 0..1_000 {
        flood.push(connect_from(320, node.address).await);
    }
    let leaf = Running::start(25, Role::Leaf);
    leaf.connect(node.address).await;
    leaf.until("a link all the same", |status| status.links.ultrapeers == 1).await;
    let status = node.status().await;
    assert!(status.links.greeting <= 40, "{:?}", status.links);
    drop(flood);
    node.until("all are gone", |status| status.links.greeting == 0).await;
}

/// In a laboratory all hosts may have one address: such as say nothing keep out nobody, not even there.
#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_do_not_use_up_the_address_of_a_laboratory() {
    let node = Running::start(27, Role::Ultrapeer);
    let mut silent = Vec::new();
    for _ in 0..1_000 {
        silent.push(connect_from(28, node.address).await);
    }
    node.until("all are there", |status| status.links.greeting >= 900).await;
    let leaf = Running::start(28, Role::Leaf);
    leaf.connect(node.address).await;
    leaf.until("a link all the same", |status| status.links.ultrapeers == 1).await;
    drop(silent);
    node.until("all are gone", |status| status.links.greeting == 0).await;
}

/// Connections that are opened and reset at once.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_reset_leave_nothing_behind() {
    let node = Running::start(26, Role::Ultrapeer);
    for n in 0..500 {
        let stream = connect_from(400 + n % 100, node.address).await;
        stream.set_zero_linger().unwrap();
    }
    node.until("all were seen", |status| status.totals.accepted >= 400).await;
    node.until("none is left", |status| status.links.greeting == 0).await;
}
