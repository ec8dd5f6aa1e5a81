//! What leaves for sessions: into the queues, and out of them.

use super::queues::Pushed;
use super::{Output, Peer};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::Frame;

/// Why a session ends whose other side does not read (FTSAFE-14).
const NOT_READING: &str = "it does not read";

impl Peer {
    /// The message that goes next over a session that has room.
    pub fn transmit(&mut self, slot: Slot, now: Time) -> Option<Frame> {
        let frame = self.queues.pop(slot, now)?;
        let session = self.sessions.get_mut(slot)?;
        session.traffic.count_sent(&frame);
        Some(frame)
    }

    /// Lets a message of ours wait for a session.
    pub(super) fn send(&mut self, slot: Slot, frame: Frame, now: Time) {
        if self.sessions.get(slot).is_none_or(|session| session.is_leaving) {
            return;
        }
        match self.queues.push(slot, frame, now) {
            Pushed::First => self.out.push_back(Output::Ready(slot)),
            Pushed::Behind => {}
            Pushed::Dropped => self.shed = self.shed.saturating_add(1),
            Pushed::TooMuch => self.give_up(slot),
        }
    }

    /// Ends sessions that have taken nothing for long.
    pub(super) fn give_up_stalled(&mut self, now: Time) {
        let mut stalled = Vec::new();
        self.queues.timeout(now, &mut stalled);
        for slot in stalled {
            self.give_up(slot);
        }
    }

    fn give_up(&mut self, slot: Slot) {
        self.queues.clear(slot);
        self.leave(slot, NOT_READING);
    }

    /// Bytes that wait for a session.
    pub fn waiting_len_bytes(&self, slot: Slot) -> usize {
        self.queues.len_bytes(slot)
    }

    /// Results that found no room since the start.
    pub const fn shed(&self) -> u64 {
        self.shed
    }
}
