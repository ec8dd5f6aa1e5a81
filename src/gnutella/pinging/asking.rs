//! Pings of our own, and when they are due.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::alive::{Due, seconds};
use super::neighbour::Neighbour;
use super::{Pinging, Step};
use crate::base::error::{Misbehaved, Rule};
use crate::base::limits::{
    ALIVE_PONGS_TAKEN_MAX, PONGS_TAKEN_MAX, REFILL_BROADCASTING_MS, REFILL_JITTER_MS,
    REFILL_LEAF_MS, REFILL_NEIGHBOURS_MIN, REFILL_SHARE, REFILL_ULTRAPEER_MS,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Function, Guid};

const SILENT: Misbehaved =
    Misbehaved { rule: Rule::new("PING-07"), what: "no sign of life in answer to pings" };

impl Pinging {
    /// When [`timeout`](Self::timeout) is to be called, if nothing happens before.
    pub fn next_timeout(&self) -> Option<Time> {
        if self.neighbours.is_empty() {
            return None;
        }
        let alive_due = Time::from_millis(u64::from(self.alive_due_s).saturating_mul(1_000));
        Some(if self.asks() { alive_due.min(self.refill_due) } else { alive_due })
    }

    /// Does what is due.
    pub fn timeout(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<Step>) {
        if self.alive_due_s <= seconds(now) {
            self.prove_life(now, rng, out);
        }
        if self.asks() && self.refill_due <= now {
            self.refill(now, rng, out);
        }
    }

    fn asks(&self) -> bool {
        self.rules.refill && self.ultrapeers > 0
    }

    fn prove_life(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<Step>) {
        let (with_leaf, with_ultrapeer) = (self.patience(true), self.patience(false));
        for (slot, neighbour) in self.neighbours.iter_mut() {
            let patience = if neighbour.is_leaf { with_leaf } else { with_ultrapeer };
            match neighbour.alive.due(patience, now) {
                Due::Nothing => {}
                Due::Ping => out.push(neighbour.ask_for_life(slot, now, rng)),
                Due::GiveUp => {
                    // Should it stay, it is told of again after as long as an answer may take.
                    neighbour.alive.pinged(now);
                    out.push(Step::Silent { slot, fault: SILENT });
                }
            }
        }
        self.find_alive_due();
    }

    fn refill(&mut self, now: Time, rng: &mut ChaCha8Rng, out: &mut Vec<Step>) {
        let every_ms = if self.is_ultrapeer { REFILL_ULTRAPEER_MS } else { REFILL_LEAF_MS };
        let jitter_ms = rng.random_range(0..=REFILL_JITTER_MS);
        self.refill_due = now.after_ms(every_ms).after_ms(jitter_ms);
        self.cache.forget_old(now);
        let ttl = self.rules.own_ttl;
        if self.rules.flood {
            let ping = ping_frame(random_guid(rng), ttl);
            let all = self.neighbours.iter();
            return out.extend(all.map(|(to, _)| Step::Refill { to, ping: ping.clone() }));
        }
        // A draw without return: each of those left has the same chance.
        let (mut wanted, mut left) = (self.refill_count(), self.ultrapeers);
        for (slot, neighbour) in self.neighbours.iter_mut().filter(|(_, one)| !one.is_leaf) {
            let is_drawn = rng.random_range(0..left.max(1)) < wanted;
            left = left.saturating_sub(1);
            if is_drawn {
                wanted = wanted.saturating_sub(1);
                out.extend(neighbour.ask_for_pongs(slot, ttl, now, rng));
            }
        }
    }

    /// How many neighbours are asked in one round.
    fn refill_count(&self) -> u32 {
        if self.is_ultrapeer {
            (self.ultrapeers / REFILL_SHARE).max(REFILL_NEIGHBOURS_MIN)
        } else {
            1
        }
    }
}

impl Neighbour {
    fn ask_for_life(&mut self, to: Slot, now: Time, rng: &mut ChaCha8Rng) -> Step {
        self.alive.pinged(now);
        self.pongs_due = self.pongs_due.max(ALIVE_PONGS_TAKEN_MAX);
        Step::Alive { to, ping: ping_frame(random_guid(rng), 1) }
    }

    /// One that broadcasts pings is spared for a while.
    fn ask_for_pongs(
        &mut self,
        to: Slot,
        ttl: u8,
        now: Time,
        rng: &mut ChaCha8Rng,
    ) -> Option<Step> {
        if !self.pong_caching
            && let Some(known) = self.known.as_deref_mut()
        {
            if now < known.asked_from {
                return None;
            }
            known.asked_from = now.after_ms(REFILL_BROADCASTING_MS);
        }
        self.pongs_due = PONGS_TAKEN_MAX;
        Some(Step::Refill { to, ping: ping_frame(random_guid(rng), ttl) })
    }
}

fn ping_frame(guid: Guid, ttl: u8) -> Frame {
    let (function, payload) = (Function::PING, bytes::Bytes::new());
    Frame { guid, function, ttl, hops: 0, size_flags: None, payload }
}

/// A name for a ping, marked as that of a node that keeps pongs (PING-05).
fn random_guid(rng: &mut ChaCha8Rng) -> Guid {
    let mut bytes: [u8; 16] = rng.random();
    let [_, _, _, _, _, _, _, _, eighth, .., last] = &mut bytes;
    (*eighth, *last) = (0xff, 0x01);
    Guid(bytes)
}
