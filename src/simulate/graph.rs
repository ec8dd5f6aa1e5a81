//! Who is connected to whom, and what can be told of a network from that alone.

use super::random::{Lot, Subject};

/// An undirected graph without loops, whose nodes are numbered from zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// Where the neighbours of each node begin, and behind the last one where they end.
    starts: Vec<u32>,
    neighbours: Vec<u32>,
}

/// What a graph looks like from far away. Fractions are in parts of a million, means in thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct GraphStatistics {
    pub nodes: u32,
    pub edges: u32,
    pub degree_milli: u64,
    pub degree_max: u32,
    /// Parts that are not connected with each other.
    pub components: u32,
    /// Nodes in the largest of them.
    pub largest: u32,
    /// The mean length of the shortest paths between nodes of one part.
    pub path_milli: u64,
    /// The longest of these paths.
    pub diameter: u32,
    /// Of these paths, nine in ten are at most so long.
    pub path_p90: u32,
    /// How often two neighbours of a node are neighbours of each other, as a mean over the nodes
    /// with two neighbours or more.
    pub clustering_ppm: u64,
}

impl Graph {
    /// The graph of these edges. A loop, and an edge to a node that is none, do not count.
    pub fn new(nodes: u32, edges: &[(u32, u32)]) -> Self {
        let is_edge = |(a, b): &&(u32, u32)| a != b && *a < nodes && *b < nodes;
        let mut starts = vec![0_u32; (nodes as usize).saturating_add(1)];
        for &(a, b) in edges.iter().filter(is_edge) {
            count(&mut starts, a);
            count(&mut starts, b);
        }
        let mut end = 0_u32;
        for start in &mut starts {
            end = end.saturating_add(std::mem::replace(start, end));
        }
        let mut next = starts.clone();
        let mut neighbours = vec![0; end as usize];
        let mut put = |from: u32, to: u32| {
            let place = next
                .get_mut(from as usize)
                .map_or(u32::MAX, |place| std::mem::replace(place, place.saturating_add(1)));
            if let Some(neighbour) = neighbours.get_mut(place as usize) {
                *neighbour = to;
            }
        };
        for &(a, b) in edges.iter().filter(is_edge) {
            put(a, b);
            put(b, a);
        }
        Self { starts, neighbours }
    }

    pub fn nodes(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX).saturating_sub(1)
    }

    pub fn neighbours(&self, node: u32) -> &[u32] {
        let start = |node: usize| self.starts.get(node).map(|start| *start as usize);
        let range = start(node as usize).zip(start((node as usize).saturating_add(1)));
        range.and_then(|(start, end)| self.neighbours.get(start..end)).unwrap_or_default()
    }

    pub fn degree(&self, node: u32) -> u32 {
        u32::try_from(self.neighbours(node).len()).unwrap_or(u32::MAX)
    }

    /// Every edge once, from its lower node to its higher one.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..self.nodes()).flat_map(move |node| {
            let higher = self.neighbours(node).iter().filter(move |other| **other > node);
            higher.map(move |other| (node, *other))
        })
    }

    /// How many nodes are how far from `node`: itself first, then its neighbours, and so on, at most
    /// `links_max` links away.
    pub fn reach(&self, node: u32, links_max: u32) -> Vec<u32> {
        Walk::new(self.nodes()).from(self, node, links_max)
    }

    /// The part of the graph that each node belongs to, counted from zero.
    pub fn components(&self) -> Vec<u32> {
        let mut walk = Walk::new(self.nodes());
        let mut components = vec![u32::MAX; self.nodes() as usize];
        let mut next = 0_u32;
        for node in 0..self.nodes() {
            if components.get(node as usize) != Some(&u32::MAX) {
                continue;
            }
            walk.from(self, node, u32::MAX);
            for reached in &walk.order {
                if let Some(component) = components.get_mut(*reached as usize) {
                    *component = next;
                }
            }
            next = next.saturating_add(1);
        }
        components
    }

    /// Looks at the whole graph; paths are followed from at most `sources_max` nodes drawn by lot.
    pub fn statistics(&self, sources_max: u32, seed: u64) -> GraphStatistics {
        let nodes = self.nodes();
        let components = self.components();
        let sizes = sizes(&components);
        let paths = self.path_lengths(sources_max, seed);
        let (pairs, sum) =
            paths.iter().zip(0_u64..).fold((0_u64, 0_u64), |(pairs, sum), (n, len)| {
                (pairs.saturating_add(*n), sum.saturating_add(n.saturating_mul(len)))
            });
        let edges = u32::try_from(self.neighbours.len() / 2).unwrap_or(u32::MAX);
        GraphStatistics {
            nodes,
            edges,
            degree_milli: ratio(self.neighbours.len() as u64, 1_000, u64::from(nodes)),
            degree_max: (0..nodes).map(|node| self.degree(node)).max().unwrap_or(0),
            components: u32::try_from(sizes.len()).unwrap_or(u32::MAX),
            largest: sizes.iter().copied().max().unwrap_or(0),
            path_milli: ratio(sum, 1_000, pairs),
            diameter: u32::try_from(paths.len()).unwrap_or(u32::MAX).saturating_sub(1),
            path_p90: quantile(&paths, pairs, 9, 10),
            clustering_ppm: self.clustering_ppm(),
        }
    }

    /// How many pairs are how far apart, as seen from some nodes.
    fn path_lengths(&self, sources_max: u32, seed: u64) -> Vec<u64> {
        let mut sources: Vec<u32> = (0..self.nodes()).collect();
        if sources_max < self.nodes() {
            Lot::new(seed, Subject::Topology).shuffle(&mut sources);
            sources.truncate(sources_max as usize);
        }
        let (mut walk, mut lengths) = (Walk::new(self.nodes()), Vec::new());
        for source in sources {
            let reach = walk.from(self, source, u32::MAX);
            lengths.resize(lengths.len().max(reach.len()), 0_u64);
            // A node's path to itself is none.
            for (length, reached) in lengths.iter_mut().zip(&reach).skip(1) {
                *length = length.saturating_add(u64::from(*reached));
            }
        }
        lengths
    }

    fn clustering_ppm(&self) -> u64 {
        let mut is_neighbour = vec![false; self.nodes() as usize];
        let (mut sum, mut counted) = (0_u64, 0_u64);
        for node in 0..self.nodes() {
            let neighbours = self.neighbours(node);
            let degree = neighbours.len() as u64;
            if degree < 2 {
                continue;
            }
            mark(&mut is_neighbour, neighbours, true);
            let closed = neighbours.iter().flat_map(|neighbour| self.neighbours(*neighbour));
            let closed = closed.filter(|other| is_neighbour.get(**other as usize) == Some(&true));
            let closed = closed.count() as u64;
            mark(&mut is_neighbour, neighbours, false);
            let open = degree.saturating_mul(degree.saturating_sub(1));
            sum = sum.saturating_add(ratio(closed, 1_000_000, open));
            counted = counted.saturating_add(1);
        }
        ratio(sum, 1, counted)
    }
}

