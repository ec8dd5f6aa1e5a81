//! What is found in folders, and what is left out.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;

use filbert::base::limits::{SHARED_DEPTH_MAX, SHARED_FILE_LEN_MAX};
use filbert::library::found::{Identity, LeftOut, SharedFolder};
use filbert::library::scan::{Own, Step, Walk, list};

use crate::folder::{Folder, listings, names, walk};

fn left_out(folders: &[PathBuf]) -> LeftOut {
    let mut all = LeftOut::default();
    listings(folders).iter().for_each(|listing| all.add(&listing.left_out));
    all
}

#[test]
fn files_are_found_with_their_sizes_and_each_once() {
    let folder = Folder::new();
    folder.put("b.ogg", b"0123456");
    folder.put("a/deep/er/c d.txt", b"1");
    let shared = [folder.at("a"), folder.path().to_owned(), folder.path().to_owned()];
    let found = listings(&shared);
    let files = found.iter().flat_map(|listing| &listing.files);
    let files: Vec<_> = files.map(|(name, stamp)| (&**name, stamp.size)).collect();
    assert_eq!(files, [("b.ogg", 7), ("c d.txt", 1)]);
    assert!(found.iter().all(|listing| *listing.folder.root == *folder.path()));
    assert_eq!((found.len(), left_out(&shared).twice), (4, 0), "folders in folders are met once");
}

#[test]
fn hidden_files_and_what_links_lead_to_are_not_shared() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    folder.put("open.txt", b"1");
    folder.put(".hidden.txt", b"1");
    folder.put(".hidden/inside.txt", b"1");
    elsewhere.put("secret.txt", b"1");
    symlink(elsewhere.path(), folder.at("folder")).unwrap();
    symlink(elsewhere.at("secret.txt"), folder.at("file.txt")).unwrap();
    symlink(folder.path(), folder.at("round")).unwrap();
    symlink("nothing", folder.at("broken")).unwrap();
    let shared = [folder.path().to_owned()];
    assert_eq!(names(&listings(&shared)), ["open.txt"]);
    assert_eq!(left_out(&shared), LeftOut { hidden: 2, links: 4, ..LeftOut::default() });
}

#[test]
fn a_folder_that_is_named_may_be_a_link() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    elsewhere.put("music.ogg", b"1");
    symlink(elsewhere.path(), folder.at("link")).unwrap();
    let found = listings(&[folder.at("link"), elsewhere.path().to_owned()]);
    assert_eq!(names(&found), ["music.ogg"], "it is shared once, also under both names");
    assert_eq!(*found[0].folder.root, *elsewhere.path(), "its path has no links");
}

#[test]
fn what_is_no_file_and_what_is_empty_is_left_out() {
    let folder = Folder::new();
    folder.put("file.txt", b"1");
    folder.put("empty.txt", b"");
    let made = Command::new("mkfifo").arg(folder.at("pipe")).status().unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(folder.at("socket")).unwrap();
    let shared = [folder.path().to_owned()];
    assert_eq!(names(&listings(&shared)), ["file.txt"]);
    assert_eq!(left_out(&shared), LeftOut { special: 2, empty: 1, ..LeftOut::default() });
    let devices = left_out(&[PathBuf::from("/dev")]);
    assert!(devices.special > 2, "{devices:?}");
}

#[test]
fn names_that_cannot_be_sent_are_left_out() {
    let folder = Folder::new();
    for name in [&b"fine \xc3\xa9.txt"[..], b"latin \xe9.txt", b"line\nbreak.txt", b"bell\x07.txt"]
    {
        fs::write(folder.path().join(OsStr::from_bytes(name)), b"1").unwrap();
    }
    fs::create_dir(folder.path().join(OsStr::from_bytes(b"folder \xff"))).unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"folder \xff/inside.txt")), b"1").unwrap();
    let shared = [folder.path().to_owned()];
    assert_eq!(names(&listings(&shared)), ["fine é.txt"]);
    assert_eq!(left_out(&shared), LeftOut { unnameable: 4, ..LeftOut::default() });
}

#[test]
fn a_file_that_pretends_to_be_larger_than_any_is_left_out() {
    let folder = Folder::new();
    let file = fs::File::create(folder.at("sparse.bin")).unwrap();
    file.set_len(SHARED_FILE_LEN_MAX - 1).unwrap();
    let shared = [folder.path().to_owned()];
    assert_eq!(names(&listings(&shared)), ["sparse.bin"], "at the limit");
    // Not all disks take one that is larger.
    if file.set_len(SHARED_FILE_LEN_MAX).is_ok() {
        assert_eq!(left_out(&shared), LeftOut { too_large: 1, ..LeftOut::default() });
    }
}

#[test]
fn folders_may_lie_so_deep_in_each_other_and_no_deeper() {
    let folder = Folder::new();
    let path = |depth| ["d"].repeat(depth).join("/");
    folder.put(&format!("{}/at.txt", path(SHARED_DEPTH_MAX)), b"1");
    folder.put(&format!("{}/past.txt", path(SHARED_DEPTH_MAX + 1)), b"1");
    let shared = [folder.path().to_owned()];
    assert_eq!(names(&listings(&shared)), ["at.txt"]);
    assert_eq!(left_out(&shared), LeftOut { too_deep: 1, ..LeftOut::default() });
}

