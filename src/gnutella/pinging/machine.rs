use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::alive::{Alive, Due, Patience, seconds};
use super::cache::{Asker, Cache};
use super::neighbour::{Known, Neighbour, Peer};
use super::own::{Own, neighbour_pong};
use super::pong_host::PongHost;
use super::{Pinged, Rules, Step};
use crate::base::error::{Misbehaved, Rule};
use crate::base::limits::{
    CRAWL_PONGS_MAX, PONGS_TAKEN_MAX, REFILL_BROADCASTING_MS, REFILL_JITTER_MS, REFILL_LEAF_MS,
    REFILL_NEIGHBOURS_MIN, REFILL_SHARE, REFILL_ULTRAPEER_MS,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Function, Guid, Pong};

const SILENT: Misbehaved =
    Misbehaved { rule: Rule::new("PING-07"), what: "no sign of life in answer to pings" };

/// The pings and pongs of one node, and the signs of life of its neighbours.
#[derive(Debug)]
pub struct Pinging {
    rules: Rules,
    is_ultrapeer: bool,
    /// By the numbers of their slots.
    neighbours: Vec<Option<Neighbour>>,
    /// How many of them are ultrapeers.
    ultrapeers: u32,
    cache: Cache,
    /// The first second in which a sign of life may be due: found anew in each timeout, and never
    /// later than the true one.
    alive_due_s: u32,
    refill_due: Time,
}

impl Pinging {
    pub const fn new(rules: Rules, is_ultrapeer: bool) -> Self {
        Self {
            rules,
            is_ultrapeer,
            neighbours: Vec::new(),
            ultrapeers: 0,
            cache: Cache::new(),
            alive_due_s: u32::MAX,
            refill_due: Time::ZERO,
        }
    }

    /// The node has another role now.
    pub fn become_role(&mut self, is_ultrapeer: bool) {
        if self.is_ultrapeer == is_ultrapeer {
            return;
        }
        self.is_ultrapeer = is_ultrapeer;
        // The patience with everybody is another one; the next timeout finds it.
        self.alive_due_s = 0;
        if !is_ultrapeer {
            self.cache.clear();
            self.neighbours.iter_mut().flatten().for_each(|neighbour| neighbour.known = None);
        }
    }

    /// A neighbour is there.
    pub fn open(&mut self, slot: Slot, peer: &Peer, now: Time) {
        self.close(slot);
        while self.neighbours.len() <= slot.index() {
            self.neighbours.push(None);
        }
        let keeps_known = self.is_ultrapeer && !peer.is_leaf;
        let neighbour = Neighbour {
            slot,
            alive: Alive::new(now),
            pongs_due: 0,
            is_leaf: peer.is_leaf,
            ggep: peer.ggep,
            pong_caching: peer.pong_caching,
            answers_from: Time::ZERO,
            known: keeps_known.then(|| Box::new(Known::of(peer))),
        };
        if !peer.is_leaf {
            self.ultrapeers = self.ultrapeers.saturating_add(1);
        }
        let due_s = neighbour.alive.due_s(self.patience(&neighbour));
        self.alive_due_s = self.alive_due_s.min(due_s);
        if let Some(place) = self.neighbours.get_mut(slot.index()) {
            *place = Some(neighbour);
        }
    }

    /// A neighbour is gone.
    pub fn close(&mut self, slot: Slot) {
        let Some(place) = self.neighbours.get_mut(slot.index()) else { return };
        let Some(neighbour) = place.take() else { return };
        if !neighbour.is_leaf {
            self.ultrapeers = self.ultrapeers.saturating_sub(1);
        }
        self.cache.close(neighbour.slot);
        while matches!(self.neighbours.last(), Some(None)) {
            self.neighbours.pop();
        }
    }

    /// Any message of a neighbour arrived.
    pub fn heard(&mut self, slot: Slot, now: Time) {
        if let Some(neighbour) = self.neighbour(slot) {
            neighbour.alive.heard(now);
        }
    }

    /// Any message left for a neighbour.
    pub fn sent(&mut self, slot: Slot, now: Time) {
        if let Some(neighbour) = self.neighbour(slot) {
            neighbour.alive.sent(now);
        }
    }

