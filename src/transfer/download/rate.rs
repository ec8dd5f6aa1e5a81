use std::time::Duration;

use crate::base::limits::SOURCE_RATE_MIN;
use crate::base::time::Time;

/// Bytes a second, the last ten seconds or so.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    bytes_per_s: Option<u64>,
    poor_since: Option<Time>,
    since: Option<Time>,
    len: u64,
}

/// How long bytes are counted before they count as a rate.
const RATE_WINDOW: Duration = Duration::from_secs(1);

impl Rate {
    /// A request was answered: the wait before counts for nobody.
    pub(super) const fn begin(&mut self, now: Time) {
        (self.since, self.len) = (Some(now), 0);
    }

    pub(super) fn count(&mut self, len: u64, now: Time) {
        self.len = self.len.saturating_add(len);
        let since = *self.since.get_or_insert(now);
        let passed = now.since(since);
        if passed >= RATE_WINDOW {
            self.settle(passed, now);
        }
    }

    /// A request is over, which may have been short.
    pub(super) fn end(&mut self, now: Time) {
        if let Some(since) = self.since.take() {
            let passed = now.since(since).max(Duration::from_millis(1));
            if self.bytes_per_s.is_none() || passed >= RATE_WINDOW {
                self.settle(passed, now);
            }
        }
        self.since = None;
    }

    /// That little comes is not its fault.
    pub(super) fn excuse(&mut self, now: Time) {
        self.poor_since = self.poor_since.map(|_| now);
    }

    /// Since when it is hardly worth a connection, whatever the requests.
    pub(super) const fn poor_since(&self) -> Option<Time> {
        self.poor_since
    }

    /// True where it is hardly worth a connection.
    pub(super) fn is_poor(&self) -> bool {
        self.bytes_per_s.is_some_and(|rate| rate < SOURCE_RATE_MIN)
    }

    pub(super) const fn get(&self) -> Option<u64> {
        self.bytes_per_s
    }

    fn settle(&mut self, passed: Duration, now: Time) {
        let micros = u64::try_from(passed.as_micros()).unwrap_or(u64::MAX).max(1);
        let fresh = self.len.saturating_mul(1_000_000).checked_div(micros).unwrap_or_default();
        let old = self.bytes_per_s.unwrap_or(fresh);
        // Three parts of what was, one of what is.
        self.bytes_per_s = Some(old.saturating_mul(3).saturating_add(fresh) / 4);
        let begun = self.poor_since.or(self.since).unwrap_or(now);
        self.poor_since = self.is_poor().then_some(begun);
        (self.since, self.len) = (Some(now), 0);
    }
}
