//! How the nodes of a laboratory are connected before anything happens.

mod preferential;
mod regular;
mod tree;
mod two_tier;

use serde::Deserialize;

use super::graph::Graph;
use super::random::{Lot, Subject};
use super::scale::Thousandths;

/// The shape of an overlay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Topology {
    /// Every node has the same number of neighbours, drawn by lot.
    Regular { degree: u32 },
    /// No cycles: a root and its children, of whom each has again as many neighbours.
    Tree { degree: u32 },
    /// Ultrapeers in a regular graph, and leaves below them.
    TwoTier {
        /// Neighbours of an ultrapeer among its kind.
        degree: u32,
        /// Leaves of an ultrapeer.
        leaves: u32,
        /// Ultrapeers of a leaf.
        parents: u32,
    },
    /// Who comes connects to whoever has many neighbours already, as the overlay of 2001 looked.
    PowerLaw { degree: Thousandths },
    /// None: the nodes find each other.
    Open {
        /// The first nodes are ultrapeers from the start, so many in a thousand of all.
        #[serde(default)]
        ultrapeers: Thousandths,
        /// Addresses that each node is given.
        known: u32,
    },
}

impl Topology {
    /// The connections among so many nodes. Of an open topology there are none.
    pub fn graph(&self, nodes: u32, seed: u64) -> Graph {
        let lot = &mut Lot::new(seed, Subject::Topology);
        let edges = match self {
            Self::Regular { degree } => regular::edges(nodes, *degree, lot),
            Self::Tree { degree } => tree::edges(nodes, *degree),
            Self::TwoTier { degree, parents, .. } => {
                two_tier::edges(nodes, self.ultrapeers(nodes), *degree, *parents, lot)
            }
            Self::PowerLaw { degree } => preferential::edges(nodes, *degree, lot),
            Self::Open { .. } => Vec::new(),
        };
        Graph::new(nodes, &edges)
    }

    /// How many of the nodes are ultrapeers; these are the first ones.
    pub fn ultrapeers(&self, nodes: u32) -> u32 {
        match self {
            Self::Regular { .. } | Self::Tree { .. } | Self::PowerLaw { .. } => nodes,
            Self::TwoTier { leaves, parents, .. } => two_tier::ultrapeers(nodes, *leaves, *parents),
            Self::Open { ultrapeers, .. } => ultrapeers.of(nodes),
        }
    }

    /// How many addresses each node is given where the nodes find each other.
    pub const fn known(&self) -> Option<u32> {
        match self {
            Self::Open { known, .. } => Some(*known),
            _ => None,
        }
    }

    /// True where the nodes find each other.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}