/// A walk in breadth over a graph, whose memory serves the next one.
struct Walk {
    /// The walk in which each node was reached last.
    reached_in: Vec<u32>,
    walk: u32,
    /// Nodes in the order in which they were reached.
    order: Vec<u32>,
}

impl Walk {
    fn new(nodes: u32) -> Self {
        Self { reached_in: vec![0; nodes as usize], walk: 0, order: Vec::new() }
    }

    /// How many nodes are how far from `node`.
    fn from(&mut self, graph: &Graph, node: u32, links_max: u32) -> Vec<u32> {
        self.walk = self.walk.saturating_add(1);
        self.order.clear();
        self.reach(node);
        let (mut counts, mut from, mut links) = (Vec::new(), 0, 0_u32);
        while from < self.order.len() {
            let end = self.order.len();
            counts.push(u32::try_from(end.saturating_sub(from)).unwrap_or(u32::MAX));
            if links == links_max {
                break;
            }
            for place in from..end {
                let Some(&reached) = self.order.get(place) else { break };
                graph.neighbours(reached).iter().for_each(|neighbour| self.reach(*neighbour));
            }
            (from, links) = (end, links.saturating_add(1));
        }
        counts
    }

    fn reach(&mut self, node: u32) {
        if let Some(reached_in) = self.reached_in.get_mut(node as usize)
            && *reached_in != self.walk
        {
            *reached_in = self.walk;
            self.order.push(node);
        }
    }
}

/// `part * scale / whole`, and nothing of nothing.
pub(super) fn ratio(part: u64, scale: u64, whole: u64) -> u64 {
    let scaled = u128::from(part).saturating_mul(u128::from(scale));
    let ratio = scaled.checked_div(u128::from(whole)).unwrap_or(0);
    u64::try_from(ratio).unwrap_or(u64::MAX)
}

/// The first place up to which at least `part / whole` of all counts lie.
pub(super) fn quantile(counts: &[u64], total: u64, part: u64, whole: u64) -> u32 {
    let (mut sum, mut place) = (0_u64, 0_u32);
    for count in counts {
        sum = sum.saturating_add(*count);
        if u128::from(sum).saturating_mul(u128::from(whole))
            >= u128::from(total).saturating_mul(u128::from(part))
        {
            break;
        }
        place = place.saturating_add(1);
    }
    place
}

/// How often each number stands in the list.
pub(super) fn sizes(numbers: &[u32]) -> Vec<u32> {
    let mut sizes = Vec::new();
    for &number in numbers {
        sizes.resize(sizes.len().max((number as usize).saturating_add(1)), 0);
        count(&mut sizes, number);
    }
    sizes
}

fn count(counts: &mut [u32], place: u32) {
    if let Some(count) = counts.get_mut(place as usize) {
        *count = count.saturating_add(1);
    }
}

fn mark(marks: &mut [bool], places: &[u32], value: bool) {
    for place in places {
        if let Some(mark) = marks.get_mut(*place as usize) {
            *mark = value;
        }
    }
}
