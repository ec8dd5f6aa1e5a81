//! Whom we let in, and as what.

use std::net::SocketAddr;
use std::time::Duration;

use super::connections::{Connection, Greeting, Leaving};
use super::roles::Career;
use super::{Direction, LinkId, Node, Output};
use crate::base::limits::{GREETING_FROM_ADDRESS_MAX, TRY_HOSTS_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::link::{
    Agreement, Capabilities, Decision, Question, Refusal, Role, Version, read_date,
};
use crate::gnutella::wire::Bye;
use crate::node::bans::Admission;
use crate::node::host_cache::{Facts, Outcome, Source};
use crate::promotion::slots::{self, Caller, Judgement, Offer};
use crate::promotion::{self, Guide, Observation, Room};

impl Node {
    /// A connection stands; whether we speak with whoever is behind it.
    pub(super) fn connected(
        &mut self,
        link: LinkId,
        address: SocketAddr,
        direction: Direction,
        now: Time,
    ) {
        let is_outgoing = direction == Direction::Outgoing;
        let is_chosen = is_outgoing && self.end_call(address);
        self.connections.insert(link, Greeting { address, direction, is_chosen, caller: None });
        if is_outgoing {
            return;
        }
        if self.connections.greeting_from(address.ip()) > GREETING_FROM_ADDRESS_MAX {
            return self.turn_away(link, Refusal::TOO_MANY, "Too many connections at once");
        }
        match self.bans.admit(address.ip(), now) {
            Admission::Welcome => self.servent.was_reached(address.ip(), now),
            Admission::Refused { code, says_so } => {
                let why = if says_so { self.bans.explain(address.ip(), now) } else { None };
                self.turn_away(link, code, &why.unwrap_or_default());
            }
        }
    }

    /// Somebody wants a link.
    pub(super) fn asked(&mut self, link: LinkId, question: &Question, now: Time) {
        let Some(&greeting) = self.connections.greeting(link) else { return };
        let address = greeting.address;
        if question.is_crawler {
            let decision = self.tell_crawler();
            return self.decide(link, decision);
        }
        let Some(peer_role) = question.peer_role else {
            return self
                .refuse(link, Refusal::new(Refusal::FORBIDDEN, "Neither leaf nor ultrapeer"));
        };
        self.learn_from(address, &question.peer, peer_role, now);
        if let Some(refusal) =
            self.objection(link, (address, Direction::Incoming), &question.peer, now)
        {
            return self.refuse(link, refusal);
        }
        let caller = caller_of(&greeting, peer_role, &question.peer);
        match self.slots.judge(&caller, now) {
            // Whoever makes room goes when the link stands.
            Judgement::Accept { needed } | Judgement::Replace { needed, .. } => {
                self.accept(link, caller, needed, now);
            }
            Judgement::Guide => self.accept(link, caller, Some(false), now),
            Judgement::Refuse(refusal) => {
                let refusal = self.refusal(refusal, now);
                self.refuse(link, refusal);
            }
        }
    }

    /// Somebody whom we called would have us.
    pub(super) fn answered(&mut self, link: LinkId, question: &Question, now: Time) {
        let Some(&greeting) = self.connections.greeting(link) else { return };
        let address = greeting.address;
        let peer_role = question.peer_role.unwrap_or(Role::Leaf);
        self.learn_from(address, &question.peer, peer_role, now);
        if let Some(refusal) =
            self.objection(link, (address, Direction::Outgoing), &question.peer, now)
        {
            return self.refuse(link, refusal);
        }
        let caller = caller_of(&greeting, peer_role, &question.peer);
        let role = self.guided_role(question, &caller, now);
        match self.slots.judge(&caller, now) {
            Judgement::Accept { .. } | Judgement::Replace { .. } | Judgement::Guide => {
                self.agree(link, caller, role);
            }
            Judgement::Refuse(refusal) => {
                let refusal = self.refusal(refusal, now);
                self.refuse(link, refusal);
            }
        }
    }

    /// The handshake is over.
    pub(super) fn opened(&mut self, link: LinkId, agreement: &Agreement, now: Time) {
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
        let second = if is_known {
            Some((Refusal::CONFLICT, "Already connected".to_owned()))
        } else {
            self.second_thoughts(&caller, agreement.role, now)
        };
        if let Some((code, reason)) = second {
            return self.turn_away(link, code, &reason);
        }
        let slot = self.servent.open(link.0, agreement, address, is_outgoing, now);
        self.connections.open(link, slot);
        self.slots.open(slot, &caller, now);
        self.note_room(address, agreement, now);
        self.count_neighbours(now);
        self.tell(super::Event::Opened {
            link,
            address,
            role: agreement.role,
            peer_role: agreement.peer_role,
        });
        self.wake_to_review(now);
    }

    /// What speaks against a link once it is known what the other side is on it. Others may have come
    /// while it was under way, and who was to become a leaf may not have done so.
    fn second_thoughts(&mut self, caller: &Caller, role: Role, now: Time) -> Option<(u16, String)> {
        if self.is_shutting_down {
            return Some((Bye::SHUTDOWN, "Shutting down".to_owned()));
        }
        if role != self.role {
            return Some((Bye::MODE_CHANGE, format!("Becoming {}", self.role)));
        }
        match self.slots.judge(caller, now) {
            Judgement::Accept { .. } => None,
            Judgement::Replace { drop, flaw, .. } => {
                self.dismiss(drop, Bye::LOCAL_PREFERRED, &format!("Making room: {flaw}"));
                self.drain(now);
                None
            }
            // By the code that a head would have said it with (HAND-69).
            Judgement::Guide => Some((Refusal::NO_ROOM, "Room for leaves only".to_owned())),
            Judgement::Refuse(refusal) => Some((Refusal::NO_ROOM, refusal.to_string())),
        }
    }

    /// What its head says about hosts is remembered, its own address first.
    fn learn_from(&mut self, address: SocketAddr, peer: &Capabilities, role: Role, now: Time) {
        let own = peer.listen.map(|listen| SocketAddr::new(address.ip(), listen.port()));
        let facts = Facts { is_ultrapeer: role.is_ultrapeer(), ..Facts::default() };
        if let Some(own) = own {
            self.hosts.learn(own, Source::Itself, facts, &self.filter, now);
        }
        self.learn_tries(address, peer, false, now);
    }

    /// Hosts that a head names (HAND-75).
    pub(super) fn learn_tries(
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

    /// What speaks against a link whatever room there is.
    fn objection(
        &mut self,
        link: LinkId,
        (address, direction): (SocketAddr, Direction),
        peer: &Capabilities,
        now: Time,
    ) -> Option<Refusal> {
        if self.is_shutting_down {
            return Some(Refusal::new(Refusal::NO_ROOM, "Shutting down"));
        }
        let is_us = peer.guid == Some(self.guid())
            || (peer.listen.is_some() && peer.listen == self.servent.settings().listen);
        if is_us {
            // Whoever calls does so from a port that means nothing.
            if direction == Direction::Outgoing {
                self.hosts.outcome(address, Outcome::Ourselves, now);
            }
            return Some(Refusal::new(Refusal::CONFLICT, "Connected to itself"));
        }
        self.is_neighbour(link, address, peer)
            .then(|| Refusal::new(Refusal::CONFLICT, "Already connected"))
    }

    /// HAND-42
    fn is_neighbour(&self, link: LinkId, address: SocketAddr, peer: &Capabilities) -> bool {
        let listen = peer.listen.map(|listen| SocketAddr::new(address.ip(), listen.port()));
        let same_guid = |guid: Option<_>| guid.is_some() && guid == peer.guid;
        let same_address = |other: Option<SocketAddr>| {
            other.is_some_and(|other| other == address || Some(other) == listen)
        };
        self.connections.iter().any(|(other, connection)| match connection {
            _ if other == link => false,
            Connection::Open(slot) => self.servent.neighbour(*slot).is_some_and(|neighbour| {
                same_guid(neighbour.servent) || same_address(neighbour.listen())
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

    /// As what we go on with an ultrapeer that we called: as its leaf, if it wants that and we should.
    fn guided_role(&mut self, question: &Question, caller: &Caller, now: Time) -> Role {
        if question.guidance != Some(Role::Leaf) || self.role.is_leaf() || !self.decides_role() {
            return self.role;
        }
        let guide = Guide {
            host: caller.address,
            running_for: self.running_for(&question.peer, now),
            is_good: caller.offer.is_good(),
        };
        let follows = |career: &mut Box<Career>| career.promotion.follows(guide, now);
        if self.career.as_mut().is_some_and(follows) {
            self.change_role(Role::Leaf, now);
            // Those who were neighbours take no room any more.
            self.drain(now);
        }
        self.role
    }

    /// For how long somebody has been running: as it says, or since when (HAND-55), if we know what
    /// time it is.
    fn running_for(&self, peer: &Capabilities, now: Time) -> Option<Duration> {
        let since = || {
            let started = Duration::from_secs(read_date(self.live_since()?)?);
            let today = started.saturating_add(now.since(Time::ZERO));
            Some(today.saturating_sub(Duration::from_secs(peer.live_since?)))
        };
        peer.uptime.map(Duration::from_secs).or_else(since)
    }

    fn accept(&mut self, link: LinkId, caller: Caller, guidance: Option<bool>, now: Time) {
        let try_ultrapeers = self.others_to_try(caller.address, now);
        let role = self.role;
        self.greet(link, caller);
        self.decide(link, Decision::Accept { role, ultrapeer_needed: guidance, try_ultrapeers });
    }

    fn agree(&mut self, link: LinkId, caller: Caller, role: Role) {
        self.greet(link, caller);
        self.decide(link, Decision::accept(role));
    }

    fn greet(&mut self, link: LinkId, caller: Caller) {
        if let Some(greeting) = self.connections.greeting_mut(link) {
            greeting.caller = Some(caller);
        }
    }

    /// Ultrapeers that may have room, for somebody else than themselves.
    fn others_to_try(&mut self, asker: std::net::IpAddr, now: Time) -> Vec<SocketAddr> {
        self.hosts.sample(TRY_HOSTS_MAX, now, self.servent.rng(), |host| host.ip() == asker)
    }

    fn refusal(&mut self, refusal: slots::Refusal, now: Time) -> Refusal {
        let others = self.hosts.sample(TRY_HOSTS_MAX, now, self.servent.rng(), |_| false);
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

    fn refuse(&mut self, link: LinkId, refusal: Refusal) {
        self.decide(link, Decision::Refuse(refusal));
    }

    fn decide(&mut self, link: LinkId, decision: Decision) {
        self.out.push_back(Output::Decide { link, decision });
    }

    /// Ends a connection that is no neighbour's yet.
    fn turn_away(&mut self, link: LinkId, code: u16, reason: &str) {
        let Some(&Greeting { address, direction, .. }) = self.connections.greeting(link) else {
            return;
        };
        self.connections.leave(link, Leaving { address, direction, was_open: false });
        self.out.push_back(Output::Close { link, code, reason: reason.to_owned() });
    }

    /// Ends the link with a neighbour.
    pub(super) fn dismiss(&mut self, slot: Slot, code: u16, reason: &str) {
        let (Some(link), Some(neighbour)) = (self.link(slot), self.servent.neighbour(slot)) else {
            return;
        };
        let (address, direction) = (neighbour.address, Direction::of(neighbour.is_outgoing));
        self.pending_close.push(slot);
        self.connections.leave(link, Leaving { address, direction, was_open: true });
        self.out.push_back(Output::Close { link, code, reason: reason.to_owned() });
    }

    /// The driver's name for the connection of a neighbour, as long as we speak with it.
    pub(super) fn link(&self, slot: Slot) -> Option<LinkId> {
        let link = LinkId(self.servent.neighbour(slot)?.link);
        self.connections.slot(link).map(|_| link)
    }

    /// HAND-54
    fn tell_crawler(&self) -> Decision {
        let (mut peers, mut leaves) = (Vec::new(), Vec::new());
        for (_, neighbour) in self.servent.neighbours() {
            let list = if neighbour.is_leaf() { &mut leaves } else { &mut peers };
            list.extend(neighbour.listen());
        }
        Decision::Crawl { peers, leaves }
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
