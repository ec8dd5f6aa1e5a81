//! The hashes of FastTrack, out of the one reading of a file. What they are for files of many lengths stands in the
//! vectors.

use filbert::base::kazaa_hash::{KzHash, PART_LEN};
use filbert::base::time::Time;
use filbert::index::files::FileId;
use filbert::library::catalogue::{Amount, Catalogue, Content};
use filbert::library::hash::{Digests, FileHasher, Wanted};
use filbert::runtime::sharing::{Plan, Sharing};
use proptest::prelude::*;
use tokio::time::timeout;

use crate::catalogue::{NOW, content, listing, stamp};
use crate::sharing::{PATIENCE, Scene, is_idle, until, until_progress};

const WANTED: Wanted = Wanted { kzhash: true };

fn kzhash(bytes: &[u8]) -> KzHash {
    Digests::wanted_of(bytes, WANTED).kzhash.unwrap()
}

fn noise(len: u64) -> Vec<u8> {
    (0..len).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

/// FTHASH-13
#[test]
fn a_kzhash_comes_with_the_other_digests_and_only_where_it_is_wanted() {
    let bytes = noise(400_000);
    let (plain, all) = (Digests::of(&bytes), Digests::wanted_of(&bytes, WANTED));
    assert_eq!((plain.kzhash, all.kzhash.is_some()), (None, true));
    assert_eq!((plain.sha1, plain.tree), (all.sha1, all.tree));
}

/// FTHASH-13: which bytes are parts depends on the size, so that a file of another one has no hash.
#[test]
fn a_file_that_is_not_as_long_as_was_said_has_no_kzhash() {
    for (said, is_there) in [(1_000, true), (999, false), (1_001, false), (0, false)] {
        let mut hasher = FileHasher::of_size(said, WANTED);
        hasher.update(&noise(1_000));
        assert_eq!(hasher.finish().kzhash.is_some(), is_there, "{said}");
    }
}

/// FTHASH-05: what mldonkey announces for a longer file is the hash of its beginning.
#[test]
fn the_beginning_of_a_file_has_another_hash_than_all_of_it() {
    let bytes = noise(2 * PART_LEN);
    let (beginning, all) = bytes.split_at(300 * 1_024);
    assert_eq!(kzhash(beginning).uuhash.0[16..], [0xff, 0x4f, 0xfb, 0xff]);
    assert_eq!(kzhash(beginning).uuhash.0[..16], kzhash(&bytes).uuhash.0[..16]);
    assert_ne!(kzhash(beginning).uuhash, kzhash(&bytes).uuhash, "{}", all.len());
}

/// FTHASH-03, FTHASH-04: between the parts anything may stand, and the tree sees it (FTHASH-07).
#[test]
fn a_forged_middle_is_seen_by_the_tree_alone() {
    let bytes = noise(5_000_000);
    let known = kzhash(&bytes);
    let mib = 1 << 20;
    let last = 5_000_000 - 307_200;
    // Where they begin, and whether the hash covers them.
    for (at, is_covered) in [
        (307_199, true),
        (307_200, false),
        (mib - 1, false),
        (mib, true),
        (mib + 307_199, true),
        (mib + 307_200, false),
        (2 * mib, true),
        (4 * mib, true),
        (4 * mib + 307_200, false),
        (last - 1, false),
        (last, true),
        (4_999_999, true),
    ] {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        let found = kzhash(&forged);
        assert_eq!(found.uuhash != known.uuhash, is_covered, "{at}");
        assert_ne!(found.root, known.root, "{at}");
    }
}

/// FTHASH-13
#[test]
fn what_lacks_a_kzhash_is_offered_and_read_again_behind_all_that_is_new() {
    let mut catalogue = Catalogue::new();
    let (small, large) = (stamp(1, 1), stamp(9, 1));
    let new = catalogue.list(listing("/share", &[("known", small), ("new", large)]), NOW);
    assert!(catalogue.want(WANTED).is_empty(), "nothing is offered yet");
    assert!(catalogue.hashed(new[0], &small, content(1)), "by an earlier run");
    assert_eq!(catalogue.inventory().len(), 1);
    assert_eq!(catalogue.waiting(), Amount { files: 2, bytes: 10 });
    let jobs: Vec<_> = std::iter::from_fn(|| catalogue.job(Time::NEVER)).collect();
    assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [new[1], new[0]]);
    assert!(jobs.iter().all(|job| job.wanted == WANTED));
    let kzhash = kzhash(b"1");
    catalogue.hashed(new[0], &small, Content { kzhash: Some(kzhash), ..content(1) });
    let inventory = catalogue.inventory();
    assert_eq!(inventory.with_uuhash(&kzhash.uuhash).map(|file| file.id), Some(new[0]));
    assert_eq!(catalogue.totals().offered, Amount { files: 1, bytes: 1 });
}

