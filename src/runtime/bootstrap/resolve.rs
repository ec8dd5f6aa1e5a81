use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::base::addresses::is_callable;
use crate::base::limits::{ADDRESSES_OF_NAME_MAX, RESOLVE_TIMEOUT_MS};

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// Addresses that may be called, those of IPv4 first; none where only others were found.
    Addresses(Vec<SocketAddr>),
    /// Nobody knows, or nobody could be asked.
    Unknown,
}

/// Asks the system for the addresses of a host.
pub async fn resolve(host: &str, port: u16, allow_private: bool) -> Resolved {
    let limit = Duration::from_millis(RESOLVE_TIMEOUT_MS);
    let Ok(Ok(found)) = timeout(limit, lookup_host((host, port))).await else {
        return Resolved::Unknown;
    };
    let found = found.filter(|address| is_callable(*address, allow_private));
    let mut found: Vec<SocketAddr> = found.take(ADDRESSES_OF_NAME_MAX).collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    Resolved::Addresses(found)
}
