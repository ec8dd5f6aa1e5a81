//! Whom a node calls that has no ultrapeer at all.

use std::net::SocketAddr;
use std::ops::Range;

use filbert::base::limits::{
    CUT_OFF_AGAIN_S, CUT_OFF_INTERVAL_S, DIAL_BUSY_S, DIAL_INTERVAL_S, HOSTS_MET_PERCENT,
};
use filbert::gnutella::pinging::RoomFor;
use filbert::node::host_cache::{Facts, HostCacheRules, Learnt, Outcome, Source};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::{Lab, ULTRAPEER, at, host};

const LEAF: Facts = Facts { is_ultrapeer: false, ..ULTRAPEER };

/// Knows one ultrapeer, to which it was connected at the start.
fn once_connected() -> Lab {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    lab
}

impl Lab {
    /// When such a node calls somebody in this time, if every call comes to the same.
    fn calls(&mut self, seconds: Range<u32>, outcome: Outcome) -> Vec<u32> {
        let mut calls = Vec::new();
        for second in seconds {
            if self.next_when_cut_off(second).is_some() {
                calls.push(second);
                self.cache.outcome(host(1), outcome, at(second));
            }
        }
        calls
    }

    /// What would be called, without its being called.
    fn clone_next(&self, second: u32) -> Option<SocketAddr> {
        let rng = &mut ChaCha8Rng::seed_from_u64(u64::from(second));
        self.cache.clone().next_when_cut_off(at(second), rng, |_| false)
    }
}

#[track_caller]
fn assert_twice_in_a_minute_at_most(calls: &[u32]) {
    for three in calls.windows(3) {
        assert!(three[2] - three[0] >= 60, "{calls:?}");
    }
}

/// HAND-62: whoever was left a moment ago need not be spared for two minutes.
#[test]
fn a_host_that_took_us_is_called_again_soon_and_twice_in_a_minute_at_most() {
    let mut lab = once_connected();
    let calls = lab.calls(DIAL_INTERVAL_S..1_000, Outcome::Connected);
    assert_eq!(calls[1] - calls[0], CUT_OFF_INTERVAL_S);
    assert_eq!(calls[2] - calls[1], CUT_OFF_AGAIN_S);
    assert!(calls.len() > 10, "{calls:?}");
    assert_twice_in_a_minute_at_most(&calls);
}

/// HAND-73: slots become free at any time.
#[test]
fn a_host_that_was_full_is_called_again_soon() {
    let mut lab = once_connected();
    let calls = lab.calls(DIAL_INTERVAL_S..1_000, Outcome::Refused(503));
    assert_eq!(calls[1] - calls[0], CUT_OFF_INTERVAL_S);
    assert!(calls.len() > 10, "{calls:?}");
    assert_twice_in_a_minute_at_most(&calls);
    // Whoever has others waits.
    let mut lab = once_connected();
    lab.cache.outcome(host(1), Outcome::Refused(503), at(200));
    assert_eq!(lab.next(200 + DIAL_BUSY_S - 1), None);
    assert_eq!(lab.next(200 + DIAL_BUSY_S), Some(host(1)));
}

/// HAND-73, HAND-74: those who mean it are left alone, however much a node is in need.
#[test]
fn whoever_has_sent_us_away_for_good_or_for_haste_is_left_alone() {
    for code in [429, 204, 777, 403, 550] {
        let (mut usual, mut cut_off) = (once_connected(), once_connected());
        usual.cache.outcome(host(1), Outcome::Refused(code), at(200));
        cut_off.cache.outcome(host(1), Outcome::Refused(code), at(200));
        let seconds = 200..5_000;
        let first = seconds.clone().find(|second| usual.next(*second).is_some());
        assert_eq!(seconds.clone().find(|one| cut_off.next_when_cut_off(*one).is_some()), first);
    }
}

/// A7 of the attacks: a host that somebody only named is not called more often for our need.
#[test]
fn a_stranger_that_does_not_answer_is_left_alone() {
    let mut lab = Lab::of(HostCacheRules::default());
    lab.learn(host(1), Source::Peer(host(9).ip()), 0);
    let calls = lab.calls(0..2 * DIAL_INTERVAL_S, Outcome::Failed);
    assert_eq!(calls, [0, DIAL_INTERVAL_S]);
}

/// PING-07: a host that fell silent is no stranger, and may have been there all the time.
#[test]
fn a_host_that_fell_silent_is_called_again_soon() {
    let mut lab = once_connected();
    lab.cache.outcome(host(1), Outcome::Silent, at(500));
    assert_eq!(lab.next_when_cut_off(500 + CUT_OFF_INTERVAL_S - 1), None);
    assert_eq!(lab.clone_next(500 + CUT_OFF_INTERVAL_S), Some(host(1)));
    assert_eq!(lab.next(500 + DIAL_INTERVAL_S - 1), None);
    assert_eq!(lab.next(500 + DIAL_INTERVAL_S), Some(host(1)));
}

