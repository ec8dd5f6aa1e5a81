//! Who has room in a host cache, and who has to go.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use filbert::base::limits::{
    HOSTS_MAX, HOSTS_MET_PERCENT, HOSTS_OF_ADDRESS_MAX, HOSTS_OF_NETWORK_MIN,
    HOSTS_OF_NETWORK_PERCENT, HOSTS_OF_SOURCE_MIN, HOSTS_OF_SOURCE_REPLACE_S,
    HOSTS_OF_SOURCE_SHARE, HOSTS_PROVEN_PERCENT,
};
use filbert::node::address_filter::{AddressFilter, Unusable};
use filbert::node::host_cache::{HostCache, HostCacheRules, Learnt, Outcome, Quality, Source};

use super::{Lab, ULTRAPEER, at, host};

/// Hosts in one network.
fn neighbour(last: u8) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(95, 1, 1, last).into(), 6346)
}

pub(super) fn peer(number: u32) -> Source {
    Source::Peer(host(100_000 + number).ip())
}

pub(super) fn lab(hosts_max: usize) -> Lab {
    Lab::of(HostCacheRules { hosts_max, ..HostCacheRules::default() })
}

#[test]
fn a_cache_grows_to_its_limit() {
    let mut lab = lab(HOSTS_MAX);
    for number in 0..2_000 {
        assert_eq!(lab.learn(host(number), peer(number / 10), number), Learnt::New);
        assert_eq!(lab.cache.len(), HOSTS_MAX.min(number as usize + 1));
    }
}

#[test]
fn what_is_known_is_not_known_twice() {
    let mut lab = lab(HOSTS_MAX);
    assert_eq!(lab.learn(host(1), peer(1), 0), Learnt::New);
    let mapped = match host(1).ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), 6346),
        IpAddr::V6(_) => panic!(),
    };
    assert_eq!(lab.learn(mapped, peer(2), 0), Learnt::Known);
    assert_eq!(lab.cache.iter().collect::<Vec<_>>(), [(host(1), Quality::Hearsay)]);
}

#[test]
fn the_word_of_a_host_itself_counts_more_than_hearsay() {
    let mut lab = lab(HOSTS_MAX);
    lab.learn(host(1), peer(1), 0);
    lab.learn(host(1), Source::Itself, 1);
    assert_eq!(lab.cache.quality(host(1)), Some(Quality::Met));
    lab.cache.outcome(host(1), Outcome::Connected, at(1));
    lab.learn(host(1), Source::Itself, 2);
    assert_eq!(lab.cache.quality(host(1)), Some(Quality::Proven));
    let counts = [Quality::Hearsay, Quality::Met, Quality::Proven].map(|of| lab.cache.count(of));
    assert_eq!(counts, [0, 0, 1]);
}

#[test]
fn addresses_that_are_no_hosts_are_not_taken() {
    let mut lab = lab(HOSTS_MAX);
    let own = "81.2.3.4:6346".parse().unwrap();
    lab.filter.set_own(vec![own]);
    lab.filter.set_blocked(vec!["81.7.0.0/16".parse().unwrap()]);
    for (address, why) in [
        ("10.1.2.3:6346", Unusable::Private),
        ("81.2.3.4:6346", Unusable::Own),
        ("81.7.3.4:6346", Unusable::Blocked),
        ("81.2.3.4:0", Unusable::NoPort),
        ("255.255.255.255:1", Unusable::NoHost),
    ] {
        for source in [Source::User, Source::Itself, peer(1)] {
            let learnt = lab.learn(address.parse().unwrap(), source, 0);
            assert_eq!(learnt, Learnt::Unusable(why), "{address}");
        }
    }
}

/// PONG-15
#[test]
fn of_one_network_a_tenth_is_taken() {
    for (others, taken) in [(0, HOSTS_OF_NETWORK_MIN), (27, 3), (36, 4), (90, 10)] {
        let mut lab = lab(HOSTS_MAX);
        for number in 0..others {
            lab.learn(host(number), peer(number), 0);
        }
        let learnt: Vec<_> =
            (1..20).map(|last| lab.learn(neighbour(last), peer(last.into()), 0)).collect();
        let fits = learnt.iter().filter(|learnt| **learnt == Learnt::New).count();
        assert_eq!((fits, HOSTS_OF_NETWORK_PERCENT), (taken, 10), "among {others}");
        assert!(learnt[taken..].iter().all(|learnt| *learnt == Learnt::Full));
    }
}

/// PONG-15: also where the host says so itself, or we were connected.
#[test]
fn a_network_has_its_share_by_whatever_word() {
    let mut lab = lab(HOSTS_MAX);
    assert_eq!(lab.connect(neighbour(1), 0), Some(Quality::Proven));
    assert_eq!(lab.learn(neighbour(2), Source::Itself, 0), Learnt::New);
    assert_eq!(lab.learn(neighbour(3), Source::Itself, 0), Learnt::Full);
    assert_eq!(lab.connect(neighbour(4), 0), None);
    assert_eq!(lab.connect(neighbour(1), 0), Some(Quality::Proven), "who is there stays");
}

/// PONG-15: where others go, the network gives way too.
#[test]
fn a_network_keeps_no_more_than_its_share() {
    let mut lab = lab(HOSTS_MAX);
    for number in 0..90 {
        lab.learn(host(number), peer(number), 0);
    }
    for last in 1..=10 {
        assert_eq!(
            lab.learn(neighbour(last), peer(last.into()), 5_000 + u32::from(last)),
            Learnt::New
        );
    }
    lab.connect(neighbour(1), 0);
    // All others are too old by now.
    lab.learn(host(999), peer(999), 9_000);
    let left: BTreeSet<_> = lab.cache.iter().map(|(host, _)| host).collect();
    assert_eq!(left, BTreeSet::from([neighbour(1), neighbour(10), host(999)]));
}

