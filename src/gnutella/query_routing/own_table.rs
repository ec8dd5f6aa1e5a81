use std::sync::Arc;

use crate::base::limits::{QUERY_TABLE_KEPT_SLOTS_MAX, QUERY_TABLE_MERGE_EVERY_MS};
use crate::base::time::Time;
use crate::index::bit_table::BitTable;
use crate::index::bit_tables::{BitTables, Column};

/// Slots, as a power of two, of the table of somebody who has nothing (QRP-23).
const EMPTY_BITS: u32 = 3;

const BITS_MAX: u32 = QUERY_TABLE_KEPT_SLOTS_MAX.trailing_zeros();

/// A table should have so many slots for each that is set, as far as that is possible: fewer, and
/// it lets through too much of what nobody can answer.
const SLOTS_PER_WORD: u32 = 64;

/// The table that we send: the words of our files, and those of our leaves.
#[derive(Debug)]
pub(super) struct OwnTable {
    bits_min: u32,
    hashes: Box<[u32]>,
    table: Arc<BitTable>,
    has_changed: bool,
    built: Option<Time>,
}

impl OwnTable {
    /// Nothing; later at least `2^bits` slots.
    pub(super) fn new(bits_min: u32) -> Self {
        Self {
            bits_min: bits_min.clamp(EMPTY_BITS, BITS_MAX),
            hashes: Box::default(),
            table: Arc::new(BitTable::new(EMPTY_BITS)),
            has_changed: false,
            built: None,
        }
    }

    /// These are our own words from now on.
    pub(super) fn offer(&mut self, hashes: Vec<u32>) {
        self.hashes = hashes.into();
        self.has_changed = true;
    }

    /// A leaf has other words.
    pub(super) const fn leaves_changed(&mut self) {
        self.has_changed = true;
    }

    /// When there will be another table.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let due = self.built.map_or(Time::ZERO, |at| at.after_ms(QUERY_TABLE_MERGE_EVERY_MS));
        self.has_changed.then_some(due)
    }

    /// The table as it is to be now.
    pub(super) fn current(
        &mut self,
        now: Time,
        leaves: &BitTables,
        is_merged: impl Fn(Column) -> bool,
    ) -> Arc<BitTable> {
        if self.next_timeout().is_some_and(|due| due <= now) {
            let table = self.build(leaves, is_merged);
            // Whoever has it already must not get it again.
            if table != *self.table {
                self.table = Arc::new(table);
            }
            self.has_changed = false;
            self.built = Some(now);
        }
        Arc::clone(&self.table)
    }

    fn build(&self, leaves: &BitTables, is_merged: impl Fn(Column) -> bool) -> BitTable {
        let of_leaves = leaves.columns().filter(|column| is_merged(*column));
        let of_leaves =
            of_leaves.fold(0, |sum: u32, column| sum.saturating_add(leaves.fill(column).0));
        let words = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX).saturating_add(of_leaves);
        if words == 0 {
            return BitTable::new(EMPTY_BITS);
        }
        let mut table = BitTable::new(self.bits_for(words).max(self.table.bits()));
        self.hashes.iter().for_each(|&hash| _ = table.set_hash(hash));
        leaves.merge_into(&mut table, is_merged);
        self.fold(&mut table);
        table.shrink();
        table
    }

    /// Makes the table smaller if the words, of which many may be the same, leave it emptier than
    /// it needs to be. One that could be half as large stays: another size is another table for
    /// everybody.
    fn fold(&self, table: &mut BitTable) {
        let wanted = self.bits_for(table.len());
        if wanted.saturating_add(1) == self.table.bits() {
            return;
        }
        while table.bits() > wanted {
            let mut half = BitTable::new(table.bits().saturating_sub(1));
            half.merge(table);
            *table = half;
        }
    }

    fn bits_for(&self, words: u32) -> u32 {
        let is_enough = |bits: &u32| 1_u32.wrapping_shl(*bits) / SLOTS_PER_WORD >= words;
        (self.bits_min..BITS_MAX).find(is_enough).unwrap_or(BITS_MAX)
    }
}
