//! Overlays as the simulator builds them, and what can be read off a graph.

use filbert::simulate::{Graph, Thousandths, Topology};

const SEED: u64 = 7;

fn degrees(graph: &Graph) -> Vec<u32> {
    (0..graph.nodes()).map(|node| graph.degree(node)).collect()
}

/// No node is its own neighbour, or twice another's.
fn assert_simple(graph: &Graph) {
    for node in 0..graph.nodes() {
        let mut neighbours = graph.neighbours(node).to_vec();
        neighbours.sort_unstable();
        neighbours.dedup();
        assert_eq!(neighbours.len(), graph.neighbours(node).len(), "{node} has twins");
        assert!(!neighbours.contains(&node), "{node} is its own neighbour");
    }
}

#[test]
fn a_walk_in_breadth_counts_nodes_by_their_distance() {
    // A ring of six with a tail.
    let ring = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (3, 6), (6, 7)];
    let graph = Graph::new(9, &ring);
    assert_eq!(graph.reach(0, u32::MAX), [1, 2, 2, 1, 1, 1]);
    assert_eq!(graph.reach(0, 2), [1, 2, 2]);
    assert_eq!(graph.reach(8, 7), [1]);
    assert_eq!(graph.components(), [0, 0, 0, 0, 0, 0, 0, 0, 1]);
}

#[test]
fn loops_and_edges_to_nowhere_do_not_count() {
    let graph = Graph::new(3, &[(0, 0), (0, 1), (1, 3), (2, 1)]);
    assert_eq!(graph.edges().collect::<Vec<_>>(), [(0, 1), (1, 2)]);
    assert_eq!(degrees(&graph), [1, 2, 1]);
}

#[test]
fn statistics_of_small_graphs_are_those_of_paper_and_pencil() {
    // A square with one diagonal, and two nodes apart.
    let graph = Graph::new(6, &[(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (4, 5)]);
    let statistics = graph.statistics(u32::MAX, SEED);
    assert_eq!((statistics.nodes, statistics.edges, statistics.degree_max), (6, 6, 3));
    assert_eq!((statistics.components, statistics.largest), (2, 4));
    assert_eq!(statistics.degree_milli, 2_000);
    // Six edges and one pair at distance two, each from both ends.
    assert_eq!((statistics.path_milli, statistics.diameter), (8_000 / 7, 2));
    // Of 1 and 3 both neighbours know each other; of 0 and 2, two pairs of three do.
    assert_eq!(statistics.clustering_ppm, (2_000_000 + 2 * 666_666) / 4);
}

#[test]
fn in_a_regular_graph_all_have_as_many_neighbours_and_all_are_connected() {
    for (nodes, degree) in [(50, 3), (100, 4), (1_000, 8), (2_000, 30)] {
        let graph = Topology::Regular { degree }.graph(nodes, SEED);
        assert_simple(&graph);
        assert!(degrees(&graph).into_iter().all(|found| found == degree), "degree {degree}");
        assert_eq!(graph.statistics(1, SEED).components, 1);
    }
    // A ring is the one graph of degree two that hangs together.
    let ring = Topology::Regular { degree: 2 }.graph(40, SEED);
    assert_eq!(ring.reach(0, u32::MAX).len(), 21);
    // Odd: one hand stays empty.
    let odd = Topology::Regular { degree: 3 }.graph(51, SEED);
    assert_eq!(degrees(&odd).iter().sum::<u32>(), 3 * 51 - 1);
    // Everybody knows everybody, and nobody more.
    let full = Topology::Regular { degree: 9 }.graph(5, SEED);
    assert!(degrees(&full).into_iter().all(|degree| degree <= 4));
}

#[test]
fn the_same_seed_gives_the_same_graph_and_another_seed_another() {
    let graph = |seed| Topology::Regular { degree: 5 }.graph(200, seed);
    assert_eq!(graph(1), graph(1));
    assert_ne!(graph(1), graph(2));
}

/// G-1 of the literature: the first `ttl` steps of a tree reach d, d(d-1), d(d-1)^2 ... nodes.
#[test]
fn a_tree_grows_by_its_degree() {
    let graph = Topology::Tree { degree: 4 }.graph(1 + 4 + 12 + 36 + 20, SEED);
    assert_eq!(graph.reach(0, u32::MAX), [1, 4, 12, 36, 20]);
    assert_eq!(graph.statistics(1, SEED).edges, 72);
}

#[test]
fn leaves_have_their_parents_and_ultrapeers_their_share_of_leaves() {
    let topology = Topology::TwoTier { degree: 10, leaves: 30, parents: 3 };
    let (nodes, ultrapeers) = (2_200, topology.ultrapeers(2_200));
    assert_eq!(ultrapeers, 200);
    let graph = topology.graph(nodes, SEED);
    assert_simple(&graph);
    for leaf in ultrapeers..nodes {
        assert_eq!(graph.degree(leaf), 3);
        assert!(graph.neighbours(leaf).iter().all(|parent| *parent < ultrapeers));
    }
    for ultrapeer in 0..ultrapeers {
        let leaves = graph.neighbours(ultrapeer).iter().filter(|other| **other >= ultrapeers);
        assert!((27..=33).contains(&leaves.count()));
    }
}

#[test]
fn where_the_rich_get_richer_degrees_spread_far_around_their_mean() {
    let topology = Topology::PowerLaw { degree: Thousandths::new(3_400) };
    let graph = topology.graph(5_000, SEED);
    assert_simple(&graph);
    let statistics = graph.statistics(50, SEED);
    assert!((3_390..=3_400).contains(&statistics.degree_milli), "{}", statistics.degree_milli);
    assert_eq!(statistics.components, 1);
    assert!(statistics.degree_max > 100, "{}", statistics.degree_max);
    let poor = degrees(&graph).into_iter().filter(|degree| *degree <= 2).count();
    assert!(poor > 2_500, "{poor}");
}
