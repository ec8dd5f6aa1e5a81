use std::time::{Duration, Instant};

use filbert::gnutella::link::Role;
use filbert::gnutella::wire::Function;

use crate::leaf_table;
use crate::peer::{Peer, address, query};
use crate::process::Program;

const PEERS: usize = 100;
const QUERIES: u64 = 5_000;
const TARGET: Duration = Duration::from_millis(1);

/// How long a query takes from an ultrapeer through the program to a leaf that has its words, one at a
/// time.
pub(crate) async fn measure() {
    let program = Program::start(&["--role", "ultrapeer"]);
    let mut others = Vec::new();
    for n in 1..PEERS {
        others.push(Peer::connect(program.address, address(256 * n + 1), Role::Leaf).await);
    }
    let mut leaf = Peer::connect(program.address, address(256 * 200), Role::Leaf).await;
    let words: Vec<_> = (0..16).map(|word| format!("word{word}")).collect();
    leaf.send(&leaf_table::messages(&words)).await;
    let mut ultrapeer = Peer::connect(program.address, address(256 * 201), Role::Ultrapeer).await;
    let mut times = Vec::new();
    for number in 0..QUERIES {
        let since = Instant::now();
        ultrapeer.send(&[query(number, "word1 word2 word3", 2, 1)]).await;
        let wait = Duration::from_millis(500);
        // The first ones are lost until the leaf's table is there.
        if tokio::time::timeout(wait, arrival(&mut leaf, number)).await.is_ok() {
            times.push(since.elapsed());
        }
    }
    times.sort_unstable();
    let at = |permille: usize| times[times.len() * permille / 1000];
    println!(
        "relay: a query through the program with {PEERS} peers: median {:.0?}, p99 {:.0?}, most {:.0?} \
         (target p99 {TARGET:?}; {} of {QUERIES} arrived)",
        at(500),
        at(990),
        at(999),
        times.len()
    );
}

async fn arrival(leaf: &mut Peer, number: u64) {
    let guid = query(number, "", 1, 0).guid;
    while let Some(frame) = leaf.receive().await {
        if frame.function == Function::QUERY && frame.guid == guid {
            return;
        }
    }
    panic!("the program has ended the link");
}
