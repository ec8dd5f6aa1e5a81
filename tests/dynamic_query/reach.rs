//! How far a TTL leads: the formula, the published examples, and trees in which it is exact.

use filbert::gnutella::dynamic_query::reach;

use crate::overlay::{Overlay, Spread};

/// DQ-04. The proposal gives the formula, but 1,024 for degree 32 and TTL 3, which is 32 times 32,
/// and 23,436 for degree 6 and TTL 7, which is 6 times the sum for TTL 6.
#[test]
fn the_examples_of_the_proposal_do_not_follow_its_formula() {
    assert_eq!(reach(32, 3), 993);
    assert_ne!(reach(32, 3), 1_024);
    assert_eq!(reach(6, 7), 19_531);
    assert_eq!(6 * reach(6, 6), 23_436);
}

/// DQ-04
#[test]
fn the_sum_is_that_of_powers_and_never_wraps() {
    for degree in 0..60_u32 {
        assert_eq!(reach(degree, 0), 0);
        for ttl in 1..6_u8 {
            let powers = (0..ttl).map(|hop| u64::from(degree.saturating_sub(1)).pow(hop.into()));
            assert_eq!(reach(degree, ttl), powers.sum::<u64>(), "degree {degree}, TTL {ttl}");
        }
    }
    assert_eq!(reach(u32::MAX, u8::MAX), u64::MAX);
}

/// DQ-04. Literature G-1: exact on a tree.
#[test]
fn on_a_tree_a_query_reaches_what_the_formula_says() {
    for (degree, ttl) in [(3, 10), (6, 7), (8, 5), (32, 3)] {
        let tree = Tree::grow(degree, ttl);
        let through_one = tree.flood(&[1], ttl);
        assert_eq!(through_one.iter().sum::<u64>(), reach(degree, ttl), "{degree}, {ttl}");
        let neighbours: Vec<usize> = (1..=degree as usize).collect();
        let through_all = tree.flood(&neighbours, ttl).iter().sum::<u64>();
        assert_eq!(through_all, u64::from(degree) * reach(degree, ttl));
    }
}

/// Literature G-1: within two in a hundred where the graph is a hundred times the horizon.
#[test]
fn in_a_large_random_graph_a_query_reaches_nearly_what_the_formula_says() {
    for (peers, degree, ttl) in [(16_000, 6, 4), (41_000, 8, 4), (100_000, 32, 3)] {
        let graph = Overlay::random(peers, degree, 7);
        assert!(u64::from(peers) >= 100 * reach(u32::try_from(degree).unwrap(), ttl));
        let files = vec![0; graph.peers()];
        let mut spread = Spread::new(&graph, &files);
        spread.send(graph.neighbours(0)[0], ttl);
        let exact = reach(u32::try_from(degree).unwrap(), ttl);
        println!("degree {degree}, TTL {ttl}: {} of {exact} in {peers}", spread.reached);
        assert!(spread.reached <= exact);
        assert!(spread.reached * 100 >= exact * 98, "{} of {exact}", spread.reached);
    }
}

/// Literature G-2: of all messages of a flood, (d-2)/(d-1) cross the last link.
#[test]
fn most_messages_of_a_flood_cross_the_last_link() {
    for (degree, ttl, published_permille) in [(6_u32, 7_u8, 800), (32, 3, 968)] {
        let tree = Tree::grow(degree, ttl);
        let neighbours: Vec<usize> = (1..=degree as usize).collect();
        let by_link = tree.flood(&neighbours, ttl);
        let (last, all) = (*by_link.last().unwrap(), by_link.iter().sum::<u64>());
        let behind = u64::from(degree) - 1;
        // The closed form of the share: (d-1)^(t-1) * (d-2) / ((d-1)^t - 1).
        let power = behind.pow(u32::from(ttl) - 1);
        assert_eq!(last * (power * behind - 1), all * power * (behind - 1));
        let permille = last * 1_000 / all;
        println!("degree {degree}, TTL {ttl}: {permille} of 1,000 messages cross the last link");
        assert!(permille.abs_diff(published_permille) <= 10);
        assert!(permille.abs_diff((behind - 1) * 1_000 / behind) <= 10);
    }
}

/// A tree in which every peer but those at the rim has the same degree. The root is peer 0, and its
/// neighbours follow.
struct Tree {
    children: Vec<Vec<usize>>,
}

impl Tree {
    fn grow(degree: u32, depth: u8) -> Self {
        let (mut children, mut rim) = (vec![Vec::new()], vec![0]);
        for _ in 0..depth {
            let mut grown = Vec::new();
            for peer in rim {
                let count = if peer == 0 { degree } else { degree - 1 };
                let born: Vec<usize> = (0..count as usize).map(|n| children.len() + n).collect();
                children.resize(children.len() + born.len(), Vec::new());
                grown.extend(&born);
                children[peer] = born;
            }
            rim = grown;
        }
        Self { children }
    }

    /// The root sends a query to these neighbours: how many messages cross the first link, the
    /// second, and so on. On a tree each message reaches one more peer.
    fn flood(&self, neighbours: &[usize], ttl: u8) -> Vec<u64> {
        let (mut by_link, mut reached) = (Vec::new(), neighbours.to_vec());
        for _ in 0..ttl {
            by_link.push(reached.len() as u64);
            reached = reached.iter().flat_map(|peer| self.children[*peer].clone()).collect();
        }
        by_link
    }
}
