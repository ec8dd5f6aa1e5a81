use std::collections::VecDeque;

use super::session::wire_len;
use crate::base::by_slot::BySlot;
use crate::base::limits::{
    FASTTRACK_QUEUE_LEN_MAX, FASTTRACK_QUEUE_LEN_MIN, FASTTRACK_QUEUE_STALLED_MS,
    FASTTRACK_QUEUES_LEN_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::fasttrack::wire::{Frame, Kind};

/// Milliseconds between two looks at who does not read.
const LOOK_EVERY_MS: u64 = 1_000;

/// What waits to be sent, session by session (FTSAFE-14).
#[derive(Debug, Default)]
pub(super) struct Queues {
    queues: BySlot<Queue>,
    len_bytes: usize,
    /// Somebody may not be reading from then on.
    look_at: Option<Time>,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Frame>,
    len_bytes: usize,
    /// When one was taken last, or since when they wait.
    moved: Time,
}

/// Bytes that may wait for a neighbour of what one supernode says to another one. All else is left for
/// tables: whoever lets others pass on too much loses that, and no session of theirs (FTSAFE-14).
const ACROSS_LEN_MAX: usize = FASTTRACK_QUEUE_LEN_MAX / 2;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is the first that waits.
    First,
    Behind,
    /// There was no room for it, and it may be lost.
    Dropped,
    /// There is no room for what must not be lost: the session is of no use any more.
    TooMuch,
}

impl Queues {
    /// Lets a message wait. Results, and what goes from one supernode to another one, find no room where much
    /// waits, and what else there is finds some more room than they do.
    pub(super) fn push(&mut self, slot: Slot, frame: Frame, now: Time) -> Pushed {
        let len = wire_len(&frame);
        let is_full = self.len_bytes.saturating_add(len) > FASTTRACK_QUEUES_LEN_MAX;
        let room = match frame.kind {
            kind if kind != Kind::RESULTS && !kind.is_unicast() => None,
            _ if is_full => Some(FASTTRACK_QUEUE_LEN_MIN),
            Kind::RESULTS => Some(FASTTRACK_QUEUE_LEN_MAX),
            _ => Some(ACROSS_LEN_MAX),
        };
        let waits = self.queues.get(slot).map_or(0, |queue| queue.len_bytes).saturating_add(len);
        if room.is_some_and(|room| waits > room) {
            return Pushed::Dropped;
        }
        if waits > FASTTRACK_QUEUE_LEN_MAX.saturating_add(FASTTRACK_QUEUE_LEN_MIN) {
            return Pushed::TooMuch;
        }
        self.len_bytes = self.len_bytes.saturating_add(len);
        if let Some(queue) = self.queues.get_mut(slot) {
            queue.frames.push_back(frame);
            queue.len_bytes = waits;
            return Pushed::Behind;
        }
        let queue = Queue { frames: VecDeque::from([frame]), len_bytes: len, moved: now };
        self.queues.insert(slot, queue);
        self.look_at.get_or_insert(now.after_ms(FASTTRACK_QUEUE_STALLED_MS));
        Pushed::First
    }

    /// Takes what is sent next.
    pub(super) fn pop(&mut self, slot: Slot, now: Time) -> Option<Frame> {
        let queue = self.queues.get_mut(slot)?;
        let frame = queue.frames.pop_front()?;
        let len = wire_len(&frame);
        queue.moved = now;
        queue.len_bytes = queue.len_bytes.saturating_sub(len);
        self.len_bytes = self.len_bytes.saturating_sub(len);
        if queue.frames.is_empty() {
            self.queues.remove(slot);
        }
        Some(frame)
    }

    /// Drops all that waits for a session.
    pub(super) fn clear(&mut self, slot: Slot) {
        if let Some(queue) = self.queues.remove(slot) {
            self.len_bytes = self.len_bytes.saturating_sub(queue.len_bytes);
        }
    }

    /// Bytes that wait for a session.
    pub(super) fn len_bytes(&self, slot: Slot) -> usize {
        self.queues.get(slot).map_or(0, |queue| queue.len_bytes)
    }

    /// Bytes that wait for all sessions.
    pub(super) const fn total_len_bytes(&self) -> usize {
        self.len_bytes
    }

    pub(super) const fn next_timeout(&self) -> Option<Time> {
        self.look_at
    }

