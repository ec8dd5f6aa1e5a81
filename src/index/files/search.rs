//! Files by all of some words.
//!
//! The rarest word says which rows are candidates; each other word keeps those that have it too. Few
//! candidates stand in a list; many are taken up window by window, and first eight by eight. Where lists are
//! long and candidates few, the names of the candidates are read instead.

use std::borrow::Cow;

use super::candidates::Candidates;
use super::here::Here;
use super::removed::Removed;
use super::segment::Segment;
use super::sought::{Sought, Wanted, split};
use super::window::Window;
use super::work::Work;
use super::{FileId, Kinds};
use crate::index::words;

/// Of how many rows one is a candidate at most, where they stand in a list.
const SPARSE: usize = 256;

/// So few rows that a window is too large for them.
const FEW_ROWS: usize = 512;

/// A search, and what of it is the same in each segment.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) kinds: Kinds,
    pub(super) limit: usize,
}

impl Search<'_> {
    /// Appends the files of a segment, as many as are wanted of all.
    pub(super) fn run(
        &self,
        segment: &Segment,
        removed: &Removed,
        work: &mut Work,
        found: &mut Vec<FileId>,
    ) {
        let Some(mut sought) = self.wanted.in_segment(segment, work) else { return };
        sought.sort_by_key(|word| word.most);
        let (mut sought, named) = split(sought);
        let Some((rarest, others)) = sought.split_first() else { return };
        let most = found.len().saturating_add(self.limit);
        let mut telling = Telling { search: self, segment, removed, named, most, work, found };
        if rarest.most <= segment.len() / SPARSE || segment.len() <= FEW_ROWS {
            telling.by_candidates(rarest, others);
        } else {
            telling.by_windows(&mut sought);
        }
    }
}

/// A search in one segment, and where it tells what it finds.
struct Telling<'a> {
    search: &'a Search<'a>,
    segment: &'a Segment,
    removed: &'a Removed,
    /// Words that are looked for in names.
    named: Vec<&'a str>,
    /// Files that are found by then.
    most: usize,
    work: &'a mut Work,
    found: &'a mut Vec<FileId>,
}

impl Telling<'_> {
    fn by_candidates(&mut self, rarest: &Sought<'_>, others: &[Sought<'_>]) {
        let mut candidates = Candidates::of(&rarest.rows);
        self.work.window(rarest.rows.len(), rarest.most);
        for other in others {
            if candidates.rows().is_empty() || self.work.is_spent() {
                return;
            }
            candidates.keep_rows_of(&other.rows);
            self.work.rows(candidates.rows().len());
            self.work.window(other.rows.len(), other.reading);
        }
        _ = candidates.rows().iter().any(|row| self.tell(*row));
    }

    fn by_windows<'s>(&mut self, words: &mut [Sought<'s>]) {
        let mut window = Window::new(self.segment.len());
        let mut here: Vec<Here<'s>> = words.iter().map(|_| Here::default()).collect();
        let mut from = 0;
        while let Some(row) = words.first().and_then(|rarest| rarest.next_row(from)) {
            if row as usize >= self.segment.len() {
                return;
            }
            window.enter(row);
            for (word, here) in words.iter_mut().zip(&mut here) {
                if window.is_empty() || self.work.is_spent() {
                    break;
                }
                window.keep(&mut word.rows, here);
                word.count(self.work);
            }
            if self.work.is_spent() {
                return;
            }
            let mut is_done = false;
            let eights = window.each(&here, |row| {
                is_done = self.tell(row);
                is_done
            });
            self.work.rows(eights / 2);
            if is_done {
                return;
            }
            from = window.end();
        }
    }

    /// Tells a row if it is wanted. Whether nothing else is.
    fn tell(&mut self, row: u32) -> bool {
        self.work.rows(1);
        if self.found.len() >= self.most || self.work.is_spent() {
            return true;
        }
        let is_there = self.segment.is_of(row, self.search.kinds) && !self.removed.has(row);
        if is_there && has_all(self.segment, row, &self.named, self.work) {
            self.found.extend(self.segment.id(row));
        }
        self.found.len() >= self.most
    }
}

/// Whether the name of a file has all these words, or words that begin with them.
fn has_all(segment: &Segment, row: u32, named: &[&str], work: &mut Work) -> bool {
    if named.is_empty() {
        return true;
    }
    let Some(name) = segment.names.get(row) else { return false };
    work.name(name.len(), named.len());
    let name = if name.is_ascii() { Cow::Borrowed(name) } else { Cow::Owned(words::fold(name)) };
    let mut missing = named.to_vec();
    for word in words::words(&name) {
        missing.retain(|wanted| !is_found_by(word, wanted));
        if missing.is_empty() {
            return true;
        }
    }
    false
}

fn is_found_by(word: &str, wanted: &str) -> bool {
    let mut forms = std::iter::once(word).chain(words::prefixes(word));
    forms.any(|form| form.eq_ignore_ascii_case(wanted))
}
