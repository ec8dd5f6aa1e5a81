//! What is looked for, whoever looks for it.

use crate::base::limits::{FASTTRACK_TERM_WORDS_MAX, FASTTRACK_VALUE_LEN_MAX};
use crate::fasttrack::wire::{Found, Media, Realm, Tag, Term};
use crate::index::files::Kinds;
use crate::index::words;

/// Results that a search for words of ours wants (FTNODE-10).
pub const WORDS_RESULTS_WANTED: u16 = 200;

/// Results that a search for a hash of ours wants (FTNODE-10).
pub const HASH_RESULTS_WANTED: u16 = 15;

/// A search of ours. No two of one node have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchId(pub u32);

/// Files that fit a realm and all terms, up to so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Most results wanted.
    pub max: u16,
    pub realm: Realm,
    pub terms: Vec<Term>,
}

impl Sought {
    /// Files with all of these words, as a program of ours asks for them. Of more than a term may have the
    /// first count (FTSAFE-06).
    pub fn words(words: &str, realm: Realm) -> Self {
        let term = Term::words(Tag::ANY, first_words(words));
        Self { max: WORDS_RESULTS_WANTED, realm, terms: vec![term] }
    }

    /// Files of this content, as a program of ours asks for them.
    pub fn hash(hash: &[u8; 20]) -> Self {
        let realm = Realm::EVERYTHING;
        Self { max: HASH_RESULTS_WANTED, realm, terms: vec![Term::hash(hash)] }
    }
}

/// Whether a result can be shown and judged at all (FTSEARCH-16).
pub fn is_of_use(found: &Found) -> bool {
    let has_name = found.tags.text(Tag::FILE_NAME).is_some_and(|name| !name.trim().is_empty());
    has_name && found.size != 0 && found.hash != [0; 20]
}

/// As much of it as may stand in a term.
fn first_words(text: &str) -> &str {
    let (mut count, mut end) = (0_usize, 0_usize);
    for word in text.split_inclusive(char::is_whitespace) {
        count = count.saturating_add(words::words(&words::fold(word)).count());
        let next = end.saturating_add(word.len());
        if count > FASTTRACK_TERM_WORDS_MAX || next > FASTTRACK_VALUE_LEN_MAX {
            break;
        }
        end = next;
    }
    text.get(..end).unwrap_or_default().trim()
}

/// What a file is by its name. Archives are software.
pub fn media_of(kinds: Kinds) -> Media {
    const PROGRAM: Kinds = Kinds::WINDOWS_PROGRAM.and(Kinds::UNIX_PROGRAM);
    [
        (Kinds::AUDIO, Media::AUDIO),
        (Kinds::VIDEO, Media::VIDEO),
        (Kinds::IMAGE, Media::IMAGE),
        (Kinds::DOCUMENT, Media::DOCUMENT),
        (PROGRAM, Media::SOFTWARE),
    ]
    .into_iter()
    .find_map(|(kind, media)| kinds.meets(kind).then_some(media))
    .unwrap_or(Media::UNKNOWN)
}
