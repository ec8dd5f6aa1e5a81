//! How long one dynamic query waits, how far it leads, and what ends it.

use filbert::base::limits::{
    HASH_RESULTS_WANTED, HOP_WAIT_MIN_MS, HOP_WAIT_MS, HORIZON_MAX, LEAF_RESULTS_WANTED,
    NEIGHBOUR_REACH_MAX, NEIGHBOUR_RESULTS_DIVISOR, OWN_RESULTS_WANTED, RARE_HORIZON, RARE_RESULTS,
    RETRIES_MAX, RETRY_WAIT_MS, SEARCH_LIFE_MS,
};
use filbert::base::time::Time;
use filbert::gnutella::dynamic_query::{Origin, Step, Why, reach, results_of_one, results_wanted};

use crate::desk::{Desk, end, guid, of_leaf, own};

/// DQ-02, DQ-03
#[test]
fn a_query_ends_with_the_last_result_wanted_and_not_before() {
    let mut desk = Desk::with_neighbours(10);
    let leaf = desk.add_leaf();
    assert_eq!(results_wanted(Origin::Own, false), OWN_RESULTS_WANTED);
    assert_eq!(results_wanted(Origin::Leaf(leaf), false), LEAF_RESULTS_WANTED);
    assert_eq!(results_wanted(Origin::Own, true), HASH_RESULTS_WANTED);
    assert_eq!(results_wanted(Origin::Leaf(leaf), true), HASH_RESULTS_WANTED);
    for wanted in [OWN_RESULTS_WANTED, LEAF_RESULTS_WANTED, HASH_RESULTS_WANTED] {
        let mut search = own(wanted);
        search.wanted = wanted;
        desk.start(search);
        desk.step();
        let before = desk.queries.next_timeout();
        desk.hit(wanted, wanted - 1);
        assert_eq!(desk.queries.next_timeout(), before, "it goes on");
        desk.hit(wanted, 1);
        assert_eq!(desk.queries.next_timeout(), Some(desk.now), "nothing is waited for");
        let [Step::Finished { guid: named, origin, results, why }] = desk.step()[..] else {
            panic!("no end")
        };
        let finished = (guid(wanted), Origin::Own, wanted, Why::Enough);
        assert_eq!((named, origin, results, why), finished);
        assert!(desk.queries.is_empty());
        desk.hit(wanted, 1);
        assert_eq!(desk.queries.next_timeout(), None, "what comes later is nobody's");
    }
}

/// DQ-09
#[test]
fn the_wait_is_as_long_as_the_ttl() {
    for ttl in 1..=4 {
        let mut desk = Desk::with_neighbours(6);
        for neighbour in &mut desk.neighbours {
            (neighbour.max_ttl, neighbour.degree) = (ttl, 6);
        }
        desk.start(own(1));
        desk.step();
        let sent = [desk.sent()[0], desk.sent()[0]];
        assert_eq!(sent[0].ttl, ttl);
        assert_eq!(sent[1].at_ms - sent[0].at_ms, u64::from(ttl) * HOP_WAIT_MS);
    }
}

/// DQ-09
#[test]
fn what_is_rare_is_asked_for_faster_and_faster() {
    let mut desk = Desk::with_neighbours(40);
    desk.neighbours.iter_mut().for_each(|neighbour| neighbour.max_ttl = 3);
    desk.start(own(1));
    let (sent, _) = desk.run();
    let full: Vec<u64> = sent
        .windows(2)
        .filter(|pair| pair[0].ttl == 3)
        .map(|pair| pair[1].at_ms - pair[0].at_ms)
        .collect();
    // Each leads to 993: the fourth knows that three have brought nothing.
    let links: Vec<u64> = full.iter().map(|wait| wait / 3).collect();
    let shrinking = [2_400, 2_400, 2_400, 2_300, 2_100, 1_800, 1_400, 900, HOP_WAIT_MIN_MS];
    assert_eq!(links[..9], shrinking);
    assert!(links[9..].iter().all(|wait| *wait == HOP_WAIT_MIN_MS));
}

