//! How many bytes a file has, where the user has not said it and somebody lies.

use bytes::Bytes;
use filbert::base::limits::{FILE_LEN_MAX, SIZE_TURN_MS};
use filbert::base::time::Time;
use filbert::transfer::download::journal::{self, Intent};
use filbert::transfer::download::{Input, Row, State, Why};

use super::swarm::{Peer, Swarm, address, file_of, intent_of, row_of};

const LEN: usize = 1_000_000;

/// The user knows nothing but the SHA-1.
fn swarm(peers: Vec<Peer>) -> Swarm {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..intent_of(&file, false) };
    Swarm::new(file, intent, peers, 1)
}

/// Has another file, and answers before all others.
fn liar(len: usize, gives_tree: bool) -> Peer {
    let own = Some(file_of(len, 7));
    Peer { own, gives_tree, latency_ms: 1, rate: 2_000_000, ..Peer::default() }
}

/// Nobody who has the file is kept away for long.
fn nobody_is_wronged(swarm: &Swarm) {
    let is_honest = |peer: &Peer| peer.own.is_none() && peer.size.is_none() && peer.tree.is_none();
    let wronged = swarm.notes.dropped.iter().filter(|(who, _)| is_honest(&swarm.peers[who]));
    assert_eq!(wronged.count(), 0, "{:?}", swarm.notes.dropped);
}

/// DOWN-07: a link or a hit says that there is nothing.
#[test]
fn a_file_that_has_bytes_does_not_have_none() {
    let file = file_of(LEN, 1);
    for peers in [vec![], vec![Peer::default()]] {
        let intent = Intent { size: Some(0), ..intent_of(&file, false) };
        let mut swarm = Swarm::new(file.clone(), intent, peers.clone(), 1);
        swarm.run_until(Time::from_millis(60_000));
        assert_eq!(swarm.disk.finished.is_some(), !peers.is_empty());
        assert!(swarm.disk.journal.content().len() < 10_000);
    }
}

/// DOWN-07: a tree of no bytes.
#[test]
fn a_source_that_has_nothing_has_another_file() {
    let nothing = || Peer { tree: Row::new(0, 1_024, vec![[1; 24]]), ..liar(LEN, true) };
    swarm(vec![nothing()]).run_until(Time::from_millis(60_000));
    let mut swarm = swarm(vec![nothing(), Peer::default()]);
    swarm.finish();
    assert_eq!(swarm.notes.dropped, [(address(0), Why::WrongSize)]);
}

/// DOWN-01, DOWN-07: what nobody sends is there at once.
#[test]
fn a_file_without_bytes_is_whole_at_once() {
    for size in [None, Some(0), Some(5)] {
        let file = Bytes::new();
        let intent = Intent { size, ..intent_of(&file, false) };
        Swarm::new(file, intent, Vec::new(), 1).finish();
    }
}

/// DOWN-07: a liar that has all that belongs to another file, the tree too.
#[test]
fn one_that_has_another_file_costs_no_more_than_that_file() {
    for gives_tree in [true, false] {
        for len in [700_000, 1_000_001, 3_000_000] {
            for honest in 1..4 {
                let mut peers = vec![liar(len, gives_tree)];
                peers.extend(vec![Peer { gives_tree, ..Peer::default() }; honest]);
                let mut swarm = swarm(peers);
                swarm.finish();
                nobody_is_wronged(&swarm);
                let cost = swarm.download.progress().received_len;
                assert!(
                    cost <= (LEN + len + 600_000) as u64,
                    "{gives_tree} {len} {honest}: {cost}"
                );
            }
        }
    }
}

/// DOWN-07, DOWN-06
#[test]
fn liars_that_are_more_than_others_are_found_out() {
    for gives_tree in [true, false] {
        let mut peers = vec![liar(700_000, gives_tree); 3];
        peers.push(Peer { gives_tree, ..Peer::default() });
        let mut swarm = swarm(peers);
        swarm.finish();
        nobody_is_wronged(&swarm);
    }
}

