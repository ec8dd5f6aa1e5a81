//! The hosts that a node knows, and which of them it calls next.
//!
//! Nearly all of what is known comes from strangers, and some of them lie: they name a million
//! addresses, their own, those of a victim, those of nobody. So every host stands on somebody's word:
//!
//! | quality | by whose word | share | displaced by |
//! |---|---|---|---|
//! | proven | ours: we were connected | 40 % | another proven one, if it has failed itself |
//! | met | its own: it connected to us, or sent its own pong | 20 % | another met one |
//! | hearsay | somebody's: pongs, X-Try, lists | the rest | all of them |
//!
//! - By the word of one network (256 addresses, a /48) only a thirty-second of the cache is hearsay. Once
//!   that is used up, its further hosts displace its own, and seldom.
//! - Of all hosts no more than a tenth lie in one network, and two on one public address.
//! - Every second call goes to hosts by our own or their own word, whatever the others say. In each kind
//!   a source and a network are drawn before a host is: who tells more, or has more, gains nothing.
//! - Proven hosts stay as long as they answer, the oldest too, so that those whom we met before an
//!   attack are not washed away by it.
//! - A host that fails or refuses is left alone for as long as it deserves ([`Outcome`]).
//!
//! Everything grows as it is used; a node that knows nobody has allocated nothing.

mod choose;
mod host;
mod outcome;
mod saved;
mod shunned;
mod sources;

use std::net::SocketAddr;

pub use host::{Facts, Quality};
pub use outcome::Outcome;
pub use saved::SavedHost;
pub use sources::Source;

use super::address_filter::{AddressFilter, Unusable};
use crate::base::addresses::{Network, is_public};
use crate::base::limits::{
    HOST_HEARSAY_LIFE_S, HOST_MET_LIFE_S, HOSTS_MAX, HOSTS_MET_PERCENT, HOSTS_OF_ADDRESS_MAX,
    HOSTS_OF_HEAD_MAX, HOSTS_OF_NETWORK_MIN, HOSTS_OF_NETWORK_PERCENT, HOSTS_OF_SOURCE_MIN,
    HOSTS_OF_SOURCE_SHARE, HOSTS_PROVEN_PERCENT,
};
use crate::base::time::Time;
use host::{Host, Key};
use shunned::Shunned;
use sources::{Account, Accounts};

/// How far from what the user named a host is that came by itself.
const DEPTH_MET: u8 = 2;

/// How many hosts a node keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostCacheRules {
    /// In all.
    pub hosts_max: usize,
    /// Of one network, in percent. 100 where a laboratory has one network only.
    pub network_percent: usize,
}

impl Default for HostCacheRules {
    fn default() -> Self {
        Self { hosts_max: HOSTS_MAX, network_percent: HOSTS_OF_NETWORK_PERCENT }
    }
}

/// What became of an address that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learnt {
    /// It was not known.
    New,
    /// It was known; perhaps some more is now.
    Known,
    /// It is no address for this node.
    Unusable(Unusable),
    /// It has failed us, or does not want us, for now.
    Shunned,
    /// Its network or its source has its share.
    Full,
}

/// The hosts that a node knows.
#[derive(Clone, Debug, Default)]
pub struct HostCache {
    rules: HostCacheRules,
    /// By address, so that those of one network stand together.
    hosts: Vec<Host>,
    accounts: Accounts,
    shunned: Shunned,
    counts: [usize; 3],
    /// Every second call goes by our own word.
    turn: bool,
    /// When somebody last answered: that we are on the Internet at all.
    contact_s: Option<u32>,
    forget_s: u32,
}

