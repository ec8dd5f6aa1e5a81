use std::fmt;
use std::net::SocketAddr;

use super::AltHost;
use super::alt_host::{read_hosts, write_hosts};
use super::form::{after, number, plain};
use crate::base::limits::{LOCATION_PROXIES_MAX, LOCATION_PROXIES_TOLD_MAX};
use crate::gnutella::wire::Guid;

/// A servent behind a firewall, and its push proxies (ALTLOC-05).
///
/// ```text
/// GUID ; fwt/1.0 ; port:address ; pptls=8 ; address:port ; address:port
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushLocation {
    pub servent: Guid,
    /// The version of transfers between two firewalls that it can do, where it can.
    pub firewall_transfer: Option<u8>,
    /// Its own address, where it told one.
    pub address: Option<SocketAddr>,
    /// Of them [`LOCATION_PROXIES_TOLD_MAX`] are written.
    pub proxies: Vec<AltHost>,
}

impl PushLocation {
    /// Reads one, without the comma that may follow it. All but the GUID may be missing, and what is
    /// unknown is passed over (ALTLOC-06).
    pub fn parse(text: &str) -> Option<Self> {
        let mut items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
        let servent = Guid::from_hex(items.next()?.as_bytes())?;
        let (mut firewall_transfer, mut address, mut rest) = (None, None, Vec::new());
        for item in items {
            if item.contains('/') {
                firewall_transfer = firewall_transfer.or_else(|| transfer_version(item));
            } else if let Some(own) = port_first(item) {
                address = address.or(Some(own));
            } else {
                rest.push(item);
            }
        }
        let proxies = read_hosts(rest.into_iter(), "pptls", LOCATION_PROXIES_MAX);
        Some(Self { servent, firewall_transfer, address, proxies })
    }
}

fn transfer_version(item: &str) -> Option<u8> {
    let version = after(item, "fwt/")?;
    number(version.split('.').next()?)
}

/// The port stands before the address, so that it is no proxy.
fn port_first(item: &str) -> Option<SocketAddr> {
    let (port, address) = item.split_once(':')?;
    let port = number::<u16>(port).filter(|port| *port > 0)?;
    let address = address.trim();
    let bare = address.strip_prefix('[').and_then(|address| address.strip_suffix(']'));
    let address = bare.unwrap_or(address).parse().ok()?;
    Some(plain(SocketAddr::new(address, port)))
}

impl fmt::Display for PushLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.servent)?;
        self.firewall_transfer.iter().try_for_each(|version| write!(f, ";fwt/{version}.0"))?;
        match self.address {
            Some(SocketAddr::V4(own)) => write!(f, ";{}:{}", own.port(), own.ip())?,
            Some(SocketAddr::V6(own)) => write!(f, ";{}:[{}]", own.port(), own.ip())?,
            None => {}
        }
        if self.proxies.is_empty() {
            return Ok(());
        }
        f.write_str(";")?;
        let told = self.proxies.get(..LOCATION_PROXIES_TOLD_MAX).unwrap_or(&self.proxies);
        write_hosts(f, told, "pptls", ";")
    }
}
