use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

pub use crate::control::model::GNUTELLA_PORT;

/// What FastTrack used first, and takes where only an address is given.
const FASTTRACK_ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 1214);

/// The port of the API, where none is given.
pub const API_PORT: u16 = 6381;

/// The longest name that a host can have in the DNS.
const HOST_LEN_MAX: usize = 253;

/// A host as it was written: a name, which is looked up later, or an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// A name or an address; one of IPv6 stands without its brackets.
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    /// The address, where it was not a name that was written.
    pub fn address(&self) -> Option<SocketAddr> {
        self.host.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, self.port))
    }
}

/// Reads `host.example:6346`, `203.0.113.7`, `[2001:db8::1]:6346` or `2001:db8::1`.
impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("'{text}' is no host");
        let (host, port) = split_port(text).ok_or_else(wrong)?;
        let port = port.unwrap_or(GNUTELLA_PORT);
        let is_bracketed = text.starts_with('[');
        let is_address = host.parse::<Ipv6Addr>().is_ok();
        let is_good = if is_bracketed { is_address } else { is_address || is_name(host) };
        if !is_good {
            return Err(wrong());
        }
        if port == 0 {
            return Err(format!("'{text}' has the port 0, which nobody listens on"));
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Where others are told to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertise {
    pub ip: IpAddr,
    /// That on which we listen, where none is given.
    pub port: Option<u16>,
}

impl FromStr for Advertise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("'{text}' is no address");
        let (ip, port) = split_port(text).ok_or_else(wrong)?;
        let ip: IpAddr = ip.parse().map_err(|_| wrong())?;
        if port == Some(0) {
            return Err(format!("'{text}' has the port 0, which nobody can call"));
        }
        Ok(Self { ip: ip.to_canonical(), port })
    }
}

impl fmt::Display for Advertise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}", SocketAddr::new(self.ip, port)),
            None => write!(f, "{}", self.ip),
        }
    }
}

/// Where the API is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiAddress {
    Off,
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl fmt::Display for ApiAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Where sessions of FastTrack are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FastTrackAddress {
    Off,
    /// Where those of Gnutella are.
    Shared,
    Own(SocketAddr),
}

impl FromStr for FastTrackAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "off" => Self::Off,
            "on" => Self::Shared,
            _ => Self::Own(local(text, FASTTRACK_ANYWHERE)?),
        })
    }
}

impl fmt::Display for FastTrackAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Shared => f.write_str("on"),
            Self::Own(address) => write!(f, "{address}"),
        }
    }
}

/// Reads `ADDR:PORT`, `ADDR`, `:PORT` or `PORT`; what is left out is taken from `default`.
pub(super) fn local(text: &str, default: SocketAddr) -> Result<SocketAddr, String> {
    let wrong = || format!("'{text}' is no address");
    let bare_port = text.strip_prefix(':').unwrap_or(text);
    if !bare_port.is_empty() && bare_port.bytes().all(|byte| byte.is_ascii_digit()) {
        let too_high = |_| format!("'{text}' is no port");
        return Ok(SocketAddr::new(default.ip(), bare_port.parse().map_err(too_high)?));
    }
    let (ip, port) = split_port(text).ok_or_else(wrong)?;
    let ip = match ip {
        "localhost" => Ipv4Addr::LOCALHOST.into(),
        _ => ip.parse().map_err(|_| wrong())?,
    };
    Ok(SocketAddr::new(ip, port.unwrap_or(default.port())))
}

/// Every address of the machine, of both kinds.
pub(super) const ANYWHERE: SocketAddr =
    SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), GNUTELLA_PORT);

/// Where nobody but programs of this machine can call.
pub(super) const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), API_PORT);

/// A host and the port behind it, if there is one. An IPv6 address with a port has brackets.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']')?;
        return match port {
            "" => Some((host, None)),
            port => Some((host, Some(number(port.strip_prefix(':')?)?))),
        };
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Some((text, None)),
        Some((host, port)) => Some((host, Some(number(port)?))),
        None => Some((text, None)),
    }
}

fn number(digits: &str) -> Option<u16> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// Whether the DNS may have such a name, or it is an address of IPv4.
fn is_name(host: &str) -> bool {
    let is_part_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !host.is_empty()
        && host.len() <= HOST_LEN_MAX
        && host.bytes().all(is_part_of_name)
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        // A number, or a broken address, is no name.
        && (host.bytes().any(|byte| byte.is_ascii_alphabetic()) || host.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses_with_or_without_a_port() {
        for (text, shown) in [
            ("host.example", "host.example:6346"),
            ("host.example:1", "host.example:1"),
            ("203.0.113.7", "203.0.113.7:6346"),
            ("203.0.113.7:65535", "203.0.113.7:65535"),
            ("2001:db8::1", "[2001:db8::1]:6346"),
            ("[2001:db8::1]", "[2001:db8::1]:6346"),
            ("[2001:db8::1]:7", "[2001:db8::1]:7"),
            ("localhost:80", "localhost:80"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), shown);
            assert_eq!(shown.parse(), Ok(endpoint), "it reads as it is shown");
        }
        for wrong in [
            "",
            ":6346",
            "a b",
            "a/b",
            "host:",
            "host:x",
            "host:65536",
            "host:+1",
            "host:0",
            "[host]:1",
            "[::1",
            "[::1]1",
            "1.2.3",
            "1.2.3.256",
            "12",
            "a..b",
            "-a",
            "a:1:2",
        ] {
            assert!(wrong.parse::<Endpoint>().is_err(), "{wrong}");
        }
        assert!("a".repeat(253).parse::<Endpoint>().is_ok());
        assert!("a".repeat(254).parse::<Endpoint>().is_err());
    }

    #[test]
    fn only_what_is_no_name_is_an_address_at_once() {
        let address = |text: &str| text.parse::<Endpoint>().unwrap().address();
        assert_eq!(address("203.0.113.7"), Some("203.0.113.7:6346".parse().unwrap()));
        assert_eq!(address("[::1]:1"), Some("[::1]:1".parse().unwrap()));
        assert_eq!(address("host.example"), None);
    }

    #[test]
    fn what_is_left_out_of_a_local_address_is_the_default() {
        for (text, read) in [
            ("7", "[::]:7"),
            (":7", "[::]:7"),
            ("0", "[::]:0"),
            ("0.0.0.0", "0.0.0.0:6346"),
            ("127.0.0.1:7", "127.0.0.1:7"),
            ("localhost", "127.0.0.1:6346"),
            ("localhost:7", "127.0.0.1:7"),
            ("::1", "[::1]:6346"),
            ("[::1]:7", "[::1]:7"),
        ] {
            assert_eq!(local(text, ANYWHERE), Ok(read.parse().unwrap()), "{text}");
        }
        for wrong in ["", ":", "65536", "a", "host:1", "1.2.3.4:", "[::]:65536", "1.2.3"] {
            assert!(local(wrong, ANYWHERE).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_advertised_address_may_leave_its_port_open() {
        for text in ["203.0.113.7", "203.0.113.7:7", "2001:db8::1", "[2001:db8::1]:7"] {
            assert_eq!(text.parse::<Advertise>().unwrap().to_string(), text);
        }
        for wrong in ["", "host.example", "203.0.113.7:0", "7", ":7"] {
            assert!(wrong.parse::<Advertise>().is_err(), "{wrong}");
        }
    }
}
