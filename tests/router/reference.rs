//! What a router must do, said as simply as possible: a list of everything that it was told, and a walk
//! over the list for each question. Nothing is ever taken out of a list.

use filbert::base::limits::{
    FAR_QUERIES_MAX, FAR_QUERY_HOPS_MAX, PUSH_WAYS_MAX, REPEATS_MAX, REPEATS_PER_MILLE_MAX,
    ROUTE_LIFE_SECONDS, SERVENT_LIFE_SECONDS, SERVENT_WAYS_MAX,
};
use filbert::base::slots::Slot;
use filbert::base::time::Time;
use filbert::gnutella::router::{Dropped, Onward, Quotas, TtlRules};
use filbert::gnutella::wire::{Function, Guid, Header};

/// What is to be done with a message: why nothing, and the rule that its sender broke, if any.
pub type Outcome<T> = Result<T, (Dropped, Option<&'static str>)>;

/// A query or a ping that is not dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flooded {
    New(Option<Onward>),
    Again(Onward),
}

/// A hit or a pong that is not dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    Own,
    To(Slot, Onward),
}

pub struct Model {
    rules: TtlRules,
    quotas: Quotas,
    /// Each time that somebody was a neighbour.
    stays: Vec<Stay>,
    messages: Vec<Message>,
    claims: Vec<Claim>,
    closings: usize,
    learnt: usize,
}

struct Stay {
    slot: Slot,
    is_leaf: bool,
    dynamic_querying: bool,
    closed: Option<usize>,
    received: u32,
    repeats: u32,
    far: u32,
}

struct Message {
    function: Function,
    guid: Guid,
    /// Nobody: it is ours.
    stay: Option<usize>,
    second: u64,
    /// Everybody who sent it with hops 0, and with which TTL, in that order.
    copies: Vec<(usize, u8)>,
    onward_ttl_max: u8,
    is_evicted: bool,
}

struct Claim {
    servent: Guid,
    stay: usize,
    first: usize,
    last: usize,
    second: u64,
    is_evicted: bool,
}

fn second(now: Time) -> u64 {
    now.as_micros() / 1_000_000
}

impl Model {
    pub fn new(rules: TtlRules, quotas: Quotas) -> Self {
        let (stays, messages, claims) = (Vec::new(), Vec::new(), Vec::new());
        Self { rules, quotas, stays, messages, claims, closings: 0, learnt: 0 }
    }

    pub fn open(&mut self, slot: Slot, is_leaf: bool, dynamic_querying: bool, now: Time) {
        let same_place = |stay: &Stay| stay.slot.index() == slot.index() && stay.closed.is_none();
        let before = self.stays.iter().find(|stay| same_place(stay)).map(|stay| stay.slot);
        if let Some(before) = before {
            self.close(before, now);
        }
        let (closed, received, repeats, far) = (None, 0, 0, 0);
        let stay = Stay { slot, is_leaf, dynamic_querying, closed, received, repeats, far };
        self.stays.push(stay);
    }

    pub fn close(&mut self, slot: Slot, now: Time) {
        let Ok(stay) = self.stay(slot) else { return };
        self.closings += 1;
        self.stays[stay].closed = Some(self.closings);
        loop {
            let orphans: Vec<_> = self
                .living(now)
                .filter_map(|at| Some((self.stays[self.messages[at].stay?].closed?, at)))
                .collect();
            if orphans.len() <= self.quotas.orphaned as usize {
                return;
            }
            let (_, first) = orphans.into_iter().min().unwrap();
            self.messages[first].is_evicted = true;
        }
    }

    pub fn originate(&mut self, function: Function, guid: Guid, now: Time) {
        if guid == Guid::ZERO {
            return;
        }
        if let Some(at) = self.find(function, guid, now) {
            self.messages[at].is_evicted = true;
        }
        self.remember(function, guid, None, u8::MAX, now);
    }

