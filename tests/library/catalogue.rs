//! What is known of files, and when they are offered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use filbert::base::limits::{
    HASH_AGAIN_MS, HASH_AGAIN_MS_MAX, HASH_QUIET_MS, READ_AGAIN_MS_MAX, SHARED_FILES_MAX,
};
use filbert::base::time::Time;
use filbert::index::files::FileId;
use filbert::library::catalogue::{Amount, Catalogue, Content, Moment};
use filbert::library::found::{Identity, LeftOut, Listing, SharedFolder, Stamp};
use proptest::prelude::*;

pub const NOW: Moment = Moment { time: Time::ZERO, wall_ns: 1_000_000_000_000 };

fn at(ms: u64) -> Moment {
    Moment { time: Time::from_millis(ms), ..NOW }
}

pub fn listing(path: &str, files: &[(&str, Stamp)]) -> Listing {
    let mut files: Vec<_> = files.iter().map(|(name, stamp)| (Arc::from(*name), *stamp)).collect();
    files.sort_unstable();
    Listing {
        folder: SharedFolder { root: Path::new("/share").into(), path: Path::new(path).into() },
        identity: Identity::default(),
        files,
        folders: Vec::new(),
        left_out: LeftOut::default(),
        unsure: Vec::new(),
        is_partial: false,
    }
}

/// Of a file of so many bytes that was written at this second.
pub fn stamp(size: u64, second: i64) -> Stamp {
    Stamp { size, modified_ns: second * 1_000_000_000, ..Stamp::default() }
}

pub fn content(of: u8) -> Content {
    Content { sha1: [of; 20], tiger_root: [of; 24], kzhash: None }
}

/// The names that wait to be read, in their order, at a moment after all waits.
fn waiting(catalogue: &mut Catalogue) -> Vec<String> {
    let jobs = std::iter::from_fn(|| catalogue.job(Time::NEVER));
    jobs.map(|job| job.path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Reads all that waits; the content is told by the size.
fn hash_all(catalogue: &mut Catalogue) {
    while let Some(job) = catalogue.job(Time::NEVER) {
        assert!(catalogue.hashed(job.id, &job.stamp, content(job.stamp.size as u8)));
    }
}

fn offered(catalogue: &mut Catalogue) -> Vec<(u32, String)> {
    let inventory = catalogue.inventory();
    inventory.from(FileId(0)).map(|file| (file.id.0, file.name.to_owned())).collect()
}

#[test]
fn a_file_is_offered_when_it_is_hashed_and_not_before() {
    let mut catalogue = Catalogue::new();
    let new = catalogue.list(listing("/share/a", &[("slow river.ogg", stamp(7, 5))]), NOW);
    assert_eq!(new, [FileId(1)]);
    assert!(catalogue.inventory().is_empty());
    assert_eq!(catalogue.waiting(), Amount { files: 1, bytes: 7 });
    let job = catalogue.job(NOW.time).unwrap();
    assert_eq!(
        (job.path.to_str().unwrap(), catalogue.waiting()),
        ("/share/a/slow river.ogg", Amount::default())
    );
    assert!(catalogue.hashed(job.id, &job.stamp, content(7)));

    let inventory = catalogue.inventory();
    let file = inventory.get(FileId(1)).unwrap();
    assert_eq!((file.name, file.stamp, file.sha1), ("slow river.ogg", stamp(7, 5), [7; 20]));
    assert_eq!(file.relative_path(), Path::new("a/slow river.ogg"));
    assert_eq!(inventory.with_sha1(&[7; 20]).unwrap().id, FileId(1));
    assert_eq!(inventory.with_tiger_root(&[7; 24]).unwrap().id, FileId(1));
    assert_eq!(inventory.search("river", FileId(0)).count(), 1);
    assert_eq!(inventory.files().len(), 1);
    assert!(inventory.with_sha1(&[8; 20]).is_none());
    assert_eq!(catalogue.totals().offered, Amount { files: 1, bytes: 7 });
}

#[test]
fn what_has_some_words_is_found_from_a_number_on() {
    let mut catalogue = Catalogue::new();
    let names: Vec<String> = (1..=20).map(|number| format!("river {number:02}")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), stamp(1, 1))).collect();
    catalogue.list(listing("/share", &files), NOW);
    hash_all(&mut catalogue);
    let inventory = catalogue.inventory();
    let found = |first| inventory.search("river", FileId(first)).map(|file| file.id.0);
    assert!(found(0).eq(1..=20) && found(7).eq(7..=20) && found(20).eq([20]));
    assert_eq!((found(21).next(), inventory.search("lake", FileId(0)).count()), (None, 0));
}

