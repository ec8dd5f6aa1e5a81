//! That liars do not get hold of a host cache, and through it of a node (A15 of the attacks).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use filbert::base::addresses::{Network, is_public};
use filbert::base::time::Time;
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{Facts, HostCache, HostCacheRules, Outcome, Source};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

const ULTRAPEER: Facts =
    Facts { is_ultrapeer: true, free_slots: None, daily_uptime_s: None, is_advice: false };

fn at(second: u64) -> Time {
    Time::from_millis(second * 1_000)
}

fn any_public(rng: &mut ChaCha8Rng) -> SocketAddr {
    loop {
        let ip = IpAddr::V4(Ipv4Addr::from_bits(rng.random()));
        if is_public(ip) {
            return SocketAddr::new(ip, rng.random_range(1_024..=u16::MAX));
        }
    }
}

/// What an attacker may name: anything at all.
fn any_lie(rng: &mut ChaCha8Rng) -> SocketAddr {
    let low = rng.random::<u32>();
    let [a, b, c, d] = low.to_be_bytes();
    let ip = match rng.random_range(0..10_u32) {
        // Its own network.
        0 | 1 => IpAddr::V4(Ipv4Addr::new(45, 66, 77, d)),
        // The victim, on any port.
        2 => IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34)),
        3 => IpAddr::V4(Ipv4Addr::new(10, b, c, d)),
        4 => IpAddr::V4(Ipv4Addr::new(224 | a >> 4, b, c, d)),
        5 => IpAddr::V4(Ipv4Addr::new(0, b, c, d)),
        6 => IpAddr::V4(Ipv4Addr::new(192, 168, c, d)),
        // A /48 of its own.
        7 => IpAddr::V6(Ipv6Addr::from_bits(0x2a02_0102_0304_u128 << 80 | u128::from(low))),
        8 => IpAddr::V6(Ipv6Addr::from_bits(0xfe80_u128 << 112 | u128::from(low))),
        _ => any_public(rng).ip(),
    };
    let port = if rng.random_range(0..8_u32) == 0 { 0 } else { rng.random() };
    SocketAddr::new(ip, port)
}

fn largest_network(cache: &HostCache) -> usize {
    let mut networks = BTreeMap::new();
    for (host, _) in cache.iter() {
        *networks.entry(Network::around(host.ip())).or_insert(0) += 1;
    }
    networks.values().copied().max().unwrap_or(0)
}

/// PONG-07, HAND-75
#[test]
fn a_million_lies_leave_nothing_private_and_no_network_over_a_tenth() {
    let mut rng = ChaCha8Rng::seed_from_u64(15);
    let filter = AddressFilter::new(false);
    let mut cache = HostCache::new(HostCacheRules::default());
    for _ in 0..200 {
        cache.learn(any_public(&mut rng), Source::User, ULTRAPEER, &filter, at(0));
    }
    // A hundred attackers, each with a network of its own, for an hour.
    for n in 0..1_000_000_u64 {
        let liar = Source::Peer(IpAddr::V4(Ipv4Addr::new(45, 66, (n % 100) as u8, 1)));
        cache.learn(any_lie(&mut rng), liar, ULTRAPEER, &filter, at(n * 3_600 / 1_000_000));
    }
    assert!(cache.len() > 500, "{}", cache.len());
    assert!(largest_network(&cache) * 10 <= cache.len());
    for (host, _) in cache.iter() {
        assert!(is_public(host.ip()) && host.port() != 0, "{host}");
    }
    let victim: IpAddr = "93.184.216.34".parse().unwrap();
    assert!(cache.iter().filter(|(host, _)| host.ip() == victim).count() <= 2);
}

