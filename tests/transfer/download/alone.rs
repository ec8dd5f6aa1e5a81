//! One source at a time, where somebody lies and nobody knows who.

use filbert::base::time::Time;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, Input, Origin, Outcome, Wanted, Why};

use super::swarm::{Peer, Swarm, address, answer, file_of, intent_of};

const LEN: usize = 1_000_000;
const MINUTE_MS: u64 = 60_000;

fn swarm(peers: Vec<Peer>) -> Swarm {
    let peers = peers.into_iter().map(|peer| Peer { gives_tree: false, ..peer }).collect();
    let file = file_of(LEN, 1);
    let intent = intent_of(&file, false);
    Swarm::new(file, intent, peers, 1)
}

fn liar() -> Peer {
    Peer { wrong_percent: 30, rate: 2_000_000, latency_ms: 1, ..Peer::default() }
}

/// Whom the user names, and who is not there.
fn name_dead(swarm: &mut Swarm, count: usize) {
    for number in 50..50 + count {
        swarm.peers.insert(address(number), Peer { is_reachable: false, ..Peer::default() });
        swarm.hand_in(Input::Found(Finding::by_urn(address(number), Origin::User)));
    }
}

/// DOWN-36: a link names hosts that are gone.
#[test]
fn nobody_is_waited_for_who_is_not_there() {
    for dead in [1, 5] {
        let mut swarm = swarm(Vec::new());
        name_dead(&mut swarm, dead);
        for (number, peer) in [liar(), Peer::default()].into_iter().enumerate() {
            let peer = Peer { gives_tree: false, ..peer };
            swarm.peers.insert(address(number), peer);
            swarm.tell(address(number));
        }
        swarm.finish();
        let secs = swarm.now.since(Time::ZERO).as_secs();
        assert!(secs < 10 * 60, "{dead}: {secs} s");
    }
}

/// DOWN-36: one that gives next to nothing, one that has us wait, and one that is busy for ever.
#[test]
fn whoever_gives_nothing_is_not_asked_alone_for_ever() {
    let place =
        Outcome::Queued { poll_min_ms: 30_000, poll_max_ms: 60_000, ticket: None, place: Some(1) };
    let slow = Peer { rate: 100, ..Peer::default() };
    let queue = Peer { says_first: vec![place; 500], ..Peer::default() };
    let busy = Outcome::Busy { retry_ms: Some(20_000) };
    let busy = Peer { says_first: vec![busy; 500], ..Peer::default() };
    for useless in [slow, queue, busy] {
        let mut swarm = swarm(vec![useless, liar()]);
        swarm.run_until(Time::from_millis(2 * MINUTE_MS));
        swarm.peers.insert(address(7), Peer { gives_tree: false, ..Peer::default() });
        swarm.tell(address(7));
        let told = swarm.now;
        swarm.finish();
        let secs = swarm.now.since(told).as_secs();
        assert!(secs < 40 * 60, "{secs} s");
    }
}

/// DOWN-36: two that are slow, each as slow as may be, come to an end.
#[test]
fn those_that_are_slow_come_to_an_end_all_the_same() {
    let slow = Peer { rate: 900, ..Peer::default() };
    let mut swarm = swarm(vec![slow.clone(), slow, liar()]);
    swarm.finish();
}

/// DOWN-07: the one that is asked alone says another size each time.
#[test]
fn whoever_changes_its_size_is_not_believed() {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..intent_of(&file, false) };
    let liar = Peer { gives_tree: false, ..liar() };
    let mut swarm = Swarm::new(file, intent, vec![liar], 1);
    // It lies once, and is asked alone then, for there is nobody else.
    let honest = Peer { gives_tree: false, rate: 20_000, ..Peer::default() };
    swarm.peers.insert(address(1), honest.clone());
    swarm.peers.insert(address(2), honest);
    swarm.tell(address(1));
    swarm.tell(address(2));
    let is_alone = |swarm: &Swarm| swarm.disk.begun_again > 0;
    while !is_alone(&swarm) {
        let next = swarm.now.after_ms(100);
        swarm.run_until(next);
    }
    for peer in swarm.peers.values_mut() {
        peer.says_first.clear();
    }
    let begun = swarm.notes.asks.len();
    let next = swarm.now.after_ms(1_000);
    swarm.run_until(next);
    let (_, who, _) = swarm.notes.asks[begun..].last().cloned().unwrap();
    for number in 0..50_u64 {
        let size = LEN as u64 + number;
        let peer = swarm.peers.get_mut(&who).unwrap();
        peer.size = Some(size);
        let source = swarm.id_of(who);
        let asked = swarm.notes.asks.iter().rev().find(|(_, by, _)| *by == who).cloned();
        let Some((_, _, ask)) = asked else { continue };
        let Wanted::Bytes(range) = ask.what else { continue };
        let answer = answer(Outcome::Bytes { range, size: Some(size) });
        swarm.hand_in(Input::Answered { source, answer });
        let next = swarm.now.after_ms(2_000);
        swarm.run_until(next);
    }
    assert!(swarm.disk.begun_again < 5, "{}", swarm.disk.begun_again);
    assert!(swarm.notes.dropped.contains(&(who, Why::WrongSize)), "{:?}", swarm.notes.dropped);
    swarm.finish();
}
