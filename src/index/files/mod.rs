//! Our own files, found by their words.

mod file;
mod kinds;

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;

pub use file::{File, FileId, FileView};
pub use kinds::Kinds;

use super::words;
use crate::base::hashing::Seeded;
use crate::base::limits::{FILE_LOOKS_MAX, FILE_SEARCH_LOOKS_MAX, FILE_SEARCH_WORDS_MAX};
use crate::base::urn::Urn;

/// Bytes of a name that are split into words in the time of a look.
const NAME_BYTES_A_LOOK: usize = 8;

/// Files, found by the words of their names, and by the beginnings of long words.
///
/// For some thousands of files, a hundred and fifty bytes each: adding one file to many takes as
/// long as copying the list of all words. Many at once are better added by `extend`.
#[derive(Clone, Debug)]
pub struct Files {
    hasher: Seeded,
    /// Ascending by number.
    files: Vec<(FileId, File)>,
    /// Each word of each file, and its content, sorted by them.
    postings: Vec<Posting>,
    last: u32,
}

/// That a file has a word, of which this is a hash; or a content, of which it is the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Posting {
    word: u32,
    file: FileId,
}

/// A word that is sought.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wanted<'a> {
    hash: u32,
    text: &'a str,
}

impl Files {
    /// No files.
    pub fn new() -> Self {
        Self { hasher: Seeded::new(0), files: Vec::new(), postings: Vec::new(), last: 0 }
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

    /// Offers files with these numbers, in place of those that had them.
    pub fn insert_all(&mut self, files: impl IntoIterator<Item = (FileId, File)>) {
        for (id, file) in files.into_iter().filter(|(id, _)| id.0 != 0) {
            self.remove(id);
            let postings = self.push(id, file);
            self.postings.extend(postings);
        }
        self.postings.sort_unstable();
        self.postings.dedup();
        self.postings.shrink_to_fit();
        self.files.sort_by_key(|(id, _)| *id);
        self.files.shrink_to_fit();
    }

    /// What is known of a file is something else now. False where no file has the number.
    pub fn replace(&mut self, id: FileId, file: File) -> bool {
        let is_there = self.get(id).is_some();
        if is_there {
            self.insert(id, file);
        }
        is_there
    }

    /// Offers a file no longer. False where no file has the number.
    pub fn remove(&mut self, id: FileId) -> bool {
        let Some(place) = self.place(id) else { return false };
        self.postings.retain(|posting| posting.file != id);
        self.files.remove(place);
        self.files.shrink_to(self.files.len().saturating_mul(2));
        self.postings.shrink_to(self.postings.len().saturating_mul(2));
        true
    }

    /// What is known of a file.
    pub fn get(&self, id: FileId) -> Option<FileView<'_>> {
        self.files.get(self.place(id)?).map(|(_, file)| file.view())
    }

