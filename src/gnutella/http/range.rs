use std::fmt;

use super::Form;
use crate::base::ranges::ByteRange;

/// Which part of a file a request asks for (RANGE-01). Of several ranges the first counts (RANGE-04).
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
    /// The bytes of a file of this size that are asked for, as far as it has them; nothing where it has
    /// none of them, which is worth a 416 (RANGE-05).
    pub fn within(self, size: u64) -> Option<ByteRange> {
        let range = match self {
            Self::Bounded(range) => ByteRange::new(range.start, range.end.min(size)),
            Self::From(start) => ByteRange::new(start, size),
            Self::Last(len) => ByteRange::new(size.saturating_sub(len), size),
        };
        (!range.is_empty()).then_some(range)
    }
}

impl Form for RangeHeader {
    const NAME: &'static str = "Range";

    fn parse(_value: &str) -> Option<Self> {
        None
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
