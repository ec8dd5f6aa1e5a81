//! Neighbours that fell silent together, and how an ultrapeer looks for them.
//!
//! That many computers stop within two minutes is rare. That a line breaks behind which many of them
//! live is not: then both parts of the overlay lose each other, and fill their slots with their own.
//! When packets pass again nobody has a reason to call anybody of the other part (UP-16).

use std::net::SocketAddr;

use super::Node;
use crate::base::limits::{
    DIALS_MAX, RIFT_CALL_MS, RIFT_HOSTS_MAX, RIFT_HOSTS_MIN, RIFT_LIFE_MS, RIFT_SHARE,
    RIFT_SILENCE_MS,
};
use crate::base::slots::{Slot, give_back_room, make_room};
use crate::base::time::Time;

/// Ultrapeers that were neighbours until they fell silent, the first one first.
#[derive(Debug, Default)]
pub(super) struct Rift {
    silent: Vec<(SocketAddr, Time)>,
    /// When the next of them is called; none as long as too few fell silent.
    due: Option<Time>,
    /// One of them was reached: the others can be, too.
    is_over: bool,
}

impl Rift {
    /// A neighbour fell silent, and so many ultrapeers are left.
    fn note(&mut self, host: SocketAddr, left: usize, now: Time) {
        if self.due.is_none() {
            self.silent.retain(|(_, since)| since.after_ms(RIFT_SILENCE_MS) > now);
        }
        self.silent.retain(|(known, _)| *known != host);
        if self.silent.len() >= RIFT_HOSTS_MAX {
            self.silent.remove(0);
        }
        make_room(&mut self.silent);
        self.silent.push((host, now));
        self.is_over = false;
        let had = left.saturating_add(self.silent.len());
        let is_rift = self.silent.len() >= RIFT_HOSTS_MIN.max(had / RIFT_SHARE);
        if is_rift && self.due.is_none() {
            self.due = Some(now.after_ms(RIFT_CALL_MS));
        }
    }

    /// A host answers.
    fn reached(&mut self, host: SocketAddr, now: Time) {
        let before = self.silent.len();
        self.silent.retain(|(known, _)| *known != host);
        if self.silent.len() < before && self.due.is_some() {
            self.is_over = true;
            self.due = Some(now);
        }
        give_back_room(&mut self.silent);
    }

    /// Whom to call now: one, or all that may be called at once where one has been reached.
    fn next(&mut self, now: Time) -> Vec<SocketAddr> {
        self.silent.retain(|(_, since)| since.after_ms(RIFT_LIFE_MS) > now);
        if self.silent.is_empty() {
            self.due = None;
        }
        if self.due.is_none_or(|due| due > now) {
            return Vec::new();
        }
        self.due = (!self.silent.is_empty()).then(|| now.after_ms(RIFT_CALL_MS));
        let count = if std::mem::take(&mut self.is_over) { DIALS_MAX } else { 1 };
        let count = count.min(self.silent.len());
        self.silent.rotate_left(count);
        let called = self.silent.iter().rev().take(count);
        called.map(|(host, _)| *host).collect()
    }
}

impl Node {
    /// A neighbour gave no sign of life any more.
    pub(super) fn note_silence(&mut self, slot: Slot, now: Time) {
        let Some(neighbour) = self.servent.neighbour(slot) else { return };
        let host = neighbour.listen().filter(|_| neighbour.is_ultrapeer());
        let Some(host) = host.filter(|_| self.role.is_ultrapeer()) else { return };
        let left = usize::try_from(self.slots.supernodes()).unwrap_or(usize::MAX);
        let rift = self.rift.get_or_insert_default();
        rift.note(host, left.saturating_sub(1), now);
        self.wake_for_rift();
    }

    /// Somebody answers a call, or calls.
    pub(super) fn note_reached(&mut self, host: SocketAddr, now: Time) {
        if let Some(rift) = &mut self.rift {
            rift.reached(host, now);
            self.wake_for_rift();
        }
    }

