//! Which rows of a segment have a word, in the form that is shortest, about.
//!
//! Where a word is frequent, the rows of the longer words that are found by it (QRP-30) stand among its own:
//! so one look at it is enough. Which rows those are is written before them.

use super::dictionary::Term;
use super::eights::{self, Eights};
use super::list::{List, write_gaps, write_steps};
use super::varint;
use crate::index::bit_table::ones;

/// Of so many rows one has a word at least, from so many rows on, where they are written by eights, which
/// are longer than a list, and are looked into where a list has to be read.
const EIGHTS_ONE_IN: usize = 256;
const LARGE_ROWS: usize = 1 << 13;

/// Of so many rows one has a word at least, where most eights have one.
const BITMAP_ONE_IN: usize = 8;

/// Of so many rows one has a word at least, where a list is written in steps.
const STEPS_ONE_IN: usize = 4096;

/// As what rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Gaps,
    Steps,
    Eights,
    Bitmap,
}

/// Whether a word that so many rows have is written together with longer ones.
pub(super) fn is_frequent(rows_len: usize, all_rows: usize) -> bool {
    all_rows >= LARGE_ROWS && rows_len >= all_rows / EIGHTS_ONE_IN
}

/// Whether the rows of longer words stand among those of this one.
pub(super) fn has_longer(term: Term, all_rows: usize) -> bool {
    matches!(term.form, Form::Eights | Form::Bitmap) && all_rows >= LARGE_ROWS
}

/// Writes the rows of a word behind those of others; and of longer words those that it has not, if it is
/// frequent. Both ascend.
pub(super) fn write(
    of: &[u32],
    longer: &[u32],
    all_rows: usize,
    is_coarse: bool,
    bytes: &mut Vec<u8>,
) -> Term {
    let start = bytes.len();
    let form = if is_frequent(of.len(), all_rows) {
        write_frequent(of, longer, all_rows, bytes)
    } else {
        write_few(of, all_rows, bytes)
    };
    let fit = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let rows_len = fit(bytes.len().saturating_sub(start));
    Term { rows_at: fit(start), rows_len, form, is_coarse }
}

fn write_frequent(of: &[u32], longer: &[u32], all_rows: usize, bytes: &mut Vec<u8>) -> Form {
    let mut gaps = Vec::new();
    write_gaps(longer, &mut gaps);
    varint::put(u32::try_from(gaps.len()).unwrap_or(u32::MAX), bytes);
    bytes.append(&mut gaps);
    let mut all = [of, longer].concat();
    all.sort();
    if all.len() < all_rows / BITMAP_ONE_IN {
        eights::write(&all, all_rows, bytes);
        return Form::Eights;
    }
    write_bitmap(&all, all_rows, bytes);
    Form::Bitmap
}

/// Writes rows in what is shortest, where there are few of them.
fn write_few(of: &[u32], all_rows: usize, bytes: &mut Vec<u8>) -> Form {
    let start = bytes.len();
    write_gaps(of, bytes);
    let gaps_len = bytes.len().saturating_sub(start);
    if all_rows < LARGE_ROWS {
        if all_rows.div_ceil(8) < gaps_len {
            bytes.truncate(start);
            bytes.push(0);
            write_bitmap(of, all_rows, bytes);
            return Form::Bitmap;
        }
    } else if of.len() >= all_rows / STEPS_ONE_IN {
        let mut steps = Vec::new();
        write_steps(of, &mut steps);
        if steps.len() <= gaps_len {
            bytes.truncate(start);
            bytes.append(&mut steps);
            return Form::Steps;
        }
    }
    Form::Gaps
}

fn write_bitmap(of: &[u32], all_rows: usize, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.resize(start.saturating_add(all_rows.div_ceil(8)), 0);
    let bitmap = bytes.get_mut(start..).unwrap_or_default();
    for row in of {
        if let Some(byte) = bitmap.get_mut((row >> 3) as usize) {
            *byte |= 1 << (row & 7);
        }
    }
}

/// Rows that have a word, or longer ones that are written among them.
#[derive(Clone, Debug)]
pub(super) enum Rows<'a> {
    List(List<'a>),
    Eights(Eights<'a>),
    /// A bit for each row, the lowest first.
    Bitmap(&'a [u8]),
    /// Some of these two, but not those of a list.
    Without(Box<Self>, List<'a>),
}

impl<'a> Rows<'a> {
    /// All rows that are written of a word: of longer ones too, where it is frequent.
    pub(super) fn all(term: Term, bytes: &'a [u8]) -> Self {
        Self::split(term, bytes).0
    }

    /// The rows of a word without those that only longer ones have.
    pub(super) fn whole(term: Term, bytes: &'a [u8]) -> Self {
        match Self::split(term, bytes) {
            (all, []) => all,
            (all, longer) => Self::Without(Box::new(all), List::gaps(longer)),
        }
    }

    fn split(term: Term, bytes: &'a [u8]) -> (Self, &'a [u8]) {
        let end = term.rows_at.saturating_add(term.rows_len) as usize;
        let mut bytes = bytes.get(term.rows_at as usize..end).unwrap_or_default();
        let mut longer = || {
            let len = varint::take(&mut bytes).unwrap_or(0);
            varint::take_bytes(len, &mut bytes).unwrap_or_default()
        };
        match term.form {
            Form::Gaps => (Self::List(List::gaps(bytes)), &[]),
            Form::Steps => (Self::List(List::steps(bytes)), &[]),
            Form::Eights => {
                let longer = longer();
                (Self::Eights(Eights::new(bytes)), longer)
            }
            Form::Bitmap => {
                let longer = longer();
                (Self::Bitmap(bytes), longer)
            }
        }
    }

    /// Whether a row is one of a bitmap or of eights.
    #[inline]
    pub(super) fn has(&self, row: u32) -> bool {
        match self {
            Self::Eights(eights) => eights.has(row),
            Self::Bitmap(bytes) => {
                let byte = bytes.get((row >> 3) as usize);
                byte.is_some_and(|byte| byte >> (row & 7) & 1 != 0)
            }
            Self::List(_) | Self::Without(..) => false,
        }
    }

    /// How many there are, at most.
    pub(super) fn len_max(&self) -> usize {
        match self {
            Self::List(list) => list.rows_len(),
            Self::Eights(eights) => eights.rows_len(),
            Self::Bitmap(bytes) => bytes.len().saturating_mul(8),
            Self::Without(all, _) => all.len_max(),
        }
    }

    /// Appends all of them.
    pub(super) fn read(self, rows: &mut Vec<u32>) {
        match self {
            Self::List(mut list) => list.each_before(u32::MAX, |row| rows.push(row)),
            Self::Eights(eights) => eights.each(|row| rows.push(row)),
            Self::Bitmap(bytes) => {
                for (place, byte) in (0_u32..).zip(bytes) {
                    rows.extend(ones((*byte).into()).map(|bit| place << 3 | bit));
                }
            }
            Self::Without(all, mut others) => {
                let before = rows.len();
                all.read(rows);
                let read = rows.split_off(before);
                rows.extend(read.into_iter().filter(|row| {
                    others.advance_to(*row);
                    others.peek() != Some(*row)
                }));
            }
        }
    }
}
