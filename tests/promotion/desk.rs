//! Nodes whose promotion is in question.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use filbert::base::time::Time;
use filbert::promotion::{
    Change, Finding, Observation, Promotion, Protocol, Role, Room, Test, Thresholds,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const MOMENT: Duration = Duration::from_micros(1);

/// A node with its clock and its luck.
pub(crate) struct Node {
    pub(crate) promotion: Promotion,
    pub(crate) now: Time,
    pub(crate) rng: ChaCha8Rng,
    /// Every change, and when it was made.
    pub(crate) changes: Vec<(Time, Change)>,
}

impl Node {
    pub(crate) fn new(thresholds: Thresholds) -> Self {
        Self {
            promotion: Promotion::new(Arc::new(thresholds), Time::ZERO),
            now: Time::ZERO,
            rng: ChaCha8Rng::seed_from_u64(1),
            changes: Vec::new(),
        }
    }

    /// One that has everything, a day after its start, but for the need.
    pub(crate) fn capable(thresholds: Thresholds) -> Self {
        let mut node = Self::new(thresholds);
        node.see(Observation::Address { ip: host(1), told_by: host(2) });
        node.see(Observation::Neighbours { leaves: 0, supernodes: 3 });
        node.wait(24 * HOUR);
        node.carry(1_000_000, false, 10);
        node.carry(0, false, 1);
        node.reach();
        node
    }

    /// One that is a supernode, and has just become one.
    pub(crate) fn supernode(thresholds: Thresholds) -> Self {
        let mut node = Self::capable(thresholds);
        node.need();
        node.decide();
        while node.promotion.role() == Role::Leaf {
            node.wait(10 * SECOND);
            node.reach();
            node.need();
            node.decide();
            assert!(node.now < Time::ZERO.after(30 * HOUR), "{}", node.explain());
        }
        node
    }

    pub(crate) fn see(&mut self, observation: Observation) {
        self.promotion.observe(observation, self.now);
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    pub(crate) fn decide(&mut self) -> Option<Change> {
        let change = self.promotion.decide(self.now, &mut self.rng);
        self.changes.extend(change.map(|change| (self.now, change)));
        change
    }

    /// Lets time pass, deciding whenever the node wants to.
    pub(crate) fn live(&mut self, time: Duration) {
        let end = self.now.after(time);
        self.decide();
        while let Some(at) = self.promotion.next_timeout(self.now).filter(|&at| at <= end) {
            assert!(at > self.now, "nothing is due twice: {}", self.explain());
            self.now = at;
            self.decide();
        }
        self.now = end;
        self.decide();
    }

    /// So many windows of traffic at one rate, in bytes a second.
    pub(crate) fn carry(&mut self, rate: u64, congested: bool, windows: u32) {
        let window = self.promotion.thresholds().bandwidth.window;
        self.see(Observation::Traffic { sent: 0, received: 0, congested: false });
        for _ in 0..windows {
            self.wait(window);
            let bytes = rate * window.as_secs();
            self.see(Observation::Traffic { sent: bytes, received: bytes, congested });
        }
    }

    /// Somebody reaches the node, by either protocol.
    pub(crate) fn reach(&mut self) {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            self.see(Observation::Reached { protocol, from: host(3) });
        }
    }

    /// Supernodes refuse the node for want of room.
    pub(crate) fn need(&mut self) {
        for n in 10..13 {
            self.hear(n, Room::Refused);
        }
    }

    /// Supernodes have room.
    pub(crate) fn content(&mut self) {
        for n in 10..20 {
            self.hear(n, Room::Told { free_leaf_slots: 50 });
        }
    }

    pub(crate) fn hear(&mut self, n: u8, news: Room) {
        self.see(Observation::Room { host: host(n), told_by: host(n), news });
    }

    pub(crate) fn neighbours(&mut self, leaves: u32, supernodes: u32) {
        self.see(Observation::Neighbours { leaves, supernodes });
    }

    pub(crate) fn explain(&self) -> String {
        self.promotion.explain(self.now)
    }

    /// How a test comes out; none where the profile does not ask for it.
    pub(crate) fn finding(&self, test: Test) -> Option<Finding> {
        self.promotion.findings(self.now).into_iter().find(|finding| finding.test == test)
    }

    pub(crate) fn passes(&self, test: Test) -> Option<bool> {
        self.finding(test).map(|finding| finding.passed)
    }
}

/// A host that strangers can have, in a network of its own.
pub(crate) fn host(n: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(80, 1, n, 1))
}
