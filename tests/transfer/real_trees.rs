//! The Tiger trees that gtk-gnutella makes of files, and those that we make of the same files.

use data_encoding::BASE32_NOPAD;
use filbert::gnutella::http::thex::TreeRows;
use filbert::library::hash::Digests;
use filbert::library::tiger_tree::TigerTree;

/// The files: their sizes, what gtk-gnutella says of them, and how many digests it sends.
const FILES: [(u64, &str, &str, usize); 4] = [
    (1, "BLIFFXM7GJAFKIPEHRXL3RJPLIBFJE5S", "VEKNFHFYZZVUJGXCE4QPRZIUTJYDYUSVUKXTGJA", 1),
    (1_000, "TZJUJDWWXCOTP3XK77JOS57NVB3PJLU5", "IJNLK4KPQNJCMAXQW3JYMXHOG7HMSHFTMD4L7FI", 1),
    (1_048_577, "2XIHRKZGOXI7E2QMPK25RXDNFCTOPMX7", "OAIQ4AXJ5XBPFTLGXMWEQX2U4D7YIK4SEFBQMUA", 11),
    (
        31_457_280,
        "NGQMVLTTTDE7C3DGSRHR4WNICBNMRB4Y",
        "MRXHXHICCXJFMHHNTSQMAHHSLGLBYS7ENQDHALI",
        240,
    ),
];

/// What stands in the file of this size.
fn content(size: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ size;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(usize::try_from(size).unwrap()).collect()
}

fn answer_of(size: u64) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    std::fs::read(format!("{root}/tests/fixtures/trees/gtkg-{size}.dime")).unwrap()
}

/// TREE-01, TREE-03, THEX-04
#[test]
fn trees_of_gtk_gnutella_are_those_of_the_files() {
    for (size, sha1, root, count) in FILES {
        let bytes = content(size);
        let Digests { sha1: ours, tree, .. } = Digests::of(&bytes);
        assert_eq!(BASE32_NOPAD.encode(&ours), sha1, "{size}");
        assert_eq!(BASE32_NOPAD.encode(&tree.root()), root, "{size}");
        let rows = TreeRows::decode(&answer_of(size)).unwrap();
        assert_eq!((rows.size(), rows.digests().len()), (size, count));
        let theirs = TigerTree::from_breadth_first(size, rows.digests(), &tree.root()).unwrap();
        let blocks = 0..theirs.block_count();
        for number in [blocks.start, blocks.end / 2, blocks.end - 1] {
            let range = theirs.block(number).unwrap();
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            assert!(theirs.is_block(number, &bytes[range.clone()]), "{size}: {number}");
            let mut wrong = bytes[range].to_vec();
            wrong[0] ^= 1;
            assert!(!theirs.is_block(number, &wrong), "{size}: {number}");
        }
    }
}

/// THEX-04: what we send of such a tree is what gtk-gnutella sends, but for a name that says nothing.
#[test]
fn a_tree_that_is_sent_is_read_as_the_same() {
    for (size, _, _, _) in FILES {
        let theirs = TreeRows::decode(&answer_of(size)).unwrap();
        let again = TreeRows::decode(&theirs.encode()).unwrap();
        assert_eq!((again.size(), again.digests()), (size, theirs.digests()));
    }
}
