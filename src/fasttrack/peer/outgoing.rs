//! What leaves for sessions: into the queues, and out of them.

use super::queues::Pushed;
use super::{Output, Peer};
use crate::base::holding::Holding;
use crate::base::limits::{
    FASTTRACK_FORWARDED_MAX, FASTTRACK_QUEUE_LEN_MAX, FASTTRACK_QUEUE_LEN_MIN,
    FASTTRACK_QUEUES_LEN_MAX, FASTTRACK_SUPERNODES_MAX, LEAF_INDEX_FILES_MAX, OWN_SEARCHES_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::neighbours::Neighbours;
use crate::fasttrack::supernode::Supernode;
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

    /// What each table holds, and what it may.
    pub fn holdings(&self) -> impl Iterator<Item = Holding> {
        let of = |what, count, count_max| Holding { what, count, count_max };
        let supernode = self.supernode.as_deref();
        let neighbours = self.neighbours.as_deref();
        [
            of("bytes that wait", self.queues.total_len_bytes(), self.queues_len_max()),
            of("files of leaves", supernode.map_or(0, Supernode::files_len), LEAF_INDEX_FILES_MAX),
            of(
                "searches forwarded",
                supernode.map_or(0, Supernode::forwarded_len),
                FASTTRACK_FORWARDED_MAX,
            ),
            of("supernodes", neighbours.map_or(0, Neighbours::known_len), FASTTRACK_SUPERNODES_MAX),
            of("searches of ours", self.own.len(), OWN_SEARCHES_MAX),
        ]
        .into_iter()
    }

    /// Where all is full a little may wait in each session.
    fn queues_len_max(&self) -> usize {
        let each = FASTTRACK_QUEUE_LEN_MAX.saturating_add(FASTTRACK_QUEUE_LEN_MIN);
        FASTTRACK_QUEUES_LEN_MAX.saturating_add(self.sessions.len().saturating_mul(each))
    }

    /// Results, and messages from one supernode to another one, that found no room since the start.
    pub const fn shed(&self) -> u64 {
        self.shed
    }
}
