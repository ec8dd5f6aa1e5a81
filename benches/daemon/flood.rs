use std::time::{Duration, Instant};

use filbert::gnutella::link::Role;
use tokio::task::JoinSet;

use crate::leaf_table;
use crate::peer::{Peer, address, query};
use crate::process::Program;

const SENDERS: u64 = 4;
const QUERIES: u64 = 100_000;
const TARGET: f64 = 200_000.0;
/// Who hears nothing for so long will hear nothing more.
const SILENCE: Duration = Duration::from_secs(5);

/// How many messages a second are routed: queries of four ultrapeers, each to the one leaf of 30 that
/// has its words.
pub(crate) async fn measure() {
    let program = Program::start(&["--role", "ultrapeer"]);
    let mut leaves = Vec::new();
    for n in 0..30_usize {
        let mut leaf = Peer::connect(program.address, address(256 * n + 1), Role::Leaf).await;
        let words: Vec<_> = (0..8).map(|word| format!("leaf{n}word{word}")).collect();
        leaf.send(&leaf_table::messages(&words)).await;
        leaves.push(leaf);
    }
    let mut senders = Vec::new();
    for n in 0..SENDERS {
        let from = address(256 * (200 + usize::try_from(n).expect("few")));
        senders.push(Peer::connect(program.address, from, Role::Ultrapeer).await);
    }
    for (leaf, n) in leaves.iter_mut().zip(0..) {
        settle(&mut senders[0], leaf, n).await;
    }
    let (before, since) = (program.processor_time(), Instant::now());
    let mut receivers = JoinSet::new();
    let expected = usize::try_from(QUERIES * SENDERS / 30).expect("few");
    for mut leaf in leaves {
        receivers.spawn(async move {
            let counted = leaf.count_up_to(expected, SILENCE).await;
            (leaf, counted)
        });
    }
    let mut sending = JoinSet::new();
    for (mut sender, n) in senders.into_iter().zip(0..) {
        sending.spawn(async move {
            let queries: Vec<_> = (0..QUERIES).map(|m| one(n * QUERIES + m)).collect();
            sender.send(&queries).await;
            sender
        });
    }
    let senders = sending.join_all().await;
    let done = receivers.join_all().await;
    let (took, spent) = (since.elapsed(), program.processor_time() - before);
    let received: usize = done.iter().map(|(_, counted)| counted).sum();
    let routed = QUERIES * SENDERS;
    println!(
        "flood: {routed} queries of {SENDERS} ultrapeers in {took:.2?}: {:.0} a second (target {TARGET:.0}), \
         {:.2} us of processor each, {received} copies arrived",
        routed as f64 / took.as_secs_f64(),
        spent.as_secs_f64() * 1e6 / routed as f64
    );
    drop(senders);
}

fn one(number: u64) -> filbert::gnutella::wire::Frame {
    let leaf = number % 30;
    query(number, &format!("leaf{leaf}word1 leaf{leaf}word2 leaf{leaf}word3"), 2, 1)
}

/// Asks until the leaf's table is there.
async fn settle(sender: &mut Peer, leaf: &mut Peer, n: u64) {
    for attempt in 1..200 {
        let words = format!("leaf{n}word5 leaf{n}word6 leaf{n}word7");
        sender.send(&[query(u64::MAX - attempt * 64 - n, &words, 2, 1)]).await;
        let wait = Duration::from_millis(200);
        if tokio::time::timeout(wait, leaf.count_queries(1)).await.is_ok() {
            return;
        }
    }
    panic!("the table does not arrive");
}
