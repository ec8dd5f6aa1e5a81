use std::sync::Arc;

use super::own_words::OwnWords;
use crate::base::limits::{
    QUERY_TABLE_KEPT_SLOTS_MAX, QUERY_TABLE_MERGE_EVERY_MS, QUERY_TABLE_MERGED_SLOTS,
    QUERY_TABLE_REBUILD_EVERY_MS,
};
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
///
/// New words are taken in soon, and words that are gone stay until the table is made from nothing
/// (QRP-40): who changes its words over and over shall not make us send both ways each time.
#[derive(Debug)]
pub(super) struct OwnTable {
    bits_min: u32,
    words: OwnWords,
    /// The words of files of which we have parts.
    parts: Option<Box<OwnWords>>,
    table: Arc<BitTable>,
    /// There may be other words than at the last time.
    has_changed: bool,
    /// The table holds what nobody has any more, or has another size than it needs.
    is_outdated: bool,
    /// When the table was looked through last.
    built: Option<Time>,
    /// When the table was last made from nothing.
    rebuilt: Time,
}

impl OwnTable {
    /// Nothing; later at least `2^bits` slots.
    pub(super) fn new(bits_min: u32) -> Self {
        Self {
            bits_min: bits_min.clamp(EMPTY_BITS, BITS_MAX),
            words: OwnWords::new(),
            parts: None,
            table: Arc::new(BitTable::new(EMPTY_BITS)),
            has_changed: false,
            is_outdated: false,
            built: None,
            rebuilt: Time::ZERO,
        }
    }

    /// These are our own words from now on.
    pub(super) fn offer(&mut self, words: OwnWords) {
        self.words = words;
        self.has_changed = true;
    }

    /// These are the words of files of which we have parts, from now on (QRP-42).
    pub(super) fn offer_parts(&mut self, words: Option<OwnWords>) {
        self.parts = words.map(Box::new);
        self.has_changed = true;
    }

    /// A leaf has other words.
    pub(super) const fn leaves_changed(&mut self) {
        self.has_changed = true;
    }

    /// When there will be another table.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let soon = self.built.map_or(Time::ZERO, |at| at.after_ms(QUERY_TABLE_MERGE_EVERY_MS));
        if self.has_changed {
            return Some(soon);
        }
        self.is_outdated.then(|| soon.max(self.rebuild_due()))
    }

    /// The table as it is to be now.
    pub(super) fn current(
        &mut self,
        now: Time,
        leaves: &BitTables,
        is_merged: impl Fn(Column) -> bool,
    ) -> Arc<BitTable> {
        if self.next_timeout().is_some_and(|due| due <= now) {
            let table = self.renew(now, leaves, &lightest_first(leaves, is_merged));
            // Whoever has it already must not get it again.
            if table != *self.table {
                self.table = Arc::new(table);
            }
            self.has_changed = false;
            self.built = Some(now);
        }
        Arc::clone(&self.table)
    }

    fn rebuild_due(&self) -> Time {
        self.rebuilt.after_ms(QUERY_TABLE_REBUILD_EVERY_MS)
    }

    /// The table from nothing where it is time, or where everybody needs a whole one anyway;
    /// otherwise the table as it was, and what is new.
    fn renew(&mut self, now: Time, leaves: &BitTables, columns: &[Column]) -> BitTable {
        let fresh = self.build(leaves, columns);
        let is_due = self.built.is_none() || self.rebuild_due() <= now;
        if is_due || self.table.is_empty() || fresh.bits() > self.table.bits() {
            (self.rebuilt, self.is_outdated) = (now, false);
            return fresh;
        }
        let mut table = self.fill((*self.table).clone(), leaves, columns);
        table.shrink();
        self.is_outdated = table != fresh;
        table
    }

    fn build(&self, leaves: &BitTables, columns: &[Column]) -> BitTable {
        let of_leaves = columns.iter().map(|&column| leaves.fill(column).0);
        let of_leaves = of_leaves.fold(0, u32::saturating_add);
        let of_parts = self.parts.as_ref().map_or(0, |parts| parts.count());
        let words = self.words.count().saturating_add(of_parts).saturating_add(of_leaves);
        if words == 0 {
            return BitTable::new(EMPTY_BITS);
        }
        let table = BitTable::new(self.bits_for(words).max(self.table.bits()));
        let mut table = self.fill(table, leaves, columns);
        self.fold(&mut table);
        table.shrink();
        table
    }

    /// Takes in our words, and those of leaves as far as there is room for them (QRP-39).
    fn fill(&self, mut table: BitTable, leaves: &BitTables, columns: &[Column]) -> BitTable {
        let mut own = BitTable::new(table.bits());
        own.merge(self.words.table());
        if let Some(parts) = &self.parts {
            own.merge(parts.table());
        }
        table.merge(&own);
        let room = table.slots().checked_div(QUERY_TABLE_MERGED_SLOTS).unwrap_or(0);
        take_in(&table, own.len().saturating_add(room), leaves, columns)
    }

    /// Makes the table smaller if the words, of which many may be the same, leave it emptier than
    /// it needs to be. One that could be half as large stays: another size is another table for
    /// everybody.
    fn fold(&self, table: &mut BitTable) {
        let needed = self.bits_for(table.len());
        let present = self.table.bits();
        let wanted = if needed.saturating_add(1) == present { present } else { needed };
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

/// The tables that have anything in them, those first that fill the least of a table.
fn lightest_first(leaves: &BitTables, is_merged: impl Fn(Column) -> bool) -> Vec<Column> {
    let weight = |column: &Column| {
        let (set, slots) = leaves.fill(*column);
        let fold = QUERY_TABLE_KEPT_SLOTS_MAX.checked_div(slots).unwrap_or(0);
        set.saturating_mul(fold)
    };
    let chosen = leaves.columns().filter(|column| is_merged(*column) && weight(column) > 0);
    let mut columns: Vec<Column> = chosen.collect();
    columns.sort_by_key(weight);
    columns
}

/// The table and the first of the others: as many as leave no more than so many slots set.
fn take_in(table: &BitTable, set_max: u32, leaves: &BitTables, columns: &[Column]) -> BitTable {
    let with = |count: usize| {
        let mut chosen = Vec::new();
        for column in columns.iter().take(count) {
            let len = chosen.len().max(column.index().saturating_add(1));
            chosen.resize(len, false);
            chosen.get_mut(column.index()).into_iter().for_each(|place| *place = true);
        }
        let mut table = table.clone();
        let is_chosen = |column: Column| chosen.get(column.index()).is_some_and(|&is| is);
        leaves.merge_into(&mut table, is_chosen);
        table
    };
    let all = with(columns.len());
    if all.len() <= set_max {
        return all;
    }
    // Each one more makes it fuller, or leaves it as it is: so many fit, and so many do not.
    let (mut fit, mut too_many) = ((0, table.clone()), columns.len());
    while too_many.saturating_sub(fit.0) > 1 {
        let count = fit.0.midpoint(too_many);
        let table = with(count);
        if table.len() <= set_max {
            fit = (count, table);
        } else {
            too_many = count;
        }
    }
    fit.1
}
