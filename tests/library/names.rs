//! Files by their whole names (UPLOAD-25).

use std::path::Path;
use std::sync::Arc;

use filbert::base::limits::NAMESAKES_MAX;
use filbert::base::time::Time;
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
    let content = Content { sha1: [7; 20], tiger_root: [7; 24] };
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
    for name in ["Slow River.ogg", "slow river.ogg", "a b c.ogg"] {
        assert_eq!(inventory.with_name(name).unwrap().name, name);
    }
    for other in ["river.ogg", "SLOW RIVER.ogg", "slow", "river slow.ogg", "", "../a/river.ogg"] {
        assert!(inventory.with_name(other).is_none(), "{other}");
    }
    assert!(inventory.with_name("!!!").is_none(), "it has no words");
}

/// At the limit and one past it.
#[test]
fn a_name_is_sought_among_so_many_that_have_its_words() {
    let mut all: Vec<String> = (1..NAMESAKES_MAX).map(|at| format!("{at} song.ogg")).collect();
    all.push("song.ogg".to_owned());
    assert!(inventory(&[("/share/a", all.clone())]).with_name("song.ogg").is_some());
    all.push("my song.ogg".to_owned());
    let inventory = inventory(&[("/share/a", all)]);
    assert!(inventory.with_name("song.ogg").is_none());
    assert!(inventory.with_name("my song.ogg").is_some());
}
