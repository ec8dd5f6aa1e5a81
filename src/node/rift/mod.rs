//! Neighbours that fell silent together, and how an ultrapeer looks for them.
//!
//! That many computers stop within two minutes is rare. That a line breaks behind which many of them
//! live is not: then both parts of the overlay lose each other, and fill their slots with their own.
//! When packets pass again nobody has a reason to call anybody of the other part (UP-16).

mod lost;

use std::net::SocketAddr;

pub(super) use lost::Rift;

use super::Node;
use super::host_cache::Outcome;
use crate::base::slots::Slot;
use crate::base::time::Time;

impl Node {
    /// A neighbour gave no sign of life any more.
    pub(super) fn note_silence(&mut self, slot: Slot, now: Time) {
        let Some(neighbour) = self.servent.neighbour(slot) else { return };
        let Some(host) = neighbour.listen().filter(|_| neighbour.is_ultrapeer()) else { return };
        let rift = self.rift.get_or_insert_default();
        rift.lose(host, now);
        let neighbours = self.servent.neighbours().map(|(_, neighbour)| neighbour);
        // Those that fell silent with it may not be gone yet.
        let speaking = neighbours.filter(|neighbour| {
            let is_lost = neighbour.listen().is_some_and(|listen| rift.holds(listen));
            neighbour.is_ultrapeer() && !is_lost
        });
        rift.judge(speaking.count(), now);
        self.wake_for_rift();
    }

    /// Somebody answers a call, or calls.
    pub(super) fn note_reached(&mut self, host: SocketAddr, now: Time) {
        if let Some(rift) = &mut self.rift {
            rift.reached(host, now);
            self.wake_for_rift();
        }
    }

    /// Somebody is called.
    pub(super) fn note_call(&mut self, host: SocketAddr, now: Time) {
        if let Some(rift) = &mut self.rift {
            rift.note_call(host, now);
        }
    }

    /// What it says about a host that a call has failed. While it is looked for, its line is taken to
    /// be broken, or ours: it is not given up for that.
    pub(super) fn outcome_of_failure(&self, host: SocketAddr) -> Outcome {
        let is_looked_for = self.rift.as_ref().is_some_and(|rift| rift.looks_for(host));
        if is_looked_for { Outcome::Silent } else { Outcome::Failed }
    }

    /// Calls those who fell silent, as long as there is any slot for them: beyond as many as an
    /// ultrapeer seeks.
    pub(super) fn call_over_rift(&mut self, now: Time) {
        if self.role.is_leaf() || !self.may_dial() {
            self.rift = None;
        }
        let free = usize::try_from(self.slots.free().supernodes).unwrap_or(usize::MAX);
        let room = free.saturating_sub(self.calls.len());
        let Some(rift) = &mut self.rift else { return };
        let hosts = rift.next(room, now);
        if rift.is_empty() {
            self.rift = None;
        }
        let in_use = if hosts.is_empty() { Vec::new() } else { self.hosts_in_use() };
        for host in hosts {
            let is_out = self.bans.ban_of(host.ip(), now).is_some() || self.let_go.has(host);
            if in_use.binary_search(&host).is_err() && !is_out {
                self.hosts.called(host, now);
                self.call(host, false, now);
            }
        }
        self.wake_for_rift();
    }

    fn wake_for_rift(&mut self) {
        if let Some(due) = self.rift.as_ref().and_then(|rift| rift.due()) {
            self.dial_due = Some(self.dial_due.map_or(due, |other| other.min(due)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::limits::{RIFT_CALL_MS, RIFT_HOSTS_MIN, RIFT_LIFE_MS};
    use crate::gnutella::link::Role;
    use crate::node::{Config, RolePolicy};
    use crate::promotion::Thresholds;

    /// UP-16: neither a leaf nor a node that calls nobody, or no longer, looks for anybody.
    #[test]
    fn an_ultrapeer_that_calls_others_looks_for_them() {
        let looks = |role, dials, shuts_down| {
            let mut config = Config::new(RolePolicy::Always(role));
            config.dials = dials;
            let mut node = Node::new(config, 1, START);
            node.is_shutting_down = shuts_down;
            node.rift = Some(Box::new(rift()));
            node.call_over_rift(START.after_ms(RIFT_CALL_MS));
            assert_eq!(node.rift.is_some(), node.dial_due.is_some());
            (node.rift.is_some(), node.calls.len())
        };
        assert_eq!(looks(Role::Ultrapeer, true, false), (true, 1));
        assert_eq!(looks(Role::Leaf, true, false), (false, 0));
        assert_eq!(looks(Role::Ultrapeer, false, false), (false, 0));
        assert_eq!(looks(Role::Ultrapeer, true, true), (false, 0));
    }

    /// UP-16: nothing is kept of what is over, whether all were reached or nobody for too long.
    #[test]
    fn a_rift_comes_to_its_end() {
        let mut reached = Node::new(Config::new(RolePolicy::Always(Role::Ultrapeer)), 1, START);
        reached.rift = Some(Box::new(rift()));
        (0..RIFT_HOSTS_MIN).for_each(|n| reached.note_reached(host(n), START));
        reached.call_over_rift(START);
        assert!(reached.rift.is_none() && reached.calls.is_empty());
        let mut in_vain = Node::new(Config::new(RolePolicy::Always(Role::Ultrapeer)), 1, START);
        in_vain.rift = Some(Box::new(rift()));
        in_vain.call_over_rift(START.after_ms(RIFT_LIFE_MS - 1));
        assert!(in_vain.rift.is_some());
        in_vain.call_over_rift(START.after_ms(RIFT_LIFE_MS));
        assert!(in_vain.rift.is_none());
    }

    /// UP-16: calls that are under way take the slots that they are for.
    #[test]
    fn calls_have_their_slots() {
        let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
        let mut thresholds = Thresholds::filbert();
        thresholds.slots.supernodes_max = 5;
        config.thresholds = Arc::new(thresholds);
        let mut node = Node::new(config, 1, START);
        (10..14).for_each(|n| node.call(host(n), false, START));
        node.rift = Some(Box::new(rift()));
        node.note_reached(host(0), START);
        node.call_over_rift(START);
        assert_eq!(node.calls.len(), 5);
    }

    const START: Time = Time::from_millis(1_000);

    fn host(n: usize) -> SocketAddr {
        SocketAddr::from(([80, 1, u8::try_from(n).unwrap(), 1], 6_346))
    }

    fn rift() -> Rift {
        let mut rift = Rift::default();
        (0..RIFT_HOSTS_MIN).for_each(|n| rift.lose(host(n), START));
        rift.judge(0, START);
        rift
    }
}
