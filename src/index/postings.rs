//! Our own files, found by their words.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::ops::Range;

use super::words;
use crate::base::hashing::Seeded;
use crate::base::limits::{FILE_LOOKS_MAX, FILE_SEARCH_LOOKS_MAX, FILE_SEARCH_WORDS_MAX};
use crate::base::urn::Urn;

/// Bytes of a name that are split into words in the time of a look.
const NAME_BYTES_A_LOOK: usize = 8;

/// The number of a file, which is never given twice while the node runs, and is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A file that is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: Box<str>,
    /// Bytes.
    pub size: u64,
    /// SHA-1 of its content, where that is known.
    pub sha1: Option<[u8; 20]>,
    /// Root of the Tiger tree of its content, where that is known.
    pub tiger_root: Option<[u8; 24]>,
    /// Seconds since 1970 at which it was written last, where that is known.
    pub modified_s: Option<u32>,
}

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
    /// No files. The seed comes from the generator of the node: whoever knew how words are hashed could
    /// make words that stand for others.
    pub fn new(seed: u64) -> Self {
        Self { hasher: Seeded::new(seed), files: Vec::new(), postings: Vec::new(), last: 0 }
    }

    /// Offers a file.
    pub fn add(&mut self, file: File) -> FileId {
        let (id, postings) = self.push(file);
        for posting in postings {
            if let Err(place) = self.postings.binary_search(&posting) {
                self.postings.insert(place, posting);
            }
        }
        id
    }

    /// Offers a file no longer.
    pub fn remove(&mut self, id: FileId) -> Option<File> {
        let place = self.place(id)?;
        self.postings.retain(|posting| posting.file != id);
        let (_, file) = self.files.remove(place);
        self.files.shrink_to(self.files.len().saturating_mul(2));
        self.postings.shrink_to(self.postings.len().saturating_mul(2));
        Some(file)
    }

    /// What is known of a file.
    pub fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(self.place(id)?).map(|(_, file)| file)
    }

    /// All files, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.files.iter().map(|(id, file)| (*id, file))
    }

    /// How many files there are.
    pub const fn len(&self) -> usize {
        self.files.len()
    }

    /// True when there are no files.
    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Appends the files whose names have all words of `text`, up to `limit` of them, by their
    /// numbers; none where there are no words. How many looks at words and names that took.
    pub fn search(&self, text: &str, limit: usize, found: &mut Vec<FileId>) -> u32 {
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
            if self.has_all(posting.file, &wanted, &mut looks) {
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
    fn push(&mut self, file: File) -> (FileId, Vec<Posting>) {
        self.last = self.last.saturating_add(1);
        let (id, folded) = (FileId(self.last), words::fold(&file.name));
        let content = file.sha1.as_ref().map(|sha1| Posting { word: key(sha1), file: id });
        let mut postings: Vec<Posting> = content.into_iter().collect();
        for word in words::words(&folded) {
            postings.push(Posting { word: self.hash(word), file: id });
            let prefixes = words::prefixes(word);
            postings.extend(prefixes.map(|word| Posting { word: self.hash(word), file: id }));
        }
        self.files.push((id, file));
        (id, postings)
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
            && self.get(file).is_some_and(|file| names_all(&file.name, wanted, looks))
    }

    /// The hash of a word that is folded.
    fn hash(&self, word: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(word) >> u32::BITS).unwrap_or(0)
    }
}

impl Extend<File> for Files {
    fn extend<T: IntoIterator<Item = File>>(&mut self, files: T) {
        for file in files {
            let (_, postings) = self.push(file);
            self.postings.extend(postings);
        }
        self.postings.sort_unstable();
        self.postings.dedup();
        self.postings.shrink_to_fit();
        self.files.shrink_to_fit();
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
