#![allow(clippy::cast_possible_truncation, reason = "sizes of tests are small")]

use data_encoding::BASE32_NOPAD;
use proptest::prelude::*;

use super::*;
use crate::base::limits::TREE_BLOCK_LEN_MIN;

/// The tree as its definition has it: all segments in memory.
fn plain_rows(bytes: &[u8]) -> Vec<Vec<Node>> {
    use tiger::{Digest, Tiger};
    let segments: Vec<&[u8]> =
        if bytes.is_empty() { vec![&[]] } else { bytes.chunks(SEGMENT_LEN).collect() };
    let segment =
        |bytes: &&[u8]| Tiger::new().chain_update([0]).chain_update(bytes).finalize().into();
    let mut rows: Vec<Vec<Node>> = vec![segments.iter().map(segment).collect()];
    while rows[0].len() > 1 {
        let pair = |pair: &[Node]| match pair {
            [one, other] => Tiger::new()
                .chain_update([1])
                .chain_update(one)
                .chain_update(other)
                .finalize()
                .into(),
            alone => alone[0],
        };
        let row = rows[0].chunks(2).map(pair).collect();
        rows.insert(0, row);
    }
    rows
}

fn tree_of(bytes: &[u8]) -> TigerTree {
    let mut hasher = TreeHasher::new();
    hasher.update(bytes);
    hasher.finish()
}

/// Bytes no two segments of which are alike.
fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at / SEGMENT_LEN).wrapping_mul(31).wrapping_add(at) as u8).collect()
}

/// TREE-01, TREE-02
#[test]
fn the_roots_are_those_that_everybody_knows() {
    let root = |bytes: &[u8]| BASE32_NOPAD.encode(&tree_of(bytes).root());
    assert_eq!(root(b""), "LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ");
    assert_eq!(root(b"\0"), "VK54ZIEEVTWNAUI5D5RDFIL37LX2IQNSTAXFKSA");
    assert_eq!(root(&[b'A'; 1_024]), "L66Q4YVNAFWVS23X2HJIRA5ZJ7WXR3F26RSASFA");
    assert_eq!(root(&[b'A'; 1_025]), "PZMRYHGY6LTBEH63ZWAHDORHSYTLO4LEFUIKHWY");
}

/// TREE-02
#[test]
fn a_tree_is_as_defined_for_sizes_around_each_change() {
    let block = usize::try_from(TREE_BLOCK_LEN_MIN).unwrap();
    for size in [0, 1, 1_023, 1_024, 1_025, 3_072, block - 1, block, block + 1, 5 * block + 77] {
        let (bytes, tree) = (bytes(size), tree_of(&bytes(size)));
        let rows = plain_rows(&bytes);
        assert_eq!(tree.root(), rows[0][0], "{size}");
        assert_eq!(tree.breadth_first(), rows[..=tree.depth() as usize].concat(), "{size}");
        assert_eq!(tree.size(), size as u64);
    }
}

/// A row that grows too long is folded, and stays the row of the same tree.
#[test]
fn a_row_has_at_most_as_many_nodes_as_may_be_kept() {
    let whole = usize::try_from(TREE_BLOCK_LEN_MIN).unwrap() * TREE_ROW_MAX;
    let bytes = bytes(whole + SEGMENT_LEN + 1);
    let (at, past) = (tree_of(&bytes[..whole]), tree_of(&bytes));
    assert_eq!((at.block_count(), at.block_len()), (TREE_ROW_MAX, TREE_BLOCK_LEN_MIN));
    assert_eq!(
        (past.block_count(), past.block_len()),
        (TREE_ROW_MAX / 2 + 1, 2 * TREE_BLOCK_LEN_MIN)
    );
    assert_eq!(past.row()[..TREE_ROW_MAX / 2], parents(at.row())[..]);
    assert_eq!(past.node(TREE_ROW_MAX / 2), Some(TigerTree::block_digest(&bytes[whole..])));
    assert_eq!(past.root(), plain_rows(&bytes)[0][0]);
    assert_eq!((at.depth(), past.depth()), (11, 11));
}

#[test]
fn each_block_is_known_by_its_bytes_and_by_no_others() {
    let bytes = bytes(200_000);
    let tree = tree_of(&bytes);
    assert_eq!(tree.block_count(), 4);
    for index in 0..4 {
        let range = tree.block(index).unwrap();
        let mut block = bytes[range.start as usize..range.end as usize].to_vec();
        assert_eq!(tree.block_at(range.start), Some(index));
        assert_eq!(tree.block_at(range.end - 1), Some(index));
        assert!(tree.is_block(index, &block));
        assert!(!tree.is_block(index, &block[1..]), "a part of it");
        assert!(!tree.is_block((index + 1) % 4, &block), "another block");
        block[77] ^= 1;
        assert!(!tree.is_block(index, &block), "a bit is wrong");
    }
    assert_eq!((tree.block(4), tree.block_at(200_000)), (None, None));
    assert!(!tree.is_block(4, b""));
}

