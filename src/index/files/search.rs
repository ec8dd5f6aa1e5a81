//! Files by all of some words.
//!
//! The rarest word says which rows are candidates; each other word keeps those that have it too. Few
//! candidates stand in a list; many are taken up window by window. Where the rows of a word are many and
//! candidates few, the names of the candidates are read instead.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::candidates::Candidates;
use super::dictionary::{Term, letters};
use super::list::List;
use super::removed::Removed;
use super::rows::Rows;
use super::segment::Segment;
use super::window::{Room, Window};
use super::work::Work;
use super::{FileId, Kinds};
use crate::base::limits::FILE_SEARCH_WORDS_MAX;
use crate::index::words;

/// Rows of a list that are read in the time in which one name is.
const NAME_IN_ROWS: usize = 160;

/// Rows that are leapt over in the time in which one is read, where a list can be leapt through.
const LEAP: usize = 32;

/// Of how many rows one is a candidate at most, where they stand in a list.
const SPARSE: usize = 256;

/// So few rows that a window is too large for them.
const FEW_ROWS: usize = 512;

/// Letters that a word may have beyond those that are sought, if it has so many in all (QRP-30).
const BEYOND: std::ops::RangeInclusive<u16> = 0..=2;
const LONG: u16 = 5;

/// The words of a query, each once.
#[derive(Debug)]
pub(super) struct Wanted<'a>(Vec<&'a str>);

impl<'a> Wanted<'a> {
    /// Nothing where a text has no words.
    pub(super) fn new(folded: &'a str, work: &mut Work) -> Option<Self> {
        let mut wanted = Vec::new();
        for word in words::words(folded) {
            work.rows(wanted.len().saturating_add(1));
            if wanted.contains(&word) {
                continue;
            }
            if wanted.len() >= FILE_SEARCH_WORDS_MAX {
                break;
            }
            wanted.push(word);
        }
        // Long words are rare, and the first that nobody has ends the search.
        wanted.sort_by_key(|word| Reverse(word.len()));
        (!wanted.is_empty()).then_some(Self(wanted))
    }
}

/// A search, and what of it is the same in each segment.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) kinds: Kinds,
    pub(super) limit: usize,
}

/// A word that is sought, and what has it: each word that begins with it has rows of its own.
struct Sought<'a> {
    text: &'a str,
    rows: Vec<Rows<'a>>,
    /// Rows in lists that are not read yet, at most, and the time it takes to read them: in rows.
    most: usize,
    reading: usize,
    has_bitmap: bool,
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
        let Some(mut sought) = self.sought(segment, work) else { return };
        sought.sort_by_key(|word| (word.has_bitmap, word.most));
        let (mut sought, named) = split(sought);
        let Some((rarest, others)) = sought.split_first_mut() else { return };
        let most = found.len().saturating_add(self.limit);
        let mut telling = Telling { search: self, segment, removed, named, most, work, found };
        let is_sparse = !rarest.has_bitmap && rarest.most <= segment.len() / SPARSE;
        if is_sparse || segment.len() <= FEW_ROWS {
            telling.by_candidates(rarest, others);
        } else {
            telling.by_windows(rarest, others);
        }
    }

    /// Where the rows of all words are; nothing where one is in no name. Most queries have such a word, and
    /// are done here.
    fn sought<'s>(&'s self, segment: &'s Segment, work: &mut Work) -> Option<Vec<Sought<'s>>> {
        let dictionary = &segment.dictionary;
        let mut sought = Vec::with_capacity(self.wanted.0.len());
        for text in &self.wanted.0 {
            let mut word =
                Sought { text, rows: Vec::new(), most: 0, reading: 0, has_bitmap: false };
            let short = letters(text);
            for beyond in BEYOND {
                let long = short.saturating_add(beyond);
                if beyond > 0 && long < LONG {
                    continue;
                }
                work.seek();
                dictionary.each_with(long, text.as_bytes(), |term: Term| {
                    work.term();
                    if !term.is_coarse {
                        word.push(Rows::new(term, &segment.rows));
                    }
                    !work.is_spent()
                });
            }
            if word.rows.is_empty() || work.is_spent() {
                return None;
            }
            sought.push(word);
        }
        Some(sought)
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
        self.tell(candidates.rows().iter().copied());
    }

    fn by_windows(&mut self, rarest: &mut Sought<'_>, others: &mut [Sought<'_>]) {
        let (mut window, mut room, mut from) = (Window::new(), Room::new(), 0);
        while let Some(row) = rarest.next_row(from, self.segment.len()) {
            if self.work.is_spent() {
                return;
            }
            rarest.fill(&mut window, row, self.work);
            for other in &mut *others {
                if window.is_empty() || self.work.is_spent() {
                    break;
                }
                other.keep(&mut window, &mut room, self.work);
            }
            if self.tell(window.rows()) {
                return;
            }
            from = window.end();
        }
    }

    /// Tells those of the rows that are wanted. Whether nothing else is.
    fn tell(&mut self, rows: impl Iterator<Item = u32>) -> bool {
        for row in rows {
            self.work.rows(1);
            if self.found.len() >= self.most || self.work.is_spent() {
                return true;
            }
            let is_there = self.segment.is_of(row, self.search.kinds) && !self.removed.has(row);
            if is_there && has_all(self.segment, row, &self.named, self.work) {
                self.found.extend(self.segment.id(row));
            }
        }
        self.found.len() >= self.most
    }
}

impl<'a> Sought<'a> {
    fn push(&mut self, rows: Rows<'a>) {
        if let Rows::List(list) = &rows {
            self.most = self.most.saturating_add(list.rows_len());
            self.reading = self.reading.saturating_add(reading(list));
        } else {
            self.has_bitmap = true;
        }
        self.rows.push(rows);
    }

    /// A row from which on there may be others of this word.
    fn next_row(&self, from: u32, all_rows: usize) -> Option<u32> {
        if self.has_bitmap {
            return Some(from).filter(|from| (*from as usize) < all_rows);
        }
        let next = |rows: &Rows<'_>| if let Rows::List(list) = rows { list.peek() } else { None };
        self.rows.iter().filter_map(next).min()
    }

    fn fill(&mut self, window: &mut Window, row: u32, work: &mut Work) {
        window.take_rows_of(&mut self.rows, row);
        self.count(work);
    }

    fn keep(&mut self, window: &mut Window, room: &mut Room, work: &mut Work) {
        window.keep_rows_of(&mut self.rows, room);
        self.count(work);
    }

    fn count(&mut self, work: &mut Work) {
        let rest = |rows: &Rows<'_>| if let Rows::List(list) = rows { list.rows_len() } else { 0 };
        let most = self.rows.iter().map(rest).fold(0, usize::saturating_add);
        work.window(self.rows.len(), self.most.saturating_sub(most));
        self.most = most;
    }
}

/// Rows that are read in the time in which a list is held against few candidates.
fn reading(list: &List<'_>) -> usize {
    match list {
        List::Gaps(_) => list.rows_len(),
        List::Steps(_) => list.rows_len() / LEAP,
    }
}

/// Those words whose rows are read, and those for which names are: in the rows of these there is more to
/// read than in the names of all that have the rarest word.
fn split(mut sought: Vec<Sought<'_>>) -> (Vec<Sought<'_>>, Vec<&str>) {
    let mut named = Vec::new();
    let Some(rarest) = sought.first() else { return (sought, named) };
    if !rarest.has_bitmap {
        let most = rarest.most.saturating_mul(NAME_IN_ROWS);
        named.extend(sought.extract_if(1.., |word| word.reading > most).map(|word| word.text));
    }
    (sought, named)
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
