//! Query tables of many neighbours, asked all at once.
//!
//! A query is not held against one table after the other. For each word we look up which tables
//! have it, and count for all tables at the same time how many words they have:
//!
//! ```text
//! rows     tables with few slots set:   table 3 has slot 17, table 9 has slot 17, ...
//! blocks   tables with many slots set:  for each slot 64 bits, one for each of 64 tables
//! alone    too few of those for a block: for each table one bit a slot
//! ```
//!
//! Memory: a table with few slots set takes about ten bytes for each of them, one with many an
//! eighth of a byte for each slot that it has, and never more than 16 KiB.

mod asking;
mod block;
mod rows;
mod shelf;
mod table;
mod tally;

use super::bit_table::BitTable;
use crate::base::limits::QUERY_TABLES_MAX;
use shelf::{Place, Shelf};
use table::{Home, Table};
use tally::Counts;

/// The number of a table in [`BitTables`]: small, and given again once it is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column(u16);

impl Column {
    /// As an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The tables of many neighbours.
#[derive(Clone, Debug, Default)]
pub struct BitTables {
    tables: Vec<Option<Table>>,
    /// Numbers of tables that are gone, the last one last.
    free: Vec<u16>,
    /// One for each size of table that has a slot set.
    shelves: Vec<Shelf>,
    /// For counting, kept for its memory.
    counts: Counts,
}

impl BitTables {
    /// No tables.
    pub const fn new() -> Self {
        Self { tables: Vec::new(), free: Vec::new(), shelves: Vec::new(), counts: Counts::new() }
    }

    /// Takes in an empty table of `2^bits` slots. None where there are too many tables.
    pub fn insert(&mut self, bits: u32) -> Option<Column> {
        if self.free.is_empty() && self.tables.len() >= QUERY_TABLES_MAX {
            return None;
        }
        let number = match self.free.pop() {
            Some(number) => number,
            None => u16::try_from(self.tables.len()).ok()?,
        };
        let table = Some(Table::new(bits));
        match self.tables.get_mut(usize::from(number)) {
            Some(place) => *place = table,
            None => self.tables.push(table),
        }
        Some(Column(number))
    }

    /// Forgets a table.
    pub fn remove(&mut self, column: Column) {
        self.empty(column);
        if self.tables.get_mut(column.index()).and_then(Option::take).is_some() {
            self.free.push(column.0);
        }
        if self.len().saturating_mul(4) < self.tables.len() {
            self.give_back();
        }
    }

    /// Empties a table, which has `2^bits` slots from now on.
    pub fn reset(&mut self, column: Column, bits: u32) {
        self.empty(column);
        if let Some(table) = table_mut(&mut self.tables, column) {
            *table = Table::new(bits);
        }
    }

    /// Sets a slot of a table. False when it was set, or is none of the table.
    pub fn set(&mut self, column: Column, slot: u32) -> bool {
        let tables = self.tables.len();
        let Some(table) = table_mut(&mut self.tables, column) else { return false };
        if slot >= table.slots() {
            return false;
        }
        let Some(shelf) = shelf_of(&mut self.shelves, table.bits) else { return false };
        let is_new = match &mut table.home {
            Home::Rows(own) => {
                let is_new = own.set(slot);
                if is_new {
                    shelf.rows.insert(slot, column.0, tables);
                }
                is_new
            }
            Home::Full(place) => shelf.write(*place, slot, true),
        };
        table.len = table.len.saturating_add(u32::from(is_new));
        if table.is_full() {
            self.fill_up(column);
        }
        is_new
    }

    /// Clears a slot of a table. False when it was not set.
    pub fn clear(&mut self, column: Column, slot: u32) -> bool {
        let tables = self.tables.len();
        let Some(table) = table_mut(&mut self.tables, column) else { return false };
        let Some(shelf) = shelf_of(&mut self.shelves, table.bits) else { return false };
        let was_set = match &mut table.home {
            Home::Rows(own) => {
                let was_set = own.clear(slot);
                if was_set {
                    shelf.rows.remove(slot, column.0, tables);
                }
                was_set
            }
            Home::Full(place) => shelf.write(*place, slot, false),
        };
        table.len = table.len.saturating_sub(u32::from(was_set));
        if table.is_thin() {
            self.thin_out(column);
        }
        was_set
    }

    /// Gives back memory that a table does not need while it does not change.
    pub fn shrink(&mut self, column: Column) {
        if let Some(Table { home: Home::Rows(own), .. }) = table_mut(&mut self.tables, column) {
            own.shrink();
        }
    }

    /// Whether a slot of a table is set.
    pub fn contains(&self, column: Column, slot: u32) -> bool {
        let Some(table) = self.table(column) else { return false };
        match &table.home {
            Home::Rows(own) => own.contains(slot),
            Home::Full(place) => {
                self.shelf(table.bits).is_some_and(|shelf| shelf.contains(*place, slot))
            }
        }
    }

