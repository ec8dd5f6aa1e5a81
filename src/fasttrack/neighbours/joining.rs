use std::net::{IpAddr, SocketAddrV4};

use super::faults::NOT_ITS_ADDRESS;
use super::session::{Neighbour, Session};
use super::{Closed, Declined, Neighbours, Output};
use crate::base::addresses::{Network, is_callable, is_public};
use crate::base::limits::{FASTTRACK_LISTS_EVERY_MS, FASTTRACK_NEIGHBOURS_OF_NETWORK_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Message, NetworkStats, NodeList, TableRecord};

/// Users below which nobody is told how many there are (FTSUPER-04).
const USERS_TOLD_MIN: u32 = 100_000;

impl Neighbours {
    /// A session told of nodes. Where its table was waited for, it has declined (FTPEER-03).
    pub(super) fn receive_nodes(&mut self, slot: Slot, list: &NodeList, now: Time) {
        let Some(session) = self.sessions.get_mut(slot) else { return };
        if now < session.next_list {
            return;
        }
        session.next_list = now.after_ms(FASTTRACK_LISTS_EVERY_MS);
        let has_declined = session.we_called && session.neighbour.is_none();
        let nodes: Vec<_> = list.nodes().collect();
        self.outputs.push_back(Output::Learnt { from: slot, nodes });
        if has_declined {
            self.close(slot, Closed::Declined, now);
        }
    }

    /// A first table has come, with this as its first record; true where its sender is a neighbour now.
    pub(super) fn join(&mut self, slot: Slot, first: &TableRecord, now: Time) -> bool {
        let Some(&Session { ip, we_called, .. }) = self.sessions.get(slot) else { return false };
        let address = first.address;
        if address == self.address() {
            self.close(slot, Closed::Ourselves, now);
            return false;
        }
        if !self.is_credible(address, ip.into()) {
            self.blame(slot, NOT_ITS_ADDRESS);
            self.close(slot, Closed::Forged, now);
            return false;
        }
        if let Some(other) = self.neighbour_at(address)
            && !self.replaces(slot, other)
        {
            self.close(slot, Closed::Doubled, now);
            return false;
        } else if let Some(other) = self.neighbour_at(address) {
            self.close(other, Closed::Doubled, now);
        }
        if let Some(why) = self.objection(address) {
            self.closed(slot, now);
            self.outputs.push_back(Output::Decline { slot, why });
            return false;
        }
        let Some(line) = self.vector.open() else { return false };
        if let Some(place) = self.slots.get_mut(line.index()) {
            *place = Some(slot);
        }
        if let Some(session) = self.sessions.get_mut(slot) {
            session.patience = None;
            session.neighbour = Some(Box::new(Neighbour::new(line, address, now)));
        }
        self.outputs.push_back(Output::Joined { slot, address });
        if !we_called {
            self.tell(slot, now);
        }
        self.greet(slot, we_called, now);
        true
    }

    /// What both sides say behind their tables (FTPEER-02).
    fn greet(&mut self, slot: Slot, we_called: bool, now: Time) {
        self.send(slot, Message::Version { number: self.rules.version });
        if !we_called && let Some(stats) = self.stats(now) {
            self.send(slot, Message::NetworkStats(Box::new(stats)));
        }
        self.send(slot, Message::ConfigRevision { number: 0 });
    }

    fn stats(&mut self, now: Time) -> Option<NetworkStats> {
        let stats = self.network_stats(now);
        (stats.users >= USERS_TOLD_MIN).then_some(stats)
    }

    /// Whether somebody with this address can stand at the other end of a session with that one
    /// (FTPEER-23).
    fn is_credible(&self, address: SocketAddrV4, ip: IpAddr) -> bool {
        let is_same = *address.ip() == ip || !is_public(ip);
        is_same && is_callable(address.into(), self.rules.allow_private)
    }

    /// The session with the neighbour of this address.
    pub fn neighbour_at(&self, address: SocketAddrV4) -> Option<Slot> {
        let is_it = |it: &Session| it.neighbour.as_ref().is_some_and(|it| it.address == address);
        self.sessions.iter().find(|(_, session)| is_it(session)).map(|(slot, _)| slot)
    }

    /// Of two sessions with the same supernode, whether the new one stays: that which the one with the
    /// lower address called; of two with the same caller the later, for it knows of its own (FTPEER-12).
    fn replaces(&self, new: Slot, old: Slot) -> bool {
        let we_called = |slot: Slot| self.sessions.get(slot).is_some_and(|it| it.we_called);
        if we_called(new) == we_called(old) {
            return !we_called(new);
        }
        let Some(other) = self.neighbour(old) else { return true };
        we_called(new) == (self.address() < other.address)
    }

    /// Why somebody cannot become a neighbour (FTPEER-12).
    fn objection(&self, address: SocketAddrV4) -> Option<Declined> {
        if self.vector.lines().len() >= self.rules.neighbours_max {
            return Some(Declined::Full);
        }
        let network = Network::around((*address.ip()).into());
        let neighbours = self.sessions.iter().filter_map(|(_, it)| it.neighbour.as_ref());
        let of_network = neighbours.filter(|it| network.contains((*it.address.ip()).into()));
        let is_crowd = of_network.count() >= FASTTRACK_NEIGHBOURS_OF_NETWORK_MAX;
        (is_crowd && !self.rules.allow_private).then_some(Declined::Network)
    }

    /// Ends sessions whose table did not come.
    pub(super) fn give_up_silent(&mut self, now: Time) {
        let is_silent = |session: &Session| session.patience.is_some_and(|until| until <= now);
        let sessions = self.sessions.iter().filter(|(_, session)| is_silent(session));
        let silent: Vec<_> = sessions.map(|(slot, _)| slot).collect();
        silent.into_iter().for_each(|slot| self.close(slot, Closed::Silent, now));
    }

    /// How many neighbours there are.
    pub fn len(&self) -> usize {
        self.vector.lines().len()
    }

    /// Nobody is a neighbour.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many neighbours are looked for.
    pub fn wanted(&self) -> usize {
        self.rules.wanted.saturating_sub(self.len())
    }

    /// Some supernodes of the table that would be good neighbours, the one with the most room first: none
    /// is one already, and no two have the same 24 bits (FTPEER-12).
    pub fn to_call(&self, count_max: usize) -> Vec<SocketAddrV4> {
        let mut known: Vec<_> = self.vector.reached().filter(|(_, way)| way.distance > 1).collect();
        known.sort_by_key(|(entry, _)| (entry.record.load, entry.record.children));
        let network = |address: SocketAddrV4| Network::around((*address.ip()).into());
        let neighbours = self.sessions.iter().filter_map(|(_, it)| it.neighbour.as_ref());
        let mut networks: Vec<_> = neighbours.map(|it| network(it.address)).collect();
        let mut chosen = Vec::new();
        for (entry, _) in known {
            let address = entry.record.address;
            if chosen.len() >= count_max {
                break;
            }
            if self.rules.allow_private || !networks.contains(&network(address)) {
                networks.push(network(address));
                chosen.push(address);
            }
        }
        chosen
    }
}
