//! The words of a segment, sorted by how many letters they have, and then by their bytes.
//!
//! So the words that are one or two letters longer than another one and begin with it stand together,
//! and nothing else stands among them: whoever is looked for by a beginning (QRP-30) is found without a
//! list of beginnings. Words stand in blocks, all of one length; each says only in what it differs from the
//! one before it.

use std::cmp::Ordering;

use super::rows::Form;
use super::varint;

/// Words of a block.
const BLOCK_LEN: usize = 16;

/// Bytes of a word that stand in the key of a block.
const KEY_BYTES: usize = 6;

/// What else is said beside the length of the rows of a word.
const TAG_BITS: u32 = 3;
const FORM: u32 = 3;
const GAPS: u32 = 0;
const BITMAP: u32 = 1;
const STEPS: u32 = 2;
const EIGHTS: u32 = 3;
const IS_COARSE: u32 = 4;

#[derive(Debug, Default)]
pub(super) struct Dictionary {
    blocks: Box<[Block]>,
    text: Box<[u8]>,
}

/// Where some words are.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// That of the first word.
    key: u64,
    text_at: u32,
    rows_at: u32,
}

/// A word, but for its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Where its rows are.
    pub(super) rows_at: u32,
    pub(super) rows_len: u32,
    pub(super) form: Form,
    /// Others look for it, who end words in fewer places; it is none by which we search.
    pub(super) is_coarse: bool,
}

/// How many letters a word has, and how it begins: words sort by this first.
pub(super) fn key(letters: u16, word: &[u8]) -> u64 {
    let mut bytes = [0; size_of::<u64>()];
    let [high, low] = letters.to_be_bytes();
    let from = [high, low].into_iter().chain(word.iter().take(KEY_BYTES).copied());
    bytes.iter_mut().zip(from).for_each(|(to, from)| *to = from);
    u64::from_be_bytes(bytes)
}

/// How many letters a word has.
pub(super) fn letters(word: &str) -> u16 {
    let letters = if word.is_ascii() { word.len() } else { word.chars().count() };
    u16::try_from(letters).unwrap_or(u16::MAX)
}

/// Letters that a word may have beyond those that are sought, if it has so many in all (QRP-30).
const BEYOND: [u16; 2] = [1, 2];
const LONG: u16 = 5;

/// How many letters the longer words have that are found by one of so many, if they begin with it.
pub(super) fn longer(letters: u16) -> impl Iterator<Item = u16> {
    let longer = BEYOND.map(|beyond| letters.saturating_add(beyond));
    longer.into_iter().filter(|letters| *letters >= LONG)
}

impl Dictionary {
    pub(super) fn footprint_len(&self) -> usize {
        size_of_val(&*self.blocks).saturating_add(self.text.len())
    }

    /// At the first word.
    pub(super) fn walk(&self) -> Walk<'_> {
        let (block, rest) = (0, self.text_of(0));
        Walk { dictionary: self, block, rest, in_block: 0, rows_at: 0, word: Vec::new() }
    }

    /// The bytes of a block.
    fn text_of(&self, block: usize) -> &[u8] {
        let at = |block: usize| self.blocks.get(block).map(|block| block.text_at as usize);
        let Some(start) = at(block) else { return &[] };
        let end = at(block.saturating_add(1)).unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }

    /// The first word of a block.
    fn first_of(&self, block: &Block) -> &[u8] {
        let mut rest = self.text.get(block.text_at as usize..).unwrap_or_default();
        Entry::take(&mut rest).map_or(&[], |entry| entry.suffix)
    }

    /// Tells the words of so many letters that begin like this, as long as more are wanted.
    pub(super) fn each_with(
        &self,
        letters: u16,
        start: &[u8],
        mut found: impl FnMut(Term) -> bool,
    ) {
        let first = self.block_of(letters, start);
        for place in first.. {
            let Some(block) = self.blocks.get(place) else { return };
            match letters_of(block).cmp(&letters) {
                Ordering::Less => continue,
                Ordering::Greater => return,
                Ordering::Equal => {}
            }
            let (mut rest, mut rows_at, mut matching) = (self.text_of(place), block.rows_at, 0);
            while let Some(entry) = Entry::take(&mut rest) {
                match entry.is_at(start, &mut matching) {
                    Ordering::Less => {}
                    Ordering::Equal if found(entry.term(rows_at)) => {}
                    Ordering::Equal | Ordering::Greater => return,
                }
                rows_at = rows_at.saturating_add(entry.tag >> TAG_BITS);
            }
        }
    }

    /// The block in which a word is, if any has it.
    fn block_of(&self, letters: u16, word: &[u8]) -> usize {
        let sought = key(letters, word);
        let begins_before = |block: &Block| {
            block.key < sought || block.key == sought && self.first_of(block) <= word
        };
        self.blocks.partition_point(begins_before).saturating_sub(1)
    }
}

