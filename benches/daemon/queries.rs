use std::time::{Duration, Instant};

use filbert::gnutella::link::Role;
use tokio::task::JoinSet;

use crate::leaf_table;
use crate::peer::{Peer, address, query};
use crate::process::Program;

const LEAVES: usize = 100;
const QUERIES: u64 = 20_000;
/// Words of one kind of file: three of them make a query.
const WORDS: usize = 60;
/// Who hears nothing for so long will hear nothing more.
const SILENCE: Duration = Duration::from_secs(5);
/// Who is not done by then never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// Processor time of the whole program for one query of an ultrapeer, with 100 leaves.
pub(crate) async fn measure() {
    println!(
        "queries: processor time of the whole program a query, {LEAVES} leaves, {QUERIES} at once"
    );
    for (matching, target_us) in [(5, 3.2), (100, 62.0)] {
        one(matching, target_us).await;
    }
}

async fn one(matching: usize, target_us: f64) {
    let program = Program::start(&["--role", "ultrapeer"]);
    let mut leaves = Vec::new();
    for n in 0..LEAVES {
        let mut leaf = Peer::connect(program.address, address(256 * n + 1), Role::Leaf).await;
        leaf.send(&leaf_table::messages(&words_of(n / matching))).await;
        leaves.push(leaf);
    }
    let mut ultrapeer = Peer::connect(program.address, address(256 * 200), Role::Ultrapeer).await;
    settle(&mut ultrapeer, &mut leaves, matching).await;

    let queries: Vec<_> = (0..QUERIES).map(|n| query(n, &text(n, matching), 2, 1)).collect();
    let expected = usize::try_from(QUERIES).expect("few") * matching / LEAVES;
    let (before, since) = (program.processor_time(), Instant::now());
    let mut receivers = JoinSet::new();
    for mut leaf in leaves {
        receivers.spawn(async move {
            let counted = leaf.count_up_to(expected, SILENCE).await;
            (leaf, counted)
        });
    }
    ultrapeer.send(&queries).await;
    let done = receivers.join_all().await;
    let (took, spent) = (since.elapsed(), program.processor_time() - before);
    let received: usize = done.iter().map(|(_, counted)| counted).sum();
    let sent = expected * LEAVES;
    let each_us = spent.as_secs_f64() * 1e6 / QUERIES as f64;
    println!(
        "  {matching:>3} of {LEAVES} match: {each_us:.2} us a query (target {target_us}), {took:.0?} in all, \
         {received} of {sent} copies arrived"
    );
}

/// The words of one kind of file. Leaves of the same kind have the same.
fn words_of(kind: usize) -> Vec<String> {
    (0..WORDS).map(|word| format!("kind{kind}word{word}")).collect()
}

/// Three words of one kind, other ones each time.
fn text(number: u64, matching: usize) -> String {
    let kinds = LEAVES / matching;
    let number = usize::try_from(number).expect("few");
    let (kind, mut rest) = (number % kinds, number / kinds);
    // The combinations of three words in order.
    for first in 0..WORDS {
        for second in first + 1..WORDS {
            let thirds = WORDS - second - 1;
            if rest < thirds {
                let third = second + 1 + rest;
                return format!(
                    "kind{kind}word{first} kind{kind}word{second} kind{kind}word{third}"
                );
            }
            rest -= thirds;
        }
    }
    panic!("there are more queries than combinations");
}

/// Asks until every leaf has been asked: their tables have arrived then.
async fn settle(ultrapeer: &mut Peer, leaves: &mut [Peer], matching: usize) {
    let kinds = u64::try_from(LEAVES / matching).expect("few");
    let since = Instant::now();
    for attempt in 1.. {
        assert!(since.elapsed() < PATIENCE, "the tables do not arrive");
        // No query of the measurement: the words come from the end.
        let asked: Vec<_> = (0..kinds)
            .map(|kind| {
                let text = text(kinds * 20_500 + kind, matching);
                query(u64::MAX - kinds * attempt - kind, &text, 2, 1)
            })
            .collect();
        ultrapeer.send(&asked).await;
        let mut heard = 0;
        for leaf in &mut *leaves {
            let wait = Duration::from_millis(if heard == 0 { 500 } else { 50 });
            if tokio::time::timeout(wait, leaf.count_queries(1)).await.is_ok() {
                heard += 1;
            }
        }
        if heard == leaves.len() {
            return;
        }
    }
}
