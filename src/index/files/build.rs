//! Files -> a segment; segments -> one.

use super::dictionary::{Dictionary, DictionaryWriter, Term, Walk, key, letters, longer};
use super::digests::Digests;
use super::names::Names;
use super::newest::Dates;
use super::removed::Removed;
use super::rows::{self, Rows};
use super::segment::{Known, Segment};
use super::{FileId, FileView};
use crate::base::kazaa_hash::KzHash;
use crate::index::words;

impl Segment {
    /// Of files with different numbers, ascending.
    pub(super) fn of(files: &[(FileId, FileView<'_>)]) -> Self {
        let mut spoken = Spoken::default();
        for (row, (_, file)) in (0..).zip(files) {
            spoken.take_name(file.name, row);
        }
        let (dictionary, rows) = spoken.finish(files.len());
        Self::with_words(files, dictionary, rows)
    }

    /// Of those files of others that were not removed.
    pub(super) fn merge(parts: &[(&Self, &Removed)]) -> Self {
        let mut order: Vec<(FileId, usize, u32)> = Vec::new();
        for (place, (segment, removed)) in parts.iter().enumerate() {
            let numbered = (0..).zip(&*segment.ids).filter(|(row, _)| !removed.has(*row));
            order.extend(numbered.map(|(row, id)| (*id, place, row)));
        }
        // Each part is sorted already: this sort takes note of that.
        order.sort();
        let view = |(id, place, row): &(FileId, usize, u32)| {
            parts.get(*place).and_then(|(segment, _)| Some((*id, segment.view(*row)?)))
        };
        let files: Vec<(FileId, FileView<'_>)> = order.iter().filter_map(view).collect();
        let (dictionary, rows) = merge_words(parts, &order);
        Self::with_words(&files, dictionary, rows)
    }

    fn with_words(
        files: &[(FileId, FileView<'_>)],
        dictionary: Dictionary,
        rows: Box<[u8]>,
    ) -> Self {
        let views = files.iter().map(|(_, file)| file);
        let known: Box<[Known]> = views.clone().map(Known::of).collect();
        let dates = views.clone().zip(&*known).map(|(file, known)| (file.modified_s, known.kinds));
        Self {
            ids: files.iter().map(|(id, _)| *id).collect(),
            sizes: views.clone().map(|file| file.size).collect(),
            names: Names::new(views.clone().map(|file| file.name)),
            dates: Dates::new(dates),
            sha1s: Digests::new(views.clone().map(|file| file.sha1)),
            tiger_roots: Digests::new(views.clone().map(|file| file.tiger_root)),
            kzhashes: Digests::new(views.map(|file| file.kzhash.map(KzHash::to_bytes))),
            known,
            dictionary,
            rows,
        }
    }
}

/// Words as they stand in names, before they are sorted.
#[derive(Debug, Default)]
struct Spoken {
    text: String,
    words: Vec<Word>,
}

/// A word of a name.
#[derive(Clone, Copy, Debug)]
struct Word {
    key: u64,
    /// Where it stands in the text.
    start: u32,
    end: u32,
    row: u32,
}

impl Spoken {
    fn take_name(&mut self, name: &str, row: u32) {
        let folded = words::fold(name);
        let Self { text, words } = self;
        words::each_whole(&folded, |word| {
            let start = u32::try_from(text.len()).unwrap_or(u32::MAX);
            text.push_str(word);
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            words.push(Word { key: key(letters(word), word.as_bytes()), start, end, row });
        });
    }

    fn finish(mut self, all_rows: usize) -> (Dictionary, Box<[u8]>) {
        let text = &self.text;
        let of = |word: &Word| text.get(word.start as usize..word.end as usize).unwrap_or_default();
        let order = |one: &Word, other: &Word| {
            one.key
                .cmp(&other.key)
                .then_with(|| of(one).cmp(of(other)))
                .then(one.row.cmp(&other.row))
        };
        self.words.sort_unstable_by(order);
        let mut writer = WordWriter::new(all_rows);
        let (mut of_word, mut of_longer) = (Vec::new(), Vec::new());
        for same in self.words.chunk_by(|one, other| one.key == other.key && of(one) == of(other)) {
            let Some(word) = same.first().map(of) else { continue };
            of_word.clear();
            of_word.extend(same.iter().map(|word| word.row));
            of_word.dedup();
            of_longer.clear();
            if rows::is_frequent(of_word.len(), all_rows) {
                for longer in longer(letters(word)) {
                    let is_before = |one: &Word| {
                        one.key
                            .cmp(&key(longer, word.as_bytes()))
                            .then_with(|| of(one).cmp(word))
                            .is_lt()
                    };
                    let start = self.words.partition_point(is_before);
                    let rest = self.words.get(start..).unwrap_or_default().iter();
                    let begins =
                        |one: &&Word| letters(of(one)) == longer && of(one).starts_with(word);
                    let found = rest.take_while(begins).filter(|one| !is_coarse(of(one)));
                    of_longer.extend(found.map(|one| one.row));
                }
            }
            let order = (letters(word), word.as_bytes());
            writer.push(order, is_coarse(word), &of_word, &mut of_longer);
        }
        writer.finish()
    }
}

/// Whether others look for a word, and it is none by which we search.
fn is_coarse(word: &str) -> bool {
    word.contains(|c: char| !c.is_alphanumeric())
}

/// Writes words and their rows down.
struct WordWriter {
    all_rows: usize,
    dictionary: DictionaryWriter,
    rows: Vec<u8>,
}

impl WordWriter {
    fn new(all_rows: usize) -> Self {
        Self { all_rows, dictionary: DictionaryWriter::default(), rows: Vec::new() }
    }

    /// Takes up the rows of a word, ascending, and those of longer ones.
    fn push(
        &mut self,
        (letters, word): (u16, &[u8]),
        is_coarse: bool,
        of_word: &[u32],
        of_longer: &mut Vec<u32>,
    ) {
        of_longer.sort_unstable();
        of_longer.dedup();
        of_longer.retain(|row| of_word.binary_search(row).is_err());
        let term = rows::write(of_word, of_longer, self.all_rows, is_coarse, &mut self.rows);
        self.dictionary.push(letters, word, term);
    }

    fn finish(self) -> (Dictionary, Box<[u8]>) {
        (self.dictionary.finish(), self.rows.into())
    }
}

/// A segment whose words are taken up.
struct Source<'a> {
    segment: &'a Segment,
    walk: Walk<'a>,
    next: Option<Term>,
    /// Which row each of its rows becomes.
    becomes: Vec<Option<u32>>,
}

impl Source<'_> {
    fn order(&self) -> (u16, &[u8]) {
        (self.walk.letters(), self.walk.word())
    }

    /// Takes up the rows of its next word.
    fn take_rows(&mut self, read: &mut Vec<u32>, rows: &mut Vec<u32>) -> bool {
        let Some(term) = self.next else { return false };
        self.read(term, read, rows);
        self.next = self.walk.step();
        term.is_coarse
    }

    /// Takes up the rows of longer words that are found by one.
    fn take_longer(&self, (letters, word): (u16, &[u8]), read: &mut Vec<u32>, rows: &mut Vec<u32>) {
        for letters in longer(letters) {
            self.segment.dictionary.each_with(letters, word, |term| {
                if !term.is_coarse {
                    self.read(term, read, rows);
                }
                true
            });
        }
    }

    fn read(&self, term: Term, read: &mut Vec<u32>, rows: &mut Vec<u32>) {
        read.clear();
        Rows::whole(term, &self.segment.rows).read(read);
        let becomes = |row: &u32| self.becomes.get(*row as usize).copied().flatten();
        rows.extend(read.iter().filter_map(becomes));
    }
}

fn merge_words(
    parts: &[(&Segment, &Removed)],
    order: &[(FileId, usize, u32)],
) -> (Dictionary, Box<[u8]>) {
    let mut sources = sources(parts, order);
    let mut writer = WordWriter::new(order.len());
    let (mut word, mut read) = (Vec::new(), Vec::new());
    let (mut of_word, mut of_longer) = (Vec::new(), Vec::new());
    loop {
        let next = sources.iter().filter(|source| source.next.is_some()).map(Source::order).min();
        let Some((letters, bytes)) = next else { break };
        word.clear();
        word.extend_from_slice(bytes);
        of_word.clear();
        let mut is_coarse = false;
        for source in &mut sources {
            if source.next.is_some() && source.order() == (letters, &word) {
                is_coarse = source.take_rows(&mut read, &mut of_word);
            }
        }
        if !of_word.is_sorted() {
            of_word.sort_unstable();
        }
        of_longer.clear();
        if rows::is_frequent(of_word.len(), order.len()) {
            for source in &sources {
                source.take_longer((letters, &word), &mut read, &mut of_longer);
            }
        }
        if !of_word.is_empty() {
            writer.push((letters, &word), is_coarse, &of_word, &mut of_longer);
        }
    }
    writer.finish()
}

fn sources<'a>(
    parts: &[(&'a Segment, &Removed)],
    order: &[(FileId, usize, u32)],
) -> Vec<Source<'a>> {
    let source = |(segment, _): &(&'a Segment, &Removed)| {
        let mut walk = segment.dictionary.walk();
        let next = walk.step();
        Source { segment, walk, next, becomes: vec![None; segment.len()] }
    };
    let mut sources: Vec<Source<'a>> = parts.iter().map(source).collect();
    for (row, (_, place, from)) in (0..).zip(order) {
        let becomes =
            sources.get_mut(*place).and_then(|source| source.becomes.get_mut(*from as usize));
        if let Some(becomes) = becomes {
            *becomes = Some(row);
        }
    }
    sources
}