#[test]
fn the_smallest_is_read_first() {
    let mut catalogue = Catalogue::new();
    let files = [("a", stamp(30, 1)), ("b", stamp(10, 1)), ("c", stamp(20, 1))];
    catalogue.list(listing("/share", &files), NOW);
    assert_eq!(waiting(&mut catalogue), ["b", "c", "a"]);
}

#[test]
fn numbers_stay_with_paths_and_are_not_used_again() {
    let mut catalogue = Catalogue::new();
    let (a, b, c) = (("a", stamp(1, 1)), ("b", stamp(2, 1)), ("c", stamp(3, 1)));
    catalogue.list(listing("/share", &[a, c]), NOW);
    hash_all(&mut catalogue);
    assert_eq!(offered(&mut catalogue), [(1, "a".into()), (2, "c".into())]);
    assert_eq!(catalogue.list(listing("/share", &[a, b, c]), NOW), [FileId(3)]);
    hash_all(&mut catalogue);
    assert_eq!(catalogue.list(listing("/share", &[b, c]), NOW), []);
    assert_eq!(catalogue.list(listing("/share", &[a, b, c]), NOW), [FileId(4)], "it was gone");
    hash_all(&mut catalogue);
    let expected = [(2, "c".into()), (3, "b".into()), (4, "a".into())];
    assert_eq!(offered(&mut catalogue), expected);
}

#[test]
fn a_file_that_changes_is_withdrawn_and_hashed_again_under_its_number() {
    let mut catalogue = Catalogue::new();
    catalogue.list(listing("/share", &[("a", stamp(1, 1))]), NOW);
    hash_all(&mut catalogue);
    let before = catalogue.inventory();
    assert_eq!(catalogue.list(listing("/share", &[("a", stamp(2, 2))]), NOW), [], "it is not new");
    assert!(catalogue.inventory().is_empty(), "at once");
    assert_eq!(before.get(FileId(1)).unwrap().stamp, stamp(1, 1), "what was told stays as it was");
    assert!(!catalogue.hashed(FileId(1), &stamp(1, 1), content(1)), "that is not its content now");
    assert_eq!(catalogue.job(NOW.time), None, "it is left alone for a while");
    assert_eq!(catalogue.next_timeout(), Some(NOW.time.after_ms(HASH_AGAIN_MS)));
    hash_all(&mut catalogue);
    let inventory = catalogue.inventory();
    assert_eq!(inventory.get(FileId(1)).unwrap().sha1, [2; 20]);
    assert!(inventory.with_sha1(&[1; 20]).is_none());
}

#[test]
fn a_file_of_the_same_size_and_time_is_another_if_anything_else_tells() {
    let known = Stamp { changed_ns: 1, identity: Identity { device: 1, inode: 1 }, ..stamp(1, 1) };
    let inode = |inode| Identity { inode, ..known.identity };
    for (other, is_looked_up) in [
        (Stamp { changed_ns: 2, ..known }, false),
        (Stamp { identity: inode(2), ..known }, false),
        (Stamp { identity: Identity { device: 2, ..known.identity }, ..known }, true),
    ] {
        let mut catalogue = Catalogue::new();
        catalogue.list(listing("/share", &[("a", known)]), NOW);
        hash_all(&mut catalogue);
        let new = catalogue.list(listing("/share", &[("a", other)]), NOW);
        assert_eq!(!new.is_empty(), is_looked_up, "{other:?}");
        assert!(catalogue.inventory().is_empty(), "{other:?}");
        assert_eq!(catalogue.job(Time::NEVER).map(|job| job.stamp), Some(other));
    }
}

#[test]
fn a_file_that_was_just_written_is_left_alone_for_a_while() {
    let ns = |ms: u64| i64::try_from(ms * 1_000_000).unwrap();
    let written = |ago_ms: u64| Stamp { modified_ns: NOW.wall_ns - ns(ago_ms), ..stamp(1, 0) };
    let future = Stamp { modified_ns: NOW.wall_ns + ns(60_000), ..stamp(4, 0) };
    let mut catalogue = Catalogue::new();
    let files = [
        ("fresh", written(HASH_QUIET_MS - 1)),
        ("quiet", written(HASH_QUIET_MS)),
        ("future", future),
    ];
    catalogue.list(listing("/share", &files), NOW);
    assert_eq!((catalogue.waiting().files, catalogue.put_off_len()), (2, 1));
    let names: Vec<_> =
        std::iter::from_fn(|| catalogue.job(NOW.time)).map(|job| job.path).collect();
    assert_eq!(
        names,
        [Path::new("/share/quiet"), Path::new("/share/future")],
        "a wrong clock delays nothing"
    );
    assert_eq!(waiting(&mut catalogue), ["fresh"]);
}

