//! Whom we let in, and as what.
//!
//! - [`incoming`]: those who call us
//! - [`outgoing`]: the answers of those whom we call
//! - [`opening`]: the end of a handshake, where everything is asked once more
//! - [`objections`]: what speaks against a link
//! - [`partings`]: how we end one

mod incoming;
mod objections;
mod opening;
mod outgoing;
mod partings;

use std::net::SocketAddr;

use super::connections::Greeting;
use super::{Direction, LinkId, Node, Output};
use crate::base::time::Time;
use crate::gnutella::link::{Capabilities, Decision, Role, Version};
use crate::node::host_cache::{Facts, Source};
use crate::promotion;
use crate::promotion::slots::{self, Caller, Offer};

impl Node {
    /// Hosts that a head names (HAND-75).
    pub(in crate::node) fn learn_tries(
        &mut self,
        address: SocketAddr,
        peer: &Capabilities,
        is_advice: bool,
        now: Time,
    ) {
        let source = Source::Peer(address.ip());
        for hosts in [&peer.try_ultrapeers, &peer.try_hosts].into_iter().flatten() {
            self.hosts.learn_from_head(hosts, source, is_advice, &self.filter, now);
        }
    }

    /// What its head says about hosts is remembered, its own address first.
    fn learn_from(&mut self, address: SocketAddr, peer: &Capabilities, role: Role, now: Time) {
        let own = listens_at(address, peer);
        let (is_ultrapeer, is_leaf) = (role.is_ultrapeer(), role.is_leaf());
        let facts = Facts { is_ultrapeer, is_leaf, ..Facts::default() };
        if let Some(own) = own {
            self.hosts.learn(own, Source::Itself, facts, &self.filter, now);
        }
        self.learn_tries(address, peer, false, now);
        self.wake_to_dial(now);
    }

    fn greet(&mut self, link: LinkId, caller: Caller) {
        if let Some(greeting) = self.connections.greeting_mut(link) {
            greeting.caller = Some(caller);
        }
    }

    fn decide(&mut self, link: LinkId, decision: Decision) {
        self.out.push_back(Output::Decide { link, decision });
    }
}

/// Where somebody takes calls who calls from this address: at the port that it names. What it names
/// beside it may be anybody's address.
fn listens_at(address: SocketAddr, peer: &Capabilities) -> Option<SocketAddr> {
    peer.listen.map(|listen| SocketAddr::new(address.ip(), listen.port()))
}

/// Whoever wants a link, in the words that both networks share.
fn caller_of(greeting: &Greeting, role: Role, peer: &Capabilities) -> Caller {
    let offer = Offer {
        degree: peer.degree,
        max_ttl: peer.max_ttl,
        dynamic_querying: peer.dynamic_querying >= Some(Version(0, 1)),
        table_exchange: peer.ultrapeer_query_routing >= Some(Version(0, 1)),
        inflates: peer.accept_deflate,
    };
    Caller {
        address: greeting.address.ip(),
        role: shared_role(role),
        direction: match greeting.direction {
            Direction::Incoming => slots::Direction::Incoming,
            Direction::Outgoing => slots::Direction::Outgoing,
        },
        offer,
        is_chosen: greeting.is_chosen,
    }
}

/// A role in the words that both networks share.
pub(super) const fn shared_role(role: Role) -> promotion::Role {
    match role {
        Role::Leaf => promotion::Role::Leaf,
        Role::Ultrapeer => promotion::Role::Supernode,
    }
}