    /// A ping of a neighbour arrived; `out` gets the answers, ours first.
    pub fn ping(
        &mut self,
        ping: &Frame,
        from: Slot,
        own: &Own,
        now: Time,
        out: &mut Vec<Frame>,
    ) -> Pinged {
        let Some(neighbour) = self.neighbour(from) else { return Pinged::Sign };
        let ggep = neighbour.ggep;
        match (ping.ttl, ping.hops) {
            (0, 0) => return Pinged::Sign,
            (1, 0) => {
                out.push(own.pong(ping.guid, 0, ggep));
                return Pinged::Alive;
            }
            _ => {}
        }
        if self.rules.flood {
            out.push(own.pong(ping.guid, ping.hops, ggep));
            return Pinged::Answered;
        }
        let Some(neighbour) = self.neighbour(from) else { return Pinged::Sign };
        if !neighbour.admit_ping(now) {
            return Pinged::Throttled;
        }
        let (is_leaf, known) = (neighbour.is_leaf, neighbour.known.as_deref().copied());
        let is_crawler = (ping.ttl, ping.hops) == (2, 0);
        if is_crawler || !self.is_ultrapeer || own.has_room() {
            out.push(own.pong(ping.guid, ping.hops, ggep));
        }
        if !self.is_ultrapeer {
            return Pinged::Answered;
        }
        if is_crawler {
            self.tell_neighbours(ping.guid, from, out);
            return Pinged::Answered;
        }
        self.cache.forget_old(now);
        let address = known.map(|known| known.address);
        let Frame { guid, ttl, hops, .. } = *ping;
        self.cache.answer(&Asker { slot: from, address, is_leaf, guid, ttl, hops }, out);
        Pinged::Answered
    }

    /// A pong in answer to a ping of ours arrived; what it says, if it was due and makes sense.
    pub fn pong(&mut self, pong: &Frame, from: Slot, now: Time) -> Option<PongHost> {
        let Rules { flood, allow_private, .. } = self.rules;
        let keeps = self.is_ultrapeer && !flood;
        let neighbour = self.neighbour(from)?;
        if !flood {
            neighbour.pongs_due = neighbour.pongs_due.checked_sub(1)?;
        }
        let host = PongHost::of(&Pong::decode(&pong.payload).ok()?, pong.hops)?;
        if let Some(known) = neighbour.known.as_deref_mut() {
            known.learn(&host);
        }
        if keeps && host.is_callable(allow_private) {
            self.cache.keep(from, &host, &pong.payload, now);
        }
        Some(host)
    }

    /// When [`timeout`](Self::timeout) is to be called, if nothing happens before.
    pub fn next_timeout(&self) -> Option<Time> {
        if self.neighbours.is_empty() {
            return None;
        }
        let alive_due = Time::from_millis(u64::from(self.alive_due_s).saturating_mul(1_000));
        let refills = self.rules.refill && self.ultrapeers > 0;
        Some(if refills { alive_due.min(self.refill_due) } else { alive_due })
    }

    /// Does what is due.
    pub fn timeout(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<Step>) {
        if self.alive_due_s <= seconds(now) {
            self.prove_life(now, rng, out);
        }
        if self.rules.refill && self.ultrapeers > 0 && self.refill_due <= now {
            self.refill(now, rng, out);
        }
    }

    fn prove_life(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<Step>) {
        let (is_ultrapeer, ultrapeers) = (self.is_ultrapeer, self.ultrapeers);
        let mut due_s = u32::MAX;
        for neighbour in self.neighbours.iter_mut().flatten() {
            let patience = patience(is_ultrapeer, neighbour.is_leaf, ultrapeers);
            let slot = neighbour.slot;
            match neighbour.alive.due(patience, now) {
                Due::Nothing => {}
                Due::Ping => {
                    neighbour.alive.pinged(now);
                    neighbour.pongs_due = neighbour.pongs_due.max(2);
                    out.push(Step::Alive { to: slot, ping: ping_frame(random_guid(rng), 1) });
                }
                Due::GiveUp => {
                    // Whoever closes it is slow perhaps; it is told once for each wait.
                    neighbour.alive.pinged(now);
                    out.push(Step::Silent { slot, fault: SILENT });
                }
            }
            due_s = due_s.min(neighbour.alive.due_s(patience));
        }
        self.alive_due_s = due_s;
    }

