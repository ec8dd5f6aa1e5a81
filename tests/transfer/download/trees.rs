//! Trees that nobody vouches for, and what comes beside them.

use filbert::base::time::Time;
use filbert::transfer::download::Why;

use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 4 * 1024 * 1024;

fn swarm(peers: Vec<Peer>) -> Swarm {
    let file = file_of(LEN, 1);
    let intent = intent_of(&file, false);
    Swarm::new(file, intent, peers, 1)
}

/// Somebody who comes at once and has no tree.
fn early() -> Peer {
    Peer { gives_tree: false, latency_ms: 1, rate: 100_000, ..Peer::default() }
}

fn late() -> Peer {
    Peer { latency_ms: 1_500, rate: 100_000, ..Peer::default() }
}

/// DOWN-37: what two have sent speaks against it, and nothing is fetched again.
#[test]
fn a_false_tree_that_comes_late_costs_nothing() {
    let liar = Peer { lies_in_tree: true, rate: 1_000, ..late() };
    let mut swarm = swarm(vec![early(), early(), liar]);
    swarm.finish();
    assert!(swarm.cost_percent() <= 105, "{} %", swarm.cost_percent());
}

/// DOWN-37: liars come first and speak against the right tree, until as many others speak for it.
#[test]
fn a_right_tree_that_liars_speak_against_is_used_all_the_same() {
    let liar = Peer { wrong_percent: 100, rate: 20_000, ..early() };
    let mut swarm = swarm(vec![liar.clone(), liar, late(), late(), late()]);
    swarm.run_until(Time::from_millis(8_000));
    let progress = swarm.download.progress();
    assert!(progress.done_len > 100_000 && progress.verified_len == 0, "two speak against it");
    swarm.finish();
    assert!(swarm.cost_percent() <= 120, "{} %", swarm.cost_percent());
    let lied = |number| swarm.notes.dropped.contains(&(address(number), Why::WrongBytes));
    assert!(!lied(2) && !lied(3) && !lied(4), "{:?}", swarm.notes.dropped);
}
