//! A population that elects its supernodes: no messages, only who has room for whom.
//!
//! Every ten seconds each leaf that lacks a supernode calls one at random, each supernode sends what
//! its neighbours cost it, and everybody hears now and then how much room some supernode has. What a
//! line carries is its capacity, whatever its owner promises.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use filbert::base::time::Time;
use filbert::promotion::{
    Change, Observation, Promotion, Protocol, Record, Role, Room, Thresholds,
};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

const STEP: Duration = Duration::from_secs(10);
const STEP_SECONDS: u64 = 10;

/// Bytes a second that a leaf and a link to another supernode cost a supernode.
const LEAF_COST: u64 = 64;
const LINK_COST: u64 = 256;

/// How many supernodes a leaf wants, and how many links a supernode has.
const PARENTS: usize = 3;
const LINKS: u64 = 32;

/// The classes of capacity that the literature uses: thousandths of the nodes, and the capacity in
/// thousands of bytes a second.
pub(crate) const CLASSES: [(u32, u64); 5] =
    [(200, 1), (450, 10), (300, 100), (49, 1_000), (1, 10_000)];

pub(crate) struct World {
    pub(crate) peers: Vec<Peer>,
    pub(crate) now: Time,
    pub(crate) rng: ChaCha8Rng,
    /// Now and then somebody transfers files as fast as the line allows, and is measured by that.
    pub(crate) transfers: bool,
}

/// How it becomes known what lines carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// By earlier runs.
    MeasuredBefore,
    /// By transfers, sooner or later.
    MeasuredInTime,
    /// Not at all, but by what a supernode has to send.
    Unmeasured,
}

pub(crate) struct Peer {
    pub(crate) promotion: Promotion,
    /// Bytes a second upwards, in truth.
    pub(crate) capacity: u64,
    pub(crate) lies: bool,
    parents: Vec<usize>,
    leaves: u32,
    /// Until when it transfers files as fast as it can.
    busy_until: Time,
    /// Steps for which it has been a leaf that sends nearly nothing.
    quiet: u32,
    /// Since when its line has carried less than its neighbours cost it.
    overloaded_since: Option<Time>,
    /// When to decide.
    due: Option<Time>,
    /// Every change, when it was made, and why.
    pub(crate) changes: Vec<(Time, Change, String)>,
}

impl World {
    /// A thousand nodes of all classes, with histories of some hours. Of liars, one in ten promises
    /// a thousandfold of what it has; all others promise what they have.
    pub(crate) fn new(lines: Lines, has_liars: bool, thresholds: Thresholds, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let thresholds = Arc::new(thresholds);
        let peer = |number| {
            let capacity = 1_000 * class(number);
            let is_known = lines == Lines::MeasuredBefore;
            let record = Record {
                average: Duration::from_secs(rng.random_range(0..12 * 3_600)),
                address: Some((address(1), Duration::from_secs(24 * 3_600))),
                upload_proven: if is_known { capacity } else { 0 },
                ..Record::default()
            };
            Peer::new(&thresholds, capacity, has_liars && number % 10 == 3, &record)
        };
        let peers = (0..1_000).map(peer).collect();
        Self { peers, now: Time::ZERO, rng, transfers: lines == Lines::MeasuredInTime }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now.after(time);
        while self.now < end {
            self.step();
        }
    }

    /// Ten seconds.
    pub(crate) fn step(&mut self) {
        self.now = self.now.after(STEP);
        let supernodes = self.supernodes();
        for number in 0..self.peers.len() {
            self.seek_parents(number, &supernodes);
            self.hear(number, &supernodes);
        }
        for number in 0..self.peers.len() {
            self.measure(number);
            let Self { peers, now, rng, .. } = self;
            let peer = &mut peers[number];
            if peer.due.is_some_and(|due| due <= *now) {
                let change = peer.promotion.decide(*now, rng);
                peer.due = peer.promotion.next_timeout(*now);
                if let Some(change) = change {
                    peer.changes.push((*now, change, peer.promotion.explain(*now)));
                    self.lose_neighbours(number);
                }
            }
        }
    }

    pub(crate) fn supernodes(&self) -> Vec<usize> {
        let is_supernode = |number: &usize| self.peers[*number].is_supernode();
        (0..self.peers.len()).filter(is_supernode).collect()
    }

    /// Mean capacity of the supernodes, in hundredths of that of all nodes.
    pub(crate) fn advantage(&self) -> u64 {
        let mean = |capacities: Vec<u64>| capacities.iter().sum::<u64>() / capacities.len() as u64;
        let all = mean(self.peers.iter().map(|peer| peer.capacity).collect());
        let elected = self.supernodes().iter().map(|&number| self.peers[number].capacity).collect();
        mean(elected) * 100 / all
    }

    /// All supernodes are gone at once, and come back as leaves.
    pub(crate) fn lose_all_supernodes(&mut self) {
        for number in self.supernodes() {
            let now = self.now;
            self.peers[number].promotion.appoint(Role::Leaf, "for a test", now);
            self.peers[number].due = Some(now);
            self.lose_neighbours(number);
        }
    }

    /// For how long the supernode has had to send more than it can that has had to for longest.
    pub(crate) fn longest_overload(&self) -> Duration {
        let since = self.peers.iter().filter_map(|peer| peer.overloaded_since).min();
        since.map_or(Duration::ZERO, |since| self.now.since(since))
    }

    /// Promotions since some moment: all, and those of nodes that had been promoted before.
    pub(crate) fn promotions_since(&self, start: Time) -> (usize, usize) {
        let mut counts = (0, 0);
        for peer in &self.peers {
            let promoted = peer.changes.iter().filter(|change| change.1 == Change::Promote);
            for (number, _) in promoted.enumerate().filter(|(_, change)| change.0 >= start) {
                counts.0 += 1;
                counts.1 += usize::from(number > 0);
            }
        }
        counts
    }

