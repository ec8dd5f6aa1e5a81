use std::time::Duration;

use super::thresholds::BandwidthThresholds;
use crate::base::limits::CAPACITY_WINDOWS;
use crate::base::time::Time;

/// What one direction of the line has been seen to carry.
///
/// Bytes are counted in windows of one length. A rate is *held* when it was reached in so many of the
/// last eight windows; a burst fills one window, and a promise none. The highest rate that was ever
/// held is *proven*, and counts half after each half-life without a new proof.
///
/// Traffic that stays below what the line can carry proves nothing against it. Only where more
/// was to be sent than the line took does a window show what it can *not* carry: the best of
/// several such windows is the *ceiling*, and what was proven before is cut down to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    /// When the present window began; none before the first observation.
    window: Option<Window>,
    /// Rates of the last windows, in bytes a second, the newest first.
    recent: [u32; CAPACITY_WINDOWS],
    /// Which of these were congested: the lowest bit is the newest.
    congested: u8,
    peak: u32,
    proven: u32,
    proven_at: Time,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    started: Time,
    last: Time,
    bytes: u64,
    congested: Duration,
}

/// What a closed window was like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    /// Bytes a second.
    pub(super) rate: u64,
    pub(super) congested: bool,
}

impl Meter {
    /// Counts what has passed since the last call, and says so when that closes a window.
    pub(super) fn count(
        &mut self,
        bytes: u64,
        congested: bool,
        thresholds: &BandwidthThresholds,
        now: Time,
    ) -> Option<Closed> {
        // The first call only says where counting begins: nobody knows since when its bytes run.
        let Some(window) = &mut self.window else {
            self.window = Some(Window::starting(now));
            return None;
        };
        window.bytes = window.bytes.saturating_add(bytes);
        if congested {
            window.congested = window.congested.saturating_add(now.since(window.last));
        }
        window.last = now;
        let length = now.since(window.started);
        if length < thresholds.window || length.is_zero() {
            return None;
        }
        let closed = window.close(length);
        *window = Window::starting(now);
        self.take(closed, thresholds, now);
        Some(closed)
    }

    /// Bytes a second that were held and are not forgotten.
    pub(super) fn proven(&self, thresholds: &BandwidthThresholds, now: Time) -> u64 {
        let age = now.since(self.proven_at).as_micros();
        let halvings = age.checked_div(thresholds.proof_half_life.as_micros()).unwrap_or(0);
        let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
        u64::from(self.proven.checked_shr(halvings).unwrap_or(0))
    }

    /// When the proof loses its next half.
    pub(super) fn next_halving(&self, thresholds: &BandwidthThresholds, now: Time) -> Option<Time> {
        let life = thresholds.proof_half_life;
        if self.proven == 0 || life == Duration::MAX || life.is_zero() {
            return None;
        }
        let age = now.since(self.proven_at).as_micros();
        let halvings = age.checked_div(life.as_micros())?.saturating_add(1);
        Some(self.proven_at.after(life.saturating_mul(u32::try_from(halvings).ok()?)))
    }

    /// What the line carried at best while more was to be sent, where that is known.
    pub(super) fn ceiling(&self, thresholds: &BandwidthThresholds) -> Option<u64> {
        let congested = (0_u32..).zip(self.recent).filter(|&(age, _)| self.is_congested(age));
        let enough = self.congested.count_ones() >= u32::from(thresholds.windows_needed.max(1));
        congested.map(|(_, rate)| u64::from(rate)).max().filter(|_| enough)
    }

    /// Bytes a second in the best window ever.
    pub(super) fn peak(&self) -> u64 {
        u64::from(self.peak)
    }

    /// Bytes a second in the last window.
    pub(super) fn latest(&self) -> u64 {
        u64::from(self.recent.first().copied().unwrap_or(0))
    }

    /// Takes over what an earlier run has proven: its rate now, since its age is not kept.
    pub(super) fn remember(&mut self, proven: u64, now: Time) {
        let proven = clamp(proven);
        if proven > self.proven {
            self.proven = proven;
            self.proven_at = now;
        }
    }

    /// Forgets the congestion of the past: the load is another one from now on.
    pub(super) fn forget_congestion(&mut self) {
        self.congested = 0;
    }

    fn take(&mut self, closed: Closed, thresholds: &BandwidthThresholds, now: Time) {
        self.recent.rotate_right(1);
        if let Some(newest) = self.recent.first_mut() {
            *newest = clamp(closed.rate);
        }
        self.congested = self.congested.wrapping_shl(1) | u8::from(closed.congested);
        self.peak = self.peak.max(clamp(closed.rate));
        let proven = self.proven(thresholds, now);
        let held = self.held(thresholds);
        if held > 0 && held >= proven {
            self.prove(held, now);
        }
        if let Some(ceiling) = self.ceiling(thresholds).filter(|_| thresholds.keep_percent > 0)
            && ceiling < self.proven(thresholds, now)
        {
            self.prove(ceiling, now);
        }
    }

    fn prove(&mut self, rate: u64, now: Time) {
        self.proven = clamp(rate);
        self.proven_at = now;
    }

    /// The highest rate that enough of the last windows reached.
    fn held(&self, thresholds: &BandwidthThresholds) -> u64 {
        let mut rates = self.recent;
        rates.sort_unstable_by(|one, other| other.cmp(one));
        let rank = usize::from(thresholds.windows_needed.max(1)).saturating_sub(1);
        u64::from(rates.get(rank).copied().unwrap_or(0))
    }

    const fn is_congested(&self, age: u32) -> bool {
        self.congested.wrapping_shr(age) & 1 == 1
    }
}

impl Window {
    const fn starting(now: Time) -> Self {
        Self { started: now, last: now, bytes: 0, congested: Duration::ZERO }
    }

    fn close(&self, length: Duration) -> Closed {
        let micros = u128::from(self.bytes).saturating_mul(1_000_000);
        let rate = micros.checked_div(length.as_micros()).unwrap_or(0);
        let rate = u64::try_from(rate).unwrap_or(u64::MAX);
        // A window counts as congested when three quarters of it were.
        let congested = self.congested.saturating_mul(4) >= length.saturating_mul(3);
        Closed { rate, congested }
    }
}

/// Four gigabytes a second are as good as any more.
fn clamp(rate: u64) -> u32 {
    u32::try_from(rate).unwrap_or(u32::MAX)
}
