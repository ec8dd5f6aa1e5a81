use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{Bootstrap, FastTrackAddress, Settings};
use crate::gnutella::bootstrap::{Names, Unusable};
use crate::gnutella::link::Role;
use crate::node::host_cache::HostCacheRules;
use crate::node::{Config, RolePolicy, fasttrack};
use crate::promotion::{self, Thresholds};

impl Settings {
    /// What the node is told; the rest of it, such as its GUID and where it can be called, is known
    /// to whoever starts it.
    pub fn node_config(&self) -> Config {
        let hosts = HostCacheRules::default();
        let network_percent = if self.allow_private { 100 } else { hosts.network_percent };
        Config {
            allow_private: self.allow_private,
            thresholds: Arc::new(self.thresholds()),
            work_per_second: WORK_PER_SECOND,
            is_host_cache: self.bootstrap.announce_host_cache,
            hosts: HostCacheRules { network_percent, ..hosts },
            fasttrack: self.speaks_fasttrack().then(|| Box::new(self.fasttrack_config())),
            ..Config::new(self.role)
        }
    }

    /// Whether the node has part in FastTrack.
    pub fn speaks_fasttrack(&self) -> bool {
        self.fasttrack.listen != FastTrackAddress::Off
    }

    /// The same of its part in FastTrack.
    fn fasttrack_config(&self) -> fasttrack::Config {
        let hosts = HostCacheRules::default();
        let network_percent = if self.allow_private { 100 } else { hosts.network_percent };
        let mut thresholds = Thresholds::filbert();
        if self.allow_private {
            thresholds.slots.leaves_per_network = u32::MAX;
            thresholds.slots.supernodes_per_network = u32::MAX;
            thresholds.reach.public_needed = false;
        }
        if self.fasttrack.role == fasttrack::RolePolicy::Always(promotion::Role::Supernode) {
            // Whoever wants a supernode whatever the line bears has not to prove what it bears.
            thresholds.slots.leaves_least = thresholds.slots.leaves_max;
        }
        fasttrack::Config {
            thresholds: Arc::new(thresholds),
            hosts: HostCacheRules { network_percent, ..hosts },
            ..fasttrack::Config::new(self.fasttrack.role)
        }
    }

    /// The figures of promotion, with as many neighbours as are wanted.
    ///
    /// In a laboratory all hosts lie in one network, and none has a public address.
    pub fn thresholds(&self) -> Thresholds {
        let mut thresholds = Thresholds::filbert();
        let (limits, slots) = (&self.neighbours, &mut thresholds.slots);
        if self.allow_private {
            slots.leaves_per_network = u32::MAX;
            slots.supernodes_per_network = u32::MAX;
            thresholds.reach.public_needed = false;
        }
        let overwrite = |slot: &mut u32, limit: Option<u32>| *slot = limit.unwrap_or(*slot);
        overwrite(&mut slots.leaves_max, limits.leaves_max);
        overwrite(&mut slots.leaves_per_network, limits.leaves_per_network);
        overwrite(&mut slots.supernodes_per_network, limits.ultrapeers_per_network);
        slots.leaves_least = match self.role {
            // Whoever wants an ultrapeer whatever the line bears has not to prove what it bears.
            RolePolicy::Always(Role::Ultrapeer) => slots.leaves_max,
            _ => slots.leaves_least.min(slots.leaves_max),
        };
        if let Some(most) = limits.ultrapeers_max {
            slots.supernodes_max = most;
            slots.supernodes_target = share(most, 4, 5);
        }
        if let Some(most) = limits.ultrapeers_of_leaf_max {
            slots.leaf_supernodes_max = most;
            slots.leaf_supernodes_target = share(most, 3, 4);
        }
        thresholds
    }

    /// The caches to ask for hosts: those that come with the program, as far as the user has named
    /// no others.
    pub fn host_caches(&self) -> Result<Names, Unusable> {
        let Bootstrap { udp_host_caches, web_caches, .. } = &self.bootstrap;
        let mut names = Names::built_in()?;
        if let Some(udp) = udp_host_caches {
            names.udp.clone_from(udp);
        }
        if let Some(web) = web_caches {
            names.web.clone_from(web);
        }
        Ok(names)
    }

    /// Where others are told to call while we listen on this port, if the user has said so.
    pub fn advertised(&self, listening: u16) -> Option<SocketAddr> {
        let advertise = self.advertise?;
        Some(SocketAddr::new(advertise.ip, advertise.port.unwrap_or(listening)))
    }

    /// The address to call others of this kind from, if the user has named one.
    pub fn bind_for(&self, other: IpAddr) -> Option<IpAddr> {
        self.bind.filter(|bind| bind.is_ipv4() == other.to_canonical().is_ipv4())
    }
}

/// Units of work that a node does in a second for its neighbours (FLOW-07): about what one core
/// does. Connections are read in turns, so that whoever sends more than its part has to wait for
/// it, and it is seldom that anything is dropped for want of work.
const WORK_PER_SECOND: u32 = 8_000_000;

/// A part of a number, rounded up, so that one stays one.
const fn share(of: u32, numerator: u32, denominator: u32) -> u32 {
    of.saturating_mul(numerator).div_ceil(denominator)
}