/// DQ-09: rare is less than ten results from 3,000 ultrapeers, once more than so many were reached.
#[test]
fn the_wait_shrinks_past_3000_ultrapeers_and_below_ten_results() {
    let wait_after = |ultrapeers: u32, results: u32| {
        let mut desk = Desk::new();
        let first = desk.add_neighbour();
        // TTL 2 leads to as many as the degree.
        (first.degree, first.max_ttl) = (u16::try_from(ultrapeers - 1).unwrap(), 2);
        desk.start(own(1));
        desk.step();
        assert_eq!(desk.queries.progress(guid(1)).unwrap().horizon, ultrapeers);
        desk.hit(1, results);
        for _ in 0..2 {
            let next = desk.add_neighbour();
            (next.degree, next.max_ttl) = (1, 1);
        }
        let (second, third) = (desk.sent()[0].at_ms, desk.sent()[0].at_ms);
        third - second
    };
    assert_eq!(wait_after(RARE_HORIZON, 0), HOP_WAIT_MS);
    assert_eq!(wait_after(RARE_HORIZON + 1, 0), HOP_WAIT_MS - 100);
    assert_eq!(wait_after(2 * RARE_HORIZON, 2 * RARE_RESULTS), HOP_WAIT_MS);
    assert_eq!(wait_after(2 * RARE_HORIZON, 2 * RARE_RESULTS - 1), HOP_WAIT_MS - 100);
    assert_eq!(
        wait_after(RARE_HORIZON + 1, 10),
        HOP_WAIT_MS - 100,
        "ten from 3,000, not from more"
    );
    assert_eq!(wait_after(RARE_HORIZON + 1, 11), HOP_WAIT_MS);
}

/// DQ-05
#[test]
fn a_query_leads_to_the_horizon_and_not_one_host_further() {
    // Four of degree 224 with TTL 3 lead to 49,953 each; 187 are left of the horizon then.
    assert_eq!(u64::from(HORIZON_MAX) - 1 - 4 * reach(224, 3), 187);
    for (degree, highest) in [(187, 2), (188, 1)] {
        let mut desk = Desk::with_neighbours(5);
        for neighbour in &mut desk.neighbours {
            (neighbour.degree, neighbour.max_ttl) = (224, 4);
        }
        desk.neighbours[4].congested = true;
        desk.start(own(1));
        while desk.queries.progress(guid(1)).unwrap().horizon < HORIZON_MAX - 187 {
            desk.step();
        }
        for _ in 0..RETRIES_MAX {
            assert_eq!(desk.step(), [], "the four could go further, but would lead too far");
        }
        desk.neighbours[4].congested = false;
        desk.neighbours[4].degree = degree;
        let sent = desk.sent();
        assert_eq!((sent[0].to, sent[0].ttl), (desk.neighbours[4].slot, highest));
        let horizon = desk.queries.progress(guid(1)).unwrap().horizon;
        assert_eq!(horizon == HORIZON_MAX, degree == 187);
        assert_eq!(desk.run(), (vec![], vec![Why::Horizon]));
    }
}

/// DQ-05, DQ-25: who has come to the horizon asks no newcomer either, and waits for none.
#[test]
fn a_query_that_has_come_to_the_horizon_waits_for_nobody() {
    let mut desk = Desk::with_neighbours(5);
    for neighbour in &mut desk.neighbours {
        (neighbour.degree, neighbour.max_ttl) = (224, 4);
    }
    desk.neighbours[4].degree = 187;
    desk.queries.set_more_come(true);
    desk.start(own(1));
    let (_, whys) = desk.run();
    assert_eq!(whys, [Why::Horizon]);
    assert!(desk.now_ms() < SEARCH_LIFE_MS);
}

/// DQ-05: a degree is a claim.
#[test]
fn no_neighbour_leads_to_more_than_a_quarter_of_the_horizon() {
    assert!(reach(224, 3) <= u64::from(NEIGHBOUR_REACH_MAX));
    assert!(reach(225, 3) > u64::from(NEIGHBOUR_REACH_MAX));
    for (degree, highest) in [(224, 3), (225, 2), (1_000, 2), (u16::MAX, 1)] {
        let mut desk = Desk::with_neighbours(4);
        desk.neighbours.iter_mut().for_each(|neighbour| neighbour.degree = degree);
        desk.start(own(1));
        let (sent, _) = desk.run();
        assert_eq!(sent.iter().map(|sent| sent.ttl).max(), Some(highest), "degree {degree}");
    }
}

/// DQ-06
#[test]
fn a_query_runs_for_its_time_and_not_a_microsecond_longer() {
    let mut desk = Desk::new();
    desk.start(own(1));
    let last = Time::from_micros(SEARCH_LIFE_MS * 1_000 - 1);
    while desk.queries.next_timeout().unwrap() <= last {
        // There is always somebody new to ask.
        let new = desk.add_neighbour();
        (new.degree, new.max_ttl) = (1, 1);
        assert_eq!(desk.sent().len(), 1);
    }
    desk.now = last;
    assert_eq!((desk.timeout(), desk.queries.len()), (vec![], 1));
    assert_eq!(end(&desk.step()), Why::Expired);
    assert_eq!(desk.now_ms(), SEARCH_LIFE_MS);
}

