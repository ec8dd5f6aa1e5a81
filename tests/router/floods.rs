//! Floods through networks of routers, with loops in them and neighbours that mean harm.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::router::{Answer, Onward, Quotas, Router, TtlRules, Verdict};
use filbert::gnutella::wire::{Function, Header};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::routers::header;

/// Ultrapeers, and who knows whom: by number, and by the slot that each gave the other.
struct Network {
    routers: Vec<Router>,
    slots: Vec<Slots<usize>>,
    /// Those that send back twice whatever they get from a neighbour for the first time.
    echoing: BTreeSet<usize>,
    echoed: BTreeSet<(u32, usize, usize)>,
    /// How often each message crossed each link, in each direction.
    crossings: BTreeMap<(u32, usize, usize), u32>,
    /// Whoever evaluated a query: once at most.
    evaluated: BTreeSet<(u32, usize)>,
    blamed: BTreeSet<(usize, usize)>,
}

/// One that passes on as much as comes.
fn router(rules: TtlRules, seed: u64) -> Router {
    Router::with_quotas(rules, Quotas::default().unmetered(), seed)
}

impl Network {
    fn new(rules: TtlRules, nodes: usize, edges: &[(usize, usize)]) -> Self {
        let routers = (0..nodes).map(|seed| router(rules, seed as u64)).collect();
        let slots = vec![Slots::new(); nodes];
        let (crossings, evaluated) = (BTreeMap::new(), BTreeSet::new());
        let (echoing, echoed, blamed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut network = Self { routers, slots, echoing, echoed, crossings, evaluated, blamed };
        for &(one, other) in edges {
            for (node, neighbour) in [(one, other), (other, one)] {
                let slot = network.slots[node].insert(neighbour);
                network.routers[node].open(slot, false, true, Time::ZERO);
            }
        }
        network
    }

    /// A query of `origin`, through the network until nothing moves any more. Who is nearer gets it
    /// first.
    fn flood(&mut self, number: u32, origin: usize, ttl: u8) {
        let query = Header { ttl, ..header(Function::QUERY, number) };
        self.routers[origin].originate(Function::QUERY, query.guid, Time::ZERO);
        self.evaluated.insert((number, origin));
        let mut queue = VecDeque::new();
        self.send_all(number, origin, None, query, &mut queue);
        while let Some((node, from, query)) = queue.pop_front() {
            let verdict = self.routers[node].broadcast(&query, from, Time::ZERO);
            let onward = match verdict {
                Verdict::New { onward } => {
                    assert!(
                        self.evaluated.insert((number, node)),
                        "{node} evaluates {number} twice"
                    );
                    onward
                }
                Verdict::Again { onward } => Some(onward),
                Verdict::Drop { fault, .. } => {
                    if fault.is_some() {
                        self.blamed.insert((node, self.neighbour(node, from)));
                    }
                    None
                }
            };
            let sender = self.neighbour(node, from);
            if self.echoing.contains(&node) && self.echoed.insert((number, node, sender)) {
                self.send(number, node, from, query, &mut queue);
                self.send(number, node, from, query, &mut queue);
            }
            if let Some(Onward { ttl, hops }) = onward {
                let query = Header { ttl, hops, ..query };
                self.send_all(number, node, Some(from), query, &mut queue);
            }
        }
    }

    fn send_all(
        &mut self,
        number: u32,
        node: usize,
        but: Option<Slot>,
        query: Header,
        queue: &mut Queue,
    ) {
        let slots: Vec<Slot> = self.slots[node].iter().map(|(slot, _)| slot).collect();
        for slot in slots.into_iter().filter(|slot| Some(*slot) != but) {
            self.send(number, node, slot, query, queue);
        }
    }

    fn send(&mut self, number: u32, node: usize, to: Slot, query: Header, queue: &mut Queue) {
        let neighbour = self.neighbour(node, to);
        *self.crossings.entry((number, node, neighbour)).or_default() += 1;
        let (from, _) = self.slots[neighbour].iter().find(|(_, back)| **back == node).unwrap();
        queue.push_back((neighbour, from, query));
    }

    fn neighbour(&self, node: usize, slot: Slot) -> usize {
        *self.slots[node].get(slot).unwrap()
    }

    /// Sends a hit home, and says over how many links it went.
    fn answer(&mut self, number: u32, node: usize, origin: usize, ttl: u8) -> Option<u32> {
        let mut hit = Header { ttl, ..header(Function::QUERY_HIT, number) };
        let (mut at, mut links) = (node, 0);
        // The hit comes from a leaf of the node.
        let mut from = self.slots[node].insert(usize::MAX);
        self.routers[node].open(from, true, true, Time::ZERO);
        loop {
            match self.routers[at].answer(&hit, from, Time::ZERO) {
                Answer::Own => return (at == origin).then_some(links),
                Answer::To { slot, onward } => {
                    let next = self.neighbour(at, slot);
                    let (back, _) = self.slots[next].iter().find(|(_, node)| **node == at).unwrap();
                    (hit.ttl, hit.hops) = (onward.ttl, onward.hops);
                    (at, from, links) = (next, back, links + 1);
                }
                Answer::Drop { .. } => return None,
            }
        }
    }

    fn reached(&self, number: u32) -> usize {
        self.evaluated.range((number, 0)..=(number, usize::MAX)).count()
    }
}

type Queue = VecDeque<(usize, Slot, Header)>;

/// Each node knows so many others, chosen by chance, and the next one, so that all hang together.
fn random_edges(nodes: usize, chosen: usize, seed: u64) -> Vec<(usize, usize)> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut edges = BTreeSet::new();
    for node in 0..nodes {
        let others = (0..chosen).map(|_| random.random_range(0..nodes));
        for other in others.chain([(node + 1) % nodes]).filter(|other| *other != node) {
            edges.insert((node.min(other), node.max(other)));
        }
    }
    edges.into_iter().collect()
}

