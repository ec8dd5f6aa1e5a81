//! Forwarded searches in a network: what is found, by whom, and what it costs.

use std::collections::BTreeSet;

use filbert::base::time::Time;
use filbert::fasttrack::neighbours::Ended;

use super::net::{Net, Search, Seen, address};

fn calm(seed: u64, count: usize, degree: usize) -> Net {
    let mut net = Net::ring(seed, count, degree);
    net.run_until(Time::from_millis(60_000));
    net.seen = Seen::default();
    net
}

/// FTPEER-16, FTPEER-18, FTPEER-19: where there are no more than sixty others, what one of them has is
/// found, whoever asks, and comes home from it.
#[test]
fn in_a_small_network_everything_is_found() {
    let mut net = calm(1, 60, 6);
    let keys: Vec<_> = (0..60)
        .map(|id| {
            let holder = (id + 29) % 60;
            net.node(holder).files.insert(format!("rare{id}"), 3);
            (net.search(id, &format!("rare{id}"), 200), holder)
        })
        .collect();
    net.run_ms(60_000);
    for (key, holder) in keys {
        let Search { results, from, ended, began } = &net.searches[&key];
        assert_eq!((*results, from), (3, &BTreeSet::from([address(holder)])));
        let (at, why) = ended.unwrap();
        assert!(why == Ended::Exhausted && at.since(*began).as_secs() < 20);
    }
    assert_eq!((net.seen.searches, net.seen.loops), (60 * 59, 0));
}

/// FTPEER-16: what many have is found at the first few, and no more results come than were wanted.
#[test]
fn what_is_common_costs_few_messages() {
    let mut net = calm(2, 200, 10);
    let all: Vec<_> = net.alive().collect();
    for id in all {
        net.node(id).files.insert("hit".into(), 40);
    }
    let keys: Vec<_> = (0..50).map(|id| net.search(id * 4, "hit", 200)).collect();
    net.run_ms(60_000);
    for key in keys {
        let Search { results, ended, .. } = &net.searches[&key];
        assert_eq!((*results, ended.map(|it| it.1)), (200, Some(Ended::Enough)));
    }
    println!("{} supernodes were asked by 50 searches", net.seen.searches);
    assert!(net.seen.searches <= 50 * 11);
}

/// FTPEER-16: of 200 others a search reaches sixty, and one that is made again reaches others.
#[test]
fn the_same_search_again_reaches_others() {
    let mut net = calm(3, 200, 10);
    for holder in [50, 100, 150] {
        net.node(holder).files.insert("rare".into(), 1);
    }
    let mut found = BTreeSet::new();
    for round in 1..=20 {
        let key = net.search(0, "rare", 200);
        net.run_ms(30_000);
        let Search { from, ended, .. } = &net.searches[&key];
        found.extend(from.iter().copied());
        assert!(ended.is_some());
        assert_eq!(net.seen.searches, round * 60);
    }
    assert_eq!(found.len(), 3);
}

/// FTPEER-16, FTPEER-20: who does not answer holds up one place of six, and is asked last afterwards.
#[test]
fn who_does_not_answer_holds_nobody_up_for_long() {
    let mut net = calm(4, 40, 8);
    (1..9).for_each(|id| net.node(id).is_mute = true);
    for holder in 9..40 {
        net.node(holder).files.insert("tune".into(), 1);
    }
    let mut waits = Vec::new();
    for _ in 0..2 {
        let key = net.search(0, "tune", 31);
        net.run_ms(60_000);
        let Search { results, ended, began, .. } = &net.searches[&key];
        let (at, why) = ended.unwrap();
        assert_eq!((*results, why), (31, Ended::Enough));
        waits.push(at.since(*began));
    }
    println!("the first search took {:?}, the second {:?}", waits[0], waits[1]);
    assert!(waits[0].as_secs() < 25 && waits[1].as_secs() < 8);
}

/// FTPEER-20: a search is over after a minute, whoever keeps it waiting.
#[test]
fn a_search_lasts_a_minute_at_most() {
    let mut net = calm(5, 100, 8);
    (1..100).for_each(|id| net.node(id).is_mute = true);
    let key = net.search(0, "tune", 10);
    net.run_ms(59_990);
    assert!(net.searches[&key].ended.is_none());
    net.run_ms(20);
    assert_eq!(net.searches[&key].ended.map(|it| it.1), Some(Ended::TimedOut));
    assert_eq!((net.seen.searches, net.node(0).room.searches_len()), (36, 0));
}

/// FTPEER-16: nobody who asks nobody waits.
#[test]
fn who_knows_nobody_has_asked_everybody() {
    let mut net = Net::new(6);
    net.add();
    let key = net.search(0, "tune", 10);
    assert_eq!(net.searches[&key].ended.map(|it| it.1), Some(Ended::Exhausted));
}

/// FTPEER-24: searches of many children share what each neighbour is given; none is lost, all end.
#[test]
fn many_searches_at_once_wait_their_turn() {
    let mut net = calm(7, 30, 5);
    net.node(20).files.insert("tune".into(), 1);
    let keys: Vec<_> = (0..300).map(|_| net.search(0, "tune", 10)).collect();
    net.run_ms(61_000);
    let searches = keys.iter().map(|key| &net.searches[key]);
    assert!(searches.clone().all(|it| it.ended.is_some()));
    let found = searches.filter(|it| it.results == 1).count();
    println!("{found} of 300 searches found it");
    assert!(found > 150);
    assert!(net.seen.faults.is_empty());
}
