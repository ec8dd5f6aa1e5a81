//! Rates with a store: so many tokens in so much time, saved up to a limit.

use std::time::Duration;

use super::time::Time;

/// How fast a bucket fills, and how much it holds. Kept apart from the bucket, for many buckets
/// share one rate, and rates change while the tokens stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come in [`every_ms`](Self::every_ms).
    pub tokens: u32,
    /// Milliseconds in which they come. With 0, nothing comes.
    pub every_ms: u32,
    /// Tokens that are saved up at most.
    pub burst: u32,
}

/// Tokens that were saved. Nothing is ever rounded: fractions of a token are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    /// In parts of a token, of which there are as many as microseconds in which the rate's tokens
    /// come. Below zero is debt.
    level: i64,
    /// Until when the level is counted.
    counted: Time,
}

impl Rate {
    /// So many tokens a second.
    pub const fn per_second(tokens: u32, burst: u32) -> Self {
        Self { tokens, every_ms: 1_000, burst }
    }

    /// Into how many parts a token is divided.
    const fn parts(self) -> i64 {
        (self.every_ms as i64).saturating_mul(1_000)
    }

    const fn parts_of(self, tokens: u32) -> i64 {
        self.parts().saturating_mul(tokens as i64)
    }
}

impl TokenBucket {
    /// A full bucket.
    pub const fn full(rate: Rate, now: Time) -> Self {
        Self { level: rate.parts_of(rate.burst), counted: now }
    }

    /// An empty bucket.
    pub const fn empty(now: Time) -> Self {
        Self { level: 0, counted: now }
    }

    /// Takes so many tokens if they are all there.
    pub fn take(&mut self, rate: Rate, tokens: u32, now: Time) -> bool {
        self.refill(rate, now);
        let wanted = rate.parts_of(tokens);
        let is_there = self.level >= wanted;
        if is_there {
            self.level = self.level.saturating_sub(wanted);
        }
        is_there
    }

    /// Takes so many tokens whether they are there or not; a debt is bounded by what the bucket
    /// holds.
    pub fn charge(&mut self, rate: Rate, tokens: u32, now: Time) {
        self.refill(rate, now);
        let debt_max = rate.parts_of(rate.burst).saturating_neg();
        self.level = self.level.saturating_sub(rate.parts_of(tokens)).max(debt_max);
    }

    /// Puts tokens back that were taken and not used.
    pub fn give_back(&mut self, rate: Rate, tokens: u32) {
        let level = self.level.saturating_add(rate.parts_of(tokens));
        self.level = level.min(rate.parts_of(rate.burst));
    }

    /// Takes so many tokens, on credit where they are not there, unless more than so many would be
    /// owed.
    pub fn borrow(&mut self, rate: Rate, tokens: u32, debt_max: u32, now: Time) -> bool {
        self.refill(rate, now);
        let level = self.level.saturating_sub(rate.parts_of(tokens));
        let is_granted = level >= rate.parts_of(debt_max).saturating_neg();
        if is_granted {
            self.level = level;
        }
        is_granted
    }

    /// Whole tokens that are there.
    pub fn tokens(&mut self, rate: Rate, now: Time) -> u32 {
        self.refill(rate, now);
        let tokens = self.level.checked_div(rate.parts()).unwrap_or(0);
        u32::try_from(tokens.max(0)).unwrap_or(u32::MAX)
    }

    /// When so many tokens will be there, if nobody takes one until then.
    pub fn due(&mut self, rate: Rate, tokens: u32, now: Time) -> Time {
        self.refill(rate, now);
        let missing = rate.parts_of(tokens).saturating_sub(self.level).max(0);
        if missing == 0 {
            return now;
        }
        let come = i64::from(rate.tokens);
        let short = tokens > rate.burst || come == 0;
        let waits = missing.saturating_add(come).saturating_sub(1).checked_div(come);
        match waits.and_then(|waits| u64::try_from(waits).ok()) {
            Some(micros) if !short => self.counted.after(Duration::from_micros(micros)),
            _ => Time::NEVER,
        }
    }

    fn refill(&mut self, rate: Rate, now: Time) {
        let waited = i64::try_from(now.since(self.counted).as_micros()).unwrap_or(i64::MAX);
        let come = waited.saturating_mul(i64::from(rate.tokens));
        self.level = self.level.saturating_add(come).min(rate.parts_of(rate.burst));
        self.counted = self.counted.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One token in 300 ms.
    const SLOW: Rate = Rate { tokens: 10, every_ms: 3_000, burst: 2 };

    #[test]
    fn tokens_come_on_the_microsecond_and_no_fraction_is_lost() {
        let mut bucket = TokenBucket::empty(Time::ZERO);
        for token in 1..=1_000 {
            let due = token * 300_000;
            assert!(!bucket.take(SLOW, 1, Time::from_micros(due - 1)), "{token}");
            assert!(bucket.take(SLOW, 1, Time::from_micros(due)), "{token}");
        }
    }

    #[test]
    fn no_more_is_saved_than_the_bucket_holds() {
        let mut bucket = TokenBucket::full(SLOW, Time::ZERO);
        assert_eq!(bucket.tokens(SLOW, Time::from_millis(1_000_000)), 2);
        assert!(!bucket.take(SLOW, 3, Time::from_millis(1_000_000)));
        assert!(bucket.take(SLOW, 2, Time::from_millis(1_000_000)));
        assert_eq!(bucket.tokens(SLOW, Time::from_millis(1_000_299)), 0);
        assert_eq!(bucket.tokens(SLOW, Time::from_micros(u64::MAX)), 2);
    }

    #[test]
    fn debts_have_an_end_and_are_paid_back() {
        let mut bucket = TokenBucket::empty(Time::ZERO);
        assert!(bucket.borrow(SLOW, 5, 6, Time::ZERO));
        assert!(!bucket.borrow(SLOW, 2, 6, Time::ZERO) && bucket.borrow(SLOW, 1, 6, Time::ZERO));
        assert!(!bucket.take(SLOW, 1, Time::from_micros(7 * 300_000 - 1)));
        assert!(bucket.take(SLOW, 1, Time::from_micros(7 * 300_000)));
        bucket.charge(SLOW, 1_000, Time::from_micros(7 * 300_000));
        // Two tokens of debt at most, as many as the bucket holds.
        assert!(bucket.take(SLOW, 1, Time::from_micros(10 * 300_000)));
    }

    #[test]
    fn time_that_goes_back_gives_nothing_and_takes_nothing() {
        let mut bucket = TokenBucket::empty(Time::from_millis(600));
        assert_eq!(bucket.tokens(SLOW, Time::ZERO), 0);
        assert_eq!(bucket.tokens(SLOW, Time::from_millis(900)), 1);
    }
}
