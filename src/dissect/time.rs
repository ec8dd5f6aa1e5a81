use std::fmt;

use serde::{Serialize, Serializer};

const NANOSECONDS: u64 = 1_000_000_000;
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// When a packet was recorded: nanoseconds since 1970 in UTC.
///
/// As text, and in JSON, it is RFC 3339 with microseconds: `2026-11-20T16:02:51.245386Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From nanoseconds since 1970. What lies beyond the year 2554 counts as that year.
    pub fn from_nanoseconds(nanoseconds: u128) -> Self {
        Self(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// From seconds since 1970 and nanoseconds on top of them.
    pub fn from_parts(seconds: u64, nanoseconds: u64) -> Self {
        Self(seconds.saturating_mul(NANOSECONDS).saturating_add(nanoseconds))
    }

    /// Whole seconds from `earlier` to here; none where it is later.
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / NANOSECONDS
    }

    /// Days since 1970: two times with the same number share a date.
    pub const fn day(self) -> u64 {
        self.0 / NANOSECONDS / DAY_SECONDS
    }

    /// The date alone: `2026-11-20`.
    pub fn date(self) -> String {
        let (year, month, day) = civil(self.day());
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The time of the day alone, in milliseconds: `16:02:51.245`.
    pub fn clock(self) -> String {
        let (hours, minutes, seconds) = self.time_of_day();
        let milliseconds = self.0 % NANOSECONDS / 1_000_000;
        format!("{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}")
    }

    const fn time_of_day(self) -> (u64, u64, u64) {
        let seconds = self.0 / NANOSECONDS % DAY_SECONDS;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) = self.time_of_day();
        let microseconds = self.0 % NANOSECONDS / 1000;
        let date = self.date();
        write!(f, "{date}T{hours:02}:{minutes:02}:{seconds:02}.{microseconds:06}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Year, month and day of a number of days since 1970, counted in eras of 400 years that begin on
/// 1 March, so that the leap day is the last day of a year.
#[expect(clippy::arithmetic_side_effects, reason = "a u64 of nanoseconds is under 2^18 days")]
const fn civil(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        let written =
            |seconds, nanoseconds| Timestamp::from_parts(seconds, nanoseconds).to_string();
        assert_eq!(written(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(written(951_782_399, 999_999_999), "2000-02-28T23:59:59.999999Z");
        assert_eq!(written(951_782_400, 0), "2000-02-29T00:00:00.000000Z");
        assert_eq!(written(1_795_190_571, 245_386_000), "2026-11-20T16:02:51.245386Z");
        assert_eq!(written(4_107_542_400, 1_000), "2100-03-01T00:00:00.000001Z");
    }

    #[test]
    fn the_clock_and_the_date_stand_alone() {
        let time = Timestamp::from_parts(1_795_190_571, 245_999_999);
        assert_eq!(time.clock(), "16:02:51.245");
        assert_eq!(time.date(), "2026-11-20");
        assert_eq!(time.day(), Timestamp::from_parts(1_795_190_571 + 7 * 3600, 0).day());
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        assert_eq!(Timestamp::from_parts(u64::MAX, 5), Timestamp::from_nanoseconds(u128::MAX));
        assert_eq!(Timestamp::from_nanoseconds(u128::MAX).date(), "2554-07-21");
    }
}
