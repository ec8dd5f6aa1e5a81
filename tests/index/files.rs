//! Our own files, found by their words.

use std::collections::{BTreeMap, BTreeSet};

use filbert::base::limits::{FILE_LOOKS_MAX, FILE_SEARCH_LOOKS_MAX, FILE_SEARCH_WORDS_MAX};
use filbert::index::files::{File, FileId, Files, Kinds};
use filbert::index::words;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::properties::cases;

fn file(name: &str) -> File {
    File { name: name.into(), size: 1, ..File::default() }
}

fn files_of(files: impl IntoIterator<Item = File>) -> Files {
    let mut index = Files::new();
    index.extend(files);
    index
}

fn search(files: &Files, text: &str) -> Vec<FileId> {
    let mut found = Vec::new();
    files.search(text, Kinds::ALL, usize::MAX, &mut found);
    found
}

#[test]
fn a_file_is_found_by_all_of_its_words_and_by_no_others() {
    let mut files = files_of([]);
    assert_eq!(search(&files, "zebra"), []);
    let zebra = files.add(file("Zebra Quantum (Test) one.MP3"));
    let ete = files.add(file("L'Été à Séoul - 서울.ogg"));
    for (text, found) in [
        ("zebra", vec![zebra]),
        ("ONE zebra.mp3", vec![zebra]),
        ("zebra zebra", vec![zebra]),
        ("zebra two", vec![]),
        ("ete", vec![ete]),
        ("ÉTÉ l", vec![ete]),
        ("서울", vec![ete]),
        ("", vec![]),
        (" .-", vec![]),
        ("\u{301}", vec![]),
    ] {
        assert_eq!(search(&files, text), found, "{text}");
    }
}

/// So many words that some of them have the same hash, of 32 bits: the names have the last word.
#[test]
fn a_file_is_not_found_by_a_word_that_only_has_the_same_hash() {
    const WORDS: u32 = 200_000;
    let name = |number: u32| -> String {
        let letter =
            |place| char::from(b'a' + u8::try_from(number / 26_u32.pow(place) % 26).unwrap());
        (0..4).map(letter).collect()
    };
    let files = files_of((0..WORDS).map(|number| file(&name(number))));
    for number in 0..WORDS {
        assert_eq!(search(&files, &name(number)), [FileId(number + 1)], "{}", name(number));
    }
}

/// QRP-30: those who find us by the beginning of a word get an answer.
#[test]
fn a_file_is_found_by_the_beginnings_of_its_long_words() {
    let mut files = files_of([]);
    let id = files.add(file("limefivedelta song.txt"));
    for text in ["limefivedelt", "limefivedel", "LimeFiveDel song"] {
        assert_eq!(search(&files, text), [id], "{text}");
    }
    for text in ["limefivede", "son", "imefivedelta", "limefivedeltas"] {
        assert_eq!(search(&files, text), [], "{text}");
    }
}

#[test]
fn no_more_are_found_than_are_wanted() {
    let mut files = files_of((0..10).map(|n| file(&format!("zebra {n}"))));
    let mut found = vec![FileId(99)];
    files.search("zebra", Kinds::ALL, 3, &mut found);
    assert_eq!(found, [99, 1, 2, 3].map(FileId));
    assert_eq!(files.get(FileId(2)).unwrap().name, "zebra 1");
    assert!(files.remove(FileId(2)));
    assert_eq!((files.remove(FileId(2)), files.get(FileId(2)), files.len()), (false, None, 9));
    found.clear();
    files.search("zebra", Kinds::ALL, 3, &mut found);
    assert_eq!(found, [1, 3, 4].map(FileId));
    assert_eq!(files.add(file("late")), FileId(11), "a number is never given twice");
}

#[test]
fn a_file_is_found_by_its_content() {
    let mut files = files_of([]);
    files.add(file("one"));
    let sha1 = Some([7; 20]);
    let ids = ["two", "three"].map(|name| files.add(File { sha1, ..file(name) }));
    let mut found = Vec::new();
    files.with_sha1(&[7; 20], 9, &mut found);
    assert_eq!(found, ids);
    found.clear();
    files.with_sha1(&[7; 20], 1, &mut found);
    files.with_sha1(&[8; 20], 9, &mut found);
    assert_eq!(found, ids[..1]);
}

/// QRP-28, QRP-29, QRP-30: what goes into our query table.
#[test]
fn others_look_for_the_words_of_names_and_for_urns() {
    let files = files_of([File { sha1: Some([0; 20]), ..file("It's Zebras.mp3") }, file("Été")]);
    let mut words = BTreeSet::new();
    files.each_word(|word| _ = words.insert(word.to_owned()));
    let urn = format!("urn:sha1:{}", "A".repeat(32));
    let expected =
        ["it", "s", "it's", "zebras", "zebra", "zebr", "mp3", "ete", &urn].map(str::to_owned);
    assert_eq!(words, BTreeSet::from(expected));
}

