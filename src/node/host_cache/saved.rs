use std::net::SocketAddr;

use super::host::{Facts, Quality};
use super::sources::Source;
use super::{HostCache, Learnt, seconds};
use crate::base::limits::DIAL_FAILURES_PROVEN_MAX;
use crate::base::time::Time;
use crate::node::address_filter::AddressFilter;

/// A host as a driver keeps it from one run to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedHost {
    pub address: SocketAddr,
    pub quality: Quality,
    pub is_ultrapeer: bool,
    /// Minutes that it runs on an average day.
    pub daily_uptime_min: u16,
    /// Seconds since it was last heard of.
    pub age_s: u32,
}

impl HostCache {
    /// What is worth keeping, the best first.
    pub fn export(&self, now: Time) -> Vec<SavedHost> {
        let mut saved: Vec<_> = self
            .hosts
            .iter()
            .map(|host| SavedHost {
                address: host.key.address(),
                quality: host.quality,
                is_ultrapeer: host.is_ultrapeer,
                daily_uptime_min: host.daily_uptime_min,
                age_s: seconds(now).saturating_sub(host.seen_s),
            })
            .collect();
        saved.sort_by_key(|host| (std::cmp::Reverse(host.quality), host.age_s));
        saved
    }

    /// Takes over what an earlier run kept. All of it is hearsay of our own, but hosts that were
    /// proven stay so until they have failed twice.
    pub fn import(&mut self, saved: &[SavedHost], filter: &AddressFilter, now: Time) {
        for host in saved {
            let facts = Facts { is_ultrapeer: host.is_ultrapeer, ..Facts::default() };
            if self.learn(host.address, Source::User, facts, filter, now) != Learnt::New {
                continue;
            }
            let key = super::host::Key::of(host.address);
            let Some(index) = self.find(key) else { continue };
            let mut imported = self.remove(index);
            imported.daily_uptime_min = host.daily_uptime_min;
            if host.quality == Quality::Proven {
                imported.quality = Quality::Proven;
                imported.failures = DIAL_FAILURES_PROVEN_MAX.saturating_sub(2);
                if !self.make_room_for(&imported, seconds(now)) {
                    imported.quality = Quality::Hearsay;
                }
            }
            self.insert(imported);
        }
    }
}
