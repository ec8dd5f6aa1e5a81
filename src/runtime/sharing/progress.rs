use std::time::Duration;

use crate::base::time::Time;
use crate::library::catalogue::{Amount, Totals};

/// How far the library is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Folders are looked through.
    pub is_scanning: bool,
    pub totals: Totals,
    /// To be read, with what is left of those that are read now.
    pub waiting: Amount,
    /// Files that changed a moment ago, and are left alone for a while.
    pub put_off: u64,
    /// Files that cannot be read, although their folders can.
    pub unreadable: u64,
    /// Read since the start of the node.
    pub hashed: Amount,
    /// Bytes that are read in a second, while any are.
    pub bytes_per_s: Option<u64>,
    /// Folders of which the system tells what changes.
    pub watched: u64,
}

impl Progress {
    /// Files are read.
    pub const fn is_hashing(&self) -> bool {
        self.waiting.files > 0
    }

    /// When all will be read, as far as that can be foretold.
    pub fn left(&self) -> Option<Duration> {
        self.waiting.bytes.checked_div(self.bytes_per_s?).map(Duration::from_secs)
    }
}

/// How fast files are read: the mean of the last seconds, of which the newest count most.
#[derive(Debug, Default)]
pub(super) struct Rate {
    last: Option<(Time, u64)>,
    bytes_per_s: Option<f64>,
}

/// Seconds after which what was measured counts for little.
const MEMORY_S: f64 = 5.0;

impl Rate {
    /// So many bytes were read until now.
    pub(super) fn measure(&mut self, now: Time, bytes: u64) {
        let Some((then, before)) = self.last.replace((now, bytes)) else { return };
        let seconds = now.since(then).as_secs_f64();
        if seconds <= 0.0 {
            return;
        }
        let current = exact(bytes.saturating_sub(before)) / seconds;
        let weight = 1.0 - (-seconds / MEMORY_S).exp();
        let mean = self.bytes_per_s.unwrap_or(current);
        self.bytes_per_s = Some((current - mean).mul_add(weight, mean));
    }

    /// Nothing is read for now.
    pub(super) fn pause(&mut self) {
        *self = Self::default();
    }

    pub(super) fn bytes_per_s(&self) -> Option<u64> {
        self.bytes_per_s.map(whole)
    }
}

/// Of the sizes that occur, no digit is lost that anybody would see.
#[allow(clippy::cast_precision_loss, reason = "rates are shown in three digits")]
const fn exact(bytes: u64) -> f64 {
    bytes as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
const fn whole(rate: f64) -> u64 {
    rate as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_follows_what_is_read() {
        let mut rate = Rate::default();
        assert_eq!(rate.bytes_per_s(), None);
        (0..=10).for_each(|second| rate.measure(Time::from_millis(second * 1_000), second * 5_000));
        assert_eq!(rate.bytes_per_s(), Some(5_000));
        (11..=60).for_each(|second| rate.measure(Time::from_millis(second * 1_000), 50_000));
        assert!(rate.bytes_per_s().is_some_and(|rate| rate < 5), "{rate:?}");
        rate.pause();
        assert_eq!(rate.bytes_per_s(), None);
    }

    #[test]
    fn the_time_that_is_left_is_known_with_the_rate() {
        let waiting = Amount { files: 2, bytes: 1_000 };
        let progress = Progress { waiting, bytes_per_s: Some(100), ..Progress::default() };
        assert_eq!(progress.left(), Some(Duration::from_secs(10)));
        assert_eq!(Progress { bytes_per_s: Some(0), ..progress }.left(), None);
        assert_eq!(Progress { bytes_per_s: None, ..progress }.left(), None);
        assert!(progress.is_hashing() && !Progress::default().is_hashing());
    }
}