/// DOWN-07: there is no room for what a liar says, or no such file at all.
#[test]
fn a_size_for_which_there_is_no_room_is_not_believed_while_others_say_another() {
    let too_large = Peer { size: Some(FILE_LEN_MAX), ..liar(LEN, false) };
    let no_such = Peer { tree: Row::new(1 << 63, 1 << 63, vec![[1; 24]]), ..liar(LEN, true) };
    for liar in [too_large, no_such] {
        let mut swarm = swarm(vec![liar, Peer::default()]);
        swarm.disk.largest = Some(1 << 30);
        swarm.finish();
        nobody_is_wronged(&swarm);
        let stuck = swarm.notes.states.iter().any(|state| matches!(state, State::Stuck(_)));
        assert!(!stuck, "{:?}", swarm.notes.states);
    }
}

/// DOWN-07: nobody says another size; then somebody does.
#[test]
fn the_user_is_told_where_all_say_a_size_for_which_there_is_no_room() {
    let mut swarm = swarm(vec![Peer { size: Some(FILE_LEN_MAX), ..liar(LEN, false) }]);
    swarm.disk.largest = Some(1 << 30);
    swarm.run_until(Time::from_millis(SIZE_TURN_MS / 2));
    assert_eq!(*swarm.download.state(), State::Fetching);
    swarm.run_until(Time::from_millis(2 * SIZE_TURN_MS));
    assert_eq!(*swarm.download.state(), State::Stuck("the disk is full".to_owned()));
    assert_eq!(swarm.notes.calls.len(), 1, "it would say the same again");
    swarm.peers.insert(address(1), Peer::default());
    swarm.tell(address(1));
    swarm.hand_in(Input::Resume);
    swarm.finish();
}

/// DOWN-07: a liar that gives hardly anything, for ever.
#[test]
fn a_slow_liar_does_not_keep_others_away() {
    for gives_tree in [true, false] {
        for liars in 1..3 {
            let slow = Peer { rate: 100, ..liar(30_000_000, gives_tree) };
            let mut peers = vec![slow; liars];
            peers.push(Peer { gives_tree, ..Peer::default() });
            let mut swarm = swarm(peers);
            swarm.finish();
            nobody_is_wronged(&swarm);
            assert!(swarm.now.since(Time::ZERO).as_secs() < 3_600, "{:?}", swarm.now);
        }
    }
}

/// DOWN-07: the user named the root, and a liar says one byte more. The tree shows all pieces but the last.
#[test]
fn what_a_trusted_tree_has_proved_stays_where_the_size_was_a_lie() {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..intent_of(&file, true) };
    let digests = row_of(&file).digests().to_vec();
    let tree = Row::new(LEN as u64 + 1, 65_536, digests);
    let liar = Peer { tree, size: Some(LEN as u64 + 1), latency_ms: 1, ..Peer::default() };
    let mut swarm = Swarm::new(file, intent, vec![liar, Peer::default()], 1);
    swarm.finish();
    nobody_is_wronged(&swarm);
    assert!(swarm.cost_percent() <= 130, "{} %", swarm.cost_percent());
}

/// DOWN-07: one liar does not have us throw away what an earlier run has fetched.
#[test]
fn a_size_of_an_earlier_run_counts_too() {
    let honest = Peer { rate: 50_000, ..Peer::default() };
    let mut before = swarm(vec![honest.clone(), honest]);
    before.run_until(Time::from_millis(8_000));
    let done = before.download.progress().verified_len;
    assert!(done > 200_000);
    let mut swarm = before.restart();
    swarm.peers.insert(address(5), liar(700_000, true));
    swarm.tell(address(5));
    swarm.run_until(Time::from_millis(8_400));
    swarm.tell(address(0));
    swarm.finish();
    assert!(swarm.download.progress().received_len <= LEN as u64 - done / 2 + 100_000);
}

