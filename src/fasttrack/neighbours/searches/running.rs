use std::net::SocketAddrV4;

use super::held::Held;
use crate::base::limits::{
    FASTTRACK_ASKED_AT_ONCE, FASTTRACK_ASKED_MAX, FASTTRACK_ASKED_WAIT_MS, FASTTRACK_RESULTS_MAX,
    FASTTRACK_SEARCH_RETRY_MS,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::neighbours::{Ended, SearchKey};
use crate::fasttrack::wire::{Realm, Term};

/// One search.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) key: SearchKey,
    /// Results that are still wanted.
    pub(super) wanted: u16,
    pub(super) realm: Realm,
    pub(super) terms: Vec<Term>,
    /// Who is to be asked, the last one first.
    targets: Vec<SocketAddrV4>,
    asked: Vec<Asked>,
    /// Results of one supernode that are told at once.
    share: u16,
    pub(super) held: Held,
    /// Some wait for the rate of their neighbour.
    is_blocked: bool,
    ends: Time,
    /// When it is looked at again.
    pub(super) due: Time,
}

#[derive(Debug)]
struct Asked {
    address: SocketAddrV4,
    /// Until when it is waited for; nothing once it has ended or was given up.
    until: Option<Time>,
    /// Results that it may still bring.
    left: u16,
    /// Of these, such as are told at once.
    share: u16,
    is_answered: bool,
    since: Time,
    /// The neighbour by which it was asked, where that is another one.
    by: Option<Slot>,
}

/// Whether somebody answered, and the neighbour by which it was asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) address: SocketAddrV4,
    pub(super) by: Option<Slot>,
    /// When it was asked.
    pub(super) since: Time,
}

impl Running {
    pub(super) fn new(
        key: SearchKey,
        wanted: u16,
        realm: Realm,
        terms: Vec<Term>,
        targets: Vec<SocketAddrV4>,
        now: Time,
    ) -> Self {
        let ends = super::ends(now);
        let wanted = wanted.min(u16::try_from(FASTTRACK_RESULTS_MAX).unwrap_or(u16::MAX));
        let at_once = targets.len().clamp(1, FASTTRACK_ASKED_AT_ONCE);
        Self {
            key,
            wanted,
            realm,
            terms,
            targets,
            asked: Vec::new(),
            share: wanted.div_ceil(u16::try_from(at_once).unwrap_or(u16::MAX)),
            held: Held::default(),
            is_blocked: false,
            ends,
            due: ends,
        }
    }

    /// Whether it is over whoever could be asked.
    pub(super) fn end(&self, now: Time) -> Option<Ended> {
        if self.wanted == 0 || self.has_enough() && self.waiting().next().is_none() {
            return Some(Ended::Enough);
        }
        (self.ends <= now).then_some(Ended::TimedOut)
    }

    /// Whether as many results are there as are wanted, some of them held.
    const fn has_enough(&self) -> bool {
        self.held.count() >= self.wanted
    }

    /// Whether one more may be asked, where so many wait for their turn.
    pub(super) fn may_ask(&self, blocked: usize) -> bool {
        self.waiting().count().saturating_add(blocked) < FASTTRACK_ASKED_AT_ONCE
            && self.asked.len() < FASTTRACK_ASKED_MAX
            && !self.has_enough()
    }

    pub(super) fn next_target(&mut self) -> Option<SocketAddrV4> {
        self.targets.pop()
    }

    pub(super) fn put_back(&mut self, targets: Vec<SocketAddrV4>) {
        self.targets.splice(..0, targets);
    }

    pub(super) fn note_asked(&mut self, address: SocketAddrV4, by: Option<Slot>, now: Time) {
        let until = Some(now.after_ms(FASTTRACK_ASKED_WAIT_MS));
        let (left, share, is_answered, since) = (self.wanted, self.share, false, now);
        self.asked.push(Asked { address, until, left, share, is_answered, since, by });
    }

    /// Whether it is over once all were asked who may be now.
    pub(super) fn rest(&mut self, is_blocked: bool) -> Option<Ended> {
        self.is_blocked = is_blocked;
        let is_over = !is_blocked && self.waiting().next().is_none();
        is_over.then_some(Ended::Exhausted)
    }

    fn waiting(&self) -> impl Iterator<Item = Time> {
        self.asked.iter().filter_map(|asked| asked.until)
    }

    pub(super) fn next_timeout(&self, now: Time) -> Time {
        let retry = self.is_blocked.then(|| now.after_ms(FASTTRACK_SEARCH_RETRY_MS));
        self.waiting().chain(retry).min().unwrap_or(Time::NEVER).min(self.ends)
    }

    /// Waits no more for those whose time is over; says who of them never answered.
    pub(super) fn give_up(&mut self, now: Time) -> Vec<Outcome> {
        let mut silent = Vec::new();
        for asked in &mut self.asked {
            if asked.until.is_some_and(|until| until <= now) {
                asked.until = None;
                silent.extend((!asked.is_answered).then(|| asked.outcome()));
            }
        }
        silent
    }

    /// Results came from somebody: how many of them are told at once, and how many behind them are held; nothing
    /// where they were not asked for.
    pub(super) fn take(&mut self, from: SocketAddrV4, count: usize) -> Option<(u16, u16)> {
        let held = self.held.count();
        let asked = self.asked.iter_mut().find(|asked| asked.address == from)?;
        let count = u16::try_from(count).unwrap_or(u16::MAX).min(asked.left);
        let told = count.min(asked.share).min(self.wanted);
        self.wanted = self.wanted.saturating_sub(told);
        let later = count.saturating_sub(told).min(self.wanted.saturating_sub(held));
        asked.share = asked.share.saturating_sub(told);
        asked.left = asked.left.saturating_sub(told).saturating_sub(later);
        Some((told, later))
    }

    /// Somebody has no more.
    pub(super) fn ended(&mut self, from: SocketAddrV4) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.address == from) {
            (asked.until, asked.left) = (None, 0);
        }
    }

    /// Somebody answers; nothing where it was not asked.
    pub(super) fn answered(&mut self, from: SocketAddrV4) -> Option<FirstAnswer> {
        let asked = self.asked.iter_mut().find(|asked| asked.address == from)?;
        let is_first = !std::mem::replace(&mut asked.is_answered, true);
        Some(FirstAnswer(is_first.then(|| asked.outcome())))
    }
}

/// What there is to learn where somebody answers for the first time.
#[derive(Clone, Copy, Debug)]
pub(super) struct FirstAnswer(pub(super) Option<Outcome>);

impl Asked {
    const fn outcome(&self) -> Outcome {
        Outcome { address: self.address, by: self.by, since: self.since }
    }
}
