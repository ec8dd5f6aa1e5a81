use std::time::Instant;

use crate::base::time::Time;

/// The clock of the machine, as the node counts: from its start on, and never backwards. A wall clock
/// that jumps does not move it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that shows zero now.
    pub(super) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// What it shows.
    pub fn now(self) -> Time {
        let micros = self.start.elapsed().as_micros();
        Time::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// When this clock will show `time`; none if that is never.
    pub(super) fn instant(self, time: Time) -> Option<Instant> {
        let passed = time.since(Time::ZERO);
        (time != Time::NEVER).then(|| self.start.checked_add(passed)).flatten()
    }
}