/// DQ-22
#[test]
fn who_is_congested_is_looked_at_again_after_a_while() {
    let mut desk = Desk::with_neighbours(1);
    desk.neighbours[0].congested = true;
    desk.start(own(1));
    assert_eq!(desk.step(), []);
    assert_eq!(desk.queries.next_timeout(), Some(Time::from_millis(RETRY_WAIT_MS)));
    desk.neighbours[0].congested = false;
    assert_eq!(desk.sent()[0].at_ms, RETRY_WAIT_MS);
}

/// DQ-22
#[test]
fn who_is_congested_is_waited_for_three_times_and_not_once_more() {
    for frees_itself in [true, false] {
        let mut desk = Desk::with_neighbours(1);
        desk.neighbours[0].congested = true;
        desk.start(own(1));
        for _ in 0..RETRIES_MAX {
            assert_eq!(desk.step(), []);
        }
        desk.neighbours[0].congested = !frees_itself;
        if frees_itself {
            assert_eq!(desk.sent().len(), 1);
        } else {
            assert_eq!(end(&desk.step()), Why::Busy);
        }
        assert_eq!(desk.now_ms(), u64::from(RETRIES_MAX) * RETRY_WAIT_MS);
    }
}

/// DQ-22: somebody who stays congested costs a search three waits in all, not three for each that is
/// asked in between.
#[test]
fn the_waits_for_congested_ones_are_counted_together() {
    let mut desk = Desk::with_neighbours(1);
    desk.neighbours[0].congested = true;
    desk.start(own(1));
    let mut waits = 0;
    while desk.queries.progress(guid(1)).is_some() {
        match desk.step().first() {
            Some(Step::Finished { why, .. }) => assert_eq!(*why, Why::Busy),
            Some(_) => {}
            None => {
                waits += 1;
                let new = desk.add_neighbour();
                (new.degree, new.max_ttl) = (1, 1);
            }
        }
    }
    assert_eq!(waits, RETRIES_MAX);
}

/// DQ-21
#[test]
fn one_of_several_neighbours_does_not_end_a_query() {
    let mut desk = Desk::with_neighbours(3);
    desk.start(own(1));
    desk.step();
    let half = OWN_RESULTS_WANTED.div_ceil(NEIGHBOUR_RESULTS_DIVISOR);
    assert_eq!(results_of_one(OWN_RESULTS_WANTED), half);
    let [one, other, _] = [0, 1, 2].map(|index: usize| desk.neighbours[index].slot);
    let results = |desk: &Desk| desk.queries.progress(guid(1)).unwrap().results;
    for (from, more, counted) in [
        (one, half - 1, half - 1),
        (one, 2, half),
        (one, 10_000, half),
        (other, 1, half + 1),
        (other, 10_000, 2 * half),
    ] {
        desk.queries.hit(guid(1), Some(from), more, desk.now);
        assert_eq!(results(&desk), counted);
    }
    assert_eq!(end(&desk.step()), Why::Enough);
}

/// DQ-21
#[test]
fn the_only_one_that_was_asked_may_bring_all() {
    let mut desk = Desk::with_neighbours(1);
    let (asked, leaf) = (desk.neighbours[0].slot, None);
    desk.start(own(1));
    desk.step();
    desk.queries.hit(guid(1), leaf, OWN_RESULTS_WANTED, desk.now);
    assert!(desk.queries.progress(guid(1)).unwrap().missing > 0, "leaves bring a part");
    desk.stop(1);
    desk.start(own(1));
    desk.step();
    desk.queries.hit(guid(1), Some(asked), OWN_RESULTS_WANTED, desk.now);
    assert_eq!(end(&desk.step()), Why::Enough);
}

/// DQ-21
#[test]
fn an_ultrapeer_that_was_not_asked_counts_for_nothing() {
    let mut desk = Desk::with_neighbours(4);
    desk.start(own(1));
    let asked: Vec<_> = desk.sent().iter().map(|sent| sent.to).collect();
    let others = desk.neighbours.iter().map(|one| one.slot).filter(|slot| !asked.contains(slot));
    for slot in others.collect::<Vec<_>>() {
        desk.queries.hit(guid(1), Some(slot), 100, desk.now);
    }
    assert_eq!((asked.len(), desk.queries.progress(guid(1)).unwrap().results), (3, 0));
}

