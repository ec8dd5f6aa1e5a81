//! The hashes of FastTrack, out of the one reading of a file. What they are for files of many lengths stands in the
//! vectors.

use filbert::base::kazaa_hash::{KzHash, PART_LEN};
use filbert::library::hash::{Digests, FileHasher, Wanted};
use proptest::prelude::*;

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