impl HostCache {
    pub fn new(rules: HostCacheRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Somebody names a host.
    pub fn learn(
        &mut self,
        address: SocketAddr,
        source: Source,
        facts: Facts,
        filter: &AddressFilter,
        now: Time,
    ) -> Learnt {
        if let Err(unusable) = filter.check(address) {
            return Learnt::Unusable(unusable);
        }
        let (key, now_s) = (Key::of(address), seconds(now));
        self.forget_when_due(now_s);
        if self.shunned.holds(key, now_s) {
            return Learnt::Shunned;
        }
        let quality = source.quality();
        let mut host = Host::new(key, quality, Account::of(source), facts, now_s);
        host.depth = self.depth_of(source);
        if let Some(known) = self.find(key) {
            return self.learn_more(known, &host);
        }
        if self.make_room_for(&host, now_s) {
            self.insert(host);
            Learnt::New
        } else {
            Learnt::Full
        }
    }

    /// The head of a handshake with `source` names hosts: the first ten are heard (HAND-75). With a
    /// refusal for want of room they are called before others (HAND-73).
    pub fn learn_from_head(
        &mut self,
        hosts: &[SocketAddr],
        source: Source,
        is_advice: bool,
        filter: &AddressFilter,
        now: Time,
    ) {
        let facts = Facts { is_ultrapeer: true, is_advice, ..Facts::default() };
        for &host in hosts.iter().take(HOSTS_OF_HEAD_MAX) {
            self.learn(host, source, facts, filter, now);
        }
    }

    /// How many hosts are known.
    pub fn len(&self) -> usize {
        self.hosts.len()
    }

    /// True when nobody is known.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// How many of a quality are known.
    pub fn count(&self, quality: Quality) -> usize {
        self.counts.get(quality.index()).copied().unwrap_or(0)
    }

    /// Every host with its quality, by address.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddr, Quality)> {
        self.hosts.iter().map(|host| (host.key.address(), host.quality))
    }

    fn learn_more(&mut self, index: usize, told: &Host) -> Learnt {
        let Some(known) = self.hosts.get_mut(index) else { return Learnt::Known };
        if told.quality == Quality::Hearsay {
            known.hear(told);
            return Learnt::Known;
        }
        known.take_facts(told);
        self.raise(told.key, Quality::Met, told.seen_s);
        Learnt::Known
    }

    /// A host is known by a better word now, if there is room for such.
    fn raise(&mut self, key: Key, quality: Quality, now_s: u32) {
        let Some(index) = self.find(key) else { return };
        if self.hosts.get(index).is_none_or(|host| host.quality >= quality) {
            return;
        }
        let mut host = self.remove(index);
        let before = std::mem::replace(&mut host.quality, quality);
        if !self.make_room_for(&host, now_s) {
            host.quality = before;
        }
        self.insert(host);
    }

    /// How far from what the user named a host is that this source names.
    fn depth_of(&self, source: Source) -> u8 {
        let Source::Peer(ip) = source else {
            return if source == Source::User { 0 } else { DEPTH_MET };
        };
        let tellers = self.hosts.get(self.range_of(Network::of(ip, 128))).unwrap_or_default();
        let proven = tellers.iter().filter(|host| host.quality == Quality::Proven);
        let depth = proven.map(|host| host.depth).min().unwrap_or(DEPTH_MET);
        depth.saturating_add(1)
    }

    fn find(&self, key: Key) -> Option<usize> {
        self.hosts.binary_search_by_key(&key, |host| host.key).ok()
    }

    fn insert(&mut self, host: Host) {
        let Err(index) = self.hosts.binary_search_by_key(&host.key, |known| known.key) else {
            return;
        };
        if let Some(count) = self.counts.get_mut(host.quality.index()) {
            *count = count.saturating_add(1);
        }
        if host.quality == Quality::Hearsay {
            self.accounts.add(host.account);
        }
        if self.hosts.len() == self.hosts.capacity() {
            self.hosts.reserve_exact((self.hosts.len() / 4).max(4));
        }
        self.hosts.insert(index, host);
    }

    fn remove(&mut self, index: usize) -> Host {
        let host = self.hosts.remove(index);
        if let Some(count) = self.counts.get_mut(host.quality.index()) {
            *count = count.saturating_sub(1);
        }
        if host.quality == Quality::Hearsay {
            self.accounts.subtract(host.account);
        }
        if self.hosts.len() < self.hosts.capacity() / 2 {
            self.hosts.shrink_to_fit();
        }
        host
    }

