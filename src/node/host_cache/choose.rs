use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::host::{Host, Key, Quality};
use super::sources::Account;
use super::{HostCache, moment, seconds};
use crate::base::addresses::{Network, is_public};
use crate::base::limits::{
    CUT_OFF_AGAIN_S, CUT_OFF_INTERVAL_S, DIAL_INTERVAL_S, HOST_FRESH_S, TOLD_OF_NETWORK_MAX,
};
use crate::base::time::Time;
use crate::gnutella::pinging::RoomFor;

impl HostCache {
    /// Whom to call now, if there is anybody: an ultrapeer that is neither excluded nor to be left
    /// alone. It will not be named again for two minutes (HAND-62).
    pub fn next(
        &mut self,
        now: Time,
        rng: &mut ChaCha8Rng,
        is_excluded: impl Fn(SocketAddr) -> bool,
    ) -> Option<SocketAddr> {
        self.choose(now, rng, |host, now_s| now_s >= host.wait_until_s, is_excluded)
    }

    /// The same for a node without any ultrapeer: of each kind of hosts those that [`next`](Self::next)
    /// would name come first, and then those that are to be left alone out of courtesy only. Nobody
    /// is named more than twice in a minute (HAND-62).
    pub fn next_when_cut_off(
        &mut self,
        now: Time,
        rng: &mut ChaCha8Rng,
        is_excluded: impl Fn(SocketAddr) -> bool,
    ) -> Option<SocketAddr> {
        self.choose(now, rng, |host, now_s| now_s >= host.spared_until_s, is_excluded)
    }

    /// A host is called that was not chosen here: it is left alone like one that was (HAND-62).
    pub fn called(&mut self, address: SocketAddr, now: Time) {
        self.spare(Key::of(address), seconds(now));
    }

    /// When somebody can be called again, as far as is known; none while nobody is known.
    pub fn next_due(&self, is_cut_off: bool) -> Option<Time> {
        let due_s = |host: &Host| match is_cut_off {
            true => host.spared_until_s,
            false => host.wait_until_s,
        };
        let due_s = self.hosts.iter().map(due_s).min()?;
        Some(moment(due_s))
    }

    fn choose(
        &mut self,
        now: Time,
        rng: &mut ChaCha8Rng,
        is_ready: impl Fn(&Host, u32) -> bool,
        is_excluded: impl Fn(SocketAddr) -> bool,
    ) -> Option<SocketAddr> {
        let now_s = seconds(now);
        self.sweep_when_due(now_s);
        let may_be_called =
            |host: &&Host| is_ready(host, now_s) && !is_excluded(host.key.address());
        let ready: Vec<&Host> = self.hosts.iter().filter(may_be_called).collect();
        self.turn = !self.turn;
        let pool = self.order().into_iter().find_map(|is_meant| {
            let meant = ready.iter().copied().filter(|host| is_meant(host));
            best_of(meant.collect(), now_s)
        })?;
        let chosen = draw(&pool, rng)?.key;
        self.spare(chosen, now_s);
        Some(chosen.address())
    }

    /// Which kinds of hosts are looked at, one after the other. A host that names others, refusing
    /// us, steers one call in two at most.
    const fn order(&self) -> [fn(&Host) -> bool; 4] {
        if self.turn {
            [Host::is_known_by_word, Host::is_plain_hearsay, Host::is_advice, Host::is_any]
        } else {
            [Host::is_advice, Host::is_plain_hearsay, Host::is_known_by_word, Host::is_any]
        }
    }

    /// Ultrapeers to name to others (HAND-45, GGEP-55): up to `count` that were heard of a short
    /// while ago and may have room for such as ask, those that we know by their own word before
    /// others, and of these such as say that they have it (BOOT-18).
    pub fn sample(
        &self,
        (count, room): (usize, RoomFor),
        now: Time,
        rng: &mut ChaCha8Rng,
        is_excluded: impl Fn(SocketAddr) -> bool,
    ) -> Vec<SocketAddr> {
        let now_s = seconds(now);
        let is_fresh = |host: &Host| now_s.saturating_sub(host.seen_s) <= HOST_FRESH_S;
        let mut fit: Vec<&Host> = self
            .hosts
            .iter()
            .filter(|host| host.is_ultrapeer && host.may_have(room) && is_fresh(host))
            .filter(|host| {
                host.failures == 0 && host.refusals == 0 && !is_excluded(host.key.address())
            })
            .collect();
        shuffle(&mut fit, rng);
        fit.sort_by_key(|host| {
            let may_be_full = room != RoomFor::Anybody && host.offer.free_slots().is_none();
            (host.quality == Quality::Hearsay, may_be_full)
        });
        let mut told: Vec<SocketAddr> = Vec::new();
        for host in fit {
            let network = Network::around(host.key.ip());
            let of_network = told.iter().filter(|told| network.contains(told.ip())).count();
            if told.len() < count && of_network < TOLD_OF_NETWORK_MAX {
                told.push(host.key.address());
            }
        }
        told
    }

