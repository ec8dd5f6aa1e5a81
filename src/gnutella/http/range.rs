use std::fmt;

use super::Form;
use super::form::number;
use crate::base::limits::RANGES_LOOKED_AT_MAX;
use crate::base::mutant::mutant;
use crate::base::ranges::ByteRange;

/// Which part of a file a request asks for (RANGE-01). Of several ranges the first that can be one counts
/// (RANGE-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeHeader {
    /// `bytes=0-499`; the end is not part of it.
    Bounded(ByteRange),
    /// `bytes=500-`: from there to the end.
    From(u64),
    /// `bytes=-500`: as many at the end.
    Last(u64),
}

impl RangeHeader {
    /// The bytes of a file of this size that are asked for, as far as it has them (RANGE-04); nothing
    /// where it has none of them, which is worth a 416 (RANGE-05).
    pub fn within(self, size: u64) -> Option<ByteRange> {
        let range = match self {
            Self::Bounded(range) => ByteRange::new(range.start, range.end.min(size)),
            Self::From(start) => ByteRange::new(start, size),
            Self::Last(len) => ByteRange::new(size.saturating_sub(len), size),
        };
        let is_beyond = matches!(self, Self::Bounded(range) if range.end > size);
        let is_refused = is_beyond && mutant!(RefusesRangesBeyondTheEnd);
        (!range.is_empty() && !is_refused).then_some(range)
    }
}

impl Form for RangeHeader {
    const NAME: &'static str = "Range";

    fn parse(value: &str) -> Option<Self> {
        after_unit(value)?.split(',').take(RANGES_LOOKED_AT_MAX).find_map(one)
    }
}

/// What stands behind `bytes=`, or behind `bytes ` as some write it (RANGE-02).
pub(super) fn after_unit(value: &str) -> Option<&str> {
    let rest = super::form::after(value.trim(), "bytes")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let trimmed = rest.trim_start();
    let rest_of_sign = trimmed.strip_prefix('=');
    (rest_of_sign.is_some() || trimmed.len() < rest.len())
        .then_some(rest_of_sign.unwrap_or(trimmed))
}

/// `first-last`, of which the last is part; nothing where it is empty or ends beyond all numbers.
pub(super) fn bounded(text: &str) -> Option<ByteRange> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (number::<u64>(first)?, number::<u64>(last)?);
    let end = last.checked_add(u64::from(!mutant!(EndsRangesEarly)))?;
    (first <= last).then(|| ByteRange::new(first, end))
}

fn one(text: &str) -> Option<RangeHeader> {
    let (first, last) = text.split_once('-')?;
    match (first.trim(), last.trim()) {
        ("", last) => number(last).map(RangeHeader::Last),
        (first, "") => number(first).map(RangeHeader::From),
        _ => bounded(text).map(RangeHeader::Bounded),
    }
}

impl fmt::Display for RangeHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bounded(range) => write!(f, "bytes={range}"),
            Self::From(start) => write!(f, "bytes={start}-"),
            Self::Last(len) => write!(f, "bytes=-{len}"),
        }
    }
}
