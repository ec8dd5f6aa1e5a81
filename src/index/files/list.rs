//! Rows in a list: by the gaps between them; or, where there are more of them, as Elias and Fano write
//! ascending numbers, which is shorter then and can be leapt through.

use super::varint;

/// A list that is read. Stands before one of its rows, or behind the last.
#[derive(Clone, Debug)]
pub(super) enum List<'a> {
    Gaps(Gaps<'a>),
    Steps(Steps<'a>),
}

/// The distance to each row from the one before it.
#[derive(Clone, Debug)]
pub(super) struct Gaps<'a> {
    rest: &'a [u8],
    next: Option<u32>,
}

/// The lowest eight bits of each row, in a byte; and the others in bits, of which a zero steps up by one,
/// and a one is a row.
#[derive(Clone, Debug)]
pub(super) struct Steps<'a> {
    lows: &'a [u8],
    /// Rows that are passed.
    passed: u32,
    highs: &'a [[u8; 8]],
    /// What is left of the bits before them, and the place of the first of those.
    bits: u64,
    start: u32,
    next: Option<u32>,
}

pub(super) fn write_gaps(rows: &[u32], bytes: &mut Vec<u8>) {
    let mut next = 0_u32;
    for row in rows {
        varint::put(row.saturating_sub(next), bytes);
        next = row.saturating_add(1);
    }
}

pub(super) fn write_steps(rows: &[u32], bytes: &mut Vec<u8>) {
    varint::put(u32::try_from(rows.len()).unwrap_or(u32::MAX), bytes);
    bytes.extend(rows.iter().map(|row| row.to_le_bytes()[0]));
    let place = |(index, row): (u32, &u32)| (row >> 8).saturating_add(index);
    let last = rows.last().map_or(0, |row| row >> 8) as usize;
    let mut highs = vec![0_u64; rows.len().saturating_add(last).div_ceil(64).max(1)];
    for place in (0_u32..).zip(rows).map(place) {
        if let Some(bits) = highs.get_mut((place >> 6) as usize) {
            *bits |= 1 << (place & 63);
        }
    }
    bytes.extend(highs.iter().flat_map(|bits| bits.to_le_bytes()));
}

impl<'a> List<'a> {
    pub(super) fn gaps(mut bytes: &'a [u8]) -> Self {
        let next = varint::take(&mut bytes);
        Self::Gaps(Gaps { rest: bytes, next })
    }

    pub(super) fn steps(mut bytes: &'a [u8]) -> Self {
        let count = varint::take(&mut bytes).unwrap_or(0);
        let lows = varint::take_bytes(count, &mut bytes).unwrap_or_default();
        let (first, highs) = bytes.as_chunks().0.split_first().unwrap_or((&[0; 8], &[]));
        let bits = u64::from_le_bytes(*first);
        let mut steps = Steps { lows, passed: 0, highs, bits, start: 0, next: None };
        steps.step();
        Self::Steps(steps)
    }

    /// Rows that it still has, at most.
    pub(super) const fn rows_len(&self) -> usize {
        match self {
            Self::Gaps(gaps) => gaps.rest.len().saturating_add(1),
            Self::Steps(steps) => steps.lows.len().saturating_add(1),
        }
    }

    /// The row before which this stands.
    #[inline]
    pub(super) const fn peek(&self) -> Option<u32> {
        match self {
            Self::Gaps(gaps) => gaps.next,
            Self::Steps(steps) => steps.next,
        }
    }

    /// Goes on to this row, or to the first behind it.
    #[inline]
    pub(super) fn advance_to(&mut self, row: u32) {
        match self {
            Self::Gaps(gaps) => {
                while gaps.next.is_some_and(|next| next < row) {
                    gaps.step();
                }
            }
            Self::Steps(steps) => steps.advance_to(row),
        }
    }

    /// Tells all rows up to this one, without it, and goes on to it.
    #[inline]
    pub(super) fn each_before(&mut self, end: u32, mut found: impl FnMut(u32)) {
        match self {
            Self::Gaps(gaps) => {
                while let Some(row) = gaps.next.filter(|row| *row < end) {
                    found(row);
                    gaps.step();
                }
            }
            Self::Steps(steps) => steps.each_before(end, found),
        }
    }
}