/// DOWN-07, DOWN-09: those that are left have a file of another size, and say nothing of what came.
#[test]
fn what_came_stays_where_all_that_are_left_have_another_size() {
    let honest = Peer { gives_tree: false, rate: 50_000, ..Peer::default() };
    let mut swarm = swarm(vec![honest.clone()]);
    swarm.run_until(Time::from_millis(8_000));
    let done = swarm.download.progress().done_len;
    assert!(done > 200_000, "{done}");
    let other = Peer { gives_tree: false, ..liar(700_000, false) };
    swarm.peers.insert(address(3), other);
    swarm.tell(address(3));
    swarm.run_until(Time::from_millis(9_000));
    let source = swarm.id_of(address(0));
    swarm.hand_in(Input::Nonsense { source });
    swarm.run_until(Time::from_millis(12_000));
    let calls = swarm.notes.calls.len();
    assert_eq!(calls, 2);
    let kept = swarm.download.progress().done_len;
    assert!(kept >= done, "{kept} of {done}");
    swarm.peers.insert(address(4), honest);
    swarm.tell(address(4));
    swarm.finish();
    assert!(swarm.cost_percent() <= 130, "{} %", swarm.cost_percent());
}

/// DOWN-07: the user is told, and nobody is called after that.
#[test]
fn nobody_is_called_once_the_user_has_been_told() {
    let mut swarm = swarm(vec![Peer { size: Some(FILE_LEN_MAX), ..liar(LEN, false) }]);
    swarm.disk.largest = Some(1 << 30);
    swarm.run_until(Time::from_millis(SIZE_TURN_MS / 2));
    swarm.now = Time::from_millis(2 * SIZE_TURN_MS);
    swarm.tell(address(1));
    let now = swarm.now;
    swarm.run_until(now);
    assert_eq!(*swarm.download.state(), State::Stuck("the disk is full".to_owned()));
    assert_eq!(swarm.notes.calls.len(), 1);
}

/// DOWN-05, DOWN-08: a liar gives the tree of a shorter file, which has the same root.
#[test]
fn a_root_that_the_user_has_named_outlasts_a_dispute_of_sizes() {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..intent_of(&file, true) };
    let tree = Some(Row::of_root(500_000, row_of(&file).root()));
    let short = Peer { tree, size: Some(500_000), latency_ms: 1, rate: 500, ..Peer::default() };
    let false_tree = Peer { lies_in_tree: true, latency_ms: 100, ..Peer::default() };
    let honest = Peer { latency_ms: 200, rate: 20_000, ..Peer::default() };
    let peers = vec![short, false_tree, honest.clone(), honest];
    let mut swarm = Swarm::new(file, intent, peers, 1);
    swarm.run_until(Time::from_millis(300));
    assert_eq!(swarm.download.progress().size, Some(500_000));
    swarm.run_until(Time::from_millis(45_000));
    assert_eq!(swarm.download.progress().size, Some(LEN as u64));
    assert!(!swarm.download.shared().is_empty(), "what its tree has proved may be given away");
    swarm.finish();
    assert!(swarm.notes.dropped.contains(&(address(1), Why::WrongTree)));
}

/// DOWN-07: whoever gives hardly anything goes on doing so, and nothing else happens.
#[test]
fn a_turn_ends_at_its_time() {
    let slow = Peer { rate: 500, ..liar(30_000_000, false) };
    let mut swarm = swarm(vec![slow, Peer { gives_tree: false, ..Peer::default() }]);
    swarm.run_until(Time::from_millis(SIZE_TURN_MS));
    assert_eq!(swarm.download.progress().size, Some(30_000_000));
    swarm.run_until(Time::from_millis(SIZE_TURN_MS + 2_000));
    assert_eq!(swarm.download.progress().size, Some(LEN as u64));
}

/// DOWN-07: the user named the root, and there is no room for the size that came with its tree.
#[test]
fn a_tree_goes_with_the_size_for_which_there_is_no_room() {
    let file = file_of(LEN, 1);
    let intent = Intent { size: None, ..intent_of(&file, true) };
    let tree = Row::new(LEN as u64 + 1, 65_536, row_of(&file).digests().to_vec());
    let liar = Peer { tree, size: Some(LEN as u64 + 1), latency_ms: 1, ..Peer::default() };
    let mut swarm = Swarm::new(file, intent, vec![liar], 1);
    swarm.disk.largest = Some(LEN as u64);
    swarm.run_until(Time::from_millis(5_000));
    let left = journal::replay(&swarm.disk.journal.content()).unwrap();
    assert_eq!((left.size, left.tree), (None, None));
    let mut swarm = swarm.restart();
    swarm.disk.largest = Some(LEN as u64);
    swarm.peers.insert(address(1), Peer::default());
    swarm.tell(address(1));
    swarm.finish();
}
