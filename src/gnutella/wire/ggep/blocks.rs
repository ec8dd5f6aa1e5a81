//! Which part of a file is available, as numbers of nodes in a tree over its blocks (GGEP-66).

use super::Value;
use super::value::Nodes;
use crate::base::limits::PARTIAL_NODES_LEN_MAX;
use crate::base::ranges::{ByteRange, RangeSet};

/// Bytes of a file in a leaf of the tree.
const BLOCK_LEN: u64 = 1_024;

/// The ids under which node numbers of one to four bytes stand.
pub const IDS: [&str; 4] = ["PR1", "PR2", "PR3", "PR4"];

/// The tree over the blocks of a file.
#[derive(Clone, Copy, Debug)]
struct Tree {
    size: u64,
    blocks: u64,
    /// The number of its first leaf.
    first_leaf: u64,
}

impl Tree {
    const fn of(size: u64) -> Self {
        let blocks = size.div_ceil(BLOCK_LEN);
        Self { size, blocks, first_leaf: blocks.next_power_of_two() }
    }

    /// The bytes under a node; none where there is no such node.
    fn range(self, node: u64) -> Option<ByteRange> {
        let depth = self.first_leaf.checked_ilog2()?.checked_sub(node.checked_ilog2()?)?;
        let first = node.checked_shl(depth)?.checked_sub(self.first_leaf)?;
        let end = first.saturating_add(1_u64.checked_shl(depth)?);
        let bytes = |block: u64| block.saturating_mul(BLOCK_LEN).min(self.size);
        (first < self.blocks).then(|| ByteRange::new(bytes(first), bytes(end)))
    }

    /// The fewest nodes under which the whole blocks of a range stand. The last block of a file is whole
    /// where the file ends in it.
    fn nodes(self, range: ByteRange) -> Vec<u64> {
        let mut first = range.start.div_ceil(BLOCK_LEN);
        // What stands behind the file is there as much as it can be.
        let is_to_end = range.end >= self.size;
        let end = if is_to_end { self.first_leaf } else { range.end / BLOCK_LEN };
        let mut nodes = Vec::new();
        while first < end && first < self.blocks {
            let aligned = first.trailing_zeros().min(self.first_leaf.trailing_zeros());
            let fitting = end.saturating_sub(first).checked_ilog2().unwrap_or(0);
            let depth = aligned.min(fitting);
            let leaf = self.first_leaf.saturating_add(first);
            nodes.push(leaf.checked_shr(depth).unwrap_or(1));
            first = first.saturating_add(1_u64.checked_shl(depth).unwrap_or(u64::MAX));
        }
        nodes
    }
}

/// What is available of a file, as much of it as has room: the largest parts first. The values belong
/// to [`IDS`], and those without nodes are none. None at all where not one block is whole: that is `PR0`
/// (GGEP-65).
pub fn nodes_of(size: u64, available: &RangeSet) -> [Option<Value>; 4] {
    let tree = Tree::of(size);
    let mut nodes: Vec<u64> = available.iter().flat_map(|range| tree.nodes(range)).collect();
    nodes.sort_unstable();
    let mut packed: [Vec<u8>; 4] = Default::default();
    let mut room = PARTIAL_NODES_LEN_MAX;
    for node in nodes {
        let octets = node.to_be_bytes();
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        let number = octets.get(zeros..).unwrap_or_default();
        let place = number.len().saturating_sub(1);
        let (Some(left), Some(packed)) = (room.checked_sub(number.len()), packed.get_mut(place))
        else {
            break;
        };
        room = left;
        packed.extend_from_slice(number);
    }
    let mut len = 0_usize;
    packed.map(|packed| {
        len = len.saturating_add(1);
        (!packed.is_empty()).then_some(Value::Nodes(Nodes { len, packed }))
    })
}

/// The bytes under these nodes.
pub fn ranges_of<'a>(size: u64, values: impl IntoIterator<Item = &'a Nodes>) -> RangeSet {
    let tree = Tree::of(size);
    let mut available = RangeSet::new();
    for node in values.into_iter().flat_map(Nodes::iter) {
        tree.range(node).into_iter().for_each(|range| available.insert(range));
    }
    available
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(size: u64, available: &RangeSet) -> (RangeSet, usize) {
        let values = nodes_of(size, available);
        let nodes = || {
            values.iter().flatten().map(|value| match value {
                Value::Nodes(nodes) => nodes,
                other => panic!("{other:?}"),
            })
        };
        (ranges_of(size, nodes()), nodes().map(|nodes| nodes.packed.len()).sum())
    }

    fn set(ranges: &[(u64, u64)]) -> RangeSet {
        let mut set = RangeSet::new();
        ranges.iter().for_each(|(start, end)| set.insert(ByteRange::new(*start, *end)));
        set
    }

    /// GGEP-66: the leaves of a file of three blocks are 4 to 6.
    #[test]
    fn nodes_stand_for_the_blocks_below_them() {
        let numbers = |ranges: &[(u64, u64)]| {
            let [first, ..] = nodes_of(2_500, &set(ranges));
            first.map(|value| value.to_payload()).unwrap_or_default()
        };
        assert_eq!(numbers(&[(0, 1_024)]), [4]);
        assert_eq!(numbers(&[(0, 2_048)]), [2]);
        assert_eq!(numbers(&[(1_024, 2_500)]), [3, 5]);
        assert_eq!(numbers(&[(0, 2_500)]), [1]);
        assert_eq!(numbers(&[(1, 2_047), (2_048, 2_499)]), [0; 0]);
    }

    #[test]
    fn as_much_is_said_as_has_room() {
        // Every other block: each is a leaf of two bytes.
        let scattered: Vec<_> = (0..100).map(|n| (n * 2_048, n * 2_048 + 1_024)).collect();
        let (available, len) = there_and_back(1 << 20, &set(&scattered));
        assert_eq!((len, available.count()), (PARTIAL_NODES_LEN_MAX, PARTIAL_NODES_LEN_MAX / 2));
        // One that is large goes before all of them.
        let large = [&scattered[..], &[(1 << 19, 1 << 20)]].concat();
        let (available, _) = there_and_back(1 << 20, &set(&large));
        assert!(available.contains(ByteRange::new(1 << 19, 1 << 20)));
        assert_eq!(available.count(), 1 + (PARTIAL_NODES_LEN_MAX - 1) / 2);
    }

    #[test]
    fn numbers_of_no_node_are_passed_over() {
        let nodes = Nodes { len: 1, packed: vec![0, 7, 8, 255, 4] };
        assert_eq!(ranges_of(2_500, [&nodes]), set(&[(0, 1_024)]));
        assert_eq!(ranges_of(0, [&nodes]), RangeSet::new());
        assert_eq!(there_and_back(u64::MAX, &set(&[(0, u64::MAX)])).1, 1);
    }

    proptest! {
        #[test]
        fn nothing_is_said_that_is_not_there(
            size in 0_u64..200_000,
            parts in prop::collection::vec((0_u64..200_000, 0_u64..40_000), 0..6),
        ) {
            let parts: Vec<_> =
                parts.iter().map(|(start, len)| (*start.min(&size), start.saturating_add(*len).min(size))).collect();
            let (said, len) = there_and_back(size, &set(&parts));
            prop_assert!(len <= PARTIAL_NODES_LEN_MAX);
            prop_assert!(said.iter().all(|range| set(&parts).contains(range)), "{said:?}");
        }
    }
}
