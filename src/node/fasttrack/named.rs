//! Supernodes that the user has named: called while they are of use, and remembered meanwhile (FTNODE-25).

use std::net::{SocketAddr, SocketAddrV4};

use super::FastTrack;
use crate::base::limits::NAMED_SUPERNODE_AGAIN_MS;
use crate::base::time::Time;
use crate::node::Node;
use crate::promotion::Role;

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    address: SocketAddrV4,
    /// When it was called last by its name.
    called: Option<Time>,
}

impl Node {
    /// All that the user has named, in place of those named before, and those of them that are due.
    pub(super) fn name_supernodes(
        &mut self,
        all: &[SocketAddrV4],
        due: &[SocketAddrV4],
        now: Time,
    ) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let before = std::mem::take(&mut fasttrack.named);
        let called = |address| before.iter().find(|it| it.address == address)?.called;
        let named = all.iter().map(|&address| Named { address, called: called(address) });
        fasttrack.named = named.collect();
        for &address in due {
            self.call_named_supernode(address, now);
        }
    }

    /// A supernode of ours is gone, or we are something else now: all are called that were not of late.
    pub(super) fn call_named_supernodes(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return };
        let is_due = |named: &&Named| {
            named.called.is_none_or(|at| now >= at.after_ms(NAMED_SUPERNODE_AGAIN_MS))
        };
        let due: Vec<_> = fasttrack.named.iter().filter(is_due).map(|it| it.address).collect();
        for address in due {
            self.call_named_supernode(address, now);
        }
    }

    fn call_named_supernode(&mut self, address: SocketAddrV4, now: Time) {
        let host = SocketAddr::V4(address);
        let is_known = self.session_ends().binary_search(&host).is_ok();
        if is_known || self.let_go.has(host) || self.is_shutting_down {
            return;
        }
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if !fasttrack.is_in_want_of(address) {
            return;
        }
        if let Some(named) = fasttrack.named.iter_mut().find(|it| it.address == address) {
            named.called = Some(now);
        }
        self.call_supernode(address, true);
    }
}

impl FastTrack {
    /// An ordinary node wants one supernode, and a supernode one session with each.
    fn is_in_want_of(&self, address: SocketAddrV4) -> bool {
        match (self.role, self.peer.as_neighbours()) {
            (Role::Leaf, _) => self.peer.neighbours().1 == 0,
            (Role::Supernode, Some(neighbours)) => neighbours.neighbour_at(address).is_none(),
            (Role::Supernode, None) => false,
        }
    }
}
