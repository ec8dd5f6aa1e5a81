//! So many files are fetched at the same time; others wait.

use super::task::Task;
use crate::base::limits::{DOWNLOAD_IDLE_MAX_MS, SOURCE_WAIT_MAX_MS};
use crate::base::time::Time;
use crate::transfer::download::{Input, State};

/// When something of a file came last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    received_len: u64,
    at: Time,
}

impl Task {
    pub(super) fn has_turn(&self) -> bool {
        self.turns.borrow().has(self.id)
    }

    /// What the wish to go on comes to: nothing where it does so already, or waits for its turn.
    pub(super) fn resume(&self) -> Option<Input> {
        if !matches!(self.download.state(), State::Paused | State::Stuck(_)) {
            return None;
        }
        let mut has_turn = false;
        self.shared.turns.send_modify(|turns| has_turn = turns.ask(self.id));
        Some(if has_turn { Input::Resume } else { Input::Queue })
    }

    /// Goes on if it is its turn.
    pub(super) async fn take_turn(&mut self) {
        let has_turn = self.turns.borrow_and_update().has(self.id);
        if has_turn && *self.download.state() == State::Queued {
            self.moved.at = self.shared.now();
            self.handle(Input::Resume).await;
        }
    }

    /// A file of which nothing comes gives way to others, if any wait (DOWN-18). A place in the queue of a source
    /// is worth waiting for.
    pub(super) async fn give_way(&mut self) {
        let (progress, now) = (self.download.progress(), self.shared.now());
        let received_len = progress.received_len;
        if received_len != self.moved.received_len || progress.state != State::Fetching {
            self.moved = Moved { received_len, at: now };
            return;
        }
        let waits = progress.queued > 0;
        let idle_max_ms = if waits { SOURCE_WAIT_MAX_MS } else { DOWNLOAD_IDLE_MAX_MS };
        if now < self.moved.at.after_ms(idle_max_ms) {
            return;
        }
        let give_way = |turns: &mut crate::transfer::download::Turns| turns.give_way(self.id);
        if self.shared.turns.send_if_modified(give_way) {
            self.handle(Input::Queue).await;
        }
    }

    pub(super) fn leave_turn(&self) {
        self.shared.turns.send_modify(|turns| turns.leave(self.id));
    }
}
