//! The room that announced files take, and who gives it back.

use std::time::Instant;

use filbert::index::leaf_index::{LeafFile, LeafIndex};

use super::{digest, file, leaves, search};

/// Fifty files as people name them, with tags.
fn fifty(leaf: usize) -> impl Iterator<Item = LeafFile> {
    (0..50_u32).map(move |nth| {
        let number = u32::try_from(leaf).unwrap() * 50 + nth;
        let name = format!("Artist{number} - The Song of {number} and {} (live).mp3", number / 3);
        LeafFile { details: vec![7; 120].into(), ..file(number, &name) }
    })
}

/// Bytes that are held after this and were not before.
fn held(work: &mut dyn FnMut()) -> i64 {
    allocation_counter::measure(work).bytes_current
}

#[test]
fn a_leaf_with_fifty_files_takes_less_than_forty_kibibytes() {
    for count in [1, 100] {
        let (mut index, leaves) = (LeafIndex::new(1), leaves(count));
        let bytes = held(&mut || {
            for (number, &leaf) in leaves.iter().enumerate() {
                fifty(number).for_each(|file| index.announce(leaf, file, []).unwrap());
            }
        });
        let each = bytes / i64::try_from(count).unwrap();
        println!("{count} leaves: {each} bytes each");
        assert!((1..40 * 1024).contains(&each), "{count} leaves: {each} bytes each");
        assert_eq!(index.len(), 50 * count);
        let given_back = held(&mut || {
            leaves.iter().for_each(|&leaf| assert_eq!(index.drop_leaf(leaf), 50));
        });
        assert!((0..200).contains(&(bytes + given_back)), "{} bytes stay", bytes + given_back);
    }
}

/// What is left, when most leaves are gone, takes not twice what it would if these had never been there:
/// whichever they are, and whether the others went or withdrew all that they had announced.
#[test]
fn leaves_that_are_gone_leave_nothing_behind() {
    const COUNT: usize = 200;
    let leaves = leaves(COUNT);
    let announce = |index: &mut LeafIndex, number: usize| {
        for file in fifty(number) {
            index.announce(leaves[number], file, ["common words that all have"]).unwrap();
        }
    };
    for left in [0..1, COUNT / 2..COUNT / 2 + 2, COUNT - 10..COUNT] {
        let mut alone = LeafIndex::new(1);
        let wanted = held(&mut || left.clone().for_each(|number| announce(&mut alone, number)));
        for withdraw in [false, true] {
            let mut index = LeafIndex::new(1);
            let full = held(&mut || (0..COUNT).for_each(|number| announce(&mut index, number)));
            let given_back = held(&mut || {
                for number in (0..COUNT).filter(|number| !left.contains(number)) {
                    if withdraw {
                        let mut files = fifty(number);
                        assert!(
                            files
                                .all(|file| index.withdraw(leaves[number], &file.digest).is_some())
                        );
                    } else {
                        assert_eq!(index.drop_leaf(leaves[number]), 50);
                    }
                }
            });
            let stays = full + given_back;
            println!("{left:?} of {COUNT} leaves: {stays} bytes of {full}; alone {wanted}");
            assert!(stays < wanted * 2, "{left:?}: {stays} bytes, alone {wanted}");
            assert_eq!(search(&index, "common have").len(), 50 * left.len());
        }
    }
}

#[test]
fn a_leaf_that_has_withdrawn_nearly_all_takes_as_little_as_one_that_announced_little() {
    let leaf = leaves(1)[0];
    let announce = |index: &mut LeafIndex, number| index.announce(leaf, file(number, ""), []);
    let (mut index, mut alone) = (LeafIndex::new(1), LeafIndex::new(1));
    let wanted = held(&mut || announce(&mut alone, 0).unwrap());
    let stays = held(&mut || {
        (0..200).for_each(|number| announce(&mut index, number).unwrap());
        (1..200).for_each(|number| assert!(index.withdraw(leaf, &digest(number)).is_some()));
    });
    println!("{stays} bytes of 200 files, one alone {wanted}");
    assert!(stays < wanted * 2, "{stays} bytes, alone {wanted}");
}

/// Words that no file has any more go, although the files stay.
#[test]
fn words_that_are_gone_leave_nothing_behind() {
    let (mut index, leaf) = (LeafIndex::new(1), leaves(1)[0]);
    let words =
        |number: u32| (0..30).map(move |nth| format!("w{number}x{nth} ")).collect::<String>();
    let mut announce = |text: &dyn Fn(u32) -> String| {
        held(&mut || {
            for number in 0..200 {
                index.announce(leaf, file(number, ""), [&*text(number)]).unwrap();
            }
        })
    };
    let many = announce(&words);
    let few = many + announce(&|_| "word".to_owned());
    println!("with 6,000 words {many} bytes, with one {few}");
    assert!(few < 60_000 && many > 300_000, "{many} bytes, then {few}");
}

/// Dropping a leaf takes as long as it has files, not as others have: with a hundred times as many
/// files in the lists of its words, it is not ten times slower.
#[test]
fn dropping_a_leaf_takes_its_own_files_only() {
    let time = |others: usize| {
        let (mut index, leaves) = (LeafIndex::new(1), leaves(others + 1));
        let announce = |index: &mut LeafIndex, number: usize| {
            fifty(number).for_each(|file| index.announce(leaves[number], file, []).unwrap());
        };
        (0..others).for_each(|number| announce(&mut index, number));
        let mut times: Vec<u128> = Vec::new();
        for _ in 0..15 {
            announce(&mut index, others);
            let start = Instant::now();
            assert_eq!(index.drop_leaf(leaves[others]), 50);
            times.push(start.elapsed().as_nanos());
        }
        times.sort_unstable();
        times[times.len() / 2]
    };
    let (few, many) = (time(10), time(1_000));
    assert!(many < 10 * few, "{few} ns beside 10 leaves, {many} ns beside 1,000");
}
