//! The words of a query, and which rows of a segment have them.

use std::cmp::Reverse;

use super::dictionary::{Term, letters, longer};
use super::list::List;
use super::rows::{self, Rows};
use super::segment::Segment;
use super::work::Work;
use crate::base::limits::FILE_SEARCH_WORDS_MAX;
use crate::index::words;

/// Rows of a list that are read in the time in which one name is.
const NAME_IN_ROWS: usize = 160;

/// Rows that are leapt over in the time in which one is read, where a list can be leapt through.
const LEAP: usize = 32;

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

    /// Where the rows of all words are; nothing where one is in no name. Most queries have such a word, and
    /// are done here.
    pub(super) fn in_segment<'s>(
        &'s self,
        segment: &'s Segment,
        work: &mut Work,
    ) -> Option<Vec<Sought<'s>>> {
        let dictionary = &segment.dictionary;
        let mut sought = Vec::with_capacity(self.0.len());
        for text in &self.0 {
            let mut word = Sought::new(text);
            let short = letters(text);
            for letters in std::iter::once(short).chain(longer(short)) {
                work.seek();
                dictionary.each_with(letters, text.as_bytes(), |term: Term| {
                    work.term();
                    if !term.is_coarse {
                        word.push(term, letters > short, segment);
                    }
                    !work.is_spent()
                });
                if word.has_all {
                    break;
                }
            }
            if word.rows.is_empty() || work.is_spent() {
                return None;
            }
            sought.push(word);
        }
        Some(sought)
    }
}

/// A word that is sought, and what has it: each word that begins with it has rows of its own, if it is not
/// frequent.
pub(super) struct Sought<'a> {
    pub(super) text: &'a str,
    pub(super) rows: Vec<Rows<'a>>,
    /// How many there are, at most, and the time it takes to read those in lists: in rows.
    pub(super) most: usize,
    pub(super) reading: usize,
    /// Rows of lists that are not passed yet, at most.
    left: usize,
    /// Whether there are no others.
    has_all: bool,
}

impl<'a> Sought<'a> {
    const fn new(text: &'a str) -> Self {
        let rows = Vec::new();
        Self { text, rows, most: 0, reading: 0, left: 0, has_all: false }
    }

    fn push(&mut self, term: Term, is_longer: bool, segment: &'a Segment) {
        // What is found by a longer word may be too long for this one.
        let rows = if is_longer {
            Rows::whole(term, &segment.rows)
        } else {
            self.has_all = rows::has_longer(term, segment.len());
            Rows::all(term, &segment.rows)
        };
        self.most = self.most.saturating_add(rows.len_max());
        if let Rows::List(list) | Rows::Without(_, list) = &rows {
            self.reading = self.reading.saturating_add(reading(list));
            self.left = self.left.saturating_add(list.rows_len());
        }
        self.rows.push(rows);
    }

    /// A row from which on there may be others of this word.
    pub(super) fn next_row(&self, from: u32) -> Option<u32> {
        let next = |rows: &Rows<'_>| match rows {
            Rows::List(list) => list.peek(),
            Rows::Eights(_) | Rows::Bitmap(_) | Rows::Without(..) => Some(from),
        };
        self.rows.iter().filter_map(next).min()
    }

    pub(super) fn count(&mut self, work: &mut Work) {
        let left = |rows: &Rows<'_>| match rows {
            Rows::List(list) | Rows::Without(_, list) => list.rows_len(),
            Rows::Eights(_) | Rows::Bitmap(_) => 0,
        };
        let left = self.rows.iter().map(left).fold(0, usize::saturating_add);
        work.window(self.rows.len(), self.left.saturating_sub(left));
        self.left = left;
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
pub(super) fn split(mut sought: Vec<Sought<'_>>) -> (Vec<Sought<'_>>, Vec<&str>) {
    let mut named = Vec::new();
    let Some(rarest) = sought.first() else { return (sought, named) };
    let most = rarest.most.saturating_mul(NAME_IN_ROWS);
    named.extend(sought.extract_if(1.., |word| word.reading > most).map(|word| word.text));
    (sought, named)
}
