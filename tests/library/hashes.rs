//! Hashes that are kept from one run to the next.

use std::fs;
use std::path::PathBuf;

use filbert::library::catalogue::Content;
use filbert::library::found::{Identity, Stamp};
use filbert::library::hash::Digests;
use filbert::runtime::state::{HashRow, Hashes};

use crate::folder::Folder;

const TODAY: u32 = 20_000;

pub fn row(number: u64, bytes: &[u8]) -> HashRow {
    let Digests { sha1, tree, kzhash } = Digests::of(bytes);
    HashRow {
        path: PathBuf::from(format!("/music/{number}.ogg")),
        stamp: Stamp {
            size: bytes.len() as u64,
            modified_ns: 77,
            changed_ns: 78,
            ..Stamp::default()
        },
        content: Content { sha1, tiger_root: tree.root(), kzhash },
        tree: Some(tree),
    }
}

fn found(hashes: &Hashes, row: &HashRow, today: u32) -> (Option<Content>, bool) {
    hashes.find(&[(row.path.clone(), row.stamp)], today).unwrap().remove(0)
}

#[test]
fn what_was_hashed_is_known_to_the_next_run() {
    let home = Folder::new();
    let (row, short) = (row(1, &vec![7; 300_000]), row(2, b"short"));
    {
        let (hashes, warning) = Hashes::open(home.path());
        assert!(warning.is_none());
        assert_eq!(found(&hashes, &row, TODAY), (None, false));
        hashes.keep(&[row.clone(), short.clone()], TODAY).unwrap();
    }
    let (hashes, warning) = Hashes::open(home.path());
    assert!(warning.is_none());
    assert_eq!(hashes.count().unwrap(), 2);
    assert_eq!(found(&hashes, &row, TODAY), (Some(row.content), false));
    let trees = hashes.trees();
    assert_eq!(trees.tree(300_000, &row.content), row.tree);
    assert_eq!(trees.tree(5, &short.content), short.tree, "it is made of the root");
    let lie = Content { tiger_root: [1; 24], ..row.content };
    assert_eq!(trees.tree(300_000, &lie).map(|tree| tree.block_count()), None);
}

#[test]
fn a_file_that_has_changed_is_not_known() {
    let home = Folder::new();
    let (hashes, _) = Hashes::open(home.path());
    let row = row(1, b"bytes");
    hashes.keep(std::slice::from_ref(&row), TODAY).unwrap();
    let with = |stamp: Stamp| found(&hashes, &HashRow { stamp, ..row.clone() }, TODAY).0;
    assert_eq!(with(Stamp { size: 6, ..row.stamp }), None);
    assert_eq!(with(Stamp { modified_ns: 78, ..row.stamp }), None);
    assert_eq!(with(Stamp { changed_ns: 79, ..row.stamp }), None, "its time was set back");
    let identity = Identity { device: 5, inode: 5 };
    assert_eq!(
        with(Stamp { identity, ..row.stamp }),
        Some(row.content),
        "the machine was restarted"
    );
}

#[test]
fn what_was_not_seen_for_a_month_is_forgotten_with_its_tree() {
    let home = Folder::new();
    let (hashes, _) = Hashes::open(home.path());
    let (gone, there) = (row(1, &vec![1; 200_000]), row(2, &vec![2; 200_000]));
    hashes.keep(&[gone.clone(), there.clone()], TODAY).unwrap();
    assert_eq!(found(&hashes, &there, TODAY + 6), (Some(there.content), false));
    assert_eq!(found(&hashes, &there, TODAY + 7), (Some(there.content), true), "to be noted");
    hashes.keep(&[HashRow { tree: None, ..there.clone() }], TODAY + 7).unwrap();
    assert_eq!(hashes.prune(TODAY + 29).unwrap(), 0);
    assert_eq!(hashes.prune(TODAY + 30).unwrap(), 1);
    assert_eq!(found(&hashes, &gone, TODAY + 30).0, None);
    assert_eq!(found(&hashes, &there, TODAY + 30).0, Some(there.content));
    let trees = hashes.trees();
    assert_eq!(trees.tree(200_000, &there.content), there.tree);
    assert_eq!(trees.tree(200_000, &gone.content).map(|tree| tree.block_count()), Some(1));
}

#[test]
fn a_damaged_file_is_set_aside_with_one_warning() {
    let home = Folder::new();
    fs::write(home.at("library.redb"), b"this is no database").unwrap();
    let (hashes, warning) = Hashes::open(home.path());
    let warning = warning.unwrap().to_string();
    assert!(warning.contains("library.redb.damaged-1"), "{warning}");
    let row = row(1, b"bytes");
    hashes.keep(std::slice::from_ref(&row), TODAY).unwrap();
    drop(hashes);
    let (hashes, warning) = Hashes::open(home.path());
    assert!(warning.is_none(), "{warning:?}");
    assert_eq!(found(&hashes, &row, TODAY).0, Some(row.content));
    assert_eq!(fs::read(home.at("library.redb.damaged-1")).unwrap(), b"this is no database");
}

#[test]
fn a_file_with_a_broken_middle_harms_nobody() {
    let home = Folder::new();
    let rows: Vec<_> = (0..500).map(|number| row(number, &number.to_le_bytes())).collect();
    Hashes::open(home.path()).0.keep(&rows, TODAY).unwrap();
    let path = home.at("library.redb");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 4..bytes.len();
    bytes[middle].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    let (mut hashes, _) = Hashes::open(home.path());
    let wanted: Vec<_> = rows.iter().map(|row| (row.path.clone(), row.stamp)).collect();
    // Whatever is read of it is true, and what cannot be read leads to a new file.
    match hashes.find(&wanted, TODAY) {
        Ok(found) => {
            let known = found
                .iter()
                .zip(&rows)
                .filter_map(|((found, _), row)| Some((*found)? == row.content));
            assert!(known.into_iter().all(|is_true| is_true));
        }
        Err(_) => drop(hashes.reopen()),
    }
    if hashes.keep(&rows, TODAY).is_err() {
        let _ = hashes.reopen();
    }
}

#[test]
fn where_the_disk_cannot_be_used_memory_stands_in() {
    let home = Folder::new();
    let nowhere = home.at("not/there");
    let (hashes, warning) = Hashes::open(&nowhere);
    assert!(warning.unwrap().to_string().contains("in memory only"));
    let row = row(1, &vec![1; 200_000]);
    hashes.keep(std::slice::from_ref(&row), TODAY).unwrap();
    assert_eq!(found(&hashes, &row, TODAY).0, Some(row.content));
    assert_eq!(hashes.trees().tree(200_000, &row.content), row.tree);
}
