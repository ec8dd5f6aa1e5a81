//! Pings of neighbours, and what answers them.

use super::cache::Asker;
use super::own::{Own, neighbour_pong};
use super::{Pinged, Pinging};
use crate::base::limits::{CRAWL_PONGS_MAX, PONGS_MAX};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Guid};

/// TTL and hops of the pings with a meaning of their own.
const SIGN: (u8, u8) = (0, 0);
const ALIVE: (u8, u8) = (1, 0);
const CRAWLER: (u8, u8) = (2, 0);

impl Pinging {
    /// A ping of a neighbour arrived; `out` gets the answers, our own pong first.
    pub fn ping(
        &mut self,
        ping: &Frame,
        from: Slot,
        own: &Own,
        now: Time,
        out: &mut Vec<Frame>,
    ) -> Pinged {
        let reach = (ping.ttl, ping.hops);
        let Some(neighbour) = self.neighbours.get_mut(from) else { return Pinged::Sign };
        if reach == SIGN && !mutant!(AnswersSignsOfLife) {
            return Pinged::Sign;
        }
        let is_exempt = reach == ALIVE || self.rules.flood;
        if !is_exempt && !neighbour.admit_ping(now) {
            return Pinged::Throttled;
        }
        // Whoever has no room need not be found by strangers.
        if is_exempt || reach == CRAWLER || !self.is_ultrapeer || own.has_room() {
            out.push(own.pong(ping.guid, ping.hops, neighbour.ggep));
        }
        match reach {
            ALIVE => return Pinged::Alive,
            _ if is_exempt || !self.is_ultrapeer => {}
            CRAWLER => self.tell_neighbours(ping.guid, from, out),
            _ => self.tell_cached(ping, from, now, out),
        }
        Pinged::Answered
    }

    /// PING-08
    fn tell_neighbours(&self, guid: Guid, asker: Slot, out: &mut Vec<Frame>) {
        let others = self.neighbours.iter().filter(|(slot, _)| *slot != asker);
        let known = others.filter_map(|(_, neighbour)| neighbour.known.as_deref());
        let told = known.filter(|known| known.is_callable(self.rules.allow_private));
        out.extend(told.take(CRAWL_PONGS_MAX).map(|known| neighbour_pong(guid, known)));
    }

    /// PING-09: as many as make ten with what is in `out` of ours.
    fn tell_cached(&mut self, ping: &Frame, from: Slot, now: Time, out: &mut Vec<Frame>) {
        let Some(neighbour) = self.neighbours.get(from) else { return };
        let asker = Asker {
            slot: from,
            address: neighbour.known.as_deref().map(|known| known.address),
            is_leaf: neighbour.is_leaf,
            guid: ping.guid,
            ttl: ping.ttl,
            hops: ping.hops,
        };
        self.cache.forget_old(now);
        self.cache.answer(&asker, PONGS_MAX.saturating_sub(out.len()), out);
    }
}
