//! Very much of what a child may say, from one child.

use filbert::base::limits::LEAF_FILES_MAX;
use filbert::base::slots::Slot;
use filbert::fasttrack::supernode::Output;
use filbert::fasttrack::wire::{Message, Search, Share, Unshare};

use super::family::{Family, hash, share, words};

/// A family with one child that shares as much as it may, and another one.
fn full() -> (Family, Slot, Slot) {
    let mut family = Family::new(2);
    let (holder, other) = (family.child(1), family.child(2));
    family.share(other, 7, "a quiet song.mp3");
    let count = u32::try_from(LEAF_FILES_MAX).unwrap();
    (0..count).for_each(|number| family.share(holder, number, "a song of many.mp3"));
    (family, holder, other)
}

fn growth(family: &mut Family, mut work: impl FnMut(&mut Family)) -> i64 {
    work(family);
    allocation_counter::measure(|| work(family)).bytes_current
}

/// Neither new files, nor those that are there with other names, nor the same again (FTSUPER-09, FTSAFE-08).
#[test]
fn of_a_million_shares_of_a_child_its_limit_is_kept_and_nothing_is_said() {
    let (mut family, holder, other) = full();
    let mut flood = [
        share(1 << 20, "a new song.mp3"),
        share(0, "another name.mp3"),
        share(1, "a song of many.mp3"),
    ];
    let grown = growth(&mut family, |family| {
        for number in 0..500_000_u32 {
            let share: &mut Share = &mut flood[number as usize % 3];
            if share.hash != hash(0) && share.hash != hash(1) {
                share.hash = hash(number + (1 << 20));
            }
            family.supernode.receive(holder, &Message::Share(share.clone()));
        }
    });
    assert!(grown.abs() < 4_096, "{grown} bytes");
    assert_eq!(family.supernode.files_of(holder), LEAF_FILES_MAX);
    assert_eq!(family.supernode.totals().files() as usize, LEAF_FILES_MAX + 1);
    assert_eq!(family.outputs(), []);
    assert_eq!(family.search(holder, words("song")), ["a quiet song.mp3"]);
    assert_eq!(family.search(other, words("new")), [""; 0]);
}

/// FTSUPER-10, FTSAFE-08
#[test]
fn a_flood_of_files_that_come_and_go_leaves_nothing_behind_and_takes_nothing_of_others() {
    let (mut family, holder, other) = full();
    let grown = growth(&mut family, |family| {
        for number in 0..100_000_u32 {
            let share = share(number % 300, "a song of many.mp3");
            let Share { hash, file_id, size, tags, .. } = share.clone();
            let unshare = Message::Unshare(Unshare { hash, file_id, size, tags });
            family.supernode.receive(holder, &unshare);
            if number % 2 == 0 {
                family.supernode.receive(holder, &Message::Share(share));
            }
        }
    });
    assert!(grown < 65_536, "{grown} bytes");
    assert_eq!(family.search(holder, words("song")), ["a quiet song.mp3"]);
    family.close(holder);
    assert_eq!((family.supernode.files_len(), family.supernode.totals().files()), (1, 1));
    assert_eq!(family.search(other, words("song")), [""; 0]);
}

/// FTSUPER-14, FTSAFE-08: whether it is forwarded or not, and whatever runs under its id.
#[test]
fn each_of_very_many_searches_has_one_end() {
    let (mut family, holder, _) = full();
    let mut ends = 0;
    let mut flood = |family: &mut Family, count: u32| {
        let (mut forwarded, mut ended) = (0_i64, 0_i64);
        for number in 0..count {
            let search = Search { id: (number % 40) as u16, ..words("quiet") };
            family.supernode.receive(holder, &Message::Search(search));
            while let Some(output) = family.supernode.poll() {
                match output {
                    Output::Forward { .. } => forwarded += 1,
                    Output::EndForward { .. } => ended += 1,
                    Output::Send { message: Message::SearchEnd { .. }, .. } => ends += 1,
                    Output::Results { .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        (forwarded, ended)
    };
    let (forwarded, ended) = flood(&mut family, 50_000);
    assert_eq!(forwarded - ended, family.supernode.forwarded_len() as i64);
    let grown = allocation_counter::measure(|| _ = flood(&mut family, 50_000)).bytes_current;
    assert!(grown.abs() < 4_096, "{grown} bytes");
    // Those that were forwarded and gave way ended without a word.
    assert!(ends > 50_000, "{ends}");
    family.close(holder);
    assert_eq!(family.supernode.forwarded_len(), 0);
}
