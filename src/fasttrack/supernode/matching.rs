//! Files and searches are held against each other (FTSEARCH-03 to FTSEARCH-09).

use super::details::ANY;
use crate::base::legacy_text;
use crate::base::limits::{FASTTRACK_TERM_WORDS_MAX, LEAF_FILE_WORDS_MAX};
use crate::base::mutant::mutant;
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::{Media, Operator, Realm, Tag, TagValue, Tags, Term};
use crate::index::words;

/// What a search wants, so that many files can be held against it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    realm: Realm,
    /// The content that is wanted.
    pub(super) hash: Option<[u8; 20]>,
    /// Words of any text, folded: a file that an index finds by them has them.
    pub(super) words: String,
    /// Each of them once, in order.
    any: Vec<String>,
    /// Files have their size beside their tags.
    sizes: Vec<(Operator, u32)>,
    /// What has to be read in the tags of a file.
    checks: Vec<Check>,
    /// Bytes of the texts of its terms.
    texts_len: usize,
}

/// Whether a file fits, and how many bytes of its texts that took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) fits: bool,
    pub(super) len: usize,
}

/// What a tag of a file has to say.
#[derive(Clone, Debug)]
enum Check {
    Number(Tag, Operator, u32),
    Pair(Tag, Operator, (u32, u32)),
    /// All of these words, folded, in this text; or in any. They are in order.
    Words(Tag, Vec<String>),
    /// Each of these, folded, is such a text, whole.
    Texts(Tag, Vec<String>),
    /// These bytes.
    Bytes(Tag, Vec<u8>),
}

impl Wanted {
    /// None where no file can fit, or a limit is broken (FTSAFE-06).
    pub(super) fn of(sought: &Sought) -> Option<Self> {
        let mut wanted = Self {
            realm: sought.realm,
            hash: None,
            words: String::new(),
            any: Vec::new(),
            sizes: Vec::new(),
            checks: Vec::new(),
            texts_len: 0,
        };
        for term in &sought.terms {
            wanted.add(term)?;
        }
        wanted.order();
        Some(wanted)
    }

    /// Whether there are words to look for in an index.
    pub(super) const fn has_words(&self) -> bool {
        !self.any.is_empty()
    }

    /// Bytes of text that had to be read to know what is wanted.
    pub(super) const fn texts_len(&self) -> usize {
        self.texts_len
    }

    /// Whether tags have to be read to tell whether a file fits that has the words.
    pub(super) const fn reads_tags(&self) -> bool {
        !self.checks.is_empty()
    }

    /// Whether a file fits by what is known of it without its tags.
    pub(super) fn fits(&self, hash: &[u8; 20], size: u64, media: Media) -> bool {
        let fits_size = |(operator, wanted): &(Operator, u32)| holds(*operator, size, *wanted);
        (self.realm.wants(media) || mutant!(KnowsNoRealms))
            && self.hash.is_none_or(|wanted| wanted == *hash)
            && self.sizes.iter().all(fits_size)
    }

    /// Whether these tags fit.
    pub(super) fn fits_tags(&self, tags: &[u8]) -> Reading {
        let mut len = 0;
        let holds = |check: &Check| check.holds(tags, &mut len);
        let fits = match mutant!(FitsOneOfTheTerms) {
            true => self.checks.iter().any(holds),
            false => self.checks.iter().all(holds),
        };
        Reading { fits, len }
    }

    /// The same of the words of a file that are in no index.
    pub(super) fn fits_words(&self, tags: &[u8]) -> bool {
        has_words(Tags::of(tags), Tag::ANY, &self.any, &mut 0)
    }

    fn add(&mut self, term: &Term) -> Option<()> {
        let operator = term.operator;
        let is_known = matches!(
            operator,
            Operator::EQUAL
                | Operator::AT_MOST
                | Operator::ABOUT
                | Operator::AT_LEAST
                | Operator::CONTAINS
        );
        // FTSEARCH-06
        if !is_known {
            return Some(());
        }
        match term.value() {
            TagValue::Hash(_) => self.add_hash(term),
            TagValue::Text(bytes) => self.add_text(term, bytes),
            TagValue::Number(_) | TagValue::Pair(..) if operator == Operator::CONTAINS => None,
            TagValue::Number(number) if term.tag == Tag::SIZE => {
                self.sizes.push((operator, number));
                Some(())
            }
            TagValue::Number(number) => self.check(Check::Number(term.tag, operator, number)),
            TagValue::Pair(width, height) => {
                self.check(Check::Pair(term.tag, operator, (width, height)))
            }
            TagValue::Bytes(bytes) if operator == Operator::EQUAL => {
                self.check(Check::Bytes(term.tag, bytes.to_vec()))
            }
            TagValue::Bytes(_) => None,
        }
    }

    /// FTSEARCH-08
    fn add_hash(&mut self, term: &Term) -> Option<()> {
        let hash = term.value().hash().filter(|_| term.operator == Operator::EQUAL)?;
        let is_other = self.hash.is_some_and(|wanted| wanted != hash);
        self.hash = Some(hash);
        (!is_other).then_some(())
    }

