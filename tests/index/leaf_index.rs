//! The files that leaves announce, held against a plain list of them.

use filbert::base::limits::{
    LEAF_FILE_DETAILS_LEN_MAX, LEAF_FILE_NAME_LEN_MAX, LEAF_FILE_WORDS_MAX, LEAF_FILES_MAX,
    LEAF_INDEX_FILES_MAX, LEAF_INDEX_LOOKS_MAX,
};
use filbert::base::slots::{Slot, Slots};
use filbert::index::leaf_index::{LeafFile, LeafIndex, Refused};
use filbert::index::words;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::properties::cases;

mod room;

fn digest(number: u32) -> [u8; 20] {
    std::array::from_fn(|at| number.to_le_bytes()[at % 4])
}

fn file(number: u32, name: &str) -> LeafFile {
    LeafFile { digest: digest(number), size: 1, name: name.into(), details: Box::default() }
}

fn leaves(count: usize) -> Vec<Slot> {
    let mut slots = Slots::new();
    (0..count).map(|_| slots.insert(())).collect()
}

/// Whose files are found, and their names.
fn search(index: &LeafIndex, text: &str) -> Vec<(Slot, String)> {
    let mut found = Vec::new();
    index.search(text, usize::MAX, &mut found);
    found.into_iter().map(|(leaf, file)| (leaf, file.name.to_string())).collect()
}

#[test]
fn a_file_is_found_by_the_words_of_its_name_and_of_other_texts() {
    let (mut index, leaf) = (LeafIndex::new(1), leaves(1)[0]);
    index.announce(leaf, file(1, "Zebra One.mp3"), ["Été", "the Artist"]).unwrap();
    let found = [(leaf, "Zebra One.mp3".to_owned())];
    for text in ["zebra", "ONE ete", "artist zebra mp3", "the"] {
        assert_eq!(search(&index, text), found, "{text}");
    }
    for text in ["zebr", "zebra two", "", " - "] {
        assert_eq!(search(&index, text), [], "{text}");
    }
}

#[test]
fn a_file_is_found_by_its_content_and_announced_once() {
    let (mut index, leaves) = (LeafIndex::new(1), leaves(2));
    let of = |index: &LeafIndex, number, limit| {
        let mut found = Vec::new();
        index.with_digest(&digest(number), limit, &mut found);
        found.iter().map(|(leaf, file)| (*leaf, file.name.to_string())).collect::<Vec<_>>()
    };
    index.announce(leaves[0], file(1, "old name"), []).unwrap();
    index.announce(leaves[1], file(1, "other"), []).unwrap();
    index.announce(leaves[0], file(1, "new name"), []).unwrap();
    let both = [(leaves[1], "other".to_owned()), (leaves[0], "new name".to_owned())];
    assert_eq!((of(&index, 1, 9), of(&index, 2, 9)), (both.to_vec(), vec![]));
    assert_eq!(of(&index, 1, 1), both[..1]);
    assert_eq!((search(&index, "old"), index.len()), (vec![], 2));
    assert_eq!(index.withdraw(leaves[0], &digest(1)).unwrap().name, "new name".into());
    assert_eq!(index.withdraw(leaves[0], &digest(1)), None);
    assert_eq!((of(&index, 1, 9), index.files_of(leaves[0])), (both[..1].to_vec(), 0));
}

#[test]
fn a_leaf_may_announce_so_many_files_and_not_one_more() {
    let (mut index, leaves) = (LeafIndex::new(1), leaves(2));
    let mut announce = |leaf, number| index.announce(leaf, file(number, "x"), []);
    for number in 0..u32::try_from(LEAF_FILES_MAX).unwrap() {
        announce(leaves[0], number).unwrap();
    }
    assert_eq!(announce(leaves[0], 9_999), Err(Refused::LeafIsFull));
    assert_eq!(announce(leaves[0], 7), Ok(()), "one of them again");
    assert_eq!(announce(leaves[1], 9_999), Ok(()), "another leaf has its own room");
    index.withdraw(leaves[0], &digest(3));
    assert_eq!(index.announce(leaves[0], file(9_999, "x"), []), Ok(()));
}

