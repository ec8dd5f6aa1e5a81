use super::broadcast::recognise;
use super::meter::{count_onward, may_go_on};
use super::neighbour::SPENT;
use super::seen::{Came, Key};
use super::servents::Servents;
use super::{Answer, Dropped, Onward, PushRoute, Refused, Router, Ways, admit, begun};
use crate::base::fair_table::{Found, Holder};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Function, Guid, Header};

impl Router {
    /// A query hit came, or a pong to a ping that was flooded.
    pub fn answer(&mut self, header: &Header, from: Slot, now: Time) -> Answer {
        match self.way_back(header, from, now) {
            Ok(answer) => answer,
            Err((why, fault)) => Answer::Drop { why, fault },
        }
    }

    fn way_back(&mut self, header: &Header, from: Slot, now: Time) -> Result<Answer, Refused> {
        admit(&mut self.neighbours, header, from)?;
        let is_far = mutant!(DropsHighHits) && self.rules.is_too_far(header.ttl, header.hops);
        if self.rules.is_exhausted(header.hops) || is_far {
            return Err((Dropped::HopsExhausted, None));
        }
        let asked = match header.function {
            Function::QUERY_HIT => Function::QUERY,
            Function::PONG => Function::PING,
            _ => return Err((Dropped::NoRoute, None)),
        };
        let Some(messages) = &mut self.messages else { return Err((Dropped::NoRoute, None)) };
        let found = messages.find(&Key::new(asked, header.guid), now);
        let Ok(Found { account, .. }) = found else { return Err((Dropped::NoRoute, None)) };
        let slot = match messages.holder(account) {
            Holder::Ours => return Ok(Answer::Own),
            Holder::Nobody => return Err((Dropped::RouteLost, None)),
            Holder::Neighbour(slot) if slot == from => return Err((Dropped::Backwards, None)),
            Holder::Neighbour(slot) => slot,
        };
        let to_leaf = self.is_leaf(slot).ok_or((Dropped::RouteLost, None))?;
        let onward = self.rules.along(header.ttl, header.hops, to_leaf);
        onward.map(|onward| Answer::To { slot, onward }).ok_or((Dropped::Expired, None))
    }

    /// A hit of this servent came from a neighbour, and had a way to go (PUSH-09). Hits that
    /// [`answer`](Self::answer) drops teach nothing.
    pub fn learn_servent(&mut self, servent: Guid, from: Slot, now: Time) {
        let Some(sender) = self.neighbours.get_mut(from) else { return };
        if servent == Guid::ZERO || mutant!(LearnsNoServents) {
            return;
        }
        let hasher = &self.hasher;
        let known = self.servents.get_or_insert_with(|| Box::new(Servents::new(hasher.clone())));
        let quota = self.quotas.servents(sender.is_leaf);
        let account = *sender.servents.get_or_insert_with(|| known.open(from, quota));
        known.learn(servent, account, now);
        self.wake_to_tidy(now);
    }

    /// A push came for this servent, which is not ours.
    pub fn push(&mut self, header: &Header, servent: Guid, from: Slot, now: Time) -> PushRoute {
        let ways = |router: &Self| router.push_ways(servent, from, header.ttl, now);
        self.send_push(header, ways, from, now)
    }

    /// Where a push of ours for this servent goes.
    pub fn push_ways_from_here(&self, servent: Guid, now: Time) -> Ways {
        let known = self.servents.as_ref();
        let is_there = |slot: Slot| self.is_leaf(slot).map(|_| ()).ok_or(Dropped::NoRoute);
        known.and_then(|known| known.ways(servent, now, is_there).ok()).unwrap_or_default()
    }

    /// A push came for the servent of this very neighbour, as is known without a hit of it: from the
    /// handshake, or because we take pushes for it.
    pub fn push_to(&mut self, header: &Header, to: Slot, from: Slot, now: Time) -> PushRoute {
        let ways = |router: &Self| router.may_push(header.ttl, from, to).map(|()| Ways::to(to));
        self.send_push(header, ways, from, now)
    }

    /// A push came for us.
    pub fn push_here(&mut self, header: &Header, from: Slot, now: Time) -> PushRoute {
        let checked = self.check_push(header, from);
        let noted = checked.and_then(|_| self.note_push(header, from, now));
        match noted {
            Ok(()) => PushRoute::Here,
            Err((why, fault)) => PushRoute::Drop { why, fault },
        }
    }

    fn send_push(
        &mut self,
        header: &Header,
        ways: impl Fn(&Self) -> Result<Ways, Dropped>,
        from: Slot,
        now: Time,
    ) -> PushRoute {
        let route = self.check_push(header, from).and_then(|onward| {
            let ways = ways(self).map_err(|why| (why, None))?;
            let (all, quotas) = (self.forwarded, self.quotas);
            let sender = self.neighbours.get(from);
            if !sender.is_some_and(|sender| may_go_on(all, sender, &quotas, now)) {
                return Err((Dropped::OverQuota, None));
            }
            self.note_push(header, from, now)?;
            if let Some(sender) = self.neighbours.get_mut(from) {
                count_onward(&mut self.forwarded, sender, &quotas, now);
            }
            Ok(PushRoute::To { ways, onward })
        });
        route.unwrap_or_else(|(why, fault)| PushRoute::Drop { why, fault })
    }

    fn check_push(&mut self, header: &Header, from: Slot) -> Result<Onward, Refused> {
        let Header { guid, ttl, hops, .. } = *header;
        admit(&mut self.neighbours, header, from)?;
        if ttl == 0 {
            return Err((Dropped::Spent, Some(SPENT)));
        }
        if self.rules.is_too_far(ttl, hops) {
            return Err((Dropped::TooFar, None));
        }
        if guid == Guid::ZERO {
            return Err((Dropped::Nameless, None));
        }
        self.rules.along(ttl, hops, true).ok_or((Dropped::HopsExhausted, None))
    }

    fn push_ways(&self, servent: Guid, from: Slot, ttl: u8, now: Time) -> Result<Ways, Dropped> {
        let known = self.servents.as_ref().ok_or(Dropped::NoRoute)?;
        known.ways(servent, now, |slot| self.may_push(ttl, from, slot))
    }

    /// The way of a push ends at a leaf, and only there its TTL may have run out (PUSH-13).
    fn may_push(&self, ttl: u8, from: Slot, to: Slot) -> Result<(), Dropped> {
        if to == from {
            return Err(Dropped::Backwards);
        }
        match self.is_leaf(to) {
            None => Err(Dropped::NoRoute),
            Some(false) if ttl <= 1 && !mutant!(PushesSpent) => Err(Dropped::Expired),
            Some(_) => Ok(()),
        }
    }

    /// Remembers a push that goes on (PUSH-10). The same one does not go on twice, whatever its TTL:
    /// the servent would connect twice.
    fn note_push(&mut self, header: &Header, from: Slot, now: Time) -> Result<(), Refused> {
        let sender = self.neighbours.get_mut(from).ok_or((Dropped::Stranger, None))?;
        let key = Key::new(Function::PUSH, header.guid);
        let messages = begun(&mut self.messages, &self.quotas, &self.hasher);
        let account = (from, self.quotas.messages(sender.is_leaf));
        let copied = recognise(messages, sender, account, key, Came::once(header), now)?;
        let Some(copied) = copied.filter(|_| !mutant!(CopiesPushes)) else {
            self.wake_to_tidy(now);
            return Ok(());
        };
        let fault = if copied.is_repeat { sender.blame_repeat() } else { None };
        Err((Dropped::Duplicate, fault))
    }
}
