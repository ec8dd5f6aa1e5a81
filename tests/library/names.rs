//! Files by their names: by whole ones (UPLOAD-25), and by words.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use filbert::base::time::Time;
use filbert::index::files::{File, FileId, Files, Kinds};
use filbert::library::catalogue::{Catalogue, Content, Inventory, Moment};
use filbert::library::found::{Identity, LeftOut, Listing, SharedFolder, Stamp};

/// What is offered where these folders have these files.
fn inventory(folders: &[(&str, Vec<String>)]) -> Inventory {
    let mut catalogue = Catalogue::new();
    for (number, (path, names)) in (1..).zip(folders) {
        let mut files: Vec<_> = names
            .iter()
            .map(|name| (Arc::from(name.as_str()), Stamp { size: 7, ..Stamp::default() }))
            .collect();
        files.sort_unstable();
        let listing = Listing {
            folder: SharedFolder { root: Path::new("/share").into(), path: Path::new(path).into() },
            identity: Identity { inode: number, ..Identity::default() },
            files,
            folders: Vec::new(),
            left_out: LeftOut::default(),
            unsure: Vec::new(),
            is_partial: false,
        };
        catalogue.list(listing, Moment { time: Time::ZERO, wall_ns: 1_000_000_000_000 });
    }
    let content = Content { sha1: [7; 20], tiger_root: [7; 24], kzhash: None };
    while let Some(job) = catalogue.job(Time::NEVER) {
        assert!(catalogue.hashed(job.id, &job.stamp, content));
    }
    catalogue.inventory()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// UPLOAD-25
#[test]
fn a_file_is_found_by_its_whole_name_where_it_is_the_only_one() {
    let one = names(&["Slow River.ogg", "slow river.ogg", "river.ogg", "!!!", "a b c.ogg"]);
    let inventory = inventory(&[("/share/a", one), ("/share/b", names(&["river.ogg"]))]);
    for name in ["Slow River.ogg", "slow river.ogg", "!!!", "a b c.ogg"] {
        assert_eq!(inventory.with_name(name).unwrap().name, name);
    }
    for other in ["river.ogg", "SLOW RIVER.ogg", "slow", "river slow.ogg", "", "../a/river.ogg"] {
        assert!(inventory.with_name(other).is_none(), "{other}");
    }
}

/// UPLOAD-25: also where very many others have all its words.
#[test]
fn a_name_is_found_however_many_have_its_words() {
    let mut all: Vec<String> = (0..5_000).map(|at| format!("{at} song.ogg")).collect();
    all.push("song.ogg".to_owned());
    let one = inventory(&[("/share/a", all.clone())]);
    assert_eq!(one.with_name("song.ogg").unwrap().name, "song.ogg");
    assert_eq!(one.with_name("4711 song.ogg").unwrap().name, "4711 song.ogg");
    assert!(one.with_name("5000 song.ogg").is_none());
    let two = inventory(&[("/share/a", all), ("/share/b", names(&["song.ogg"]))]);
    assert!(two.with_name("song.ogg").is_none());
}

/// In whichever segment of the index files are, and while others go.
#[test]
fn files_come_and_go_and_names_find_those_that_are_there() {
    let (mut files, mut there) = (Files::new(), BTreeMap::new());
    let name = |number: u32| format!("{} song.ogg", number.wrapping_mul(0x9e37_79b1) >> 25);
    for number in 1..2_000_u32 {
        let file = File { name: name(number).into(), size: 1, ..File::default() };
        there.insert(files.add(file), name(number));
        let gone = FileId(number.wrapping_mul(0x85eb_ca6b) % number);
        assert_eq!(files.remove(gone), there.remove(&gone).is_some());
        for limit in [1, 2, usize::MAX] {
            let has_it = there.iter().filter(|(_, of)| **of == name(number / 2));
            let expected: Vec<FileId> = has_it.map(|(id, _)| *id).take(limit).collect();
            let mut found = Vec::new();
            files.with_name(&name(number / 2), limit, &mut found);
            assert_eq!(found, expected, "{number}");
        }
    }
    assert!(there.len() > 500, "{}", there.len());
}

/// Page by page, also where somebody else would be told that there is nothing.
#[test]
fn the_user_finds_all_that_is_shared_under_some_words() {
    let letters = || 'a'..='z';
    let stems: Vec<String> = ["ax", "bx"]
        .into_iter()
        .flat_map(|end| letters().map(move |one| format!("{one}{end}")))
        .collect();
    let longer = |stem: &String| -> String {
        letters().flat_map(|one| letters().map(move |two| format!("{stem}{one}{two} "))).collect()
    };
    let name: String = stems.iter().map(longer).collect();
    let all = (1..=5).map(|number| format!("{name} {number}")).collect();
    let (inventory, words) = (inventory(&[("/share/a", all)]), stems.join(" "));
    let found =
        |first| inventory.search(&words, FileId(first)).map(|file| file.id.0).collect::<Vec<_>>();
    assert_eq!((found(0), found(3), found(6)), (vec![1, 2, 3, 4, 5], vec![3, 4, 5], vec![]));
    let mut others = Vec::new();
    inventory.files().search(&words, Kinds::ALL, usize::MAX, &mut others);
    assert_eq!(others, [], "it takes more than that");
}
