use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::base::time::Time;
use crate::base::token_bucket::{Rate, TokenBucket};

/// How long whoever may not read waits.
const AGAIN: Duration = Duration::from_millis(50);

/// Bytes that may be owed: a read of each connection.
const DEBT_LEN_MAX: u32 = 64 * 1024 * 1024;

/// How many bytes a second all downloads together may receive.
#[derive(Debug)]
pub(super) struct Throttle {
    start: Instant,
    limit: Mutex<Option<(Rate, TokenBucket)>>,
    /// Whoever has waited longest comes first.
    turn: tokio::sync::Mutex<()>,
}

impl Throttle {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), limit: Mutex::new(None), turn: tokio::sync::Mutex::new(()) }
    }

    pub(super) fn set(&self, bytes_per_s: Option<u64>) {
        let limit = bytes_per_s.map(|bytes| {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX).max(1);
            let rate = Rate::per_second(bytes, bytes);
            (rate, TokenBucket::full(rate, self.now()))
        });
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    }

    /// Waits until something may be read.
    pub(super) async fn wait(&self) {
        if !self.is_limited() {
            return;
        }
        let _turn = self.turn.lock().await;
        while !self.is_open() {
            sleep(AGAIN).await;
        }
    }

    /// So many bytes came. What is beyond the limit is owed.
    pub(super) fn spend(&self, len: usize) {
        let now = self.now();
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((rate, bucket)) = &mut *limit {
            // A read may be worth many seconds of a small limit.
            bucket.borrow(*rate, u32::try_from(len).unwrap_or(u32::MAX), DEBT_LEN_MAX, now);
        }
    }

    fn is_limited(&self) -> bool {
        self.limit.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn is_open(&self) -> bool {
        let now = self.now();
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        limit.as_mut().is_none_or(|(rate, bucket)| bucket.tokens(*rate, now) > 0)
    }

    fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }
}