#[test]
fn all_leaves_together_may_announce_so_many_files_and_not_one_more() {
    let each = u32::try_from(LEAF_FILES_MAX).unwrap();
    let total = u32::try_from(LEAF_INDEX_FILES_MAX).unwrap();
    let (mut index, leaves) =
        (LeafIndex::new(1), leaves(LEAF_INDEX_FILES_MAX / LEAF_FILES_MAX + 2));
    let mut announce =
        |number: u32| index.announce(leaves[(number / each) as usize], file(number, ""), []);
    (0..total).for_each(|number| announce(number).unwrap());
    assert_eq!(announce(total), Err(Refused::IndexIsFull));
    index.withdraw(leaves[0], &digest(0)).unwrap();
    let mut announce =
        |number: u32| index.announce(leaves[(number / each) as usize], file(number, ""), []);
    assert_eq!((announce(total), announce(total + 1)), (Ok(()), Err(Refused::IndexIsFull)));
}

#[test]
fn names_and_details_have_their_limits() {
    let (mut index, leaf) = (LeafIndex::new(1), leaves(1)[0]);
    let (name, details) = ("n".repeat(LEAF_FILE_NAME_LEN_MAX), vec![0; LEAF_FILE_DETAILS_LEN_MAX]);
    let mut announce = |name: &str, details: &[u8]| {
        index.announce(leaf, LeafFile { details: details.into(), ..file(1, name) }, [])
    };
    assert_eq!(announce(&name, &details), Ok(()));
    assert_eq!(announce(&format!("{name}n"), &[]), Err(Refused::TooLong));
    assert_eq!(announce("", &[&details[..], &[0]].concat()), Err(Refused::TooLong));
    assert_eq!(index.len(), 1);
}

#[test]
fn a_file_is_found_by_so_many_words_and_not_by_one_more() {
    let (mut index, leaf) = (LeafIndex::new(1), leaves(1)[0]);
    let text: String = (1..=LEAF_FILE_WORDS_MAX + 1).map(|n| format!("w{n} ")).collect();
    index.announce(leaf, file(1, "w1"), [&*text]).unwrap();
    let found = |index: &LeafIndex, text: &str| search(index, text).len();
    let (last, further) = (LEAF_FILE_WORDS_MAX, LEAF_FILE_WORDS_MAX + 1);
    assert_eq!(found(&index, &format!("w{last}")), 1);
    assert_eq!(found(&index, &format!("w{further}")), 0);
    // Another file has the words that this one is not found by.
    index.announce(leaf, file(2, &format!("w{further} other")), []).unwrap();
    assert_eq!(found(&index, &format!("w1 w{further}")), 0);
    assert_eq!(found(&index, &text), 1, "so many words are sought and not one more");
    let again = "w1 ".repeat(LEAF_FILE_WORDS_MAX);
    assert_eq!(found(&index, &format!("{again}other")), 0, "each word counts once");
}

#[test]
fn a_search_looks_at_so_many_files_and_not_at_one_more() {
    let leaves = leaves(LEAF_INDEX_LOOKS_MAX / LEAF_FILES_MAX + 2);
    let found_behind = |others: usize| {
        let mut index = LeafIndex::new(1);
        for (number, nth) in (0..).zip(0..others) {
            index.announce(leaves[nth / LEAF_FILES_MAX], file(number, "common"), []).unwrap();
        }
        let last = *leaves.last().unwrap();
        index.announce(last, file(1 << 30, "common"), []).unwrap();
        search(&index, "common").iter().filter(|(leaf, _)| *leaf == last).count()
    };
    assert_eq!(found_behind(LEAF_INDEX_LOOKS_MAX - 1), 1);
    assert_eq!(found_behind(LEAF_INDEX_LOOKS_MAX), 0);
}

