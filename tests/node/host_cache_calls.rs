//! Whom a node calls, and for how long it leaves a host alone.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    DIAL_BUSY_S, DIAL_CONTACT_S, DIAL_DISLIKED_S, DIAL_FAILURES_MAX, DIAL_FAILURES_PROVEN_MAX,
    DIAL_FOREIGN_S, DIAL_INTERVAL_S, DIAL_UNKNOWN_CODE_S, HOST_FRESH_S, HOST_HEARSAY_LIFE_S,
    HOST_MET_LIFE_S, HOSTS_OF_HEAD_MAX, HOSTS_SHUNNED_MAX, PARTED_SOON_S, TOLD_OF_NETWORK_MAX,
};
use filbert::base::time::Time;
use filbert::gnutella::pinging::FreeSlots;
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{
    Facts, HostCache, HostCacheRules, Learnt, Outcome, Quality, Source,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

const ULTRAPEER: Facts =
    Facts { is_ultrapeer: true, free_slots: None, daily_uptime_s: None, is_advice: false };

fn at(second: u32) -> Time {
    Time::from_millis(u64::from(second) * 1_000)
}

/// Hosts in networks of their own.
fn host(number: u32) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::from_bits(0x5100_0009 + (number << 8)).into(), 6346)
}

struct Lab {
    cache: HostCache,
    filter: AddressFilter,
    rng: ChaCha8Rng,
}

impl Lab {
    fn new() -> Self {
        let cache = HostCache::new(HostCacheRules::default());
        Self { cache, filter: AddressFilter::new(false), rng: ChaCha8Rng::seed_from_u64(1) }
    }

    fn learn(&mut self, host: SocketAddr, source: Source, second: u32) -> Learnt {
        self.cache.learn(host, source, ULTRAPEER, &self.filter, at(second))
    }

    fn prove(&mut self, host: SocketAddr, second: u32) {
        self.learn(host, Source::User, second);
        self.cache.outcome(host, Outcome::Connected, at(second));
        assert_eq!(self.cache.quality(host), Some(Quality::Proven));
    }

    fn next(&mut self, second: u32) -> Option<SocketAddr> {
        self.cache.next(at(second), &mut self.rng, |_| false)
    }

    /// The first second from `after` on in which somebody is called.
    fn next_call_s(&mut self, after: u32) -> Option<u32> {
        let mut probe = self.cache.clone();
        let steps = (0..200_000).map(|step| after + step);
        steps.into_iter().find(|second| {
            probe.next(at(*second), &mut ChaCha8Rng::seed_from_u64(1), |_| false).is_some()
        })
    }
}

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

/// HAND-73, HAND-74
#[test]
fn a_refusal_says_for_how_long_a_host_is_left_alone() {
    for (code, first_s, second_s) in [
        (503, DIAL_BUSY_S, 2 * DIAL_BUSY_S),
        (409, DIAL_BUSY_S, 2 * DIAL_BUSY_S),
        (429, DIAL_INTERVAL_S, 2 * DIAL_INTERVAL_S),
        (204, DIAL_DISLIKED_S, DIAL_DISLIKED_S),
        (299, DIAL_UNKNOWN_CODE_S, 2 * DIAL_UNKNOWN_CODE_S),
        (777, DIAL_UNKNOWN_CODE_S, 2 * DIAL_UNKNOWN_CODE_S),
    ] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), Outcome::Refused(code), at(1_000));
        assert_eq!(lab.next_call_s(1_000), Some(1_000 + first_s), "{code}");
        assert_eq!(lab.cache.quality(host(1)), Some(Quality::Proven), "{code}: it stays known");
        lab.cache.outcome(host(1), Outcome::Refused(code), at(9_000));
        assert_eq!(lab.next_call_s(9_000), Some(9_000 + second_s), "{code}: longer each time");
        lab.cache.outcome(host(1), Outcome::Connected, at(19_000));
        lab.cache.outcome(host(1), Outcome::Refused(code), at(20_000));
        assert_eq!(lab.next_call_s(20_000), Some(20_000 + first_s), "{code}: all is forgiven");
    }
}