    /// Appends those that do not read.
    pub(super) fn timeout(&mut self, now: Time, stalled: &mut Vec<Slot>) {
        if self.look_at.is_none_or(|look_at| now < look_at) {
            return;
        }
        let is_over = |queue: &Queue| now >= queue.moved.after_ms(FASTTRACK_QUEUE_STALLED_MS);
        stalled
            .extend(self.queues.iter().filter(|(_, queue)| is_over(queue)).map(|(slot, _)| slot));
        let later = self.queues.iter().filter(|(_, queue)| !is_over(queue));
        let due = later.map(|(_, queue)| queue.moved.after_ms(FASTTRACK_QUEUE_STALLED_MS)).min();
        self.look_at = due.map(|due| due.max(now.after_ms(LOOK_EVERY_MS)));
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::base::slots::Slots;

    /// A message that takes so many bytes.
    fn frame(kind: Kind, len: usize) -> Frame {
        Frame { kind, payload: Bytes::from(vec![0; len - 5]) }
    }

    /// FTSAFE-14
    #[test]
    fn results_wait_up_to_a_limit_and_other_messages_a_little_beyond() {
        let (slot, now) = (Slots::new().insert(()), Time::ZERO);
        let mut queues = Queues::default();
        let results = |len| frame(Kind::RESULTS, len);
        let other = |len| frame(Kind::NODE_LIST, len);
        assert_eq!(queues.push(slot, results(FASTTRACK_QUEUE_LEN_MAX - 9), now), Pushed::First);
        assert_eq!(queues.push(slot, results(10), now), Pushed::Dropped);
        assert_eq!(queues.push(slot, results(9), now), Pushed::Behind);
        assert_eq!(queues.push(slot, results(6), now), Pushed::Dropped);
        assert_eq!(queues.push(slot, other(FASTTRACK_QUEUE_LEN_MIN + 1), now), Pushed::TooMuch);
        assert_eq!(queues.push(slot, other(FASTTRACK_QUEUE_LEN_MIN), now), Pushed::Behind);
        assert_eq!(queues.push(slot, other(6), now), Pushed::TooMuch);
        assert_eq!(queues.len_bytes(slot), FASTTRACK_QUEUE_LEN_MAX + FASTTRACK_QUEUE_LEN_MIN);
        let order: Vec<_> = std::iter::from_fn(|| queues.pop(slot, now)).collect();
        let kinds: Vec<_> = order.iter().map(|frame| frame.kind).collect();
        assert_eq!(kinds, [Kind::RESULTS, Kind::RESULTS, Kind::NODE_LIST]);
        assert_eq!((queues.len_bytes(slot), queues.total_len_bytes()), (0, 0));
    }

    /// FTSAFE-14
    #[test]
    fn what_goes_from_supernode_to_supernode_leaves_room_for_tables() {
        let (slot, now) = (Slots::new().insert(()), Time::ZERO);
        let mut queues = Queues::default();
        let search = |len| frame(Kind(Kind::FORWARDED_SEARCH.0 | Kind::UNICAST), len);
        let results = |len| frame(Kind(Kind::RESULTS.0 | Kind::UNICAST), len);
        assert_eq!(queues.push(slot, search(ACROSS_LEN_MAX - 9), now), Pushed::First);
        assert_eq!(queues.push(slot, results(10), now), Pushed::Dropped);
        assert_eq!(queues.push(slot, search(10), now), Pushed::Dropped);
        assert_eq!(queues.push(slot, results(9), now), Pushed::Behind);
        assert_eq!(queues.push(slot, frame(Kind::TABLE, 26_031), now), Pushed::Behind);
        assert_eq!(queues.push(slot, search(6), now), Pushed::Dropped);
    }

    /// FTSAFE-14
    #[test]
    fn where_very_much_waits_in_all_results_find_room_where_little_does() {
        let (mut slots, now, mut queues) = (Slots::new(), Time::ZERO, Queues::default());
        let big = frame(Kind::RESULTS, FASTTRACK_QUEUE_LEN_MAX);
        for _ in 1..FASTTRACK_QUEUES_LEN_MAX / FASTTRACK_QUEUE_LEN_MAX {
            assert_eq!(queues.push(slots.insert(()), big.clone(), now), Pushed::First);
        }
        let (slot, other) = (slots.insert(()), slots.insert(()));
        let results = |len| frame(Kind::RESULTS, len);
        // The last of what there may be, and then little only.
        assert_eq!(queues.push(slot, results(FASTTRACK_QUEUE_LEN_MAX - 6), now), Pushed::First);
        assert_eq!(queues.push(slot, results(6), now), Pushed::Behind);
        assert_eq!(queues.total_len_bytes(), FASTTRACK_QUEUES_LEN_MAX);
        assert_eq!(queues.push(other, results(FASTTRACK_QUEUE_LEN_MIN + 1), now), Pushed::Dropped);
        assert_eq!(queues.push(other, results(FASTTRACK_QUEUE_LEN_MIN), now), Pushed::First);
        queues.clear(slot);
        assert_eq!(queues.push(other, results(FASTTRACK_QUEUE_LEN_MIN + 1), now), Pushed::Behind);
    }
}
