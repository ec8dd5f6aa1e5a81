//! Sources that have a part of the file.

use filbert::base::limits::{PART_POLL_MAX_MS, PART_POLL_MS};
use filbert::base::ranges::{ByteRange, RangeSet};
use filbert::base::time::Time;
use filbert::transfer::download::{Input, Outcome, Wanted, Why};

use super::swarm::{Peer, Swarm, address, file_of, intent_of};

const LEN: usize = 1_000_000;
const PIECE: u64 = 65_536;

fn swarm(peers: Vec<Peer>) -> Swarm {
    Swarm::with_root(LEN, peers)
}

fn first(pieces: u64) -> Option<RangeSet> {
    Some(RangeSet::from(ByteRange::new(0, pieces * PIECE)))
}

/// When bytes were asked of it.
fn asked(swarm: &Swarm, number: usize) -> Vec<u64> {
    let asks = swarm.notes.asks.iter();
    let asks = asks.filter(|(_, who, ask)| *who == address(number) && ask.what != Wanted::Tree);
    asks.map(|(at, ..)| at.as_micros() / 1_000).collect()
}

/// DOWN-20: over the connection that stands, as long as the source may have more, at the limits and not later.
#[test]
fn a_source_of_parts_is_asked_again_soon_and_then_more_seldom() {
    let mut swarm = swarm(vec![Peer { has: first(2), ..Peer::default() }]);
    swarm.run_until(Time::from_millis(300_000));
    let waits = |asked: &[u64]| asked.windows(2).map(|two| two[1] - two[0]).collect::<Vec<_>>();
    let rests = |waits: &[u64]| {
        let rests: Vec<u64> = waits.iter().copied().filter(|wait| *wait > 2_000).collect();
        rests.iter().map(|wait| wait / 5_000 * 5_000).collect::<Vec<_>>()
    };
    let before = asked(&swarm, 0);
    assert_eq!(
        rests(&waits(&before))[..5],
        [PART_POLL_MS, 10_000, 20_000, 40_000, PART_POLL_MAX_MS]
    );
    // It has something new, and is worth another look soon.
    swarm.peers.get_mut(&address(0)).unwrap().has = first(4);
    swarm.run_until(Time::from_millis(400_000));
    let after = asked(&swarm, 0).split_off(before.len());
    assert_eq!(rests(&waits(&after))[..2], [PART_POLL_MS, 10_000]);
    swarm.peers.get_mut(&address(0)).unwrap().has = None;
    swarm.finish();
    assert_eq!(swarm.notes.calls.len(), 1, "the connection stays");
}

/// DOWN-20: what it said holds, so that one request is enough to see whether it has more.
#[test]
fn a_source_that_does_not_say_what_it_has_is_asked_for_one_thing_at_a_time() {
    let peer = Peer { has: first(2), hides_parts: true, ..Peer::default() };
    let mut swarm = swarm(vec![peer]);
    swarm.run_until(Time::from_millis(20_000));
    let before = asked(&swarm, 0).len();
    swarm.run_until(Time::from_millis(620_000));
    let looks = asked(&swarm, 0).len() - before;
    assert!((12..=18).contains(&looks), "{looks}");
    swarm.peers.get_mut(&address(0)).unwrap().has = None;
    swarm.finish();
    assert_eq!(swarm.notes.calls.len(), 1, "the connection stays");
}

/// DOWN-20: it rests, and has what another one was asked for who goes.
#[test]
fn a_source_that_rests_brings_at_once_what_another_one_leaves() {
    let all = Some(RangeSet::from(ByteRange::new(0, LEN as u64)));
    let phases = |swarm: &Swarm| swarm.download.sources().map(|one| one.phase).collect::<Vec<_>>();
    // Whether it rests before the other one has sent all depends on how fast both are.
    let at_rest = (10_000..30_000).step_by(1_000).find_map(|rate| {
        let part = Peer { has: all.clone(), rate, ..Peer::default() };
        let mut swarm = swarm(vec![Peer { rate: 30_000, ..Peer::default() }, part]);
        let is_at_rest = (0..60_000).step_by(20).any(|at| {
            swarm.run_until(Time::from_millis(at));
            phases(&swarm) == ["sending", "has nothing new"]
        });
        is_at_rest.then_some(swarm)
    });
    let mut swarm = at_rest.unwrap();
    // In the middle of its wait.
    let (now, before) = (swarm.now, asked(&swarm, 1).len());
    let source = swarm.id_of(address(0));
    swarm.hand_in(Input::Lost { source });
    swarm.run_until(now.after_ms(1));
    assert_eq!(asked(&swarm, 1).len(), before + 1, "{:?}", swarm.download.progress());
}

/// DOWN-20: it would be asked without end.
#[test]
fn a_source_that_refuses_what_it_says_it_has_is_given_up() {
    let says_first = vec![Outcome::NotTheseBytes { size: None }; 100_000];
    let liar = Peer { has: first(20), says_first, ..Peer::default() };
    let mut swarm = swarm(vec![liar]);
    swarm.run_until(Time::from_millis(24 * 3_600_000));
    assert!(swarm.notes.asks.len() < 30, "{}", swarm.notes.asks.len());
    assert_eq!(swarm.notes.dropped, [(address(0), Why::Unreachable)]);
}

/// It is no source of parts, and the beginning can be used soon.
#[test]
fn whoever_says_that_it_has_all_of_it_is_asked_from_the_first_byte_on() {
    for seed in 1..=8 {
        let all = Some(RangeSet::from(ByteRange::new(0, LEN as u64)));
        let file = file_of(LEN, 1);
        let intent = intent_of(&file, true);
        let peers = vec![Peer { has: all, rate: 20_000, ..Peer::default() }];
        let mut swarm = Swarm::new(file, intent, peers, seed);
        swarm.finish();
        let starts = swarm.notes.asks.iter().filter_map(|(_, _, ask)| match ask.what {
            Wanted::Bytes(range) => Some(range.start),
            Wanted::Tree => None,
        });
        let starts: Vec<u64> = starts.collect();
        assert!(starts.len() > 2 && starts.is_sorted(), "seed {seed}: {starts:?}");
    }
}
