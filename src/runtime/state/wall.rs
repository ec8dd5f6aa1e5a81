use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::base::limits::{HOST_FRESH_S, HOST_KEPT_LIFE_S};

/// A moment by the wall clock: seconds since 1970. Users and time servers set that clock, so that it may
/// be anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub u64);

/// Ages beyond this are taken for a clock that was wrong.
const ABSURD_S: u64 = 366 * 86_400;

impl Wall {
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since.map_or(0, |since| since.as_secs()))
    }

    /// The moment so long before this one.
    #[must_use]
    pub const fn before(self, ago: Duration) -> Self {
        Self(self.0.saturating_sub(ago.as_secs()))
    }

    /// How long ago a moment was; none if it is yet to come, or too long ago to be true.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let age_s = self.0.checked_sub(earlier.0).filter(|age_s| *age_s < ABSURD_S)?;
        Some(Duration::from_secs(age_s))
    }

    /// For how many seconds nothing was heard of a host. Where nobody can tell, it is not fresh, and not
    /// forgotten either.
    pub(super) fn age_of_host(self, seen: Self) -> u32 {
        let unknown_s = HOST_FRESH_S.saturating_add(1).min(HOST_KEPT_LIFE_S);
        let age_s = self.since(seen).map(|age| u32::try_from(age.as_secs()).unwrap_or(u32::MAX));
        age_s.unwrap_or(unknown_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_never_negative_and_never_absurd() {
        let now = Wall(1_800_000_000);
        let ago = |seconds| now.since(Wall(1_800_000_000 - seconds)).map(|age| age.as_secs());
        assert_eq!((ago(0), ago(5), ago(ABSURD_S - 1)), (Some(0), Some(5), Some(ABSURD_S - 1)));
        assert_eq!(ago(ABSURD_S), None);
        assert_eq!(now.since(Wall(1_800_000_001)), None);
        assert_eq!(now.before(Duration::from_secs(7)), Wall(1_799_999_993));
        assert_eq!(Wall(3).before(Duration::from_secs(7)), Wall(0));
    }

    #[test]
    fn a_host_seen_at_an_impossible_moment_is_neither_fresh_nor_forgotten() {
        let now = Wall(1_800_000_000);
        for impossible in [Wall(0), Wall(1_900_000_000), Wall(u64::MAX)] {
            let age_s = now.age_of_host(impossible);
            assert!(age_s > HOST_FRESH_S && age_s < HOST_KEPT_LIFE_S, "{age_s}");
        }
        assert_eq!(now.age_of_host(Wall(1_799_999_990)), 10);
    }
}
