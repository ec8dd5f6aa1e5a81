use super::Column;
use super::block::{Block, WIDTH};
use super::rows::Rows;
use super::tally::Counts;
use crate::index::bit_table::{self, Probe, has, slot_of, slots_of};

/// Full tables that stand alone before 64 of them are put side by side. A few are left over, so
/// that a table that goes, and another that comes, do not take a block apart and put it together
/// again.
const ALONE_MAX: usize = WIDTH + 8;

/// Where a full table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// By itself, at this index.
    Alone(u32),
    /// In the block of this index, at this place.
    Block(u32, u8),
}

/// All tables of one size.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    pub(super) bits: u32,
    /// Those with few slots set.
    pub(super) rows: Rows,
    /// Full ones that are too few for a block: numbers and bits.
    alone: Vec<(Column, Box<[u64]>)>,
    /// Full ones, always 64 of them side by side.
    blocks: Vec<Block>,
}

impl Shelf {
    pub(super) const fn new(bits: u32) -> Self {
        Self { bits, rows: Rows::new(bits), alone: Vec::new(), blocks: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.alone.is_empty() && self.blocks.is_empty()
    }

    /// Takes in a full table. `moved` is told where it, and others that had to move, are now.
    pub(super) fn insert(
        &mut self,
        table: Column,
        bits: Box<[u64]>,
        mut moved: impl FnMut(Column, Place),
    ) {
        moved(table, Place::Alone(as_index(self.alone.len())));
        self.alone.push((table, bits));
        if self.alone.len() < ALONE_MAX {
            return;
        }
        let parts = self.alone.split_off(self.alone.len().saturating_sub(WIDTH));
        let block = Block::new(1_u32.wrapping_shl(self.bits), &parts);
        let index = as_index(self.blocks.len());
        (0..).zip(&parts).for_each(|(place, (table, _))| moved(*table, Place::Block(index, place)));
        self.blocks.push(block);
    }

    /// Gives up a full table. `moved` is told where others that had to move are now.
    pub(super) fn remove(&mut self, place: Place, mut moved: impl FnMut(Column, Place)) {
        match place {
            Place::Alone(index) => {
                if (index as usize) < self.alone.len() {
                    self.alone.swap_remove(index as usize);
                }
                if let Some((table, _)) = self.alone.get(index as usize) {
                    moved(*table, Place::Alone(index));
                }
                if self.alone.is_empty() {
                    self.alone = Vec::new();
                }
            }
            Place::Block(index, place) => self.remove_from_block(index, place, moved),
        }
    }

    /// Blocks stay full: another table takes the place, or the block is taken apart.
    fn remove_from_block(&mut self, index: u32, place: u8, mut moved: impl FnMut(Column, Place)) {
        if let Some((table, bits)) = self.alone.pop() {
            if let Some(block) = self.blocks.get_mut(index as usize) {
                block.replace(place, table, &bits);
                moved(table, Place::Block(index, place));
            }
            return;
        }
        if index as usize >= self.blocks.len() {
            return;
        }
        let parts = self.blocks.swap_remove(index as usize).into_parts();
        if let Some(block) = self.blocks.get(index as usize) {
            (0..)
                .zip(&block.tables)
                .for_each(|(place, &table)| moved(table, Place::Block(index, place)));
        }
        let rest = (0_u8..).zip(parts).filter(|(at, _)| *at != place).map(|(_, part)| part);
        self.alone.extend(rest);
        (0..).zip(&self.alone).for_each(|(index, (table, _))| moved(*table, Place::Alone(index)));
    }

    pub(super) fn contains(&self, place: Place, slot: u32) -> bool {
        match place {
            Place::Alone(index) => self.bits_of(index).is_some_and(|bits| has(bits, slot)),
            Place::Block(index, place) => {
                self.blocks.get(index as usize).is_some_and(|block| block.contains(place, slot))
            }
        }
    }

    /// Sets or clears a slot of a full table. False when it was so already.
    pub(super) fn write(&mut self, place: Place, slot: u32, is_set: bool) -> bool {
        match place {
            Place::Alone(index) => {
                let alone = self.alone.get_mut(index as usize);
                alone.is_some_and(|(_, bits)| bit_table::write(bits, slot, is_set))
            }
            Place::Block(index, place) => {
                let block = self.blocks.get_mut(index as usize);
                block.is_some_and(|block| block.write(place, slot, is_set))
            }
        }
    }

    /// The slots that are set in a full table, ascending.
    pub(super) fn slots(&self, place: Place) -> Vec<u32> {
        match place {
            Place::Alone(index) => {
                self.bits_of(index).map_or_else(Vec::new, |bits| slots_of(bits).collect())
            }
            Place::Block(index, place) => self
                .blocks
                .get(index as usize)
                .map_or_else(Vec::new, |block| block.slots(place).collect()),
        }
    }

    /// Appends the full tables that have what a query asks for.
    pub(super) fn matching(&self, probe: &Probe<'_>, counts: &mut Counts, found: &mut Vec<Column>) {
        for (table, bits) in &self.alone {
            if probe.is_met_by(|hash| has(bits, slot_of(hash, self.bits))) {
                found.push(*table);
            }
        }
        counts.begin(probe, self.blocks.len());
        counts.each(probe, |hash, tally| {
            let slot = slot_of(hash, self.bits);
            // One word after the other: so the many reads of one word wait for memory together.
            tally.add_many(self.blocks.iter().map(|block| block.row(slot)));
        });
        for (index, block) in self.blocks.iter().enumerate() {
            block.push(counts.enough(index), found);
        }
    }

    /// Sets in `bits`, one for each slot of a table, what the chosen full tables hold.
    pub(super) fn merge_into(&self, bits: &mut [u64], chosen: impl Fn(Column) -> bool) {
        for (_, own) in self.alone.iter().filter(|(table, _)| chosen(*table)) {
            bits.iter_mut().zip(own).for_each(|(bits, own)| *bits |= own);
        }
        for block in &self.blocks {
            let bit = |(place, &table)| u64::from(chosen(table)).wrapping_shl(place);
            let chosen = (0_u32..).zip(&block.tables).map(bit).fold(0, |all, bit| all | bit);
            block.merge_into(bits, chosen);
        }
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn footprint_len(&self) -> usize {
        let alone = self.alone.iter().map(|(_, bits)| bits.len().saturating_mul(8));
        let blocks = self.blocks.iter().map(Block::footprint_len);
        let lists = self.alone.capacity().saturating_mul(size_of::<(Column, Box<[u64]>)>());
        let lists = lists.saturating_add(self.blocks.capacity().saturating_mul(size_of::<Block>()));
        alone
            .chain(blocks)
            .fold(lists, usize::saturating_add)
            .saturating_add(self.rows.footprint_len())
    }

    fn bits_of(&self, index: u32) -> Option<&[u64]> {
        self.alone.get(index as usize).map(|(_, bits)| &**bits)
    }
}

fn as_index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