#[test]
fn a_file_that_keeps_changing_is_read_more_and_more_seldom() {
    let mut catalogue = Catalogue::new();
    catalogue.list(listing("/share", &[("log", stamp(1, 1))]), NOW);
    let mut now = Time::ZERO;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let job = catalogue.job(now).unwrap();
        catalogue.put_off(job.id, now);
        let due = catalogue.next_timeout().unwrap();
        waits.push(due.since(now).as_millis() as u64);
        assert_eq!(catalogue.job(Time::from_micros(due.as_micros() - 1)), None);
        now = due;
    }
    assert_eq!(waits[..3], [HASH_AGAIN_MS, 2 * HASH_AGAIN_MS, 4 * HASH_AGAIN_MS]);
    assert_eq!(waits[11], HASH_AGAIN_MS_MAX);
    assert!(waits.is_sorted());
    // Once it has been left alone for long, it is a file as any other.
    let job = catalogue.job(now).unwrap();
    assert!(catalogue.hashed(job.id, &job.stamp, content(1)));
    let later = Moment { time: now.after_ms(3 * HASH_AGAIN_MS_MAX), ..NOW };
    catalogue.list(listing("/share", &[("log", stamp(2, 2))]), later);
    assert_eq!(catalogue.next_timeout(), Some(later.time.after_ms(HASH_AGAIN_MS)));
}

#[test]
fn a_file_that_is_copied_for_long_is_read_soon_after_the_end() {
    let mut catalogue = Catalogue::new();
    catalogue.list(listing("/share", &[("film", stamp(1, 1))]), NOW);
    let job = catalogue.job(NOW.time).unwrap();
    catalogue.put_off(job.id, NOW.time);
    for second in 1..600 {
        let files = [("film", stamp(second, 1))];
        catalogue.list(listing("/share", &files), at(second * 1_000));
        assert_eq!(catalogue.job(Time::from_millis(second * 1_000)), None, "{second}");
    }
    let due = catalogue.next_timeout().unwrap();
    assert_eq!(due, Time::from_millis(599_000 + HASH_AGAIN_MS), "it was never read in vain");
}

#[test]
fn hard_links_are_read_once_and_offered_under_each_name() {
    let mut catalogue = Catalogue::new();
    let identity = Identity { device: 1, inode: 2 };
    let linked = Stamp { identity, ..stamp(5, 1) };
    let other = Stamp { identity: Identity { device: 1, inode: 3 }, ..stamp(5, 1) };
    catalogue.list(listing("/share", &[("a", linked), ("b", other), ("c", linked)]), NOW);
    let job = catalogue.job(NOW.time).unwrap();
    assert_eq!(job.id, FileId(1));
    assert!(catalogue.hashed(job.id, &job.stamp, content(9)));
    assert_eq!(waiting(&mut catalogue), ["b"]);
    let inventory = catalogue.inventory();
    let sha1s: Vec<_> = inventory.from(FileId(0)).map(|file| (file.name, file.sha1)).collect();
    assert_eq!(sha1s, [("a", [9; 20]), ("c", [9; 20])]);
}

#[test]
fn what_a_walk_does_not_meet_is_gone() {
    let mut catalogue = Catalogue::new();
    let file = [("f", stamp(1, 1))];
    catalogue.begin_walk();
    for folder in ["/share", "/share/a", "/share/a/deep", "/share/ab"] {
        catalogue.list(listing(folder, &file), NOW);
    }
    catalogue.end_walk(true, NOW.time);
    hash_all(&mut catalogue);
    assert_eq!((catalogue.totals().folders, catalogue.totals().found.files), (4, 4));

    catalogue.begin_walk();
    catalogue.list(listing("/share", &file), NOW);
    catalogue.list(listing("/share/ab", &file), NOW);
    assert_eq!(offered(&mut catalogue).len(), 4, "while it goes on all stays");
    catalogue.end_walk(true, NOW.time);
    assert_eq!(offered(&mut catalogue), [(1, "f".into()), (4, "f".into())]);
    assert_eq!((catalogue.totals().folders, catalogue.totals().found.files), (2, 2));
}

