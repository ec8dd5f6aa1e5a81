use std::fmt::{self, Write as _};
use std::net::{Ipv6Addr, SocketAddr};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::base::limits::{MAGNET_HOST_LEN_MAX, MAGNET_PATH_LEN_MAX, MAGNET_PROXIES_MAX};
use crate::base::urn::Urn;

/// Port of a URL that names none.
const HTTP_PORT: u16 = 80;

/// Who may have a content, by the word of a link (MAGNET-04). Nobody has looked at the addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `http://host:port/path`: a name or an address, IPv6 without brackets.
    Http { host: String, port: u16, path: String },
    /// `push://GUID:proxy:port/path`: a servent behind a firewall. LimeWire writes `urn:guid:`.
    Push { servent: [u8; 16], proxies: Vec<SocketAddr>, path: String },
}

impl Source {
    /// Reads a URL; nothing where it is of another kind, or damaged.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = after(text, "http://") {
            let (place, path) = split_path(rest)?;
            let (host, port) = host_and_port(place)?;
            return Some(Self::Http { host, port, path });
        }
        if let Some(digits) = after(text, "urn:guid:") {
            let servent = guid(digits)?;
            return Some(Self::Push { servent, proxies: Vec::new(), path: "/".to_owned() });
        }
        let (places, path) = split_path(after(text, "push://")?)?;
        let (digits, proxies) = places.split_once(':').unwrap_or((places, ""));
        Some(Self::Push { servent: guid(digits)?, proxies: addresses(proxies)?, path })
    }

    /// What to ask for there: a target of HTTP, never a path of ours.
    pub fn path(&self) -> &str {
        match self {
            Self::Http { path, .. } | Self::Push { path, .. } => path,
        }
    }

    /// The name of the content in the path.
    pub(super) fn urn(&self) -> Option<Urn> {
        let (_, query) = self.path().split_once('?')?;
        Urn::parse_prefix(query.as_bytes()).map(|(urn, _)| urn)
    }
}

/// `text` without `prefix`, whose case has no meaning.
pub(super) fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn split_path(rest: &str) -> Option<(&str, String)> {
    let (place, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
    if path.len() > MAGNET_PATH_LEN_MAX || path.bytes().any(|byte| byte.is_ascii_control()) {
        return None;
    }
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' => escaped.push(char::from(byte)),
            _ => write!(escaped, "%{byte:02X}").ok()?,
        }
    }
    (escaped.len() <= MAGNET_PATH_LEN_MAX).then_some((place, escaped))
}

fn host_and_port(place: &str) -> Option<(String, u16)> {
    if let Some(rest) = place.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let port = rest.strip_prefix(':').map_or(Some(HTTP_PORT), port)?;
        return (rest.is_empty() || rest.starts_with(':')).then(|| (address.to_string(), port));
    }
    let (host, port) = match place.split_once(':') {
        Some((host, digits)) => (host, port(digits)?),
        None => (place, HTTP_PORT),
    };
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let is_host = host.len() <= MAGNET_HOST_LEN_MAX && host.split('.').all(is_label);
    is_host.then(|| (host.to_ascii_lowercase(), port))
}

fn port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| is_number && *port > 0)
}

fn guid(digits: &str) -> Option<[u8; 16]> {
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?.try_into().ok()
}

/// `address:port:address:port`, as gtk-gnutella writes push proxies.
fn addresses(mut rest: &str) -> Option<Vec<SocketAddr>> {
    let mut found = Vec::new();
    while !rest.is_empty() && found.len() < MAGNET_PROXIES_MAX {
        let from = if rest.starts_with('[') { rest.find(']')? } else { 0 };
        let colon = rest.get(from..)?.find(':')?.checked_add(from)?;
        let behind = rest.get(colon.checked_add(1)?..)?;
        let end = behind.find(':').unwrap_or(behind.len());
        let address = rest.get(..colon.checked_add(1)?.checked_add(end)?)?;
        found.push(address.parse().ok().filter(|address: &SocketAddr| address.port() > 0)?);
        rest = behind.get(end..)?.strip_prefix(':').unwrap_or_default();
    }
    Some(found.into_iter().map(|host| SocketAddr::new(host.ip(), host.port())).collect())
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { host, port, path } => {
                let is_v6 = host.contains(':');
                let (open, close) = if is_v6 { ("[", "]") } else { ("", "") };
                write!(f, "http://{open}{host}{close}:{port}{path}")
            }
            Self::Push { servent, proxies, path } => {
                write!(f, "push://{}", HEXLOWER.encode(servent))?;
                proxies.iter().try_for_each(|proxy| write!(f, ":{proxy}"))?;
                f.write_str(path)
            }
        }
    }
}
