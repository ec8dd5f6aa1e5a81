//! The end of a handshake, where everything is asked once more.

use std::net::SocketAddr;

use super::{caller_of, shared_role};
use crate::base::time::Time;
use crate::gnutella::link::{Agreement, Refusal, Role};
use crate::gnutella::servent::Neighbour;
use crate::gnutella::wire::Bye;
use crate::node::connections::Greeting;
use crate::node::host_cache::Outcome;
use crate::node::{Direction, Event, LinkId, Node};
use crate::promotion::slots::{Caller, Judgement};
use crate::promotion::{Observation, Room};

impl Node {
    /// The handshake is over.
    pub(in crate::node) fn opened(&mut self, link: LinkId, agreement: &Agreement, now: Time) {
        let Some(&greeting) = self.connections.greeting(link) else { return };
        let Greeting { address, direction, .. } = greeting;
        let is_outgoing = direction == Direction::Outgoing;
        if is_outgoing {
            self.hosts.outcome(address, Outcome::Connected, now);
        }
        let unjudged = || caller_of(&greeting, agreement.peer_role, &agreement.peer);
        let mut caller = greeting.caller.unwrap_or_else(unjudged);
        caller.role = shared_role(agreement.peer_role);
        let is_known = self.is_neighbour(link, address, &agreement.peer);
        if let Some((code, reason)) = self.second_thoughts(&caller, agreement.role, is_known, now) {
            return self.turn_away(link, code, &reason);
        }
        let slot = self.servent.open(link.0, agreement, address, is_outgoing, now);
        self.connections.open(link, slot);
        self.slots.open(slot, &caller, now);
        if let Some(host) = self.servent.neighbour(slot).and_then(Neighbour::listen) {
            self.note_reached(host, now);
        }
        self.note_room(address, agreement, now);
        if let Some(ip) = agreement.peer.remote_ip.filter(|_| is_outgoing) {
            self.hear_address(ip, address.ip());
        }
        self.count_neighbours(now);
        self.tell(Event::Opened {
            link,
            address,
            role: agreement.role,
            peer_role: agreement.peer_role,
        });
        self.wake_to_review(now);
    }

    /// What speaks against a link once it is known what the other side is on it. Others may have come
    /// while it was under way, who was to become a leaf may not have done so, and who was let in may
    /// have been banned.
    fn second_thoughts(
        &self,
        caller: &Caller,
        role: Role,
        is_known: bool,
        now: Time,
    ) -> Option<(u16, String)> {
        if self.is_shutting_down {
            return Some((Bye::SHUTDOWN, "Shutting down".to_owned()));
        }
        if role != self.role {
            return Some((Bye::MODE_CHANGE, format!("Becoming {}", self.role)));
        }
        // From here on by the codes that a head would have said it with (HAND-57, HAND-69).
        if let Some(why) = self.bans.explain(caller.address, now).filter(|_| !caller.is_chosen) {
            return Some((Refusal::BANNED, why));
        }
        if is_known {
            return Some((Refusal::CONFLICT, "Already connected".to_owned()));
        }
        match self.slots.judge(caller, now) {
            Judgement::Accept { .. } => None,
            Judgement::Guide => Some((Refusal::NO_ROOM, "Room for leaves only".to_owned())),
            Judgement::Refuse(refusal) => Some((Refusal::NO_ROOM, refusal.to_string())),
        }
    }

    /// That it took us as a leaf says that leaves find room; so does what it says of ultrapeers.
    fn note_room(&mut self, address: SocketAddr, agreement: &Agreement, now: Time) {
        let host = address.ip();
        if agreement.role.is_leaf() && agreement.peer_role.is_ultrapeer() {
            self.hear_room(host, host, Room::Accepted, now);
        }
        if let Some(needed) = agreement.peer.ultrapeer_needed {
            self.hear_room(host, host, Room::Guidance { needed }, now);
        }
        if let Some(ip) = agreement.peer.remote_ip {
            self.observe(Observation::Address { ip, told_by: host }, now);
        }
    }
}
