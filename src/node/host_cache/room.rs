//! Who has to go that another may come.

use std::ops::Range;

use super::HostCache;
use super::host::{Host, Quality};
use super::nearby::Place;
use super::sources::Account;
use crate::base::addresses::Network;
use crate::base::limits::{
    HOST_HEARSAY_LIFE_S, HOST_MET_LIFE_S, HOST_SWEEP_S, HOSTS_MET_PERCENT, HOSTS_OF_SOURCE_MIN,
    HOSTS_OF_SOURCE_SHARE, HOSTS_PROVEN_PERCENT,
};
use crate::base::slots::{give_back_room, make_room};

impl HostCache {
    /// Whether there is room for a host that is not in the cache, another one having gone if need
    /// be.
    pub(super) fn make_room_for(&mut self, host: &Host, now_s: u32) -> bool {
        let place = self.place_of(host);
        if place == Place::None {
            return false;
        }
        let is_settled = match host.quality {
            Quality::Proven => self.make_room_for_proven(),
            Quality::Met => self.make_room_for_met(host.is_ultrapeer),
            Quality::Hearsay => self.make_room_for_hearsay(host.account, now_s),
        };
        if !is_settled {
            return false;
        }
        if let Place::InsteadOf(key) = place
            && let Some(index) = self.find(key)
        {
            self.remove(index);
        }
        if self.hosts.len() < self.rules.hosts_max {
            return true;
        }
        // The shares of the better ones leave a part to hearsay, which makes room for all.
        let loudest = self.accounts.loudest();
        self.remove_one(loudest.and_then(|account| self.oldest_hearsay_of(account)))
    }

    pub(super) fn insert(&mut self, host: Host) {
        let Err(index) = self.hosts.binary_search_by_key(&host.key, |known| known.key) else {
            return;
        };
        if let Some(count) = self.counts.get_mut(host.quality.index()) {
            *count = count.saturating_add(1);
        }
        if host.quality == Quality::Hearsay {
            self.accounts.add(host.account);
        }
        make_room(&mut self.hosts);
        self.hosts.insert(index, host);
    }

    pub(super) fn remove(&mut self, index: usize) -> Host {
        let host = self.hosts.remove(index);
        if let Some(count) = self.counts.get_mut(host.quality.index()) {
            *count = count.saturating_sub(1);
        }
        if host.quality == Quality::Hearsay {
            self.accounts.subtract(host.account);
        }
        give_back_room(&mut self.hosts);
        host
    }

    /// Where the hosts of a network stand.
    pub(super) fn range_of(&self, network: Network) -> Range<usize> {
        let (first, last) = network.bounds();
        let start = self.hosts.partition_point(|host| host.key.octets < first);
        let end = self.hosts.partition_point(|host| host.key.octets <= last);
        start..end
    }

    /// Forgets what is too old, now and then.
    pub(super) fn sweep_when_due(&mut self, now_s: u32) {
        if now_s < self.sweep_s {
            return;
        }
        self.sweep_s = now_s.saturating_add(HOST_SWEEP_S);
        self.shunned.forget_old(now_s);
        let mut index = 0;
        while let Some(host) = self.hosts.get(index) {
            if host.is_outdated(now_s) {
                self.remove(index);
            } else {
                index = index.saturating_add(1);
            }
        }
        self.trim_networks();
    }

    /// Where others have gone, a network may have more than its share: of its hearsay the oldest
    /// goes, and what the user has named at last.
    fn trim_networks(&mut self) {
        let mut start = 0;
        while let Some(host) = self.hosts.get(start) {
            let network = Network::around(host.key.ip());
            let quota = self.network_quota(self.hosts.len());
            for _ in quota..self.range_of(network).len() {
                let is_near = |host: &Host| network.holds(&host.key.octets);
                let told = self.oldest_where(|host| host.is_told_by_others() && is_near(host));
                let is_hearsay = |host: &Host| host.quality == Quality::Hearsay;
                let oldest = || self.oldest_where(|host| is_hearsay(host) && is_near(host));
                let oldest = told.or_else(oldest);
                self.remove_one(oldest);
            }
            start = self.range_of(network).end;
        }
    }

    /// Proven hosts give way to proven ones only, and only those that have failed.
    fn make_room_for_proven(&mut self) -> bool {
        if self.count(Quality::Proven) < self.share(HOSTS_PROVEN_PERCENT) {
            return true;
        }
        let proven = self
            .hosts
            .iter()
            .enumerate()
            .filter(|(_, host)| host.quality == Quality::Proven && host.failures > 0);
        let worst = proven.max_by_key(|(_, host)| host.failures).map(|(index, _)| index);
        self.remove_one(worst)
    }

    /// Leaves make room for ultrapeers, and not the other way round: many of them come, and nobody can
    /// be sent to them.
    fn make_room_for_met(&mut self, is_ultrapeer: bool) -> bool {
        if self.count(Quality::Met) < self.share(HOSTS_MET_PERCENT) {
            return true;
        }
        let is_leaf = |host: &Host| host.quality == Quality::Met && !host.is_ultrapeer;
        let oldest_leaf = self.oldest_where(is_leaf);
        if oldest_leaf.is_some() || !is_ultrapeer {
            return self.remove_one(oldest_leaf);
        }
        self.remove_one(self.oldest_where(|host| host.quality == Quality::Met))
    }

    /// Further hosts of a source that has its share displace its own.
    fn make_room_for_hearsay(&mut self, account: Account, now_s: u32) -> bool {
        let quota = (self.rules.hosts_max / HOSTS_OF_SOURCE_SHARE).max(HOSTS_OF_SOURCE_MIN);
        if !account.is_stranger() || self.accounts.count(account) < quota {
            return true;
        }
        self.accounts.may_replace(account, now_s)
            && self.remove_one(self.oldest_hearsay_of(account))
    }

    const fn share(&self, percent: usize) -> usize {
        self.rules.hosts_max.saturating_mul(percent) / 100
    }

    fn oldest_hearsay_of(&self, account: Account) -> Option<usize> {
        self.oldest_where(|host| host.quality == Quality::Hearsay && host.account == account)
    }

    fn oldest_where(&self, is_meant: impl Fn(&Host) -> bool) -> Option<usize> {
        let meant = self.hosts.iter().enumerate().filter(|(_, host)| is_meant(host));
        meant.min_by_key(|(_, host)| host.seen_s).map(|(index, _)| index)
    }

    /// True where there was one.
    fn remove_one(&mut self, index: Option<usize>) -> bool {
        index.map(|index| self.remove(index)).is_some()
    }
}

impl Host {
    const fn is_outdated(&self, now_s: u32) -> bool {
        let age_s = now_s.saturating_sub(self.seen_s);
        match self.quality {
            Quality::Proven => false,
            Quality::Met => age_s > HOST_MET_LIFE_S,
            Quality::Hearsay => !self.account.is_user() && age_s > HOST_HEARSAY_LIFE_S,
        }
    }
}
