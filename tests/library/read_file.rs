//! Files that are read, and what may happen to them meanwhile.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;

use filbert::library::hash::Digests;
use filbert::library::read_file::{Unhashed, hash_file, is_unchanged};

use crate::folder::{Folder, age, job, stamp};

const LEN: usize = 1_000_000;

fn go_on(_: usize) -> bool {
    true
}

#[test]
fn a_file_has_the_digests_of_its_bytes() {
    let folder = Folder::new();
    let bytes: Vec<u8> = (0..LEN).map(|at| (at * 31) as u8).collect();
    for len in [1, 1_024, 262_144, 262_145, LEN] {
        let path = folder.put("file", &bytes[..len]);
        let mut read = 0;
        let digests = hash_file(&job(&path), &mut |len| {
            read += len;
            true
        });
        assert_eq!((digests.unwrap(), read), (Digests::of(&bytes[..len]), len));
    }
}

#[test]
fn another_file_than_was_found_is_not_taken_for_it() {
    let folder = Folder::new();
    let path = folder.put("file", b"0123456789");
    let found = job(&path);
    // As long, and written at the same moment, but another one.
    let other = folder.put("other", b"abcdefghij");
    File::options()
        .append(true)
        .open(&other)
        .unwrap()
        .set_modified(fs::metadata(&path).unwrap().modified().unwrap())
        .unwrap();
    fs::rename(&other, &path).unwrap();
    assert!(matches!(hash_file(&found, &mut go_on), Err(Unhashed::Changed)));
    assert!(hash_file(&job(&path), &mut go_on).is_ok());
}

#[test]
fn a_file_that_changes_while_it_is_read_has_no_digests() {
    let folder = Folder::new();
    let path = folder.put("file", &vec![1; LEN]);
    type Change = fn(&std::path::Path);
    let changes: [(&str, Change); 3] = [
        ("longer", |path| {
            File::options().append(true).open(path).unwrap().write_all(b"more").unwrap();
        }),
        ("shorter", |path| File::options().write(true).open(path).unwrap().set_len(10).unwrap()),
        ("other", |path| {
            File::options().write(true).open(path).unwrap().write_all(b"other").unwrap();
        }),
    ];
    for (what, change) in changes {
        fs::write(&path, vec![1; LEN]).unwrap();
        age(&path, 100);
        let mut first = true;
        let digests = hash_file(&job(&path), &mut |_| {
            if std::mem::take(&mut first) {
                change(&path);
            }
            true
        });
        assert!(matches!(digests, Err(Unhashed::Changed)), "{what}: {digests:?}");
    }
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_is_not_taken_for_what_is_there_now() {
    let folder = Folder::new();
    let (path, other) = (folder.put("file", &vec![1; LEN]), folder.put("other", b"other"));
    let mut first = true;
    let digests = hash_file(&job(&path), &mut |_| {
        if std::mem::take(&mut first) {
            fs::rename(&other, &path).unwrap();
        }
        true
    });
    assert!(matches!(digests, Err(Unhashed::Changed)), "{digests:?}");
}

#[test]
fn links_pipes_and_folders_that_take_the_place_of_a_file_are_not_read() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let path = folder.put("file", b"0123456789");
    let found = job(&path);
    let secret = elsewhere.put("secret", b"0123456789");

    fs::remove_file(&path).unwrap();
    assert!(matches!(hash_file(&found, &mut go_on), Err(Unhashed::Gone)));
    symlink(&secret, &path).unwrap();
    assert!(matches!(hash_file(&found, &mut go_on), Err(Unhashed::Changed)));
    fs::remove_file(&path).unwrap();
    // Whoever opens a pipe waits for a writer, unless he says that he does not.
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(matches!(hash_file(&found, &mut go_on), Err(Unhashed::Changed)));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(hash_file(&found, &mut go_on), Err(Unhashed::Changed)));
}

#[test]
fn reading_stops_when_nobody_wants_it() {
    let folder = Folder::new();
    let path = folder.put("file", &vec![1; LEN]);
    let mut read = 0;
    let digests = hash_file(&job(&path), &mut |len| {
        read += len;
        read < LEN / 2
    });
    assert!(matches!(digests, Err(Unhashed::Stopped)));
    assert!(read < LEN, "{read}");
}

#[test]
fn whoever_sends_a_file_can_tell_that_it_has_changed() {
    let folder = Folder::new();
    let path = folder.put("file", b"0123456789");
    let (file, before) = (File::open(&path).unwrap(), stamp(&path));
    assert!(is_unchanged(&file, &before));
    File::options().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    assert!(!is_unchanged(&file, &before));
}
