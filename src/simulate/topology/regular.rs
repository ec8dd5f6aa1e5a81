use std::collections::BTreeSet;

use super::super::graph::Graph;
use super::super::random::Lot;

/// Other edges that one which cannot stay is tried with.
const TRIES_MAX: u32 = 1_000;

/// A graph in which every node has `degree` neighbours (one of them one less, if that does not come
/// out even), and which hangs together where the degree allows it.
pub(super) fn edges(nodes: u32, degree: u32, lot: &mut Lot) -> Vec<(u32, u32)> {
    let degree = degree.min(nodes.saturating_sub(1));
    let mut edges = Edges::paired(nodes, degree, lot);
    edges.part_twins(lot);
    edges.join(nodes, lot);
    edges.list
}

struct Edges {
    list: Vec<(u32, u32)>,
    present: BTreeSet<(u32, u32)>,
}

impl Edges {
    /// Every node holds out so many hands, and any two hands take each other.
    fn paired(nodes: u32, degree: u32, lot: &mut Lot) -> Self {
        let mut hands: Vec<u32> =
            (0..nodes).flat_map(|node| std::iter::repeat_n(node, degree as usize)).collect();
        lot.shuffle(&mut hands);
        let (pairs, _) = hands.as_chunks();
        let list = pairs.iter().map(|&[a, b]| (a, b)).collect();
        Self { list, present: BTreeSet::new() }
    }

    /// Swaps partners until nobody is connected to itself, or twice to another.
    fn part_twins(&mut self, lot: &mut Lot) {
        let list = self.list.clone();
        let bad: Vec<usize> = (0..)
            .zip(&list)
            .filter(|(_, edge)| !self.present.insert(ordered(**edge)) || edge.0 == edge.1)
            .map(|(place, _)| place)
            .collect();
        let unplaced: BTreeSet<usize> = bad.iter().copied().collect();
        let mut unplaced = unplaced;
        for place in bad {
            for _ in 0..TRIES_MAX {
                let other = lot.index(self.list.len());
                if !unplaced.contains(&other) && self.swap(place, other, false) {
                    unplaced.remove(&place);
                    break;
                }
            }
        }
        // Where there are too few nodes to swap with, some have a neighbour less.
        let mut places = 0..;
        self.list.retain(|_| places.next().is_none_or(|place| !unplaced.contains(&place)));
    }

    /// Connects the parts that hang together with one another.
    fn join(&mut self, nodes: u32, lot: &mut Lot) {
        for _ in 0..TRIES_MAX {
            let components = Graph::new(nodes, &self.list).components();
            let of = |node: u32| components.get(node as usize).copied();
            let Some(stranger) = self.list.iter().position(|edge| of(edge.0) != Some(0)) else {
                return;
            };
            let other = lot.index(self.list.len());
            let main = self.list.get(other).is_some_and(|edge| of(edge.0) == Some(0));
            if main {
                self.swap(stranger, other, true);
            }
        }
    }

    /// Lets two edges swap their ends, unless one of the new edges cannot be. The first is removed
    /// from those that are present only if it was among them.
    fn swap(&mut self, place: usize, other: usize, is_present: bool) -> bool {
        let (Some(&(a, b)), Some(&(c, d))) = (self.list.get(place), self.list.get(other)) else {
            return false;
        };
        let (first, second) = (ordered((a, d)), ordered((c, b)));
        let is_free = |edge: (u32, u32)| edge.0 != edge.1 && !self.present.contains(&edge);
        if place == other || first == second || !is_free(first) || !is_free(second) {
            return false;
        }
        if is_present {
            self.present.remove(&ordered((a, b)));
        }
        self.present.remove(&ordered((c, d)));
        self.present.extend([first, second]);
        for (place, edge) in [(place, first), (other, second)] {
            if let Some(old) = self.list.get_mut(place) {
                *old = edge;
            }
        }
        true
    }
}

fn ordered((a, b): (u32, u32)) -> (u32, u32) {
    (a.min(b), a.max(b))
}