/// DQ-01
#[test]
fn with_nobody_to_ask_a_query_ends_after_the_time_of_the_last_hits() {
    let mut desk = Desk::new();
    desk.start(own(1));
    assert_eq!(desk.step(), []);
    assert_eq!(end(&desk.step()), Why::Exhausted);
    assert_eq!(desk.now_ms(), HOP_WAIT_MS, "our own leaves may answer");
    let mut desk = Desk::with_neighbours(4);
    desk.start(own(1));
    let (sent, whys) = desk.run();
    assert_eq!(whys, [Why::Exhausted]);
    let last = sent.last().unwrap();
    assert_eq!(desk.now_ms() - last.at_ms, u64::from(last.ttl) * HOP_WAIT_MS);
}

/// DQ-25
#[test]
fn an_own_query_waits_for_newcomers_until_its_time_is_over() {
    let mut desk = Desk::new();
    desk.queries.set_more_come(true);
    desk.start(own(1));
    let mut at = RETRY_WAIT_MS;
    while at < SEARCH_LIFE_MS {
        assert_eq!(desk.step(), []);
        assert_eq!(desk.queries.next_timeout(), Some(Time::from_millis(at)));
        at += RETRY_WAIT_MS;
    }
    assert_eq!(desk.step(), []);
    assert_eq!(end(&desk.step()), Why::Expired);
    assert_eq!(desk.now_ms(), SEARCH_LIFE_MS);
}

/// DQ-25: each who comes is asked, and with the last who is wanted it is over.
#[test]
fn an_own_query_asks_newcomers_until_no_more_are_wanted() {
    let mut desk = Desk::with_neighbours(1);
    desk.neighbours[0].max_ttl = 1;
    desk.queries.set_more_come(true);
    desk.start(own(1));
    assert_eq!(desk.sent().len(), 1);
    for _ in 0..3 {
        assert_eq!(desk.step(), []);
        let new = desk.add_neighbour();
        new.max_ttl = 1;
        let slot = new.slot;
        assert_eq!(desk.sent()[0].to, slot);
    }
    assert_eq!(desk.step(), []);
    desk.queries.set_more_come(false);
    assert_eq!(end(&desk.step()), Why::Exhausted);
}

/// DQ-25, DQ-22: a neighbour that reads nothing is not all that a query hopes for.
#[test]
fn an_own_query_outlives_congested_neighbours_where_more_come() {
    let mut desk = Desk::with_neighbours(1);
    desk.neighbours[0].congested = true;
    desk.queries.set_more_come(true);
    desk.start(own(1));
    for _ in 0..=2 * RETRIES_MAX {
        assert_eq!(desk.step(), []);
    }
    let slot = desk.add_neighbour().slot;
    assert_eq!(desk.sent()[0].to, slot);
}

/// DQ-25
#[test]
fn the_query_of_a_leaf_waits_for_no_newcomers() {
    let mut desk = Desk::new();
    let leaf = desk.add_leaf();
    desk.queries.set_more_come(true);
    desk.start(of_leaf(1, leaf));
    assert_eq!(desk.step(), []);
    assert_eq!(end(&desk.step()), Why::Exhausted);
    assert_eq!(desk.now_ms(), HOP_WAIT_MS);
}

/// DQ-25: the oldest that waits makes room, and none that has somebody to ask.
#[test]
fn only_a_query_that_waits_makes_room() {
    let mut desk = Desk::with_neighbours(4);
    desk.queries.set_more_come(true);
    desk.start(own(1));
    desk.step();
    desk.queries.end_one_that_waits(&mut Vec::new());
    assert_eq!(desk.queries.len(), 1);
    desk.neighbours.clear();
    desk.start(own(2));
    desk.start(own(3));
    desk.timeout();
    desk.queries.end_one_that_waits(&mut Vec::new());
    let runs = |number| desk.queries.progress(guid(number)).is_some();
    assert_eq!([runs(1), runs(2), runs(3)], [true, false, true]);
}

#[test]
fn a_query_that_is_stopped_ends_at_once() {
    let mut desk = Desk::with_neighbours(4);
    desk.start(own(1));
    desk.step();
    assert_eq!(end(&desk.stop(1)), Why::Stopped);
    assert_eq!((desk.queries.next_timeout(), desk.queries.progress(guid(1))), (None, None));
    assert_eq!(desk.stop(1), [], "and but once");
}