    /// Calls those who fell silent, as long as there is any slot for them: beyond as many as an
    /// ultrapeer seeks.
    pub(super) fn call_over_rift(&mut self, now: Time) {
        let Some(rift) = &mut self.rift else { return };
        let hosts = rift.next(now);
        if rift.silent.is_empty() || self.role.is_leaf() {
            self.rift = None;
        }
        let free = self.slots.free().supernodes;
        let room = usize::try_from(free).unwrap_or(usize::MAX).saturating_sub(self.calls.len());
        let in_use = if hosts.is_empty() { Vec::new() } else { self.hosts_in_use() };
        let may = |host: &SocketAddr| {
            in_use.binary_search(host).is_err() && self.bans.ban_of(host.ip(), now).is_none()
        };
        let hosts: Vec<SocketAddr> = hosts.into_iter().filter(may).take(room).collect();
        for host in hosts {
            self.call(host, false, now);
        }
        self.wake_for_rift();
    }

    fn wake_for_rift(&mut self) {
        let due = self.rift.as_ref().and_then(|rift| rift.due).filter(|_| self.may_dial());
        if let Some(due) = due {
            self.dial_due = Some(self.dial_due.map_or(due, |other| other.min(due)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(n: usize) -> SocketAddr {
        SocketAddr::from(([80, 1, u8::try_from(n).unwrap(), 1], 6_346))
    }

    fn at(ms: u64) -> Time {
        Time::from_millis(ms)
    }

    /// UP-16: at the least number and one below it, where there are few; at a fifth, where there are
    /// many; and only of those that fell silent together.
    #[test]
    fn a_fifth_of_the_neighbours_and_three_at_least_are_a_rift() {
        let is_rift = |silent: usize, left: usize, apart_ms: u64| {
            let mut rift = Rift::default();
            for n in 0..silent {
                rift.note(host(n), left, at(apart_ms * n as u64));
            }
            rift.due.is_some()
        };
        assert!(!is_rift(RIFT_HOSTS_MIN - 1, 0, 0) && is_rift(RIFT_HOSTS_MIN, 0, 0));
        assert!(!is_rift(7, 33, 0) && is_rift(8, 32, 0));
        let together_ms = RIFT_SILENCE_MS / 2;
        assert!(is_rift(3, 0, together_ms - 1) && !is_rift(3, 0, together_ms));
    }

    /// UP-16, HAND-62: one after the other, until one answers; then all others.
    #[test]
    fn those_who_fell_silent_are_called_one_by_one_and_all_once_one_is_reached() {
        let mut rift = Rift::default();
        (0..12).for_each(|n| rift.note(host(n), 20, at(0)));
        assert_eq!(rift.next(at(RIFT_CALL_MS - 1)), []);
        for n in 0..12 {
            let now = at(RIFT_CALL_MS * (n as u64 + 1));
            assert_eq!(rift.next(now), [host(n)]);
            assert_eq!(rift.next(now), [], "it waits for the next one");
        }
        let now = at(RIFT_CALL_MS * 12 + 1);
        rift.reached(host(99), now);
        assert_eq!(rift.next(now), [], "a stranger says nothing");
        rift.reached(host(3), now);
        let called = rift.next(now);
        assert_eq!(called.len(), DIALS_MAX);
        assert!(!called.contains(&host(3)));
        assert_eq!(rift.next(at(RIFT_CALL_MS * 13 + 1)).len(), 1, "and one by one again");
    }

    #[test]
    fn so_many_are_looked_for_and_for_so_long() {
        let mut rift = Rift::default();
        (0..=RIFT_HOSTS_MAX).for_each(|n| rift.note(host(n), 0, at(0)));
        assert_eq!(rift.silent.len(), RIFT_HOSTS_MAX);
        assert_eq!(rift.silent.first().map(|(first, _)| *first), Some(host(1)));
        assert_eq!(rift.next(at(RIFT_LIFE_MS - 1)).len(), 1);
        assert_eq!(rift.next(at(RIFT_LIFE_MS)), []);
        assert_eq!((rift.silent.len(), rift.due), (0, None));
    }
}
