//! The answers of those whom we call.

use std::time::Duration;

use super::caller_of;
use crate::base::time::Time;
use crate::gnutella::link::{Capabilities, Decision, Question, Role, read_date};
use crate::node::roles::Career;
use crate::node::{Direction, LinkId, Node};
use crate::promotion::Guide;
use crate::promotion::slots::{Caller, Judgement};

impl Node {
    /// Somebody whom we called would have us.
    pub(in crate::node) fn answered(&mut self, link: LinkId, question: &Question, now: Time) {
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
            Judgement::Accept { .. } | Judgement::Guide => {
                self.agree(link, caller, role);
            }
            Judgement::Refuse(refusal) => {
                let refusal = self.refusal(refusal, now);
                self.refuse(link, refusal);
            }
        }
    }

    fn agree(&mut self, link: LinkId, caller: Caller, role: Role) {
        self.greet(link, caller);
        self.decide(link, Decision::accept(role));
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
}