    /// Whether there is room for a host that is not in the cache, others having gone if need be.
    fn make_room_for(&mut self, host: &Host, now_s: u32) -> bool {
        if !self.network_has_room(host) {
            return false;
        }
        match host.quality {
            Quality::Proven => {
                if self.count(Quality::Proven) >= self.share(HOSTS_PROVEN_PERCENT)
                    && !self.remove_first(self.worst_proven())
                {
                    return false;
                }
            }
            Quality::Met => {
                if self.count(Quality::Met) >= self.share(HOSTS_MET_PERCENT) {
                    self.remove_first(self.oldest_of(|known| known.quality == Quality::Met));
                }
            }
            Quality::Hearsay => {
                let quota = (self.rules.hosts_max / HOSTS_OF_SOURCE_SHARE).max(HOSTS_OF_SOURCE_MIN);
                let account = host.account;
                if account.is_stranger() && self.accounts.count(account) >= quota {
                    return self.accounts.may_replace(account, now_s)
                        && self.remove_first(self.oldest_hearsay_of(account));
                }
            }
        }
        if self.hosts.len() < self.rules.hosts_max {
            return true;
        }
        let loudest = self.accounts.loudest();
        loudest.is_some_and(|account| self.remove_first(self.oldest_hearsay_of(account)))
    }

    /// Whether one more may lie in the network of this host, and on its address.
    fn network_has_room(&self, host: &Host) -> bool {
        let ip = host.key.ip();
        let of_address = self.range_of(Network::of(ip, 128)).len();
        if is_public(ip) && of_address >= HOSTS_OF_ADDRESS_MAX {
            return false;
        }
        let len = self.hosts.len().saturating_add(1).min(self.rules.hosts_max);
        self.range_of(Network::around(ip)).len() < self.network_quota(len)
    }

    /// How many may lie in one network where there are so many in all.
    fn network_quota(&self, len: usize) -> usize {
        let share = len.saturating_mul(self.rules.network_percent) / 100;
        share.max(HOSTS_OF_NETWORK_MIN)
    }

    fn range_of(&self, network: Network) -> std::ops::Range<usize> {
        let (first, last) = network.bounds();
        let start = self.hosts.partition_point(|host| host.key.octets < first);
        let end = self.hosts.partition_point(|host| host.key.octets <= last);
        start..end
    }

    const fn share(&self, percent: usize) -> usize {
        self.rules.hosts_max.saturating_mul(percent) / 100
    }

    fn remove_first(&mut self, index: Option<usize>) -> bool {
        index.map(|index| self.remove(index)).is_some()
    }

    fn oldest_of(&self, is_meant: impl Fn(&Host) -> bool) -> Option<usize> {
        let meant = self.hosts.iter().enumerate().filter(|(_, host)| is_meant(host));
        meant.min_by_key(|(_, host)| host.seen_s).map(|(index, _)| index)
    }

    fn oldest_hearsay_of(&self, account: Account) -> Option<usize> {
        self.oldest_of(|host| host.quality == Quality::Hearsay && host.account == account)
    }

    /// The proven host that has failed most, if one has.
    fn worst_proven(&self) -> Option<usize> {
        let proven = self
            .hosts
            .iter()
            .enumerate()
            .filter(|(_, host)| host.quality == Quality::Proven && host.failures > 0);
        proven.max_by_key(|(_, host)| host.failures).map(|(index, _)| index)
    }

    /// Forgets what is too old, once a minute.
    fn forget_when_due(&mut self, now_s: u32) {
        if now_s < self.forget_s {
            return;
        }
        self.forget_s = now_s.saturating_add(60);
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

    /// Where others have gone, a network may have more than its share: of its hearsay the oldest goes.
    fn trim_networks(&mut self) {
        let mut start = 0;
        while let Some(host) = self.hosts.get(start) {
            let network = Network::around(host.key.ip());
            let range = self.range_of(network);
            let surplus = range.len().saturating_sub(self.network_quota(self.hosts.len()));
            for _ in 0..surplus {
                let is_inside = |host: &Host| network.holds(&host.key.octets);
                let oldest = |host: &Host| host.quality == Quality::Hearsay && is_inside(host);
                self.remove_first(self.oldest_of(oldest));
            }
            start = self.range_of(network).end;
        }
    }
}

impl Host {
    const fn is_outdated(&self, now_s: u32) -> bool {
        let age_s = now_s.saturating_sub(self.seen_s);
        match self.quality {
            Quality::Proven => false,
            Quality::Met => age_s > HOST_MET_LIFE_S,
            Quality::Hearsay => self.account.is_stranger() && age_s > HOST_HEARSAY_LIFE_S,
        }
    }
}

/// Whole seconds since the start.
fn seconds(now: Time) -> u32 {
    u32::try_from(now.as_micros() / 1_000_000).unwrap_or(u32::MAX)
}
