use std::sync::Arc;

use super::QueryWords;
use super::incoming::Incoming;
use crate::base::error::Fault;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::QueryTable;
use crate::index::bit_table::BitTable;
use crate::index::bit_tables::{BitTables, Column};

/// The query tables that neighbours sent, and the one that we send.
#[derive(Debug)]
pub struct QueryTables {
    bits: u32,
    neighbours: Vec<Option<Neighbour>>,
    leaves: BitTables,
    by_column: Vec<Slot>,
    found: Vec<Column>,
    own: Vec<u32>,
    merged: Arc<BitTable>,
    has_changed: bool,
}

#[derive(Debug)]
struct Neighbour {
    slot: Slot,
    is_leaf: bool,
    kept: Option<Kept>,
    incoming: Incoming,
}

#[derive(Debug)]
enum Kept {
    Column(Column),
    Table(Box<BitTable>),
}

impl QueryTables {
    /// No tables. Ours has at least `2^bits` slots; 16 is usual.
    pub fn new(bits: u32) -> Self {
        Self {
            bits,
            neighbours: Vec::new(),
            leaves: BitTables::new(),
            by_column: Vec::new(),
            found: Vec::new(),
            own: Vec::new(),
            merged: Arc::new(BitTable::new(bits)),
            has_changed: false,
        }
    }

    /// A neighbour is there.
    pub fn open(&mut self, slot: Slot, is_leaf: bool) {
        let index = slot.index();
        if self.neighbours.len() <= index {
            self.neighbours.resize_with(index.saturating_add(1), || None);
        }
        if let Some(place) = self.neighbours.get_mut(index) {
            *place = Some(Neighbour { slot, is_leaf, kept: None, incoming: Incoming::new() });
        }
    }

    /// A neighbour is gone.
    pub fn close(&mut self, slot: Slot) {
        let gone = self.neighbours.get_mut(slot.index()).and_then(Option::take);
        if let Some(Neighbour { kept: Some(Kept::Column(column)), .. }) = gone {
            self.leaves.remove(column);
            self.has_changed = true;
        }
    }

    /// Takes a message about a neighbour's table. True when the table is whole.
    pub fn receive(&mut self, slot: Slot, message: &QueryTable, now: Time) -> Result<bool, Fault> {
        let _ = now;
        let neighbour = self.neighbours.get_mut(slot.index()).and_then(Option::as_mut);
        let Some(neighbour) = neighbour.filter(|neighbour| neighbour.slot == slot) else {
            return Ok(false);
        };
        if let QueryTable::Reset(reset) = message {
            let bits = reset.slots.trailing_zeros();
            match &mut neighbour.kept {
                Some(Kept::Column(column)) => self.leaves.reset(*column, bits),
                Some(Kept::Table(table)) => **table = BitTable::new(bits),
                None if neighbour.is_leaf => {
                    if let Some(column) = self.leaves.insert(bits) {
                        if self.by_column.len() <= column.index() {
                            self.by_column.resize(column.index().saturating_add(1), slot);
                        }
                        if let Some(place) = self.by_column.get_mut(column.index()) {
                            *place = slot;
                        }
                        neighbour.kept = Some(Kept::Column(column));
                    }
                }
                None => neighbour.kept = Some(Kept::Table(Box::new(BitTable::new(bits)))),
            }
            self.has_changed |= neighbour.is_leaf;
        }
        let leaves = &mut self.leaves;
        let Neighbour { kept, incoming, is_leaf, .. } = neighbour;
        self.has_changed |= *is_leaf;
        incoming.receive(message, |slot, change| match kept {
            Some(Kept::Column(column)) => {
                if change.applied(leaves.contains(*column, slot)) {
                    leaves.set(*column, slot);
                } else {
                    leaves.clear(*column, slot);
                }
            }
            Some(Kept::Table(table)) => {
                if change.applied(table.contains(slot)) {
                    table.set(slot);
                } else {
                    table.clear(slot);
                }
            }
            None => {}
        })
    }

    /// Appends the leaves that may have answers, in an order that is the same each time; those whose
    /// tables are so full that they would get nearly everything apart, as far as their budget allows.
    pub fn leaves_matching(
        &mut self,
        words: &QueryWords,
        now: Time,
        ordinary: &mut Vec<Slot>,
        saturated: &mut Vec<Slot>,
    ) {
        let _ = now;
        self.found.clear();
        self.leaves.matching(&words.probe(), &mut self.found);
        for column in &self.found {
            let (set, slots) = self.leaves.fill(*column);
            let Some(slot) = self.by_column.get(column.index()) else { continue };
            let is_saturated = set.saturating_mul(10) > slots;
            if is_saturated { &mut *saturated } else { &mut *ordinary }.push(*slot);
        }
    }

    /// Whether there is anything in a neighbour's table. None if it never sent one.
    pub fn has_words(&self, slot: Slot) -> Option<bool> {
        let neighbour = self.neighbours.get(slot.index())?.as_ref()?;
        match neighbour.kept.as_ref().filter(|_| neighbour.slot == slot)? {
            Kept::Table(table) => Some(table.iter().next().is_some()),
            Kept::Column(column) => Some(self.leaves.fill(*column).0 > 0),
        }
    }

    /// Whether an ultrapeer, or one of its leaves, may have answers. None if it never sent a table.
    pub fn ultrapeer_matches(&self, slot: Slot, words: &QueryWords) -> Option<bool> {
        let neighbour = self.neighbours.get(slot.index())?.as_ref()?;
        match neighbour.kept.as_ref().filter(|_| neighbour.slot == slot)? {
            Kept::Table(table) => Some(table.matches(&words.probe())),
            Kept::Column(column) => Some(self.leaves.matches(*column, &words.probe())),
        }
    }

    /// Takes the hashes, of 32 bits, of the words by which our own files are found.
    pub fn offer(&mut self, hashes: Vec<u32>) {
        self.own = hashes;
        self.has_changed = true;
    }

    /// The table that we send: our own words and those of our leaves.
    pub fn merged(&mut self, now: Time) -> Arc<BitTable> {
        let _ = now;
        if self.has_changed {
            let mut merged = BitTable::new(self.bits);
            self.own.iter().for_each(|&hash| _ = merged.set_hash(hash));
            let leaves = &self.leaves;
            leaves.merge_into(&mut merged, |column| {
                let (set, slots) = leaves.fill(column);
                set.saturating_mul(10) <= slots
            });
            self.merged = Arc::new(merged);
            self.has_changed = false;
        }
        Arc::clone(&self.merged)
    }

    /// When the table that we send may be another one.
    pub fn next_timeout(&self) -> Option<Time> {
        self.has_changed.then_some(Time::ZERO)
    }
}