    fn refill(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<Step>) {
        let every_ms = if self.is_ultrapeer { REFILL_ULTRAPEER_MS } else { REFILL_LEAF_MS };
        let jitter_ms = rng.random_range(0..=REFILL_JITTER_MS);
        self.refill_due = now.after_ms(every_ms).after_ms(jitter_ms);
        self.cache.forget_old(now);
        let (flood, ttl) = (self.rules.flood, self.rules.own_ttl);
        let guid = random_guid(rng);
        if flood {
            for neighbour in self.neighbours.iter().flatten() {
                out.push(Step::Refill { to: neighbour.slot, ping: ping_frame(guid, ttl) });
            }
            return;
        }
        let mut wanted = if self.is_ultrapeer { refill_count(self.ultrapeers) } else { 1 };
        let mut left = self.ultrapeers;
        for neighbour in self.neighbours.iter_mut().flatten().filter(|one| !one.is_leaf) {
            if wanted > 0 && rng.random_range(0..left.max(1)) < wanted && neighbour.may_ask(now) {
                wanted = wanted.saturating_sub(1);
                neighbour.pongs_due = PONGS_TAKEN_MAX;
                let ping = ping_frame(random_guid(rng), ttl);
                out.push(Step::Refill { to: neighbour.slot, ping });
            }
            left = left.saturating_sub(1);
        }
    }

    /// PING-08
    fn tell_neighbours(&self, guid: Guid, asker: Slot, out: &mut Vec<Frame>) {
        let others = self.neighbours.iter().flatten().filter(|one| one.slot != asker);
        let known = others.filter_map(|one| one.known.as_deref());
        let told = known.filter(|known| known.is_callable(self.rules.allow_private));
        out.extend(told.filter_map(|known| neighbour_pong(guid, known)).take(CRAWL_PONGS_MAX));
    }

    fn patience(&self, neighbour: &Neighbour) -> Patience {
        patience(self.is_ultrapeer, neighbour.is_leaf, self.ultrapeers)
    }

    fn neighbour(&mut self, slot: Slot) -> Option<&mut Neighbour> {
        let neighbour = self.neighbours.get_mut(slot.index())?.as_mut()?;
        (neighbour.slot == slot).then_some(neighbour)
    }
}

fn patience(is_ultrapeer: bool, is_leaf: bool, ultrapeers: u32) -> Patience {
    match (is_ultrapeer, is_leaf) {
        (false, _) => Patience::as_leaf(ultrapeers),
        (true, true) => Patience::with_leaf(),
        (true, false) => Patience::with_ultrapeer(),
    }
}

fn refill_count(ultrapeers: u32) -> u32 {
    let share = usize::try_from(ultrapeers).unwrap_or(usize::MAX) / REFILL_SHARE;
    u32::try_from(share.max(REFILL_NEIGHBOURS_MIN)).unwrap_or(u32::MAX)
}

fn ping_frame(guid: Guid, ttl: u8) -> Frame {
    let payload = bytes::Bytes::new();
    Frame { guid, function: Function::PING, ttl, hops: 0, size_flags: None, payload }
}

/// A name for a message of ours, marked as that of a node that caches pongs (PING-05).
fn random_guid(rng: &mut ChaCha8Rng) -> Guid {
    let mut bytes: [u8; 16] = rng.random();
    let [.., eighth, _, _, _, _, _, _, last] = &mut bytes;
    (*eighth, *last) = (0xff, 0x01);
    Guid(bytes)
}

impl Neighbour {
    /// Whether it can be asked for pongs now; one that broadcasts pings is spared for a while.
    fn may_ask(&mut self, now: Time) -> bool {
        if self.pong_caching {
            return true;
        }
        let Some(known) = self.known.as_deref_mut() else { return true };
        let may = now >= known.asked_from;
        if may {
            known.asked_from = now.after_ms(REFILL_BROADCASTING_MS);
        }
        may
    }
}
