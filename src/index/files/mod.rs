//! Our own files, found by their words.
//!
//! [`Files`] is a list of segments, each of them a table of files that never changes. What is offered makes
//! a small segment; small ones are put together, as soon as they are as large as the next one. What is
//! offered no longer is marked. So a copy shares all but a few bytes with what it is a copy of, and stays
//! as it was: one is changed beside the node, and the node gets a copy.
//!
//! | file | what it knows |
//! |---|---|
//! | `segment` | a table of files, and the words of their names |
//! | `build` | files -> a segment, segments -> one |
//! | `dictionary` | words, so sorted that beginnings find them |
//! | `rows`, `list`, `eights` | which rows have a word |
//! | `sought` | the rows of each word of a query |
//! | `search`, `candidates`, `window`, `here` | the rows that have all words |
//! | `newest`, `digests`, `names` | the columns that are more than a list |
//! | `held`, `removed` | which segments there are, and what of them is offered no longer |
//! | `exact` | files by their contents, and by their whole names |
//! | `work` | what a search has cost |

mod build;
mod candidates;
mod dictionary;
mod digests;
mod eights;
mod exact;
mod file;
mod held;
mod here;
mod kinds;
mod list;
mod names;
mod newest;
mod removed;
mod rows;
mod search;
mod segment;
mod sought;
mod varint;
mod window;
mod work;

pub use file::{File, FileId, FileView};
pub use kinds::Kinds;

use self::held::Held;
use self::newest::Newest;
use self::search::Search;
use self::segment::Segment;
use self::sought::Wanted;
use self::work::Work;
use super::words;
use crate::base::urn::Urn;

/// Files that make a segment at once.
const BATCH_LEN: usize = 1 << 15;

/// Rows that are looked at in the time of a look.
const ROWS_A_LOOK: usize = 8;

/// Files, found by the words of their names, by the beginnings of long words, by their contents, and by
/// when they were written.
///
/// For a million files, with less than a hundred bytes for each beside its name. A copy is cheap. Offering
/// one file more looks at few others, most times; in the long run each file is looked at some twenty times.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// The largest first.
    held: Vec<Held>,
    last: u32,
}

impl Files {
    /// No files, and nothing allocated.
    pub const fn new() -> Self {
        Self { held: Vec::new(), last: 0 }
    }

    /// Offers a file, with the number behind the highest that was given. Many are better offered at once,
    /// by `extend` or by [`insert_all`](Self::insert_all).
    pub fn add(&mut self, file: File) -> FileId {
        let id = FileId(self.last.saturating_add(1));
        self.insert(id, file);
        id
    }

    /// Offers a file with this number, in place of the one that had it. The number 0 is none, and offers
    /// nothing.
    pub fn insert(&mut self, id: FileId, file: File) {
        self.insert_all([(id, file)]);
    }

    /// Offers files with these numbers, in place of those that had them; of two with one number, the last.
    ///
    /// A million take some seconds. Whoever has other things to do hands in some thousands at once.
    pub fn insert_all(&mut self, files: impl IntoIterator<Item = (FileId, File)>) {
        let mut files = files.into_iter().filter(|(id, _)| id.0 != 0);
        loop {
            let mut batch: Vec<_> = files.by_ref().take(BATCH_LEN).collect();
            if batch.is_empty() {
                return;
            }
            // The last of those with one number comes first, and stays.
            batch.reverse();
            batch.sort_by_key(|(id, _)| *id);
            batch.dedup_by_key(|(id, _)| *id);
            for (id, _) in &batch {
                if id.0 <= self.last {
                    self.mark(*id);
                }
            }
            self.last = batch.last().map_or(0, |(id, _)| id.0).max(self.last);
            let views: Vec<_> = batch.iter().map(|(id, file)| (*id, file.view())).collect();
            self.hold(Segment::of(&views));
            self.settle();
        }
    }

    /// What is known of a file is something else now. False where no file has the number.
    pub fn replace(&mut self, id: FileId, file: File) -> bool {
        let is_there = self.place(id).is_some();
        if is_there {
            self.insert(id, file);
        }
        is_there
    }

    /// Offers a file no longer. False where no file has the number.
    pub fn remove(&mut self, id: FileId) -> bool {
        let is_there = self.mark(id);
        self.settle();
        is_there
    }

    /// Puts all segments together: a search has less to look through afterwards. Takes as long as offering
    /// a quarter of the files, about.
    pub fn compact(&mut self) {
        if self.held.len() > 1 || self.held.iter().any(|held| held.removed.len() > 0) {
            self.merge_from(0);
        }
    }