    fn add_text(&mut self, term: &Term, bytes: &[u8]) -> Option<()> {
        self.texts_len = self.texts_len.saturating_add(bytes.len());
        let (tag, text) = (term.tag, legacy_text::read(bytes));
        let text = if mutant!(FindsByCase) { text.into_owned() } else { words::fold(&text) };
        let of_term: Vec<_> = words::words(&text).map(str::to_owned).collect();
        if of_term.len() > FASTTRACK_TERM_WORDS_MAX {
            return None;
        }
        // Whoever has the text, or the words in it, has the words.
        if tag == Tag::ANY || ANY.contains(&tag) {
            self.words.push(' ');
            self.words.push_str(&text);
        }
        match term.operator {
            Operator::EQUAL => self.add_whole(tag, text),
            Operator::CONTAINS | Operator::ABOUT if tag == Tag::ANY => {}
            Operator::CONTAINS | Operator::ABOUT => self.add_words(tag, of_term),
            _ => return None,
        }
        Some(())
    }

    /// Words of one text are sought together, so that it is read once.
    fn add_words(&mut self, tag: Tag, of_term: Vec<String>) {
        let mut words = self.checks.iter_mut().filter_map(|check| match check {
            Check::Words(other, words) if *other == tag => Some(words),
            _ => None,
        });
        match words.next() {
            Some(words) => words.extend(of_term),
            None => self.checks.push(Check::Words(tag, of_term)),
        }
    }

    fn add_whole(&mut self, tag: Tag, text: String) {
        let mut texts = self.checks.iter_mut().filter_map(|check| match check {
            Check::Texts(other, texts) if *other == tag => Some(texts),
            _ => None,
        });
        match texts.next() {
            Some(texts) => texts.push(text),
            None => self.checks.push(Check::Texts(tag, vec![text])),
        }
    }

    /// An index of words takes so many of them and no more, and one of hashes takes none: then they are
    /// read. What takes little to be read comes first.
    fn order(&mut self) {
        self.any = words::words(&self.words).map(str::to_owned).collect();
        in_order(&mut self.any);
        if self.any.len() > LEAF_FILE_WORDS_MAX || self.hash.is_some() && !self.any.is_empty() {
            self.add_words(Tag::ANY, self.any.clone());
        }
        for check in &mut self.checks {
            if let Check::Words(_, texts) | Check::Texts(_, texts) = check {
                in_order(texts);
            }
        }
        self.checks.sort_by_key(|check| matches!(check, Check::Words(..) | Check::Texts(..)));
    }

    #[expect(clippy::unnecessary_wraps, reason = "as its callers do")]
    fn check(&mut self, check: Check) -> Option<()> {
        self.checks.push(check);
        Some(())
    }
}

impl Check {
    /// Counts the bytes of texts that it reads.
    fn holds(&self, tags: &[u8], len: &mut usize) -> bool {
        let mut tags = Tags::of(tags);
        match self {
            Self::Number(tag, operator, wanted) => {
                let number = tags.first(*tag).and_then(TagValue::number);
                number.is_some_and(|number| holds(*operator, number.into(), *wanted))
            }
            Self::Pair(tag, operator, wanted) => match tags.first(*tag) {
                Some(TagValue::Pair(width, height)) => {
                    holds(*operator, width.into(), wanted.0)
                        && holds(*operator, height.into(), wanted.1)
                }
                _ => false,
            },
            Self::Words(tag, wanted) => has_words(tags, *tag, wanted, len),
            Self::Texts(tag, wanted) => has_texts(tags, *tag, wanted, len),
            Self::Bytes(tag, wanted) => {
                tags.any(|item| item.tag == *tag && item.bytes == wanted.as_slice())
            }
        }
    }
}

/// Whether each word occurs in a text of this tag, one here and another there if it is any.
fn has_words(tags: Tags<'_>, tag: Tag, wanted: &[String], len: &mut usize) -> bool {
    let mut left: Vec<_> = wanted.iter().map(String::as_str).collect();
    // A file without the tag does not fit (FTSEARCH-04).
    let mut has_tag = tag == Tag::ANY;
    for text in texts(tags, tag) {
        *len = len.saturating_add(text.len());
        has_tag = true;
        for word in words::words(&text) {
            if let Ok(at) = left.binary_search(&word) {
                left.remove(at);
            }
        }
        if left.is_empty() {
            break;
        }
    }
    has_tag && left.is_empty()
}

/// Whether each of these is a text of this tag.
fn has_texts(tags: Tags<'_>, tag: Tag, wanted: &[String], len: &mut usize) -> bool {
    let mut left: Vec<_> = wanted.iter().map(String::as_str).collect();
    for text in texts(tags, tag) {
        *len = len.saturating_add(text.len());
        left.retain(|other| *other != text);
        if left.is_empty() {
            return true;
        }
    }
    false
}

/// Each once, as they are looked up.
fn in_order(texts: &mut Vec<String>) {
    texts.sort_unstable();
    texts.dedup();
}

/// The texts of this tag, folded; of any text, all of them.
fn texts(tags: Tags<'_>, tag: Tag) -> impl Iterator<Item = String> {
    let is_meant = move |one: Tag| if tag == Tag::ANY { ANY.contains(&one) } else { one == tag };
    let meant = tags.filter(move |item| is_meant(item.tag));
    meant.filter_map(|item| item.value().text().map(|text| words::fold(&text)))
}

/// Whether a number of a file holds against that of a term (FTSEARCH-04, FTSEARCH-05).
fn holds(operator: Operator, number: u64, wanted: u32) -> bool {
    let wanted = u64::from(wanted);
    match operator {
        Operator::EQUAL => number == wanted,
        Operator::AT_MOST => number <= wanted,
        Operator::AT_LEAST if mutant!(LeavesTheLimitOut) => number > wanted,
        Operator::AT_LEAST => number >= wanted,
        Operator::ABOUT if mutant!(KnowsNoAbout) => number == wanted,
        Operator::ABOUT => number.abs_diff(wanted) <= wanted / 10,
        _ => false,
    }
}
