//! Very many files, without the files: what each of them may need.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use allocation_counter::{AllocationInfo, measure};
use filbert::base::time::Time;
use filbert::index::files::FileId;
use filbert::library::catalogue::{Catalogue, Content, Inventory, Moment};
use filbert::library::found::{Identity, LeftOut, Listing, SharedFolder, Stamp};
use filbert::runtime::state::{HashRow, Hashes};

use crate::folder::Folder;

const FILES_A_FOLDER: u32 = 1_000;
const TODAY: u32 = 20_000;
const NOW: Moment = Moment { time: Time::ZERO, wall_ns: i64::MAX };

/// Bytes that a file may need: of the file of hashes, which grows in leaps (136 to 270 seen), of memory while it waits to
/// be hashed, and while it is offered.
const KEPT_MAX: f64 = 300.0;
const WAITING_MAX: f64 = 250.0;
const OFFERED_MAX: f64 = 320.0;

/// And more than that, for a moment, while all are offered for the first time.
const MAKING_MAX: f64 = 300.0;

/// Bytes that a file among many may cost when others are told that one of them has changed.
const TOLD_MAX: f64 = 1.0;

#[test]
fn a_hundred_thousand_files_need_little_each() {
    bounded(100_000);
}

#[test]
#[ignore = "takes a while"]
fn a_million_files_need_little_each() {
    bounded(1_000_000);
}

fn bounded(files: u32) {
    let home = Folder::new();
    let kept = keep(&home, files);
    let (hashes, _) = Hashes::open(home.path());
    let mut catalogue = Catalogue::new();
    let (waiting, took) = timed(|| measure(|| walk(&mut catalogue, files)));
    tell("waiting", &waiting, files, took);
    let (found, took) = timed(|| measure(|| look_up(&mut catalogue, &hashes, files)));
    tell("looked up", &found, files, took);
    let mut first = Inventory::default();
    let (made, took) = timed(|| measure(|| first = catalogue.inventory()));
    tell("first inventory", &made, files, took);
    assert_eq!(first.len(), files as usize);
    look_for(&first, files);
    let mut second = Inventory::default();
    let mut changed = listing(files / FILES_A_FOLDER / 2);
    changed.files[7].1.changed_ns += 1;
    let (one, took) = timed(|| {
        measure(|| {
            assert_eq!(catalogue.list(changed, NOW), []);
            second = catalogue.inventory();
        })
    });
    tell("one has changed", &one, files, took);
    assert_eq!((first.len(), second.len()), (files as usize, files as usize - 1));
    let (gone, took) = timed(|| measure(|| walk(&mut catalogue, files)));
    tell("walked through again", &gone, files, took);
    let (pruned, took) = timed(|| hashes.prune(TODAY + 1).unwrap());
    println!("pruned in {took:?}");
    assert_eq!(pruned, 0);

    let each = |bytes: i64| f64::from(i32::try_from(bytes).unwrap()) / f64::from(files);
    let offered =
        each(waiting.bytes_current) + each(found.bytes_current) + each(made.bytes_current);
    let (waits, told) = (each(waiting.bytes_current), one.bytes_total as f64 / f64::from(files));
    let making = made.bytes_max as f64 / f64::from(files);
    println!("bytes of each: {kept:.0} kept, {waits:.0} waiting, {offered:.0} offered");
    println!("{making:.0} while it is first offered, {told:.2} when another one has changed");
    assert!(kept < KEPT_MAX && waits < WAITING_MAX && offered < OFFERED_MAX);
    assert!(making < MAKING_MAX && told < TOLD_MAX);
}

