use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::host::{Host, Quality};
use super::{HostCache, seconds};
use crate::base::addresses::Network;
use crate::base::limits::{DIAL_INTERVAL_S, HOST_FRESH_S, TOLD_OF_NETWORK_MAX};
use crate::base::time::Time;

impl HostCache {
    /// Whom to call now, if there is anybody: an ultrapeer that is neither excluded nor to be left
    /// alone. It will not be named again for two minutes (HAND-62).
    pub fn next(
        &mut self,
        now: Time,
        rng: &mut ChaCha8Rng,
        is_excluded: impl Fn(SocketAddr) -> bool,
    ) -> Option<SocketAddr> {
        let now_s = seconds(now);
        self.forget_when_due(now_s);
        let is_ready =
            |host: &&Host| now_s >= host.wait_until_s && !is_excluded(host.key.address());
        let ready: Vec<&Host> = self.hosts.iter().filter(is_ready).collect();
        self.turn = !self.turn;
        let pool = self.order().into_iter().find_map(|is_meant| {
            let meant = ready.iter().copied().filter(|host| is_meant(host));
            Some(meant.collect::<Vec<_>>()).filter(|pool| !pool.is_empty())
        })?;
        let chosen = draw(&pool, rng)?.key;
        self.wait_for_address(chosen.octets, now_s.saturating_add(DIAL_INTERVAL_S));
        Some(chosen.address())
    }

    /// Which kinds of hosts are looked at, one after the other. A host that names others, refusing us,
    /// steers one call in two at most.
    const fn order(&self) -> [fn(&Host) -> bool; 4] {
        if self.turn {
            [Host::is_known_by_word, Host::is_plain_hearsay, Host::is_advice, Host::is_any]
        } else {
            [Host::is_advice, Host::is_plain_hearsay, Host::is_known_by_word, Host::is_any]
        }
    }

    /// Ultrapeers to name to others (HAND-45, GGEP-55): up to `count` that were heard of a short while
    /// ago and may have room, those that we know by their own word before others.
    pub fn sample(
        &self,
        count: usize,
        now: Time,
        rng: &mut ChaCha8Rng,
        is_excluded: impl Fn(SocketAddr) -> bool,
    ) -> Vec<SocketAddr> {
        let now_s = seconds(now);
        let is_fresh = |host: &Host| now_s.saturating_sub(host.seen_s) <= HOST_FRESH_S;
        let mut fit: Vec<&Host> = self
            .hosts
            .iter()
            .filter(|host| host.is_ultrapeer && host.may_have_room() && is_fresh(host))
            .filter(|host| host.failures == 0 && !is_excluded(host.key.address()))
            .collect();
        shuffle(&mut fit, rng);
        fit.sort_by_key(|host| host.quality == Quality::Hearsay);
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

    /// All ports of an address wait: it is the host behind it that is spared.
    fn wait_for_address(&mut self, octets: [u8; 16], until_s: u32) {
        for host in self.hosts.iter_mut().filter(|host| host.key.octets == octets) {
            host.wait_until_s = host.wait_until_s.max(until_s);
        }
    }
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

    /// Whether it does not say that it is full.
    fn may_have_room(&self) -> bool {
        self.free_slots.is_none_or(|free| free.leaves > 0 || free.ultrapeers > 0)
    }
}

/// Draws a distance, then a source, then a network of its hosts, then a host.
fn draw<'a>(pool: &[&'a Host], rng: &mut ChaCha8Rng) -> Option<&'a Host> {
    let mut depths: Vec<_> = pool.iter().map(|host| host.depth).collect();
    depths.sort_unstable();
    depths.dedup();
    let depth = depths.iter().find(|_| rng.random::<bool>()).or(depths.first()).copied()?;
    let near: Vec<_> = pool.iter().copied().filter(|host| host.depth == depth).collect();
    let mut accounts: Vec<_> = near.iter().map(|host| host.word()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let account = pick(&accounts, rng)?;
    let of_account: Vec<_> = near.iter().copied().filter(|host| host.word() == *account).collect();
    let mut networks: Vec<_> =
        of_account.iter().map(|host| Network::around(host.key.ip())).collect();
    networks.dedup();
    let network = pick(&networks, rng)?;
    let of_network: Vec<_> =
        of_account.into_iter().filter(|host| network.contains(host.key.ip())).collect();
    pick(&of_network, rng).copied()
}

impl Host {
    /// Whose word it stands on: nobody's but its own, unless it is hearsay.
    fn word(&self) -> Option<super::sources::Account> {
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
