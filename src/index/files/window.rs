//! Some rows that stand together: words are held against each other window by window, and first by eights
//! of rows, of which most have nothing that all words have.

use super::super::bit_table::ones;
use super::eights::{Part, WINDOW_NUMBERS, WINDOW_ROWS, all_of_window};
use super::here::{Here, Piece};
use super::rows::Rows;

/// Eights from which on no others are taken up before these are held against all words: many at once are
/// read from afar in the time of one, and where many rows have all words few eights are enough.
const AT_ONCE: usize = 192;

/// The eights of a window in which rows may be that have all words.
#[derive(Clone, Debug)]
pub(super) struct Window {
    start: u32,
    all_rows: usize,
    numbers: [u64; WINDOW_NUMBERS],
}

impl Window {
    /// The first one, of so many rows.
    pub(super) const fn new(all_rows: usize) -> Self {
        Self { start: 0, all_rows, numbers: [0; WINDOW_NUMBERS] }
    }

    /// Goes to the window in which this row is. All eights may have something.
    pub(super) fn enter(&mut self, row: u32) {
        self.start = row & !WINDOW_ROWS.saturating_sub(1);
        self.numbers = all_of_window(self.start, self.all_rows);
    }

    /// The first row behind.
    pub(super) const fn end(&self) -> u32 {
        self.start.saturating_add(WINDOW_ROWS)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.iter().fold(0, |any, number| any | number) == 0
    }

    /// Keeps the eights in which this word has rows too.
    pub(super) fn keep<'a>(&mut self, word: &mut [Rows<'a>], here: &mut Here<'a>) {
        here.enter(word, self.start, self.end());
        if let ([Piece::Eights(part)], None) = (&*here.pieces, &here.marks) {
            return keep(&mut self.numbers, part);
        }
        let mut any = here.marks.as_ref().map_or([0; WINDOW_NUMBERS], |marks| marks.numbers);
        for piece in &here.pieces {
            let Some(part) = piece.eights() else { return };
            let both = any.iter_mut().zip(part.numbers());
            both.for_each(|(any, number)| *any |= u64::from_le_bytes(*number));
        }
        self.numbers.iter_mut().zip(&any).for_each(|(number, any)| *number &= any);
    }

    /// Tells the rows that all words have, ascending, until one is the last that is wanted. How many eights
    /// were looked at in vain.
    pub(super) fn each(&self, words: &[Here<'_>], mut found: impl FnMut(u32) -> bool) -> usize {
        let (mut in_vain, mut taken) = (0_usize, Taken::new());
        for (at, number) in (0_u32..).zip(&self.numbers) {
            taken.push(at, *number);
            let is_last = at as usize == WINDOW_NUMBERS.saturating_sub(1);
            if taken.len < AT_ONCE && !is_last {
                continue;
            }
            let before = taken.len;
            words.iter().for_each(|word| taken.keep(word));
            in_vain = in_vain.saturating_add(before.saturating_sub(taken.len));
            for eight in taken.all.get(..taken.len).unwrap_or_default() {
                let first = self.start.saturating_add(eight >> 8 << 3);
                if ones((eight & 0xff).into()).any(|bit| found(first | bit)) {
                    return in_vain;
                }
            }
            taken.len = 0;
        }
        in_vain
    }
}

/// Eights of a window that are taken up: the place of each, and behind it, in a byte, its rows that have
/// all words so far.
#[derive(Debug)]
struct Taken {
    all: [u32; AT_ONCE + 64],
    len: usize,
}

impl Taken {
    const fn new() -> Self {
        Self { all: [0; AT_ONCE + 64], len: 0 }
    }

    /// Takes up the eights of a number.
    #[inline]
    fn push(&mut self, at: u32, number: u64) {
        let rest = self.all.get_mut(self.len..).unwrap_or_default();
        let (mut left, mut count) = (number, 0_usize);
        for to in rest {
            if left == 0 {
                break;
            }
            *to = (at << 6 | left.trailing_zeros()) << 8 | u32::from(u8::MAX);
            left &= left.wrapping_sub(1);
            count = count.saturating_add(1);
        }
        self.len = self.len.saturating_add(count);
    }

    /// Keeps the rows that have this word too, and the eights that have any.
    fn keep(&mut self, word: &Here<'_>) {
        match (&*word.pieces, &word.marks) {
            ([Piece::Eights(part)], None) => self.keep_by(|place| part.eight_there(place)),
            ([Piece::Bitmap(bitmap)], None) => {
                self.keep_by(|place| bitmap.get(place).copied().unwrap_or(0));
            }
            _ => self.keep_by(|place| word.eight(place)),
        }
    }

    /// Without a branch for each: which of them are kept cannot be foreseen.
    #[inline]
    fn keep_by(&mut self, rows: impl Fn(usize) -> u8) {
        let mut kept = 0_usize;
        for at in 0..self.len {
            let Some(eight) = self.all.get(at).copied() else { break };
            let rows = u32::from(rows((eight >> 8) as usize)) & eight & 0xff;
            if let Some(to) = self.all.get_mut(kept) {
                *to = eight & !0xff | rows;
            }
            kept = kept.saturating_add(usize::from(rows != 0));
        }
        self.len = kept;
    }
}

fn keep(numbers: &mut [u64; WINDOW_NUMBERS], part: &Part<'_>) {
    let part = part.numbers();
    numbers.get_mut(part.len()..).unwrap_or_default().fill(0);
    let both = numbers.iter_mut().zip(part);
    both.for_each(|(number, other)| *number &= u64::from_le_bytes(*other));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::files::rows::write;

    const ALL: u32 = 150_000;

    /// What three words have in common, of which the numbers of rows are multiples of these.
    fn common(multiples: [u32; 3]) -> Vec<u32> {
        let mut bytes = Vec::new();
        let terms = multiples.map(|multiple| {
            let rows: Vec<u32> = (0..ALL).filter(|row| row.is_multiple_of(multiple)).collect();
            write(&rows, &[], ALL as usize, false, &mut bytes)
        });
        let mut words = terms.map(|term| vec![Rows::all(term, &bytes)]);
        let (mut here, mut found) = ([(); 3].map(|()| Here::default()), Vec::new());
        let mut window = Window::new(ALL as usize);
        for start in (0..ALL).step_by(WINDOW_ROWS as usize) {
            window.enter(start | 9);
            words.iter_mut().zip(&mut here).for_each(|(word, here)| window.keep(word, here));
            window.each(&here, |row| {
                found.push(row);
                false
            });
        }
        found
    }

    #[test]
    fn rows_of_every_form_are_held_against_each_other() {
        for multiples in [[2, 3, 5], [1, 7, 33], [9, 300, 4], [5_000, 3, 40], [50_000, 2, 1]] {
            let expected = (0..ALL).filter(|row| multiples.iter().all(|m| row.is_multiple_of(*m)));
            assert_eq!(common(multiples), expected.collect::<Vec<_>>(), "{multiples:?}");
        }
    }

    #[test]
    fn the_last_row_that_is_wanted_ends_it() {
        let mut window = Window::new(100);
        window.enter(0);
        let (mut word, mut here) = ([Rows::Bitmap(&[0b110; 12])], [Here::default()]);
        window.keep(&mut word, &mut here[0]);
        let mut found = Vec::new();
        window.each(&here, |row| {
            found.push(row);
            found.len() == 3
        });
        assert_eq!(found, [1, 2, 9]);
    }
}
