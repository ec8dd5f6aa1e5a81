//! A router with neighbours, and messages with GUIDs made of numbers.

use filbert::base::error::Misbehaved;
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::router::{
    Answer, Dropped, Onward, PushRoute, Quotas, Router, TtlRules, Verdict,
};
use filbert::gnutella::wire::{Function, Guid, Header};

/// An ultrapeer and its neighbours.
pub struct Node {
    pub router: Router,
    slots: Slots<()>,
    pub now: Time,
}

/// What goes on of a query that has come with TTL 3 and hops 0.
pub const ONWARD: Onward = Onward { ttl: 2, hops: 1 };

/// What becomes of a hit that has come with TTL 5 and hops 0.
pub const HIT_ONWARD: Onward = Onward { ttl: 4, hops: 1 };

pub const DUPLICATE: Verdict = Verdict::Drop { why: Dropped::Duplicate, fault: None };

impl Node {
    pub fn new() -> Self {
        Self::with_rules(TtlRules::default())
    }

    pub fn with_rules(rules: TtlRules) -> Self {
        // What a neighbour may make us pass on has tests of its own.
        Self::with_quotas(rules, Quotas::default().unmetered())
    }

    pub fn with_quotas(rules: TtlRules, quotas: Quotas) -> Self {
        Self { router: Router::with_quotas(rules, quotas, 7), slots: Slots::new(), now: Time::ZERO }
    }

    pub fn ultrapeer(&mut self) -> Slot {
        let slot = self.slots.insert(());
        self.router.open(slot, false, true, self.now);
        slot
    }

    pub fn leaf(&mut self) -> Slot {
        let slot = self.slots.insert(());
        self.router.open(slot, true, true, self.now);
        slot
    }

    pub fn close(&mut self, slot: Slot) {
        self.slots.remove(slot);
        self.router.close(slot, self.now);
    }

    pub fn wait_ms(&mut self, millis: u64) {
        self.now = self.now.after_ms(millis);
    }

    /// Calls the router when it asked for it, up to now.
    pub fn tidy(&mut self) {
        if self.router.next_timeout().is_some_and(|due| due <= self.now) {
            self.router.timeout(self.now);
        }
    }

    pub fn query(&mut self, number: u32, from: Slot) -> Verdict {
        self.query_with(number, 3, from)
    }

    pub fn query_with(&mut self, number: u32, ttl: u8, from: Slot) -> Verdict {
        let header = Header { ttl, ..header(Function::QUERY, number) };
        self.router.broadcast(&header, from, self.now)
    }

    pub fn originate(&mut self, number: u32) {
        self.router.originate(Function::QUERY, guid(number), self.now);
    }

    pub fn hit(&mut self, number: u32, from: Slot) -> Answer {
        let header = Header { ttl: 5, ..header(Function::QUERY_HIT, number) };
        self.router.answer(&header, from, self.now)
    }

    pub fn learn(&mut self, servent: u32, from: Slot) {
        self.router.learn_servent(guid(servent), from, self.now);
    }

    /// Where a push goes, or why not.
    pub fn push(&mut self, number: u32, servent: u32, from: Slot) -> Result<Vec<Slot>, Dropped> {
        let header = header(Function::PUSH, number);
        match self.router.push(&header, guid(servent), from, self.now) {
            PushRoute::To { ways, .. } => Ok(ways.iter().collect()),
            PushRoute::Drop { why, .. } => Err(why),
            PushRoute::Here => panic!("it is not for us"),
        }
    }

    /// What becomes of a push for ourselves.
    pub fn push_here(&mut self, number: u32, ttl: u8, from: Slot) -> Result<(), Dropped> {
        let header = Header { ttl, ..header(Function::PUSH, number) };
        match self.router.push_here(&header, from, self.now) {
            PushRoute::Here => Ok(()),
            PushRoute::Drop { why, .. } => Err(why),
            PushRoute::To { .. } => panic!("it is for us"),
        }
    }
}

/// With TTL 3 and hops 0.
pub fn header(function: Function, number: u32) -> Header {
    Header { guid: guid(number), function, ttl: 3, hops: 0, payload_len: 40, size_flags: None }
}

/// All zeros for number 0.
pub fn guid(number: u32) -> Guid {
    let mut guid = [0; 16];
    guid[4..8].copy_from_slice(&number.to_be_bytes());
    Guid(guid)
}

pub const fn new_query() -> Verdict {
    Verdict::New { onward: Some(ONWARD) }
}

pub const fn to(slot: Slot) -> Answer {
    Answer::To { slot, onward: HIT_ONWARD }
}

pub const fn lost(why: Dropped) -> Answer {
    Answer::Drop { why, fault: None }
}

pub fn fault(verdict: Verdict) -> Option<Misbehaved> {
    match verdict {
        Verdict::Drop { fault, .. } => fault,
        _ => None,
    }
}