/// Words that all files have make a search dearer, not longer: the list of the second one is skimmed, and
/// so many of it are a look.
#[test]
fn each_word_that_many_files_have_costs_looks() {
    const SKIMMED: usize = LEAF_INDEX_LOOKS_MAX / 32 + 1;
    let leaves = leaves(LEAF_INDEX_LOOKS_MAX / LEAF_FILES_MAX + 1);
    let mut index = LeafIndex::new(1);
    for (number, nth) in (0..).zip(0..LEAF_INDEX_LOOKS_MAX) {
        index
            .announce(leaves[nth / LEAF_FILES_MAX], file(number, "common words of all"), [])
            .unwrap();
    }
    let found = |text: &str| search(&index, text).len();
    assert_eq!(found("common"), LEAF_INDEX_LOOKS_MAX);
    assert_eq!(found(&"common ".repeat(30)), LEAF_INDEX_LOOKS_MAX, "it is sought once");
    assert_eq!(found("common words"), LEAF_INDEX_LOOKS_MAX - SKIMMED);
    assert_eq!(found("common words of all"), LEAF_INDEX_LOOKS_MAX - 3 * SKIMMED);
}

/// Less than half of what may be looked at is spent on skimming: words beyond that are sought in each file.
#[test]
fn however_many_words_all_files_have_there_is_an_end_to_skimming() {
    const COUNT: usize = LEAF_INDEX_LOOKS_MAX;
    let (mut index, leaves) = (LeafIndex::new(1), leaves(COUNT.div_ceil(LEAF_FILES_MAX)));
    let name: Vec<_> = (0..32).map(|word| format!("w{word}")).collect();
    let name = name.join(" ");
    for (number, nth) in (0..).zip(0..COUNT) {
        index.announce(leaves[nth / LEAF_FILES_MAX], file(number, &name), []).unwrap();
    }
    let of_a_list = COUNT.div_ceil(32);
    let lists = (LEAF_INDEX_LOOKS_MAX / 2 - 1) / of_a_list;
    let of_a_file = 1 + 31 - lists;
    let left = LEAF_INDEX_LOOKS_MAX - lists * of_a_list;
    assert_eq!(search(&index, &name).len(), left.div_ceil(of_a_file));
}

#[test]
fn a_search_tells_how_much_it_has_looked_at() {
    let (mut index, leaf) = (LeafIndex::new(1), leaves(1)[0]);
    for number in 0..100 {
        index.announce(leaf, file(number, &format!("common words {number}")), []).unwrap();
    }
    let looks = |text: &str| index.search(text, usize::MAX, &mut Vec::new());
    assert_eq!((looks(""), looks("nobody"), looks("common nobody")), (0, 1, 2));
    assert_eq!((looks("common"), looks("common words"), looks("common 7")), (101, 202, 4));
    let of_content = |number| index.with_digest(&digest(number), 9, &mut Vec::new());
    assert_eq!((of_content(7), of_content(777)), (2, 1));
    assert_eq!(index.search("common", 5, &mut Vec::new()), 6, "who wants few pays for few");
}

