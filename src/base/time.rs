//! Moments, as the sans-IO rooms know them: handed in by a driver, never read off a clock.

use std::time::Duration;

/// A moment: microseconds since the driver started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// When the driver started.
    pub const ZERO: Self = Self(0);

    /// So many microseconds after the start.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// So many milliseconds after the start.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
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
        Duration::from_micros(self.0.saturating_sub(earlier.0))
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
        assert_eq!(Time::from_micros(u64::MAX).after_ms(1).as_micros(), u64::MAX);
        assert_eq!(start.after(Duration::MAX).as_micros(), u64::MAX);
    }
}
