//! Which words one neighbour has, as a set of slots.

mod bits;
mod probe;
mod slot_list;

use std::fmt;

pub(super) use bits::{has, none_of, ones, slot_of, slots_of, write};
pub use probe::Probe;

use crate::base::limits::QUERY_TABLE_KEPT_SLOTS_MAX;
use slot_list::SlotList;

/// Bits of the slot numbers of the largest table.
const BITS_MAX: u32 = QUERY_TABLE_KEPT_SLOTS_MAX.trailing_zeros();

/// A list takes two bytes a slot that is set, bits take an eighth of a byte for each slot: with
/// more than one in so many set, bits are smaller.
const SLOTS_PER_LISTED: u32 = 16;

/// Bits become a list again only far below that, so that a table at the border does not change form
/// with each word.
const SLOTS_PER_RELISTED: u32 = 64;

/// Which words somebody has, as a set of slots.
///
/// Sets of few slots are sorted lists of two bytes each, others one bit a slot. One that is empty
/// takes no memory of its own.
#[derive(Clone)]
pub struct BitTable {
    bits: u8,
    len: u32,
    kept: Kept,
}

#[derive(Clone)]
enum Kept {
    List(SlotList),
    Bits(Box<[u64]>),
}

impl BitTable {
    /// An empty table of `2^bits` slots; of [`QUERY_TABLE_KEPT_SLOTS_MAX`] if that is fewer.
    pub fn new(bits: u32) -> Self {
        let bits = u8::try_from(bits.min(BITS_MAX)).unwrap_or(0);
        Self { bits, len: 0, kept: Kept::List(SlotList::new()) }
    }

    /// How many slots there are, as the power of two.
    pub const fn bits(&self) -> u32 {
        self.bits as u32
    }

    /// How many slots there are.
    pub const fn slots(&self) -> u32 {
        1_u32.wrapping_shl(self.bits())
    }

    /// How many slots are set.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// True when no slot is set.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether a slot is set.
    pub fn contains(&self, slot: u32) -> bool {
        match &self.kept {
            Kept::List(list) => list.contains(slot),
            Kept::Bits(words) => has(words, slot),
        }
    }

    /// Whether the slot of a hash of 32 bits is set.
    pub fn holds(&self, hash: u32) -> bool {
        self.contains(slot_of(hash, self.bits()))
    }

    /// Whether the table has what a query asks for.
    pub fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.is_met_by(|hash| self.holds(hash))
    }

    /// Sets a slot. False when it was set, or is none of the table.
    pub fn set(&mut self, slot: u32) -> bool {
        if slot >= self.slots() {
            return false;
        }
        let is_new = match &mut self.kept {
            Kept::List(list) => list.insert(slot),
            Kept::Bits(words) => write(words, slot, true),
        };
        self.len = self.len.saturating_add(u32::from(is_new));
        if self.len.saturating_mul(SLOTS_PER_LISTED) > self.slots()
            && let Kept::List(_) = &self.kept
        {
            self.kept = Kept::Bits(self.to_bits());
        }
        is_new
    }

    /// Sets the slot of a hash of 32 bits.
    pub fn set_hash(&mut self, hash: u32) -> bool {
        self.set(slot_of(hash, self.bits()))
    }

    /// Clears a slot. False when it was not set.
    pub fn clear(&mut self, slot: u32) -> bool {
        let was_set = match &mut self.kept {
            Kept::List(list) => list.remove(slot),
            Kept::Bits(words) => write(words, slot, false),
        };
        self.len = self.len.saturating_sub(u32::from(was_set));
        if self.len.saturating_mul(SLOTS_PER_RELISTED) < self.slots()
            && let Kept::Bits(words) = &self.kept
        {
            self.kept = Kept::List(slots_of(words).collect());
        }
        was_set
    }

    /// Sets each slot that may stand for the same words as a slot of another table, which may be
    /// larger or smaller (QRP-27).
    pub fn merge(&mut self, other: &Self) {
        match &other.kept {
            Kept::List(list) => list.iter().for_each(|slot| self.merge_slot(slot, other.bits())),
            Kept::Bits(words) => self.merge_bits(words, other.bits()),
        }
    }

    /// As [`merge`](Self::merge), with the bits of a table of `2^bits` slots.
    pub(super) fn merge_bits(&mut self, others: &[u64], bits: u32) {
        if let Kept::Bits(words) = &mut self.kept
            && u32::from(self.bits) == bits
        {
            words.iter_mut().zip(others).for_each(|(word, other)| *word |= other);
            self.len = words.iter().map(|word| word.count_ones()).sum();
            return;
        }
        slots_of(others).for_each(|slot| self.merge_slot(slot, bits));
    }

    /// Sets what a slot of a table of `2^bits` slots stands for.
    fn merge_slot(&mut self, slot: u32, bits: u32) {
        let wider = self.bits().saturating_sub(bits);
        let narrower = bits.saturating_sub(self.bits());
        let first = slot.checked_shr(narrower).unwrap_or(0).checked_shl(wider).unwrap_or(0);
        for offset in 0..1_u32.wrapping_shl(wider) {
            self.set(first | offset);
        }
    }

    /// The slots that are set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let (list, words): (_, &[u64]) = match &self.kept {
            Kept::List(list) => (Some(list), &[]),
            Kept::Bits(words) => (None, words),
        };
        list.into_iter().flat_map(SlotList::iter).chain(slots_of(words))
    }

    /// Gives back memory that is not needed while nothing changes.
    pub fn shrink(&mut self) {
        if let Kept::List(list) = &mut self.kept {
            list.shrink();
        }
    }

    /// Bytes of memory beside the value itself.
    pub fn footprint_len(&self) -> usize {
        match &self.kept {
            Kept::List(list) => list.footprint_len(),
            Kept::Bits(words) => words.len().saturating_mul(8),
        }
    }

    /// The table as bits: 64 slots a number, the first in its lowest bit.
    pub(super) fn to_bits(&self) -> Box<[u64]> {
        let mut words = none_of(self.slots());
        for slot in self.iter() {
            write(&mut words, slot, true);
        }
        words
    }
}

impl PartialEq for BitTable {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits && self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for BitTable {}

impl fmt::Debug for BitTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} slots", self.len, self.slots())
    }
}