    /// How many slots of a table are set, and how many there are.
    pub fn fill(&self, column: Column) -> (u32, u32) {
        self.table(column).map_or((0, 0), |table| (table.len, table.slots()))
    }

    /// The numbers of all tables, ascending.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        let numbered = (0..).zip(&self.tables);
        numbered.filter(|(_, table)| table.is_some()).map(|(number, _)| Column(number))
    }

    /// How many tables there are.
    pub fn len(&self) -> usize {
        self.tables.len().saturating_sub(self.free.len())
    }

    /// True when there are no tables.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory beside the value itself.
    pub fn footprint_len(&self) -> usize {
        let own = self.tables.iter().flatten().map(|table| match &table.home {
            Home::Rows(own) => own.footprint_len(),
            Home::Full(_) => 0,
        });
        let shelves = self.shelves.iter().map(Shelf::footprint_len);
        let lists = [
            self.tables.capacity().saturating_mul(size_of::<Option<Table>>()),
            self.free.capacity().saturating_mul(2),
            self.shelves.capacity().saturating_mul(size_of::<Shelf>()),
            self.counts.footprint_len(),
        ];
        own.chain(shelves).chain(lists).fold(0, usize::saturating_add)
    }

    fn table(&self, column: Column) -> Option<&Table> {
        self.tables.get(column.index())?.as_ref()
    }

    fn shelf(&self, bits: u32) -> Option<&Shelf> {
        self.shelves.iter().find(|shelf| shelf.bits == bits)
    }

    /// Gives up numbers at the end that nobody has, and what is kept for them.
    fn give_back(&mut self) {
        while self.tables.pop_if(|table| table.is_none()).is_some() {}
        let len = self.tables.len();
        self.free.retain(|number| usize::from(*number) < len);
        self.tables.shrink_to(len.saturating_mul(2));
        self.free.shrink_to(len);
        self.counts = Counts::new();
    }

    /// Takes a table out of wherever its slots are.
    fn empty(&mut self, column: Column) {
        let tables = self.tables.len();
        let Some(table) = table_mut(&mut self.tables, column) else { return };
        let Table { bits, home, .. } = std::mem::replace(table, Table::new(table.bits));
        let Some(shelf) = shelf_of(&mut self.shelves, bits) else { return };
        match home {
            Home::Rows(own) => {
                own.iter().for_each(|slot| shelf.rows.remove(slot, column.0, tables));
            }
            Home::Full(place) => {
                shelf.remove(place, |moved, place| move_to(&mut self.tables, moved, place));
            }
        }
        self.shelves.retain(|shelf| !shelf.is_empty());
        if self.shelves.is_empty() {
            self.shelves = Vec::new();
        }
    }

    /// Takes a table out of the rows.
    fn fill_up(&mut self, column: Column) {
        let tables = self.tables.len();
        let Some(table) = table_mut(&mut self.tables, column) else { return };
        let Home::Rows(own) = &table.home else { return };
        let Some(shelf) = shelf_of(&mut self.shelves, table.bits) else { return };
        own.iter().for_each(|slot| shelf.rows.remove(slot, column.0, tables));
        let bits = own.to_bits();
        shelf.insert(column, bits, |moved, place| move_to(&mut self.tables, moved, place));
    }

    /// Puts a table into the rows.
    fn thin_out(&mut self, column: Column) {
        let tables = self.tables.len();
        let Some(Table { bits, home: Home::Full(place), .. }) = self.table(column) else { return };
        let (bits, place) = (*bits, *place);
        let Some(shelf) = shelf_of(&mut self.shelves, bits) else { return };
        let mut own = BitTable::new(bits);
        shelf.slots(place).into_iter().for_each(|slot| _ = own.set(slot));
        shelf.remove(place, |moved, place| move_to(&mut self.tables, moved, place));
        own.iter().for_each(|slot| shelf.rows.insert(slot, column.0, tables));
        if let Some(table) = table_mut(&mut self.tables, column) {
            table.home = Home::Rows(own);
        }
    }
}

fn table_mut(tables: &mut [Option<Table>], column: Column) -> Option<&mut Table> {
    tables.get_mut(column.index())?.as_mut()
}

/// Notes where a full table is now.
fn move_to(tables: &mut [Option<Table>], moved: Column, place: Place) {
    if let Some(table) = table_mut(tables, moved) {
        table.home = Home::Full(place);
    }
}

/// The shelf for tables of `2^bits` slots.
fn shelf_of(shelves: &mut Vec<Shelf>, bits: u32) -> Option<&mut Shelf> {
    let place = shelves.partition_point(|shelf| shelf.bits < bits);
    if shelves.get(place).is_none_or(|shelf| shelf.bits != bits) {
        shelves.insert(place, Shelf::new(bits));
    }
    shelves.get_mut(place)
}
