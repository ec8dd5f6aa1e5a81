use std::cmp::Reverse;
use std::net::SocketAddr;

use super::host::{Facts, Key, Quality};
use super::sources::Source;
use super::{HostCache, Learnt, seconds};
use crate::base::limits::{
    DIAL_FAILURES_MAX, DIAL_FAILURES_PROVEN_MAX, HOST_FRESH_S, HOST_KEPT_HEARSAY_LIFE_S,
    HOST_KEPT_LIFE_S,
};
use crate::base::time::Time;
use crate::gnutella::pinging::FreeSlots;
use crate::node::address_filter::AddressFilter;

/// A host as a driver keeps it from one run to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedHost {
    pub address: SocketAddr,
    pub quality: Quality,
    pub is_ultrapeer: bool,
    /// Minutes that it runs on an average day.
    pub daily_uptime_min: u16,
    /// By how many mouths it came from those that the user named.
    pub distance: u8,
    /// Seconds since it was last heard of.
    pub age_s: u32,
}

/// What is known of a host that others are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Seconds since it was last heard of.
    pub age_s: u32,
    /// Connections that it says it could take.
    pub free_slots: Option<FreeSlots>,
}

impl HostCache {
    /// What others are told of this host, if it is known.
    pub fn told(&self, address: SocketAddr, now: Time) -> Option<Told> {
        let host = self.hosts.get(self.find(Key::of(address))?)?;
        let age_s = seconds(now).saturating_sub(host.seen_s);
        Some(Told { age_s, free_slots: host.offer.free_slots() })
    }

    /// What is worth keeping, the best first: no leaves (HAND-83).
    pub fn export(&self, now: Time) -> Vec<SavedHost> {
        let mut saved: Vec<_> = self
            .hosts
            .iter()
            .filter(|host| !host.is_leaf())
            .map(|host| SavedHost {
                address: host.key.address(),
                quality: host.quality,
                is_ultrapeer: host.is_ultrapeer,
                daily_uptime_min: host.daily_uptime_min,
                distance: host.distance,
                age_s: seconds(now).saturating_sub(host.seen_s),
            })
            .collect();
        saved.sort_by_key(|host| (Reverse(host.quality), host.age_s));
        saved
    }

    /// Takes over what an earlier run kept. Hosts that were proven stay so until they have failed
    /// twice; all others are hearsay, and stay until they have failed once where nobody would name them
    /// to others any more. What has not been heard of for too long is left out.
    pub fn import(&mut self, saved: &[SavedHost], filter: &AddressFilter, now: Time) {
        for host in saved.iter().filter(|host| host.is_worth_a_try()) {
            let facts = Facts { is_ultrapeer: host.is_ultrapeer, ..Facts::default() };
            if self.learn(host.address, Source::Earlier, facts, filter, now) == Learnt::New {
                self.take_over(host, now);
            }
        }
    }

    fn take_over(&mut self, host: &SavedHost, now: Time) {
        let key = Key::of(host.address);
        let Some(known) = self.find(key).and_then(|index| self.hosts.get_mut(index)) else {
            return;
        };
        (known.daily_uptime_min, known.distance) = (host.daily_uptime_min, host.distance);
        if host.quality == Quality::Proven {
            known.failures = DIAL_FAILURES_PROVEN_MAX.saturating_sub(2);
            known.seen_s = seconds(now).saturating_sub(host.age_s);
            self.raise(key, Quality::Proven, seconds(now));
        } else if host.age_s > HOST_FRESH_S {
            known.failures = DIAL_FAILURES_MAX.saturating_sub(1);
        }
    }
}

impl SavedHost {
    /// Whether it may still be there.
    const fn is_worth_a_try(&self) -> bool {
        let life_s = match self.quality {
            Quality::Hearsay => HOST_KEPT_HEARSAY_LIFE_S,
            Quality::Met | Quality::Proven => HOST_KEPT_LIFE_S,
        };
        self.age_s <= life_s
    }
}
