//! Neighbours come and go: every room hears of it.

use std::net::SocketAddr;

use super::{Mode, Neighbour, Servent};
use crate::base::limits::ULTRAPEER_SHARES;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::announced::Abilities;
use crate::gnutella::link::Agreement;
use crate::gnutella::pinging;

impl Servent {
    /// A link to a neighbour is open; the caller calls it by this number.
    pub fn open(
        &mut self,
        link: u64,
        agreement: &Agreement,
        address: SocketAddr,
        is_outgoing: bool,
        now: Time,
    ) -> Slot {
        let own_ttl = self.settings.ttl.own_ttl;
        let neighbour = Neighbour::new(link, agreement, address, is_outgoing, own_ttl, now);
        let peer = pinging::Peer {
            is_leaf: neighbour.is_leaf(),
            ggep: neighbour.ggep,
            pong_caching: agreement.pong_caching,
            ip: address.ip(),
            listen: neighbour.listen(),
        };
        let (is_leaf, dynamic_querying) = (neighbour.is_leaf(), neighbour.dynamic_querying);
        let takes_tables = neighbour.takes_tables && self.settings.mode == Mode::Overlay;
        let greets = neighbour.vendor_messages && self.settings.speaks_vendor;
        let slot = self.neighbours.insert(neighbour);
        self.router.open(slot, is_leaf, dynamic_querying, now);
        self.pinging.open(slot, &peer, now);
        self.query_tables.open(slot, is_leaf);
        self.queues.open(slot);
        self.admission.open(slot, if is_leaf { 1 } else { ULTRAPEER_SHARES }, now);
        self.announced.open(slot);
        if takes_tables {
            self.table_senders.open(slot);
        }
        if greets {
            let mut greeting = Vec::new();
            let udp =
                if self.settings.udp { Abilities::UDP_CONNECT_BACK } else { Abilities::default() };
            Abilities::OURS.and(udp).greet(&mut greeting);
            self.send_all(greeting.into_iter().map(|frame| (slot, frame)), now);
        }
        self.ask_newcomer(slot, now);
        slot
    }

    /// A link is gone.
    pub fn close(&mut self, slot: Slot, now: Time) {
        if self.neighbours.remove(slot).is_none() {
            return;
        }
        let mut steps = Vec::new();
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.close(slot, &mut steps);
            service.requeries.close(slot);
            service.proxied.close(slot);
            if let Some(index) = &mut service.leaf_files {
                index.drop_leaf(slot);
            }
            service.hit_policy.close_neighbour(slot);
        }
        self.take_steps(steps, now);
        if let Some(searches) = self.searches.peek_mut() {
            searches.close(slot);
        }
        self.router.close(slot, now);
        self.pinging.close(slot);
        self.query_tables.close(slot);
        self.table_senders.close(slot);
        self.queues.close(slot);
        self.admission.close(slot);
        self.announced.close(slot);
        self.push_proxies.close(slot);
    }
}
