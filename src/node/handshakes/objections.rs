//! What speaks against a link, and how it is said.

use std::net::{IpAddr, SocketAddr};

use super::listens_at;
use crate::base::addresses;
use crate::base::limits::TRY_HOSTS_MAX;
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::link::{Capabilities, Decision, Refusal};
use crate::gnutella::pinging::RoomFor;
use crate::gnutella::servent::Neighbour;
use crate::node::connections::Connection;
use crate::node::host_cache::Outcome;
use crate::node::{Direction, LinkId, Node};
use crate::promotion::slots;

impl Node {
    /// What speaks against a link whatever room there is.
    pub(super) fn objection(
        &mut self,
        link: LinkId,
        (address, direction): (SocketAddr, Direction),
        peer: &Capabilities,
        now: Time,
    ) -> Option<Refusal> {
        if self.is_shutting_down {
            return Some(Refusal::new(Refusal::NO_ROOM, "Shutting down"));
        }
        let is_us = peer.guid == Some(self.guid()) || self.is_our_address(peer.listen);
        if is_us && !mutant!(LinksToItself) {
            // Whoever calls does so from a port that means nothing.
            if direction == Direction::Outgoing {
                self.hosts.outcome(address, Outcome::Ourselves, now);
            }
            return Some(Refusal::new(Refusal::CONFLICT, "Connected to itself"));
        }
        self.is_neighbour(link, address, peer)
            .then(|| Refusal::new(Refusal::CONFLICT, "Already connected"))
    }

    /// Whether nobody but us can be called there: in their houses many have the same address.
    fn is_our_address(&self, listen: Option<SocketAddr>) -> bool {
        let settings = self.servent.settings();
        let is_anywhere =
            |at: &SocketAddr| !settings.allow_private && !addresses::is_public(at.ip());
        listen.filter(|at| !is_anywhere(at)).is_some_and(|at| settings.listen == Some(at))
    }

    /// Whether it is one of our neighbours already (HAND-42).
    pub(super) fn is_neighbour(
        &self,
        link: LinkId,
        address: SocketAddr,
        peer: &Capabilities,
    ) -> bool {
        let listen = listens_at(address, peer);
        // The GUIDs of others stand in every hit: one says something only of who may be the same host.
        let same_servent = |neighbour: &Neighbour| {
            let ip = neighbour.address.ip();
            peer.guid.is_some() && neighbour.servent == peer.guid && may_be_one(ip, address.ip())
        };
        let same_address = |other: Option<SocketAddr>| {
            other.is_some_and(|other| other == address || Some(other) == listen)
        };
        self.connections.iter().any(|(other, connection)| match connection {
            _ if other == link => false,
            Connection::Open(slot) => self.servent.neighbour(*slot).is_some_and(|neighbour| {
                same_servent(neighbour) || same_address(neighbour.listen())
            }),
            // Where both call at the same moment, the call of the lower GUID stands; otherwise both would be
            // refused, and call again at the same moment.
            Connection::Greeting(greeting) => {
                greeting.direction == Direction::Outgoing
                    && Some(greeting.address) == listen
                    && peer.guid.is_none_or(|guid| self.guid() < guid)
            }
            Connection::Leaving(_) => false,
        })
    }

    pub(super) fn refusal(&mut self, refusal: slots::Refusal, now: Time) -> Refusal {
        let others =
            self.hosts
                .sample((TRY_HOSTS_MAX, RoomFor::Anybody), now, self.servent.rng(), |_| false);
        match refusal {
            slots::Refusal::BothLeaves => {
                Refusal::new(Refusal::SHIELDED_LEAF, "Shielded leaf node")
            }
            slots::Refusal::NoLeafSlot | slots::Refusal::NoSupernodeSlot => {
                Refusal { reason: refusal.to_string(), ..Refusal::no_room(others) }
            }
            slots::Refusal::SameNetwork => Refusal::new(Refusal::CONFLICT, refusal.to_string()),
            slots::Refusal::Lacks(_) => Refusal::new(Refusal::FORBIDDEN, refusal.to_string()),
        }
    }

    pub(super) fn refuse(&mut self, link: LinkId, refusal: Refusal) {
        self.decide(link, Decision::Refuse(refusal));
    }
}

/// Whether two addresses may be those of one host: they are the same, or of both families.
fn may_be_one(one: IpAddr, other: IpAddr) -> bool {
    let (one, other) = (one.to_canonical(), other.to_canonical());
    one == other || one.is_ipv4() != other.is_ipv4()
}
