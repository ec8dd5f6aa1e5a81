use std::sync::Arc;

use super::incoming::Incoming;
use super::leaves::Leaves;
use super::neighbour::{Neighbour, Table};
use super::own_table::OwnTable;
use super::own_words::OwnWords;
use super::query_words::QueryWords;
use crate::base::by_slot::BySlot;
use crate::base::error::{Fault, Misbehaved, Rule};
use crate::base::limits::QUERY_TABLE_STEP_SLOTS;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::QueryTable;
use crate::gnutella::wire::query_table::Reset;
use crate::index::bit_table::BitTable;

const TOO_OFTEN: Misbehaved =
    Misbehaved { rule: Rule::new("QRP-37"), what: "the table is sent over and over" };

/// The query tables that neighbours sent, and the one that we send.
///
/// Changes hold as they come: a table of which pieces are missing is used as far as it is there.
#[derive(Debug)]
pub struct QueryTables {
    neighbours: BySlot<Neighbour>,
    /// There once a neighbour has sent something.
    received: Option<Box<Received>>,
    own: OwnTable,
}

/// What neighbours have sent, beside what is known of each.
#[derive(Debug, Default)]
struct Received {
    leaves: Leaves,
    incoming: Incoming,
}

impl QueryTables {
    /// No tables. Ours has at least `2^bits` slots once it has words; 16 is usual.
    pub fn new(bits: u32) -> Self {
        Self { neighbours: BySlot::new(), received: None, own: OwnTable::new(bits) }
    }

    /// A neighbour is there.
    pub fn open(&mut self, slot: Slot, is_leaf: bool) {
        self.neighbours.insert(slot, Neighbour::new(is_leaf));
    }

    /// A neighbour is gone, and its table with it.
    pub fn close(&mut self, slot: Slot) {
        let gone = self.neighbours.remove(slot);
        let Some(received) = &mut self.received else { return };
        received.incoming.forget(slot);
        if let Some(Table::Leaf(column)) = table_of(gone.as_ref()) {
            received.leaves.remove(*column);
            self.own.leaves_changed();
        }
        self.received.take_if(|received| received.is_empty());
    }

    /// Takes a message about a neighbour's table. True when the table is whole.
    pub fn receive(&mut self, slot: Slot, message: &QueryTable, now: Time) -> Result<bool, Fault> {
        match message {
            QueryTable::Reset(reset) => self.reset(slot, reset, now).map(|()| false),
            QueryTable::Patch(_) => self.patch(slot, message, now),
        }
    }

    /// Appends the leaves that may have answers, in an order that is the same each time. Those
    /// whose tables let through nearly everything come apart, and only as far as their budget
    /// allows (QRP-38).
    pub fn leaves_matching(
        &mut self,
        words: &QueryWords,
        now: Time,
        ordinary: &mut Vec<Slot>,
        saturated: &mut Vec<Slot>,
    ) {
        if let Some(Received { leaves, .. }) = self.received.as_deref_mut() {
            leaves.matching(&words.probe(), now, ordinary, saturated);
        }
    }

    /// Whether there is anything in a neighbour's table. None if it never sent one.
    pub fn has_words(&self, slot: Slot) -> Option<bool> {
        self.fill(slot).map(|(set, _)| set > 0)
    }

    /// How many slots of a neighbour's table are set, and how many it has here.
    pub fn fill(&self, slot: Slot) -> Option<(u32, u32)> {
        match table_of(self.neighbours.get(slot))? {
            Table::None => None,
            Table::Leaf(column) => Some(self.leaves()?.tables().fill(*column)),
            Table::Ultrapeer(table) => Some((table.len(), table.slots())),
        }
    }

    /// A neighbour's table by itself, for whoever wants to look at it.
    pub fn table(&self, slot: Slot) -> Option<BitTable> {
        let (_, slots) = self.fill(slot)?;
        let mut table = BitTable::new(slots.trailing_zeros());
        match table_of(self.neighbours.get(slot))? {
            Table::None => return None,
            Table::Leaf(of) => {
                self.leaves()?.tables().merge_into(&mut table, |column| column == *of);
            }
            Table::Ultrapeer(own) => table.merge(own),
        }
        Some(table)
    }

