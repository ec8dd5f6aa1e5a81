//! What is proved right of a file goes to others while the rest comes.

use std::sync::Arc;

use super::task::Task;
use crate::gnutella::http::thex::TreeRows;
use crate::runtime::uploads::Available;
use crate::transfer::download::{Ask, OnOffer, State};

/// What others know of a file.
#[derive(Debug, Default)]
pub(super) struct Offered {
    last: Option<OnOffer>,
    tree: Option<Arc<TreeRows>>,
}

impl Task {
    /// Offers what is there now. What the user has paused, or what the disk does not take, is not offered.
    pub(super) fn offer(&mut self) {
        let is_wanted =
            matches!(self.download.state(), State::Fetching | State::Queued | State::Verifying);
        let on_offer = self.download.on_offer().filter(|_| is_wanted);
        if on_offer == self.offered.last {
            return;
        }
        match &on_offer {
            Some(OnOffer { size, ranges }) => {
                let (size, ranges) = (*size, ranges.clone());
                let (name, tree) = (self.download.name().to_owned(), self.tree());
                self.offering.offer(Available { name, size, tree, ranges });
            }
            None => self.offering.withdraw(),
        }
        self.offered.last = on_offer;
    }

    /// What a source is told of us with a request: what we have, and where, if we can be asked for it (DOWN-21).
    pub(super) fn tell_of_us(&self, mut ask: Ask) -> Ask {
        let listen = self.shared.listen().filter(|_| self.shared.unfinished.is_on());
        let is_offered = self.offered.last.as_ref().is_some_and(|offer| !offer.ranges.is_empty());
        match listen.filter(|_| is_offered) {
            Some(listen) => ask.alternates.insert(0, listen),
            None => ask.available = None,
        }
        ask
    }

    /// The rows above the pieces. They are the same as long as the root is.
    fn tree(&mut self) -> Option<Arc<TreeRows>> {
        let row = self.download.trusted_row()?;
        let known = self
            .offered
            .tree
            .as_ref()
            .filter(|tree| tree.size() == row.size() && tree.last_row() == row.digests());
        if known.is_none() {
            self.offered.tree = TreeRows::new(row.size(), row.breadth_first()).map(Arc::new);
        }
        self.offered.tree.clone()
    }
}