impl Gaps<'_> {
    #[inline]
    fn step(&mut self) {
        let gap = varint::take(&mut self.rest);
        let behind = self.next.map(|row| row.saturating_add(1));
        self.next = behind.zip(gap).map(|(behind, gap)| behind.saturating_add(gap));
    }
}

impl Steps<'_> {
    #[inline]
    fn step(&mut self) {
        while self.bits == 0 {
            if !self.next_bits() {
                self.next = None;
                return;
            }
        }
        let Some((low, lows)) = self.lows.split_first() else {
            self.next = None;
            return;
        };
        let place = self.start.saturating_add(self.bits.trailing_zeros());
        let high = place.saturating_sub(self.passed);
        self.bits &= self.bits.wrapping_sub(1);
        self.passed = self.passed.saturating_add(1);
        self.lows = lows;
        self.next = Some(high << 8 | u32::from(*low));
    }

    #[inline]
    fn each_before(&mut self, end: u32, mut found: impl FnMut(u32)) {
        while let Some(row) = self.next.filter(|row| *row < end) {
            found(row);
            self.each_of_bits_before(end, &mut found);
            self.step();
        }
    }

    /// Tells the rows of all bits that are left, where they are before this one for certain.
    #[inline]
    fn each_of_bits_before(&mut self, end: u32, found: &mut impl FnMut(u32)) {
        let rows = self.bits.count_ones();
        let first = self.start.wrapping_sub(self.passed);
        let highest = first.wrapping_add(u64::BITS).wrapping_sub(rows);
        if rows == 0 || highest >= end >> 8 {
            return;
        }
        let Some((lows, rest)) = self.lows.split_at_checked(rows as usize) else { return };
        let (mut bits, mut high) = (self.bits, first);
        for low in lows {
            found(high.wrapping_add(bits.trailing_zeros()) << 8 | u32::from(*low));
            bits &= bits.wrapping_sub(1);
            high = high.wrapping_sub(1);
        }
        (self.bits, self.lows) = (0, rest);
        self.passed = self.passed.wrapping_add(rows);
    }

    fn next_bits(&mut self) -> bool {
        let Some((bits, highs)) = self.highs.split_first() else { return false };
        (self.bits, self.highs) = (u64::from_le_bytes(*bits), highs);
        self.start = self.start.saturating_add(u64::BITS);
        true
    }

    fn advance_to(&mut self, row: u32) {
        if self.next.is_none_or(|next| next >= row) {
            return;
        }
        // Bits that do not step as far up are passed over at once.
        loop {
            let rows = self.bits.count_ones();
            let end = self.start.saturating_add(u64::BITS);
            let high = end.saturating_sub(self.passed.saturating_add(rows));
            if high >= row >> 8 || self.highs.is_empty() {
                break;
            }
            self.passed = self.passed.saturating_add(rows);
            self.lows = self.lows.get(rows as usize..).unwrap_or_default();
            self.next_bits();
        }
        self.step();
        while self.next.is_some_and(|next| next < row) {
            self.step();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut list: List<'_>) -> Vec<u32> {
        let mut rows = Vec::new();
        list.each_before(u32::MAX, |row| rows.push(row));
        rows
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let spread = |gap: usize| (7..100_000_u32).step_by(gap).collect::<Vec<_>>();
        for rows in [vec![0], vec![99_999], spread(1), spread(60), spread(300), spread(9_000)] {
            let (mut gaps, mut steps) = (Vec::new(), Vec::new());
            write_gaps(&rows, &mut gaps);
            write_steps(&rows, &mut steps);
            assert_eq!(read(List::gaps(&gaps)), rows);
            assert_eq!(read(List::steps(&steps)), rows);
        }
    }

    #[test]
    fn a_list_goes_on_to_a_row_or_to_the_first_behind_it() {
        let rows: Vec<u32> = (0..2_000).map(|n| n * 37 + n / 500 * 10_000).collect();
        let (mut gaps, mut steps) = (Vec::new(), Vec::new());
        write_gaps(&rows, &mut gaps);
        write_steps(&rows, &mut steps);
        for leap in [1, 30, 37, 1_000, 20_000] {
            let (mut one, mut other) = (List::gaps(&gaps), List::steps(&steps));
            for row in (0..130_000).step_by(leap) {
                let expected = rows.get(rows.partition_point(|one| *one < row)).copied();
                one.advance_to(row);
                other.advance_to(row);
                assert_eq!((one.peek(), other.peek()), (expected, expected), "{row} by {leap}");
            }
        }
    }
}
