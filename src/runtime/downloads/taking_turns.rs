//! So many files are fetched at the same time; others wait.

use super::task::Task;
use crate::base::limits::{DOWNLOAD_IDLE_MAX_MS, SOURCE_WAIT_MAX_MS};
use crate::base::time::Time;
use crate::transfer::download::{Input, State, Turns};

/// When something of a file came last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    received_len: u64,
    at: Time,
    /// Somebody is known who may have it, as others know.
    is_hopeful: bool,
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

    /// A file of which nothing comes gives way to others, if any wait (DOWN-18): at once where nobody is known who may
    /// have it, and of another one somebody is (DOWN-25). A place in the queue of a source is worth waiting for.
    pub(super) async fn give_way(&mut self) {
        let (progress, now) = (self.download.progress(), self.shared.now());
        self.hope(progress.sources > 0);
        if progress.state == State::Fetching && progress.sources == 0 && progress.has_searched {
            return self.give_up_turn(Turns::hand_over).await;
        }
        let received_len = progress.received_len;
        if received_len != self.moved.received_len || progress.state != State::Fetching {
            (self.moved.received_len, self.moved.at) = (received_len, now);
            return;
        }
        let waits = progress.queued > 0;
        let idle_max_ms = if waits { SOURCE_WAIT_MAX_MS } else { DOWNLOAD_IDLE_MAX_MS };
        if now < self.moved.at.after_ms(idle_max_ms) {
            return;
        }
        self.give_up_turn(Turns::give_way).await;
    }

    async fn give_up_turn(&mut self, give_up: impl FnOnce(&mut Turns, u64) -> bool) {
        if self.shared.turns.send_if_modified(|turns| give_up(turns, self.id)) {
            self.handle(Input::Queue).await;
        }
    }

    /// Whether somebody is known who may have it.
    fn hope(&mut self, is_hopeful: bool) {
        if self.moved.is_hopeful != is_hopeful {
            self.moved.is_hopeful = is_hopeful;
            self.shared.turns.send_if_modified(|turns| turns.hope(self.id, is_hopeful));
        }
    }

    pub(super) fn leave_turn(&mut self) {
        self.moved.is_hopeful = false;
        self.shared.turns.send_modify(|turns| turns.leave(self.id));
    }
}
