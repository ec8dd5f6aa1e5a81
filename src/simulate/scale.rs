//! Numbers with three places behind the point, as people write them and without the roundings of
//! floats.

use serde::{Deserialize, Deserializer, de};

/// A number that is not negative, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(u32);

impl Thousandths {
    pub const ONE: Self = Self(1_000);

    pub const fn new(thousandths: u32) -> Self {
        Self(thousandths)
    }

    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// Of so many, this part.
    pub fn of(self, whole: u32) -> u32 {
        u32::try_from(self.times(u64::from(whole))).unwrap_or(u32::MAX)
    }

    /// Multiplied by a whole number; what is left of one is cut off.
    pub fn times(self, whole: u64) -> u64 {
        super::graph::ratio(whole, u64::from(self.0), 1_000)
    }

    /// In parts of a million, for what happens by chance.
    pub const fn per_million(self) -> u32 {
        self.0.saturating_mul(1_000)
    }
}

impl<'de> Deserialize<'de> for Thousandths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let thousandths = (number * 1_000.0).round();
        if !(0.0..=f64::from(u32::MAX)).contains(&thousandths) {
            return Err(de::Error::custom("a number that is not negative is needed"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it fits")]
        Ok(Self(thousandths as u32))
    }
}
