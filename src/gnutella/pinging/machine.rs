use std::net::SocketAddr;

use super::Rules;
use super::alive::{Alive, Patience};
use super::cache::Cache;
use super::neighbour::{Known, Neighbour, Peer};
use super::pong_host::PongHost;
use crate::base::by_slot::BySlot;
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Pong};

/// The pings and pongs of one node, and the signs of life of its neighbours.
#[derive(Debug)]
pub struct Pinging {
    pub(super) rules: Rules,
    pub(super) is_ultrapeer: bool,
    pub(super) neighbours: BySlot<Neighbour>,
    /// How many of them are ultrapeers.
    pub(super) ultrapeers: u32,
    pub(super) cache: Cache,
    /// The first second in which a sign of life may be due: found anew in each timeout, and never
    /// later than the true one.
    pub(super) alive_due_s: u32,
    pub(super) refill_due: Time,
    /// Where others can call us.
    listen: Option<SocketAddr>,
}

impl Pinging {
    /// A node without neighbours.
    pub const fn new(rules: Rules, is_ultrapeer: bool) -> Self {
        Self {
            rules,
            is_ultrapeer,
            neighbours: BySlot::new(),
            ultrapeers: 0,
            cache: Cache::new(),
            alive_due_s: u32::MAX,
            refill_due: Time::ZERO,
            listen: None,
        }
    }

    /// Others can call us there. Some neighbours send our own pong back to us, and again to
    /// everybody who hears it from us, so that it goes round; it is not told.
    pub const fn listens_at(&mut self, address: Option<SocketAddr>) {
        self.listen = address;
    }

    /// The node has another role now.
    pub fn become_role(&mut self, is_ultrapeer: bool) {
        if self.is_ultrapeer == is_ultrapeer {
            return;
        }
        self.is_ultrapeer = is_ultrapeer;
        if !is_ultrapeer {
            self.cache.clear();
            self.neighbours.iter_mut().for_each(|(_, neighbour)| neighbour.known = None);
        }
        self.find_alive_due();
    }

    /// A neighbour is there.
    pub fn open(&mut self, slot: Slot, peer: &Peer, now: Time) {
        self.close(slot);
        let tells_of_it = self.is_ultrapeer && !peer.is_leaf;
        let neighbour = Neighbour {
            alive: Alive::new(now),
            pongs_due: 0,
            is_leaf: peer.is_leaf,
            ggep: peer.ggep,
            pong_caching: peer.pong_caching,
            answers_from: Time::ZERO,
            known: tells_of_it.then(|| Box::new(Known::of(peer))),
        };
        if !peer.is_leaf {
            self.ultrapeers = self.ultrapeers.saturating_add(1);
        }
        let due_s = neighbour.alive.due_s(self.patience(peer.is_leaf));
        self.alive_due_s = self.alive_due_s.min(due_s);
        self.neighbours.insert(slot, neighbour);
        self.measure_patience();
    }

    /// A neighbour is gone.
    pub fn close(&mut self, slot: Slot) {
        let Some(neighbour) = self.neighbours.remove(slot) else { return };
        if !neighbour.is_leaf {
            self.ultrapeers = self.ultrapeers.saturating_sub(1);
        }
        self.cache.close(slot);
        self.measure_patience();
    }

    /// Any message of a neighbour arrived.
    pub fn heard(&mut self, slot: Slot, now: Time) {
        if let Some(neighbour) = self.neighbours.get_mut(slot) {
            neighbour.alive.heard(now);
        }
    }

    /// Any message left for a neighbour.
    pub fn sent(&mut self, slot: Slot, now: Time) {
        if let Some(neighbour) = self.neighbours.get_mut(slot) {
            neighbour.alive.sent(now);
        }
    }

    /// A pong arrived that is for us; what it says, if it was due and makes sense.
    pub fn pong(&mut self, pong: &Frame, from: Slot, now: Time) -> Option<PongHost> {
        let Rules { flood, allow_private, .. } = self.rules;
        let neighbour = self.neighbours.get_mut(from)?;
        if !flood {
            neighbour.pongs_due = neighbour.pongs_due.checked_sub(1)?;
        }
        let host = PongHost::of(&Pong::decode(&pong.payload).ok()?, pong.hops)?;
        if let Some(known) = neighbour.known.as_deref_mut() {
            known.learn(&host);
        }
        let is_ours = Some(host.address) == self.listen;
        if self.is_ultrapeer
            && !flood
            && !is_ours
            && (host.is_callable(allow_private) || mutant!(TellsImpossibleHosts))
        {
            self.cache.keep(from, &host, &pong.payload, now);
        }
        Some(host)
    }

    pub(super) fn patience(&self, is_leaf: bool) -> Patience {
        match (self.is_ultrapeer, is_leaf) {
            (false, _) => Patience::as_leaf(self.ultrapeers),
            (true, true) => Patience::with_leaf(),
            (true, false) => Patience::with_ultrapeer(),
        }
    }

    /// The fewer neighbours a leaf has, the less patient it is with each. It never has many.
    fn measure_patience(&mut self) {
        if !self.is_ultrapeer {
            self.find_alive_due();
        }
    }

    pub(super) fn find_alive_due(&mut self) {
        let (with_leaf, with_ultrapeer) = (self.patience(true), self.patience(false));
        let due = self.neighbours.iter().map(|(_, neighbour)| {
            neighbour.alive.due_s(if neighbour.is_leaf { with_leaf } else { with_ultrapeer })
        });
        self.alive_due_s = due.min().unwrap_or(u32::MAX);
    }
}
