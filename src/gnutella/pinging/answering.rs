use super::cache::Asker;
use super::own::{Own, neighbour_pong};
use super::{Pinged, Pinging};
use crate::base::limits::{CRAWL_PONGS_MAX, PONGS_MAX};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Guid};

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
        let Some(neighbour) = self.neighbours.get_mut(from) else { return Pinged::Sign };
        let reach = (ping.ttl, ping.hops);
        if reach == (0, 0) {
            return Pinged::Sign;
        }
        let own_pong = || own.pong(ping.guid, ping.hops, neighbour.ggep);
        if reach == (1, 0) {
            out.push(own_pong());
            return Pinged::Alive;
        }
        if self.rules.flood {
            out.push(own_pong());
            return Pinged::Answered;
        }
        let is_crawler = reach == (2, 0);
        // Whoever has no room need not be known (R12 of the courses).
        if is_crawler || !self.is_ultrapeer || own.has_room() {
            out.push(own_pong());
        }
        if !neighbour.admit_ping(now) {
            out.clear();
            return Pinged::Throttled;
        }
        Pinged::Answered
    }
}