/// HAND-73: no wait grows beyond an hour for want of room.
#[test]
fn a_busy_host_is_asked_again_within_the_hour() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    for time in 0..40 {
        lab.cache.outcome(host(1), Outcome::Refused(503), at(1_000 * time));
    }
    assert_eq!(lab.next_call_s(39_000), Some(39_000 + DIAL_DISLIKED_S));
}

/// HAND-74
#[test]
fn a_refusal_may_be_for_long() {
    for (code, wait_s) in [
        (403, Some(DIAL_DISLIKED_S)),
        (550, Some(DIAL_DISLIKED_S)),
        (400, Some(DIAL_DISLIKED_S)),
        (406, Some(DIAL_FOREIGN_S)),
        (593, Some(DIAL_FOREIGN_S)),
        (401, None),
        (577, None),
    ] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), Outcome::Refused(code), at(1_000));
        assert_eq!(lab.cache.quality(host(1)), None, "{code}");
        let end_s = 1_000 + wait_s.unwrap_or(10_000_000);
        assert_eq!(lab.learn(host(1), Source::Itself, end_s - 1), Learnt::Shunned, "{code}");
        let expected = if wait_s.is_some() { Learnt::New } else { Learnt::Shunned };
        assert_eq!(lab.learn(host(1), Source::User, end_s), expected, "{code}");
        let other_port = SocketAddr::new(host(1).ip(), 99);
        assert_eq!(lab.learn(other_port, Source::User, end_s), Learnt::New, "another program");
    }
}

/// HAND-74
#[test]
fn whoever_dislikes_us_again_is_left_alone_for_twice_as_long() {
    let mut lab = Lab::new();
    for (refused, free) in [(0, 3_600), (3_600, 10_800), (10_800, 25_200)] {
        lab.learn(host(1), Source::User, refused);
        lab.cache.outcome(host(1), Outcome::Refused(403), at(refused));
        assert_eq!(lab.learn(host(1), Source::User, free - 1), Learnt::Shunned);
        assert_eq!(lab.learn(host(1), Source::User, free), Learnt::New);
    }
}

/// HAND-73
#[test]
fn whoever_is_a_leaf_now_is_no_longer_tried_as_an_ultrapeer() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    lab.cache.outcome(host(1), Outcome::Refused(204), at(0));
    lab.learn(host(2), Source::User, 10_000);
    assert_eq!([lab.next(10_000), lab.next(10_000)], [Some(host(2)), Some(host(1))]);
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

/// HAND-75
#[test]
fn ten_hosts_of_one_head_are_heard() {
    for (named, heard) in [(10, 10), (11, 10)] {
        let mut lab = Lab::new();
        let hosts: Vec<_> = (0..named).map(host).collect();
        let source = Source::Peer(host(1_000).ip());
        lab.cache.learn_from_head(&hosts, source, false, &lab.filter, at(0));
        assert_eq!((lab.cache.len(), HOSTS_OF_HEAD_MAX), (heard, 10));
        assert_eq!(lab.cache.count(Quality::Hearsay), heard, "none is trusted");
    }
}

/// HAND-75
#[test]
fn what_cannot_be_a_public_host_is_not_heard() {
    let mut lab = Lab::new();
    let lies = ["10.0.0.1:6346", "127.0.0.1:6346", "0.0.0.0:6346", "224.0.0.1:6346", "81.2.3.4:0"];
    let lies = lies.map(|lie| lie.parse().unwrap());
    lab.cache.learn_from_head(&lies, Source::Peer(host(1).ip()), true, &lab.filter, at(0));
    assert!(lab.cache.is_empty());
}

