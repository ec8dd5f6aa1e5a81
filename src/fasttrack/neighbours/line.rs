use crate::base::limits::FASTTRACK_NEIGHBOURS_MAX;

/// The number of a neighbour, which is small and given again once it has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line(u8);

/// Some neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines(u64);

const _: () = assert!(FASTTRACK_NEIGHBOURS_MAX <= Line::COUNT, "a neighbour has a bit");

impl Line {
    /// How many there can be.
    pub(super) const COUNT: usize = 64;

    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl Lines {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(u64::MAX);

    pub(super) const fn of(line: Line) -> Self {
        Self(1_u64.wrapping_shl(line.0 as u32))
    }

    pub(super) const fn contains(self, line: Line) -> bool {
        !self.and(Self::of(line)).is_empty()
    }

    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    pub(super) const fn or(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    pub(super) const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The lowest number that nobody has.
    pub(super) fn free(self) -> Option<Line> {
        let line = u8::try_from(self.0.trailing_ones()).ok()?;
        (usize::from(line) < Line::COUNT).then_some(Line(line))
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Line> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let line = u8::try_from(rest.trailing_zeros()).ok().filter(|&line| line < 64)?;
            rest &= rest.wrapping_sub(1);
            Some(Line(line))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_from_the_lowest_and_walked_in_order() {
        let mut lines = Lines::NONE;
        for index in 0..Line::COUNT {
            let line = lines.free().unwrap();
            assert_eq!((line.index(), lines.contains(line)), (index, false));
            lines = lines.or(Lines::of(line));
        }
        assert_eq!((lines.free(), lines.len()), (None, 64));
        let gone = Lines(0b1010);
        assert_eq!(lines.without(gone).free(), Some(Line(1)));
        assert_eq!(gone.iter().collect::<Vec<_>>(), [Line(1), Line(3)]);
        assert_eq!(lines.iter().count(), 64);
    }
}
