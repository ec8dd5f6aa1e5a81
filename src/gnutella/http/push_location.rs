use std::fmt;
use std::net::SocketAddr;

use crate::gnutella::wire::Guid;

/// A host, and whether it takes TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AltHost {
    pub address: SocketAddr,
    pub tls: bool,
}

/// A servent behind a firewall, and its push proxies (ALTLOC-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushLocation {
    pub servent: Guid,
    /// The version of transfers between two firewalls that it can do, where it can.
    pub firewall_transfer: Option<u8>,
    /// Its own address, where it told one.
    pub address: Option<SocketAddr>,
    pub proxies: Vec<AltHost>,
}

impl PushLocation {
    /// Reads one, without the comma that may follow it.
    pub fn parse(_text: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for PushLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.servent)
    }
}