/// All would have to be compared with each, if it were not known in which order they are.
#[test]
fn one_change_in_a_folder_of_very_many_is_soon_seen() {
    let names: Vec<Box<str>> = (0..50_000).map(|number| format!("{number:05}").into()).collect();
    let mut catalogue = Catalogue::new();
    let place = |path: &Path| SharedFolder { root: Path::new("/share").into(), path: path.into() };
    let wide = |folders| Listing { folder: place(Path::new("/share")), folders, ..empty() };
    catalogue.list(wide(names.clone()), NOW);
    for name in &names {
        catalogue
            .list(Listing { folder: place(&Path::new("/share").join(&**name)), ..empty() }, NOW);
    }
    let mut changed = names;
    changed[49_999] = "new".into();
    let (new, took) = timed(|| catalogue.keep_folders(&wide(changed)));
    assert_eq!((new.len(), catalogue.totals().folders), (1, 50_000));
    assert!(took.as_secs() < 5, "{took:?}");
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, std::time::Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

fn tell(what: &str, info: &AllocationInfo, files: u32, took: std::time::Duration) {
    let AllocationInfo { count_total, bytes_max, bytes_current, .. } = info;
    let each = |number: f64| number / f64::from(files);
    println!(
        "{what}: {took:.1?}, of each file {:.0} bytes, at most {:.0}, in {:.2} pieces",
        each(*bytes_current as f64),
        each(*bytes_max as f64),
        each(*count_total as f64)
    );
}

/// Keeps the hashes of all; how many bytes that are of each.
fn keep(home: &Folder, files: u32) -> f64 {
    let (hashes, _) = Hashes::open(home.path());
    for folder in 0..files / FILES_A_FOLDER {
        let listing = listing(folder);
        let row = |(name, stamp): &(Arc<str>, Stamp)| HashRow {
            path: listing.folder.file(name),
            stamp: *stamp,
            content: content(u32::try_from(stamp.modified_ns).unwrap()),
            tree: None,
        };
        hashes.keep(&listing.files.iter().map(row).collect::<Vec<_>>(), TODAY).unwrap();
    }
    drop(hashes);
    fs::metadata(home.at("library.redb")).unwrap().len() as f64 / f64::from(files)
}

fn walk(catalogue: &mut Catalogue, files: u32) {
    catalogue.begin_walk();
    for folder in 0..files / FILES_A_FOLDER {
        catalogue.list(listing(folder), NOW);
    }
    catalogue.end_walk(true, Time::ZERO);
}

fn look_up(catalogue: &mut Catalogue, hashes: &Hashes, files: u32) {
    for folder in 0..files / FILES_A_FOLDER {
        let ids = (1..=FILES_A_FOLDER).map(|number| FileId(folder * FILES_A_FOLDER + number));
        let jobs: Vec<_> = ids.filter_map(|id| catalogue.file(id)).collect();
        let wanted: Vec<_> = jobs.iter().map(|job| (job.path.clone(), job.stamp)).collect();
        for (job, (found, _)) in jobs.iter().zip(hashes.find(&wanted, TODAY).unwrap()) {
            assert!(catalogue.hashed(job.id, &job.stamp, found.unwrap()));
        }
    }
}

/// By whole names, and by words that all of them have.
fn look_for(inventory: &Inventory, files: u32) {
    const TIMES: u32 = 1_000;
    let name = |number: u32| format!("{number:07} slow river blues by somebody.ogg");
    let (found, took) = timed(|| {
        let names = (0..TIMES).map(|at| name(at * (files / TIMES)));
        names.filter_map(|name| inventory.with_name(&name)).count()
    });
    println!("by its name: {:?} a file", took / TIMES);
    assert_eq!(found, TIMES as usize);
    assert!(inventory.with_name(&name(files)).is_none());
    let (found, took) = timed(|| inventory.search("slow river somebody", FileId(0)).count());
    println!("all by their words: {took:?}");
    assert_eq!(found, files as usize);
}

fn content(number: u32) -> Content {
    let mut sha1 = [0; 20];
    sha1[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b1).to_be_bytes());
    Content { sha1, tiger_root: [7; 24], kzhash: None }
}

fn listing(folder: u32) -> Listing {
    let stamp = |number: u32| Stamp {
        size: 5_000_000 + u64::from(number),
        modified_ns: i64::from(number),
        changed_ns: i64::from(number),
        identity: Identity { device: 1, inode: u64::from(number) },
    };
    let name = |number: u32| format!("{number:07} slow river blues by somebody.ogg");
    let numbers = folder * FILES_A_FOLDER..(folder + 1) * FILES_A_FOLDER;
    Listing {
        folder: SharedFolder {
            root: Path::new("/share").into(),
            path: Path::new(&format!("/share/album {folder:04}")).into(),
        },
        identity: Identity { device: 1, inode: u64::from(folder) + (1 << 40) },
        files: numbers.map(|number| (Arc::from(name(number)), stamp(number))).collect(),
        ..empty()
    }
}

fn empty() -> Listing {
    Listing {
        folder: SharedFolder { root: Path::new("/").into(), path: Path::new("/").into() },
        identity: Identity::default(),
        files: Vec::new(),
        folders: Vec::new(),
        left_out: LeftOut::default(),
        unsure: Vec::new(),
        is_partial: false,
    }
}