    /// Whether an ultrapeer, or one of its leaves, may have answers. None if it never sent a table.
    pub fn ultrapeer_matches(&self, slot: Slot, words: &QueryWords) -> Option<bool> {
        match table_of(self.neighbours.get(slot))? {
            Table::None => None,
            Table::Leaf(column) => Some(self.leaves()?.tables().matches(*column, &words.probe())),
            Table::Ultrapeer(table) => Some(table.matches(&words.probe())),
        }
    }

    /// Takes the words by which our own files are found, or their hashes of 32 bits.
    pub fn offer(&mut self, words: impl Into<OwnWords>) {
        self.own.offer(words.into());
    }

    /// Takes the words by which files are found of which we have parts.
    pub fn offer_parts(&mut self, words: Option<OwnWords>) {
        self.own.offer_parts(words);
    }

    /// The table that we send: our own words and those of our leaves. It is made anew when one of
    /// them has changed, but not too often; as long as nothing has changed it is the same value.
    pub fn merged(&mut self, now: Time) -> Arc<BitTable> {
        let nobody = Leaves::new();
        let leaves = self.received.as_ref().map_or(&nobody, |received| &received.leaves);
        self.own.current(now, leaves.tables(), |column| !leaves.is_saturated(column))
    }

    /// When the table that we send will be another one.
    pub fn next_timeout(&self) -> Option<Time> {
        self.own.next_timeout()
    }

    fn leaves(&self) -> Option<&Leaves> {
        self.received.as_ref().map(|received| &received.leaves)
    }

    fn reset(&mut self, slot: Slot, reset: &Reset, now: Time) -> Result<(), Fault> {
        let Some(neighbour) = self.neighbours.get_mut(slot) else { return Ok(()) };
        reset.check()?;
        let (sent, received) = (neighbour.sends(), self.received.get_or_insert_default());
        if !sent.may_change(1, now) {
            return Err(TOO_OFTEN.into());
        }
        received.incoming.forget(slot);
        sent.reset(slot, reset.slots, &mut received.leaves, now);
        if sent.is_leaf {
            self.own.leaves_changed();
        }
        Ok(())
    }

    fn patch(&mut self, slot: Slot, patch: &QueryTable, now: Time) -> Result<bool, Fault> {
        let Self { neighbours, received, own } = self;
        let Received { leaves, incoming } = &mut **received.get_or_insert_default();
        let Some(neighbour) = neighbours.get_mut(slot) else { return Ok(false) };
        let sent = neighbour.sends();
        // That pieces are missing here is not its fault (QRP-36).
        if sent.is_stale {
            return Ok(false);
        }
        let slots = sent.slots;
        let steps = slots.unwrap_or(0).div_ceil(QUERY_TABLE_STEP_SLOTS);
        if !incoming.is_open(slot) && !sent.may_change(steps, now) {
            return Err(TOO_OFTEN.into());
        }
        let mut has_changed = false;
        let received = incoming.receive(slot, slots, patch, now, |slot, change| {
            has_changed |= sent.apply(slot, change, leaves);
        });
        if has_changed && sent.is_leaf {
            own.leaves_changed();
        }
        let received = received?;
        if received.is_whole {
            sent.shrink(leaves);
        }
        if let Some(evicted) = received.evicted.and_then(|slot| neighbours.get_mut(slot)) {
            evicted.sends().forget(leaves);
            own.leaves_changed();
        }
        Ok(received.is_whole)
    }
}

impl Received {
    fn is_empty(&self) -> bool {
        self.leaves.tables().is_empty() && self.incoming.is_empty()
    }
}

/// The table that a neighbour has sent, if it is there and has sent anything.
fn table_of(neighbour: Option<&Neighbour>) -> Option<&Table> {
    Some(&neighbour?.sent()?.table)
}