/// A host that does not answer: proven ones are tried six times, others twice.
#[test]
fn a_host_that_fails_is_given_up() {
    for (is_proven, failures) in [(true, DIAL_FAILURES_PROVEN_MAX), (false, DIAL_FAILURES_MAX)] {
        let mut lab = Lab::new();
        lab.prove(host(9), 0);
        lab.learn(host(1), Source::Peer(host(2).ip()), 0);
        if is_proven {
            lab.prove(host(1), 0);
        }
        for failure in 1..=failures {
            assert!(lab.cache.quality(host(1)).is_some(), "{failure}");
            lab.cache.outcome(host(1), Outcome::Failed, at(100));
        }
        assert_eq!(lab.cache.quality(host(1)), None);
        let end_s = 100 + DIAL_DISLIKED_S;
        assert_eq!(lab.learn(host(1), Source::User, end_s - 1), Learnt::Shunned);
        let other_port = SocketAddr::new(host(1).ip(), 99);
        assert_eq!(lab.learn(other_port, Source::User, end_s - 1), Learnt::New);
        assert_eq!(lab.learn(host(1), Source::User, end_s), Learnt::New);
    }
}

#[test]
fn whoever_fails_waits_for_longer_each_time() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    for wait_s in [120, 240, 480, 960, 1_920] {
        lab.cache.outcome(host(1), Outcome::Failed, at(10_000));
        assert_eq!(lab.next_call_s(10_000), Some(10_000 + wait_s));
    }
}

#[test]
fn who_takes_us_in_to_send_us_away_is_left_alone_for_a_while() {
    for (lasted_s, wait_s) in [(PARTED_SOON_S - 1, DIAL_BUSY_S), (PARTED_SOON_S, 0)] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), Outcome::Parted { lasted_s }, at(1_000));
        assert_eq!(lab.next_call_s(1_000), Some(1_000 + wait_s));
    }
}

/// When our own line is down everybody fails, and nobody is to blame.
#[test]
fn who_fails_while_nobody_answers_is_not_given_up() {
    for (failed, is_kept) in [(DIAL_CONTACT_S, false), (DIAL_CONTACT_S + 1, true)] {
        let mut lab = Lab::new();
        lab.prove(host(9), 0);
        lab.learn(host(1), Source::User, 0);
        for _ in 0..DIAL_FAILURES_MAX {
            lab.cache.outcome(host(1), Outcome::Failed, at(failed));
        }
        assert_eq!(lab.cache.quality(host(1)).is_some(), is_kept, "{failed}");
    }
}

/// HAND-74
#[test]
fn a_host_of_another_network_and_ourselves_are_not_called_again() {
    for (outcome, end_s) in [(Outcome::Foreign, Some(DIAL_FOREIGN_S)), (Outcome::Ourselves, None)] {
        let mut lab = Lab::new();
        lab.prove(host(1), 0);
        lab.cache.outcome(host(1), outcome, at(0));
        let last = end_s.map_or(4_000_000_000, |end_s| end_s - 1);
        assert_eq!(lab.learn(host(1), Source::User, last), Learnt::Shunned);
        if let Some(end_s) = end_s {
            assert_eq!(lab.learn(host(1), Source::User, end_s), Learnt::New);
        }
    }
}

