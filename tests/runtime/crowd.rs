//! Very many peers in one process.

use filbert::base::time::Time;
use filbert::gnutella::link::{Decision, Input, Link, Output, Profile, Queue, Role};
use filbert::node::Config;
use filbert::promotion::Thresholds;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::running::{Running, config, loopback};

const PEERS: u16 = 2_000;

/// A configuration of an ultrapeer with room for so many leaves, all of one network.
pub fn roomy(leaves: u16) -> Config {
    let mut config = config(Role::Ultrapeer);
    let mut thresholds = Thresholds::filbert();
    thresholds.slots.leaves_max = leaves.into();
    thresholds.slots.leaves_least = leaves.into();
    thresholds.slots.leaves_per_network = u32::MAX;
    config.thresholds = Arc::new(thresholds);
    config
}

/// The end of a connection at the `n`th address of loopback.
pub fn socket(n: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(loopback(n).into(), 0)).unwrap();
    socket
}

/// Goes through a handshake as a leaf that neither compresses nor reads what is compressed.
pub async fn join(socket: TcpSocket, to: SocketAddr) -> TcpStream {
    let mut stream = socket.connect(to).await.unwrap();
    let mut profile = Profile::new(Role::Leaf);
    (profile.accepts_deflate, profile.sends_deflate) = (false, false);
    let mut link = Link::connect(Arc::new(profile), to.ip(), Time::ZERO);
    let mut buffer = vec![0; 4096];
    loop {
        while let Some(bytes) = link.transmit(Queue::Dry, Time::ZERO) {
            stream.write_all(&bytes).await.unwrap();
        }
        let len = stream.read(&mut buffer).await.unwrap();
        assert_ne!(len, 0, "turned away: {stream:?}");
        link.handle(Input::Received(&buffer[..len]), Time::ZERO);
        while let Some(output) = link.poll() {
            match output {
                Output::Answered(_) => {
                    assert!(link.poll().is_none());
                    link.handle(Input::Decided(Decision::accept(Role::Leaf)), Time::ZERO);
                }
                Output::Opened(_) => {
                    while let Some(bytes) = link.transmit(Queue::Dry, Time::ZERO) {
                        stream.write_all(&bytes).await.unwrap();
                    }
                    return stream;
                }
                Output::Closed(ending) => panic!("{stream:?}: {ending}"),
                _ => {}
            }
        }
    }
}

/// Two thousand leaves at once, each from an address of its own; all are there, and all hear the goodbye.
#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_peers_live_in_one_process() {
    let node = Running::with(31, roomy(PEERS));
    let mut peers = Vec::new();
    for n in 0..PEERS {
        peers.push(join(socket(10_000 + n), node.address).await);
    }
    let status = node.until("all of them", |status| status.links.leaves == u32::from(PEERS)).await;
    assert_eq!(status.links.total, u32::from(PEERS));
    assert_eq!(node.peers().await.len(), usize::from(PEERS));
    node.engine.end().await.unwrap();
    for mut peer in peers {
        let mut heard = Vec::new();
        peer.read_to_end(&mut heard).await.unwrap();
        let goodbye = b"Shutting down";
        assert!(heard.windows(goodbye.len()).any(|bytes| bytes == goodbye));
    }
}
