//! Which bytes of a file: ranges, and sets of them.

use std::fmt;

/// Bytes of a file that stand together: from `start` up to, and without, `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    pub start: u64,
    pub end: u64,
}

impl ByteRange {
    /// From `start` up to, and without, `end`; empty where that is before the start.
    pub const fn new(start: u64, end: u64) -> Self {
        Self { start, end: if end < start { start } else { end } }
    }

    /// How many bytes.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// True where there are no bytes in it.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// True where it has all bytes of the other one.
    pub const fn contains(self, other: Self) -> bool {
        other.is_empty() || (self.start <= other.start && other.end <= self.end)
    }

    /// The bytes that both have.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        let start = self.start.max(other.start);
        Self::new(start, self.end.min(other.end))
    }
}

/// As HTTP writes it: the last byte is part of it. An empty one cannot be written that way.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end.saturating_sub(1))
    }
}

/// Bytes of a file, as few ranges as say it, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RangeSet {
    /// None is empty, none touches the next one.
    ranges: Vec<ByteRange>,
}

impl RangeSet {
    /// No bytes.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// The ranges, in order; between two of them there are bytes that the set does not have.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = ByteRange> + ExactSizeIterator {
        self.ranges.iter().copied()
    }

    /// How many ranges it takes to say it.
    pub const fn count(&self) -> usize {
        self.ranges.len()
    }

    /// How many bytes.
    pub fn len(&self) -> u64 {
        self.iter().fold(0, |sum, range| sum.saturating_add(range.len()))
    }

    /// True where there are no bytes.
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// True where it has all bytes of a range.
    pub fn contains(&self, range: ByteRange) -> bool {
        let before = self.ranges.partition_point(|known| known.start <= range.start);
        let holder = before.checked_sub(1).and_then(|place| self.ranges.get(place));
        range.is_empty() || holder.is_some_and(|holder| holder.contains(range))
    }

    /// Adds the bytes of a range.
    pub fn insert(&mut self, range: ByteRange) {
        if range.is_empty() {
            return;
        }
        // All that touch it become one with it.
        let first = self.ranges.partition_point(|known| known.end < range.start);
        let last = self.ranges.partition_point(|known| known.start <= range.end);
        let touched = self.ranges.get(first..last).unwrap_or_default();
        let start = touched.first().map_or(range.start, |known| known.start.min(range.start));
        let end = touched.last().map_or(range.end, |known| known.end.max(range.end));
        self.ranges.splice(first..last.max(first), [ByteRange { start, end }]);
    }

    /// Takes the bytes of a range away.
    pub fn remove(&mut self, range: ByteRange) {
        if range.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|known| known.end <= range.start);
        let last = self.ranges.partition_point(|known| known.start < range.end).max(first);
        let cut = self.ranges.get(first..last).unwrap_or_default();
        let before = cut.first().map(|known| ByteRange::new(known.start, range.start));
        let after = cut.last().map(|known| ByteRange::new(range.end.min(known.end), known.end));
        let kept = before.into_iter().chain(after).filter(|part| !part.is_empty());
        let kept: Vec<ByteRange> = kept.collect();
        self.ranges.splice(first..last, kept);
    }

    /// The bytes of a range that it has, in order.
    pub fn within(&self, range: ByteRange) -> impl Iterator<Item = ByteRange> {
        let first = self.ranges.partition_point(|known| known.end <= range.start);
        let rest = self.ranges.get(first..).unwrap_or_default().iter();
        let parts = rest.map(move |known| known.intersection(range));
        parts.take_while(|part| !part.is_empty())
    }

    /// The bytes of a range that it does not have, in order.
    pub fn missing_in(&self, range: ByteRange) -> impl Iterator<Item = ByteRange> {
        let last = ByteRange { start: range.end.max(range.start), end: range.end.max(range.start) };
        let mut start = range.start;
        self.within(range).chain([last]).filter_map(move |held| {
            let gap = ByteRange::new(start, held.start);
            start = held.end;
            (!gap.is_empty()).then_some(gap)
        })
    }

    /// The bytes that both have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        other.iter().flat_map(|range| self.within(range)).collect()
    }
}

impl FromIterator<ByteRange> for RangeSet {
    fn from_iter<T: IntoIterator<Item = ByteRange>>(ranges: T) -> Self {
        let mut set = Self::new();
        ranges.into_iter().for_each(|range| set.insert(range));
        set
    }
}

impl From<ByteRange> for RangeSet {
    fn from(range: ByteRange) -> Self {
        std::iter::once(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: u64 = 40;

    fn of(bytes: &[bool]) -> RangeSet {
        let held = (0..).zip(bytes).filter(|(_, is_held)| **is_held);
        held.map(|(at, _)| ByteRange::new(at, at + 1)).collect()
    }

    fn bytes(set: &RangeSet) -> Vec<bool> {
        (0..SIZE).map(|at| set.contains(ByteRange::new(at, at + 1))).collect()
    }

    #[test]
    fn a_range_is_shown_with_its_last_byte() {
        assert_eq!(ByteRange::new(0, 1).to_string(), "0-0");
        assert_eq!(ByteRange::new(5, 10).to_string(), "5-9");
        assert_eq!(ByteRange::new(7, 3), ByteRange { start: 7, end: 7 });
    }

    #[test]
    fn ranges_that_touch_become_one() {
        let set: RangeSet =
            [(0, 2), (4, 6), (2, 4)].map(|(a, b)| ByteRange::new(a, b)).into_iter().collect();
        assert_eq!(set, ByteRange::new(0, 6).into());
    }

    proptest! {
        /// A set does what a list of bytes does, each held or not.
        #[test]
        fn a_set_is_as_good_as_a_list_of_bytes(
            changes in prop::collection::vec((any::<bool>(), 0..SIZE, 0..SIZE), 0..20),
            asked in (0..SIZE, 0..SIZE),
        ) {
            let (mut set, mut list) = (RangeSet::new(), vec![false; 40]);
            for (adds, start, end) in changes {
                let range = ByteRange::new(start, end);
                if adds { set.insert(range) } else { set.remove(range) }
                let held = (0..).zip(&mut list).filter(|(at, _)| (range.start..range.end).contains(at));
                held.for_each(|(_, held)| *held = adds);
                prop_assert_eq!(&bytes(&set), &list);
                prop_assert_eq!(&set, &of(&list), "as few ranges as say it");
            }
            prop_assert_eq!(set.len(), list.iter().filter(|held| **held).count() as u64);
            let asked = ByteRange::new(asked.0, asked.1);
            let both: RangeSet = set.within(asked).chain(set.missing_in(asked)).collect();
            prop_assert_eq!(both.len(), asked.len());
            prop_assert_eq!(both.contains(asked), true);
            prop_assert_eq!(set.missing_in(asked).any(|gap| set.within(gap).next().is_some()), false);
            prop_assert_eq!(set.within(asked).all(|part| set.contains(part)), true);
            let held = set.intersection(&asked.into());
            prop_assert_eq!(held.len(), set.within(asked).map(ByteRange::len).sum::<u64>());
        }
    }
}