#[test]
fn so_many_are_shunned_and_the_next_to_be_free_goes_first() {
    for (count, is_forgotten) in [(HOSTS_SHUNNED_MAX, false), (HOSTS_SHUNNED_MAX + 1, true)] {
        let mut lab = Lab::new();
        lab.cache.outcome(host(0), Outcome::Refused(403), at(0));
        for number in 1..u32::try_from(count).unwrap() {
            lab.cache.outcome(host(number), Outcome::Foreign, at(0));
        }
        assert_eq!(lab.learn(host(0), Source::User, 1) == Learnt::New, is_forgotten);
        assert_eq!(lab.learn(host(1), Source::User, 1), Learnt::Shunned);
    }
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
fn hearsay_grows_old_and_proven_hosts_do_not() {
    let lives = [
        (Source::Peer(host(1).ip()), Some(HOST_HEARSAY_LIFE_S)),
        (Source::Itself, Some(HOST_MET_LIFE_S)),
        (Source::User, None),
    ];
    for (source, life_s) in lives {
        let mut lab = Lab::new();
        lab.prove(host(3), 0);
        lab.learn(host(2), source, 60);
        let last = life_s.map_or(4_000_000, |life_s| 60 + life_s);
        lab.learn(host(9), Source::User, last);
        assert!(lab.cache.quality(host(2)).is_some(), "{source:?}");
        lab.learn(host(10), Source::User, last + 120);
        assert_eq!(lab.cache.quality(host(2)).is_some(), life_s.is_none(), "{source:?}");
        assert_eq!(lab.cache.quality(host(3)), Some(Quality::Proven));
    }
}

fn with_slots(leaves: u8, ultrapeers: u8) -> Facts {
    Facts { free_slots: Some(FreeSlots { leaves, ultrapeers }), ..ULTRAPEER }
}

/// HAND-45
#[test]
fn fresh_ultrapeers_with_room_are_told_to_others() {
    let mut lab = Lab::new();
    let (peer, now) = (Source::Peer(host(1_000).ip()), HOST_FRESH_S);
    lab.learn(host(1), peer, 0);
    lab.cache.learn(host(2), peer, with_slots(0, 1), &lab.filter, at(now));
    lab.cache.learn(host(3), peer, with_slots(0, 0), &lab.filter, at(now));
    lab.cache.learn(host(4), peer, Facts::default(), &lab.filter, at(now));
    lab.learn(host(5), peer, now);
    lab.cache.outcome(host(5), Outcome::Failed, at(now));
    lab.learn(host(6), peer, now);
    lab.learn(host(7), peer, now);
    lab.cache.outcome(host(7), Outcome::Refused(503), at(now));
    let told = |lab: &mut Lab, second| {
        let mut told = lab.cache.sample(10, at(second), &mut lab.rng, |known| known == host(6));
        told.sort_unstable();
        told
    };
    assert_eq!(told(&mut lab, now), [host(1), host(2)]);
    assert_eq!(told(&mut lab, now + 1), [host(2)]);
    for number in 100..120 {
        lab.prove(host(number), now);
    }
    let told = told(&mut lab, now);
    assert_eq!(told.len(), 10);
    assert!(told.iter().all(|host| lab.cache.quality(*host) == Some(Quality::Proven)));
}

/// HAND-45
#[test]
fn of_one_network_two_are_told() {
    let mut lab = Lab::new();
    for number in 0..30 {
        lab.learn(host(number), Source::User, 0);
    }
    for last in 1..5 {
        let neighbour = SocketAddr::new(Ipv4Addr::new(95, 1, 1, last).into(), 6346);
        lab.learn(neighbour, Source::User, 0);
    }
    let told = lab.cache.sample(100, at(0), &mut lab.rng, |_| false);
    let of_network = told.iter().filter(|host| host.to_string().starts_with("95.1.1.")).count();
    assert_eq!((of_network, told.len()), (TOLD_OF_NETWORK_MAX, 30 + TOLD_OF_NETWORK_MAX));
}

#[test]
fn what_an_earlier_run_knew_is_known_again() {
    let mut lab = Lab::new();
    lab.prove(host(1), 0);
    lab.learn(host(2), Source::Itself, 50);
    lab.learn(host(3), Source::Peer(host(2).ip()), 60);
    let saved = lab.cache.export(at(100));
    let facts: Vec<_> =
        saved.iter().map(|host| (host.address, host.quality, host.distance, host.age_s)).collect();
    assert_eq!(
        facts,
        [
            (host(1), Quality::Proven, 0, 100),
            (host(2), Quality::Met, 2, 50),
            (host(3), Quality::Hearsay, 3, 40),
        ]
    );
    let mut later = Lab::new();
    later.cache.import(&saved, &later.filter, at(0));
    let known: Vec<_> = later.cache.iter().collect();
    assert_eq!(
        known,
        [(host(1), Quality::Proven), (host(2), Quality::Hearsay), (host(3), Quality::Hearsay),]
    );
    assert_eq!(later.cache.export(at(0))[0].distance, 0);
    // It may be gone, and is not called for hours as one would be that was proven in this run.
    later.prove(host(9), 0);
    later.cache.outcome(host(1), Outcome::Failed, at(0));
    assert!(later.cache.quality(host(1)).is_some());
    later.cache.outcome(host(1), Outcome::Failed, at(0));
    assert_eq!(later.cache.quality(host(1)), None);
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
