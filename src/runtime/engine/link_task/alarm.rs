use std::pin::Pin;
use std::task::Context;

use tokio::time::Sleep;

use super::LinkTask;
use crate::base::time::Time;
use crate::gnutella::link::Input;
use crate::runtime::engine::hall::Hall;

/// The timer of a link, if it waits for something.
#[derive(Default)]
pub(super) struct Alarm {
    sleep: Option<Pin<Box<Sleep>>>,
    at: Option<Time>,
}

impl LinkTask {
    /// Sees to the timer. Whether it has gone off.
    pub(super) fn watch_time(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.hall.clock.now();
        let due = self.link.next_timeout().map(|(due, _)| due);
        if due.is_some_and(|due| due <= now) {
            self.link.handle(Input::Timeout, now);
            self.collect();
            return true;
        }
        if self.line_due.is_some_and(|due| due <= now) {
            self.line_due = None;
            return true;
        }
        let first = due.into_iter().chain(self.line_due).min();
        let Some(first) = first else {
            self.alarm = Alarm::default();
            return false;
        };
        self.alarm.set(first, &self.hall, cx)
    }
}

impl Alarm {
    /// Wakes the task at `due`, or sooner. Whether that is now.
    fn set(&mut self, due: Time, hall: &Hall, cx: &mut Context<'_>) -> bool {
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
