use std::net::{IpAddr, SocketAddr};

use crate::base::addresses::{Network, is_public, is_unicast, octets};

/// Which addresses this node has to do with.
///
/// It refuses what no host can have, what no stranger can have, itself, and the networks that the
/// user has blocked.
#[derive(Clone, Debug, Default)]
pub struct AddressFilter {
    /// Private addresses are hosts like others. For laboratories.
    allow_private: bool,
    /// Where others reach us.
    own: Box<[SocketAddr]>,
    /// Sorted, without overlaps.
    blocked: Box<[Network]>,
}

/// Why an address is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unusable {
    /// Port 0: whoever says so takes no connections.
    NoPort,
    /// It stands for nobody, for all or for many.
    NoHost,
    /// Only its own network knows who that is.
    Private,
    /// It is ours.
    Own,
    /// The user does not want it.
    Blocked,
}

impl AddressFilter {
    pub fn new(allow_private: bool) -> Self {
        Self { allow_private, ..Self::default() }
    }

    /// Whether private addresses are hosts like others.
    pub const fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// Where others reach us: all of it, as it is known now.
    pub fn set_own(&mut self, own: Vec<SocketAddr>) {
        self.own = own.into();
    }

    /// The networks that the user does not want: all of them.
    pub fn set_blocked(&mut self, mut blocked: Vec<Network>) {
        blocked.sort_unstable();
        // A network sorts right before those that lie in it.
        blocked.dedup_by(|inner, outer| {
            outer.holds(&inner.bounds().0) && outer.holds(&inner.bounds().1)
        });
        self.blocked = blocked.into();
    }

    /// Whether this could be somebody to connect to.
    pub fn check(&self, address: SocketAddr) -> Result<(), Unusable> {
        if address.port() == 0 {
            return Err(Unusable::NoPort);
        }
        self.check_ip(address.ip())?;
        let is_own = |own: &SocketAddr| {
            (own.ip().to_canonical(), own.port()) == (address.ip().to_canonical(), address.port())
        };
        if self.own.iter().any(is_own) { Err(Unusable::Own) } else { Ok(()) }
    }

    /// Whether this could be somebody who connects to us, from whatever port.
    pub fn check_ip(&self, ip: IpAddr) -> Result<(), Unusable> {
        if !is_unicast(ip) {
            return Err(Unusable::NoHost);
        }
        if !self.allow_private && !is_public(ip) {
            return Err(Unusable::Private);
        }
        if self.is_blocked(ip) { Err(Unusable::Blocked) } else { Ok(()) }
    }

    fn is_blocked(&self, ip: IpAddr) -> bool {
        let octets = octets(ip.to_canonical());
        let after = self.blocked.partition_point(|network| network.bounds().0 <= octets);
        let before = after.checked_sub(1).and_then(|index| self.blocked.get(index));
        before.is_some_and(|network| network.holds(&octets))
    }
}
