use super::newest::NewestQueries;
use crate::base::slots::Slot;
use crate::gnutella::connect_back::Errands;
use crate::gnutella::dynamic_query::{DynamicQueries, HitPolicy, RequeryThrottle};
use crate::gnutella::pinging::DatagramPings;
use crate::gnutella::push_proxy::{Callbacks, Proxied, RequestedPushes};
use crate::index::leaf_index::LeafIndex;

/// The rooms that a node enters only to do something for others. An idle leaf has none of them, and
/// there are many idle leaves.
#[derive(Debug, Default)]
pub(super) struct Service {
    pub(super) dynamic_queries: DynamicQueries,
    pub(super) hit_policy: HitPolicy,
    pub(super) requeries: RequeryThrottle,
    pub(super) proxied: Proxied,
    pub(super) errands: Errands,
    pub(super) callbacks: Callbacks,
    pub(super) requested: RequestedPushes,
    pub(super) newest: NewestQueries,
    pub(super) datagram_pings: DatagramPings,
    /// There once a leaf has told of its files.
    pub(super) leaf_files: Option<LeafIndex>,
}

/// Rooms that are there once they are needed.
#[derive(Debug)]
pub(super) struct Lazily<T>(Option<Box<T>>);

impl<T: Default> Lazily<T> {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// To look at, if anything was ever done.
    pub(super) fn peek(&self) -> Option<&T> {
        self.0.as_deref()
    }

    /// To forget something, if there is anything to forget.
    pub(super) fn peek_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// To do something.
    pub(super) fn enter(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }

    /// There is nothing left to be done.
    pub(super) fn leave(&mut self) {
        self.0 = None;
    }
}

impl Lazily<Service> {
    /// Whether we take pushes for a leaf.
    pub(super) fn proxied(&self, slot: Slot) -> bool {
        self.peek().is_some_and(|service| service.proxied.is_for(slot))
    }
}
