use std::task::Context;

use super::LinkTask;
use crate::gnutella::link::Input;
use crate::runtime::engine::alarm::Alarm;

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
        if self.pipe.is_due(now) {
            return true;
        }
        let first = due.into_iter().chain(self.pipe.due()).min();
        let Some(first) = first else {
            self.alarm = Alarm::default();
            return false;
        };
        self.alarm.set(first, &self.hall, cx)
    }
}
