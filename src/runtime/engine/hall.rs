use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::clock::Clock;
use super::counters::Counters;
use super::inbox::Inbox;
use super::line::LineLimits;
use super::stream::Securer;
use crate::fasttrack;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::base::limits::{CALLS_OF_HOST_MAX, HELD_MAX, HELD_OF_HOST_MAX};
use crate::base::time::Time;
use crate::gnutella::link::Profile;
use crate::node::LinkId;

/// What hellos of FastTrack say.
struct Hellos {
    profile: fasttrack::link::Profile,
    seeds: Mutex<ChaCha8Rng>,
}

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
    /// There if sessions of FastTrack are wanted.
    hellos: Option<Hellos>,
    /// Callers that are not wanted and left waiting, by host.
    held: Mutex<BTreeMap<IpAddr, usize>>,
    /// Of those that are no links, how many go to which host that we have called.
    calls: Mutex<BTreeMap<IpAddr, usize>>,
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
            hellos: None,
            held: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// Sessions of FastTrack are wanted too, if there is a profile for them.
    pub(super) fn with_fasttrack(
        mut self,
        profile: Option<fasttrack::link::Profile>,
        seed: u64,
    ) -> Self {
        let seeds = || Mutex::new(ChaCha8Rng::seed_from_u64(seed));
        self.hellos = profile.map(|profile| Hellos { profile, seeds: seeds() });
        self
    }

    /// A session that we begin, if any are wanted.
    pub(super) fn session_to(&self) -> Option<fasttrack::link::Link> {
        let hellos = self.hellos.as_ref()?;
        Some(fasttrack::link::Link::connect(&hellos.profile, self.clock.now()))
    }

    /// A session that somebody else has begun, if any are wanted.
    pub(super) fn session_from(&self, opened: Time) -> Option<fasttrack::link::Link> {
        let hellos = self.hellos.as_ref()?;
        let mut seeds = hellos.seeds.lock().unwrap_or_else(PoisonError::into_inner);
        Some(fasttrack::link::Link::accept(&hellos.profile, &mut *seeds, opened))
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

    /// Whether one more caller that is not wanted is left waiting, where FastTrack is spoken (FTSAFE-17); if so, it
    /// counts.
    pub(super) fn hold_begins(&self, host: IpAddr) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let all = held.values().fold(0, |all: usize, of_host| all.saturating_add(*of_host));
        let of_host = held.get(&host).copied().unwrap_or_default();
        let may = self.hellos.is_some() && all < HELD_MAX && of_host < HELD_OF_HOST_MAX;
        if may {
            held.insert(host, of_host.saturating_add(1));
        }
        may
    }

    pub(super) fn hold_ends(&self, host: IpAddr) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        count_down(&mut held, host);
    }

    /// Whether somebody may be called once more at the same time; if so, it counts.
    pub(super) fn call_begins(&self, host: IpAddr) -> bool {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let count = calls.entry(host).or_default();
        let may = *count < CALLS_OF_HOST_MAX;
        *count = count.saturating_add(may.into());
        may
    }

    pub(super) fn call_ends(&self, host: IpAddr) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        count_down(&mut calls, host);
    }
}

fn count_down(counts: &mut BTreeMap<IpAddr, usize>, host: IpAddr) {
    if let Some(count) = counts.get_mut(&host) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(&host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::CALLBACKS_OF_ASKER_MAX;
    use crate::gnutella::link::Role;

    /// At the limit and one past it.
    #[test]
    fn one_host_is_called_so_often_at_once() {
        let hall = Hall::new(Clock::start(), Profile::new(Role::Leaf), None);
        let [one, other] = [[203, 0, 113, 1], [203, 0, 113, 2]].map(IpAddr::from);
        assert!((0..CALLS_OF_HOST_MAX).all(|_| hall.call_begins(one)));
        assert!(!hall.call_begins(one));
        assert!(hall.call_begins(other));
        hall.call_ends(one);
        assert!(hall.call_begins(one));
        (0..CALLS_OF_HOST_MAX).for_each(|_| hall.call_ends(one));
        hall.call_ends(other);
        assert!(hall.calls.lock().unwrap().is_empty());
    }

    /// FTSAFE-17: at the limits and one past them.
    #[test]
    fn so_many_who_are_not_wanted_are_left_waiting() {
        let hall = || Hall::new(Clock::start(), Profile::new(Role::Leaf), None);
        let host = |number: usize| {
            IpAddr::from((0xcb00_7100 + u32::try_from(number).unwrap()).to_be_bytes())
        };
        assert!(!hall().hold_begins(host(0)), "nobody calls so fast where FastTrack is not spoken");
        let hall = hall().with_fasttrack(Some(fasttrack::link::Profile::default()), 1);
        assert!((0..HELD_OF_HOST_MAX).all(|_| hall.hold_begins(host(0))));
        assert!(!hall.hold_begins(host(0)));
        assert!((HELD_OF_HOST_MAX..HELD_MAX).all(|number| hall.hold_begins(host(number))));
        assert!(!hall.hold_begins(host(HELD_MAX)));
        hall.hold_ends(host(0));
        assert!(hall.hold_begins(host(0)));
    }

    /// PUSH-29: what is allowed there does not fail here.
    #[test]
    fn whoever_pushes_for_several_files_is_called_for_each_at_once() {
        let hall = Hall::new(Clock::start(), Profile::new(Role::Leaf), None);
        let host = IpAddr::from([203, 0, 113, 1]);
        assert!((0..CALLBACKS_OF_ASKER_MAX).all(|_| hall.call_begins(host)));
    }
}
