use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use thiserror::Error;

use crate::base::limits::HOST_CACHE_PORT_MIN;

/// The port of a UDP host cache that is named without one.
const PORT: u16 = 6346;

/// Characters of a host name, as the domain name system has it.
const HOST_LEN_MAX: usize = 253;

/// A UDP host cache, as it is named: a host and a port (BOOT-02).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostCacheName {
    host: String,
    port: u16,
}

/// A text that names no UDP host cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoHostCache {
    #[error("it is not host:port")]
    Form,
    #[error("its host has characters that no host name has")]
    Host,
    #[error("its port is not a number from 1 to 65535")]
    Port,
}

impl HostCacheName {
    /// What is to be resolved; an address of IPv6 stands without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it may be asked by the word of others (BOOT-05).
    pub(super) const fn is_fit_for_hearsay(&self) -> bool {
        self.port >= HOST_CACHE_PORT_MIN
    }
}

impl FromStr for HostCacheName {
    type Err = NoHostCache;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, _) = text.trim().split_once('&').unwrap_or((text.trim(), ""));
        let (host, port) = split(name)?;
        let port = match port {
            None => PORT,
            Some(port) => port_of(port).ok_or(NoHostCache::Port)?,
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for HostCacheName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// The host as it is written in lower case, and the port if there is one.
pub(super) fn split(name: &str) -> Result<(String, Option<&str>), NoHostCache> {
    if let Some(rest) = name.strip_prefix('[') {
        let (ip, rest) = rest.split_once(']').ok_or(NoHostCache::Form)?;
        let ip: Ipv6Addr = ip.parse().map_err(|_| NoHostCache::Host)?;
        let port = match rest {
            "" => None,
            rest => Some(rest.strip_prefix(':').ok_or(NoHostCache::Form)?),
        };
        return Ok((ip.to_string(), port));
    }
    let (host, port) = match name.split_once(':') {
        None => (name, None),
        Some((_, port)) if port.contains(':') => return Err(NoHostCache::Form),
        Some((host, port)) => (host, Some(port)),
    };
    if is_host(host) { Ok((host.to_ascii_lowercase(), port)) } else { Err(NoHostCache::Host) }
}

pub(super) fn port_of(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_plain && *port != 0)
}

/// A name or an address of IPv4. What ends in a number is an address, or nothing.
fn is_host(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let is_part = |part: &str| {
        (1..=63).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-')
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    let ends_in_number =
        name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    host.len() <= HOST_LEN_MAX
        && host.bytes().all(is_plain)
        && name.split('.').all(is_part)
        && (!ends_in_number || matches!(host.parse(), Ok(IpAddr::V4(_))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, NoHostCache> {
        text.parse().map(|name: HostCacheName| name.to_string())
    }

    /// BOOT-02, GGEP-63
    #[test]
    fn a_host_cache_is_a_host_and_a_port() {
        for (text, name) in [
            ("uk.gnutella.example.net:3558", "uk.gnutella.example.net:3558"),
            (" UK.Example.NET \r", "uk.example.net:6346"),
            ("203.0.113.9:1234&n=x&v=1", "203.0.113.9:1234"),
            ("[2001:DB8::1]:1234", "[2001:db8::1]:1234"),
            ("[2001:db8::1]", "[2001:db8::1]:6346"),
            ("localhost:1", "localhost:1"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(name), "{text}");
            assert_eq!(shown(name).as_deref(), Ok(name), "{name}");
        }
    }

    /// BOOT-02
    #[test]
    fn what_is_no_host_and_port_is_no_host_cache() {
        use NoHostCache::{Form, Host, Port};
        for (text, why) in [
            ("", Host),
            (":6346", Host),
            ("two words:1", Host),
            ("a..b:1", Host),
            ("-a.b:1", Host),
            ("300.1.1.1:1", Host),
            ("1.2.3:1", Host),
            ("127.1:1", Host),
            ("a/b:1", Host),
            ("user@host:1", Host),
            ("h\u{e9}.net:1", Host),
            ("2001:db8::1", Form),
            ("[2001:db8::1:6346", Form),
            ("[2001:db8::1]6346", Form),
            ("[host]:1", Host),
            ("host:0", Port),
            ("host:65536", Port),
            ("host:+1", Port),
            ("host:", Port),
            ("host:port", Port),
        ] {
            assert_eq!(shown(text), Err(why), "{text}");
        }
        let part = "a".repeat(63);
        let longest = [part.as_str(), &part, &part, "a".repeat(61).as_str()].join(".");
        assert_eq!(longest.len(), HOST_LEN_MAX);
        assert!(shown(&longest).is_ok());
        assert_eq!(shown(&format!("{longest}a")), Err(Host));
    }

    /// BOOT-05
    #[test]
    fn others_may_name_ports_from_so_much_on() {
        let is_fit = |port: u16| {
            format!("host:{port}")
                .parse()
                .is_ok_and(|name: HostCacheName| name.is_fit_for_hearsay())
        };
        assert!(is_fit(HOST_CACHE_PORT_MIN) && !is_fit(HOST_CACHE_PORT_MIN - 1));
    }
}