#[test]
fn a_laboratory_may_have_one_network_only() {
    let rules = HostCacheRules { hosts_max: 100, network_percent: 100 };
    let (mut cache, filter) = (HostCache::new(rules), AddressFilter::new(true));
    for port in 1..=100 {
        let host = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
        cache.learn(host, Source::User, ULTRAPEER, &filter, at(0));
    }
    assert_eq!(cache.len(), 100);
}

#[test]
fn one_public_address_is_known_by_two_ports() {
    let mut lab = lab(HOSTS_MAX);
    for number in 0..100 {
        lab.learn(host(number), peer(number), 0);
    }
    let learnt =
        [1, 2, 3].map(|n| lab.learn(SocketAddr::new(neighbour(1).ip(), n), peer(n.into()), 0));
    assert_eq!((learnt, HOSTS_OF_ADDRESS_MAX), ([Learnt::New, Learnt::New, Learnt::Full], 2));
}

/// PONG-15
#[test]
fn a_source_has_its_share() {
    let share = HOSTS_MAX / HOSTS_OF_SOURCE_SHARE;
    for (hosts_max, expected) in [(HOSTS_MAX, share), (100, HOSTS_OF_SOURCE_MIN)] {
        let mut lab = lab(hosts_max);
        // All of one network have one voice.
        let voice =
            |number: u32| Source::Peer(Ipv4Addr::from_bits(0x5f01_0100 + number % 256).into());
        let learnt: Vec<_> =
            (0..50).map(|number| lab.learn(host(number), voice(number), 0)).collect();
        let fits = learnt.iter().filter(|learnt| **learnt == Learnt::New).count();
        // The first beyond the share takes the place of an older one.
        assert_eq!((fits, lab.cache.len()), (expected + 1, expected));
        assert_eq!(lab.learn(host(900), peer(1), 0), Learnt::New);
        assert_eq!(lab.learn(host(901), Source::User, 0), Learnt::New);
    }
}

#[test]
fn a_source_with_its_share_displaces_its_own_and_seldom() {
    let mut lab = lab(100);
    lab.learn(host(999), peer(2), 0);
    for number in 0..10 {
        lab.learn(host(number), peer(1), number);
    }
    let every = HOSTS_OF_SOURCE_REPLACE_S;
    assert_eq!(lab.learn(host(100), peer(1), 100), Learnt::New);
    assert_eq!(lab.cache.quality(host(0)), None, "the oldest goes");
    assert_eq!(lab.learn(host(101), peer(1), 100 + every - 1), Learnt::Full);
    assert_eq!(lab.learn(host(101), peer(1), 100 + every), Learnt::New);
    assert_eq!(lab.cache.quality(host(1)), None);
    assert_eq!((lab.cache.len(), lab.cache.quality(host(999))), (11, Some(Quality::Hearsay)));
}

/// Who has told most gives way.
#[test]
fn a_full_cache_takes_from_the_loudest() {
    let mut lab = lab(20);
    for number in 0..10 {
        lab.learn(host(number), peer(1), number);
    }
    for number in 10..20 {
        lab.learn(host(number), peer(number), 0);
    }
    assert_eq!(lab.learn(host(100), peer(100), 50), Learnt::New);
    assert_eq!((lab.cache.len(), lab.cache.quality(host(0))), (20, None));
}

#[test]
fn proven_hosts_have_their_share_and_the_first_stay() {
    let mut lab = lab(100);
    let share = u32::try_from(HOSTS_PROVEN_PERCENT).unwrap();
    for number in 0..share {
        assert_eq!(lab.connect(host(number), 0), Some(Quality::Proven));
    }
    assert_ne!(lab.connect(host(share), 0), Some(Quality::Proven));
    lab.cache.outcome(host(3), Outcome::Failed, at(0));
    assert_eq!(lab.connect(host(share), 0), Some(Quality::Proven));
    assert_eq!(lab.cache.quality(host(3)), None, "who has failed gives way");
    assert_eq!(lab.cache.count(Quality::Proven), HOSTS_PROVEN_PERCENT);
}

#[test]
fn those_that_came_by_themselves_have_their_share() {
    let mut lab = lab(100);
    let share = u32::try_from(HOSTS_MET_PERCENT).unwrap();
    for number in 0..=share {
        assert_eq!(lab.learn(host(number), Source::Itself, number), Learnt::New);
    }
    assert_eq!((lab.cache.len(), lab.cache.quality(host(0))), (HOSTS_MET_PERCENT, None));
}

#[test]
fn an_idle_cache_is_small_and_gives_back_what_it_held() {
    let mut lab = lab(HOSTS_MAX);
    let heap = allocation_counter::measure(|| {
        for number in 0..20 {
            lab.learn(host(number), peer(number), 0);
        }
    });
    assert!((500..2_000).contains(&heap.bytes_current), "{heap:?}");
    let full = allocation_counter::measure(|| {
        for number in 0..2_000 {
            lab.learn(host(number), peer(number / 10), 1);
        }
    });
    assert!((40_000..80_000).contains(&full.bytes_current), "{full:?}");
    let given_back = allocation_counter::measure(|| {
        lab.learn(host(1), Source::User, 100_000);
    });
    assert!(given_back.bytes_current < -full.bytes_current * 9 / 10, "{given_back:?}");
}
