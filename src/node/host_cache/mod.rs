//! The hosts that a node knows, and which of them it calls next.
//!
//! Nearly all of what is known comes from strangers, and some of them lie: they name a million
//! addresses, their own, those of a victim, those of nobody. So every host stands on somebody's
//! word:
//!
//! | quality | by whose word | share | displaced by |
//! |---|---|---|---|
//! | proven | ours: we were connected | 40 % | another proven one, if it has failed itself |
//! | met | its own: it connected to us, or sent its own pong | 20 % | another met one |
//! | hearsay | somebody's: pongs, X-Try, lists | the rest | all of them |
//!
//! - By the word of one network (256 addresses, a /48) only a thirty-second of the cache is
//!   hearsay. Once that is used up, its further hosts displace its own, and seldom.
//! - Of all hosts no more than a tenth lie in one network, and two on one public address. There
//!   hearsay gives way to the word of the host itself, of the user, and our own, so that nobody is
//!   kept out by wrong ports of it that somebody names; nor by their failing, which speaks against
//!   those ports only, and against the word of those who name them.
//! - Every second call goes to hosts by our own or their own word, whatever the others say.
//! - In each kind a distance is drawn first: by how many mouths a host has come from those that the
//!   user named, the nearer ones more often. Liars name liars only, so that without this each
//!   generation of neighbours would have more of them than the one before.
//! - Then a source is drawn, and a network, and a host last: who tells more, or has more, gains
//!   nothing.
//! - Proven hosts stay as long as they answer, the oldest too, so that those whom we met before an
//!   attack are not washed away by it.
//! - A host that fails or refuses is left alone for as long as it deserves ([`Outcome`]).
//!
//! Everything grows as it is used; a node that knows nobody has allocated nothing.

mod choose;
mod host;
mod nearby;
mod outcome;
mod room;
mod saved;
mod shunned;
mod sources;

use std::net::{IpAddr, SocketAddr};

pub use host::{Facts, Quality};
pub use outcome::Outcome;
pub use saved::{SavedHost, Told};
pub use sources::Source;

use super::address_filter::{AddressFilter, Unusable};
use crate::base::addresses::Network;
use crate::base::limits::{
    HOST_KEPT_LIFE_S, HOSTS_MAX, HOSTS_OF_HEAD_MAX, HOSTS_OF_NETWORK_PERCENT,
};
use crate::base::time::Time;
use host::{Host, Key};
use shunned::Shunned;
use sources::{Account, Accounts};

/// How far from those that the user named a host is taken to be that came by itself.
const MET_DISTANCE: u8 = 2;

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
    /// It has failed us, or does not want us, for now; or others have named too many ports of its
    /// address that failed.
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
    /// Of each quality.
    counts: [usize; 3],
    /// Every second call goes by our own word.
    turn: bool,
    /// When somebody last answered a call: that we are on the Internet at all.
    contact_s: Option<u32>,
    /// When old hosts are forgotten next.
    sweep_s: u32,
}

impl HostCache {
    /// A cache that knows nobody.
    pub fn new(rules: HostCacheRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// How many it keeps.
    pub const fn rules(&self) -> HostCacheRules {
        self.rules
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
        self.sweep_when_due(now_s);
        if self.shunned.holds(key, now_s) {
            return Learnt::Shunned;
        }
        let mut told = Host::new(key, source.quality(), Account::of(source), facts, now_s);
        told.distance = self.distance_by(source);
        if self.find(key).is_some() {
            self.learn_more(&told);
            return Learnt::Known;
        }
        if self.is_disbelieved(&told) {
            return Learnt::Shunned;
        }
        self.rest(&mut told, now_s);
        if !self.make_room_for(&told, now_s) {
            return Learnt::Full;
        }
        self.insert(told);
        Learnt::New
    }

    /// The head of a handshake with `source` names ultrapeers: the first ten are heard (HAND-75).
    /// If it refuses us for want of room (`is_advice`), every second call goes to them first
    /// (HAND-73).
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

    /// By whose word this host is known, if it is.
    pub fn quality(&self, address: SocketAddr) -> Option<Quality> {
        self.hosts.get(self.find(Key::of(address))?).map(|host| host.quality)
    }

    /// Whether this host is known to take TLS.
    pub fn takes_tls(&self, address: SocketAddr) -> bool {
        self.find(Key::of(address))
            .and_then(|index| self.hosts.get(index))
            .is_some_and(|host| host.offer.takes_tls())
    }

    /// Every host with its quality, by address.
    pub fn iter(&self) -> impl Iterator<Item = (SocketAddr, Quality)> {
        self.hosts.iter().map(|host| (host.key.address(), host.quality))
    }

    /// A host that is known is told of again.
    fn learn_more(&mut self, told: &Host) {
        let Some(known) = self.find(told.key).and_then(|index| self.hosts.get_mut(index)) else {
            return;
        };
        known.distance = known.distance.min(told.distance);
        if told.quality == Quality::Hearsay {
            return known.hear(told);
        }
        known.believe(told);
        self.raise(told.key, told.quality, told.seen_s);
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

    /// How far from those that the user named a host is that this source names.
    fn distance_by(&self, source: Source) -> u8 {
        match source {
            Source::User | Source::Earlier => 0,
            Source::Itself => MET_DISTANCE,
            Source::Peer(ip) => self.distance_of(ip).saturating_add(1),
        }
    }

    fn distance_of(&self, ip: IpAddr) -> u8 {
        let tellers = self.hosts.get(self.range_of(Network::of(ip, u8::MAX))).unwrap_or_default();
        tellers.iter().map(|host| host.distance).min().unwrap_or(MET_DISTANCE)
    }

    fn find(&self, key: Key) -> Option<usize> {
        self.hosts.binary_search_by_key(&key, |host| host.key).ok()
    }
}

/// Whole seconds since long before the start: hosts of earlier runs were heard of then.
fn seconds(now: Time) -> u32 {
    let since_start = u32::try_from(now.as_micros() / 1_000_000).unwrap_or(u32::MAX);
    since_start.saturating_add(HOST_KEPT_LIFE_S)
}

/// The moment of such a second.
fn moment(second: u32) -> Time {
    let since_start = second.saturating_sub(HOST_KEPT_LIFE_S);
    Time::from_millis(u64::from(since_start).saturating_mul(1_000))
}
