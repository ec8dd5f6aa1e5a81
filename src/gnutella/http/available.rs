use std::fmt;

use super::Form;
use crate::base::ranges::RangeSet;

/// Which parts of a file somebody has who has not all of it: `X-Available-Ranges` (RANGE-09).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AvailableRanges(pub RangeSet);

/// How many bytes of it: `X-Available` (RANGE-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvailableLen(pub u64);

impl Form for AvailableRanges {
    const NAME: &'static str = "X-Available-Ranges";

    fn parse(_value: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for AvailableRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes ")?;
        for (number, range) in self.0.iter().enumerate() {
            let before = if number == 0 { "" } else { ", " };
            write!(f, "{before}{range}")?;
        }
        Ok(())
    }
}

impl Form for AvailableLen {
    const NAME: &'static str = "X-Available";

    fn parse(_value: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for AvailableLen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}", self.0)
    }
}