#[test]
fn a_folder_that_is_not_there_is_named_and_does_not_hide_the_others() {
    let folder = Folder::new();
    folder.put("here.txt", b"1");
    let missing = ["gone", "here.txt"].map(|name| folder.at(name));
    let steps = walk(&[&missing[..], &[folder.path().to_owned()]].concat(), Own::default());
    let named = missing.map(Step::Missing);
    assert!(named.iter().all(|step| steps.contains(step)), "{steps:?}");
    assert_eq!(steps.len(), 3);
}

#[test]
fn a_folder_that_vanishes_meanwhile_is_counted() {
    let folder = Folder::new();
    folder.put("a/1.txt", b"1");
    folder.put("b/2.txt", b"2");
    let mut walk = Walk::new(&[folder.path().to_owned()], Own::default());
    assert!(matches!(walk.step(&|| true), Some(Step::Listed(_))));
    fs::remove_dir_all(folder.at("a")).unwrap();
    let Some(Step::Listed(listing)) = walk.step(&|| true) else { panic!("nothing") };
    assert_eq!((listing.left_out.unreadable, listing.files.len()), (1, 0));
    let Some(Step::Listed(listing)) = walk.step(&|| true) else { panic!("nothing") };
    assert_eq!(&*listing.files[0].0, "2.txt");
    assert_eq!(walk.step(&|| true), None);
}

#[test]
fn what_belongs_to_the_node_is_never_shared() {
    let folder = Folder::new();
    folder.put("home/state.redb", b"1");
    folder.put("home/downloads/done.ogg", b"1");
    folder.put("home/unfinished/half.ogg", b"1");
    folder.put("music.ogg", b"1");
    let own = Own {
        home: folder.at("home"),
        downloads: Some(folder.at("home/downloads")),
        unfinished: vec![folder.at("home/unfinished")],
    };
    let all = |folders: &[PathBuf]| {
        let mut names = Vec::new();
        for step in walk(folders, own.clone()) {
            match step {
                Step::Listed(listing) => {
                    names.extend(listing.files.iter().map(|(name, _)| name.to_string()));
                }
                Step::Own(_) => names.push("own".to_owned()),
                other => panic!("{other:?}"),
            }
        }
        names
    };
    assert_eq!(all(&[folder.path().to_owned()]), ["music.ogg"], "the home lies below");
    assert_eq!(all(&[folder.at("home")]), ["own"]);
    assert_eq!(all(&[folder.at("home/unfinished")]), ["own"]);
    assert_eq!(all(&[folder.at("home/downloads")]), ["done.ogg"], "the user wants these");
    symlink(folder.at("home"), folder.at("link")).unwrap();
    assert_eq!(all(&[folder.at("link")]), ["own"], "under whatever name");
}

#[test]
fn downloads_into_the_home_itself_do_not_share_it() {
    let folder = Folder::new();
    folder.put("token", b"secret");
    let home = folder.path().to_owned();
    let own = Own { downloads: Some(home.clone()), home: home.clone(), unfinished: Vec::new() };
    assert_eq!(walk(std::slice::from_ref(&home), own), [Step::Own(home)]);
}

/// A way that leads round and round stands for a disk in trouble: both say nothing about what is there.
#[test]
fn a_folder_at_which_the_system_fails_is_not_gone() {
    let folder = Folder::new();
    symlink(folder.at("round"), folder.at("round")).unwrap();
    let place =
        |path: &str| SharedFolder { root: folder.path().into(), path: folder.at(path).into() };
    let listing = list(place("round/below"), &|| true).unwrap();
    assert!(listing.is_partial && !listing.is_sure());
    assert_eq!((listing.left_out.unreadable, listing.identity), (1, Identity::default()));
    assert!(list(place("nowhere"), &|| true).is_err(), "that is gone");
    let round = folder.at("round");
    assert_eq!(walk(std::slice::from_ref(&round), Own::default()), [Step::Unsure(round)]);
}

#[test]
fn a_walk_that_nobody_wants_stops_within_a_folder() {
    let folder = Folder::new();
    (0..1_000).for_each(|number| drop(fs::write(folder.at(&format!("{number}.txt")), b"1")));
    let asked = std::cell::Cell::new(0);
    let mut walk = Walk::new(&[folder.path().to_owned()], Own::default());
    let step = walk.step(&|| {
        asked.set(asked.get() + 1);
        asked.get() < 3
    });
    assert_eq!((step, asked.get()), (Some(Step::Stopped), 3));
}

#[test]
fn ten_thousand_files_are_found_in_their_order() {
    let folder = Folder::new();
    for number in 0..10_000 {
        let path = folder.at(&format!("{:02}", number % 50));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(format!("{number:05}.txt")), b"1").unwrap();
    }
    let found = listings(&[folder.path().to_owned()]);
    assert_eq!((found.len(), names(&found).len()), (51, 10_000));
    let folders: Vec<_> = found.iter().map(|listing| listing.folder.path.clone()).collect();
    assert!(folders.is_sorted());
    assert!(found.iter().all(|listing| listing.files.is_sorted()));
}
