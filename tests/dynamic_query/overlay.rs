//! A small world for dynamic queries: ultrapeers in a random graph, and files in known places.

use std::collections::VecDeque;

use bytes::Bytes;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::dynamic_query::{
    Candidate, DynamicQueries, Guidance, Origin, Search, Step, Why, results_wanted,
};
use filbert::gnutella::wire::Guid;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng, seq::SliceRandom};

/// Hosts that an ultrapeer answers for: itself and thirty leaves.
pub(crate) const HOSTS_A_PEER: usize = 31;

/// How long a message takes for one link.
const LINK_MS: u64 = 150;

/// Ultrapeers, all of one degree. The first one is ours.
pub(crate) struct Overlay {
    degree: usize,
    links: Vec<u32>,
}

impl Overlay {
    /// Random cycles through all peers, laid over each other.
    pub(crate) fn random(peers: u32, degree: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut links = vec![0; peers as usize * degree];
        let mut order: Vec<u32> = (0..peers).collect();
        for cycle in 0..degree / 2 {
            order.shuffle(&mut rng);
            for (at, &peer) in order.iter().enumerate() {
                let next = order[(at + 1) % order.len()];
                links[peer as usize * degree + 2 * cycle] = next;
                links[next as usize * degree + 2 * cycle + 1] = peer;
            }
        }
        Self { degree, links }
    }

    pub(crate) fn peers(&self) -> usize {
        self.links.len() / self.degree
    }

    pub(crate) fn neighbours(&self, peer: u32) -> &[u32] {
        &self.links[peer as usize * self.degree..][..self.degree]
    }

    /// Puts so many copies of a file on random hosts; returns how many each peer can answer with.
    pub(crate) fn spread(&self, copies: usize, seed: u64) -> Vec<u16> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut files = vec![0; self.peers()];
        for _ in 0..copies {
            // Our own part of the world holds none, so that all results come from outside.
            let peer: usize = rng.random_range(1..self.peers());
            files[peer] += 1;
        }
        files
    }
}

/// One query in the overlay: who has seen it, and with which TTL.
pub(crate) struct Spread<'a> {
    overlay: &'a Overlay,
    files: &'a [u16],
    /// The highest TTL that each peer has seen, 0 for none.
    seen: Vec<u8>,
    pub(crate) messages: u64,
    pub(crate) reached: u64,
    pub(crate) results: u32,
}

impl<'a> Spread<'a> {
    pub(crate) fn new(overlay: &'a Overlay, files: &'a [u16]) -> Self {
        let mut seen = vec![0; overlay.peers()];
        seen[0] = u8::MAX;
        Self { overlay, files, seen, messages: 0, reached: 0, results: 0 }
    }

    /// Sends the query to a neighbour of ours. Returns the results by the links they are away.
    pub(crate) fn send(&mut self, to: u32, ttl: u8) -> Vec<(u8, u32)> {
        let mut by_hops = vec![0_u32; usize::from(ttl) + 1];
        let mut waiting = VecDeque::from([(0, to, ttl, 1_u8)]);
        while let Some((from, peer, ttl, hops)) = waiting.pop_front() {
            self.messages += 1;
            let seen = &mut self.seen[peer as usize];
            if ttl <= *seen {
                continue;
            }
            if *seen == 0 {
                let files = u32::from(self.files[peer as usize]);
                self.reached += 1;
                self.results += files;
                by_hops[usize::from(hops)] += files;
            }
            *seen = ttl;
            if ttl > 1 {
                let others = self.overlay.neighbours(peer).iter().filter(|other| **other != from);
                waiting.extend(others.map(|other| (peer, *other, ttl - 1, hops + 1)));
            }
        }
        (0_u8..).zip(by_hops).filter(|(_, results)| *results > 0).collect()
    }

    /// Sends it to all neighbours with the same TTL.
    pub(crate) fn flood(overlay: &'a Overlay, files: &'a [u16], ttl: u8) -> Self {
        let mut spread = Self::new(overlay, files);
        for neighbour in overlay.neighbours(0) {
            spread.send(*neighbour, ttl);
        }
        spread
    }
}

/// Whose query it is, and what the neighbours are like.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    pub(crate) for_leaf: bool,
    pub(crate) max_ttl: u8,
    pub(crate) ext_probes: bool,
    /// They sent their query tables.
    pub(crate) tables: bool,
}

/// Our own query, and neighbours as they are today.
pub(crate) const ASKING: Asking =
    Asking { for_leaf: false, max_ttl: 4, ext_probes: true, tables: true };

/// What came of a dynamic query.
pub(crate) struct Outcome<'a> {
    pub(crate) spread: Spread<'a>,
    /// To which neighbour, with which TTL, in the order of sending.
    pub(crate) sent: Vec<(u32, u8)>,
    pub(crate) took_ms: u64,
    pub(crate) why: Why,
}

/// Asks a query step by step until it is over.
pub(crate) fn ask<'a>(
    overlay: &'a Overlay,
    files: &'a [u16],
    asking: Asking,
    seed: u64,
) -> Outcome<'a> {
    let mut slots = Slots::new();
    let neighbours: Vec<(Slot, u32)> =
        overlay.neighbours(0).iter().map(|peer| (slots.insert(()), *peer)).collect();
    let leaf = slots.insert(());
    let candidates: Vec<Candidate> = neighbours
        .iter()
        .map(|(slot, peer)| Candidate {
            slot: *slot,
            degree: u16::try_from(overlay.degree).unwrap(),
            max_ttl: asking.max_ttl,
            ext_probes: asking.ext_probes,
            table: asking.tables.then(|| files[*peer as usize] > 0),
            congested: false,
        })
        .collect();
    let mut list = |_: &Bytes, out: &mut Vec<Candidate>| out.extend(&candidates);
    let guid = Guid(ChaCha8Rng::seed_from_u64(seed).random());
    let origin = if asking.for_leaf { Origin::Leaf(leaf) } else { Origin::Own };
    let wanted = results_wanted(origin, false);
    let payload = Bytes::from_static(b"\x80\x00query\0");
    let search =
        Search { guid, payload, origin, wanted, guidance: Guidance::None, hits_pass_here: true };
    let (mut queries, mut steps) = (DynamicQueries::new(), Vec::new());
    queries.start(search, Time::ZERO, &mut steps);
    let (mut spread, mut sent) = (Spread::new(overlay, files), Vec::new());
    let mut hits: Vec<(Time, Slot, u32)> = Vec::new();
    loop {
        let due = queries.next_timeout().unwrap();
        hits.sort_unstable_by(|one, other| other.cmp(one));
        let now = match hits.last() {
            Some((at, ..)) if *at <= due => {
                let (at, from, results) = hits.pop().unwrap();
                queries.hit(guid, Some(from), results, at);
                at
            }
            _ => {
                queries.timeout(due, &mut list, &mut steps);
                due
            }
        };
        for step in steps.drain(..) {
            match step {
                Step::Send { to, ttl, .. } => {
                    let peer = neighbours.iter().find(|(slot, _)| *slot == to).unwrap().1;
                    sent.push((peer, ttl));
                    for (hops, results) in spread.send(peer, ttl) {
                        hits.push((now.after_ms(2 * u64::from(hops) * LINK_MS), to, results));
                    }
                }
                Step::AskStatus { .. } => panic!("nobody guides this query"),
                Step::Finished { why, .. } => {
                    return Outcome { spread, sent, took_ms: now.as_micros() / 1_000, why };
                }
            }
        }
    }
}
