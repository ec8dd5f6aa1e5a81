use std::time::Duration;

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::{Frame, Function};
use tokio::task::JoinSet;

use crate::peer::{Peer, address};
use crate::process::Program;

/// How long the idle program is watched.
const WATCH: Duration = Duration::from_secs(60);
const MEMORY_TARGET: u64 = 8 * 1024;

/// Memory and processor time for peers that stay connected and answer pings, and do nothing else.
pub(crate) async fn measure(peers: usize) {
    let file = format!("[neighbours]\nleaves_max = {peers}\n");
    let program = Program::configured(&["--role", "ultrapeer"], &file);
    let before = program.resident_len();
    let mut connected = JoinSet::new();
    for n in 0..peers {
        let peer = Peer::connect(program.address, address(n + 1), Role::Leaf).await;
        connected.spawn(live(peer));
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let memory = program.resident_len().saturating_sub(before);
    let spent = program.processor_time();
    tokio::time::sleep(WATCH).await;
    let spent = program.processor_time() - spent;
    println!(
        "idle: {peers} peers: {} bytes of memory each (target {MEMORY_TARGET}), {:.2} % of a core (target 1)",
        memory / u64::try_from(peers).expect("few"),
        spent.as_secs_f64() / WATCH.as_secs_f64() * 100.0
    );
    assert_eq!(connected.len(), peers, "somebody has lost its link");
}

/// Answers pings until the link ends.
async fn live(mut peer: Peer) {
    while let Some(frame) = peer.receive().await {
        if frame.function == Function::PING {
            let payload = bytes::Bytes::from_static(&[0; 14]);
            let function = Function::PONG;
            peer.send(&[Frame { function, ttl: 1, hops: 0, payload, ..frame }]).await;
        }
    }
}
