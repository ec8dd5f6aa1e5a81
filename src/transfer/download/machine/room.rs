//! Connections are few: whoever gives nothing makes way for those that may.

use std::net::{IpAddr, Ipv4Addr};

use super::Download;
use crate::base::addresses::is_public;
use crate::base::limits::{SOURCE_RETRY_MIN_MS, SOURCES_QUEUED_MAX};
use crate::base::time::Time;
use crate::gnutella::wire::Guid;
use crate::transfer::download::contract::{Finding, SourceId};
use crate::transfer::download::source::{Phase, Source};

/// What may have one connection at a time: an address of the internet, or a port of one that is not; or a
/// servent that calls us, from wherever it is.
pub(super) type Host = (IpAddr, u16, Option<Guid>);

/// Those for whom somebody else would have to make way.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    all: usize,
    /// Of them those that have neither failed nor had us wait.
    fresh: usize,
}

impl Download {
    /// Sources that have nothing new give their connections to those that may have it, and so do those in whose
    /// queues we are: else as many as there is room for could keep us from all others (DOWN-22, DOWN-24).
    pub(super) fn make_way(&mut self, now: Time) {
        let waiting = self.waiting(now);
        let mut room = self.rules.connected_max.saturating_sub(self.busy_count());
        for id in self.resting() {
            if room < waiting.all {
                self.come_back_later(id, now);
                room = room.saturating_add(1);
            }
        }
        for id in self.slow(now) {
            if room < waiting.fresh {
                self.relieve_of(id, now);
                room = room.saturating_add(1);
            }
        }
        for (id, keeps_place, poll) in self.too_many_queued() {
            let wanted = if keeps_place { waiting.all } else { waiting.fresh };
            if room < wanted {
                self.leave_queue(id, keeps_place, poll, now);
                room = room.saturating_add(1);
            }
        }
    }

    /// Connections that could be ended for others.
    pub(super) fn spare_count(&self) -> usize {
        self.resting().len().saturating_add(self.too_many_queued().len())
    }

    /// Those that could be called if there were room.
    fn waiting(&self, now: Time) -> Waiting {
        let busy = self.sources.values().filter(|source| source.is_busy()).map(host_of);
        let mut hosts: Vec<Host> = busy.collect();
        let mut waiting = Waiting::default();
        for id in self.callable(now) {
            let Some(source) = self.sources.get(&id) else { continue };
            let host = host_of(source);
            if hosts.contains(&host) {
                continue;
            }
            hosts.push(host);
            waiting.all = waiting.all.saturating_add(1);
            if source.failures == 0 && !source.has_queue {
                waiting.fresh = waiting.fresh.saturating_add(1);
            }
        }
        waiting
    }

    fn resting(&self) -> Vec<SourceId> {
        let resting = self.sources.values().filter(|source| source.is_resting());
        resting.map(|source| source.id).collect()
    }

    /// Those that hardly give anything (DOWN-31).
    fn slow(&self, now: Time) -> Vec<SourceId> {
        let slow = self.sources.values().filter(|source| source.is_slow(now));
        slow.map(|source| source.id).collect()
    }

    /// Whether somebody may be there, or waits for a connection, who has nothing to do.
    pub(super) fn could_others(&self) -> bool {
        let is_idle = |source: &Source| matches!(source.phase, Phase::Ready { .. });
        let has_idle = self.sources.values().any(|source| is_idle(source) && !source.is_shelved());
        has_idle || self.busy_count() >= self.rules.connected_max
    }

    /// Others go on where it has stopped.
    pub(super) fn relieve_of(&mut self, id: SourceId, now: Time) {
        self.part(id, now.after_ms(SOURCE_RETRY_MIN_MS));
        if let Some(source) = self.sources.get_mut(&id) {
            source.failures = source.failures.max(1);
        }
    }

    /// Those in whose queues we are, beyond what may be: first whoever keeps our place for us, then those whose
    /// queues have not moved for longest.
    fn too_many_queued(&self) -> Vec<(SourceId, bool, Time)> {
        // Whoever is asked for our place just now has us wait all the same.
        let in_queues = self.sources.values().filter(|source| source.is_busy());
        let count = in_queues.filter(|source| source.still_since.is_some()).count();
        let queued_max = SOURCES_QUEUED_MAX.min(self.rules.connected_max / 2);
        let queued = self.sources.values().filter_map(|source| match source.phase {
            Phase::Queued { poll, .. } => {
                let keeps_place = source.ticket.is_some();
                Some(((!keeps_place, source.still_since), (source.id, keeps_place, poll)))
            }
            _ => None,
        });
        let mut queued: Vec<_> = queued.collect();
        queued.sort();
        let queued = queued.into_iter().map(|(_, queued)| queued);
        queued.take(count.saturating_sub(queued_max)).collect()
    }

    /// The connection goes, and the place with it where it has no name.
    fn leave_queue(&mut self, id: SourceId, keeps_place: bool, poll: Time, now: Time) {
        let again = if keeps_place { poll } else { now.after_ms(SOURCE_RETRY_MIN_MS) };
        self.part(id, again);
        if let Some(source) = self.sources.get_mut(&id).filter(|_| !keeps_place) {
            source.lose_place();
        }
    }
}

pub(super) fn host_of(source: &Source) -> Host {
    let Finding { address, push, is_firewalled, .. } = &source.finding;
    if let Some(way) = push.as_ref().filter(|_| *is_firewalled) {
        return (Ipv4Addr::UNSPECIFIED.into(), 0, Some(way.servent));
    }
    let port = if is_public(address.ip()) { 0 } else { address.port() };
    (address.ip(), port, None)
}
