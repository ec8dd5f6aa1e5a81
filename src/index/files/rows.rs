//! Which rows of a segment have a word, in the form that is shortest, about.

use super::dictionary::Term;
use super::list::{List, write_gaps, write_steps};
use crate::index::bit_table::ones;

/// How much longer than a list a bitmap may be, from so many rows on: it is looked into where a list has to
/// be read.
const BITMAP_MULTIPLE: usize = 8;
const LARGE_ROWS: usize = 1 << 13;

/// As what rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Gaps,
    Steps,
    Bitmap,
}

/// Writes rows, ascending, behind those of other words.
pub(super) fn write(of: &[u32], all_rows: usize, is_coarse: bool, bytes: &mut Vec<u8>) -> Term {
    let start = bytes.len();
    let mut form = Form::Gaps;
    write_gaps(of, bytes);
    let gaps_len = bytes.len().saturating_sub(start);
    if of.len() >= all_rows / 4096 && all_rows >= LARGE_ROWS {
        let mut steps = Vec::new();
        write_steps(of, &mut steps);
        if steps.len() <= gaps_len {
            form = Form::Steps;
            bytes.truncate(start);
            bytes.append(&mut steps);
        }
    }
    let multiple = if all_rows < LARGE_ROWS { 1 } else { BITMAP_MULTIPLE };
    let bitmap_len = all_rows.div_ceil(64).saturating_mul(8);
    if bitmap_len <= gaps_len.saturating_mul(multiple) {
        form = Form::Bitmap;
        bytes.truncate(start);
        write_bitmap(of, bitmap_len, bytes);
    }
    let fit = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
    let rows_len = fit(bytes.len().saturating_sub(start));
    Term { rows_at: fit(start), rows_len, form, is_coarse }
}

fn write_bitmap(of: &[u32], len: usize, bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.resize(start.saturating_add(len), 0);
    let bitmap = bytes.get_mut(start..).unwrap_or_default();
    for row in of {
        if let Some(byte) = bitmap.get_mut((row >> 3) as usize) {
            *byte |= 1 << (row & 7);
        }
    }
}

/// Rows that have a word, as they are read.
#[derive(Clone, Debug)]
pub(super) enum Rows<'a> {
    List(List<'a>),
    /// A bit for each row, the lowest first.
    Bitmap(&'a [[u8; 8]]),
}

impl<'a> Rows<'a> {
    pub(super) fn new(term: Term, bytes: &'a [u8]) -> Self {
        let end = term.rows_at.saturating_add(term.rows_len) as usize;
        let bytes = bytes.get(term.rows_at as usize..end).unwrap_or_default();
        match term.form {
            Form::Gaps => Self::List(List::gaps(bytes)),
            Form::Steps => Self::List(List::steps(bytes)),
            Form::Bitmap => Self::Bitmap(bytes.as_chunks().0),
        }
    }

    /// Appends all of them.
    pub(super) fn read(self, rows: &mut Vec<u32>) {
        match self {
            Self::List(mut list) => list.each_before(u32::MAX, |row| rows.push(row)),
            Self::Bitmap(chunks) => {
                for (place, chunk) in (0_u32..).zip(chunks) {
                    rows.extend(ones(u64::from_le_bytes(*chunk)).map(|bit| place << 6 | bit));
                }
            }
        }
    }
}
