//! Whom a node calls, and how often.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use filbert::base::limits::{CUT_OFF_INTERVAL_S, DIAL_INTERVAL_S};
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{Facts, Outcome, Quality, Source};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::{Lab, ULTRAPEER, at, host};

/// HAND-62
#[test]
fn nobody_is_called_twice_in_two_minutes() {
    let mut lab = Lab::new();
    lab.learn(host(1), Source::User, 0);
    assert_eq!(lab.next(10), Some(host(1)));
    assert_eq!(lab.next(10 + DIAL_INTERVAL_S - 1), None);
    assert_eq!(lab.next(10 + DIAL_INTERVAL_S), Some(host(1)));
    lab.cache.outcome(host(1), Outcome::Connected, at(140));
    assert_eq!(lab.next_call_s(141), Some(140 + DIAL_INTERVAL_S));
}

/// HAND-62: it is the host that is spared, on whatever port.
#[test]
fn two_ports_of_one_address_are_one_host() {
    let mut lab = Lab::new();
    let other_port = SocketAddr::new(host(1).ip(), 99);
    lab.learn(host(1), Source::User, 0);
    lab.learn(other_port, Source::User, 0);
    assert!(lab.next(10).is_some());
    assert_eq!(lab.next(129), None);
    assert!(lab.next(130).is_some());
}

/// HAND-62: in a laboratory each port is a host.
#[test]
fn two_ports_of_a_private_address_are_two_hosts() {
    let mut lab = Lab { filter: AddressFilter::new(true), ..Lab::new() };
    for port in 1..=2 {
        lab.learn(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port), Source::User, 0);
    }
    assert!(lab.next(0).is_some() && lab.next(0).is_some());
    assert_eq!(lab.next(119), None);
}

/// HAND-62: the calls of which the cache is told count like those that it names.
#[test]
fn whoever_is_called_without_the_cache_is_left_alone_too() {
    let mut lab = Lab::new();
    lab.learn(host(1), Source::User, 0);
    lab.cache.called(host(1), at(10));
    assert_eq!(lab.next_call_s(10), Some(10 + DIAL_INTERVAL_S));
    assert_eq!(lab.next_when_cut_off(10 + CUT_OFF_INTERVAL_S - 1), None);
    assert_eq!(lab.next_when_cut_off(10 + CUT_OFF_INTERVAL_S), Some(host(1)));
}

#[test]
fn whoever_is_excluded_or_unknown_is_not_called() {
    let mut lab = Lab::new();
    assert_eq!(lab.next(0), None);
    lab.learn(host(1), Source::User, 0);
    lab.learn(host(2), Source::User, 0);
    let next = lab.cache.next(at(0), &mut lab.rng, |known| known == host(1));
    assert_eq!(next, Some(host(2)));
    assert_eq!(lab.cache.next(at(0), &mut lab.rng, |known| known == host(1)), None);
}

#[test]
fn ultrapeers_are_called_before_others() {
    let mut lab = Lab::new();
    let leaf = Facts { is_ultrapeer: false, ..ULTRAPEER };
    lab.cache.learn(host(1), Source::User, leaf, &lab.filter, at(0));
    lab.learn(host(2), Source::User, 0);
    assert_eq!([lab.next(0), lab.next(0), lab.next(0)], [Some(host(2)), Some(host(1)), None]);
}

/// HAND-83: what a pong does not say it does not deny.
#[test]
fn an_ultrapeer_stays_one_until_it_says_that_it_is_a_leaf() {
    let mut lab = Lab::new();
    let unmarked = Facts { is_ultrapeer: false, ..ULTRAPEER };
    let leaf = Facts { is_leaf: true, ..unmarked };
    let is_ultrapeer = |lab: &Lab| {
        let saved = lab.cache.export(at(0));
        saved.iter().any(|saved| saved.address == host(1) && saved.is_ultrapeer)
    };
    for (facts, expected) in [(ULTRAPEER, true), (unmarked, true), (leaf, false), (unmarked, false)]
    {
        lab.cache.learn(host(1), Source::Itself, facts, &lab.filter, at(0));
        assert_eq!(is_ultrapeer(&lab), expected, "{facts:?}");
    }
    lab.cache.learn(host(1), Source::Itself, ULTRAPEER, &lab.filter, at(0));
    assert!(is_ultrapeer(&lab), "it was promoted");
}

