//! Trees that nobody vouches for and that what came speaks against wait until more speaks for them (DOWN-37).

use std::collections::BTreeSet;

use super::Download;
use super::trees::network_of;
use crate::base::addresses::Network;
use crate::transfer::download::contract::SourceId;
use crate::transfer::download::row::Row;

impl Download {
    /// Whether sources in two networks have sent other bytes than this tree says, and in more than have sent what it
    /// says. Its giver's own bytes say nothing.
    pub(super) fn is_refuted(&self, giver: SourceId, row: &Row) -> bool {
        let weight = self.pieces.weigh(row);
        let own = self.network_of(giver);
        let networks = |said: BTreeSet<SourceId>| -> usize {
            let networks = said.into_iter().filter_map(|id| self.network_of(id));
            networks.filter(|network| Some(network) != own.as_ref()).collect::<BTreeSet<_>>().len()
        };
        let (pro, contra) = (networks(weight.pro), networks(weight.contra));
        contra >= 2 && contra > pro
    }

    /// A piece came without a tree: perhaps it speaks for one that waits.
    pub(super) fn look_at_trees_aside(&mut self) {
        if self.pieces.row().is_some() || self.alone.is_some() {
            return;
        }
        let aside = std::mem::take(&mut self.trees.aside);
        let mut left: Vec<(SourceId, Row)> = aside
            .into_iter()
            .filter(|(_, row)| {
                Some(row.size()) == self.size && !self.trees.bad_roots.contains(&row.root())
            })
            .collect();
        let fit = left.iter().position(|(giver, row)| !self.is_refuted(*giver, row));
        let fit = fit.map(|place| left.swap_remove(place));
        self.trees.aside = left;
        if let Some((giver, row)) = fit {
            self.believe(giver, row, false);
            self.needs_work = true;
        }
    }

    fn network_of(&self, id: SourceId) -> Option<Network> {
        self.sources.get(&id).map(|source| network_of(source.finding.address.ip()))
    }
}
