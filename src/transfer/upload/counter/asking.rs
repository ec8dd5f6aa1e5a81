//! Somebody asks.

use std::net::{IpAddr, SocketAddr};

use rand::Rng;

use super::queue::{Entry, Place};
use super::{Ask, Counter, Manner, Refusal, STALLS, Ticket, Verdict, VisitId, Waiting};
use crate::base::addresses::{Network, is_callable};
use crate::base::limits::{
    CALLED_PORT_MIN, QUEUE_EARLY_MS, QUEUE_LATE_S, QUEUE_RESERVE_MS, QUEUE_RESERVE_PLACES,
    UPLOAD_POLL_MAX_S, UPLOAD_POLL_S, UPLOAD_QUEUED_PER_HOST, UPLOAD_TURN_MS,
};
use crate::base::mutant::mutant;
use crate::base::time::Time;

impl Counter {
    /// Whether this host may ask for anything now that needs no slot, if only to be refused.
    pub fn hear(&mut self, address: IpAddr, now: Time) -> bool {
        self.quick.hear(Network::host(address), now) || mutant!(HearsEverybody)
    }

    /// Somebody asks for something small. False where too much of that is under way.
    pub fn ask_quick(&mut self, visit: VisitId, address: IpAddr) -> bool {
        self.quick.begin(visit, Network::host(address))
    }

    /// Somebody asks for the list of all our files. False where it has asked too often for that.
    pub fn ask_list(&mut self, visit: VisitId, address: IpAddr, now: Time) -> bool {
        self.quick.list(Network::host(address), now) && self.ask_quick(visit, address)
    }

    /// Somebody asks for a part of a file.
    pub fn ask(&mut self, ask: &Ask, now: Time) -> Verdict {
        let host = Network::host(ask.address);
        self.slots.move_to(ask.visit, host, now);
        if let Some(slot) = self.slots.get(ask.visit) {
            if !(slot.has_had_its_turn(now) && self.others_wait()) {
                self.slots.resume(ask.visit, now);
                return Verdict::Serve;
            }
            self.release(ask.visit, now);
        }
        if self.stalled.was_done(STALLS, host, now) {
            return Verdict::Refuse(Refusal::TooSlow);
        }
        let known = self.queue.find(ask, host).filter(|place| self.is_on_time(*place, now));
        let may_have_one = self.slots.of_host(host) < self.terms.slots_per_host;
        if may_have_one && self.is_next(known, now) {
            if let Some(place) = known {
                self.queue.serve(place);
            }
            self.slots.take(ask.visit, host, now);
            if self.free() == 0 {
                self.free_since = None;
            }
            return Verdict::Serve;
        }
        match known.map_or_else(|| self.enqueue(ask, host, now), Ok) {
            Ok(place) => Verdict::Wait(self.wait_at(place, ask, now)),
            Err(refusal) => Verdict::Refuse(refusal),
        }
    }

    /// Who asks too soon or too late has no place any more (UPLOAD-05).
    fn is_on_time(&mut self, place: Place, now: Time) -> bool {
        let entry = self.queue.entry_mut(place);
        let is_on_time = entry
            .is_some_and(|entry| now.after_ms(QUEUE_EARLY_MS) >= entry.from && now < entry.until);
        if !is_on_time {
            self.queue.remove(place);
        }
        is_on_time
    }

    /// Whether a slot is free for somebody who stands there, or would stand at the end.
    fn is_next(&self, place: Option<Place>, now: Time) -> bool {
        let free = self.free();
        let ahead = self.queue.ahead(place, |entry| self.may_have_one(entry));
        let is_nobodys = self
            .free_since
            .is_some_and(|since| now >= since.after_ms(QUEUE_RESERVE_MS) && place.is_some());
        let places = if is_nobodys { QUEUE_RESERVE_PLACES } else { 0 };
        free > 0 && ahead < free.saturating_add(places) || mutant!(ServesEverybody)
    }

    fn enqueue(&mut self, ask: &Ask, host: Network, now: Time) -> Result<Place, Refusal> {
        // Nothing but its own transfers is in its way: gtk-gnutella asks for the next file over the connection of those.
        if self.is_next(None, now) {
            return Err(Refusal::HostFull);
        }
        let of_host = self.slots.of_host(host).saturating_add(self.queue.of_host(host));
        if of_host >= self.terms.slots_per_host.saturating_add(UPLOAD_QUEUED_PER_HOST) {
            return Err(Refusal::HostFull);
        }
        let network = Network::around(ask.address);
        if self.queue.len() >= self.terms.queue_len {
            let mine = self.queue.of_network(network).saturating_add(1);
            let crowded = self.queue.most_crowded().filter(|(_, count)| *count > mine);
            let (last, _) = crowded.ok_or(Refusal::QueueFull)?;
            self.queue.remove(last);
        }
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        Ok(self.queue.push(Entry {
            id: Ticket(id),
            host,
            network,
            file: ask.file,
            visit: None,
            is_of_visit: false,
            calls_at: None,
            calls: 0,
            from: now,
            until: now,
        }))
    }

    fn wait_at(&mut self, place: Place, ask: &Ask, now: Time) -> Waiting {
        let ahead = self.queue.ahead(Some(place), |entry| self.may_have_one(entry));
        let position = ahead.saturating_add(usize::from(!mutant!(CountsPlacesFromZero)));
        let poll_min_s = poll_s(position);
        let poll_max_s = poll_min_s.saturating_add(QUEUE_LATE_S);
        let mut id = Ticket([0; 16]);
        if let Some(entry) = self.queue.entry_mut(place) {
            entry.visit = Some(ask.visit);
            entry.is_of_visit = ask.manner == Manner::Stays;
            entry.file = ask.file;
            entry.calls_at = calls_at(ask);
            entry.calls = 0;
            entry.from = now.after_ms(u64::from(poll_min_s).saturating_mul(1_000));
            entry.until = now.after_ms(u64::from(poll_max_s).saturating_mul(1_000));
            id = entry.id;
        }
        let slots = self.terms.slots;
        let turn_s = UPLOAD_TURN_MS.checked_div(1_000).unwrap_or(0);
        let turns = (position as u64).div_ceil(slots.max(1) as u64);
        let eta_s = u32::try_from(turns.saturating_mul(turn_s)).unwrap_or(u32::MAX);
        Waiting { id, position, len: self.queue.len(), slots, eta_s, poll_min_s, poll_max_s }
    }
}

/// When somebody at this position asks again.
fn poll_s(position: usize) -> u32 {
    let position = u32::try_from(position).unwrap_or(u32::MAX);
    UPLOAD_POLL_S.saturating_mul(position).min(UPLOAD_POLL_MAX_S)
}

/// Where it takes a call: at the host that asks, else others would be called whom somebody has named.
fn calls_at(ask: &Ask) -> Option<SocketAddr> {
    let Manner::Numbered { calls_at, .. } = ask.manner else { return None };
    calls_at.filter(|at| {
        at.ip() == ask.address && at.port() >= CALLED_PORT_MIN && is_callable(*at, true)
    })
}
