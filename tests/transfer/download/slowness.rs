//! Trees that tell too little, and sources that give hardly anything.

use filbert::base::limits::SOURCES_CONNECTED_MAX;
use filbert::base::time::Time;
use filbert::transfer::download::Row;

use super::swarm::{Peer, Swarm, address, file_of, intent_of, row_of};

const LEN: usize = 9 * 1024 * 1024;

/// DOWN-30: the root is public, and a file of one piece is at one source alone.
#[test]
fn a_tree_that_is_nothing_but_its_root_does_not_make_the_file_one_piece() {
    for knows_root in [true, false] {
        let file = file_of(LEN, 1);
        let root = row_of(&file).root();
        let tree = Some(Row::of_root(LEN as u64, root));
        let slow = Peer { tree, rate: 50, latency_ms: 1, ..Peer::default() };
        let peers = vec![slow, Peer { rate: 400_000, ..Peer::default() }];
        let mut swarm = Swarm::new(file.clone(), intent_of(&file, knows_root), peers, 1);
        swarm.run_until(Time::from_millis(15_000));
        assert!(swarm.download.progress().verified_len > 1_000_000);
        swarm.finish();
        assert!(swarm.now.since(Time::ZERO).as_secs() < 120, "{:?}", swarm.now);
        assert!(swarm.cost_percent() <= 105, "{} %", swarm.cost_percent());
    }
}

/// DOWN-30: nobody has another one.
#[test]
fn bytes_come_where_nobody_has_a_tree_that_tells_enough() {
    let file = file_of(LEN, 1);
    let tree = Some(Row::of_root(LEN as u64, row_of(&file).root()));
    let peers = vec![Peer { tree, rate: 400_000, ..Peer::default() }; 2];
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, true), peers, 1);
    swarm.run_until(Time::from_millis(10_000));
    assert!(swarm.download.progress().done_len > 1_000_000);
    let mut swarm = swarm.restart();
    assert!(swarm.download.progress().done_len > 1_000_000, "what came outlasts a kill");
    swarm.tell(address(0));
    swarm.finish();
}

/// Gives fifty bytes a second, which is enough not to be silent.
fn slow() -> Peer {
    Peer { rate: 50, ..Peer::default() }
}

/// DOWN-31: the last pieces are at sources that hardly give anything, and at others a second time.
#[test]
fn the_last_pieces_are_taken_from_whoever_is_at_them() {
    let file = file_of(300_000, 1);
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, true), vec![slow(); 10], 1);
    swarm.run_until(Time::from_millis(60_000));
    swarm.peers.insert(address(20), Peer { rate: 100_000, ..Peer::default() });
    swarm.tell(address(20));
    let told = swarm.now;
    swarm.finish();
    assert!(swarm.now.since(told).as_secs() < 60, "{:?}", swarm.now.since(told));
    assert_eq!(swarm.notes.dropped, []);
}

/// DOWN-31: as many as there is room for give hardly anything, for ever.
#[test]
fn slow_sources_do_not_keep_the_one_away_that_is_not() {
    let file = file_of(LEN, 1);
    let slow = vec![slow(); SOURCES_CONNECTED_MAX];
    let mut swarm = Swarm::new(file.clone(), intent_of(&file, true), slow, 1);
    swarm.run_until(Time::from_millis(100_000));
    assert_eq!(swarm.called().len(), SOURCES_CONNECTED_MAX);
    swarm.peers.insert(address(30), Peer { rate: 1_000_000, ..Peer::default() });
    swarm.tell(address(30));
    let told = swarm.now;
    swarm.finish();
    assert!(swarm.now.since(told).as_secs() < 120, "{:?}", swarm.now.since(told));
}
