//! Our own files, found by their words.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use filbert::base::kazaa_hash::{KzHash, UuHash};
use filbert::base::limits::{FILE_SEARCH_LOOKS_MAX, FILE_SEARCH_WORDS_MAX};
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

/// Forms of one word: whoever looks for one of them finds all.
#[test]
fn a_file_is_found_by_every_form_of_its_letters() {
    const FORMS: &[&[&str]] = &[
        &["straße", "STRASSE", "strasse"],
        &["ﬁne", "fine", "FINE"],
        &["été", "E\u{301}TE\u{301}", "ete", "ÉTÉ"],
        &["ｶﾞｷﾞ", "ガギ", "カ\u{3099}キ\u{3099}"],
        &["ａｂｃ１２", "abc12", "ABC12"],
        &["İzmir", "izmir", "IZMIR"],
        &["λόγος", "ΛΟΓΟΣ", "λογοσ"],
        &["ёлка", "елка", "ЁЛКА"],
        &["naïve", "nai\u{308}ve", "naive"],
        &["①", "1", "１"],
        &["서울", "\u{1109}\u{1165}\u{110b}\u{116e}\u{11af}"],
    ];
    for forms in FORMS {
        for name in *forms {
            let files = files_of([file(&format!("a {name} b.mp3"))]);
            for text in *forms {
                assert_eq!(search(&files, text), [FileId(1)], "{name} by {text}");
            }
        }
    }
    // The dotless i is a letter of its own, and pictures are no letters.
    assert_eq!(search(&files_of([file("kapı")]), "kapi"), []);
    let pictured = files_of([file("party \u{1f389} mix.ogg")]);
    assert_eq!(search(&pictured, "\u{1f389}"), []);
    assert_eq!(search(&pictured, "party\u{1f389}mix"), [FileId(1)]);
}

#[test]
fn only_files_of_the_kinds_that_are_wanted_are_found() {
    let names = ["one.mp3", "one.avi", "one.tar.gz", "one"];
    let files = files_of(names.map(file));
    for (kinds, ids) in [
        (Kinds::ALL, vec![1, 2, 3, 4]),
        (Kinds::AUDIO, vec![1]),
        (Kinds::asked(0x0c), vec![1, 2]),
        (Kinds::UNIX_PROGRAM, vec![3]),
        (Kinds::asked(0xfc), vec![1, 2, 3]),
        (Kinds::asked(0x100), vec![]),
    ] {
        let mut found = Vec::new();
        files.search("one", kinds, 9, &mut found);
        assert_eq!(found, ids.into_iter().map(FileId).collect::<Vec<_>>(), "{kinds:?}");
    }
}