#[test]
fn folders_that_are_gone_take_with_them_what_is_below() {
    let mut catalogue = Catalogue::new();
    let file = [("f", stamp(1, 1))];
    for folder in ["/share", "/share/a", "/share/a/deep", "/share/ab", "/share/b"] {
        catalogue.list(listing(folder, &file), NOW);
    }
    hash_all(&mut catalogue);
    let folders = ["ab", "b", "new"].map(Box::from).to_vec();
    let new = catalogue.keep_folders(&Listing { folders, ..listing("/share", &file) });
    assert_eq!(new, [Path::new("/share/new")]);
    assert_eq!(offered(&mut catalogue).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 4, 5]);
    catalogue.forget_tree(Path::new("/share"));
    assert_eq!((offered(&mut catalogue), catalogue.totals().folders), (vec![], 0));
    assert_eq!(catalogue.totals().offered, Amount::default());
}

#[test]
fn what_cannot_be_read_is_tried_again_and_sooner_when_it_has_changed() {
    let mut catalogue = Catalogue::new();
    let file = |second| [("f", stamp(1, second))];
    catalogue.list(listing("/share", &file(1)), NOW);
    let (mut now, mut waits) = (Time::ZERO, Vec::new());
    for time in 0..16 {
        let job = catalogue.job(now).unwrap();
        assert_eq!(catalogue.cannot_read(job.id, &job.stamp, now), time == 0, "it is said once");
        assert_eq!((catalogue.unreadable_len(), catalogue.put_off_len()), (1, 0));
        assert_eq!(catalogue.list(listing("/share", &file(1)), NOW), []);
        assert_eq!(catalogue.job(now), None);
        let due = catalogue.next_timeout().unwrap();
        waits.push(due.since(now).as_millis() as u64);
        now = due;
    }
    assert_eq!(waits[..3], [HASH_AGAIN_MS, 2 * HASH_AGAIN_MS, 4 * HASH_AGAIN_MS]);
    assert_eq!(waits[15], READ_AGAIN_MS_MAX);
    catalogue.job(now).unwrap();
    catalogue.cannot_read(FileId(1), &stamp(1, 1), now);
    catalogue.try_again(now);
    assert_eq!(catalogue.job(now).map(|job| job.id), Some(FileId(1)), "somebody wants it");
    catalogue.cannot_read(FileId(1), &stamp(1, 1), now);

    catalogue.list(listing("/share", &file(2)), Moment { time: now, ..NOW });
    assert_eq!(catalogue.next_timeout(), Some(now.after_ms(HASH_AGAIN_MS)), "it has changed");
    assert!(!catalogue.cannot_read(FileId(1), &stamp(1, 1), now), "that is not it");
    assert_eq!(catalogue.unreadable_len(), 0);
    hash_all(&mut catalogue);
    assert_eq!((catalogue.unreadable_len(), catalogue.next_timeout()), (0, None));
}

#[test]
fn what_cannot_be_opened_is_withdrawn_until_it_has_been_read() {
    let mut catalogue = Catalogue::new();
    catalogue.list(listing("/share", &[("a", stamp(1, 1)), ("b", stamp(2, 1))]), NOW);
    hash_all(&mut catalogue);
    catalogue.cannot_open(FileId(1), NOW.time);
    assert_eq!(offered(&mut catalogue), [(2, "b".into())]);
    assert_eq!((catalogue.unreadable_len(), catalogue.totals().offered.files), (1, 1));
    catalogue.cannot_open(FileId(1), NOW.time);
    catalogue.cannot_open(FileId(7), NOW.time);
    assert_eq!(catalogue.next_timeout(), Some(NOW.time.after_ms(HASH_AGAIN_MS)));
    hash_all(&mut catalogue);
    assert_eq!((offered(&mut catalogue).len(), catalogue.unreadable_len()), (2, 0));
}

