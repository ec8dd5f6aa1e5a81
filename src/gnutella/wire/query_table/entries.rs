use super::Patch;
use crate::base::mutant::mutant;

/// What a patch does to one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// From now on there is a word in it.
    Set,
    /// From now on there is none.
    Clear,
    /// There is a word in it if there was none, and the other way round.
    Flip,
}

impl Change {
    /// Whether there is a word in the slot afterwards.
    pub const fn applied(self, is_there: bool) -> bool {
        match self {
            Self::Set => true,
            Self::Clear => false,
            Self::Flip => !is_there,
        }
    }
}

/// Reads the entries of a patch from its inflated bytes, high bits first.
///
/// Entries of 2, 4 and 8 bits are signed distances: towards a word if negative. How far does not
/// matter, since nobody uses the distances between none and infinity. Entries of 1 bit flip.
#[derive(Clone, Copy, Debug)]
pub struct Entries {
    bits: u32,
}

impl Entries {
    /// The reader for a patch; none where its entries have an unknown width.
    pub fn of(patch: &Patch) -> Option<Self> {
        let bits = u32::from(patch.entry_bits);
        matches!(bits, 1 | 2 | 4 | 8).then_some(Self { bits })
    }

    /// How many slots a byte speaks of.
    pub const fn per_byte(self) -> u32 {
        match self.bits {
            1 => 8,
            2 => 4,
            4 => 2,
            _ => 1,
        }
    }

    /// The changes that one byte makes, each with its place among the slots of that byte.
    pub fn changes(self, byte: u8) -> impl Iterator<Item = (u32, Change)> {
        let entries = if byte == 0 { 0 } else { self.per_byte() };
        (0..entries).filter_map(move |place| Some((place, self.change(byte, place)?)))
    }

    fn change(self, byte: u8, place: u32) -> Option<Change> {
        // The entry comes to stand in the high bits, its sign in the highest.
        let byte = if mutant!(ReadsLowHalvesFirst) { byte.rotate_left(4) } else { byte };
        let shifted = byte.checked_shl(place.saturating_mul(self.bits))?;
        let entry = shifted & u8::MAX.checked_shl(8_u32.saturating_sub(self.bits))?;
        match (self.bits, entry) {
            (_, 0) => None,
            (1, _) => Some(Change::Flip),
            (_, entry) if entry >= 0x80 => Some(Change::Set),
            _ => Some(Change::Clear),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(bits: u32, byte: u8) -> Vec<(u32, Change)> {
        Entries { bits }.changes(byte).collect()
    }

    #[test]
    fn entries_are_read_from_the_high_bits_down() {
        assert_eq!(changes(8, 0xfa), [(0, Change::Set)]);
        assert_eq!(changes(8, 6), [(0, Change::Clear)]);
        assert_eq!(changes(4, 0xa6), [(0, Change::Set), (1, Change::Clear)]);
        assert_eq!(changes(4, 0x0f), [(1, Change::Set)]);
        assert_eq!(
            changes(2, 0b0011_0110),
            [(1, Change::Set), (2, Change::Clear), (3, Change::Set)]
        );
        assert_eq!(changes(1, 0b1000_0001), [(0, Change::Flip), (7, Change::Flip)]);
        assert_eq!(changes(4, 0), []);
    }
}
