use std::cmp::Reverse;
use std::fmt;

use super::Form;
use super::form::{number, write_list};
use super::range::{after_unit, bounded};
use crate::base::limits::{AVAILABLE_RANGES_TAKEN_MAX, AVAILABLE_RANGES_TOLD_MAX};
use crate::base::ranges::{ByteRange, RangeSet};

/// Which parts of a file somebody has who has not all of it: `X-Available-Ranges` (RANGE-08).
///
/// [`AVAILABLE_RANGES_TOLD_MAX`] of them are written, the longest ones, so that the line has an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AvailableRanges(pub RangeSet);

/// How many bytes of it: `X-Available` (RANGE-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvailableLen(pub u64);

impl Form for AvailableRanges {
    const NAME: &'static str = "X-Available-Ranges";

    fn parse(value: &str) -> Option<Self> {
        let items = after_unit(value)?.split(',').take(AVAILABLE_RANGES_TAKEN_MAX);
        Some(Self(items.filter_map(bounded).collect()))
    }
}

impl fmt::Display for AvailableRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")?;
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str(" ")?;
        let mut told: Vec<ByteRange> = self.0.iter().collect();
        told.sort_by_key(|range| Reverse(range.len()));
        told.truncate(AVAILABLE_RANGES_TOLD_MAX);
        told.sort_unstable();
        write_list(f, told, ", ")
    }
}

impl Form for AvailableLen {
    const NAME: &'static str = "X-Available";

    fn parse(value: &str) -> Option<Self> {
        after_unit(value).and_then(number).map(Self)
    }
}

impl fmt::Display for AvailableLen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bytes {}", self.0)
    }
}