/// TREE-03
#[test]
fn a_tree_that_is_sent_is_taken_if_its_lowest_row_leads_to_the_root() {
    let bytes = bytes(700_000);
    let (tree, rows) = (tree_of(&bytes), plain_rows(&bytes));
    let (size, root) = (tree.size(), tree.root());
    let from = |nodes: &[Node]| TigerTree::from_breadth_first(size, nodes, &root);
    assert_eq!(from(&tree.breadth_first()), Ok(tree.clone()));
    let all = rows.concat();
    let finest = from(&all).unwrap();
    assert_eq!((finest.block_len(), finest.block_count()), (1_024, 684), "as fine as they want");
    assert!(finest.is_block(683, &bytes[683 * 1_024..]));
    let cut = from(&all[..5]).unwrap();
    assert_eq!((cut.block_count(), cut.depth()), (2, 1), "only whole rows are");
    assert!(cut.is_block(1, &bytes[cut.block(1).unwrap().start as usize..]));
    let alone = from(&[root]).unwrap();
    assert_eq!((alone.block_count(), alone.block(0)), (1, Some(ByteRange::new(0, 700_000))));

    let mut wrong = tree.breadth_first();
    *wrong.last_mut().unwrap() = [7; 24];
    assert_eq!(from(&wrong).unwrap_err().rule.id(), "TREE-03");
    assert_eq!(from(&[]).unwrap_err().rule.id(), "TREE-03");
    assert!(TigerTree::from_breadth_first(size, &tree.breadth_first(), &[7; 24]).is_err());
}

/// TREE-03: of what is sent, no more is looked at than the longest row takes.
#[test]
fn a_row_is_taken_up_to_the_most_nodes_that_are_kept() {
    let whole = bytes((TREE_ROW_MAX + 1) * SEGMENT_LEN);
    let at_the_limit = plain_rows(&whole[..TREE_ROW_MAX * SEGMENT_LEN]);
    let past_it = plain_rows(&whole);
    let tree = |size: usize, rows: &[Vec<Node>]| {
        TigerTree::from_breadth_first(size as u64, &rows.concat(), &rows[0][0]).unwrap()
    };
    let tree_at = tree(TREE_ROW_MAX * SEGMENT_LEN, &at_the_limit);
    let tree_past = tree((TREE_ROW_MAX + 1) * SEGMENT_LEN, &past_it);
    assert_eq!((tree_at.block_count(), tree_at.block_len()), (TREE_ROW_MAX, 1_024));
    assert_eq!((tree_past.block_count(), tree_past.block_len()), (TREE_ROW_MAX / 2 + 1, 2_048));
    let longest = at_the_limit.concat().len();
    assert!(longest <= TREE_NODES_MAX && past_it.concat().len() <= 2 * TREE_NODES_MAX, "{longest}");
}

#[test]
fn a_kept_row_gives_the_tree_again() {
    for size in [0, 1, 1_024, 60_000, 65_536, 65_537, 131_072, 131_073, 999_999] {
        let tree = tree_of(&bytes(size));
        assert_eq!(TigerTree::from_row(size as u64, tree.row().to_vec()), Some(tree), "{size}");
    }
    assert_eq!(TigerTree::from_row(999_999, vec![[0; 24]; 15]), None, "no row of it is as long");
    assert_eq!(TigerTree::from_row(1, vec![]), None);
    let long = (TREE_ROW_MAX as u64 + 1) * 1_024;
    assert_eq!(TigerTree::from_row(long, vec![[0; 24]; TREE_ROW_MAX + 1]), None);
}

proptest! {
    /// In whatever pieces the bytes come, the tree is the same.
    #[test]
    fn pieces_do_not_matter(size in 0_usize..300_000, cuts in prop::collection::vec(0_usize..3_000, 0..50)) {
        let bytes = bytes(size);
        let (mut hasher, mut rest) = (TreeHasher::new(), &bytes[..]);
        for cut in cuts {
            let (piece, later) = rest.split_at(cut.min(rest.len()));
            hasher.update(piece);
            rest = later;
        }
        hasher.update(rest);
        prop_assert_eq!(hasher.finish(), tree_of(&bytes));
    }
}
