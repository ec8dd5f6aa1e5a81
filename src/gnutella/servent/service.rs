use crate::base::slots::Slot;
use crate::gnutella::connect_back::Errands;
use crate::gnutella::dynamic_query::{DynamicQueries, HitPolicy, RequeryThrottle};
use crate::gnutella::push_proxy::{Callbacks, Proxied};

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
}

/// The rooms as they are needed.
#[derive(Debug, Default)]
pub(super) struct Lazily(Option<Box<Service>>);

impl Lazily {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// To look at, if anything was ever done.
    pub(super) fn peek(&self) -> Option<&Service> {
        self.0.as_deref()
    }

    /// To forget something, if there is anything to forget.
    pub(super) fn peek_mut(&mut self) -> Option<&mut Service> {
        self.0.as_deref_mut()
    }

    /// To do something.
    pub(super) fn enter(&mut self) -> &mut Service {
        self.0.get_or_insert_default()
    }

    /// The leaf that takes pushes for a servent.
    pub(super) fn proxied(&self, slot: Slot) -> bool {
        self.peek().is_some_and(|service| service.proxied.is_for(slot))
    }
}
