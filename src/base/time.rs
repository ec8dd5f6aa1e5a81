//! Moments, as the sans-IO rooms know them: handed in by a driver, never read off a clock.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

/// A moment: microseconds since the driver started.
///
/// One more than these is kept, so that a moment that may be missing takes no more room than one
/// that is there: nodes remember many such.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(NonZeroU64);

impl Time {
    /// When the driver started.
    pub const ZERO: Self = Self(NonZeroU64::MIN);

    /// Later than everything.
    pub const NEVER: Self = Self(NonZeroU64::MAX);

    /// So many microseconds after the start.
    pub const fn from_micros(micros: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(micros))
    }

    /// So many milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self::from_micros(millis.saturating_mul(1_000))
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }

    /// The moment that comes `wait` later.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX)))
    }

    /// The moment that comes so many milliseconds later, as limits are given in them.
    #[must_use]
    pub const fn after_ms(self, wait_ms: u64) -> Self {
        Self(self.0.saturating_add(wait_ms.saturating_mul(1_000)))
    }

    /// How long ago `earlier` was; nothing if it is yet to come.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Default for Time {
    fn default() -> Self {
        Self::ZERO
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Time").field(&self.as_micros()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_waits_add_up_and_never_wrap() {
        let start = Time::from_millis(2);
        assert_eq!(start.after(Duration::from_micros(500)), Time::from_micros(2_500));
        assert_eq!(start.after_ms(3), Time::from_micros(5_000));
        assert_eq!(start.after_ms(3).since(start), Duration::from_millis(3));
        assert_eq!(start.since(start.after_ms(3)), Duration::ZERO);
        assert_eq!(Time::from_micros(u64::MAX).after_ms(1), Time::NEVER);
        assert_eq!(start.after(Duration::MAX), Time::NEVER);
        assert_eq!(Time::default().as_micros(), 0);
        assert_eq!(format!("{:?}", Time::from_micros(7)), "Time(7)");
    }
    #[test]
    fn a_moment_that_may_be_missing_takes_no_more_room() {
        assert_eq!(size_of::<Option<Time>>(), size_of::<u64>());
    }
}