    pub fn broadcast(&mut self, header: &Header, from: Slot, now: Time) -> Outcome<Flooded> {
        let stay = self.admit(header, from)?;
        let Header { guid, function, ttl, hops, .. } = *header;
        if ttl == 0 {
            let fault = (function != Function::PING).then_some("TTL-04");
            return Err((Dropped::Spent, fault));
        }
        if u32::from(ttl) + u32::from(hops) > u32::from(self.rules.hard_limit) {
            return Err((Dropped::TooFar, self.blame_far(stay, function, hops)));
        }
        let is_leafs_query = self.stays[stay].is_leaf && function == Function::QUERY;
        if guid == Guid::ZERO {
            let dropped = Err((Dropped::Nameless, None));
            return if is_leafs_query { dropped } else { Ok(Flooded::New(None)) };
        }
        let onward = self.onward(stay, function, ttl, hops);
        let onward_ttl = onward.map_or(0, |onward| onward.ttl);
        let Some(at) = self.find(function, guid, now) else {
            let onward_ttl = if is_leafs_query { 255 } else { onward_ttl };
            self.remember_of(stay, header, onward_ttl, now)?;
            return Ok(Flooded::New(onward));
        };
        let is_repeat = self.copy(at, stay, ttl, hops);
        let onward_ttl = if is_leafs_query { 0 } else { onward_ttl };
        let is_raised = onward_ttl > self.messages[at].onward_ttl_max;
        self.messages[at].onward_ttl_max = self.messages[at].onward_ttl_max.max(onward_ttl);
        if is_raised && self.rules.forwards_raised && function == Function::QUERY {
            return Ok(Flooded::Again(onward.unwrap()));
        }
        Err((Dropped::Duplicate, self.blame_repeat(stay, is_repeat)))
    }

    pub fn answer(&mut self, header: &Header, from: Slot, now: Time) -> Outcome<Home> {
        self.admit(header, from)?;
        if header.hops >= self.rules.hard_limit || header.hops >= 254 {
            return Err((Dropped::HopsExhausted, None));
        }
        let asked = match header.function {
            Function::QUERY_HIT => Function::QUERY,
            Function::PONG => Function::PING,
            _ => return Err((Dropped::NoRoute, None)),
        };
        let at = self.find(asked, header.guid, now).ok_or((Dropped::NoRoute, None))?;
        let Some(to) = self.messages[at].stay else { return Ok(Home::Own) };
        let to = &self.stays[to];
        if to.closed.is_some() {
            return Err((Dropped::RouteLost, None));
        }
        if to.slot == from {
            return Err((Dropped::Backwards, None));
        }
        if header.ttl <= 1 && !to.is_leaf {
            return Err((Dropped::Expired, None));
        }
        let ttl = header.ttl.max(2).min(self.rules.hard_limit + 1) - 1;
        Ok(Home::To(to.slot, Onward { ttl, hops: header.hops + 1 }))
    }

