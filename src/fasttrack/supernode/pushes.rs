//! Pushes find their way to the child that they name.

use std::net::SocketAddrV4;

use super::{Output, Supernode};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::fasttrack::strangers::is_port_of_nodes;
use crate::fasttrack::wire::{Message, PushRequest};

impl Supernode {
    /// A child wants another node to call it (FTSUPER-17): itself, and nobody else (FTSUPER-18).
    pub(super) fn push_of_child(&mut self, slot: Slot, push: &PushRequest) {
        let Some(child) = self.children.get(slot) else { return };
        let is_fit = is_port_of_nodes(push.requester.port());
        let is_forged = push.requester.ip() != child.from.ip() && !mutant!(PushesForStrangers);
        if is_forged || !is_fit {
            return;
        }
        if push.supernode == self.own.address {
            self.push(push);
        } else {
            self.out.push_back(Output::PushAcross { push: push.clone() });
        }
    }

    /// A push that we ask for ourselves. False where there is no such child.
    pub fn push_own(&mut self, push: &PushRequest) -> bool {
        self.push(push)
    }

    /// A push that came from another supernode: it goes to a child of ours or nowhere (FTPEER-21).
    pub fn push_across(&mut self, push: &PushRequest) {
        if is_port_of_nodes(push.requester.port()) {
            self.push(push);
        }
    }

    /// Hands a push down to the child with that address and that name.
    fn push(&mut self, push: &PushRequest) -> bool {
        let named = |slot: &Slot| {
            self.children
                .get(*slot)
                .is_some_and(|child| child.user.as_bytes() == push.user || mutant!(PushesAnyName))
        };
        let Some(slot) = self.shown_at(push.target).find(named) else { return false };
        self.send(slot, Message::Push(push.push()));
        true
    }

    /// The children that stand at an address in results.
    fn shown_at(&self, address: SocketAddrV4) -> impl Iterator<Item = Slot> {
        let all = self.shown_at.range((address, Slot::FIRST)..);
        all.take_while(move |(one, _)| *one == address).map(|(_, slot)| *slot)
    }
}
