//! That liars do not get hold of a host cache, and through it of a node (A15 of the attacks).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use filbert::base::addresses::{Network, is_public};
use filbert::base::limits::{
    DIAL_FAILURES_MAX, DIAL_INTERVAL_S, HOST_PORTS_WRONG_MAX, HOST_SWEEP_S,
};
use filbert::base::time::Time;
use filbert::node::address_filter::AddressFilter;
use filbert::node::host_cache::{
    Facts, HostCache, HostCacheRules, Learnt, Outcome, Quality, Source,
};
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

/// A host with a network of its own, which liars name by wrong ports.
fn victim(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(93, 184, 216, 34)), port)
}

/// Somebody in a network of his own.
fn teller(number: u8) -> Source {
    Source::Peer(IpAddr::V4(Ipv4Addr::new(45, 66, number, 1)))
}

struct Slandered {
    cache: HostCache,
    filter: AddressFilter,
    rng: ChaCha8Rng,
}

impl Slandered {
    /// Knows two hundred others and is on the Internet.
    fn new() -> Self {
        let (cache, filter) =
            (HostCache::new(HostCacheRules::default()), AddressFilter::new(false));
        let mut lab = Self { cache, filter, rng: ChaCha8Rng::seed_from_u64(1) };
        for n in 0..200_u32 {
            let ip = Ipv4Addr::from_bits(0x0505_0101 + n * 0x100);
            lab.learn(SocketAddr::new(ip.into(), 6346), Source::User, 0);
        }
        lab.cache.outcome("5.5.1.1:6346".parse().unwrap(), Outcome::Connected, at(0));
        lab
    }

    fn learn(&mut self, host: SocketAddr, source: Source, second: u64) -> Learnt {
        self.cache.learn(host, source, ULTRAPEER, &self.filter, at(second))
    }

    /// It does not answer until it is given up. How many calls that took.
    fn fail(&mut self, host: SocketAddr, second: u64) -> u8 {
        let mut calls = 0;
        while self.cache.quality(host).is_some() {
            self.cache.outcome(host, Outcome::Failed, at(second));
            calls += 1;
        }
        calls
    }

    /// Whether this one is called, if all others may not be.
    fn calls(&mut self, host: SocketAddr, second: u64) -> bool {
        self.cache.next(at(second), &mut self.rng, |other| other != host).is_some()
    }
}

/// PONG-16
#[test]
fn wrong_ports_that_others_name_give_way_to_a_better_word() {
    for source in [Source::Itself, Source::User] {
        let mut lab = Slandered::new();
        for number in [1, 2] {
            assert_eq!(lab.learn(victim(number.into()), teller(number), 1), Learnt::New);
        }
        assert_eq!(lab.learn(victim(3), teller(3), 2), Learnt::Full, "hearsay does not");
        assert_eq!(lab.learn(victim(6346), source, 3), Learnt::New, "{source:?}");
        let ports: Vec<_> =
            lab.cache.iter().filter(|(host, _)| host.ip() == victim(1).ip()).collect();
        assert_eq!(ports.len(), 2, "the bound holds");
        lab.cache.outcome(victim(6346), Outcome::Connected, at(4));
        assert_eq!(lab.cache.quality(victim(6346)), Some(Quality::Proven));
        assert_eq!(lab.learn(victim(4), teller(4), 5), Learnt::Full);
        assert_eq!(lab.learn(victim(4), Source::Itself, 5), Learnt::New, "the other lie went");
        assert_eq!(lab.learn(victim(5), Source::Itself, 5), Learnt::Full);
        assert_eq!(lab.cache.quality(victim(6346)), Some(Quality::Proven), "nobody displaces it");
    }
}

/// PONG-16: of one source, one port.
#[test]
fn one_liar_leaves_room_for_what_others_say_of_an_address() {
    let mut lab = Slandered::new();
    assert_eq!(lab.learn(victim(1111), teller(1), 1), Learnt::New);
    assert_eq!(lab.learn(victim(2222), teller(1), 1), Learnt::Full);
    assert_eq!(lab.learn(victim(6346), teller(2), 1), Learnt::New);
}

