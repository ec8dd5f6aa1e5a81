//! The names of the files of a segment.

use std::hash::{DefaultHasher, Hasher};

use super::digests::{narrow, wide};
use super::varint;

/// Names of which the place of the first is known.
const STRIDE: usize = 8;

/// Bits of a number that are those of a row.
const ROW_BITS: u64 = (1 << 24) - 1;

#[derive(Debug, Default)]
pub(super) struct Names {
    /// Each behind its length.
    text: Box<[u8]>,
    /// Where every eighth name is.
    starts: Box<[u32]>,
    /// The rows, sorted by the hashes of their names: three bytes each.
    sorted: Box<[[u8; 3]]>,
}

impl Names {
    /// Names, in the order of their rows.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let (mut text, mut starts, mut hashed) = (Vec::new(), Vec::new(), Vec::new());
        for (row, name) in (0_u32..).zip(names) {
            if (row as usize).is_multiple_of(STRIDE) {
                starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            }
            varint::put(u32::try_from(name.len()).unwrap_or(0), &mut text);
            text.extend_from_slice(name.as_bytes());
            hashed.push(hash(name) | u64::from(row) & ROW_BITS);
        }
        hashed.sort_unstable();
        let row = |hashed: &u64| narrow(u32::try_from(hashed & ROW_BITS).unwrap_or(0));
        let sorted = hashed.iter().map(row).collect();
        Self { text: text.into(), starts: starts.into(), sorted }
    }

    pub(super) fn get(&self, row: u32) -> Option<&str> {
        let start = self.starts.get(row as usize / STRIDE)?;
        let mut rest = self.text.get(*start as usize..)?;
        for _ in 0..row as usize % STRIDE {
            let len = varint::take(&mut rest)?;
            varint::take_bytes(len, &mut rest)?;
        }
        let len = varint::take(&mut rest)?;
        std::str::from_utf8(varint::take_bytes(len, &mut rest)?).ok()
    }

    /// The rows that have a name, ascending, and now and then another one: its hash is the same.
    pub(super) fn rows_like(&self, name: &str) -> impl Iterator<Item = u32> {
        let (sorted, name) = (&*self.sorted, hash(name));
        let of = |row: &[u8; 3]| self.get(wide(*row)).map_or(0, hash);
        let start = sorted.partition_point(|row| of(row) < name);
        let rest = sorted.get(start..).unwrap_or_default();
        let len = rest.partition_point(|row| of(row) == name);
        rest.iter().take(len).map(|row| wide(*row))
    }

    /// Bytes of all names, and of their lengths.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn footprint_len(&self) -> usize {
        let tables = [size_of_val(&*self.starts), size_of_val(&*self.sorted)];
        tables.into_iter().fold(self.text.len(), usize::saturating_add)
    }
}

/// Forty bits, with room for a row behind them.
fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name.as_bytes());
    hasher.finish() & !ROW_BITS
}