    /// What is known of a file.
    pub fn get(&self, id: FileId) -> Option<FileView<'_>> {
        let (place, row) = self.place(id)?;
        self.held.get(place)?.segment.view(row)
    }

    /// All files, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, FileView<'_>)> {
        let mut ids: Vec<(FileId, usize, u32)> = Vec::with_capacity(self.len());
        for (place, held) in self.held.iter().enumerate() {
            ids.extend(held.rows().map(|(row, id)| (id, place, row)));
        }
        ids.sort();
        let view = |(id, place, row): (FileId, usize, u32)| {
            Some((id, self.held.get(place)?.segment.view(row)?))
        };
        ids.into_iter().filter_map(view)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.held.iter().map(Held::len).fold(0, usize::saturating_add)
    }

    /// True when there are no files.
    pub const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Bytes of the contents of all files together.
    pub fn content_len(&self) -> u64 {
        let rows = self.held.iter().flat_map(|held| held.rows().map(move |(row, _)| (held, row)));
        let sizes = rows.filter_map(|(held, row)| held.segment.sizes.get(row as usize));
        sizes.fold(0, |sum, size| size.saturating_add(sum))
    }

    /// Appends the files of these kinds whose names have all words of `text`, up to `limit` of them, by
    /// their numbers; none where there are no words. How many looks at words and names that took.
    ///
    /// Nothing is left out of a search of a few words, among a million files too. Of one whose words are
    /// very many, or begin very many words, what is found after
    /// [`FILE_SEARCH_LOOKS_MAX`](crate::base::limits::FILE_SEARCH_LOOKS_MAX) looks is told, and no more.
    pub fn search(&self, text: &str, kinds: Kinds, limit: usize, found: &mut Vec<FileId>) -> u32 {
        let mut work = Work::default();
        self.search_with(&mut work, text, (kinds, limit), found);
        work.looks()
    }

    /// Appends all files whose names have all words of `text`, by their numbers, however many looks that takes:
    /// for the user, and for nobody else.
    pub fn search_all(&self, text: &str, found: &mut Vec<FileId>) {
        self.search_with(&mut Work::unbounded(), text, (Kinds::ALL, usize::MAX), found);
    }

    fn search_with(
        &self,
        work: &mut Work,
        text: &str,
        (kinds, limit): (Kinds, usize),
        found: &mut Vec<FileId>,
    ) {
        if self.is_empty() {
            return;
        }
        let folded = words::fold(text);
        let Some(wanted) = Wanted::new(&folded, work) else { return };
        let (search, before) = (Search { wanted, kinds, limit }, found.len());
        for held in &self.held {
            search.run(&held.segment, &held.removed, work, found);
        }
        self.sort(found, before, limit);
    }

    /// Appends the files of these kinds that were written last, the newest first, up to `limit` of them;
    /// of those that were written at the same time, by their numbers. What nobody knows the time of is not
    /// new. How many looks that took.
    pub fn newest(&self, limit: usize, kinds: Kinds, found: &mut Vec<FileId>) -> u32 {
        let (mut newest, mut seen) = (Newest::new(limit), 0_usize);
        for held in &self.held {
            seen = seen.saturating_add(held.segment.newest(&held.removed, kinds, &mut newest));
        }
        found.extend(newest.finish());
        u32::try_from(seen / ROWS_A_LOOK).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Calls `word` with each word by which others look for a file of ours, some of them more than
    /// once: those of their names (QRP-29, QRP-30), and their URNs (QRP-28).
    pub fn each_word(&self, mut word: impl FnMut(&str)) {
        for held in &self.held {
            held.segment.each_word(&held.removed, |whole| {
                word(whole);
                words::prefixes(whole).for_each(&mut word);
            });
            for (row, _) in held.rows() {
                if let Some(sha1) = held.segment.view(row).and_then(|file| file.sha1) {
                    word(&Urn::Sha1(sha1).to_string());
                }
            }
        }
    }

    /// Bytes of memory beside the value itself. Copies share most of them.
    pub fn footprint_len(&self) -> usize {
        let list = self.held.capacity().saturating_mul(size_of::<Held>());
        let counts = size_of::<[usize; 2]>();
        let parts = self
            .held
            .iter()
            .flat_map(|held| [counts, held.segment.footprint_len(), held.removed.footprint_len()]);
        parts.fold(list, usize::saturating_add)
    }

    /// In which segment a file is, and in which row.
    fn place(&self, id: FileId) -> Option<(usize, u32)> {
        let places = self.held.iter().enumerate();
        places.filter_map(|(place, held)| Some((place, held.row_of(id)?))).next()
    }

    /// Marks what has a number as removed. False where nothing has it.
    fn mark(&mut self, id: FileId) -> bool {
        let Some((place, row)) = self.place(id) else { return false };
        let held = self.held.get_mut(place);
        held.is_some_and(|held| held.removed.insert(row, held.segment.len()))
    }

    /// What each segment found, by their numbers, and no more than is wanted.
    fn sort(&self, found: &mut Vec<FileId>, before: usize, limit: usize) {
        if self.held.len() > 1 {
            found.get_mut(before..).unwrap_or_default().sort_unstable();
        }
        found.truncate(before.saturating_add(limit));
    }
}

impl Extend<File> for Files {
    /// Offers files, numbered from behind the highest number that was given.
    fn extend<T: IntoIterator<Item = File>>(&mut self, files: T) {
        let numbers = (self.last.saturating_add(1)..).map(FileId);
        self.insert_all(numbers.zip(files));
    }
}