#[test]
fn what_was_offered_before_a_kzhash_was_wanted_is_named_once() {
    let mut catalogue = Catalogue::new();
    let files = [("a", stamp(1, 1)), ("b", stamp(2, 1))];
    let new = catalogue.list(listing("/share", &files), NOW);
    for (id, (_, stamp)) in new.iter().zip(files) {
        catalogue.hashed(*id, &stamp, content(1));
    }
    assert_eq!(catalogue.want(WANTED), new);
    assert!(catalogue.want(WANTED).is_empty());
    catalogue.hashed(new[0], &files[0].1, content(1));
    assert_eq!(catalogue.waiting().files, 1, "no earlier run has it either");
    assert!(catalogue.want(Wanted::default()).is_empty());
    assert_eq!((catalogue.waiting(), catalogue.inventory().len()), (Amount::default(), 2));
    // It cannot be read any more, so that nobody is sent it either.
    catalogue.want(WANTED);
    catalogue.hashed(new[0], &files[0].1, content(1));
    let job = catalogue.job(Time::NEVER).unwrap();
    assert!(catalogue.cannot_read(job.id, &job.stamp, Time::ZERO));
    assert_eq!((catalogue.totals().offered.files, catalogue.inventory().len()), (1, 1));
}

/// What a library of two files offers to FastTrack, and how many files were read for it.
async fn offered(sharing: &Sharing, kzhashes: usize) -> u64 {
    let mut inventory = sharing.inventory();
    let has_all = |inventory: &std::sync::Arc<filbert::library::catalogue::Inventory>| {
        let known = inventory.from(FileId(0)).filter(|file| file.kzhash.is_some());
        inventory.len() == 2 && known.count() == kzhashes
    };
    timeout(PATIENCE, inventory.wait_for(has_all)).await.expect("not in time").unwrap();
    until_progress(sharing, is_idle).await.hashed.files
}

/// FTHASH-13: a library that was hashed without FastTrack is read once more, and not each time.
#[tokio::test]
async fn hashes_of_a_run_without_fasttrack_are_good_and_completed_by_the_next() {
    let scene = Scene::new();
    let large = noise(400_000);
    scene.share.put("large.ogg", &large);
    scene.share.put("small.ogg", b"small");
    let with = Plan { digests: WANTED, ..scene.plan.clone() };
    for (plan, kzhashes, read) in
        [(&scene.plan, 0, 2), (&with, 2, 2), (&with, 2, 0), (&scene.plan, 0, 0), (&with, 2, 0)]
    {
        let sharing = Sharing::start(plan.clone()).unwrap();
        until(&sharing, &["large.ogg", "small.ogg"]).await;
        assert_eq!(offered(&sharing, kzhashes).await, read);
        if kzhashes > 0 {
            let inventory = sharing.inventory();
            let inventory = inventory.borrow();
            let found = inventory.with_uuhash(&kzhash(&large).uuhash).unwrap();
            assert_eq!((found.name, found.kzhash), ("large.ogg", Some(kzhash(&large))));
        }
        assert!(sharing.end().await);
    }
}

#[tokio::test]
async fn a_kzhash_may_be_wanted_while_the_node_runs() {
    let scene = Scene::new();
    scene.share.put("a.ogg", b"a");
    scene.share.put("b.ogg", b"b");
    let sharing = scene.start();
    assert_eq!(offered(&sharing, 0).await, 2);
    sharing.change(Plan { digests: WANTED, ..scene.plan.clone() });
    assert_eq!(offered(&sharing, 2).await, 4);
    assert!(sharing.end().await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// FTHASH-13: however the bytes come, they are those of one file.
    #[test]
    fn pieces_make_no_difference(len in 0_u64..3_000_000, pieces in prop::collection::vec(1_usize..400_000, 1..8)) {
        let bytes = noise(len);
        let mut hasher = FileHasher::of_size(len, WANTED);
        let (mut rest, mut lens) = (&bytes[..], pieces.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(*lens.next().unwrap()));
            hasher.update(now);
            rest = later;
        }
        prop_assert_eq!(hasher.finish().kzhash, Some(kzhash(&bytes)));
    }
}
