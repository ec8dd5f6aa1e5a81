use super::leaves::Leaves;
use crate::base::limits::{QUERY_TABLE_KEPT_SLOTS_MAX, QUERY_TABLE_STEPS};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::token_bucket::TokenBucket;
use crate::gnutella::wire::query_table::Change;
use crate::index::bit_table::BitTable;
use crate::index::bit_tables::Column;

/// A neighbour. Many never send a table.
#[derive(Debug)]
pub(super) struct Neighbour {
    is_leaf: bool,
    sent: Option<Box<Sent>>,
}

/// What is known of a neighbour's table.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) is_leaf: bool,
    /// A patch that it had begun was given up: nothing is known of its table until the next reset.
    pub(super) is_stale: bool,
    /// As the last reset said.
    pub(super) slots: Option<u32>,
    pub(super) table: Table,
    /// What it may still change; none as long as it changed nothing.
    steps: Option<TokenBucket>,
}

#[derive(Debug)]
pub(super) enum Table {
    /// It never sent one, or there was no room.
    None,
    Leaf(Column),
    Ultrapeer(Box<BitTable>),
}

impl Neighbour {
    pub(super) const fn new(is_leaf: bool) -> Self {
        Self { is_leaf, sent: None }
    }

    /// What it has sent, if it has.
    pub(super) fn sent(&self) -> Option<&Sent> {
        self.sent.as_deref()
    }

    /// What it sends from now on.
    pub(super) fn sends(&mut self) -> &mut Sent {
        self.sent.get_or_insert_with(|| Box::new(Sent::new(self.is_leaf)))
    }
}

impl Sent {
    const fn new(is_leaf: bool) -> Self {
        Self { is_leaf, is_stale: false, slots: None, table: Table::None, steps: None }
    }

    /// Whether it may change so much of its table now (QRP-37).
    pub(super) fn may_change(&mut self, steps: u32, now: Time) -> bool {
        let bucket = self.steps.get_or_insert(TokenBucket::full(QUERY_TABLE_STEPS, now));
        bucket.take(QUERY_TABLE_STEPS, steps, now)
    }

    /// Empties its table, which has so many slots from now on (QRP-12).
    pub(super) fn reset(&mut self, slot: Slot, slots: u32, leaves: &mut Leaves, now: Time) {
        self.is_stale = false;
        self.slots = Some(slots);
        let bits = slots.min(QUERY_TABLE_KEPT_SLOTS_MAX).trailing_zeros();
        match &mut self.table {
            Table::Leaf(_) if mutant!(KeepsWordsAtReset) => {}
            Table::Leaf(column) => leaves.reset(*column, bits),
            Table::Ultrapeer(table) => **table = BitTable::new(bits),
            Table::None if self.is_leaf => {
                let column = leaves.insert(slot, bits, now);
                self.table = column.map_or(Table::None, Table::Leaf);
            }
            Table::None => self.table = Table::Ultrapeer(Box::new(BitTable::new(bits))),
        }
    }

    /// Pieces of its table will be missing: what there is of it says nothing (QRP-36).
    pub(super) fn forget(&mut self, leaves: &mut Leaves) {
        if let Table::Leaf(column) = self.table {
            leaves.remove(column);
        }
        (self.table, self.is_stale) = (Table::None, true);
    }

    /// Changes a slot, as it is numbered in the table that was announced. False if that makes no
    /// difference.
    pub(super) fn apply(&mut self, slot: u32, change: Change, leaves: &mut Leaves) -> bool {
        let announced = self.slots.unwrap_or(0);
        let fold = announced.checked_div(QUERY_TABLE_KEPT_SLOTS_MAX).unwrap_or(0);
        let (slot, is_there) = if fold > 1 {
            // Several slots share one: while any of them may hold a word, it does. What the others
            // hold is not known, so a word stays until the next reset.
            match change {
                Change::Clear => return false,
                Change::Set | Change::Flip => (slot.checked_div(fold).unwrap_or(0), true),
            }
        } else {
            (slot, change.applied(matches!(change, Change::Flip) && self.contains(slot, leaves)))
        };
        match (&mut self.table, is_there) {
            (Table::None, _) => false,
            (Table::Leaf(column), true) => leaves.set(*column, slot),
            (Table::Leaf(_), false) if mutant!(TakesNoWordsBack) => false,
            (Table::Leaf(column), false) => leaves.clear(*column, slot),
            (Table::Ultrapeer(table), true) => table.set(slot),
            (Table::Ultrapeer(table), false) => table.clear(slot),
        }
    }

    /// Gives back memory that was needed while the table changed.
    pub(super) fn shrink(&mut self, leaves: &mut Leaves) {
        match &mut self.table {
            Table::None => {}
            Table::Leaf(column) => leaves.shrink(*column),
            Table::Ultrapeer(table) => table.shrink(),
        }
    }

    fn contains(&self, slot: u32, leaves: &Leaves) -> bool {
        match &self.table {
            Table::None => false,
            Table::Leaf(column) => leaves.tables().contains(*column, slot),
            Table::Ultrapeer(table) => table.contains(slot),
        }
    }
}