/// HAND-83
#[test]
fn a_leaf_is_called_last_and_is_not_kept() {
    let mut lab = Lab::new();
    let leaf = Facts { is_ultrapeer: false, is_leaf: true, ..ULTRAPEER };
    lab.cache.learn(host(1), Source::Itself, leaf, &lab.filter, at(0));
    assert_eq!(lab.cache.export(at(0)), []);
    lab.learn(host(2), Source::User, 0);
    let kept: Vec<_> = lab.cache.export(at(0)).iter().map(|saved| saved.address).collect();
    assert_eq!(kept, [host(2)]);
    assert_eq!([lab.next(0), lab.next(0)], [Some(host(2)), Some(host(1))]);
}

/// HAND-73
#[test]
fn the_hosts_that_a_full_one_names_are_tried_first() {
    let mut lab = Lab::new();
    for number in 0..100 {
        lab.learn(host(number), Source::User, 0);
    }
    let named = [host(501), host(502), host(503)];
    let full = Source::Peer(host(1).ip());
    lab.cache.outcome(host(1), Outcome::Refused(503), at(0));
    lab.cache.learn_from_head(&named, full, true, &lab.filter, at(0));
    let called: Vec<_> = (0..6).filter_map(|_| lab.next(1)).collect();
    let advised: Vec<_> = called.iter().map(|host| named.contains(host)).collect();
    // One call in two, for who refuses us may be a liar.
    let expected = if advised[0] {
        [true, false, true, false, true, false]
    } else {
        [false, true, false, true, false, true]
    };
    assert_eq!(advised, expected);
}

/// Every second call goes by our own word, however much others say.
#[test]
fn half_of_the_calls_go_to_those_whom_we_know() {
    let mut lab = Lab::new();
    for number in 0..20 {
        lab.prove(host(number), 0);
    }
    for number in 100..900 {
        lab.learn(host(number), Source::Peer(host(1_000 + number / 10).ip()), 0);
    }
    let called: Vec<_> = (0..40).filter_map(|_| lab.next(500)).collect();
    let known = called.iter().filter(|host| lab.cache.quality(**host) == Some(Quality::Proven));
    assert_eq!((called.len(), known.count()), (40, 20));
}

/// A source has one voice, whether it names one host or thirty.
#[test]
fn who_names_more_is_not_believed_more() {
    let mut named_by_few = 0;
    for seed in 0..400 {
        let mut lab = Lab { rng: ChaCha8Rng::seed_from_u64(seed), ..Lab::new() };
        for number in 0..30 {
            lab.learn(host(number), Source::Peer(host(1_000).ip()), 0);
        }
        lab.learn(host(500), Source::Peer(host(2_000).ip()), 0);
        named_by_few += u32::from(lab.next(0) == Some(host(500)));
    }
    assert!((160..240).contains(&named_by_few), "{named_by_few}");
}

/// Near ones twice as often as those one mouth farther.
#[test]
fn hosts_nearer_to_those_of_the_user_are_called_more_often() {
    let mut calls = BTreeMap::new();
    for seed in 0..800 {
        let mut lab = Lab { rng: ChaCha8Rng::seed_from_u64(seed), ..Lab::new() };
        lab.learn(host(1), Source::User, 0);
        lab.learn(host(2), Source::Peer(host(1).ip()), 0);
        lab.learn(host(3), Source::Peer(host(2).ip()), 0);
        *calls.entry(lab.next(0)).or_insert(0) += 1;
    }
    let calls = |number| calls.get(&Some(host(number))).copied().unwrap_or(0);
    assert!((450..550).contains(&calls(1)), "{}", calls(1));
    assert!((160..240).contains(&calls(2)), "{}", calls(2));
    assert!((70..130).contains(&calls(3)), "{}", calls(3));
}

#[test]
fn the_same_seed_calls_the_same_hosts() {
    let calls = || {
        let mut lab = Lab::new();
        for number in 0..200 {
            lab.learn(host(number), Source::Peer(host(1_000 + number % 7).ip()), number);
        }
        (0..100).map(|_| lab.next(300)).collect::<Vec<_>>()
    };
    assert_eq!(calls(), calls());
}
