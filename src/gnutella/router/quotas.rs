use crate::base::limits::{
    FORWARDED_BURST, ROUTES_OF_LEAF_MAX, ROUTES_OF_ULTRAPEER_MAX, ROUTES_ORPHANED_MAX,
    ROUTES_OWN_MAX, SERVENTS_OF_LEAF_MAX, SERVENTS_OF_ULTRAPEER_MAX,
};

/// How much a router remembers, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Messages of ours.
    pub own: u32,
    /// Messages of one ultrapeer.
    pub ultrapeer: u32,
    /// Messages of one leaf.
    pub leaf: u32,
    /// Messages of all neighbours that have gone.
    pub orphaned: u32,
    /// Servents for which one ultrapeer speaks.
    pub servents_of_ultrapeer: u32,
    /// Servents for which one leaf speaks.
    pub servents_of_leaf: u32,
    /// New messages of ultrapeers that may go on at once (TTL-23); the highest number stands for no
    /// limit at all.
    pub forwarded_burst: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            own: ROUTES_OWN_MAX,
            ultrapeer: ROUTES_OF_ULTRAPEER_MAX,
            leaf: ROUTES_OF_LEAF_MAX,
            orphaned: ROUTES_ORPHANED_MAX,
            servents_of_ultrapeer: SERVENTS_OF_ULTRAPEER_MAX,
            servents_of_leaf: SERVENTS_OF_LEAF_MAX,
            forwarded_burst: FORWARDED_BURST,
        }
    }
}

impl Quotas {
    /// Whatever comes goes on, as in a laboratory that wants to see a flood.
    #[must_use]
    pub const fn unmetered(self) -> Self {
        Self { forwarded_burst: u32::MAX, ..self }
    }

    pub(super) const fn is_unmetered(&self) -> bool {
        self.forwarded_burst == u32::MAX
    }

    /// For the messages of one neighbour.
    pub(super) const fn messages(&self, is_leaf: bool) -> u32 {
        if is_leaf { self.leaf } else { self.ultrapeer }
    }

    /// For the servents of one neighbour.
    pub(super) const fn servents(&self, is_leaf: bool) -> u32 {
        if is_leaf { self.servents_of_leaf } else { self.servents_of_ultrapeer }
    }
}
