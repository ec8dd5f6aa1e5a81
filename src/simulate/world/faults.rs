use std::collections::BTreeSet;
use std::time::Duration;

use super::connection::{Cut, Stage};
use super::event::{Cargo, EndName, Event, Script};
use super::{Healed, World};
use crate::base::time::Time;
use crate::simulate::graph::Graph;
use crate::simulate::machine::Machine;
use crate::simulate::scenario::FaultPlan;

/// How often it is looked whether all are connected again.
const HEALED_CHECK_MS: u64 = 1_000;

/// For so long a new ultrapeer is looking for its first neighbours.
const SETTLED_MS: u64 = 10_000;

impl<M: Machine> World<'_, M> {
    /// A fault strikes.
    pub(super) fn strike(&mut self, plan: usize) {
        let Some(fault) = self.scenario.fault.get(plan) else { return };
        let seconds = |s: u32| Duration::from_secs(u64::from(s));
        match fault {
            FaultPlan::Partition { for_s, .. } => {
                let hosts = self.draw_hosts(fault, |_| true);
                self.part(plan, hosts);
                self.plan(seconds(*for_s), Script::FaultEnds { plan });
            }
            FaultPlan::Crash { ultrapeers, silent, restart_after_s, .. } => {
                let may_crash = |is_ultrapeer| is_ultrapeer || !ultrapeers;
                for host in self.draw_hosts(fault, may_crash) {
                    match silent {
                        true => self.vanish(host),
                        false => self.stop(host),
                    }
                    if let Some(after) = restart_after_s {
                        self.plan(seconds(*after), Script::Start { host });
                    }
                }
            }
            FaultPlan::SlowReaders { for_s, .. } => {
                let hosts = self.draw_hosts(fault, |_| true);
                hosts.iter().for_each(|host| self.deafen(*host, true));
                self.struck.entry(plan).or_default().hosts = hosts;
                self.plan(seconds(*for_s), Script::FaultEnds { plan });
            }
            FaultPlan::HalfOpen { .. } => {
                self.draw_connections(fault).into_iter().for_each(|end| self.half_close(end));
            }
            FaultPlan::Resets { .. } => {
                self.draw_connections(fault).into_iter().for_each(|end| self.reset(end));
            }
        }
    }

    /// A fault is over.
    pub(super) fn end_fault(&mut self, plan: usize) {
        let Some(struck) = self.struck.get_mut(&plan) else { return };
        let hosts = std::mem::take(&mut struck.hosts);
        struck.ended_at = Some(self.now);
        match self.scenario.fault.get(plan) {
            Some(FaultPlan::Partition { .. }) => {
                let pieces = self.pieces();
                let (began, ended) = (self.struck_at(plan), self.now);
                self.course.healed.push(Healed { pieces, ms: None, began, ended });
                self.unite(&hosts);
                self.plan(Duration::from_millis(HEALED_CHECK_MS), Script::Healed { plan });
            }
            Some(FaultPlan::SlowReaders { .. }) => {
                hosts.iter().for_each(|host| self.deafen(*host, false));
            }
            _ => {}
        }
    }

    fn struck_at(&self, plan: usize) -> Time {
        let at_s = self.scenario.fault.get(plan).map_or(0, FaultPlan::at_s);
        self.warm().after(Duration::from_secs(u64::from(at_s)))
    }

    /// Hosts that are on and honest, by lot.
    fn draw_hosts(&mut self, fault: &FaultPlan, may: impl Fn(bool) -> bool) -> Vec<u32> {
        let is_candidate = |(host, there): &(u32, &super::Host<M>)| {
            there.is_on() && !self.is_attacker(*host) && may(there.role.is_ultrapeer())
        };
        let candidates = (0_u32..).zip(&self.hosts).filter(is_candidate);
        let mut hosts: Vec<u32> = candidates.map(|(host, _)| host).collect();
        let count = fault.share().of(u32::try_from(hosts.len()).unwrap_or(u32::MAX));
        self.lots.faults.shuffle(&mut hosts);
        hosts.truncate(count as usize);
        hosts
    }

    /// Open connections, by lot; of each the one end or the other.
    fn draw_connections(&mut self, fault: &FaultPlan) -> Vec<EndName> {
        let is_open = |connection: &super::connection::Connection| {
            connection.ends.iter().all(|end| !end.is_gone() && end.stage == Stage::Open)
        };
        let open = self.connections.iter().filter(|(_, connection)| is_open(connection));
        let mut ends: Vec<EndName> = open.map(|(end, _)| end).collect();
        let count = fault.share().of(u32::try_from(ends.len()).unwrap_or(u32::MAX));
        self.lots.faults.shuffle(&mut ends);
        ends.truncate(count as usize);
        for end in &mut ends {
            if self.lots.faults.chance(500_000) {
                *end = end.other();
            }
        }
        ends
    }

    /// An open connection will break, if it lasts so long.
    pub(super) fn plan_break(&mut self, end: EndName) {
        let Some(minutes) = self.scenario.links.break_min else { return };
        // Both ends open; one of them counts.
        if end.place & 1 == 0 {
            let mean = Duration::from_secs(u64::from(minutes).saturating_mul(60));
            let at = self.now.after(self.lots.faults.wait(mean));
            self.queue.push(at, Event::Breaks { end });
        }
    }

    /// A connection breaks, as connections do.
    pub(super) fn breaks(&mut self, end: EndName) {
        if self.connections.get(end).is_none() {
            return;
        }
        let half_open = self.scenario.links.half_open.per_million();
        if self.lots.faults.chance(half_open) { self.half_close(end) } else { self.reset(end) }
    }

    /// Both sides learn that the connection is gone; what was on its way is lost.
    fn reset(&mut self, end: EndName) {
        self.half_close(end);
        self.queue.push(self.now, Event::Arrives { end: end.other(), cargo: Cargo::End });
    }

    /// One side learns that the connection is gone.
    fn half_close(&mut self, end: EndName) {
        if let Some(connection) = self.connections.get_mut(end) {
            connection.cut = Cut::ForGood;
        }
        self.count_parents_at(end);
        self.queue.push(self.now, Event::Arrives { end, cargo: Cargo::End });
    }

    /// Cuts hosts off from all others.
    fn part(&mut self, plan: usize, hosts: Vec<u32>) {
        for host in &hosts {
            if let Some(there) = self.host_mut(*host) {
                there.is_apart = true;
            }
        }
        for end in self.crossing_ends() {
            for end in [end, end.other()] {
                if let Some(own) = self.connections.end_mut(end) {
                    own.is_held = true;
                }
            }
        }
        self.struck.entry(plan).or_default().hosts = hosts;
        (0..self.len()).for_each(|host| self.count_parents(host));
    }

    fn unite(&mut self, hosts: &[u32]) {
        let crossing = self.crossing_ends();
        for host in hosts {
            if let Some(there) = self.host_mut(*host) {
                there.is_apart = false;
            }
        }
        for end in crossing {
            self.release(end);
            self.release(end.other());
        }
        (0..self.len()).for_each(|host| self.count_parents(host));
    }

    /// Connections between those who are apart.
    fn crossing_ends(&self) -> Vec<EndName> {
        let crosses = |(_, connection): &(EndName, &super::connection::Connection)| {
            let [first, second] = &connection.ends;
            self.are_apart(first.host, second.host)
        };
        self.connections.iter().filter(crosses).map(|(end, _)| end).collect()
    }

    /// A host takes no bytes any more, or takes them again.
    fn deafen(&mut self, host: u32, is_deaf: bool) {
        let Some(there) = self.host_mut(host) else { return };
        there.is_deaf = is_deaf;
        let ends = there.ends.clone();
        for end in ends {
            if !is_deaf {
                self.release(end);
            } else if let Some(own) = self.connections.end_mut(end) {
                own.is_held = true;
            }
        }
    }

    /// Looks whether all are connected again after a partition.
    pub(super) fn check_healed(&mut self, plan: usize) {
        let Some(ended) = self.struck.get(&plan).and_then(|struck| struck.ended_at) else {
            return;
        };
        if self.pieces() > 1 {
            return self.plan(Duration::from_millis(HEALED_CHECK_MS), Script::Healed { plan });
        }
        let ms = u64::try_from(self.now.since(ended).as_millis()).ok();
        // One partition is over before the next one ends.
        if let Some(last) = self.course.healed.last_mut() {
            last.ms = ms;
        }
        self.struck.remove(&plan);
    }

    /// Into how many pieces the ultrapeers have fallen, those without any connection among them; leaves
    /// pass nothing on. Who has just become one is on its way.
    fn pieces(&self) -> u32 {
        let is_settled = |host: u32| {
            self.host(host).is_some_and(|there| {
                let settled = there.role_since.after_ms(SETTLED_MS) <= self.now;
                there.is_on() && there.role.is_ultrapeer() && settled
            })
        };
        let passes_on = |host: u32| {
            self.host(host).is_some_and(|there| there.is_on() && there.role.is_ultrapeer())
        };
        let overlay = self.overlay();
        let edges: Vec<_> =
            overlay.edges().filter(|(one, other)| passes_on(*one) && passes_on(*other)).collect();
        let components = Graph::new(self.len(), &edges).components();
        let of_settled = (0_u32..).zip(&components).filter(|(host, _)| is_settled(*host));
        let pieces: BTreeSet<_> = of_settled.map(|(_, component)| *component).collect();
        u32::try_from(pieces.len()).unwrap_or(u32::MAX)
    }

    /// The connections that stand at the moment.
    pub fn overlay(&self) -> Graph {
        let open = self.connections.iter().filter(|(_, connection)| {
            let is_open = |end: &super::connection::End| !end.is_gone() && end.stage == Stage::Open;
            let [first, second] = &connection.ends;
            let is_whole = connection.cut == Cut::No && !self.are_apart(first.host, second.host);
            is_whole && connection.ends.iter().all(is_open)
        });
        let edges: Vec<_> = open
            .map(|(_, connection)| {
                let [first, second] = &connection.ends;
                (first.host, second.host)
            })
            .collect();
        Graph::new(self.len(), &edges)
    }
}