#[test]
fn copies_of_a_content_are_known_from_each_of_them() {
    let mut catalogue = Catalogue::new();
    let names = ["a", "b", "c", "d"];
    let files: Vec<_> = names.iter().map(|name| (*name, stamp(5, 1))).collect();
    catalogue.list(listing("/share", &files), NOW);
    catalogue.list(listing("/share/e", &[("e", stamp(6, 1))]), NOW);
    hash_all(&mut catalogue);
    let inventory = catalogue.inventory();
    let copies = |of, limit| -> Vec<u32> {
        inventory.copies(FileId(of), limit).iter().map(|copy| copy.id.0).collect()
    };
    assert_eq!((copies(3, 9), copies(3, 2)), (vec![3, 1, 2, 4], vec![3, 1]));
    assert_eq!((copies(5, 9), copies(6, 9)), (vec![5], vec![]));
}

#[test]
fn what_is_gone_is_not_unreadable() {
    let mut catalogue = Catalogue::new();
    catalogue.list(listing("/share", &[("f", stamp(1, 1))]), NOW);
    let job = catalogue.job(NOW.time).unwrap();
    catalogue.cannot_read(job.id, &job.stamp, NOW.time);
    catalogue.list(listing("/share", &[]), NOW);
    assert_eq!((catalogue.unreadable_len(), catalogue.next_timeout()), (0, None));
    catalogue.cannot_read(job.id, &job.stamp, NOW.time);
    assert_eq!((catalogue.unreadable_len(), catalogue.next_timeout()), (0, None));
}

#[test]
fn where_the_system_fails_nothing_is_taken_for_gone() {
    let mut catalogue = Catalogue::new();
    let (a, b, c) = (("a", stamp(1, 1)), ("b", stamp(2, 1)), ("c", stamp(3, 1)));
    catalogue.begin_walk();
    catalogue.list(listing("/share", &[a, b, c]), NOW);
    for folder in ["/share/x", "/share/x/deep", "/share/y"] {
        catalogue.list(listing(folder, &[a]), NOW);
    }
    catalogue.end_walk(true, NOW.time);
    hash_all(&mut catalogue);
    let all = offered(&mut catalogue);
    let partial = |files: &[_]| Listing { is_partial: true, ..listing("/share", files) };
    assert_eq!(catalogue.keep_folders(&partial(&[])), Vec::<PathBuf>::new());
    for files in [&[][..], &[b], &[a, c]] {
        catalogue.begin_walk();
        catalogue.list(partial(files), NOW);
        catalogue.end_walk(true, NOW.time);
        assert_eq!((offered(&mut catalogue), catalogue.totals().folders), (all.clone(), 4));
    }
    // A root of which nothing is known.
    catalogue.begin_walk();
    catalogue.end_walk(false, NOW.time);
    assert_eq!(offered(&mut catalogue), all);

    let unsure = ["b", "x"].map(Box::from).to_vec();
    let listed = Listing { unsure, ..listing("/share", &[c]) };
    assert_eq!(catalogue.keep_folders(&listed), Vec::<PathBuf>::new());
    catalogue.begin_walk();
    catalogue.list(listed, NOW);
    catalogue.end_walk(true, NOW.time);
    let left = offered(&mut catalogue).into_iter().map(|(id, _)| id);
    assert_eq!(left.collect::<Vec<_>>(), [2, 3, 4, 5], "'a' and 'y' are gone");
    catalogue.list(listing("/share", &[]), NOW);
    assert_eq!(offered(&mut catalogue).len(), 2);
}

#[test]
fn so_many_files_are_shared_and_one_more_is_counted() {
    let mut catalogue = Catalogue::new();
    let (a_file, mut last) = (stamp(1, 1), 0);
    let mut list = |catalogue: &mut Catalogue, count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("{number:04}")).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), a_file)).collect();
        last += 1;
        catalogue.list(listing(&format!("/share/{last}"), &files), NOW).len()
    };
    for _ in 0..SHARED_FILES_MAX / 4_096 {
        assert_eq!(list(&mut catalogue, 4_096), 4_096);
    }
    assert_eq!(
        (catalogue.totals().found.files, catalogue.totals().beyond),
        (SHARED_FILES_MAX as u64, 0)
    );
    assert_eq!(list(&mut catalogue, 1), 0);
    assert_eq!(
        (catalogue.totals().found.files, catalogue.totals().beyond),
        (SHARED_FILES_MAX as u64, 1)
    );
}

