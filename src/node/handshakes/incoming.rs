//! Those who call us.

use std::net::{IpAddr, SocketAddr};

use super::{caller_of, listens_at};
use crate::base::addresses::is_public;
use crate::base::limits::{GREETING_FROM_ADDRESS_MAX, TRY_HOSTS_MAX};
use crate::base::mutant::mutant;
use crate::base::time::Time;
use crate::gnutella::link::{Capabilities, Decision, Question, Refusal};
use crate::gnutella::pinging::RoomFor;
use crate::node::bans::{Admission, Ban};
use crate::node::connections::Greeting;
use crate::node::{Direction, Event, LinkId, Node};
use crate::promotion::slots::{self, Caller, Judgement};

impl Node {
    /// A connection stands; whether we speak with whoever is behind it.
    pub(in crate::node) fn connected(
        &mut self,
        link: LinkId,
        address: SocketAddr,
        direction: Direction,
        now: Time,
    ) {
        let is_outgoing = direction == Direction::Outgoing;
        let is_chosen = is_outgoing && self.end_call(address);
        self.connections.insert(
            link,
            Greeting {
                address,
                direction,
                is_chosen,
                listen: None,
                has_asked: false,
                caller: None,
            },
        );
        if is_outgoing {
            return;
        }
        if self.hurries(address.ip()) {
            self.tell(Event::TurnedAway { address: address.ip() });
            return self.turn_away(link, Refusal::TOO_MANY, "Too many connections at once");
        }
        match self.bans.admit(address.ip(), now) {
            Admission::Welcome => {
                self.servent.was_reached(address.ip(), now);
                self.note_reached_by_call(address.ip(), now);
            }
            Admission::Refused { ban, is_new, says_so } => {
                self.note_refused(address.ip(), &ban, is_new);
                let why = says_so.then(|| ban.explain(now));
                self.turn_away(link, ban.code(), &why.unwrap_or_default());
            }
        }
    }

    /// Somebody is turned away because of a ban.
    pub(in crate::node) fn note_refused(&mut self, from: IpAddr, ban: &Ban, is_new: bool) {
        if is_new {
            self.tell_banned(from, ban);
        }
        self.tell(Event::TurnedAway { address: from });
    }

    /// It wants a link, and not files: whether it may have one so soon after the last one (HAND-62).
    fn is_hasty(&mut self, link: LinkId, from: IpAddr, now: Time) -> bool {
        if let Some(greeting) = self.connections.greeting_mut(link) {
            greeting.has_asked = true;
        }
        let outcome = self.bans.attempt(from, now);
        let Admission::Refused { ban, is_new, says_so } = outcome else { return false };
        self.note_refused(from, &ban, is_new);
        match says_so {
            true => self.refuse(link, Refusal::new(ban.code(), ban.explain(now))),
            false => self.turn_away(link, ban.code(), ""),
        }
        true
    }

    /// Whether too many handshakes run with one address. In a laboratory all hosts may have the same.
    fn hurries(&self, from: IpAddr) -> bool {
        let is_laboratory = self.filter.allows_private() && !is_public(from);
        let both = self.connections.greeting_from(from) + self.fasttrack_greeting_from(from);
        !is_laboratory && both > GREETING_FROM_ADDRESS_MAX
    }

    /// Somebody wants a link.
    pub(in crate::node) fn asked(&mut self, link: LinkId, question: &Question, now: Time) {
        let Some(&greeting) = self.connections.greeting(link) else { return };
        let address = greeting.address;
        if self.is_hasty(link, address.ip(), now) {
            return;
        }
        if question.is_crawler {
            let decision = self.tell_crawler();
            return self.decide(link, decision);
        }
        let Some(peer_role) = question.peer_role else {
            return self
                .refuse(link, Refusal::new(Refusal::FORBIDDEN, "Neither leaf nor ultrapeer"));
        };
        self.note_listen(link, &question.peer);
        self.learn_from(address, &question.peer, peer_role, now);
        if let Some(refusal) =
            self.objection(link, (address, Direction::Incoming), &question.peer, now)
        {
            return self.refuse(link, refusal);
        }
        let caller = caller_of(&greeting, peer_role, &question.peer);
        match self.slots.judge(&caller, now) {
            Judgement::Accept { needed } => self.accept(link, caller, needed, now),
            Judgement::Guide => self.accept(link, caller, Some(false), now),
            Judgement::Refuse(refusal) => {
                if refusal == slots::Refusal::NoLeafSlot {
                    self.slots.turned_away(caller.address, now);
                }
                let refusal = self.refusal(refusal, now);
                self.refuse(link, refusal);
            }
        }
    }

    /// Whoever is calling us is not called at the same time.
    fn note_listen(&mut self, link: LinkId, peer: &Capabilities) {
        if let Some(greeting) = self.connections.greeting_mut(link) {
            greeting.listen = listens_at(greeting.address, peer);
        }
    }

    fn accept(&mut self, link: LinkId, caller: Caller, guidance: Option<bool>, now: Time) {
        let try_ultrapeers = self.others_to_try(caller.address, now);
        let role = self.role;
        self.greet(link, caller);
        self.decide(link, Decision::Accept { role, ultrapeer_needed: guidance, try_ultrapeers });
    }

    /// Ultrapeers that may have room, for somebody else than themselves.
    fn others_to_try(&mut self, asker: IpAddr, now: Time) -> Vec<SocketAddr> {
        self.hosts.sample((TRY_HOSTS_MAX, RoomFor::Anybody), now, self.servent.rng(), |host| {
            host.ip() == asker
        })
    }

    /// HAND-54
    fn tell_crawler(&self) -> Decision {
        let (mut peers, mut leaves) = (Vec::new(), Vec::new());
        for (_, neighbour) in self.servent.neighbours() {
            let list = if neighbour.is_leaf() { &mut leaves } else { &mut peers };
            list.extend(neighbour.listen().filter(|_| !mutant!(TellsCrawlersNothing)));
        }
        Decision::Crawl { peers, leaves }
    }
}
