//! What liars cost: each sends one wrong piece, and no more.

use filbert::transfer::download::Why;

use super::swarm::{Peer, Swarm, file_of, intent_of};

/// Bytes of the file: 128 pieces.
const LEN: usize = 8 * 1024 * 1024;

fn peers(count: usize, liars: usize, wrong_percent: u32) -> Vec<Peer> {
    let rates = [50_000, 100_000, 200_000, 400_000];
    let peer = |number: usize| Peer {
        rate: rates[number % 4],
        latency_ms: 20 + 30 * (number as u64 % 5),
        wrong_percent: if number * liars % count < liars { wrong_percent } else { 0 },
        ..Peer::default()
    };
    (0..count).map(peer).collect()
}

/// Percent over what was needed, of fifty runs.
fn overheads(liars: usize, wrong_percent: u32, knows_root: bool) -> Vec<u64> {
    let file = file_of(LEN, 1);
    let costs = (0..50).map(|seed| {
        let peers = peers(10, liars, wrong_percent);
        let mut swarm = Swarm::new(file.clone(), intent_of(&file, knows_root), peers, seed);
        swarm.finish();
        let honest = |address| swarm.peers[address].wrong_percent == 0;
        let wronged = swarm.notes.dropped.iter().filter(|(address, _)| honest(address));
        assert_eq!(wronged.count(), 0, "seed {seed}: an honest source was dropped");
        assert!(swarm.notes.dropped.iter().all(|(_, why)| *why == Why::WrongBytes));
        swarm.cost_percent() - 100
    });
    costs.collect()
}

fn judge(what: &str, mut overheads: Vec<u64>) {
    overheads.sort_unstable();
    let mean = overheads.iter().sum::<u64>() as f64 / overheads.len() as f64;
    println!("{what}: {mean:.1} % on average, {} % at worst", overheads.last().unwrap());
    assert!(*overheads.last().unwrap() <= 10, "{what}: {overheads:?}");
}

/// DOWN-02, DOWN-04
#[test]
fn where_nobody_lies_hardly_a_byte_comes_twice() {
    judge("0 of 10 lie", overheads(0, 0, true));
}

/// DOWN-04
#[test]
fn three_of_ten_that_lie_cost_a_tenth_at_most() {
    judge("3 of 10 lie always", overheads(3, 100, true));
    judge("3 of 10 lie sometimes", overheads(3, 20, true));
}

/// DOWN-04
#[test]
fn five_of_ten_that_lie_cost_a_tenth_at_most() {
    judge("5 of 10 lie always", overheads(5, 100, true));
}
