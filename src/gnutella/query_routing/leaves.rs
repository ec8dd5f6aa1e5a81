use crate::base::limits::{
    QUERY_TABLE_SATURATED_SLOTS, SATURATED_LEAF_QUERIES, SATURATED_LEAVES_PER_QUERY_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::base::token_bucket::TokenBucket;
use crate::index::bit_table::Probe;
use crate::index::bit_tables::{BitTables, Column};

/// The tables of our leaves.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    tables: BitTables,
    /// By the numbers of their tables.
    leaves: Vec<Leaf>,
    /// How many leaves with saturated tables were looked at: whose turn it is.
    turn: usize,
    /// For looking up, kept for its memory.
    found: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Leaf {
    slot: Slot,
    /// Its table lets through so much that it says little.
    is_saturated: bool,
    /// Queries that it may get while its table is saturated.
    queries: TokenBucket,
}

impl Leaves {
    pub(super) const fn new() -> Self {
        Self { tables: BitTables::new(), leaves: Vec::new(), turn: 0, found: Vec::new() }
    }

    pub(super) const fn tables(&self) -> &BitTables {
        &self.tables
    }

    /// Takes in an empty table of `2^bits` slots, if there is room.
    pub(super) fn insert(&mut self, slot: Slot, bits: u32, now: Time) -> Option<Column> {
        let column = self.tables.insert(bits)?;
        let queries = TokenBucket::full(SATURATED_LEAF_QUERIES, now);
        let leaf = Leaf { slot, is_saturated: false, queries };
        match self.leaves.get_mut(column.index()) {
            Some(place) => *place = leaf,
            None => self.leaves.push(leaf),
        }
        Some(column)
    }

    pub(super) fn remove(&mut self, column: Column) {
        self.tables.remove(column);
        if self.tables.is_empty() {
            *self = Self::new();
        }
    }

    pub(super) fn reset(&mut self, column: Column, bits: u32) {
        self.tables.reset(column, bits);
        self.weigh(column);
    }

    pub(super) fn set(&mut self, column: Column, slot: u32) -> bool {
        let is_new = self.tables.set(column, slot);
        self.weigh(column);
        is_new
    }

    pub(super) fn clear(&mut self, column: Column, slot: u32) -> bool {
        let was_set = self.tables.clear(column, slot);
        self.weigh(column);
        was_set
    }

    pub(super) fn shrink(&mut self, column: Column) {
        self.tables.shrink(column);
    }

    pub(super) fn is_saturated(&self, column: Column) -> bool {
        self.leaves.get(column.index()).is_some_and(|leaf| leaf.is_saturated)
    }

    /// Appends the leaves whose tables have what is asked for.
    pub(super) fn matching(
        &mut self,
        probe: &Probe<'_>,
        now: Time,
        ordinary: &mut Vec<Slot>,
        saturated: &mut Vec<Slot>,
    ) {
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        self.tables.matching(probe, &mut found);
        found.retain(|&column| match self.leaves.get(column.index()) {
            Some(leaf) if !leaf.is_saturated => {
                ordinary.push(leaf.slot);
                false
            }
            _ => true,
        });
        self.serve_saturated(&found, now, saturated);
        self.found = found;
    }

    /// Lets a few of the leaves with saturated tables have a query, in turns, and each of them
    /// only so often (QRP-38).
    fn serve_saturated(&mut self, found: &[Column], now: Time, served: &mut Vec<Slot>) {
        let first = self.turn.checked_rem(found.len()).unwrap_or(0);
        let looked_at = found.len().min(SATURATED_LEAVES_PER_QUERY_MAX);
        for column in found.iter().cycle().skip(first).take(looked_at) {
            if let Some(leaf) = self.leaves.get_mut(column.index())
                && leaf.queries.take(SATURATED_LEAF_QUERIES, 1, now)
            {
                served.push(leaf.slot);
            }
        }
        self.turn = self.turn.wrapping_add(looked_at);
    }

    /// Notes whether a table that has changed is saturated now.
    fn weigh(&mut self, column: Column) {
        let (set, slots) = self.tables.fill(column);
        if let Some(leaf) = self.leaves.get_mut(column.index()) {
            leaf.is_saturated = set.saturating_mul(QUERY_TABLE_SATURATED_SLOTS) > slots;
        }
    }
}