#[test]
fn the_newest_come_first_and_what_has_no_date_is_not_new() {
    let dated = |name: &str, modified_s| File { modified_s, ..file(name) };
    let mut files = files_of([
        dated("old.mp3", Some(5)),
        dated("new.mp3", Some(9)),
        dated("as new.avi", Some(9)),
        dated("sometime.mp3", None),
        dated("first.mp3", Some(0)),
    ]);
    let newest = |files: &Files, limit, kinds| {
        let mut found = Vec::new();
        files.newest(limit, kinds, &mut found);
        found.into_iter().map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!(newest(&files, 9, Kinds::ALL), [2, 3, 1, 5]);
    assert_eq!(newest(&files, 2, Kinds::AUDIO), [2, 1]);
    assert_eq!(newest(&files, 0, Kinds::ALL), [0; 0]);
    assert_eq!(newest(&files, 9, Kinds::IMAGE), [0; 0]);
    assert!(files.remove(FileId(2)));
    assert_eq!(files.add(dated("late.ogg", Some(7))), FileId(6));
    assert_eq!(newest(&files, 3, Kinds::AUDIO), [6, 1, 5]);
}

#[test]
fn a_file_is_what_was_said_of_it_last() {
    let known = File {
        name: "it.mp3".into(),
        size: u64::MAX,
        sha1: Some([7; 20]),
        tiger_root: Some([0; 24]),
        kzhash: Some(KzHash::from_bytes([0; 36])),
        modified_s: Some(0),
    };
    let mut files = files_of([file("it.mp3"), file("other.mp3")]);
    assert_eq!(files.get(FileId(1)).unwrap().to_file(), file("it.mp3"));
    assert!(files.replace(FileId(1), known.clone()) && !files.replace(FileId(9), known.clone()));
    files.insert(FileId(0), known.clone());
    assert_eq!((files.get(FileId(1)).unwrap().to_file(), files.len()), (known.clone(), 2));
    let mut found = Vec::new();
    files.with_tiger_root(&[0; 24], 9, &mut found);
    files.with_uuhash(&UuHash([0; 20]), 9, &mut found);
    assert_eq!(found, [FileId(1); 2], "a file whose root is not known has none, and not zeros");
    files.insert_all([(FileId(40), file("a b")), (FileId(7), known), (FileId(40), file("c d"))]);
    assert_eq!(files.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [1, 2, 7, 40]);
    assert_eq!((search(&files, "b"), search(&files, "d")), (vec![], vec![FileId(40)]));
    assert_eq!(files.add(file("next")), FileId(41));
    assert_eq!(files.content_len(), u64::MAX);
}

/// One is changed beside the node, which searches in another.
#[test]
fn a_copy_stays_as_it_was_and_costs_next_to_nothing() {
    let mut files = files_of((0..40_000).map(|n| file(&format!("common n{n:05}.mp3"))));
    let mut copy = Files::new();
    let copying = allocation_counter::measure(|| copy = files.clone());
    assert!(copying.bytes_total <= 256, "{} bytes", copying.bytes_total);
    let changing = allocation_counter::measure(|| {
        assert!(files.remove(FileId(77)) && files.replace(FileId(78), file("something else")));
        files.add(file("common late.mp3"));
    });
    assert!(changing.bytes_total < 64 * 1024, "{} bytes", changing.bytes_total);
    assert_eq!((files.len(), copy.len()), (40_000, 40_000));
    assert_eq!(search(&copy, "n00076"), [FileId(77)]);
    assert_eq!((search(&copy, "late"), search(&copy, "else")), (vec![], vec![]));
    assert_eq!((search(&files, "n00076"), search(&files, "n00077")), (vec![], vec![]));
    assert_eq!(search(&files, "else"), [FileId(78)]);
}

/// Names that have few words in common, and some that nearly all have, as lists of every form.
#[test]
fn among_many_files_the_index_finds_what_looking_at_each_name_finds() {
    const FILES: u32 = 30_000;
    // Word n is in one of n names, but for the last ones, which begin like others.
    let name = |n: u32| {
        let mixed = n.wrapping_mul(0x9e37_79b1) >> 4;
        let divisors = [1, 2, 3, 5, 20, 50, 90, 300, 1_000, 4_000, 20_000];
        let words = divisors.iter().filter(|d| (mixed / 7 + **d).is_multiple_of(**d));
        let words: String = words.map(|d| format!("word{d} ")).collect();
        format!("{words}{} begin{}.mp3", mixed % 977, ["", "s", "ning", "er"][mixed as usize % 4])
    };
    let mut files = files_of((1..=FILES).map(|n| file(&name(n))));
    let gone = |n: u32| n.is_multiple_of(7);
    (1..=FILES).filter(|n| gone(*n)).for_each(|n| assert!(files.remove(FileId(n))));
    let split = |text: &str| words::words(&words::fold(text)).map(str::to_owned).collect();
    let names: Vec<Vec<String>> = (1..=FILES).map(|n| split(&name(n))).collect();
    let queries = [
        "word1",
        "word2 word3",
        "word2 word3 word5",
        "word20 word3",
        "word50 word90",
        "begin",
        "word300 word20",
        "word1000 word2",
        "word4000",
        "word20000 mp3",
        "beginn word2",
        "word",
        "word90 word50 word20 word5 word3 word2 word1 mp3",
        "word20000 word50",
        "17 word2",
        "976",
        "begins word300",
        "word1000 word300",
        "begi",
        "beg",
        "begi word300",
        "beg 976",
        "word1000 word2 begi",
        "word30 beg",
    ];
    for mut index in [files.clone(), files] {
        for text in queries {
            let wanted: Vec<String> = split(text);
            let has_all = |n: u32| {
                let of_name = &names[n as usize - 1];
                wanted.iter().all(|wanted| of_name.iter().any(|word| is_found_by(word, wanted)))
            };
            let expected = (1..=FILES).filter(|n| !gone(*n) && has_all(*n)).map(FileId);
            assert_eq!(search(&index, text), expected.collect::<Vec<_>>(), "{text}");
        }
        index.compact();
    }
}

#[derive(Clone, Debug)]
enum Step {
    Add(Said),
    Insert(Vec<(u32, Said)>),
    Replace(u32, Said),
    Remove(u32),
    Compact,
    Search(Vec<&'static str>, Kinds, usize),
    Newest(usize, Kinds),
    Copy,
}

type Said = (Vec<&'static str>, u8, Option<u32>);

const WORDS: &[&str] = &[
    "alpha", "alphabet", "beta", "Beta", "béta", "gam", "gamma", "gammas", "x", "日本", "ß",
    "don't", "a.mp3", "b.avi",
];

fn step() -> impl Strategy<Value = Step> {
    let name = || vec(select(WORDS), 0..5);
    let said = || (name(), 0..3_u8, proptest::option::of(0..5_u32));
    let kinds = || select(&[Kinds::ALL, Kinds::AUDIO, Kinds::VIDEO, Kinds::OTHER][..]);
    prop_oneof![
        3 => said().prop_map(Step::Add),
        2 => vec((0..60_u32, said()), 0..40).prop_map(Step::Insert),
        1 => (1..60_u32, said()).prop_map(|(id, said)| Step::Replace(id, said)),
        2 => (1..60_u32).prop_map(Step::Remove),
        1 => Just(Step::Compact),
        4 => (name(), kinds(), 0..9_usize).prop_map(|(name, kinds, limit)| Step::Search(name, kinds, limit)),
        2 => (0..9_usize, kinds()).prop_map(|(limit, kinds)| Step::Newest(limit, kinds)),
        1 => Just(Step::Copy),
    ]
}

fn is_found_by(word: &str, wanted: &str) -> bool {
    let cut = wanted.chars().count() + 2;
    let letters = word.chars().count();
    word == wanted || letters > 4 && letters <= cut && word.starts_with(wanted)
}

/// Whether a name has all words of a text, told without an index.
fn matches(name: &str, text: &str) -> bool {
    let (name, text) = (words::fold(name), words::fold(text));
    let has = |wanted: &str| words::words(&name).any(|word| is_found_by(word, wanted));
    words::words(&text).next().is_some() && words::words(&text).all(has)
}

/// A file of which this is said: the number of a content is its digests, and 0 is none.
fn said((name, content, modified_s): Said) -> File {
    let content = Some(content).filter(|content| *content > 0);
    let (sha1, tiger_root) = (content.map(|n| [n; 20]), content.map(|n| [n; 24]));
    // Some differ where the UUHash does not look.
    let kzhash = content.map(|n| KzHash { uuhash: UuHash([n / 2; 20]), root: [255 - n; 16] });
    File { name: name.join(" ").into(), size: 1, sha1, tiger_root, kzhash, modified_s }
}

type Model = BTreeMap<FileId, File>;

fn is_same(files: &Files, model: &Model) {
    let told: Model = files.iter().map(|(id, file)| (id, file.to_file())).collect();
    assert_eq!((&told, files.len()), (model, model.len()));
    assert_eq!(files.content_len(), u64::try_from(model.len()).unwrap());
    for content in 1..3 {
        let of = |file: &File| file.sha1 == Some([content; 20]);
        let expected: Vec<_> =
            model.iter().filter(|(_, file)| of(file)).map(|(id, _)| *id).collect();
        let (mut by_sha1, mut by_root) = (Vec::new(), Vec::new());
        files.with_sha1(&[content; 20], 99, &mut by_sha1);
        files.with_tiger_root(&[content; 24], 99, &mut by_root);
        assert_eq!((&by_sha1, &by_root), (&expected, &expected));
    }
    for uuhash in (0..3).map(|number| UuHash([number; 20])) {
        let of = |file: &File| file.kzhash.is_some_and(|kzhash| kzhash.uuhash == uuhash);
        let expected = model.iter().filter(|(_, file)| of(file)).map(|(id, _)| *id);
        let mut found = Vec::new();
        files.with_uuhash(&uuhash, 99, &mut found);
        assert!(expected.eq(found), "{uuhash}");
    }
    let (mut words, mut expected) = (BTreeSet::new(), BTreeSet::new());
    files.each_word(|word| _ = words.insert(word.to_owned()));
    for file in model.values() {
        words::each_sought(&words::fold(&file.name), |word| _ = expected.insert(word.to_owned()));
    }
    words.retain(|word| !word.starts_with("urn:"));
    assert_eq!(words, expected);
}

fn newest(model: &Model, limit: usize, kinds: Kinds) -> Vec<FileId> {
    let dated = model.iter().filter(|(_, file)| kinds.meets(file.view().kinds()));
    let dated = dated.filter_map(|(id, file)| Some((Reverse(file.modified_s?), *id)));
    let dated: BTreeSet<_> = dated.collect();
    dated.into_iter().map(|(_, id)| id).take(limit).collect()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_index_finds_what_looking_at_each_name_finds(steps in vec(step(), 0..40)) {
        let (mut files, mut model, mut last) = (Files::new(), Model::new(), 0);
        let mut copies = Vec::new();
        for step in steps {
            match step {
                Step::Add(file) => {
                    let id = files.add(said(file.clone()));
                    prop_assert_eq!(id, FileId(last + 1));
                    model.insert(id, said(file));
                }
                Step::Insert(batch) => {
                    let batch = batch.into_iter().map(|(id, file)| (FileId(id), said(file)));
                    files.insert_all(batch.clone());
                    model.extend(batch.filter(|(id, _)| id.0 > 0));
                }
                Step::Replace(id, file) => {
                    let id = FileId(id);
                    prop_assert_eq!(files.replace(id, said(file.clone())), model.contains_key(&id));
                    model.entry(id).and_modify(|old| *old = said(file));
                }
                Step::Remove(id) => {
                    let gone = model.remove(&FileId(id)).is_some();
                    prop_assert_eq!(files.remove(FileId(id)), gone);
                }
                Step::Compact => files.compact(),
                Step::Search(text, kinds, limit) => {
                    let (text, mut found) = (text.join(" "), vec![FileId(0)]);
                    files.search(&text, kinds, limit, &mut found);
                    let fits = |file: &File| kinds.meets(file.view().kinds()) && matches(&file.name, &text);
                    let expected = model.iter().filter(|(_, file)| fits(file)).map(|(id, _)| *id);
                    let expected = std::iter::once(FileId(0)).chain(expected.take(limit));
                    prop_assert_eq!(found, expected.collect::<Vec<_>>(), "{}", text);
                }
                Step::Newest(limit, kinds) => {
                    let mut found = Vec::new();
                    files.newest(limit, kinds, &mut found);
                    prop_assert_eq!(found, newest(&model, limit, kinds));
                }
                Step::Copy => copies.push((files.clone(), model.clone())),
            }
            last = model.keys().last().map_or(last, |id| id.0.max(last));
        }
        copies.push((files, model));
        copies.iter().for_each(|(files, model)| is_same(files, model));
    }
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

fn looks(files: &Files, text: &str) -> u32 {
    files.search(text, Kinds::ALL, usize::MAX, &mut Vec::new())
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
    assert!(looks(&many, "nobody") < 5);
    assert!(looks(&many, "common n77") < 20);
    assert!(looks(&many, "common") > 100);
    assert_eq!(looks(&files_of([]), "common"), 0);
}

/// Saying a word again costs that it is read, and no more.
#[test]
fn a_word_that_is_said_again_is_sought_once() {
    let files = files_of((0..500).map(|n| file(&format!("artist{n} track live.mp3"))));
    let (once, again) = (looks(&files, "mp3 live"), looks(&files, &"mp3 live ".repeat(20)));
    assert!((once..=once + 5).contains(&again), "{once} and {again}");
}

/// Words that begin very many others, and many of them: when so many looks are taken, nothing else is taken
/// up. What a search could still find costs as much as one word, at most.
#[test]
fn a_search_takes_so_many_looks_and_nothing_more_is_taken_up() {
    const STEMS: usize = FILE_SEARCH_WORDS_MAX;
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    let stem = |n: usize| format!("{}{}x", letter(n), letter(n / 26));
    let pairs = || (0..26 * 26).map(|n| format!("{}{}", letter(n / 26), letter(n)));
    let longer = |n: usize| pairs().map(move |pair| format!("{}{pair} ", stem(n)));
    let name: String = (0..STEMS).flat_map(longer).collect();
    let files = files_of((0..3).map(|_| file(&name)));
    let of = |count: usize| {
        let text: Vec<String> = (0..count).map(stem).collect();
        (search(&files, &text.join(" ")).len(), looks(&files, &text.join(" ")))
    };
    let all: Vec<(usize, u32)> = (1..=STEMS).map(of).collect();
    let each = all[1].1 - all[0].1;
    for (found, looks) in &all {
        assert_eq!(*found == 3, *looks < FILE_SEARCH_LOOKS_MAX, "{all:?}");
        assert!(*looks < FILE_SEARCH_LOOKS_MAX + each, "{all:?}");
    }
    assert!(all[0].0 == 3 && all[STEMS - 1].0 == 0, "{all:?}");
    let mut found = Vec::new();
    files.search_all(&(0..STEMS).map(stem).collect::<Vec<_>>().join(" "), &mut found);
    assert_eq!(found, [1, 2, 3].map(FileId), "the user has time");
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
