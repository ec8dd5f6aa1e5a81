use crate::fasttrack::wire::TableRecord;

/// The number of a record: eleven bits that go round (FTPEER-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence(pub(super) u16);

impl Sequence {
    const MASK: u16 = TableRecord::SEQUENCES - 1;

    /// Ahead by less than half of all numbers.
    pub(super) const fn is_newer_than(self, other: Self) -> bool {
        let ahead = self.0.wrapping_sub(other.0) & Self::MASK;
        ahead != 0 && ahead < TableRecord::SEQUENCES / 2
    }

    pub(super) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1) & Self::MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FTPEER-08
    #[test]
    fn a_number_is_newer_by_up_to_1023() {
        for known in [0, 1, 1_023, 1_024, 2_047] {
            let by = |ahead: u16| Sequence((known + ahead) % 2_048);
            assert!(!by(0).is_newer_than(by(0)));
            assert!(by(1).is_newer_than(by(0)) && by(1_023).is_newer_than(by(0)));
            assert!(!by(1_024).is_newer_than(by(0)) && !by(2_047).is_newer_than(by(0)));
            assert_eq!(by(0).next(), by(1));
        }
    }
}