#[test]
fn five_files_take_less_than_a_kibibyte() {
    let names = [
        "Some Artist - A Song That Was Liked.mp3",
        "holiday pictures of the year 2004.zip",
        "lecture notes on overlay networks.pdf",
        "The Quick Brown Fox (remastered).ogg",
        "field recording, rain on a tin roof.flac",
    ];
    let held = |work: &mut dyn FnMut()| allocation_counter::measure(work).bytes_current;
    let mut files = files_of([]);
    let bytes = held(&mut || files.extend(names.map(file)));
    assert!((1..1_024).contains(&bytes), "{bytes} bytes");
    assert_eq!(i64::try_from(files.footprint_len()), Ok(bytes));
    assert_eq!(held(&mut || (1..=5).for_each(|id| assert!(files.remove(FileId(id))))), -bytes);
}

#[test]
fn files_that_are_gone_take_no_memory() {
    let mut files = files_of((0..100).map(|n| file(&format!("zebra quantum {n}"))));
    let before = files.footprint_len();
    (1..=90).for_each(|id| assert!(files.remove(FileId(id))));
    assert!(files.footprint_len() < before / 4, "{} of {before}", files.footprint_len());
    assert_eq!(search(&files, "zebra 89"), []);
    assert_eq!(search(&files, "zebra 90"), [FileId(91)]);
}