    /// All files, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, FileView<'_>)> {
        self.files.iter().map(|(id, file)| (*id, file.view()))
    }

    /// How many files there are.
    pub const fn len(&self) -> usize {
        self.files.len()
    }

    /// True when there are no files.
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Appends the files of these kinds whose names have all words of `text`, up to `limit` of them, by
    /// their numbers; none where there are no words. How many looks at words and names that took.
    pub fn search(&self, text: &str, kinds: Kinds, limit: usize, found: &mut Vec<FileId>) -> u32 {
        let mut looks = 0;
        if self.is_empty() {
            return looks;
        }
        let folded = words::fold(text);
        let Some((wanted, rarest)) = self.wanted(&folded, &mut looks) else { return looks };
        let limit = found.len().saturating_add(limit);
        for posting in self.posted(rarest) {
            if found.len() >= limit || looks >= FILE_SEARCH_LOOKS_MAX {
                break;
            }
            let is_wanted = self.get(posting.file).is_some_and(|file| kinds.meets(file.kinds()));
            if is_wanted && self.has_all(posting.file, &wanted, &mut looks) {
                found.push(posting.file);
            }
        }
        looks
    }

    /// Appends the files with this content, up to `limit` of them. How many looks that took.
    pub fn with_sha1(&self, sha1: &[u8; 20], limit: usize, found: &mut Vec<FileId>) -> u32 {
        let candidates = self.posted(self.range(key(sha1)));
        let has_it = |id: FileId| self.get(id).is_some_and(|file| file.sha1.as_ref() == Some(sha1));
        let matching = candidates.iter().map(|posting| posting.file).filter(|id| has_it(*id));
        found.extend(matching.take(limit));
        count(candidates.len()).saturating_add(1)
    }

    /// Appends the files whose content has this Tiger tree, up to `limit` of them. How many looks that
    /// took.
    pub fn with_tiger_root(&self, root: &[u8; 24], limit: usize, found: &mut Vec<FileId>) -> u32 {
        let matching = self.iter().filter(|(_, file)| file.tiger_root.as_ref() == Some(root));
        found.extend(matching.map(|(id, _)| id).take(limit));
        1
    }

    /// Appends the files of these kinds that were written last, the newest first, up to `limit` of them;
    /// of those that were written at the same time, by their numbers. What nobody knows the time of is not
    /// new. How many looks that took.
    pub fn newest(&self, limit: usize, kinds: Kinds, found: &mut Vec<FileId>) -> u32 {
        let dated = self.iter().filter(|(_, file)| kinds.meets(file.kinds()));
        let dated = dated.filter_map(|(id, file)| Some((std::cmp::Reverse(file.modified_s?), id)));
        let mut dated: Vec<_> = dated.collect();
        dated.sort_unstable();
        found.extend(dated.into_iter().map(|(_, id)| id).take(limit));
        1
    }

    /// Bytes of the contents of all files together.
    pub fn content_len(&self) -> u64 {
        self.files.iter().fold(0, |sum, (_, file)| file.size.saturating_add(sum))
    }

    /// Calls `word` with each word by which others look for a file of ours, some of them more than
    /// once: those of their names (QRP-29, QRP-30), and their URNs (QRP-28).
    pub fn each_word(&self, mut word: impl FnMut(&str)) {
        for (_, file) in &self.files {
            words::each_sought(&words::fold(&file.name), &mut word);
            if let Some(sha1) = file.sha1 {
                word(&Urn::Sha1(sha1).to_string());
            }
        }
    }

    /// Bytes of memory beside the value itself.
    pub fn footprint_len(&self) -> usize {
        let names = self.files.iter().map(|(_, file)| file.name.len());
        let lists = [
            self.files.capacity().saturating_mul(size_of::<(FileId, File)>()),
            self.postings.capacity().saturating_mul(size_of::<Posting>()),
        ];
        names.chain(lists).fold(0, usize::saturating_add)
    }

    /// Takes up a file, and tells its words.
    fn push(&mut self, id: FileId, file: File) -> Vec<Posting> {
        self.last = self.last.max(id.0);
        let folded = words::fold(&file.name);
        let content = file.sha1.as_ref().map(|sha1| Posting { word: key(sha1), file: id });
        let mut postings: Vec<Posting> = content.into_iter().collect();
        for word in words::words(&folded) {
            postings.push(Posting { word: self.hash(word), file: id });
            let prefixes = words::prefixes(word);
            postings.extend(prefixes.map(|word| Posting { word: self.hash(word), file: id }));
        }
        let place = self.files.partition_point(|(other, _)| *other < id);
        self.files.insert(place, (id, file));
        postings
    }

    fn place(&self, id: FileId) -> Option<usize> {
        self.files.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    /// The words of a text, each once, and the postings of the rarest of them; nothing where there are
    /// no words, or where one is in no file.
    fn wanted<'a>(
        &self,
        folded: &'a str,
        looks: &mut u32,
    ) -> Option<(Vec<Wanted<'a>>, Range<usize>)> {
        let (mut wanted, mut rarest) = (Vec::new(), None::<Range<usize>>);
        for text in words::words(folded) {
            *looks = looks.saturating_add(1);
            let word = Wanted { hash: self.hash(text), text };
            if wanted.contains(&word) {
                continue;
            }
            if wanted.len() >= FILE_SEARCH_WORDS_MAX {
                break;
            }
            let range = self.range(word.hash);
            if range.is_empty() {
                // Most queries have a word that nobody of us has, and are done here.
                return None;
            }
            if rarest.as_ref().is_none_or(|rarest| range.len() < rarest.len()) {
                rarest = Some(range);
            }
            wanted.push(word);
        }
        Some((wanted, rarest?))
    }

    /// Of what a range has, as much as one search looks at.
    fn posted(&self, range: Range<usize>) -> &[Posting] {
        let all = self.postings.get(range).unwrap_or_default();
        all.get(..FILE_LOOKS_MAX).unwrap_or(all)
    }

    /// The postings of a word.
    fn range(&self, word: u32) -> Range<usize> {
        let start = self.postings.partition_point(|posting| posting.word < word);
        let rest = self.postings.get(start..).unwrap_or_default();
        start..start.saturating_add(rest.partition_point(|posting| posting.word == word))
    }

    /// Whether a file has all these words. Hashes may lie, so the name itself has the last word.
    fn has_all(&self, file: FileId, wanted: &[Wanted<'_>], looks: &mut u32) -> bool {
        let mut is_posted = |wanted: &Wanted<'_>| {
            *looks = looks.saturating_add(1);
            self.postings.binary_search(&Posting { word: wanted.hash, file }).is_ok()
        };
        wanted.iter().all(&mut is_posted)
            && self.get(file).is_some_and(|file| names_all(file.name, wanted, looks))
    }

    /// The hash of a word that is folded.
    fn hash(&self, word: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(word) >> u32::BITS).unwrap_or(0)
    }
}

impl Default for Files {
    fn default() -> Self {
        Self::new()
    }
}

impl Extend<File> for Files {
    /// Offers files, numbered from behind the highest number that was given.
    fn extend<T: IntoIterator<Item = File>>(&mut self, files: T) {
        let numbers = (self.last.saturating_add(1)..).map(FileId);
        self.insert_all(numbers.zip(files));
    }
}

/// As which a content is posted. That it may also be the hash of a word does no harm: the file itself
/// has the last word.
fn key(sha1: &[u8; 20]) -> u32 {
    let [a, b, c, d, ..] = *sha1;
    u32::from_be_bytes([a, b, c, d])
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Whether a name has all these words, or words that begin with them. Each word of the name is held
/// against each that is still missing, and each time is a look.
fn names_all(name: &str, wanted: &[Wanted<'_>], looks: &mut u32) -> bool {
    let name = if name.is_ascii() { Cow::Borrowed(name) } else { Cow::Owned(words::fold(name)) };
    *looks = looks.saturating_add(count(name.len() / NAME_BYTES_A_LOOK));
    let mut missing: Vec<&str> = wanted.iter().map(|wanted| wanted.text).collect();
    for word in words::words(&name) {
        *looks = looks.saturating_add(count(missing.len()));
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
