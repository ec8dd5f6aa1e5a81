//! What is forgotten, and when: ways that nobody renews, and supernodes that are lost.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use super::{Change, ENTRIES_MAX, Vector, seconds};
use crate::base::limits::{FASTTRACK_HOLD_MS, FASTTRACK_WAY_LIFE_S, FASTTRACK_WAYS_TIDY_MS};
use crate::base::time::Time;

impl Vector {
    pub(in crate::fasttrack::neighbours) fn next_timeout(&self) -> Time {
        let held = self.books.held.front().map(|(lost, _)| lost.after_ms(FASTTRACK_HOLD_MS));
        held.unwrap_or(Time::NEVER).min(self.tidy_at)
    }

    pub(in crate::fasttrack::neighbours) fn timeout(&mut self, now: Time) {
        while let Some(&(lost, address)) = self.books.held.front()
            && lost.after_ms(FASTTRACK_HOLD_MS) <= now
        {
            self.books.held.pop_front();
            self.release(address, lost, now);
        }
        if self.books.held.is_empty() {
            self.books.held = VecDeque::new();
        }
        if self.tidy_at <= now {
            self.tidy_at = now.after_ms(FASTTRACK_WAYS_TIDY_MS);
            self.tidy(now);
        }
    }

    /// Any way to a supernode will do that was lost at this moment; where there is none it is forgotten.
    fn release(&mut self, address: SocketAddrV4, lost: Time, now: Time) {
        if let Some(entry) = self.entries.get_mut(&address).filter(|it| it.lost == Some(lost)) {
            entry.release();
            self.change(address, Change::Nothing, now);
        }
    }

    /// Whether there is a place for one more entry. Those that are lost go sooner where there is none, else
    /// a neighbour that comes and goes with a thousand ways would keep everybody out; but not before those
    /// have heard of it that were told.
    pub(super) fn forget_lost(&mut self, now: Time) -> bool {
        while self.entries.len() >= ENTRIES_MAX
            && let Some(&(lost, address)) = self.books.held.front()
            && self.entries.get(&address).is_none_or(|entry| !entry.has_to_be_withdrawn())
        {
            self.books.held.pop_front();
            self.release(address, lost, now);
        }
        self.entries.len() < ENTRIES_MAX
    }

    /// Forgets what was not renewed (FTPEER-10).
    fn tidy(&mut self, now: Time) {
        let oldest_s = seconds(now).saturating_sub(FASTTRACK_WAY_LIFE_S);
        let mut changed = Vec::new();
        for (address, entry) in &mut self.entries {
            if entry.forget_before(oldest_s) || entry.is_over() {
                changed.push(*address);
            }
            entry.silent = entry.silent.filter(|until| *until > now);
        }
        self.look_again(changed, now);
    }
}
