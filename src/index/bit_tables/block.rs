use super::Column;
use crate::index::bit_table::ones;

/// Tables that stand side by side.
pub(super) const WIDTH: usize = 64;

/// Sixty-four tables of one size, side by side: for each slot a number with one bit for each table.
///
/// A word is looked up in all of them by reading one number.
#[derive(Clone, Debug)]
pub(super) struct Block {
    rows: Box<[u64]>,
    /// The number of each table.
    pub(super) tables: [Column; WIDTH],
}

impl Block {
    /// Puts tables of `slots` slots side by side, each given as its number and its bits.
    pub(super) fn new(slots: u32, parts: &[(Column, Box<[u64]>)]) -> Self {
        let mut rows = vec![0; slots as usize].into_boxed_slice();
        for (index, chunk) in rows.chunks_mut(WIDTH).enumerate() {
            let mut square = [0; WIDTH];
            for (row, (_, bits)) in square.iter_mut().zip(parts) {
                *row = bits.get(index).copied().unwrap_or(0);
            }
            transpose(&mut square);
            chunk.iter_mut().zip(square).for_each(|(row, bits)| *row = bits);
        }
        let mut tables = [Column(0); WIDTH];
        tables.iter_mut().zip(parts).for_each(|(place, (table, _))| *place = *table);
        Self { rows, tables }
    }

    /// Takes the tables apart again.
    pub(super) fn into_parts(self) -> Vec<(Column, Box<[u64]>)> {
        let len = self.rows.len().div_ceil(WIDTH);
        let mut parts: Vec<_> =
            self.tables.iter().map(|&table| (table, vec![0; len].into_boxed_slice())).collect();
        for (index, chunk) in self.rows.chunks(WIDTH).enumerate() {
            let mut square = [0; WIDTH];
            square.iter_mut().zip(chunk).for_each(|(bits, row)| *bits = *row);
            transpose(&mut square);
            for ((_, bits), row) in parts.iter_mut().zip(square) {
                bits.get_mut(index).into_iter().for_each(|bits| *bits = row);
            }
        }
        parts
    }

    /// Whether a slot is set in the table at a place.
    pub(super) fn contains(&self, place: u8, slot: u32) -> bool {
        self.rows.get(slot as usize).is_some_and(|row| row & bit(place) != 0)
    }

    /// Sets or clears a slot of the table at a place. False when it was so already.
    pub(super) fn write(&mut self, place: u8, slot: u32, is_set: bool) -> bool {
        let Some(row) = self.rows.get_mut(slot as usize) else { return false };
        let old = *row;
        *row = if is_set { old | bit(place) } else { old & !bit(place) };
        *row != old
    }

    /// Puts another table at a place, in place of the one that was there.
    pub(super) fn replace(&mut self, place: u8, table: Column, bits: &[u64]) {
        if let Some(old) = self.tables.get_mut(usize::from(place)) {
            *old = table;
        }
        for (chunk, &bits) in self.rows.chunks_mut(WIDTH).zip(bits) {
            for (offset, row) in (0_u32..).zip(chunk) {
                let is_set = bits.wrapping_shr(offset) & 1;
                *row = *row & !bit(place) | is_set.wrapping_shl(u32::from(place));
            }
        }
    }

    /// The slots that are set in the table at a place.
    pub(super) fn slots(&self, place: u8) -> impl Iterator<Item = u32> {
        (0_u32..)
            .zip(&self.rows)
            .filter(move |(_, row)| *row & bit(place) != 0)
            .map(|(slot, _)| slot)
    }

    /// Sets in `bits` what any of the chosen tables holds.
    pub(super) fn merge_into(&self, bits: &mut [u64], chosen: u64) {
        if chosen == 0 {
            return;
        }
        for (bits, rows) in bits.iter_mut().zip(self.rows.chunks(WIDTH)) {
            for (offset, row) in (0_u32..).zip(rows) {
                *bits |= u64::from(row & chosen != 0).wrapping_shl(offset);
            }
        }
    }

    /// The tables that have a slot set, a bit each.
    pub(super) fn row(&self, slot: u32) -> u64 {
        self.rows.get(slot as usize).copied().unwrap_or(0)
    }

    /// Appends the tables whose bits are set.
    pub(super) fn push(&self, bits: u64, found: &mut Vec<Column>) {
        if bits == u64::MAX {
            found.extend_from_slice(&self.tables);
            return;
        }
        for place in ones(bits) {
            found.extend(self.tables.get(place as usize));
        }
    }

    /// Bytes of memory beside the value itself.
    pub(super) fn footprint_len(&self) -> usize {
        self.rows.len().saturating_mul(8)
    }
}

const fn bit(place: u8) -> u64 {
    1_u64.wrapping_shl(place as u32)
}

/// Turns a square of bits about its diagonal: bit n of row m becomes bit m of row n.
fn transpose(square: &mut [u64; WIDTH]) {
    let mut side = WIDTH / 2;
    let mut mask = u64::MAX >> 32;
    while side > 0 {
        let shift = u32::try_from(side).unwrap_or(0);
        for pair in square.chunks_exact_mut(side.saturating_mul(2)) {
            let (upper, lower) = pair.split_at_mut(side);
            for (upper, lower) in upper.iter_mut().zip(lower) {
                let differing = (upper.wrapping_shr(shift) ^ *lower) & mask;
                *upper ^= differing.wrapping_shl(shift);
                *lower ^= differing;
            }
        }
        side /= 2;
        mask ^= mask.wrapping_shl(shift / 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_is_turned_about_its_diagonal() {
        let row = |n: u64| n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut square = std::array::from_fn(|n| row(n as u64));
        transpose(&mut square);
        for (m, bits) in (0_u64..).zip(square) {
            for n in 0..64 {
                assert_eq!(bits >> n & 1, row(n) >> m & 1, "{m} {n}");
            }
        }
    }
}
