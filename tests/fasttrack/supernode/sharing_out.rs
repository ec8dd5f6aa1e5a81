//! Whose files are told of where there are too many (FTSUPER-12).

use filbert::base::kazaa_hash::{KzHash, UuHash};
use filbert::fasttrack::wire::{Operator, Search, Tag, Term};
use filbert::index::files::{File, Files};

use super::family::{Family, hash, terms, words};

/// Who shares much must not hide what others have (FTSUPER-12).
#[test]
fn each_child_has_its_share_of_the_results() {
    let mut family = Family::new(10);
    let asker = family.child(9);
    let (greedy, modest) = (family.child(1), family.child(2));
    for number in 0..200 {
        family.share(greedy, number, "greedy song.mp3");
    }
    for number in 0..3 {
        family.share(modest, number, "modest song.mp3");
    }
    let found = family.search(asker, Search { max: 10, ..words("song") });
    let modest = found.iter().filter(|name| name.starts_with("modest")).count();
    assert_eq!((found.len(), modest), (10, 3));
}

/// FTSUPER-12: the supernode has its share as each child has, and no more, however much it shares.
#[test]
fn the_supernode_has_the_share_of_one_node() {
    let mut family = Family::new(10);
    let (greedy, asker) = (family.child(1), family.child(9));
    (0..200).for_each(|number| family.share(greedy, number, "greedy song.mp3"));
    let own = |number| File {
        name: "song of ours.mp3".into(),
        size: 5,
        kzhash: Some(KzHash { uuhash: UuHash(hash(number)), root: [0; 16] }),
        ..File::default()
    };
    for (ours, expected) in [(0, 0), (1, 1), (4, 4), (5, 5), (6, 5), (200, 5)] {
        let mut files = Files::new();
        files.extend((1_000..1_000 + ours).map(own));
        family.supernode.offer(files);
        let found = family.search(asker, Search { max: 10, ..words("song") });
        let of_ours = found.iter().filter(|name| name.starts_with("song")).count();
        assert_eq!((found.len(), of_ours), (10, expected), "{ours}");
    }
}

/// FTSEARCH-04: of a file of ours nothing is told but its name, and so nothing else fits.
#[test]
fn a_file_of_ours_fits_by_what_is_told_of_it() {
    let mut family = Family::new(1);
    let asker = family.child(1);
    let kzhash = Some(KzHash { uuhash: UuHash(hash(1)), root: [0; 16] });
    let mut files = Files::new();
    files.extend([File { name: "song.mp3".into(), size: 5, kzhash, ..File::default() }]);
    family.supernode.offer(files);
    let mut finds = |term| {
        let search = terms(vec![Term::words(Tag::ANY, "song"), term]);
        !family.search(asker, search).is_empty()
    };
    assert!(finds(Term::words(Tag::FILE_NAME, "mp3")));
    assert!(finds(Term::number(Operator::AT_MOST, Tag::SIZE, 5)));
    assert!(!finds(Term::number(Operator::AT_MOST, Tag::SIZE, 4)));
    assert!(!finds(Term::number(Operator::AT_LEAST, Tag::BITRATE, 0)));
    assert!(!finds(Term::words(Tag::TITLE, "song")));
}
