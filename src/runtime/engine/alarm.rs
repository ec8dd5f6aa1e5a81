use std::pin::Pin;
use std::task::Context;

use tokio::time::Sleep;

use super::hall::Hall;
use crate::base::time::Time;

/// The timer of a link, if it waits for something.
#[derive(Default)]
pub(super) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    at: Option<Time>,
}

impl Alarm {
    /// Wakes the task at `due`, or sooner. Whether that is now.
    pub(super) fn set(&mut self, due: Time, hall: &Hall, cx: &mut Context<'_>) -> bool {
        // One that goes off too soon costs less than moving it each time something is sent.
        if self.at.is_none_or(|at| due < at) {
            let Some(instant) = hall.clock.instant(due) else { return false };
            self.sleep = Some(Box::pin(tokio::time::sleep_until(instant.into())));
            self.at = Some(due);
        }
        let Some(sleep) = &mut self.sleep else { return false };
        let has_gone_off = sleep.as_mut().poll(cx).is_ready();
        if has_gone_off {
            *self = Self::default();
        }
        has_gone_off
    }
}
