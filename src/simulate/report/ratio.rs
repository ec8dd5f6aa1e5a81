use std::fmt;

use serde::{Serialize, Serializer};

/// A part of something, or a multiple of it, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(u64);

impl Ratio {
    pub const ONE: Self = Self(1_000_000);

    /// `part / whole`; zero where there is no whole.
    pub fn of(part: u64, whole: u64) -> Self {
        Self(crate::simulate::graph::ratio(part, Self::ONE.0, whole))
    }

    /// The mean; none of none.
    pub fn mean(ratios: impl Iterator<Item = Self>) -> Option<Self> {
        let (sum, count) = ratios.fold((0_u64, 0_u64), |(sum, count), ratio| {
            (sum.saturating_add(ratio.0), count.saturating_add(1))
        });
        sum.checked_div(count).map(Self)
    }

    /// This ratio as a multiple of another one.
    pub fn beside(self, other: Self) -> Self {
        Self::of(self.0, other.0)
    }

    pub const fn millionths(self) -> u64 {
        self.0
    }

    /// As people say it: `12.3 %`.
    pub fn percent(self) -> String {
        let tenths = self.0.saturating_add(500) / 1_000;
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

/// As a number with three places.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = self.0.saturating_add(500) / 1_000;
        write!(f, "{}.{:03}", thousandths / 1_000, thousandths % 1_000)
    }
}

/// As a number.
impl Serialize for Ratio {
    #[expect(clippy::cast_precision_loss, reason = "a number to be read, not to go on with")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_where_they_are_read() {
        assert_eq!(Ratio::of(1, 3).percent(), "33.3 %");
        assert_eq!(Ratio::of(2, 3).to_string(), "0.667");
        assert_eq!(Ratio::of(5, 2).to_string(), "2.500");
        assert_eq!((Ratio::of(1, 0), Ratio::of(7, 7)), (Ratio::default(), Ratio::ONE));
        assert_eq!(Ratio::mean([Ratio::of(1, 2), Ratio::ONE].into_iter()), Some(Ratio::of(3, 4)));
        assert_eq!(Ratio::mean(std::iter::empty()), None);
        assert_eq!(serde_json::to_string(&Ratio::of(1, 4)).unwrap(), "0.25");
    }
}