/// BYE-18: it may have been started again.
#[test]
fn a_host_that_has_shut_down_is_called_again_soon() {
    let mut lab = once_connected();
    lab.cache.outcome(host(1), Outcome::Goodbye, at(500));
    assert_eq!(lab.next_when_cut_off(500 + CUT_OFF_INTERVAL_S - 1), None);
    assert_eq!(lab.clone_next(500 + CUT_OFF_INTERVAL_S), Some(host(1)));
}

/// Whom there is nothing against comes first.
#[test]
fn rested_hosts_are_called_before_others() {
    let mut lab = once_connected();
    lab.learn(host(2), Source::User, 0);
    lab.cache.outcome(host(2), Outcome::Connected, at(100));
    for second in 130..200 {
        assert_eq!(lab.clone_next(second), Some(host(1)));
    }
}

/// A full ultrapeer sends those whom it turns away to the new ones, though they were leaves when it
/// called them.
#[test]
fn a_leaf_that_has_become_an_ultrapeer_is_named_to_others() {
    let mut lab = once_connected();
    let named =
        |lab: &mut Lab| lab.cache.sample((9, RoomFor::Anybody), at(500), &mut lab.rng, |_| false);
    lab.learn_as(host(2), Source::Itself, LEAF, 0);
    lab.cache.outcome(host(2), Outcome::Refused(204), at(10));
    lab.learn(host(2), Source::Peer(host(1).ip()), 400);
    assert!(!named(&mut lab).contains(&host(2)), "by the word of others it is what it was");
    lab.learn(host(2), Source::Itself, 500);
    assert!(named(&mut lab).contains(&host(2)));
    let mut called = [0, 1].map(|_| lab.next(500 + CUT_OFF_AGAIN_S));
    called.sort_unstable();
    assert_eq!(called, [Some(host(1)), Some(host(2))]);
}

/// However many leaves come by, the ultrapeers that came by are not forgotten for them.
#[test]
fn leaves_make_room_for_ultrapeers_and_not_the_other_way_round() {
    let rules = HostCacheRules { hosts_max: 100, network_percent: 100 };
    let share = u32::try_from(100 * HOSTS_MET_PERCENT / 100).unwrap();
    let mut lab = Lab::of(rules);
    for number in 0..share {
        assert_eq!(lab.learn_as(host(number), Source::Itself, LEAF, number), Learnt::New);
    }
    for number in share..2 * share {
        assert_eq!(lab.learn(host(number), Source::Itself, number), Learnt::New);
    }
    assert_eq!(lab.learn_as(host(900), Source::Itself, LEAF, 900), Learnt::Full);
    assert_eq!(lab.learn(host(901), Source::Itself, 901), Learnt::New);
    assert!(lab.cache.iter().all(|(address, _)| address != host(900) && address != host(0)));
    assert_eq!(lab.cache.len(), share as usize);
}

/// HAND-62
#[test]
fn who_is_cut_off_calls_a_host_again_soon_and_then_not_so_soon() {
    let mut lab = Lab::new();
    lab.learn_as(host(1), Source::User, Facts::default(), 0);
    let mut call = |second| lab.next_when_cut_off(second).is_some();
    assert!(call(0));
    assert!(!call(CUT_OFF_INTERVAL_S - 1));
    assert!(call(CUT_OFF_INTERVAL_S));
    let then = CUT_OFF_INTERVAL_S + CUT_OFF_AGAIN_S;
    assert!(!call(then - 1));
    assert!(call(then));
}

/// HAND-62: that a host had no room minutes ago does not make it wait for longer.
#[test]
fn who_is_cut_off_calls_a_host_that_had_no_room_as_soon_as_others() {
    let mut lab = Lab::new();
    lab.learn_as(host(1), Source::User, Facts::default(), 0);
    assert!(lab.next(0).is_some());
    lab.cache.outcome(host(1), Outcome::Refused(503), at(0));
    let mut call = |second| lab.next_when_cut_off(second).is_some();
    let later = 2 * CUT_OFF_AGAIN_S;
    assert!(call(later));
    assert!(!call(later + CUT_OFF_INTERVAL_S - 1));
    assert!(call(later + CUT_OFF_INTERVAL_S));
    assert!(!call(later + CUT_OFF_INTERVAL_S + CUT_OFF_AGAIN_S - 1));
}
