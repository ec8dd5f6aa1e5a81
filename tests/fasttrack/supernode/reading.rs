//! Searches that are made to be dear (FTSAFE-15): long texts, and many terms.

use bytes::Bytes;
use filbert::base::limits::{
    FASTTRACK_SEARCH_READINGS_MAX, FASTTRACK_TERM_WORDS_MAX, FASTTRACK_TERMS_MAX,
    LEAF_FILE_WORDS_MAX, LEAF_FILES_MAX,
};
use filbert::fasttrack::wire::{Message, Operator, Search, Tag, TagWriter, Term};

use super::family::{Family, hash, tagged, terms, words};

/// Bytes of text that count as one file more.
const TEXT_A_READING: usize = 32;

/// How many files are read before the one that is found, if their comments are so long and this is sought.
fn read_before(comment: &str, search: &Search) -> usize {
    let is_read_behind = |others: usize| {
        let mut family = Family::new(100);
        let asker = family.child(200);
        let holders: Vec<_> = (0..10).map(|number| family.child(number)).collect();
        let mut share = |number: usize, comment: &str| {
            let holder = holders[number / LEAF_FILES_MAX];
            let tags = TagWriter::new().text(Tag::FILE_NAME, "a song.mp3");
            let tags = tags.text(Tag::COMMENT, comment).finish();
            let number = u32::try_from(number).unwrap();
            family.receive(holder, Message::Share(tagged(number, tags)));
        };
        (0..others).for_each(|number| share(number, comment));
        share(others, "wanted");
        !family.search(asker, search.clone()).is_empty()
    };
    let mut few_and_many = (0, 1_100);
    while few_and_many.1 - few_and_many.0 > 1 {
        let middle = usize::midpoint(few_and_many.0, few_and_many.1);
        if is_read_behind(middle) {
            few_and_many.0 = middle;
        } else {
            few_and_many.1 = middle;
        }
    }
    few_and_many.0
}

fn of_comment(operator: Operator, text: &str) -> Term {
    Term { operator, tag: Tag::COMMENT, bytes: Bytes::copy_from_slice(text.as_bytes()) }
}

/// FTSAFE-15
#[test]
fn of_files_with_long_texts_fewer_are_read() {
    let max = usize::try_from(FASTTRACK_SEARCH_READINGS_MAX).unwrap();
    for operator in [Operator::CONTAINS, Operator::EQUAL] {
        for len in [TEXT_A_READING - 1, TEXT_A_READING, 640] {
            let search = terms(vec![Term::words(Tag::ANY, "song"), of_comment(operator, "wanted")]);
            let readings = 1 + len / TEXT_A_READING;
            let read = read_before(&"c".repeat(len), &search);
            assert_eq!(read, max.div_ceil(readings) - 1, "{len} bytes");
        }
    }
}

/// However many terms ask for one text, it is read once (FTSAFE-15).
#[test]
fn terms_of_one_text_are_read_together() {
    let max = usize::try_from(FASTTRACK_SEARCH_READINGS_MAX).unwrap();
    for operator in [Operator::CONTAINS, Operator::EQUAL] {
        let all = vec![of_comment(operator, "WANTED"); FASTTRACK_TERMS_MAX];
        let read = read_before(&"c".repeat(64), &terms(all));
        assert_eq!(read, max.div_ceil(3) - 1);
    }
}

/// FTSEARCH-03: each of them counts all the same.
#[test]
fn all_terms_of_one_text_must_hold() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    let tags = TagWriter::new().text(Tag::FILE_NAME, "a song.mp3").text(Tag::COMMENT, "One two");
    family.receive(holder, Message::Share(tagged(1, tags.text(Tag::COMMENT, "three").finish())));
    let mut finds = |operator, texts: &[&str]| {
        let all = texts.iter().map(|text| of_comment(operator, text)).collect();
        !family.search(asker, terms(all)).is_empty()
    };
    assert!(finds(Operator::CONTAINS, &["two", "three ONE", "two"]));
    assert!(!finds(Operator::CONTAINS, &["two", "four", "one"]));
    assert!(finds(Operator::EQUAL, &["three", "one two", "Three"]));
    assert!(!finds(Operator::EQUAL, &["three", "one"]));
}

/// A search of as many words as there may be, all of which every file has but for the last: it takes as much
/// of the time of all as it is (FTSAFE-15).
#[test]
fn very_many_words_are_read_in_few_files() {
    let mut family = Family::new(100);
    let asker = family.child(200);
    let all: Vec<_> = (100..100 + FASTTRACK_TERMS_MAX * FASTTRACK_TERM_WORDS_MAX).collect();
    let text = |numbers: &[usize]| -> String {
        numbers.iter().map(|number| format!("{number} ")).collect()
    };
    let name = text(&all[..180]);
    let files = 200_u32;
    let holder = family.child(1);
    (0..files).for_each(|number| family.share(holder, number, &name));
    // Other files have the words that these are not found by.
    let other = family.child(2);
    for (number, some) in (files..).zip(all.chunks(LEAF_FILE_WORDS_MAX)) {
        family.share(other, number, &text(some));
    }
    assert_eq!(family.search(asker, words(&text(&all[..3]))).len(), 200);
    let of_terms = all.chunks(FASTTRACK_TERM_WORDS_MAX);
    let search = terms(of_terms.map(|some| Term::words(Tag::ANY, &text(some))).collect());
    let looks = family.supernode.receive(asker, &Message::Search(search));
    let readings = u32::try_from(1 + name.len() / TEXT_A_READING).unwrap();
    let read = FASTTRACK_SEARCH_READINGS_MAX.div_ceil(readings);
    assert!(read < files);
    assert!(looks >= 20 * read * readings, "{looks} looks");
}

/// What a search says takes time too (FTSAFE-15).
#[test]
fn long_terms_cost_as_much_as_they_are_long() {
    let mut family = Family::new(1);
    let asker = family.child(1);
    let mut looks = |len: usize| {
        let term = Term::words(Tag::ANY, &"- ".repeat(len / 2));
        let search = terms(vec![term; FASTTRACK_TERMS_MAX]);
        family.supernode.receive(asker, &Message::Search(search)) as usize
    };
    let short = looks(10);
    assert!(short < 200, "{short}");
    assert!(looks(1_000) >= FASTTRACK_TERMS_MAX * 1_000 / 2);
}

/// FTSEARCH-03, FTSEARCH-08
#[test]
fn one_term_that_holds_is_not_enough() {
    let mut family = Family::new(2);
    let (holder, asker) = (family.child(1), family.child(2));
    let tags = TagWriter::new().text(Tag::FILE_NAME, "a song.mp3").number(Tag::BITRATE, 128);
    family.receive(holder, Message::Share(tagged(1, tags.number(Tag::YEAR, 1_999).finish())));
    let mut finds = |all: Vec<Term>| !family.search(asker, terms(all)).is_empty();
    let equal = |tag, number| Term::number(Operator::EQUAL, tag, number);
    assert!(finds(vec![equal(Tag::BITRATE, 128), equal(Tag::YEAR, 1_999)]));
    assert!(!finds(vec![equal(Tag::BITRATE, 128), equal(Tag::YEAR, 2_000)]));
    assert!(!finds(vec![equal(Tag::BITRATE, 127), equal(Tag::YEAR, 1_999)]));
    let (right, other) = (Term::hash(&hash(1)), Term::hash(&hash(2)));
    assert!(finds(vec![right.clone(), right.clone()]));
    assert!(!finds(vec![right.clone(), other.clone()]) && !finds(vec![other, right]));
}
