//! How we part from others.

use crate::base::slots::Slot;
use crate::node::connections::{Greeting, Leaving};
use crate::node::{Direction, LinkId, Node, Output};

impl Node {
    /// Ends a connection that is no neighbour's yet.
    pub(in crate::node) fn turn_away(&mut self, link: LinkId, code: u16, reason: &str) {
        let Some(&Greeting { address, direction, .. }) = self.connections.greeting(link) else {
            return;
        };
        self.connections.leave(link, Leaving { address, direction, was_open: false });
        self.out.push_back(Output::Close { link, code, reason: reason.to_owned() });
    }

    /// Ends the link with a neighbour.
    pub(in crate::node) fn dismiss(&mut self, slot: Slot, code: u16, reason: &str) {
        let (Some(link), Some(neighbour)) = (self.link(slot), self.servent.neighbour(slot)) else {
            return;
        };
        let (address, direction) = (neighbour.address, Direction::of(neighbour.is_outgoing));
        self.pending_close.push(slot);
        self.connections.leave(link, Leaving { address, direction, was_open: true });
        self.out.push_back(Output::Close { link, code, reason: reason.to_owned() });
    }

    /// The driver's name for the connection of a neighbour, as long as we speak with it.
    pub(in crate::node) fn link(&self, slot: Slot) -> Option<LinkId> {
        let link = LinkId(self.servent.neighbour(slot)?.link);
        self.connections.slot(link).map(|_| link)
    }
}