/// A word as it is written: how much it shares with the one before it, and what it has behind that.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    shared: usize,
    suffix: &'a [u8],
    tag: u32,
}

impl<'a> Entry<'a> {
    #[inline]
    fn take(rest: &mut &'a [u8]) -> Option<Self> {
        let shared = varint::take(rest)? as usize;
        let len = varint::take(rest)?;
        let tag = varint::take(rest)?;
        Some(Self { shared, suffix: varint::take_bytes(len, rest)?, tag })
    }

    fn term(&self, rows_at: u32) -> Term {
        let form = match self.tag & FORM {
            GAPS => Form::Gaps,
            STEPS => Form::Steps,
            EIGHTS => Form::Eights,
            _ => Form::Bitmap,
        };
        let is_coarse = self.tag & IS_COARSE != 0;
        Term { rows_at, rows_len: self.tag >> TAG_BITS, form, is_coarse }
    }

    /// Whether it is before all words that begin like this, one of them, or behind them. `matching` is how
    /// many bytes are those of the one before it, which was not behind them.
    #[inline]
    fn is_at(&self, start: &[u8], matching: &mut usize) -> Ordering {
        if self.shared < *matching {
            return Ordering::Greater;
        }
        let left = start.get(*matching..).unwrap_or_default();
        if self.shared > *matching {
            return if left.is_empty() { Ordering::Equal } else { Ordering::Less };
        }
        let both = self.suffix.iter().zip(left).take_while(|(one, other)| one == other).count();
        *matching = matching.saturating_add(both);
        match (self.suffix.get(both), left.get(both)) {
            (_, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(one), Some(other)) => one.cmp(other),
        }
    }
}

fn letters_of(block: &Block) -> u16 {
    u16::try_from(block.key >> 48).unwrap_or(0)
}

/// A walk over words, in their order.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    dictionary: &'a Dictionary,
    block: usize,
    /// Of the block.
    rest: &'a [u8],
    in_block: usize,
    rows_at: u32,
    word: Vec<u8>,
}

impl<'a> Walk<'a> {
    /// The word that was told last.
    pub(super) fn word(&self) -> &[u8] {
        &self.word
    }

    /// How many letters it has.
    pub(super) fn letters(&self) -> u16 {
        self.dictionary.blocks.get(self.block).map_or(0, letters_of)
    }

    /// The next word.
    #[inline]
    pub(super) fn step(&mut self) -> Option<Term> {
        if self.rest.is_empty() {
            let next = self.block.saturating_add(usize::from(self.in_block > 0));
            self.dictionary.blocks.get(next)?;
            self.enter(next);
        }
        let entry = Entry::take(&mut self.rest)?;
        self.word.truncate(entry.shared);
        self.word.extend_from_slice(entry.suffix);
        let term = entry.term(self.rows_at);
        self.rows_at = self.rows_at.saturating_add(term.rows_len);
        self.in_block = self.in_block.saturating_add(1);
        Some(term)
    }

    fn enter(&mut self, block: usize) {
        self.block = block;
        self.rest = self.dictionary.text_of(block);
        self.in_block = 0;
        self.rows_at = self.dictionary.blocks.get(block).map_or(0, |block| block.rows_at);
        self.word.clear();
    }
}

/// Writes words down, which come in their order.
#[derive(Debug, Default)]
pub(super) struct DictionaryWriter {
    blocks: Vec<Block>,
    text: Vec<u8>,
    last: Vec<u8>,
    last_letters: u16,
    in_block: usize,
}

impl DictionaryWriter {
    pub(super) fn push(&mut self, letters: u16, word: &[u8], term: Term) {
        let is_full = self.in_block >= BLOCK_LEN || self.last_letters != letters;
        if is_full || self.blocks.is_empty() {
            let text_at = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
            self.blocks.push(Block { key: key(letters, word), text_at, rows_at: term.rows_at });
            (self.in_block, self.last_letters) = (0, letters);
            self.last.clear();
        }
        let shared = self.last.iter().zip(word).take_while(|(one, other)| one == other).count();
        let suffix = word.get(shared..).unwrap_or_default();
        let form = match term.form {
            Form::Gaps => GAPS,
            Form::Steps => STEPS,
            Form::Eights => EIGHTS,
            Form::Bitmap => BITMAP,
        };
        let bits = if term.is_coarse { form | IS_COARSE } else { form };
        for len in [shared, suffix.len()] {
            varint::put(u32::try_from(len).unwrap_or(0), &mut self.text);
        }
        varint::put(term.rows_len << TAG_BITS | bits, &mut self.text);
        self.text.extend_from_slice(suffix);
        self.last.truncate(shared);
        self.last.extend_from_slice(suffix);
        self.in_block = self.in_block.saturating_add(1);
    }

    pub(super) fn finish(self) -> Dictionary {
        Dictionary { blocks: self.blocks.into(), text: self.text.into() }
    }
}
