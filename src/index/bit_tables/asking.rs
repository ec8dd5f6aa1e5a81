use super::table::{Home, Table};
use super::{BitTables, Column};
use crate::index::bit_table::{BitTable, Probe, none_of, ones, slot_of, write};

/// What all tables are asked at once.
impl BitTables {
    /// Whether one table has what a query asks for.
    pub fn matches(&self, column: Column, probe: &Probe<'_>) -> bool {
        let bits = self.table(column).map_or(0, |table| table.bits);
        probe.is_met_by(|hash| self.contains(column, slot_of(hash, bits)))
    }

    /// Appends the tables that have what a query asks for, in an order that is the same each time.
    pub fn matching(&mut self, probe: &Probe<'_>, found: &mut Vec<Column>) {
        let Self { tables, shelves, counts, .. } = self;
        if shelves.iter().any(|shelf| !shelf.rows.is_empty()) {
            let width = tables.len().div_ceil(64);
            counts.begin(probe, width);
            for shelf in &*shelves {
                counts
                    .each(probe, |hash, tally| shelf.rows.count(slot_of(hash, shelf.bits), tally));
            }
            (0_u16..).take(width).for_each(|index| push(index, counts.enough(index.into()), found));
        }
        for shelf in &*shelves {
            shelf.matching(probe, counts, found);
        }
    }

    /// Sets in `merged` what the chosen tables hold.
    pub fn merge_into(&self, merged: &mut BitTable, chosen: impl Fn(Column) -> bool) {
        for shelf in &self.shelves {
            let mut bits = none_of(1_u32.wrapping_shl(shelf.bits));
            for (number, table) in (0..).zip(&self.tables) {
                if let Some(Table { home: Home::Rows(own), .. }) = table
                    && own.bits() == shelf.bits
                    && chosen(Column(number))
                {
                    own.iter().for_each(|slot| _ = write(&mut bits, slot, true));
                }
            }
            shelf.merge_into(&mut bits, &chosen);
            merged.merge_bits(&bits, shelf.bits);
        }
    }
}

/// Appends the columns, of 64, whose bits are set.
fn push(index: u16, bits: u64, found: &mut Vec<Column>) {
    found.reserve(bits.count_ones() as usize);
    for bit in ones(bits) {
        found.push(Column(index.wrapping_shl(6) | u16::try_from(bit).unwrap_or(0)));
    }
}
