//! Trees that nobody vouches for, and what comes beside them.

use filbert::transfer::download::{Outcome, Why};

use super::swarm::{Peer, Swarm, address, file_of, intent_of, row_of};

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

/// DOWN-37: liars come first and speak against the right tree, of which each convicts another.
#[test]
fn a_right_tree_that_liars_speak_against_is_used_all_the_same() {
    let liar = Peer { wrong_percent: 100, rate: 20_000, ..early() };
    let mut swarm = swarm(vec![liar.clone(), liar, late(), late(), late()]);
    swarm.finish();
    assert!(swarm.cost_percent() <= 120, "{} %", swarm.cost_percent());
    let lied = |number| swarm.notes.dropped.contains(&(address(number), Why::WrongBytes));
    assert!(!lied(2) && !lied(3) && !lied(4), "{:?}", swarm.notes.dropped);
}

/// DOWN-37: nobody but the one that is honest has a tree, and of the liars each convicts another.
#[test]
fn the_only_honest_source_is_believed_against_two_liars() {
    for rate in [20_000, 100_000] {
        let liar = Peer { wrong_percent: 100, rate, ..early() };
        let honest = Peer { latency_ms: 300, ..late() };
        let mut swarm = swarm(vec![liar.clone(), liar, honest]);
        swarm.finish();
        assert!(swarm.cost_percent() <= 115, "{rate}: {} %", swarm.cost_percent());
    }
}

/// DOWN-37: one false tree after the other costs a few pieces each, for what came before all of them stays.
#[test]
fn each_false_tree_that_comes_late_costs_little() {
    let tree_of = |seed| Some(row_of(&file_of(LEN, seed)));
    let liar = |seed| Peer { tree: tree_of(seed), ..late() };
    let mut swarm = swarm(vec![early(), early(), liar(21), liar(22), liar(23)]);
    swarm.finish();
    assert!(swarm.cost_percent() <= 125, "{} %", swarm.cost_percent());
}

/// DOWN-37: each of the honest speaks against the false tree at another piece, and none of them is shelved for it.
#[test]
fn those_that_speak_against_a_late_false_tree_at_different_pieces_convict_it_together() {
    let own = file_of(LEN, 999);
    let liar = Peer { own: Some(own.clone()), tree: Some(row_of(&own)), ..late() };
    for count in [2, 5] {
        let honest = (0..count).map(|number| Peer { rate: 60_000 + 7_000 * number, ..early() });
        let mut swarm = swarm(honest.chain([liar.clone()]).collect());
        swarm.finish();
        assert!(swarm.cost_percent() <= 115, "{count}: {} %", swarm.cost_percent());
        assert_eq!(swarm.notes.dropped.len(), 1, "{:?}", swarm.notes.dropped);
    }
}

/// DOWN-37: whoever gave it only has us wait.
#[test]
fn a_late_false_tree_of_somebody_who_sends_nothing_stops_nobody() {
    let queued =
        || Outcome::Queued { poll_min_ms: 30_000, poll_max_ms: 60_000, ticket: None, place: None };
    let mut says_first = vec![Outcome::Tree { len: 1_000 }];
    says_first.extend((0..1_000).map(|_| queued()));
    let liar = Peer { lies_in_tree: true, says_first, ..late() };
    let mut swarm = swarm(vec![early(), Peer { rate: 70_000, ..early() }, liar]);
    swarm.finish();
    let took_ms = swarm.now.as_micros() / 1_000;
    assert!(took_ms < 60_000 && swarm.cost_percent() <= 110, "{took_ms} ms");
}
