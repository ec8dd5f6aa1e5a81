//! Some rows that stand together, as bits: words are held against each other window by window.

use super::super::bit_table::ones;
use super::list::List;
use super::rows::Rows;

/// Numbers of 64 bits in a window.
const WORDS: usize = 1024;

/// Rows of a window.
const ROWS: u32 = 64 * 1024;

/// Of how many numbers one is not 0 at most, where they are passed one by one.
const SPARSE: usize = 8;

/// Rows of a list that are read in the time in which it is leapt to one.
const LEAP: usize = 8;

/// Windows in which the rows of a long list are, about.
const WINDOWS: usize = 16;

/// What is used to put the rows of a word together: nothing, before and afterwards.
#[derive(Clone, Debug)]
pub(super) struct Room([u64; WORDS]);

/// Rows from `start` on. All that are set are in `from..to`.
#[derive(Clone, Debug)]
pub(super) struct Window {
    start: u32,
    bits: [u64; WORDS],
    from: usize,
    to: usize,
    /// How many of the numbers are not 0.
    filled: usize,
}

impl Room {
    pub(super) const fn new() -> Self {
        Self([0; WORDS])
    }

    #[inline]
    fn mark(&mut self, place: u32) {
        if let Some(bits) = self.0.get_mut((place >> 6) as usize) {
            *bits |= 1 << (place & 63);
        }
    }
}

impl Window {
    pub(super) const fn new() -> Self {
        Self { start: 0, bits: [0; WORDS], from: 0, to: 0, filled: 0 }
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
        self.count();
    }

    /// Keeps those that are rows of this word too.
    pub(super) fn keep_rows_of(&mut self, word: &mut [Rows<'_>], room: &mut Room) {
        if let [Rows::Bitmap(chunks)] = word {
            return self.keep_bits(chunks);
        }
        for rows in word {
            match rows {
                Rows::Bitmap(chunks) => self.mark_bits(chunks, room),
                Rows::List(list) => self.mark_list(list, room),
            }
        }
        let range = self.from..self.to;
        let marked = room.0.get_mut(range.clone()).unwrap_or_default();
        let kept = self.bits.get_mut(range).unwrap_or_default();
        kept.copy_from_slice(marked);
        marked.fill(0);
        self.count();
    }

    /// Keeps those that are in a bitmap. Where there are none of ours it is not read: it may be far away.
    fn keep_bits(&mut self, chunks: &[[u8; 8]]) {
        let range = self.from..self.to;
        let chunks = chunks_of(chunks, self.start, range.clone());
        let kept = self.bits.get_mut(range).unwrap_or_default();
        kept.get_mut(chunks.len()..).unwrap_or_default().fill(0);
        let both = kept.iter_mut().zip(chunks);
        let keep = |(bits, chunk): (&mut u64, &[u8; 8])| *bits &= u64::from_le_bytes(*chunk);
        if self.filled < WORDS / SPARSE {
            both.filter(|(bits, _)| **bits != 0).for_each(keep);
        } else {
            both.for_each(keep);
        }
        self.count();
    }

    fn count(&mut self) {
        self.filled = self.set().iter().filter(|bits| **bits != 0).count();
    }

    /// Marks the rows that a bitmap has too.
    fn mark_bits(&self, chunks: &[[u8; 8]], room: &mut Room) {
        let range = self.from..self.to;
        let chunks = chunks_of(chunks, self.start, range.clone());
        let marks = room.0.get_mut(range).unwrap_or_default();
        let all = marks.iter_mut().zip(chunks).zip(self.set());
        all.for_each(|((mark, chunk), bits)| *mark |= bits & u64::from_le_bytes(*chunk));
    }

    /// Marks the rows that a list has too.
    fn mark_list(&self, list: &mut List<'_>, room: &mut Room) {
        if self.filled.saturating_mul(LEAP) < list.rows_len() / WINDOWS {
            for row in self.rows() {
                list.advance_to(row);
                if list.peek() == Some(row) {
                    room.mark(row.saturating_sub(self.start));
                }
            }
            return;
        }
        let [from, to] = [self.from, self.to].map(|word| self.row_of(word));
        list.advance_to(from);
        list.each_before(to, |row| {
            let place = row.saturating_sub(self.start);
            let bits = self.bits.get((place >> 6) as usize);
            if bits.is_some_and(|bits| bits >> (place & 63) & 1 != 0) {
                room.mark(place);
            }
        });
    }

    /// The first row behind.
    pub(super) const fn end(&self) -> u32 {
        self.start.saturating_add(ROWS)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// The rows, ascending.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        let first = self.row_of(self.from);
        let words = (0_u32..).zip(self.set()).filter(|(_, bits)| **bits != 0);
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
