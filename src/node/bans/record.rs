use super::{Ban, Weight};
use crate::base::addresses::Network;
use crate::base::error::Misbehaved;
use crate::base::limits::{
    ADMIT_PERIOD_S, BAN_AT_POINTS, BAN_MEMORY_S, BREACH_POINTS, FILE_CALLS_AN_ATTEMPT,
    POINT_LIFE_S, SLIP_POINTS,
};
use crate::base::time::Time;

/// One in so many attempts during a ban is told why.
const TOLD_SHARE: u8 = 16;

const PERIOD_MS: u32 = ADMIT_PERIOD_S.saturating_mul(1_000);
const POINT_MS: u32 = POINT_LIFE_S.saturating_mul(1_000);
const LIMIT_MS: u32 = BAN_AT_POINTS.saturating_mul(POINT_MS);

/// What one address, or one network, has done.
///
/// Attempts, calls and blame are kept as the milliseconds that it takes to forgive them, so that
/// forgiving is subtracting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) network: Network,
    at: Time,
    attempts_ms: u32,
    calls_ms: u32,
    blame_ms: u32,
    /// Of the last ban.
    until: Time,
    times: u8,
    /// Attempts during the ban.
    turned_away: u8,
    breach: Misbehaved,
}

/// How long a ban is: the first one, twice as long each time, and the longest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    pub(super) first_s: u32,
    pub(super) longest_s: u32,
}

impl Record {
    pub(super) const fn new(network: Network, breach: Misbehaved, now: Time) -> Self {
        let until = Time::ZERO;
        let (attempts_ms, calls_ms, blame_ms) = (0, 0, 0);
        let (times, turned_away) = (0, 0);
        Self {
            network,
            at: now,
            attempts_ms,
            calls_ms,
            blame_ms,
            until,
            times,
            turned_away,
            breach,
        }
    }

    /// Time has passed.
    pub(super) fn forgive(&mut self, now: Time) {
        let passed_ms = u32::try_from(now.since(self.at).as_millis()).unwrap_or(u32::MAX);
        self.at = self.at.after_ms(passed_ms.into());
        self.attempts_ms = self.attempts_ms.saturating_sub(passed_ms);
        self.calls_ms = self.calls_ms.saturating_sub(passed_ms);
        self.blame_ms = self.blame_ms.saturating_sub(passed_ms);
    }

    /// One more attempt at a link; false where that is one too many.
    pub(super) fn attempt(&mut self, times_max: u32) -> bool {
        self.attempts_ms = self.attempts_ms.saturating_add(cost_ms(times_max));
        self.attempts_ms <= PERIOD_MS
    }

    /// One more connection, whatever it is for; false where that is one too many.
    pub(super) fn call(&mut self, times_max: u32) -> bool {
        self.count_calls(1, times_max)
    }

    /// One of the connections has said nothing, and counts for as much as an attempt; false where that is too much.
    pub(super) fn silence(&mut self, times_max: u32) -> bool {
        self.count_calls(FILE_CALLS_AN_ATTEMPT.saturating_sub(1), times_max)
    }

    fn count_calls(&mut self, calls: u32, times_max: u32) -> bool {
        let calls_max = times_max.saturating_mul(FILE_CALLS_AN_ATTEMPT);
        self.calls_ms = self.calls_ms.saturating_add(cost_ms(calls_max).saturating_mul(calls));
        self.calls_ms <= PERIOD_MS
    }

    /// One more breach; true where that is enough for a ban.
    pub(super) fn blame(&mut self, weight: Weight) -> bool {
        let points = match weight {
            Weight::Slip => SLIP_POINTS,
            Weight::Breach => BREACH_POINTS,
        };
        self.blame_ms = self.blame_ms.saturating_add(points.saturating_mul(POINT_MS));
        self.blame_ms >= LIMIT_MS
    }

    pub(super) fn punish(&mut self, breach: Misbehaved, term: Term) {
        let factor = 1_u32.checked_shl(self.times.into()).unwrap_or(u32::MAX);
        let long_s = term.first_s.saturating_mul(factor).min(term.longest_s);
        self.until = self.at.after_ms(u64::from(long_s).saturating_mul(1_000));
        self.times = self.times.saturating_add(1);
        (self.attempts_ms, self.calls_ms, self.blame_ms) = (0, 0, 0);
        self.turned_away = 0;
        self.breach = breach;
    }

    /// The ban, while it holds.
    pub(super) fn ban(&self, now: Time) -> Option<Ban> {
        let Self { network, until, breach, times, .. } = *self;
        (now < until).then_some(Ban { network, until, breach, times })
    }

    /// One more attempt during the ban: whether it is told why.
    pub(super) const fn says_so(&mut self) -> bool {
        let says_so = self.turned_away.is_multiple_of(TOLD_SHARE);
        self.turned_away = self.turned_away.wrapping_add(1);
        says_so
    }

    /// Whether nothing is left to be remembered.
    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        let memory_ms = u64::from(BAN_MEMORY_S).saturating_mul(1_000);
        let is_forgiven = self.times == 0 || now >= self.until.after_ms(memory_ms);
        (self.attempts_ms, self.calls_ms, self.blame_ms) == (0, 0, 0) && is_forgiven
    }

    /// Who has done least comes first.
    pub(super) fn standing(&self, now: Time) -> (bool, u8, u32, u32, Time) {
        let haste_ms = self.attempts_ms.saturating_add(self.calls_ms);
        (self.ban(now).is_some(), self.times, self.blame_ms, haste_ms, self.at)
    }
}

/// What one attempt counts where so many are allowed.
const fn cost_ms(times_max: u32) -> u32 {
    match PERIOD_MS.checked_div(times_max) {
        Some(cost_ms) => cost_ms,
        None => PERIOD_MS,
    }
}
