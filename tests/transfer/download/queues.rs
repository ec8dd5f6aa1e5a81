//! Sources that have us wait, and others that need not.

use std::collections::BTreeSet;

use filbert::base::limits::{SOURCES_CONNECTED_MAX, SOURCES_QUEUED_MAX};
use filbert::base::time::Time;
use filbert::transfer::download::Outcome;

use super::swarm::{Peer, Swarm, address};

const LEN: usize = 1_000_000;

fn swarm(peers: Vec<Peer>) -> Swarm {
    Swarm::with_root(LEN, peers)
}

/// Has us wait for days, and asked for our place every so often.
fn waits(poll_min_ms: u64, ticket: Option<&str>, place: u32) -> Peer {
    let ticket = ticket.map(str::to_owned);
    let (poll_max_ms, place) = (poll_min_ms * 4, Some(place));
    let queued = Outcome::Queued { poll_min_ms, poll_max_ms, ticket, place };
    Peer { says_first: vec![queued; 5_000], ..Peer::default() }
}

/// DOWN-24: liars may give our place a name, have us ask every second, or take half a minute for an answer.
#[test]
fn sources_that_have_us_wait_do_not_keep_the_one_away_that_does_not() {
    let named = waits(45_000, Some("a1"), 3);
    let nameless = waits(45_000, None, 3);
    let hasty = waits(1_000, Some("a1"), 3);
    let slow = Peer { latency_ms: 14_000, ..waits(1_000, None, 3) };
    for (liar, secs_max) in [(named, 30), (nameless, 30), (hasty, 30), (slow, 120)] {
        let mut swarm = swarm(vec![liar; SOURCES_CONNECTED_MAX]);
        swarm.run_until(Time::from_millis(100_000));
        assert_eq!(swarm.called().len(), SOURCES_CONNECTED_MAX);
        let whole = address(SOURCES_CONNECTED_MAX);
        swarm.peers.insert(whole, Peer::default());
        swarm.tell(whole);
        let told = swarm.now;
        swarm.finish();
        let took = swarm.now.since(told).as_secs();
        assert!(took < secs_max, "{took} s");
    }
}

/// DOWN-24: whoever has us wait is called after all others, however many they are.
#[test]
fn all_are_called_once_before_liars_are_called_twice() {
    let mut swarm = swarm(vec![waits(1_000, Some("a1"), 3); 100]);
    swarm.peers.insert(address(100), Peer::default());
    swarm.tell(address(100));
    swarm.finish();
    assert!(swarm.now.since(Time::ZERO).as_secs() < 60, "{:?}", swarm.now);
}

/// DOWN-24, DOWN-13: a place with a name is asked for in time, over a connection that is made for it.
#[test]
fn a_place_with_a_name_is_kept_over_another_connection() {
    let mut swarm = swarm(vec![waits(45_000, Some("a1"), 3); SOURCES_CONNECTED_MAX + 1]);
    swarm.run_until(Time::from_millis(3_600_000));
    assert_eq!(swarm.called().len(), SOURCES_CONNECTED_MAX + 1);
    assert_eq!(swarm.download.progress().queued, SOURCES_CONNECTED_MAX + 1);
    for number in 0..=SOURCES_CONNECTED_MAX {
        let asks = swarm.notes.asks.iter().filter(|(_, who, _)| *who == address(number));
        let asks: Vec<_> = asks.skip(2).collect();
        assert!(asks.len() > 20, "{number}: {}", asks.len());
        for two in asks.windows(2) {
            let waited = two[1].0.since(two[0].0).as_millis();
            assert!((45_000..180_000).contains(&waited), "{number}: {waited}");
            assert_eq!(two[1].2.ticket.as_deref(), Some("a1"));
        }
    }
}

/// DOWN-24: at the limit and one past it. Those stay whose queues moved last, and nobody goes for somebody who has
/// had us wait before.
#[test]
fn so_many_wait_in_queues_beside_others() {
    let room = SOURCES_CONNECTED_MAX - SOURCES_QUEUED_MAX;
    let mut swarm = swarm(vec![waits(45_000, None, 90); SOURCES_CONNECTED_MAX]);
    swarm.run_until(Time::from_millis(100_000));
    let moved: BTreeSet<_> = (0..SOURCES_QUEUED_MAX).map(address).collect();
    for place in &moved {
        let peer = swarm.peers.get_mut(place).unwrap();
        for said in &mut peer.says_first {
            if let Outcome::Queued { place, .. } = said {
                *place = Some(89);
            }
        }
    }
    swarm.run_until(Time::from_millis(300_000));
    assert!(swarm.notes.disconnects.is_empty(), "nobody else waits");
    let others = SOURCES_CONNECTED_MAX..SOURCES_CONNECTED_MAX + room;
    for number in others.clone() {
        swarm.peers.insert(address(number), waits(45_000, None, 1));
        swarm.tell(address(number));
    }
    // There is room for as many, and for none more as long as they are called.
    let silent = address(others.end);
    swarm.tell(silent);
    swarm.run_until(Time::from_millis(300_050));
    assert_eq!(swarm.called(), (0..others.end).map(address).collect());
    swarm.run_until(Time::from_millis(1_800_000));
    assert!(swarm.called().contains(&silent));
    let ended: Vec<_> = swarm.notes.disconnects.iter().map(|(_, who)| *who).collect();
    assert!(ended.iter().take(room).all(|who| !moved.contains(who)), "{ended:?}");
    assert_eq!(ended.len(), room + 1, "none goes for those that come back");
}
