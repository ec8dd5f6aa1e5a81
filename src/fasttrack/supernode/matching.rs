//! Files and searches are held against each other (FTSEARCH-03 to FTSEARCH-09).

use super::details::ANY;
use crate::base::legacy_text;
use crate::base::limits::{FASTTRACK_TERM_WORDS_MAX, LEAF_FILE_WORDS_MAX};
use crate::fasttrack::sought::Sought;
use crate::fasttrack::wire::{Media, Operator, Realm, Tag, TagValue, Tags, Term};
use crate::index::words;

/// What a search wants, so that many files can be held against it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    realm: Realm,
    /// The content that is wanted.
    pub(super) hash: Option<[u8; 20]>,
    /// Words of any text: a file that an index finds by them has them.
    pub(super) words: String,
    /// Files have their size beside their tags.
    sizes: Vec<(Operator, u32)>,
    /// What has to be read in the tags of a file.
    checks: Vec<Check>,
}

/// What a tag of a file has to say.
#[derive(Clone, Debug)]
enum Check {
    Number(Tag, Operator, u32),
    Pair(Tag, Operator, (u32, u32)),
    /// All of these words, folded, in this text; or in any.
    Words(Tag, Vec<String>),
    /// This text, folded, and nothing else.
    Text(Tag, String),
    /// These bytes.
    Bytes(Tag, Vec<u8>),
}

impl Wanted {
    /// None where no file can fit, or a limit is broken (FTSAFE-06).
    pub(super) fn of(sought: &Sought) -> Option<Self> {
        let (realm, words) = (sought.realm, String::new());
        let mut wanted = Self { realm, hash: None, words, sizes: Vec::new(), checks: Vec::new() };
        for term in &sought.terms {
            wanted.add(term)?;
        }
        wanted.read_words();
        Some(wanted)
    }

    /// Whether tags have to be read to tell whether a file fits that has the words.
    pub(super) const fn reads_tags(&self) -> bool {
        !self.checks.is_empty()
    }

    /// Whether a file fits by what is known of it without its tags.
    pub(super) fn fits(&self, hash: &[u8; 20], size: u64, media: Media) -> bool {
        let fits_size = |(operator, wanted): &(Operator, u32)| holds(*operator, size, *wanted);
        self.realm.wants(media)
            && self.hash.is_none_or(|wanted| wanted == *hash)
            && self.sizes.iter().all(fits_size)
    }

    /// Whether these tags fit.
    pub(super) fn fits_tags(&self, tags: &[u8]) -> bool {
        self.checks.iter().all(|check| check.holds(tags))
    }

    /// The same of a file whose words are in no index.
    pub(super) fn fits_words(&self, tags: &[u8]) -> bool {
        Check::Words(Tag::ANY, self.folded_words()).holds(tags)
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
            TagValue::Bytes(_) if matches!(term.tag, Tag::HASH | Tag::KZHASH) => None,
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
        let (tag, text) = (term.tag, words::fold(&legacy_text::read(bytes)));
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
            Operator::EQUAL => self.check(Check::Text(tag, text)),
            Operator::CONTAINS | Operator::ABOUT if tag == Tag::ANY => Some(()),
            Operator::CONTAINS | Operator::ABOUT => self.check(Check::Words(tag, of_term)),
            _ => None,
        }
    }

    /// An index of words takes so many of them and no more, and one of hashes takes none: then they are
    /// read.
    fn read_words(&mut self) {
        let words = self.folded_words();
        if words.len() > LEAF_FILE_WORDS_MAX || self.hash.is_some() && !words.is_empty() {
            self.checks.push(Check::Words(Tag::ANY, words));
        }
    }

    fn folded_words(&self) -> Vec<String> {
        words::words(&words::fold(&self.words)).map(str::to_owned).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "as its callers do")]
    fn check(&mut self, check: Check) -> Option<()> {
        self.checks.push(check);
        Some(())
    }
}

impl Check {
    fn holds(&self, tags: &[u8]) -> bool {
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
            Self::Words(tag, wanted) => has_words(tags, *tag, wanted),
            Self::Text(tag, wanted) => texts(tags, *tag).any(|text| text == *wanted),
            Self::Bytes(tag, wanted) => {
                tags.any(|item| item.tag == *tag && item.bytes == wanted.as_slice())
            }
        }
    }
}

/// Whether each word occurs in a text of this tag, one here and another there if it is any.
fn has_words(tags: Tags<'_>, tag: Tag, wanted: &[String]) -> bool {
    let mut left: Vec<_> = wanted.iter().collect();
    for text in texts(tags, tag) {
        left.retain(|word| !words::words(&text).any(|one| one == *word));
    }
    // A file without the tag does not fit (FTSEARCH-04).
    left.is_empty() && (tag == Tag::ANY || texts(tags, tag).next().is_some())
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
        Operator::AT_LEAST => number >= wanted,
        Operator::ABOUT => number.abs_diff(wanted) <= wanted / 10,
        _ => false,
    }
}
