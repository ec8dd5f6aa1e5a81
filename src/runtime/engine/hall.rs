use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::clock::Clock;
use super::counters::Counters;
use super::inbox::Inbox;
use super::line::LineLimits;
use super::stream::Securer;
use crate::gnutella::link::Profile;
use crate::node::LinkId;

/// What all links and listeners share.
pub(super) struct Hall {
    pub(super) inbox: Inbox,
    pub(super) clock: Clock,
    /// Bytes of all connections, as the network carries them.
    pub(super) totals: Counters,
    pub(super) line: LineLimits,
    pub(super) securer: Option<Arc<dyn Securer>>,
    profile: RwLock<Arc<Profile>>,
    links: AtomicU64,
    /// Connections that stand, whatever they are.
    connections: AtomicUsize,
}

impl Hall {
    pub(super) fn new(clock: Clock, profile: Profile, securer: Option<Arc<dyn Securer>>) -> Self {
        Self {
            inbox: Inbox::default(),
            clock,
            totals: Counters::default(),
            line: LineLimits::default(),
            securer,
            profile: RwLock::new(Arc::new(profile)),
            links: AtomicU64::new(1),
            connections: AtomicUsize::new(0),
        }
    }

    /// What we say of ourselves in a handshake that begins now.
    pub(super) fn profile(&self) -> Arc<Profile> {
        Arc::clone(&self.profile.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// We are something else now.
    pub(super) fn set_profile(&self, profile: Profile) {
        let mut current = self.profile.write().unwrap_or_else(PoisonError::into_inner);
        if **current != profile {
            *current = Arc::new(profile);
        }
    }

    /// A number for a connection.
    pub(super) fn next_link(&self) -> LinkId {
        LinkId(self.links.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(super) fn connection_begins(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connection_ends(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