/// Something that happens to the files of three folders.
#[derive(Clone, Debug)]
enum Change {
    /// A file has this size and time now, or is gone; its folder is listed.
    File(usize, usize, Option<(u64, i64)>),
    Gone(usize),
    /// All folders are walked through, without these.
    Walk([bool; 3]),
    HashOne,
    PutOff,
    Publish,
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0..3_usize, 0..4_usize, prop::option::weighted(0.8, (1..4_u64, 0..3_i64)))
            .prop_map(|(folder, file, stamp)| Change::File(folder, file, stamp)),
        1 => (0..3_usize).prop_map(Change::Gone),
        1 => any::<[bool; 3]>().prop_map(Change::Walk),
        4 => Just(Change::HashOne),
        1 => Just(Change::PutOff),
        2 => Just(Change::Publish),
    ]
}

proptest! {
    /// What is offered is what is hashed and has not changed since, whatever happens in whatever order.
    #[test]
    fn exactly_the_hashed_files_are_offered(changes in prop::collection::vec(changes(), 1..80)) {
        let mut catalogue = Catalogue::new();
        let mut disk: [BTreeMap<String, Stamp>; 3] = Default::default();
        // Of files that are offered: what they were when they were read.
        let mut hashed: BTreeMap<(usize, String), Stamp> = BTreeMap::new();
        let path = |folder: usize| format!("/share/{folder}");
        let list = |catalogue: &mut Catalogue, folder: usize, disk: &BTreeMap<String, Stamp>| {
            let files: Vec<_> = disk.iter().map(|(name, stamp)| (name.as_str(), *stamp)).collect();
            catalogue.list(listing(&path(folder), &files), NOW);
        };
        let (mut now, mut known) = (Time::ZERO, [false; 3]);
        for change in changes {
            now = now.after_ms(1_000_000);
            match change {
                Change::File(folder, file, stamped) => {
                    let name = format!("file {file}");
                    match stamped {
                        Some((size, second)) => disk[folder].insert(name.clone(), stamp(size, second)),
                        None => disk[folder].remove(&name),
                    };
                    list(&mut catalogue, folder, &disk[folder]);
                    known[folder] = true;
                    hashed.retain(|(of, name), stamp| *of != folder || disk[folder].get(name) == Some(stamp));
                }
                Change::Gone(folder) => {
                    catalogue.forget_tree(Path::new(&path(folder)));
                    known[folder] = false;
                    hashed.retain(|(of, _), _| *of != folder);
                }
                Change::Walk(without) => {
                    catalogue.begin_walk();
                    for folder in (0..3).filter(|folder| !without[*folder]) {
                        list(&mut catalogue, folder, &disk[folder]);
                    }
                    catalogue.end_walk(true, now);
                    known = without.map(|is_without| !is_without);
                    hashed.retain(|(of, name), stamp| known[*of] && disk[*of].get(name) == Some(stamp));
                }
                Change::HashOne => {
                    let Some(job) = catalogue.job(now) else { continue };
                    let name = job.path.file_name().unwrap().to_str().unwrap().to_owned();
                    let folder = job.path.parent().unwrap().file_name().unwrap().to_str().unwrap();
                    let folder: usize = folder.parse().unwrap();
                    prop_assert_eq!(disk[folder].get(&name), Some(&job.stamp));
                    prop_assert!(catalogue.hashed(job.id, &job.stamp, content(job.stamp.size as u8)));
                    hashed.insert((folder, name), job.stamp);
                }
                Change::PutOff => {
                    if let Some(job) = catalogue.job(now) {
                        catalogue.put_off(job.id, now);
                    }
                }
                Change::Publish => drop(catalogue.inventory()),
            }
            let found = (0..3).filter(|folder| known[*folder]).map(|folder| disk[folder].len() as u64);
            prop_assert_eq!(catalogue.totals().found.files, found.sum::<u64>());
            let bytes = hashed.values().map(|stamp| stamp.size).sum();
            prop_assert_eq!(catalogue.totals().offered, Amount { files: hashed.len() as u64, bytes });
        }
        let inventory = catalogue.inventory();
        let offered: BTreeMap<_, _> = inventory.from(FileId(0)).map(|file| {
            let folder = file.folder.path.file_name().unwrap().to_str().unwrap().parse().unwrap();
            ((folder, file.name.to_owned()), file.stamp)
        }).collect();
        prop_assert_eq!(&offered, &hashed);
        for file in inventory.from(FileId(0)) {
            prop_assert_eq!(file.sha1, [file.stamp.size as u8; 20]);
            prop_assert_eq!(inventory.files().get(file.id).map(|file| file.size), Some(file.stamp.size));
        }
    }
}
