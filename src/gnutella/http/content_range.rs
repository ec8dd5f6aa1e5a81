use std::fmt;

use super::Form;
use super::form::number;
use super::range::{after_unit, bounded};
use crate::base::ranges::ByteRange;

/// Which part of a file the body of a response is (RANGE-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// Nothing in `bytes */1000`, which tells the size alone (RANGE-07).
    pub range: Option<ByteRange>,
    /// Bytes of the whole file; nothing in `bytes 0-9/*`.
    pub size: Option<u64>,
}

impl Form for ContentRange {
    const NAME: &'static str = "Content-Range";

    fn parse(value: &str) -> Option<Self> {
        let (range, size) = after_unit(value)?.split_once('/')?;
        let range = match range.trim() {
            "*" => None,
            range => Some(bounded(range)?),
        };
        let size = match size.trim() {
            "*" => None,
            size => Some(number(size)?),
        };
        let fits = range.zip(size).is_none_or(|(range, size)| range.end <= size);
        fits.then_some(Self { range, size })
    }
}

impl fmt::Display for ContentRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.range {
            Some(range) => write!(f, "bytes {range}/")?,
            None => f.write_str("bytes */")?,
        }
        match self.size {
            Some(size) => write!(f, "{size}"),
            None => f.write_str("*"),
        }
    }
}
