//! What the hosts of one address, and those of one network, owe each other.

use super::HostCache;
use super::host::{Host, Key, Quality};
use crate::base::addresses::{Network, is_public};
use crate::base::limits::{
    CUT_OFF_AGAIN_S, DIAL_FAILURES_MAX, DIAL_FAILURES_PROVEN_MAX, DIAL_INTERVAL_S,
    HOST_PORTS_WRONG_MAX, HOSTS_OF_ADDRESS_MAX, HOSTS_OF_NETWORK_MIN,
};

/// The place of a host among those near it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    /// That of a host that others named.
    InsteadOf(Key),
    None,
}

impl HostCache {
    /// Whether one more may lie on the address of this host, and in its network. What others name
    /// gives way to what is known by a better word, or else anybody could keep a host out by naming
    /// wrong ports of it, or its neighbours (PONG-16).
    pub(super) fn place_of(&self, host: &Host) -> Place {
        let ip = host.key.ip();
        let of_network = self.near(Network::around(ip));
        // Private addresses are those of laboratories, where one may have many nodes.
        let of_address = if is_public(ip) { self.near(Network::of(ip, u8::MAX)) } else { &[] };
        if of_address.iter().any(|known| known.is_by_same_stranger(host)) {
            return Place::None;
        }
        let len = self.hosts.len().saturating_add(1).min(self.rules.hosts_max);
        let crowd = if of_address.len() >= HOSTS_OF_ADDRESS_MAX {
            of_address
        } else if of_network.len() >= self.network_quota(len) {
            of_network
        } else {
            return Place::Free;
        };
        if host.is_told_by_others() {
            return Place::None;
        }
        let told = crowd.iter().filter(|known| known.is_told_by_others());
        told.min_by_key(|known| known.seen_s)
            .map_or(Place::None, |oldest| Place::InsteadOf(oldest.key))
    }

    /// How many may lie in one network where there are so many in all.
    pub(super) fn network_quota(&self, len: usize) -> usize {
        let share = len.saturating_mul(self.rules.network_percent) / 100;
        share.max(HOSTS_OF_NETWORK_MIN)
    }

    /// Whether so many ports of the address have been named in vain by this word that it is not
    /// believed.
    pub(super) fn is_disbelieved(&self, host: &Host) -> bool {
        let word = host.vouched_by();
        let is_ours = word == Quality::Proven;
        !is_ours && self.shunned.wrong_ports(host.key, word).count() >= HOST_PORTS_WRONG_MAX
    }

    /// Failures in a row at which this host is given up.
    pub(super) fn failures_max(&self, host: &Host) -> u8 {
        if host.quality == Quality::Proven {
            return DIAL_FAILURES_PROVEN_MAX;
        }
        let word = host.vouched_by();
        let is_ours = word == Quality::Proven;
        let mut wrong_ports = self.shunned.wrong_ports(host.key, word);
        let is_another = !is_ours && wrong_ports.any(|port| port != host.key.port);
        if is_another { 1 } else { DIAL_FAILURES_MAX }
    }

    /// It is the host behind an address that is spared (HAND-62): where another port was called a
    /// moment ago, this one waits too.
    pub(super) fn rest(&self, host: &mut Host, now_s: u32) {
        let ip = host.key.ip();
        if !is_public(ip) {
            return;
        }
        for known in self.near(Network::of(ip, u8::MAX)) {
            host.wait_until_s = host.wait_until_s.max(known.wait_until_s);
            host.spared_until_s = host.spared_until_s.max(known.spared_until_s);
        }
        if let Some(failed_s) = self.shunned.last_wrong_port_s(host.key) {
            host.wait_until_s = host.wait_until_s.max(failed_s.saturating_add(DIAL_INTERVAL_S));
            let spared_until_s = failed_s.saturating_add(CUT_OFF_AGAIN_S);
            host.spared_until_s = host.spared_until_s.max(spared_until_s);
        }
        // For the call alone, not for what came of it: that was another port.
        host.wait_until_s = host.wait_until_s.min(now_s.saturating_add(DIAL_INTERVAL_S));
        let spared_until_s = host.spared_until_s.min(now_s.saturating_add(CUT_OFF_AGAIN_S));
        host.spared_until_s = spared_until_s.min(host.wait_until_s);
    }

    fn near(&self, network: Network) -> &[Host] {
        self.hosts.get(self.range_of(network)).unwrap_or_default()
    }
}

impl Host {
    /// By somebody's word, of this run or an earlier one, and not the user's.
    pub(super) fn is_told_by_others(&self) -> bool {
        self.vouched_by() == Quality::Hearsay
    }

    /// Whether one stranger has named both.
    fn is_by_same_stranger(&self, other: &Self) -> bool {
        let is_stranger = self.account.is_stranger() && self.account == other.account;
        is_stranger && self.is_told_by_others() && other.is_told_by_others()
    }

    /// Whose word is proven wrong where nobody answers. That of the user counts as ours.
    pub(super) const fn vouched_by(&self) -> Quality {
        if self.account.is_user() && matches!(self.quality, Quality::Hearsay) {
            return Quality::Proven;
        }
        self.quality
    }
}
