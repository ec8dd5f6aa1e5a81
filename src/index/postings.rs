//! Our own files, found by their words.

use super::words;

/// The number of a file, which is never given twice while the node runs and is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A file that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it is called.
    pub name: Box<str>,
    /// Bytes.
    pub size: u64,
    /// SHA-1 of its content, where that is known.
    pub sha1: Option<[u8; 20]>,
}

/// Files, found by the words of their names.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Ascending by number.
    files: Vec<(FileId, File)>,
    last: u32,
}

impl Files {
    /// No files.
    pub const fn new() -> Self {
        Self { files: Vec::new(), last: 0 }
    }

    /// Offers a file.
    pub fn add(&mut self, file: File) -> FileId {
        self.last = self.last.saturating_add(1);
        self.files.push((FileId(self.last), file));
        FileId(self.last)
    }

    /// Offers a file no longer.
    pub fn remove(&mut self, id: FileId) -> Option<File> {
        let place = self.files.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(self.files.remove(place).1)
    }

    /// What is known of a file.
    pub fn get(&self, id: FileId) -> Option<&File> {
        let place = self.files.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.files.get(place).map(|(_, file)| file)
    }

    /// All files, by their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.files.iter().map(|(id, file)| (*id, file))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True when there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Appends the files whose names have all words of `text`, up to `limit` of them; none where
    /// there are no words.
    pub fn search(&self, text: &str, limit: usize, found: &mut Vec<FileId>) {
        let folded = words::fold(text);
        if words::words(&folded).next().is_none() {
            return;
        }
        let matches = |file: &File| {
            let name = words::fold(&file.name);
            words::words(&folded).all(|wanted| {
                words::words(&name).any(|word| {
                    word == wanted || words::prefixes(word).any(|prefix| prefix == wanted)
                })
            })
        };
        let matching = self.files.iter().filter(|(_, file)| matches(file)).map(|(id, _)| *id);
        found.extend(matching.take(limit));
    }

    /// Appends the files with this content.
    pub fn with_sha1(&self, sha1: &[u8; 20], limit: usize, found: &mut Vec<FileId>) {
        let matching = self.files.iter().filter(|(_, file)| file.sha1.as_ref() == Some(sha1));
        found.extend(matching.map(|(id, _)| *id).take(limit));
    }

    /// Calls `word` with each word by which a file can be found, some of them more than once.
    pub fn each_word(&self, mut word: impl FnMut(&str)) {
        for (_, file) in &self.files {
            let name = words::fold(&file.name);
            for whole in words::words(&name) {
                word(whole);
                words::prefixes(whole).for_each(&mut word);
            }
        }
    }
}