    pub fn learn_servent(&mut self, servent: Guid, from: Slot, now: Time) {
        let Ok(stay) = self.stay(from) else { return };
        if servent == Guid::ZERO {
            return;
        }
        self.learnt += 1;
        let others = self.claims_to(servent, now);
        if let Some(own) = others.iter().find(|at| self.claims[**at].stay == stay) {
            (self.claims[*own].last, self.claims[*own].second) = (self.learnt, second(now));
            return;
        }
        if others.len() == SERVENT_WAYS_MAX {
            let first = others.iter().copied().min_by_key(|at| self.claims[*at].first);
            let rest = others.iter().copied().filter(|at| Some(*at) != first);
            let stalest = rest.min_by_key(|at| self.claims[*at].last).unwrap();
            self.claims[stalest].is_evicted = true;
        }
        let is_leaf = self.stays[stay].is_leaf;
        let quota =
            if is_leaf { self.quotas.servents_of_leaf } else { self.quotas.servents_of_ultrapeer };
        let own = self.living_claims(now).filter(|at| self.claims[*at].stay == stay);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|at| self.claims[*at].last);
        if own.len() >= quota as usize {
            self.claims[own[0]].is_evicted = true;
        }
        let (first, last, second) = (self.learnt, self.learnt, second(now));
        self.claims.push(Claim { servent, stay, first, last, second, is_evicted: false });
    }

    pub fn push(
        &mut self,
        header: &Header,
        servent: Guid,
        from: Slot,
        now: Time,
    ) -> Outcome<(Vec<Slot>, Onward)> {
        let stay = self.admit(header, from)?;
        let Header { guid, ttl, hops, .. } = *header;
        if ttl == 0 {
            return Err((Dropped::Spent, Some("TTL-04")));
        }
        if u32::from(ttl) + u32::from(hops) > u32::from(self.rules.hard_limit) {
            return Err((Dropped::TooFar, None));
        }
        if guid == Guid::ZERO {
            return Err((Dropped::Nameless, None));
        }
        let ways = self.ways(servent, from, ttl, now).map_err(|why| (why, None))?;
        if let Some(at) = self.find(Function::PUSH, guid, now) {
            let is_repeat = self.copy(at, stay, ttl, hops);
            return Err((Dropped::Duplicate, self.blame_repeat(stay, is_repeat)));
        }
        self.remember_of(stay, header, 0, now)?;
        Ok((ways, Onward { ttl: ttl.max(2) - 1, hops: hops + 1 }))
    }

    /// How many messages have not outlived their time.
    pub fn messages_len(&self, now: Time) -> usize {
        self.living(now).count()
    }

    /// How many ways to servents have not outlived their time.
    pub fn servents_len(&self, now: Time) -> usize {
        self.living_claims(now).count()
    }

    fn stay(&self, slot: Slot) -> Result<usize, (Dropped, Option<&'static str>)> {
        let is_here = |stay: &Stay| stay.slot == slot && stay.closed.is_none();
        self.stays.iter().position(is_here).ok_or((Dropped::Stranger, None))
    }

    fn admit(&mut self, header: &Header, from: Slot) -> Outcome<usize> {
        let stay = self.stay(from)?;
        self.stays[stay].received += 1;
        if self.stays[stay].is_leaf && header.hops > 0 {
            return Err((Dropped::RelayedByLeaf, Some("TTL-10")));
        }
        Ok(stay)
    }

    /// The sum of TTL and hops is at most the maximum; a TTL above that is lowered, but never below 1,
    /// and one that is 1 goes no further.
    fn onward(&self, stay: usize, function: Function, ttl: u8, hops: u8) -> Option<Onward> {
        let is_bound = function == Function::QUERY && !self.stays[stay].dynamic_querying;
        let own_ttl = if is_bound { self.rules.own_ttl } else { u8::MAX };
        let sum_max = i32::from(self.rules.max_ttl.min(own_ttl));
        let (mut ttl, hops) = (i32::from(ttl), i32::from(hops));
        if ttl + hops > sum_max {
            ttl = (sum_max - hops).max(1);
        }
        let byte = |number: i32| u8::try_from(number).unwrap();
        (ttl > 1).then(|| Onward { ttl: byte(ttl - 1), hops: byte(hops + 1) })
    }

    fn blame_far(&mut self, stay: usize, function: Function, hops: u8) -> Option<&'static str> {
        if function != Function::QUERY || hops > FAR_QUERY_HOPS_MAX {
            return None;
        }
        self.stays[stay].far += 1;
        (self.stays[stay].far > FAR_QUERIES_MAX).then_some("TTL-08")
    }

    fn blame_repeat(&mut self, stay: usize, is_repeat: bool) -> Option<&'static str> {
        let stay = &mut self.stays[stay];
        if !is_repeat {
            return None;
        }
        stay.repeats += 1;
        let is_often = stay.repeats * 1_000 > stay.received * REPEATS_PER_MILLE_MAX;
        (stay.repeats > REPEATS_MAX && is_often).then_some("TTL-14")
    }

    /// Adds a copy to a message. It is a repetition where it has hops 0, and its sender has sent it so
    /// before with at least that TTL: the first sender ever, any other one since another sent it so.
    fn copy(&mut self, at: usize, stay: usize, ttl: u8, hops: u8) -> bool {
        if hops > 0 {
            return false;
        }
        let message = &mut self.messages[at];
        let first = message.stay;
        let before: Vec<u8> = if first == Some(stay) {
            message.copies.iter().filter(|(by, _)| *by == stay).map(|(_, ttl)| *ttl).collect()
        } else {
            let others = message.copies.iter().rev().filter(|(by, _)| Some(*by) != first);
            others.take_while(|(by, _)| *by == stay).map(|(_, ttl)| *ttl).collect()
        };
        message.copies.push((stay, ttl));
        before.into_iter().any(|before| before >= ttl)
    }

    fn find(&self, function: Function, guid: Guid, now: Time) -> Option<usize> {
        let is_it =
            |at: &usize| self.messages[*at].function == function && self.messages[*at].guid == guid;
        self.living(now).find(is_it)
    }

    /// Adds a message of a neighbour, unless that is a leaf that has as many as it may have.
    fn remember_of(
        &mut self,
        stay: usize,
        header: &Header,
        onward_ttl_max: u8,
        now: Time,
    ) -> Outcome<()> {
        let own = self.living(now).filter(|at| self.messages[*at].stay == Some(stay)).count();
        if self.stays[stay].is_leaf && own >= self.quotas.leaf as usize {
            return Err((Dropped::OverQuota, None));
        }
        let Header { function, guid, ttl, hops, .. } = *header;
        self.remember(function, guid, Some(stay), onward_ttl_max, now);
        let message = self.messages.last_mut().unwrap();
        message.copies.extend((hops == 0).then_some((stay, ttl)));
        Ok(())
    }

    /// Adds a message, and evicts the oldest one of the same neighbour where there are too many.
    fn remember(
        &mut self,
        function: Function,
        guid: Guid,
        stay: Option<usize>,
        onward_ttl_max: u8,
        now: Time,
    ) {
        let quota = match stay.map(|stay| self.stays[stay].is_leaf) {
            None => self.quotas.own,
            Some(true) => self.quotas.leaf,
            Some(false) => self.quotas.ultrapeer,
        };
        let own: Vec<_> = self.living(now).filter(|at| self.messages[*at].stay == stay).collect();
        if own.len() >= quota as usize {
            self.messages[own[0]].is_evicted = true;
        }
        let (second, copies, is_evicted) = (second(now), Vec::new(), false);
        self.messages.push(Message {
            function,
            guid,
            stay,
            second,
            copies,
            onward_ttl_max,
            is_evicted,
        });
    }

    fn living(&self, now: Time) -> impl Iterator<Item = usize> {
        let lives = move |at: &usize| {
            let message = &self.messages[*at];
            let age = second(now) - message.second;
            !message.is_evicted && age <= u64::from(ROUTE_LIFE_SECONDS)
        };
        (0..self.messages.len()).filter(lives)
    }

    fn living_claims(&self, now: Time) -> impl Iterator<Item = usize> {
        let lives = move |at: &usize| {
            let claim = &self.claims[*at];
            let age = second(now) - claim.second;
            let is_here = self.stays[claim.stay].closed.is_none();
            is_here && !claim.is_evicted && age <= u64::from(SERVENT_LIFE_SECONDS)
        };
        (0..self.claims.len()).filter(lives)
    }

    fn claims_to(&self, servent: Guid, now: Time) -> Vec<usize> {
        self.living_claims(now).filter(|at| self.claims[*at].servent == servent).collect()
    }

    /// The neighbour that claims the servent for longest, and those that did last, the last one in
    /// front.
    fn ways(&self, servent: Guid, from: Slot, ttl: u8, now: Time) -> Result<Vec<Slot>, Dropped> {
        let mut claims = self.claims_to(servent, now);
        if claims.is_empty() {
            return Err(Dropped::NoRoute);
        }
        claims.retain(|at| self.stays[self.claims[*at].stay].slot != from);
        if claims.is_empty() {
            return Err(Dropped::Backwards);
        }
        claims.retain(|at| ttl > 1 || self.stays[self.claims[*at].stay].is_leaf);
        let Some(first) = claims.iter().copied().min_by_key(|at| self.claims[*at].first) else {
            return Err(Dropped::Expired);
        };
        claims.sort_by_key(|at| usize::MAX - self.claims[*at].last);
        let others = claims.iter().copied().filter(|at| *at != first).take(PUSH_WAYS_MAX - 1);
        let chosen: Vec<_> = others.chain([first]).collect();
        claims.retain(|at| chosen.contains(at));
        Ok(claims.iter().map(|at| self.stays[self.claims[*at].stay].slot).collect())
    }
}