    /// All ports of an address wait: it is the host behind it that is spared. A private address is
    /// that of a laboratory, where each port is another node.
    fn spare(&mut self, called: Key, now_s: u32) {
        let is_one_host = is_public(called.ip());
        let is_meant = |key: Key| key == called || is_one_host && key.octets == called.octets;
        // What is left of the minute after a call, once the host may be called again.
        let rest_s = CUT_OFF_AGAIN_S.saturating_sub(CUT_OFF_INTERVAL_S);
        for host in self.hosts.iter_mut().filter(|host| is_meant(host.key)) {
            let was_called = host.spared_until_s > 0;
            let is_first = !was_called || host.spared_until_s.saturating_add(rest_s) <= now_s;
            let spared_s = if is_first { CUT_OFF_INTERVAL_S } else { CUT_OFF_AGAIN_S };
            host.wait_until_s = host.wait_until_s.max(now_s.saturating_add(DIAL_INTERVAL_S));
            host.spared_until_s = host.spared_until_s.max(now_s.saturating_add(spared_s));
        }
    }
}

/// Those that may be called anyhow, or all if there is none of them; nothing of nobody.
fn best_of(pool: Vec<&Host>, now_s: u32) -> Option<Vec<&Host>> {
    let rested = pool.iter().copied().filter(|host| host.wait_until_s <= now_s);
    let rested: Vec<&Host> = rested.collect();
    [rested, pool].into_iter().find(|pool| !pool.is_empty())
}

impl Host {
    /// An ultrapeer by our word or its own.
    fn is_known_by_word(&self) -> bool {
        self.is_ultrapeer && self.quality != Quality::Hearsay
    }

    /// An ultrapeer by the word of one that had no room.
    fn is_advice(&self) -> bool {
        self.is_ultrapeer && self.quality == Quality::Hearsay && self.is_advice
    }

    /// An ultrapeer by another's word.
    fn is_plain_hearsay(&self) -> bool {
        self.is_ultrapeer && self.quality == Quality::Hearsay && !self.is_advice
    }

    /// Better than nobody.
    const fn is_any(&self) -> bool {
        true
    }

    /// Whether it does not say that it has no such room.
    fn may_have(&self, room: RoomFor) -> bool {
        self.offer.free_slots().is_none_or(|free| free.has(room))
    }
}

/// Draws a distance, then a source, then a network, then a host.
fn draw<'a>(pool: &[&'a Host], rng: &mut ChaCha8Rng) -> Option<&'a Host> {
    let mut pool = pool.to_vec();
    let distances = distinct(&pool, |host| host.distance);
    // Each one twice as likely as the next.
    let distance = distances.iter().find(|_| rng.random::<bool>()).or(distances.first())?;
    pool.retain(|host| host.distance == *distance);
    let words = distinct(&pool, Host::word);
    let word = pick(&words, rng)?;
    pool.retain(|host| host.word() == *word);
    let networks = distinct(&pool, |host| Network::around(host.key.ip()));
    let network = pick(&networks, rng)?;
    pool.retain(|host| network.holds(&host.key.octets));
    pick(&pool, rng).copied()
}

fn distinct<T: Ord>(pool: &[&Host], what: impl Fn(&Host) -> T) -> Vec<T> {
    let mut all: Vec<_> = pool.iter().map(|host| what(host)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl Host {
    /// Whose word it stands on; with all that are no hearsay it is the same.
    fn word(&self) -> Option<Account> {
        (self.quality == Quality::Hearsay).then_some(self.account)
    }
}

fn pick<'a, T>(from: &'a [T], rng: &mut ChaCha8Rng) -> Option<&'a T> {
    let len = u32::try_from(from.len()).ok().filter(|len| *len > 0)?;
    from.get(usize::try_from(rng.random_range(0..len)).ok()?)
}

fn shuffle<T>(all: &mut [T], rng: &mut ChaCha8Rng) {
    for len in (2..=all.len()).rev() {
        let Ok(bound) = u32::try_from(len) else { return };
        let chosen = usize::try_from(rng.random_range(0..bound)).unwrap_or(0);
        all.swap(len.saturating_sub(1), chosen);
    }
}
