use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;

use super::Class;
use super::pool::{Pool, Waiting};
use super::queue::Queue;
use crate::base::by_slot::BySlot;
use crate::base::error::{Misbehaved, Rule};
use crate::base::limits::{
    CONGESTED_MS, SEND_QUEUE_LEN_MAX, SEND_QUEUE_LEN_MIN, SEND_QUEUE_SHARED_LEN_MAX,
    SEND_QUEUES_LEN_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Frame;

const SLOW: Misbehaved =
    Misbehaved { rule: Rule::new("FLOW-05"), what: "the neighbour does not read what it is sent" };
const OVERFLOW: Misbehaved = Misbehaved {
    rule: Rule::new("FLOW-06"),
    what: "the neighbour reads nothing, and what must not be dropped has no room",
};

/// Empty queues that are kept at most.
const SPARE_MAX: usize = 64;

/// How a neighbour keeps up with what we send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It reads what we send: it may send us queries again (HopsFlow 255).
    Calm,
    /// Much waits: it should send us no queries (HopsFlow 0).
    Congested,
}

/// What became of a message that was put into a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Nothing waited for this neighbour before, and now something does: the driver may want to
    /// know.
    pub ready: bool,
    /// Messages that were dropped to make room, this one perhaps among them.
    pub dropped: u32,
    /// The neighbour has to go: what must not be dropped has no room any more (FLOW-06).
    pub fault: Option<Misbehaved>,
}

/// Messages that wait to be sent, for all neighbours in one pool.
///
/// Whoever is served at once costs nothing here: a neighbour for whom nothing waits has no queue.
/// Putting a message in and taking one out takes as long as going through the sources that have
/// something waiting in that queue, which is one or two unless the neighbour is slow.
#[derive(Debug, Default)]
pub struct SendQueues {
    queues: BySlot<Option<Box<Queue>>>,
    /// How many neighbours there are.
    count: usize,
    len_bytes: usize,
    /// There once something has waited, and until the node rests.
    store: Option<Box<Store>>,
}

/// What all queues share.
#[derive(Debug, Default)]
struct Store {
    pool: Pool,
    congested: BTreeSet<(Time, Slot)>,
    changes: VecDeque<(Slot, Flow)>,
    /// Queues that are empty. Most are filled and emptied in one go.
    #[expect(clippy::vec_box, reason = "they move, as they are, to the neighbours and back")]
    spare: Vec<Box<Queue>>,
}

impl SendQueues {
    /// No neighbour yet.
    pub const fn new() -> Self {
        Self { queues: BySlot::new(), count: 0, len_bytes: 0, store: None }
    }

    /// A neighbour has come.
    pub fn open(&mut self, slot: Slot) {
        self.close(slot);
        if self.queues.replace(slot, None).is_none() {
            self.count = self.count.saturating_add(1);
        }
    }

    /// A neighbour has gone, and what waited for it with it.
    pub fn close(&mut self, slot: Slot) {
        self.clear(slot);
        if self.queues.remove(slot).is_some() {
            self.count = self.count.saturating_sub(1);
        }
        if let Some(store) = &mut self.store {
            store.changes.retain(|(other, _)| *other != slot);
        }
    }

    /// Drops what waits, for instance before a Bye.
    pub fn clear(&mut self, slot: Slot) {
        let Some(queue) = self.queues.get_mut(slot).and_then(Option::as_mut) else { return };
        let Some(store) = &mut self.store else { return };
        self.len_bytes = self.len_bytes.saturating_sub(queue.len_bytes());
        queue.clear(&mut store.pool);
        self.settle(slot);
    }

    /// Lets a message wait for a neighbour. `source` is the neighbour that sent it to us; none if
    /// we did.
    pub fn push(
        &mut self,
        slot: Slot,
        class: Class,
        mut frame: Frame,
        source: Option<Slot>,
        now: Time,
    ) -> Pushed {
        let limit = self.limit();
        let overflows = !class.is_droppable() && !self.has_room(slot, class, frame.wire_len());
        let Some(place) = self.queues.get_mut(slot).filter(|_| !overflows) else {
            let fault = overflows.then_some(OVERFLOW);
            return Pushed { ready: false, dropped: 1, fault };
        };
        let store = self.store.get_or_insert_default();
        let queue = place.get_or_insert_with(|| store.spare.pop().unwrap_or_default());
        let before = queue.len_bytes();
        if before > SEND_QUEUE_SHARED_LEN_MAX {
            frame.payload = Bytes::copy_from_slice(&frame.payload);
        }
        queue.push(class, source, Waiting { frame, since: now }, &mut store.pool);
        let dropped = queue.make_room(limit, &mut store.pool);
        let after = queue.len_bytes();
        self.len_bytes = self.len_bytes.saturating_add(after).saturating_sub(before);
        if after >= limit / 2 && queue.congested_since.is_none() {
            queue.congested_since = Some(now);
            store.congested.insert((now, slot));
            store.tell(slot, Flow::Congested);
        }
        if dropped > 0 {
            self.settle(slot);
        }
        Pushed { ready: before == 0 && after > 0, dropped, fault: None }
    }

    /// The message that is to be sent next.
    pub fn pop(&mut self, slot: Slot, now: Time) -> Option<Frame> {
        let (queue, store) = (self.queues.get_mut(slot)?.as_mut()?, self.store.as_mut()?);
        let before = queue.len_bytes();
        let frame = queue.pop(now, &mut store.pool);
        let gone = before.saturating_sub(queue.len_bytes());
        self.len_bytes = self.len_bytes.saturating_sub(gone);
        self.settle(slot);
        frame
    }

