use super::shelf::Place;
use crate::index::bit_table::BitTable;

/// In rows a slot that is set takes some ten bytes, and elsewhere a slot takes an eighth of one:
/// with more than one in so many set, rows are larger.
const SLOTS_PER_FILLED: u32 = 128;

/// A full table goes back into rows only far below that.
const SLOTS_PER_THINNED: u32 = 512;

/// Where the slots of one table are, and how many of them are set.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) bits: u32,
    pub(super) len: u32,
    pub(super) home: Home,
}

/// Where the slots of a table are.
#[derive(Clone, Debug)]
pub(super) enum Home {
    /// In rows, and here once more, so that it is known what to take out of them.
    Rows(BitTable),
    Full(Place),
}

impl Table {
    pub(super) fn new(bits: u32) -> Self {
        let own = BitTable::new(bits);
        Self { bits: own.bits(), len: 0, home: Home::Rows(own) }
    }

    pub(super) const fn slots(&self) -> u32 {
        1_u32.wrapping_shl(self.bits)
    }

    /// Whether it is too full for rows.
    pub(super) const fn is_full(&self) -> bool {
        self.len.saturating_mul(SLOTS_PER_FILLED) > self.slots()
    }

    /// Whether it is thin enough for rows.
    pub(super) const fn is_thin(&self) -> bool {
        self.len.saturating_mul(SLOTS_PER_THINNED) < self.slots()
    }
}
