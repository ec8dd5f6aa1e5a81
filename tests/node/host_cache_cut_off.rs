//! Whom a node calls that has no ultrapeer at all.

use std::net::{Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    CUT_OFF_AGAIN_S, CUT_OFF_INTERVAL_S, DIAL_BUSY_S, DIAL_INTERVAL_S, HOSTS_MET_PERCENT,
};
use filbert::base::time::Time;
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{Facts, HostCache, HostCacheRules, Learnt, Outcome, Source};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const ULTRAPEER: Facts =
    Facts { is_ultrapeer: true, free_slots: None, daily_uptime_s: None, is_advice: false };
const LEAF: Facts = Facts { is_ultrapeer: false, ..ULTRAPEER };

fn at(second: u32) -> Time {
    Time::from_millis(u64::from(second) * 1_000)
}

fn host(number: u32) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::from_bits(0x5100_0009 + (number << 8)).into(), 6346)
}

struct Lab {
    cache: HostCache,
    filter: AddressFilter,
    rng: ChaCha8Rng,
}

impl Lab {
    fn of(rules: HostCacheRules) -> Self {
        let (cache, filter) = (HostCache::new(rules), AddressFilter::new(false));
        Self { cache, filter, rng: ChaCha8Rng::seed_from_u64(1) }
    }

    /// Knows one ultrapeer, to which it was connected at the start.
    fn new() -> Self {
        let mut lab = Self::of(HostCacheRules::default());
        lab.learn(1, Source::User, ULTRAPEER, 0);
        lab.outcome(Outcome::Connected, 0);
        lab
    }

    fn learn(&mut self, number: u32, source: Source, facts: Facts, second: u32) -> Learnt {
        self.cache.learn(host(number), source, facts, &self.filter, at(second))
    }

    fn outcome(&mut self, outcome: Outcome, second: u32) {
        self.cache.outcome(host(1), outcome, at(second));
    }

    fn next(&mut self, second: u32) -> Option<SocketAddr> {
        self.cache.next(at(second), &mut self.rng, |_| false)
    }

    fn next_when_cut_off(&mut self, second: u32) -> Option<SocketAddr> {
        self.cache.next_when_cut_off(at(second), &mut self.rng, |_| false)
    }

    /// When such a node calls somebody, each second up to `end`, if every call comes to the same.
    fn calls(&mut self, seconds: std::ops::Range<u32>, outcome: Outcome) -> Vec<u32> {
        let mut calls = Vec::new();
        for second in seconds {
            if self.next_when_cut_off(second).is_some() {
                calls.push(second);
                self.outcome(outcome, second);
            }
        }
        calls
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
    let mut lab = Lab::new();
    let calls = lab.calls(DIAL_INTERVAL_S..1_000, Outcome::Connected);
    assert_eq!(calls[1] - calls[0], CUT_OFF_INTERVAL_S);
    assert_eq!(calls[2] - calls[1], CUT_OFF_AGAIN_S);
    assert!(calls.len() > 10, "{calls:?}");
    assert_twice_in_a_minute_at_most(&calls);
}

/// HAND-73: slots become free at any time.
#[test]
fn a_host_that_was_full_is_called_again_soon() {
    let mut lab = Lab::new();
    let calls = lab.calls(DIAL_INTERVAL_S..1_000, Outcome::Refused(503));
    assert_eq!(calls[1] - calls[0], CUT_OFF_INTERVAL_S);
    assert!(calls.len() > 10, "{calls:?}");
    assert_twice_in_a_minute_at_most(&calls);
    // Whoever has others waits.
    let mut lab = Lab::new();
    lab.outcome(Outcome::Refused(503), 200);
    assert_eq!(lab.next(200 + DIAL_BUSY_S - 1), None);
    assert_eq!(lab.next(200 + DIAL_BUSY_S), Some(host(1)));
}

/// HAND-73, HAND-74: those who mean it are left alone, however much a node is in need.
#[test]
fn whoever_has_sent_us_away_for_good_or_for_haste_is_left_alone() {
    for code in [429, 204, 777, 403, 550] {
        let (mut usual, mut cut_off) = (Lab::new(), Lab::new());
        usual.outcome(Outcome::Refused(code), 200);
        cut_off.outcome(Outcome::Refused(code), 200);
        let seconds = 200..5_000;
        let first = seconds.clone().find(|second| usual.next(*second).is_some());
        assert_eq!(seconds.clone().find(|one| cut_off.next_when_cut_off(*one).is_some()), first);
    }
}

/// A7 of the attacks: a host that somebody only named is not called more often for our need.
#[test]
fn a_stranger_that_does_not_answer_is_left_alone() {
    let mut lab = Lab::of(HostCacheRules::default());
    lab.learn(1, Source::Peer(host(9).ip()), ULTRAPEER, 0);
    let calls = lab.calls(0..2 * DIAL_INTERVAL_S, Outcome::Failed);
    assert_eq!(calls, [0, DIAL_INTERVAL_S]);
}

/// PING-07: a host that fell silent is no stranger, and may have been there all the time.
#[test]
fn a_host_that_fell_silent_is_called_again_soon() {
    let mut lab = Lab::new();
    lab.outcome(Outcome::Silent, 500);
    assert_eq!(lab.next_when_cut_off(500 + CUT_OFF_INTERVAL_S - 1), None);
    assert_eq!(lab.clone_next(500 + CUT_OFF_INTERVAL_S), Some(host(1)));
    assert_eq!(lab.next(500 + DIAL_INTERVAL_S - 1), None);
    assert_eq!(lab.next(500 + DIAL_INTERVAL_S), Some(host(1)));
}

impl Lab {
    /// What would be called, without its being called.
    fn clone_next(&self, second: u32) -> Option<SocketAddr> {
        let rng = &mut ChaCha8Rng::seed_from_u64(u64::from(second));
        self.cache.clone().next_when_cut_off(at(second), rng, |_| false)
    }
}

/// Whom there is nothing against comes first.
#[test]
fn rested_hosts_are_called_before_others() {
    let mut lab = Lab::new();
    lab.learn(2, Source::User, ULTRAPEER, 0);
    lab.cache.outcome(host(2), Outcome::Connected, at(100));
    for second in 130..200 {
        assert_eq!(lab.clone_next(second), Some(host(1)));
    }
}

/// A full ultrapeer sends those whom it turns away to the new ones, though they were leaves when it
/// called them.
#[test]
fn a_leaf_that_has_become_an_ultrapeer_is_named_to_others() {
    let mut lab = Lab::new();
    let named = |lab: &mut Lab| lab.cache.sample(9, at(500), &mut lab.rng, |_| false);
    lab.learn(2, Source::Itself, LEAF, 0);
    lab.cache.outcome(host(2), Outcome::Refused(204), at(10));
    lab.learn(2, Source::Peer(host(1).ip()), ULTRAPEER, 400);
    assert!(!named(&mut lab).contains(&host(2)), "by the word of others it is what it was");
    lab.learn(2, Source::Itself, ULTRAPEER, 500);
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
        assert_eq!(lab.learn(number, Source::Itself, LEAF, number), Learnt::New);
    }
    for number in share..2 * share {
        assert_eq!(lab.learn(number, Source::Itself, ULTRAPEER, number), Learnt::New);
    }
    assert_eq!(lab.learn(900, Source::Itself, LEAF, 900), Learnt::Full);
    assert_eq!(lab.learn(901, Source::Itself, ULTRAPEER, 901), Learnt::New);
    assert!(lab.cache.iter().all(|(address, _)| address != host(900) && address != host(0)));
    assert_eq!(lab.cache.len(), share as usize);
}