#[derive(Clone, Debug)]
enum Step {
    Announce { leaf: usize, number: u32, name: Vec<&'static str> },
    Withdraw { leaf: usize, number: u32 },
    Drop { leaf: usize },
    Search { text: Vec<&'static str> },
}

const WORDS: &[&str] = &["alpha", "beta", "Beta", "béta", "gamma", "x", "日本"];

fn step() -> impl Strategy<Value = Step> {
    let name = || vec(select(WORDS), 0..5);
    prop_oneof![
        5 => (0..5_usize, 0..9_u32, name())
            .prop_map(|(leaf, number, name)| Step::Announce { leaf, number, name }),
        2 => (0..5_usize, 0..9_u32).prop_map(|(leaf, number)| Step::Withdraw { leaf, number }),
        1 => (0..5_usize).prop_map(|leaf| Step::Drop { leaf }),
        3 => name().prop_map(|text| Step::Search { text }),
    ]
}

/// Where many files have the same words their lists are skimmed, and the same is found.
#[test]
fn among_many_files_with_the_same_words_the_right_ones_are_found() {
    let (mut index, leaves) = (LeafIndex::new(3), leaves(20));
    let words_of = |number: u32| {
        let words = [("all", 1), ("half", 2), ("third", 3), ("fifth", 5), ("few", 300)];
        let of = words.iter().filter(|(_, nth)| number.is_multiple_of(*nth));
        of.map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
    };
    for number in 0..3_000 {
        let leaf = leaves[number as usize % leaves.len()];
        index.announce(leaf, file(number, &words_of(number)), []).unwrap();
    }
    for (text, nth) in [
        ("all", 1),
        ("half all", 2),
        ("all third half", 6),
        ("half third fifth all", 30),
        ("few all", 300),
        ("all few third half", 300),
    ] {
        assert_eq!(search(&index, text).len(), 3_000 / nth, "{text}");
        let has = |(_, name): &(Slot, String)| text.split(' ').all(|word| name.contains(word));
        assert!(search(&index, text).iter().all(has), "{text}");
    }
    // Who does not fit is left out, and where nobody wants to tell any more there is an end.
    let mut found = Vec::new();
    let third = |_, file: &LeafFile| Some(file.name.contains("third"));
    index.search_among("all half", usize::MAX, third, &mut found);
    assert_eq!(found.len(), 500);
    let mut asked = 0;
    found.clear();
    index.search_among(
        "all half",
        usize::MAX,
        |_, _| {
            asked += 1;
            (asked <= 7).then_some(true)
        },
        &mut found,
    );
    assert_eq!((found.len(), asked), (7, 8));
}

/// What has no words is found by what else is known of it, as far as all of it can be looked at.
#[test]
fn all_files_are_looked_at_up_to_the_limit() {
    let mut index = LeafIndex::new(3);
    let leaves = leaves(LEAF_INDEX_LOOKS_MAX / LEAF_FILES_MAX + 1);
    for (number, nth) in (0..).zip(0..=LEAF_INDEX_LOOKS_MAX) {
        index.announce(leaves[nth / LEAF_FILES_MAX], file(number, ""), []).unwrap();
    }
    let find = |limit, at_least: u32| {
        let mut found = Vec::new();
        let fits = |_, file: &LeafFile| Some(file.digest >= digest(at_least));
        (index.all_among(limit, fits, &mut found) as usize, found.len())
    };
    assert_eq!(find(usize::MAX, 0), (LEAF_INDEX_LOOKS_MAX, LEAF_INDEX_LOOKS_MAX));
    assert_eq!(find(3, 0), (3, 3));
}

fn sorted(files: impl Iterator<Item = (Slot, LeafFile)>) -> Vec<(Slot, LeafFile)> {
    let mut files: Vec<_> = files.collect();
    files.sort_by_key(|(leaf, file)| (*leaf, file.digest));
    files
}

fn matches(name: &str, text: &str) -> bool {
    let (name, text) = (words::fold(name), words::fold(text));
    words::words(&text).next().is_some()
        && words::words(&text).all(|wanted| words::words(&name).any(|word| word == wanted))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_index_finds_what_looking_at_each_file_finds(steps in vec(step(), 0..60)) {
        let (mut index, leaves) = (LeafIndex::new(7), leaves(5));
        let mut naive: Vec<(Slot, LeafFile)> = Vec::new();
        for step in steps {
            match step {
                Step::Announce { leaf, number, name } => {
                    let (leaf, file) = (leaves[leaf], file(number, &name.join(" ")));
                    naive.retain(|(of, other)| (*of, other.digest) != (leaf, file.digest));
                    naive.push((leaf, file.clone()));
                    prop_assert_eq!(index.announce(leaf, file, []), Ok(()));
                }
                Step::Withdraw { leaf, number } => {
                    let wanted = (leaves[leaf], digest(number));
                    let is_it = |(of, file): &(Slot, LeafFile)| (*of, file.digest) == wanted;
                    let place = naive.iter().position(is_it);
                    let expected = place.map(|place| naive.remove(place).1);
                    prop_assert_eq!(index.withdraw(leaves[leaf], &digest(number)), expected);
                }
                Step::Drop { leaf } => {
                    let before = naive.len();
                    naive.retain(|(of, _)| *of != leaves[leaf]);
                    prop_assert_eq!(index.drop_leaf(leaves[leaf]), before - naive.len());
                }
                Step::Search { text } => {
                    let text = text.join(" ");
                    let mut found = Vec::new();
                    index.search(&text, usize::MAX, &mut found);
                    let found = found.into_iter().map(|(leaf, file)| (leaf, file.clone()));
                    let matching = naive.iter().filter(|(_, file)| matches(&file.name, &text));
                    let (found, expected) = (sorted(found), sorted(matching.cloned()));
                    prop_assert_eq!(found, expected);
                }
            }
            prop_assert_eq!(index.len(), naive.len());
        }
    }
}
