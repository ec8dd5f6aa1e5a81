//! Which neighbours fell silent, and whom of them to call when.

use std::net::SocketAddr;

use crate::base::addresses::is_public;
use crate::base::limits::{
    DIALS_MAX, RIFT_AGAIN_MAX_MS, RIFT_AGAIN_MS, RIFT_CALL_MS, RIFT_HOSTS_MAX, RIFT_HOSTS_MIN,
    RIFT_LIFE_MS, RIFT_SHARE, RIFT_SILENCE_MS, RIFT_TWO_CALLS_MS,
};
use crate::base::slots::{give_back_room, make_room};
use crate::base::time::Time;

/// Ultrapeers that were neighbours until they fell silent.
#[derive(Debug, Default)]
pub(in crate::node) struct Rift {
    /// Whose turn is next comes first.
    lost: Vec<Lost>,
    /// When it is next looked whom to call; none as long as too few fell silent.
    due: Option<Time>,
}

/// One of them.
#[derive(Debug)]
struct Lost {
    host: SocketAddr,
    since: Time,
    /// When it was called last, and when the time before, for whatever reason.
    called: [Option<Time>; 2],
    calls: u32,
    /// It fell silent together with others, and is looked for.
    is_sought: bool,
    /// Another one was reached, so that this one can be, too.
    is_near: bool,
}

impl Rift {
    /// A neighbour fell silent.
    pub(super) fn lose(&mut self, host: SocketAddr, now: Time) {
        self.forget_old(now);
        self.lost.retain(|lost| lost.host != host);
        if self.lost.len() >= RIFT_HOSTS_MAX {
            self.lost.remove(0);
        }
        make_room(&mut self.lost);
        let (called, calls) = ([None; 2], 0);
        let (is_sought, is_near) = (false, false);
        self.lost.push(Lost { host, since: now, called, calls, is_sought, is_near });
    }

    /// Whether that is more than chance, where so many ultrapeers still speak. Who falls silent alone
    /// while others are looked for has nothing to do with them.
    pub(super) fn judge(&mut self, speaking: usize, now: Time) {
        let is_recent = |lost: &&mut Lost| lost.since.after_ms(RIFT_SILENCE_MS) > now;
        let silent = self.lost.iter_mut().filter(is_recent).count();
        let is_share = silent.saturating_mul(RIFT_SHARE) >= speaking.saturating_add(silent);
        if silent >= RIFT_HOSTS_MIN && is_share {
            self.lost.iter_mut().filter(is_recent).for_each(|lost| lost.is_sought = true);
            self.due.get_or_insert(now.after_ms(RIFT_CALL_MS));
        }
    }

    pub(super) fn holds(&self, host: SocketAddr) -> bool {
        self.lost.iter().any(|lost| lost.host == host)
    }

    /// Whether it fell silent with others, and is looked for.
    pub(super) fn looks_for(&self, host: SocketAddr) -> bool {
        self.lost.iter().any(|lost| lost.host == host && lost.is_sought)
    }

    /// A host answers.
    pub(super) fn reached(&mut self, host: SocketAddr, now: Time) {
        if self.looks_for(host) {
            self.due = Some(now);
            self.lost.iter_mut().for_each(|lost| lost.is_near = true);
        }
        self.lost.retain(|lost| lost.host != host);
        give_back_room(&mut self.lost);
    }

    /// A host is called. On public addresses it is the address that is spared.
    pub(super) fn note_call(&mut self, host: SocketAddr, now: Time) {
        let is_meant = |lost: &&mut Lost| {
            lost.host == host || lost.host.ip() == host.ip() && is_public(host.ip())
        };
        for lost in self.lost.iter_mut().filter(is_meant) {
            let [last, _] = lost.called;
            lost.called = [Some(now), last];
            lost.calls = lost.calls.saturating_add(1);
        }
    }

    /// Whom to call now, so many at most: those that are near, or else one.
    pub(super) fn next(&mut self, room: usize, now: Time) -> Vec<SocketAddr> {
        self.forget_old(now);
        if !self.lost.iter().any(|lost| lost.is_sought) {
            self.due = None;
        }
        if self.due.is_none_or(|due| due > now) {
            return Vec::new();
        }
        self.due = Some(now.after_ms(RIFT_CALL_MS));
        let ready = || self.lost.iter().filter(|lost| lost.is_ready(now));
        let is_one_near = ready().any(|lost| lost.is_near);
        let count = if is_one_near { DIALS_MAX } else { 1 };
        let meant = ready().filter(|lost| lost.is_near || !is_one_near);
        let hosts: Vec<SocketAddr> = meant.take(count.min(room)).map(|lost| lost.host).collect();
        // The turn of the others comes first.
        self.lost.sort_by_key(|lost| hosts.contains(&lost.host));
        for lost in self.lost.iter_mut().filter(|lost| hosts.contains(&lost.host)) {
            lost.is_near = false;
        }
        hosts
    }

