//! The names of the files of a segment.

use super::varint;

/// Names of which the place of the first is known.
const STRIDE: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Names {
    /// Each behind its length.
    text: Box<[u8]>,
    /// Where every eighth name is.
    starts: Box<[u32]>,
}

impl Names {
    /// Names, in the order of their rows.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let (mut text, mut starts) = (Vec::new(), Vec::new());
        for (row, name) in names.enumerate() {
            if row.is_multiple_of(STRIDE) {
                starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            }
            varint::put(u32::try_from(name.len()).unwrap_or(0), &mut text);
            text.extend_from_slice(name.as_bytes());
        }
        Self { text: text.into(), starts: starts.into() }
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

    /// Bytes of all names, and of their lengths.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn footprint_len(&self) -> usize {
        self.text.len().saturating_add(size_of_val(&*self.starts))
    }
}
