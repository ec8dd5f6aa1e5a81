//! That liars do not get hold of a host cache, and through it of a node (A15 of the attacks).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use filbert::base::addresses::{Network, is_public};
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{HostCache, HostCacheRules, Outcome, Source};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::{ULTRAPEER, at};

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

pub(super) fn largest_network(cache: &HostCache) -> usize {
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
    for n in 0..1_000_000_u32 {
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
    for n in 0..100_000_u32 {
        cache.learn(any_public(&mut rng), liar, ULTRAPEER, &filter, at(n / 1_000));
    }
    assert_eq!(cache.len(), 1_000 / 32);
    let honest = Source::Peer("81.2.69.142".parse().unwrap());
    for _ in 0..10 {
        cache.learn(any_public(&mut rng), honest, ULTRAPEER, &filter, at(100));
    }
    assert_eq!(cache.len(), 1_000 / 32 + 10);
}

/// How a node has fared, counted each minute.
#[derive(Default, Debug)]
struct Report {
    minutes: usize,
    /// Minutes without any honest neighbour.
    alone: usize,
    slots: usize,
    slots_of_liars: usize,
}

const HONEST: usize = 1_400;
const LIARS: usize = 600;
const DEGREE: usize = 10;

/// The hosts of a world, the honest ones first.
struct World {
    hosts: Vec<SocketAddr>,
    is_honest: BTreeMap<SocketAddr, bool>,
}

impl World {
    fn new(rng: &mut ChaCha8Rng) -> Self {
        let hosts: Vec<_> = (0..HONEST + LIARS).map(|_| any_public(rng)).collect();
        let is_honest = hosts.iter().enumerate().map(|(index, host)| (*host, index < HONEST));
        Self { is_honest: is_honest.collect(), hosts }
    }

    fn anybody(&self, rng: &mut ChaCha8Rng) -> SocketAddr {
        self.hosts[rng.random_range(0..HONEST + LIARS)]
    }

    /// Whom this host names. Liars name each other and the dead.
    fn named_by(&self, host: SocketAddr, rng: &mut ChaCha8Rng) -> SocketAddr {
        match self.is_honest[&host] {
            true => self.anybody(rng),
            false if rng.random() => any_public(rng),
            false => self.hosts[rng.random_range(HONEST..HONEST + LIARS)],
        }
    }

    /// What becomes of a call. Liars always have room, seven in ten of the others have.
    fn call(&self, host: SocketAddr, rng: &mut ChaCha8Rng) -> Outcome {
        match (self.is_honest.get(&host), rng.random_range(0..20_u32)) {
            (Some(false), _) | (Some(true), 0..14) => Outcome::Connected,
            (Some(true), 14..17) => Outcome::Refused(503),
            _ => Outcome::Failed,
        }
    }
}

/// Six hours of a node that knows twenty hosts at first and wants ten neighbours, each of which
/// leaves after an hour on average. Three in ten hosts of the world are liars, who talk four times
/// as much.
fn live(seed: u64, report: &mut Report) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let world = World::new(&mut rng);
    let filter = AddressFilter::new(false);
    let mut cache = HostCache::new(HostCacheRules::default());
    for _ in 0..20 {
        cache.learn(world.anybody(&mut rng), Source::User, ULTRAPEER, &filter, at(0));
    }
    let mut neighbours: Vec<SocketAddr> = Vec::new();
    for second in (0..6 * 3_600).step_by(4) {
        let now = at(second);
        neighbours.retain(|_| rng.random_range(0..900_u32) != 0);
        if neighbours.len() < DEGREE
            && let Some(host) = cache.next(now, &mut rng, |host| neighbours.contains(&host))
        {
            let outcome = world.call(host, &mut rng);
            cache.outcome(host, outcome, now);
            match outcome {
                Outcome::Connected => neighbours.push(host),
                Outcome::Refused(_) => {
                    let others: Vec<_> = (0..10).map(|_| world.anybody(&mut rng)).collect();
                    cache.learn_from_head(&others, Source::Peer(host.ip()), true, &filter, now);
                }
                _ => {}
            }
        }
        if second % 20 == 0 && !neighbours.is_empty() {
            let host = neighbours[rng.random_range(0..neighbours.len())];
            for _ in 0..if world.is_honest[&host] { 10 } else { 40 } {
                let named = world.named_by(host, &mut rng);
                cache.learn(named, Source::Peer(host.ip()), ULTRAPEER, &filter, now);
            }
        }
        if second % 60 == 0 && second > 600 {
            let honest = neighbours.iter().filter(|host| world.is_honest[host]).count();
            report.minutes += 1;
            report.alone += usize::from(honest == 0);
            report.slots += neighbours.len();
            report.slots_of_liars += neighbours.len() - honest;
        }
    }
}

/// A15: an honest neighbour in 999 minutes of 1,000; A16: liars have at most one and a half times
/// the slots that they would have without lying.
#[test]
fn with_three_liars_in_ten_there_is_always_an_honest_neighbour() {
    let mut report = Report::default();
    for seed in 0..20 {
        live(seed, &mut report);
    }
    assert!(report.alone * 1_000 <= report.minutes, "{report:?}");
    assert!(report.slots * 10 >= report.minutes * DEGREE * 9, "{report:?}");
    assert!(report.slots_of_liars * 100 <= report.slots * 45, "{report:?}");
}
