//! What liars cost: each sends one wrong piece, and no more.

use filbert::transfer::download::Why;

use super::swarm::{Peer, Swarm, file_of, intent_of};

/// Bytes of the file: 128 pieces.
const LEN: usize = 8 * 1024 * 1024;

/// Liars, and what they do.
#[derive(Clone, Copy)]
struct Lies {
    liars: usize,
    wrong_percent: u32,
    /// Their trees are of another file too, if they have one at all.
    in_tree: bool,
}

fn peers(count: usize, lies: Lies) -> Vec<Peer> {
    let Lies { liars, wrong_percent, in_tree } = lies;
    let rates = [50_000, 100_000, 200_000, 400_000];
    let peer = |number: usize| Peer {
        rate: rates[number % 4],
        latency_ms: 20 + 30 * (number as u64 % 5),
        wrong_percent: if number * liars % count < liars { wrong_percent } else { 0 },
        lies_in_tree: in_tree && number * liars % count < liars,
        ..Peer::default()
    };
    (0..count).map(peer).collect()
}

/// Percent over what was needed, of fifty runs.
fn overheads(lies: Lies, knows_root: bool) -> Vec<f64> {
    let file = file_of(LEN, 1);
    let mut took_ms = 0;
    let costs = (0..50).map(|seed| {
        let peers = peers(10, lies);
        let mut swarm = Swarm::new(file.clone(), intent_of(&file, knows_root), peers, seed);
        swarm.finish();
        let honest = |address| swarm.peers[address].wrong_percent == 0;
        let wronged = swarm.notes.dropped.iter().filter(|(address, _)| honest(address));
        assert_eq!(wronged.count(), 0, "seed {seed}: an honest source was dropped");
        let is_lie = |why: Why| matches!(why, Why::WrongBytes | Why::WrongTree);
        assert!(swarm.notes.dropped.iter().all(|(_, why)| is_lie(*why)));
        took_ms += swarm.now.as_micros() / 1_000;
        swarm.download.progress().received_len as f64 * 100.0 / LEN as f64 - 100.0
    });
    let costs = costs.collect();
    println!("it took {} ms on average", took_ms / 50);
    costs
}

fn judge(what: &str, overheads: &[f64]) {
    let mean = overheads.iter().sum::<f64>() / overheads.len() as f64;
    let worst = overheads.iter().fold(0.0, |worst: f64, one| worst.max(*one));
    println!("{what}: {mean:.2} % on average, {worst:.2} % at worst");
    assert!(worst <= 10.0, "{what}: {overheads:?}");
}

const fn lies(liars: usize, wrong_percent: u32) -> Lies {
    Lies { liars, wrong_percent, in_tree: false }
}

/// DOWN-02, DOWN-04
#[test]
fn where_nobody_lies_hardly_a_byte_comes_twice() {
    for knows_root in [true, false] {
        judge("0 of 10 lie", &overheads(lies(0, 0), knows_root));
    }
}

/// DOWN-04
#[test]
fn three_of_ten_that_lie_cost_a_tenth_at_most() {
    judge("3 of 10 lie always", &overheads(lies(3, 100), true));
    judge("3 of 10 lie sometimes", &overheads(lies(3, 20), true));
}

/// DOWN-04, DOWN-05: the user has named no root.
#[test]
fn three_of_ten_that_lie_cost_a_tenth_at_most_without_a_root() {
    judge("3 of 10 lie always, no root", &overheads(lies(3, 100), false));
    judge("3 of 10 lie sometimes, no root", &overheads(lies(3, 20), false));
}

/// DOWN-04: they have trees of another file, and bytes of none.
#[test]
fn three_of_ten_that_lie_in_their_trees_too_cost_a_tenth_at_most() {
    let in_tree = Lies { in_tree: true, ..lies(3, 100) };
    judge("3 of 10 lie always, in trees too", &overheads(in_tree, true));
}

/// DOWN-05, DOWN-37: nobody knows the root, and the first tree is a false one.
#[test]
fn three_of_ten_that_lie_in_their_trees_too_cost_a_tenth_at_most_without_a_root() {
    for wrong_percent in [100, 20] {
        let lies = Lies { in_tree: true, ..lies(3, wrong_percent) };
        let what = format!("3 of 10 lie in {wrong_percent} %, in trees too, no root");
        judge(&what, &overheads(lies, false));
    }
}

/// DOWN-04
#[test]
fn five_of_ten_that_lie_cost_a_tenth_at_most() {
    judge("5 of 10 lie always", &overheads(lies(5, 100), true));
}