    /// Leaves that have no supernode.
    pub(crate) fn orphans(&self) -> usize {
        let peers = self.peers.iter();
        peers.filter(|peer| !peer.is_supernode() && peer.parents.is_empty()).count()
    }

    /// How many of the supernodes lie.
    pub(crate) fn lying_supernodes(&self) -> usize {
        self.supernodes().iter().filter(|&&number| self.peers[number].lies).count()
    }

    fn seek_parents(&mut self, number: usize, supernodes: &[usize]) {
        let parents = self.peers[number].parents.len();
        if self.peers[number].is_supernode() || parents >= PARENTS || supernodes.is_empty() {
            return;
        }
        let other = supernodes[self.rng.random_range(0..supernodes.len())];
        if other == number || self.peers[number].parents.contains(&other) {
            return;
        }
        let has_room = self.peers[other].has_room();
        if has_room {
            self.peers[other].leaves += 1;
            self.peers[number].parents.push(other);
        }
        let news = if has_room { Room::Accepted } else { Room::Refused };
        self.tell(number, other, news);
    }

    /// Once a minute everybody hears of some supernode.
    fn hear(&mut self, number: usize, supernodes: &[usize]) {
        if supernodes.is_empty() || !self.rng.random_ratio(1, 6) {
            return;
        }
        let other = supernodes[self.rng.random_range(0..supernodes.len())];
        if other != number {
            let free_leaf_slots = self.peers[other].room();
            self.tell(number, other, Room::Told { free_leaf_slots });
        }
    }

    fn tell(&mut self, number: usize, about: usize, news: Room) {
        let (host, now) = (address(about), self.now);
        let told = Observation::Room { host, told_by: host, news };
        self.peers[number].see(told, now);
    }

    /// What went over the line in ten seconds, and who reached whom.
    fn measure(&mut self, number: usize) {
        let Self { peers, now, rng, transfers, .. } = self;
        let peer = &mut peers[number];
        // Half an hour of transfers, every few hours.
        if *transfers && rng.random_ratio(1, 1_000) {
            peer.busy_until = now.after(Duration::from_secs(1_800));
        }
        // A quiet leaf looks only once a minute.
        let is_quiet = !peer.is_supernode() && *now >= peer.busy_until;
        peer.quiet = if is_quiet { peer.quiet + 1 } else { 0 };
        let seconds = if is_quiet { 6 * STEP_SECONDS } else { STEP_SECONDS };
        if is_quiet && !peer.quiet.is_multiple_of(6) {
            return;
        }
        let load = if peer.is_supernode() {
            u64::from(peer.leaves) * LEAF_COST + LINKS * LINK_COST
        } else {
            100
        };
        let wanted = if *now < peer.busy_until { u64::MAX } else { load };
        let sent = wanted.min(peer.capacity) * seconds;
        // Messages go before files.
        let congested = load > peer.capacity;
        let since = peer.overloaded_since.unwrap_or(*now);
        peer.overloaded_since = congested.then_some(since);
        peer.see(Observation::Traffic { sent, received: sent, congested }, *now);
        let supernodes = if peer.is_supernode() { 32 } else { peer.parents.len() as u32 };
        peer.see(Observation::Neighbours { leaves: peer.leaves, supernodes }, *now);
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            peer.see(Observation::Reached { protocol, from: address(0) }, *now);
        }
    }

    /// Who changes its role begins anew.
    fn lose_neighbours(&mut self, number: usize) {
        self.peers[number].leaves = 0;
        for parent in std::mem::take(&mut self.peers[number].parents) {
            self.peers[parent].leaves -= 1;
        }
        for peer in &mut self.peers {
            peer.parents.retain(|&parent| parent != number);
        }
    }
}

impl Peer {
    fn new(thresholds: &Arc<Thresholds>, capacity: u64, lies: bool, record: &Record) -> Self {
        let mut promotion = Promotion::new(thresholds.clone(), Time::ZERO);
        promotion.import(record, Duration::ZERO, Time::ZERO);
        let upload = if lies { 1_000 * capacity } else { capacity };
        promotion.observe(Observation::Claimed { upload }, Time::ZERO);
        let address_seen = Observation::Address { ip: address(1), told_by: address(2) };
        promotion.observe(address_seen, Time::ZERO);
        Self {
            promotion,
            capacity,
            lies,
            parents: Vec::new(),
            leaves: 0,
            busy_until: Time::ZERO,
            quiet: 0,
            overloaded_since: None,
            due: Some(Time::ZERO),
            changes: Vec::new(),
        }
    }

    pub(crate) fn is_supernode(&self) -> bool {
        self.promotion.role() == Role::Supernode
    }

    fn has_room(&self) -> bool {
        self.room() > 0
    }

    /// A leaf has no slots at all.
    fn room(&self) -> u32 {
        self.promotion.leaf_slots().saturating_sub(self.leaves)
    }

    fn see(&mut self, observation: Observation, now: Time) {
        self.promotion.observe(observation, now);
        self.due = Some(now);
    }
}

/// The capacity of the node that has so many thousandths of all before it.
fn class(thousandth: u32) -> u64 {
    let mut before = 0;
    for (share, capacity) in CLASSES {
        before += share;
        if thousandth < before {
            return capacity;
        }
    }
    unreachable!("the classes make up all thousandths")
}

/// Everybody has a network of their own.
fn address(number: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x5000_0001 + ((number as u32) << 8)))
}
