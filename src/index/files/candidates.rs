//! Rows that may have all words, where they are few: a list, from which each word drops those without it.

use super::list::List;
use super::rows::Rows;

/// Candidates that are passed over one by one before they are leapt over.
const STEPS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// Ascending.
    rows: Vec<u32>,
    /// Which of them have the word that is looked at.
    marks: Vec<bool>,
}

impl Candidates {
    /// All rows of a word.
    pub(super) fn of(word: &[Rows<'_>]) -> Self {
        let mut rows = Vec::new();
        word.iter().for_each(|part| part.clone().read(&mut rows));
        if word.len() > 1 {
            // Each part is sorted already: this sort takes note of that.
            rows.sort();
            rows.dedup();
        }
        Self { rows, marks: Vec::new() }
    }

    /// Keeps those that are rows of this word too.
    pub(super) fn keep_rows_of(&mut self, word: &[Rows<'_>]) {
        match word {
            [bitmap @ Rows::Bitmap(_)] => return self.keep_by(|row| bitmap.has(row)),
            [Rows::Eights(eights)] => {
                self.keep_by(|row| eights.has_near(row));
                return self.keep_by(|row| eights.has(row));
            }
            _ => {}
        }
        self.marks.clear();
        self.marks.resize(self.rows.len(), false);
        for part in word {
            match part {
                Rows::Bitmap(_) | Rows::Eights(_) => self.mark_by(|row| part.has(row)),
                Rows::Without(all, others) => {
                    let mut others = others.clone();
                    self.mark_by(|row| {
                        others.advance_to(row);
                        all.has(row) && others.peek() != Some(row)
                    });
                }
                Rows::List(list) => self.mark_list(list.clone()),
            }
        }
        let mut marks = self.marks.iter();
        self.rows.retain(|_| marks.next().is_some_and(|is_marked| *is_marked));
    }

    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Without a branch for each: which of them are kept cannot be foreseen.
    #[inline]
    fn keep_by(&mut self, has: impl Fn(u32) -> bool) {
        let mut kept = 0_usize;
        for at in 0..self.rows.len() {
            let Some(row) = self.rows.get(at).copied() else { break };
            if let Some(to) = self.rows.get_mut(kept) {
                *to = row;
            }
            kept = kept.saturating_add(usize::from(has(row)));
        }
        self.rows.truncate(kept);
    }

    fn mark_by(&mut self, mut has: impl FnMut(u32) -> bool) {
        for (row, mark) in self.rows.iter().zip(&mut self.marks) {
            *mark |= has(*row);
        }
    }

    fn mark_list(&mut self, mut list: List<'_>) {
        let (mut rows, mut marks) = (self.rows.as_slice(), self.marks.as_mut_slice());
        while let Some(candidate) = rows.first() {
            list.advance_to(*candidate);
            let Some(row) = list.peek() else { return };
            if let Some(mark) = marks.first_mut().filter(|_| *candidate == row) {
                *mark = true;
            }
            let passed = passed(rows, row.saturating_add(u32::from(*candidate == row)));
            rows = rows.get(passed..).unwrap_or_default();
            marks = marks.get_mut(passed..).unwrap_or_default();
        }
    }
}

/// How many rows are before this one.
fn passed(rows: &[u32], row: u32) -> usize {
    let near = rows.iter().take(STEPS).position(|candidate| *candidate >= row);
    near.unwrap_or_else(|| rows.partition_point(|candidate| *candidate < row))
}