#[derive(Clone, Debug)]
enum Step {
    Add(Vec<&'static str>),
    Extend(Vec<Vec<&'static str>>),
    Remove(u32),
    Search(Vec<&'static str>),
}

const WORDS: &[&str] =
    &["alpha", "alphabet", "beta", "Beta", "béta", "gam", "gamma", "gammas", "x", "日本", "ß"];

fn step() -> impl Strategy<Value = Step> {
    let name = || vec(select(WORDS), 0..5);
    prop_oneof![
        3 => name().prop_map(Step::Add),
        1 => vec(name(), 0..4).prop_map(Step::Extend),
        2 => (1..30_u32).prop_map(Step::Remove),
        4 => name().prop_map(Step::Search),
    ]
}

/// Whether a name has all words of a text, told without an index.
fn matches(name: &str, text: &str) -> bool {
    let (name, text) = (words::fold(name), words::fold(text));
    let has = |wanted: &str| {
        words::words(&name).any(|word| {
            let cut = wanted.chars().count() + 2;
            let letters = word.chars().count();
            word == wanted || letters > 4 && letters <= cut && word.starts_with(wanted)
        })
    };
    words::words(&text).next().is_some() && words::words(&text).all(has)
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_index_finds_what_looking_at_each_name_finds(steps in vec(step(), 0..40)) {
        let (mut files, mut naive) = (files_of([]), BTreeMap::new());
        for step in steps {
            match step {
                Step::Add(name) => {
                    let name = name.join(" ");
                    naive.insert(files.add(file(&name)), name);
                }
                Step::Extend(names) => {
                    let names: Vec<String> = names.iter().map(|name| name.join("-")).collect();
                    files.extend(names.iter().map(|name| file(name)));
                    let ids = files.iter().map(|(id, _)| id).skip(naive.len()).collect::<Vec<_>>();
                    naive.extend(ids.into_iter().zip(names));
                }
                Step::Remove(id) => {
                    let gone = files.remove(FileId(id));
                    prop_assert_eq!(gone, naive.remove(&FileId(id)).is_some());
                }
                Step::Search(text) => {
                    let text = text.join(" ");
                    let expected = naive.iter().filter(|(_, name)| matches(name, &text));
                    let expected: Vec<FileId> = expected.map(|(id, _)| *id).collect();
                    prop_assert_eq!(search(&files, &text), expected, "{}", text);
                }
            }
            prop_assert_eq!(files.len(), naive.len());
        }
    }
}

/// Words that very many files have do not make a search long: of those with the rarest word, so many
/// are looked at.
#[test]
fn a_search_looks_at_as_many_files_as_the_limit_and_not_one_more() {
    let names = (0..=FILE_LOOKS_MAX).map(|number| file(&format!("common number{number}")));
    let files = files_of(names);
    assert_eq!(search(&files, "common").len(), FILE_LOOKS_MAX);
    assert_eq!(search(&files, &format!("common number{FILE_LOOKS_MAX}")).len(), 1);
}

/// Copies of one content, and contents that begin alike: each is found, and nothing else is.
#[test]
fn a_content_is_found_among_others_that_begin_alike() {
    let sha1 = |last| {
        let mut sha1 = [7; 20];
        sha1[19] = last;
        sha1
    };
    let copies = (0..30_u8).map(|n| File { sha1: Some(sha1(n % 3)), ..file("copy") });
    let mut files = files_of(copies);
    let of = |files: &Files, last| {
        let mut found = Vec::new();
        files.with_sha1(&sha1(last), usize::MAX, &mut found);
        found
    };
    assert_eq!(of(&files, 1), (0..10).map(|n| FileId(3 * n + 2)).collect::<Vec<_>>());
    assert_eq!(of(&files, 9), []);
    assert!(files.remove(FileId(2)));
    let late = files.add(File { sha1: Some(sha1(1)), ..file("late") });
    assert_eq!(of(&files, 1), (1..10).map(|n| FileId(3 * n + 2)).chain([late]).collect::<Vec<_>>());
}

/// A search by content costs the same however many files there are; one by words costs what it had to
/// look at.
#[test]
fn a_search_tells_how_much_it_has_looked_at() {
    let names = |count: u32| -> Files {
        let file = |n: u32| File {
            sha1: Some([n.to_le_bytes(); 5].concat().try_into().unwrap()),
            ..file(&format!("common n{n}"))
        };
        files_of((0..count).map(file))
    };
    let (few, many) = (names(10), names(5_000));
    let mut found = Vec::new();
    let by_content = |files: &Files, found: &mut Vec<FileId>| {
        files.with_sha1(&[5_u32.to_le_bytes(); 5].concat().try_into().unwrap(), 9, found)
    };
    assert_eq!(by_content(&few, &mut found), by_content(&many, &mut found));
    assert_eq!(found, [FileId(6), FileId(6)]);
    let looks = |text: &str| many.search(text, Kinds::ALL, usize::MAX, &mut Vec::new());
    assert!(looks("nobody") < 5);
    assert!(looks("common n77") < 20);
    assert!(looks("common") > u32::try_from(FILE_LOOKS_MAX).unwrap());
    assert_eq!(names(0).search("common", Kinds::ALL, 9, &mut found), 0);
}

fn looks(files: &Files, text: &str) -> u32 {
    files.search(text, Kinds::ALL, usize::MAX, &mut Vec::new())
}

/// The second word was made to have the FNV-1a hash of the first: whoever knows how words are hashed
/// makes the index look at all files that have one of them, and finds none.
#[test]
fn a_word_made_to_have_the_hash_of_another_costs_no_more_than_others() {
    let files = files_of((0..10_000).map(|n| file(&format!("artist{n} track live.mp3"))));
    for text in ["nsneac2h".to_owned(), format!("{}nsneac2h", "mp3 ".repeat(58))] {
        assert_eq!(search(&files, &text), []);
        assert!(looks(&files, &text) < 100, "{}", looks(&files, &text));
    }
}

/// Saying a word again costs that it is read, and no more.
#[test]
fn a_word_that_is_said_again_is_sought_once() {
    let files = files_of((0..500).map(|n| file(&format!("artist{n} track live.mp3"))));
    let (once, again) = (looks(&files, "mp3 live"), looks(&files, &"mp3 live ".repeat(20)));
    assert!((once..=once + 38).contains(&again), "{once} and {again}");
}

/// Each word of a name that is held against a word of the query is counted.
#[test]
fn long_names_cost_more_looks_than_short_ones() {
    let of = |words: usize| {
        let words: String = (0..words).map(|n| format!("w{n} ")).collect();
        looks(&files_of((0..50).map(|_| file(&format!("{words}last more")))), "last more")
    };
    let (short, long) = (of(2), of(40));
    assert!(long - short >= 50 * 38 * 2, "{short} and {long}");
}

/// However many words a query has and however long the names are: when so many looks are taken, no other
/// file is taken up.
#[test]
fn a_search_takes_so_many_looks_and_takes_up_no_other_file() {
    let text: String = (0..20).map(|n| format!("w{n} ")).collect();
    let of = |count: usize| {
        let files = files_of((0..count).map(|_| file(&text)));
        (search(&files, &text).len(), looks(&files, &text))
    };
    let ((_, one), (_, two)) = (of(1), of(2));
    let each = two - one;
    let room = usize::try_from((FILE_SEARCH_LOOKS_MAX - (one - each)).div_ceil(each)).unwrap();
    let (full, over) = (of(room), of(room + 1));
    assert_eq!((full.0, over.0), (room, room));
    assert_eq!(full.1, over.1);
    assert!((FILE_SEARCH_LOOKS_MAX..FILE_SEARCH_LOOKS_MAX + each).contains(&over.1), "{over:?}");
}

#[test]
fn so_many_words_of_a_query_are_sought_and_not_one_more() {
    let words = |range: std::ops::Range<usize>| range.map(|n| format!("w{n} ")).collect::<String>();
    let files = files_of([file(&words(0..FILE_SEARCH_WORDS_MAX))]);
    let found = |text: String| search(&files, &text).len();
    assert_eq!(found(words(0..FILE_SEARCH_WORDS_MAX)), 1);
    assert_eq!(found(format!("{}nobody", words(0..FILE_SEARCH_WORDS_MAX))), 1, "it is not sought");
    assert_eq!(found(format!("{}nobody", words(0..FILE_SEARCH_WORDS_MAX - 1))), 0);
    let again = "w0 ".repeat(FILE_SEARCH_WORDS_MAX);
    assert_eq!(found(format!("{again}nobody")), 0, "each word counts once");
}
