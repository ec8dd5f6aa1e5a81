use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};
use crate::control::model::Bandwidth;

/// Bytes that are sent at once by whoever has more to send than the limit lets through.
const PIECE_LEN_MIN: u32 = 16 * 1024;

/// On a slow line it is less: so many pieces a second.
const PIECES_MIN: u32 = 8;

/// Milliseconds after which whoever found the line full tries again.
pub(super) const AGAIN_MS: u64 = 50;

/// How many bytes a second all connections together may send and receive.
#[derive(Debug, Default)]
pub(super) struct LineLimits {
    pub(super) sending: Lane,
    pub(super) receiving: Lane,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Nought is no limit.
    bytes_per_second: AtomicU32,
    bucket: Mutex<Option<TokenBucket>>,
}

impl LineLimits {
    pub(super) fn set(&self, bandwidth: Bandwidth) {
        self.sending.set(bandwidth.upload_bytes_per_s);
        self.receiving.set(bandwidth.download_bytes_per_s);
    }
}

impl Lane {
    fn set(&self, bytes_per_second: Option<u64>) {
        let limit =
            bytes_per_second.map_or(0, |bytes| u32::try_from(bytes).unwrap_or(u32::MAX).max(1));
        self.bytes_per_second.store(limit, Ordering::Relaxed);
        *self.lock() = None;
    }

    /// How many of so many bytes may go now.
    pub(super) fn allow(&self, wanted: usize, now: Time) -> usize {
        let Some(rate) = self.rate() else { return wanted };
        let mut bucket = self.lock();
        let bucket = bucket.get_or_insert_with(|| TokenBucket::full(rate, now));
        let tokens = bucket.tokens(rate, now);
        wanted.min(usize::try_from(tokens).unwrap_or(usize::MAX))
    }

    /// The same, and nobody else has them from now on.
    pub(super) fn reserve(&self, wanted: usize, now: Time) -> usize {
        self.reserve_all_but(0, wanted, now)
    }

    /// The same, but what is saved for one in so many parts of a second stays where it is; with 0, nothing.
    /// Whoever leaves something to others waits until there is enough for a packet of some size.
    pub(super) fn reserve_all_but(&self, share: u32, wanted: usize, now: Time) -> usize {
        let Some(rate) = self.rate() else { return wanted };
        let mut bucket = self.lock();
        let bucket = bucket.get_or_insert_with(|| TokenBucket::full(rate, now));
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        let kept = rate.burst.checked_div(share).unwrap_or(0);
        let reserved = bucket.tokens(rate, now).saturating_sub(kept).min(wanted);
        let most = rate.burst.saturating_sub(kept);
        let least = PIECE_LEN_MIN.min(most.checked_div(PIECES_MIN).unwrap_or(0)).min(wanted);
        if share > 0 && reserved < least {
            return 0;
        }
        bucket.take(rate, reserved, now);
        usize::try_from(reserved).unwrap_or(usize::MAX)
    }

    /// So many of those that were reserved have not gone.
    pub(super) fn give_back(&self, len: usize) {
        let Some(rate) = self.rate().filter(|_| len > 0) else { return };
        if let Some(bucket) = &mut *self.lock() {
            bucket.give_back(rate, u32::try_from(len).unwrap_or(u32::MAX));
        }
    }

    /// So many have gone. What was read beyond the limit is owed.
    pub(super) fn spend(&self, len: usize, now: Time) {
        let Some(rate) = self.rate() else { return };
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        if let Some(bucket) = &mut *self.lock() {
            bucket.charge(rate, len, now);
        }
    }

    /// A second's bytes may be saved up.
    fn rate(&self) -> Option<Rate> {
        let limit = self.bytes_per_second.load(Ordering::Relaxed);
        (limit != 0).then(|| Rate::per_second(limit, limit))
    }

    fn lock(&self) -> MutexGuard<'_, Option<TokenBucket>> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_limit_takes_everything() {
        let lane = Lane::default();
        assert_eq!(lane.allow(usize::MAX, Time::ZERO), usize::MAX);
    }

    #[test]
    fn what_one_has_reserved_another_does_not_get_until_it_is_given_back() {
        let lane = Lane::default();
        lane.set(Some(1_000));
        let at = Time::from_millis;
        assert_eq!(lane.reserve(700, at(0)), 700);
        assert_eq!(lane.reserve(700, at(0)), 300);
        assert_eq!(lane.reserve(1, at(0)), 0);
        lane.give_back(200);
        assert_eq!(lane.reserve(700, at(0)), 200);
        lane.give_back(u32::MAX as usize);
        assert_eq!(lane.allow(5_000, at(0)), 1_000, "no more than a second's");
    }

    #[test]
    fn who_fills_the_line_leaves_a_part_of_it() {
        let lane = Lane::default();
        assert_eq!(lane.reserve_all_but(4, 5_000, Time::ZERO), 5_000, "without a limit");
        lane.set(Some(1_000));
        assert_eq!(lane.reserve_all_but(4, 5_000, Time::ZERO), 750);
        assert_eq!(lane.reserve_all_but(4, 5_000, Time::ZERO), 0);
        assert_eq!(lane.reserve(5_000, Time::ZERO), 250, "others find it");
    }

    #[test]
    fn who_fills_the_line_does_not_send_it_in_crumbs() {
        let lane = Lane::default();
        lane.set(Some(1_000_000));
        let at = Time::from_millis;
        assert_eq!(lane.reserve_all_but(4, usize::MAX, at(0)), 750_000);
        assert_eq!(lane.reserve_all_but(4, usize::MAX, at(10)), 0, "10,000 are few");
        assert_eq!(lane.reserve_all_but(4, 5_000, at(10)), 5_000, "but all that is wanted");
        assert_eq!(lane.reserve_all_but(4, usize::MAX, at(30)), 25_000);
        lane.set(Some(800));
        let first = lane.reserve_all_but(4, usize::MAX, at(2_000));
        assert_eq!(first, 600);
        assert_eq!(lane.reserve_all_but(4, usize::MAX, at(2_050)), 0);
        assert_eq!(lane.reserve_all_but(4, usize::MAX, at(2_100)), 80);
    }

    #[test]
    fn a_second_is_saved_up_and_what_is_owed_is_waited_for() {
        let lane = Lane::default();
        lane.set(Some(1_000));
        let at = Time::from_millis;
        assert_eq!(lane.allow(5_000, at(0)), 1_000);
        lane.spend(1_000, at(0));
        assert_eq!(lane.allow(5_000, at(0)), 0);
        assert_eq!(lane.allow(5_000, at(100)), 100);
        lane.spend(600, at(100));
        assert_eq!(lane.allow(1, at(500)), 0, "500 are owed");
        assert_eq!(lane.allow(5_000, at(700)), 100);
        lane.set(None);
        assert_eq!(lane.allow(5_000, at(700)), 5_000);
    }
}
