use std::collections::BTreeMap;

use bytes::Bytes;

use crate::base::error::Fault;
use crate::base::limits::QUERY_TABLE_SEQUENCES_MAX;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::QueryTable;
use crate::gnutella::wire::query_table::{Change, Receiver, Reset};

/// Patches of which some pieces have come and others not.
///
/// A receiver is held only while more pieces are to come: with its inflater it is large, and most
/// patches are one piece.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    open: BTreeMap<Slot, Open>,
}

#[derive(Debug)]
struct Open {
    receiver: Box<Receiver>,
    /// When the first piece came.
    begun: Time,
}

/// What came of a piece.
#[derive(Debug)]
pub(super) struct Received {
    /// The patch has come to its end.
    pub(super) is_whole: bool,
    /// Whose unfinished patch was given up to make room.
    pub(super) evicted: Option<Slot>,
}

impl Incoming {
    /// Forgets what a neighbour has begun.
    pub(super) fn forget(&mut self, slot: Slot) {
        self.take(slot);
    }

    /// True when all that was begun is whole.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// True while pieces of a neighbour's patch are to come.
    pub(super) fn is_open(&self, slot: Slot) -> bool {
        self.open.contains_key(&slot)
    }

    /// Takes a piece for a table of so many slots, none where there was no reset. `change` is
    /// called for each slot that changes.
    pub(super) fn receive(
        &mut self,
        slot: Slot,
        slots: Option<u32>,
        patch: &QueryTable,
        now: Time,
        change: impl FnMut(u32, Change),
    ) -> Result<Received, Fault> {
        let fresh = || Open { receiver: receiver_of(slots), begun: now };
        let mut open = self.take(slot).unwrap_or_else(fresh);
        let is_whole = open.receiver.receive(patch, change)?;
        if is_whole {
            return Ok(Received { is_whole, evicted: None });
        }
        let evicted = self.make_room();
        self.open.insert(slot, open);
        Ok(Received { is_whole, evicted })
    }

    /// Gives up the patch that has begun first, if there are too many: those of real programs are whole
    /// within seconds, and pieces that trickle in keep none of them here.
    fn make_room(&mut self) -> Option<Slot> {
        if self.open.len() < QUERY_TABLE_SEQUENCES_MAX {
            return None;
        }
        let (oldest, _) = self.open.iter().min_by_key(|(slot, open)| (open.begun, **slot))?;
        let oldest = *oldest;
        self.take(oldest);
        Some(oldest)
    }

    fn take(&mut self, slot: Slot) -> Option<Open> {
        let open = self.open.remove(&slot)?;
        if self.open.is_empty() {
            // An empty map keeps memory.
            self.open = BTreeMap::new();
        }
        Some(open)
    }
}

/// A receiver as it is after a reset that was fine.
fn receiver_of(slots: Option<u32>) -> Box<Receiver> {
    let mut receiver = Box::new(Receiver::new());
    if let Some(slots) = slots {
        let reset = QueryTable::Reset(Reset { slots, infinity: 1, rest: Bytes::new() });
        let received = receiver.receive(&reset, |_, _| {});
        debug_assert!(received.is_ok(), "the reset was checked when it came");
    }
    receiver
}