/// How many nodes are so near, by breadth-first search.
fn within(nodes: usize, edges: &[(usize, usize)], origin: usize, links: u8) -> usize {
    let mut near = BTreeSet::from([origin]);
    for _ in 0..links {
        for node in near.clone() {
            near.extend(edges.iter().filter(|edge| edge.0 == node).map(|edge| edge.1));
            near.extend(edges.iter().filter(|edge| edge.1 == node).map(|edge| edge.0));
        }
    }
    assert!(near.len() <= nodes);
    near.len()
}

/// TTL-02, TTL-11, attack A14: however many loops a network has, a query crosses each link once at most in
/// each direction, reaches all that are near enough, and nobody is blamed.
#[test]
fn a_flood_crosses_each_link_once_and_reaches_what_is_near() {
    let rings: Vec<_> = (0..12).map(|node| (node, (node + 1) % 12)).collect();
    let all: Vec<_> = (0..9).flat_map(|one| (one + 1..9).map(move |other| (one, other))).collect();
    for (nodes, edges) in [(12, rings), (9, all), (200, random_edges(200, 3, 1))] {
        for (rules, ttl) in [(TtlRules::default(), 4), (TtlRules::FLOOD, 7)] {
            let mut network = Network::new(rules, nodes, &edges);
            for number in 1..=5 {
                let origin = number as usize % nodes;
                network.flood(number, origin, ttl);
                assert_eq!(network.reached(number), within(nodes, &edges, origin, ttl));
            }
            assert_eq!(network.crossings.values().max(), Some(&1));
            assert!(network.blamed.is_empty());
        }
    }
}

/// TTL-18: every node that a flood has reached finds its way home, over as many links as the query came.
#[test]
fn hits_find_home_from_wherever_the_query_went() {
    let edges = random_edges(200, 3, 2);
    let mut network = Network::new(TtlRules::default(), 200, &edges);
    network.flood(1, 0, 4);
    let reached: Vec<_> = network.evaluated.iter().map(|(_, node)| *node).collect();
    assert!(reached.len() > 100);
    for node in reached.into_iter().filter(|node| *node != 0) {
        let links = network.answer(1, node, 0, 6).expect("it gets home");
        assert!((1..=4).contains(&links));
    }
}

/// Attack A14: neighbours that send everything back move nothing, and nobody else is blamed for it (TTL-14).
#[test]
fn echoes_die_where_they_arrive() {
    let edges = random_edges(60, 2, 3);
    let mut plain = Network::new(TtlRules::default(), 60, &edges);
    let mut echoing = Network::new(TtlRules::default(), 60, &edges);
    echoing.echoing = BTreeSet::from([7, 20, 33]);
    for number in 1..=300 {
        for network in [&mut plain, &mut echoing] {
            network.flood(number, number as usize % 60, 4);
        }
    }
    assert_eq!(plain.evaluated, echoing.evaluated);
    let by_honest = |network: &Network, echoing: &BTreeSet<usize>| -> u32 {
        let honest = network.crossings.iter().filter(|((_, from, _), _)| !echoing.contains(from));
        honest.map(|(_, crossings)| crossings).sum()
    };
    assert_eq!(by_honest(&plain, &echoing.echoing), by_honest(&echoing, &echoing.echoing));
    let blamed: BTreeSet<_> = echoing.blamed.iter().map(|(_, blamed)| *blamed).collect();
    assert!(blamed.is_subset(&echoing.echoing));
}

/// Attack A14: a storm of one message goes on once, and costs its sender the connection.
#[test]
fn a_storm_of_one_message_goes_on_once() {
    let mut network = Network::new(TtlRules::default(), 3, &[(0, 1), (1, 2)]);
    let (from, _) = network.slots[1].iter().find(|(_, node)| **node == 0).unwrap();
    let (mut went_on, mut blamed) = (0, 0);
    for _ in 0..100_000 {
        match network.routers[1].broadcast(&header(Function::QUERY, 1), from, Time::ZERO) {
            Verdict::Drop { fault, .. } => blamed += u32::from(fault.is_some()),
            Verdict::New { .. } | Verdict::Again { .. } => went_on += 1,
        }
    }
    assert_eq!((went_on, blamed), (1, 100_000 - 6));
}