    /// Bytes that wait for a neighbour.
    pub fn len_bytes(&self, slot: Slot) -> usize {
        self.queue(slot).map_or(0, Queue::len_bytes)
    }

    /// Bytes that wait for all of them.
    pub const fn total_len_bytes(&self) -> usize {
        self.len_bytes
    }

    /// True when nothing waits for a neighbour.
    pub fn is_empty(&self, slot: Slot) -> bool {
        self.len_bytes(slot) == 0
    }

    /// True while much waits for a neighbour: spare it what can be spared.
    pub fn is_congested(&self, slot: Slot) -> bool {
        self.queue(slot).is_some_and(|queue| queue.congested_since.is_some())
    }

    /// True if a piece of a query table may be put into the queue. Whoever asks this first never
    /// makes a queue overflow.
    pub fn has_room_for_table(&self, slot: Slot) -> bool {
        let half = Class::Table.share(SEND_QUEUE_LEN_MAX) / 2;
        self.queue(slot).is_none_or(|queue| queue.class_len_bytes(Class::Table) < half)
    }

    /// A neighbour that became congested, or calm again, since the last call. Ask until there is
    /// none.
    pub fn poll_change(&mut self) -> Option<(Slot, Flow)> {
        let changes = &mut self.store.as_mut()?.changes;
        let change = changes.pop_front();
        if changes.is_empty() {
            *changes = VecDeque::new();
        }
        change
    }

    /// When [`timeout`](Self::timeout) has something to say.
    pub fn next_timeout(&self) -> Option<Time> {
        let (since, _) = self.store.as_ref()?.congested.first()?;
        Some(since.after_ms(CONGESTED_MS))
    }

    /// Tells the neighbours that have been congested for too long. They have to go.
    pub fn timeout(&mut self, now: Time, slow: &mut Vec<(Slot, Misbehaved)>) {
        let Some(store) = &mut self.store else { return };
        while let Some(&(since, slot)) = store.congested.first()
            && now >= since.after_ms(CONGESTED_MS)
        {
            store.congested.remove(&(since, slot));
            slow.push((slot, SLOW));
        }
    }

    /// Gives back what is kept for speed alone.
    pub fn rest(&mut self) {
        let Some(store) = &mut self.store else { return };
        if self.len_bytes == 0 && store.changes.is_empty() {
            self.store = None;
        } else {
            store.spare = Vec::new();
            // While much waits, all of it would be moved each time.
            if store.pool.is_nearly_empty() || store.pool.is_wasteful(self.count, 0) {
                self.repack();
            }
        }
    }

    fn queue(&self, slot: Slot) -> Option<&Queue> {
        self.queues.get(slot)?.as_deref()
    }

    /// Whether as much may wait of a class that is never dropped.
    fn has_room(&self, slot: Slot, class: Class, len_bytes: usize) -> bool {
        let waiting = self.queue(slot).map_or(0, |queue| queue.class_len_bytes(class));
        waiting.saturating_add(len_bytes) <= class.share(SEND_QUEUE_LEN_MAX)
    }

    /// Bytes that may wait for one neighbour: a part of what is left for all, so that however many
    /// are slow there is room for one more.
    fn limit(&self) -> usize {
        let left = SEND_QUEUES_LEN_MAX.saturating_sub(self.len_bytes);
        (left / 4).clamp(SEND_QUEUE_LEN_MIN, SEND_QUEUE_LEN_MAX)
    }

    /// Queues, and messages, for which memory is kept: as many as a message goes to when it goes to
    /// many.
    fn spare_max(&self) -> usize {
        (self.count / 2).clamp(1, SPARE_MAX)
    }

    /// Sees to what follows when less waits than before: calm, and memory given back.
    fn settle(&mut self, slot: Slot) {
        let (calm_len, spare_max) = (self.limit() / 4, self.spare_max());
        let Some(store) = &mut self.store else { return };
        let Some(place) = self.queues.get_mut(slot) else { return };
        let Some(queue) = place else { return };
        let len_bytes = queue.len_bytes();
        let recovered = queue.congested_since.take_if(|_| len_bytes <= calm_len);
        if len_bytes == 0
            && let Some(mut queue) = place.take()
        {
            queue.renew();
            store.spare.truncate(spare_max.saturating_sub(1));
            store.spare.push(queue);
        }
        if let Some(since) = recovered {
            store.congested.remove(&(since, slot));
            store.tell(slot, Flow::Calm);
        }
        if store.pool.is_wasteful(self.count, spare_max) {
            self.repack();
        }
    }

    /// Moves what waits into a pool that is as large as it has to be.
    fn repack(&mut self) {
        let Some(store) = &mut self.store else { return };
        let mut fresh = store.pool.fresh();
        for (_, queue) in self.queues.iter_mut() {
            if let Some(queue) = queue {
                queue.hand_over(&mut store.pool, &mut fresh);
            }
        }
        store.pool = fresh;
    }
}

impl Store {
    /// Notes a change, unless it takes back one that nobody has asked for yet.
    fn tell(&mut self, slot: Slot, flow: Flow) {
        let told = self.changes.len();
        self.changes.retain(|(other, _)| *other != slot);
        if self.changes.len() == told {
            self.changes.push_back((slot, flow));
        }
    }
}
