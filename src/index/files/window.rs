//! Some rows that stand together, as bits: words are held against each other window by window.

use super::super::bit_table::ones;
use super::rows::Rows;

/// Numbers of 64 bits in a window.
const WORDS: usize = 1024;

/// Rows of a window.
const ROWS: u32 = 64 * 1024;

/// Rows from `start` on. All that are set are in `from..to`.
#[derive(Clone, Debug)]
pub(super) struct Window {
    start: u32,
    bits: [u64; WORDS],
    from: usize,
    to: usize,
}

impl Window {
    pub(super) const fn new() -> Self {
        Self { start: 0, bits: [0; WORDS], from: 0, to: 0 }
    }

    /// The rows of a word in the window in which this row is.
    pub(super) fn take_rows_of(&mut self, word: &mut [Rows<'_>], row: u32) {
        self.start = row & !ROWS.saturating_sub(1);
        self.bits = [0; WORDS];
        (self.from, self.to) = (0, WORDS);
        self.add(word);
        let is_set = |bits: &u64| *bits != 0;
        self.from = self.bits.iter().position(is_set).unwrap_or(WORDS);
        self.to =
            self.bits.iter().rposition(is_set).map_or(self.from, |last| last.saturating_add(1));
    }

    /// Keeps those that are rows of this word too. `room` is used to put them together.
    pub(super) fn keep_rows_of(&mut self, word: &mut [Rows<'_>], room: &mut Self) {
        if let [Rows::Bitmap(chunks)] = word {
            let (start, range) = (self.start, self.from..self.to);
            let kept = self.bits.get_mut(range.clone()).unwrap_or_default();
            let chunks = chunks_of(chunks, start, range);
            let padded = chunks.iter().chain(std::iter::repeat(&[0; 8]));
            kept.iter_mut()
                .zip(padded)
                .for_each(|(bits, chunk)| *bits &= u64::from_le_bytes(*chunk));
            return;
        }
        (room.start, room.from, room.to) = (self.start, self.from, self.to);
        room.bits.get_mut(self.from..self.to).unwrap_or_default().fill(0);
        room.add(word);
        let other = room.bits.get(self.from..self.to).unwrap_or_default();
        let kept = self.bits.get_mut(self.from..self.to).unwrap_or_default();
        kept.iter_mut().zip(other).for_each(|(bits, other)| *bits &= other);
    }

    /// The first row behind.
    pub(super) const fn end(&self) -> u32 {
        self.start.saturating_add(ROWS)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set().iter().all(|bits| *bits == 0)
    }

    /// The rows, ascending.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        let first = self.row_of(self.from);
        let words = (0_u32..).zip(self.set());
        words.flat_map(move |(place, &bits)| {
            let first = first.saturating_add(place << 6);
            ones(bits).map(move |bit| first.saturating_add(bit))
        })
    }

    fn set(&self) -> &[u64] {
        self.bits.get(self.from..self.to).unwrap_or_default()
    }

    /// Takes up the rows of a word that are in `from..to`.
    fn add(&mut self, word: &mut [Rows<'_>]) {
        for rows in word {
            match rows {
                Rows::Bitmap(chunks) => {
                    let chunks = chunks_of(chunks, self.start, self.from..self.to);
                    let bits = self.bits.get_mut(self.from..self.to).unwrap_or_default();
                    let both = bits.iter_mut().zip(chunks);
                    both.for_each(|(bits, chunk)| *bits |= u64::from_le_bytes(*chunk));
                }
                Rows::List(list) => {
                    let [from, to] = [self.from, self.to].map(|word| self.row_of(word));
                    list.advance_to(from);
                    list.each_before(to, |row| self.set_row(row));
                }
            }
        }
    }

    /// The first row of one of the numbers.
    fn row_of(&self, word: usize) -> u32 {
        self.start.saturating_add(u32::try_from(word).unwrap_or(0) << 6)
    }

    #[inline]
    fn set_row(&mut self, row: u32) {
        let Some(place) = row.checked_sub(self.start) else { return };
        if let Some(bits) = self.bits.get_mut((place >> 6) as usize) {
            *bits |= 1 << (place & 63);
        }
    }
}

/// Of the bits of all rows, those of a part of a window.
fn chunks_of(all: &[[u8; 8]], start: u32, part: std::ops::Range<usize>) -> &[[u8; 8]] {
    let first = (start >> 6) as usize;
    let [from, to] = [part.start, part.end].map(|place| first.saturating_add(place).min(all.len()));
    all.get(from..to).unwrap_or_default()
}