/// What one neighbour says, however much, is a voice among thirty.
#[test]
fn one_liar_among_few_neighbours_does_not_fill_the_cache() {
    let mut rng = ChaCha8Rng::seed_from_u64(16);
    let filter = AddressFilter::new(false);
    let mut cache = HostCache::new(HostCacheRules::default());
    let liar = Source::Peer("45.66.77.88".parse().unwrap());
    for n in 0..100_000_u64 {
        cache.learn(any_public(&mut rng), liar, ULTRAPEER, &filter, at(n / 1_000));
    }
    assert_eq!(cache.len(), 1_000 / 32);
    let honest = Source::Peer("81.2.69.142".parse().unwrap());
    for _ in 0..10 {
        cache.learn(any_public(&mut rng), honest, ULTRAPEER, &filter, at(100));
    }
    assert_eq!(cache.len(), 1_000 / 32 + 10);
}

#[derive(Default, Debug)]
struct Report {
    minutes: u32,
    minutes_alone: u32,
    honest_slots: u64,
    slots: u64,
    calls: u64,
}

const HONEST: usize = 1_400;
const LIARS: usize = 600;

/// A node with `degree` neighbours for `hours`, of whom each leaves after an hour on average. Three in
/// ten hosts of the world are liars: they always have room, and name nobody but each other and the
/// dead, a hundred at a time.
fn live(seed: u64, degree: usize, hours: u64, room: u32) -> Report {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let world: Vec<SocketAddr> = (0..HONEST + LIARS).map(|_| any_public(&mut rng)).collect();
    let is_honest: BTreeMap<SocketAddr, bool> =
        world.iter().enumerate().map(|(index, host)| (*host, index < HONEST)).collect();
    let anybody = |rng: &mut ChaCha8Rng| world[rng.random_range(0..HONEST + LIARS)];
    let filter = AddressFilter::new(false);
    let mut cache = HostCache::new(HostCacheRules::default());
    for _ in 0..20 {
        let host = anybody(&mut rng);
        cache.learn(host, Source::User, ULTRAPEER, &filter, at(0));
    }
    let mut neighbours: Vec<SocketAddr> = Vec::new();
    let mut report = Report::default();
    for second in 0..hours * 3_600 {
        let now = at(second);
        neighbours.retain(|_| rng.random_range(0..3_600_u32) != 0);
        if neighbours.len() < degree
            && let Some(host) = cache.next(now, &mut rng, |host| neighbours.contains(&host))
        {
            report.calls += 1;
            match (is_honest.get(&host), rng.random_range(0..20_u32)) {
                (Some(honest), fate) if !honest || fate < room => {
                    cache.outcome(host, Outcome::Connected, now);
                    neighbours.push(host);
                }
                (Some(true), fate) if fate < 17 => {
                    cache.outcome(host, Outcome::Refused(503), now);
                    let others: Vec<_> = (0..10).map(|_| anybody(&mut rng)).collect();
                    cache.learn_from_head(&others, Source::Peer(host.ip()), true, &filter, now);
                }
                _ => cache.outcome(host, Outcome::Failed, now),
            }
        }
        if second % 10 == 0 {
            for _ in 0..3.min(neighbours.len()) {
                let host = neighbours[rng.random_range(0..neighbours.len())];
                let honest = is_honest[&host];
                for _ in 0..if honest { 10 } else { 100 } {
                    let named = match honest {
                        true => anybody(&mut rng),
                        false if rng.random() => any_public(&mut rng),
                        false => world[rng.random_range(HONEST..HONEST + LIARS)],
                    };
                    cache.learn(named, Source::Peer(host.ip()), ULTRAPEER, &filter, now);
                }
            }
        }
        if second % 60 == 59 && second > 600 {
            let honest = neighbours.iter().filter(|host| is_honest[host]).count();
            report.minutes += 1;
            report.minutes_alone += u32::from(honest == 0);
            report.honest_slots += honest as u64;
            report.slots += neighbours.len() as u64;
        }
    }
    report
}

#[test]
fn with_three_liars_in_ten_an_honest_neighbour_is_always_found() {
    for room in [14, 8] {
        let mut all = Report::default();
        for seed in 0..20 {
            let report = live(seed, 10, 12, room);
            all.minutes += report.minutes;
            all.minutes_alone += report.minutes_alone;
            all.honest_slots += report.honest_slots;
            all.slots += report.slots;
        }
        eprintln!("{all:?}");
    }
}