    /// When it is next looked whom to call, if ever.
    pub(super) const fn due(&self) -> Option<Time> {
        self.due
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    fn forget_old(&mut self, now: Time) {
        let life_ms = |lost: &Lost| if lost.is_sought { RIFT_LIFE_MS } else { RIFT_SILENCE_MS };
        self.lost.retain(|lost| lost.since.after_ms(life_ms(lost)) > now);
    }
}

impl Lost {
    fn is_ready(&self, now: Time) -> bool {
        let is_within =
            |ms: u64, call: Option<Time>| call.is_some_and(|call| call.after_ms(ms) > now);
        let [last, before] = self.called;
        let waits = !self.is_near && is_within(self.wait_ms(), last);
        self.is_sought && !waits && !is_within(RIFT_TWO_CALLS_MS, before)
    }

    /// Between the last call and the next one.
    fn wait_ms(&self) -> u64 {
        let factor = 1_u64.checked_shl(self.calls.saturating_sub(1)).unwrap_or(u64::MAX);
        RIFT_AGAIN_MS.saturating_mul(factor).min(RIFT_AGAIN_MAX_MS)
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

    fn at_s(seconds: u64) -> Time {
        Time::from_millis(seconds * 1_000)
    }

    /// So many that fell silent together, and nobody else.
    fn rift_of(count: usize) -> Rift {
        let mut rift = Rift::default();
        (0..count).for_each(|n| rift.lose(host(n), at(0)));
        rift.judge(0, at(0));
        rift
    }

    /// Calls whom it names.
    fn call(rift: &mut Rift, now: Time) -> Vec<SocketAddr> {
        let hosts = rift.next(usize::MAX, now);
        hosts.iter().for_each(|host| rift.note_call(*host, now));
        hosts
    }

    /// When this one is called, in seconds.
    fn calls_of(rift: &mut Rift, wanted: usize, seconds: std::ops::Range<u64>) -> Vec<u64> {
        seconds.filter(|second| call(rift, at_s(*second)).contains(&host(wanted))).collect()
    }

    /// UP-16: at the least number and one below it, where there are few; at a fifth, where there are
    /// many; and only of those that fell silent together.
    #[test]
    fn a_fifth_of_the_neighbours_and_three_at_least_are_a_rift() {
        let is_rift = |silent: usize, speaking: usize, apart_ms: u64| {
            let mut rift = Rift::default();
            for n in 0..silent {
                let now = at(apart_ms * n as u64);
                rift.lose(host(n), now);
                rift.judge(speaking, now);
            }
            rift.due.is_some()
        };
        assert!(!is_rift(RIFT_HOSTS_MIN - 1, 0, 0) && is_rift(RIFT_HOSTS_MIN, 0, 0));
        assert!(!is_rift(8, 8 * (RIFT_SHARE - 1) + 1, 0) && is_rift(8, 8 * (RIFT_SHARE - 1), 0));
        let together_ms = RIFT_SILENCE_MS / 2;
        assert!(is_rift(3, 0, together_ms - 1) && !is_rift(3, 0, together_ms));
    }

    /// UP-16: one that falls silent alone keeps no rift going that has begun without it.
    #[test]
    fn who_falls_silent_later_and_alone_is_not_looked_for() {
        let mut rift = rift_of(4);
        for (n, after_ms) in [(4, RIFT_SILENCE_MS - 1), (5, RIFT_LIFE_MS - 1)] {
            rift.lose(host(n), at(after_ms));
            rift.judge(20, at(after_ms));
        }
        assert!(rift.looks_for(host(3)) && !rift.looks_for(host(5)));
        // Five within two minutes, where twenty others speak, are a fifth.
        assert!(rift.looks_for(host(4)));
        let life_s = RIFT_LIFE_MS / 1_000;
        assert!(calls_of(&mut rift, 5, life_s..2 * life_s).is_empty());
        assert_eq!((rift.due, rift.lost.len()), (None, 0));
    }

    /// UP-16: one after the other, until one answers; then all others, eight at once.
    #[test]
    fn those_who_fell_silent_are_called_one_by_one_and_all_once_one_is_reached() {
        let mut rift = rift_of(13);
        assert_eq!(call(&mut rift, at(RIFT_CALL_MS - 1)), []);
        for n in 0..13 {
            let now = at(RIFT_CALL_MS * (n as u64 + 1));
            assert_eq!(call(&mut rift, now), [host(n)]);
            assert_eq!(call(&mut rift, now), [], "it waits for the next one");
        }
        let now = at(RIFT_CALL_MS * 13 + 1);
        rift.reached(host(99), now);
        assert_eq!(call(&mut rift, now), [], "a stranger says nothing");
        rift.reached(host(3), now);
        let first = call(&mut rift, now);
        assert_eq!((first.len(), first.contains(&host(3))), (DIALS_MAX, false));
        let rest = call(&mut rift, now.after_ms(RIFT_CALL_MS));
        assert_eq!(rest.len(), 12 - DIALS_MAX);
        assert!(rest.iter().all(|host| !first.contains(host)), "each of them once");
        assert_eq!(
            call(&mut rift, now.after_ms(12 * RIFT_CALL_MS)).len(),
            1,
            "and one by one again"
        );
    }

    /// UP-16: whoever is alone is not called more often for that, and less and less often.
    #[test]
    fn the_last_one_is_called_twice_in_a_minute_and_then_less_often() {
        let mut rift = rift_of(RIFT_HOSTS_MIN);
        (1..RIFT_HOSTS_MIN).for_each(|n| rift.lost.retain(|lost| lost.host != host(n)));
        let (again_s, max_s) = (RIFT_AGAIN_MS / 1_000, RIFT_AGAIN_MAX_MS / 1_000);
        let mut expected = vec![10];
        expected.extend((0..60).map(|n| 10 + again_s + n * max_s));
        expected.retain(|second| *second < 3_600);
        assert_eq!(calls_of(&mut rift, 0, 0..3_600), expected);
    }

    /// HAND-62: one that is near is called at once, and yet no third time in a minute; the calls
    /// that were none of the rift's count.
    #[test]
    fn nobody_is_called_a_third_time_in_a_minute_however_near() {
        let reached_after = |calls: &[u64], reached_s: u64| {
            let mut rift = rift_of(RIFT_HOSTS_MIN);
            calls.iter().for_each(|second| rift.note_call(host(0), at_s(*second)));
            rift.reached(host(1), at_s(reached_s));
            calls_of(&mut rift, 0, reached_s..200).first().copied()
        };
        assert_eq!(reached_after(&[3], 4), Some(4));
        let two_calls_s = RIFT_TWO_CALLS_MS / 1_000;
        assert_eq!(reached_after(&[3, 8], 3 + two_calls_s - 1), Some(3 + two_calls_s - 1 + 10));
        assert_eq!(reached_after(&[3, 8], 3 + two_calls_s), Some(3 + two_calls_s));
    }

    /// HAND-62: behind two ports of one public address is one host.
    #[test]
    fn it_is_the_address_that_is_spared() {
        let other_port = SocketAddr::new(host(0).ip(), 99);
        let private = SocketAddr::from(([10, 0, 0, 1], 1));
        let mut rift = Rift::default();
        [host(0), host(1), private].iter().for_each(|host| rift.lose(*host, at(0)));
        rift.judge(0, at(0));
        rift.note_call(other_port, at_s(10));
        rift.note_call(SocketAddr::new(private.ip(), 2), at_s(10));
        assert_eq!(call(&mut rift, at_s(10)), [host(1)]);
        assert_eq!(call(&mut rift, at_s(20)), [private]);
    }

    #[test]
    fn so_many_are_looked_for_and_for_so_long() {
        let mut rift = rift_of(RIFT_HOSTS_MAX + 1);
        assert_eq!(rift.lost.len(), RIFT_HOSTS_MAX);
        assert!(!rift.holds(host(0)) && rift.holds(host(1)));
        assert_eq!(call(&mut rift, at(RIFT_LIFE_MS - 1)).len(), 1);
        assert_eq!(call(&mut rift, at(RIFT_LIFE_MS)), []);
        assert!(rift.lost.is_empty());
    }

    #[test]
    fn one_that_falls_silent_again_is_one() {
        let mut rift = Rift::default();
        [0, 1, 0, 1].iter().for_each(|n| rift.lose(host(*n), at(0)));
        rift.judge(0, at(0));
        assert_eq!((rift.lost.len(), rift.due), (2, None));
    }

    /// UP-16: those that are too few are not looked for, though one of them comes back.
    #[test]
    fn two_are_forgotten_soon() {
        let mut rift = rift_of(RIFT_HOSTS_MIN - 1);
        rift.reached(host(0), at(1));
        assert_eq!(call(&mut rift, at(1)), []);
        assert!(rift.holds(host(1)));
        assert_eq!(call(&mut rift, at(RIFT_SILENCE_MS)), []);
        assert!(rift.lost.is_empty());
    }

    #[test]
    fn no_more_are_called_than_there_is_room_for() {
        let mut rift = rift_of(6);
        assert_eq!(rift.next(0, at_s(10)), []);
        rift.reached(host(0), at_s(11));
        assert_eq!(rift.next(2, at_s(11)), [host(1), host(2)]);
        assert_eq!(rift.next(9, at_s(21)), [host(3), host(4), host(5)], "the others are near, too");
    }
}