/// PONG-16: the same for the share of a network.
#[test]
fn hosts_that_others_name_in_a_network_give_way_to_a_better_word() {
    for source in [Source::Itself, Source::User] {
        let mut lab = Slandered::new();
        let near = |last| SocketAddr::new(IpAddr::V4(Ipv4Addr::new(93, 184, 216, last)), 1111);
        let lies =
            (100..200).filter(|last| lab.learn(near(*last), teller(*last), 1) == Learnt::New);
        assert_eq!(lies.count(), 22, "a tenth");
        assert_eq!(lab.learn(victim(6346), source, 2), Learnt::New, "{source:?}");
        assert_eq!(largest_network(&lab.cache), 22);
        // Also where the network has to shrink: the user's word stays, though it is older.
        lab.learn("9.9.9.9:1".parse().unwrap(), Source::User, 2 + u64::from(HOST_SWEEP_S));
        assert!(lab.cache.quality(victim(6346)).is_some());
    }
}

/// PONG-16
#[test]
fn a_wrong_port_speaks_against_no_other_port() {
    for source in [teller(2), Source::Itself, Source::User] {
        let mut lab = Slandered::new();
        lab.learn(victim(1111), teller(1), 1);
        lab.fail(victim(1111), 2);
        assert_eq!(lab.learn(victim(1111), source, 3), Learnt::Shunned, "{source:?}");
        assert_eq!(lab.learn(victim(6346), source, 3), Learnt::New, "{source:?}");
        lab.learn(victim(1112), teller(3), 3);
        lab.fail(victim(1112), 4);
        assert!(lab.cache.quality(victim(6346)).is_some(), "{source:?}: it stays known");
    }
}

/// PONG-16, and A7 of the attacks: whoever names a victim has 65,535 names for it.
#[test]
fn after_three_wrong_ports_others_are_not_believed_about_an_address() {
    let mut lab = Slandered::new();
    let (mut calls, mut second) = (0, 0);
    for port in 1..=200 {
        second += 60;
        lab.learn(victim(port), teller(u8::try_from(port).unwrap()), second);
        calls += lab.fail(victim(port), second);
        let (mut cache, honest) = (lab.cache.clone(), teller(0));
        let learnt = cache.learn(victim(6346), honest, ULTRAPEER, &lab.filter, at(second));
        let is_barred = learnt == Learnt::Shunned;
        assert_eq!(is_barred, usize::from(port) >= HOST_PORTS_WRONG_MAX, "{port}");
    }
    assert_eq!(calls, DIAL_FAILURES_MAX + 2, "two to the first one, and one to each further one");
    assert_eq!(lab.learn(victim(6346), Source::Itself, second), Learnt::New);
    assert_eq!(lab.learn(victim(6347), Source::User, second), Learnt::New);
}

/// PONG-16: and whoever misleads us about itself gets no further.
#[test]
fn after_three_wrong_ports_a_host_is_not_believed_about_itself() {
    let mut lab = Slandered::new();
    let mut calls = 0;
    for port in 1..=100 {
        lab.learn(victim(port), Source::Itself, 60);
        calls += lab.fail(victim(port), 60);
    }
    assert_eq!(calls, DIAL_FAILURES_MAX + 2);
    assert_eq!(lab.learn(victim(6346), Source::Itself, 60), Learnt::Shunned);
    assert_eq!(lab.learn(victim(6346), Source::User, 60), Learnt::New);
}

/// HAND-62: a new name for an address that was called a moment ago is no reason to call it again.
#[test]
fn another_port_rests_for_as_long_as_the_address() {
    let interval = u64::from(DIAL_INTERVAL_S);
    for source in [teller(2), Source::Itself, Source::User] {
        for fails in [false, true] {
            let mut lab = Slandered::new();
            lab.learn(victim(1111), teller(1), 100);
            assert!(lab.calls(victim(1111), 100));
            if fails {
                lab.fail(victim(1111), 100);
            }
            lab.learn(victim(6346), source, 101);
            assert!(!lab.calls(victim(6346), 100 + interval - 1), "{source:?}");
            assert!(lab.calls(victim(6346), 100 + interval), "{source:?}");
        }
    }
}
