use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Where the API of a node listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// HOST:PORT.
    Tcp(String),
    Unix(PathBuf),
}

/// A connection of either kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send {}

impl<S: AsyncRead + AsyncWrite + Send> Stream for S {}

impl Place {
    /// Reads `ADDR:PORT`, `http://ADDR:PORT` or `unix:PATH`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty()).then(|| Self::Unix(PathBuf::from(path)));
        }
        let text = text.strip_prefix("http://").unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(Self::Tcp(callable(address).to_string()));
        }
        let (host, port) = text.rsplit_once(':')?;
        let is_host =
            !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
        (is_host && port.parse::<u16>().is_ok()).then(|| Self::Tcp(text.to_owned()))
    }

    /// What the header `Host` says.
    pub(super) fn host(&self) -> &str {
        match self {
            Self::Tcp(host) => host,
            Self::Unix(_) => "localhost",
        }
    }

    pub(super) async fn open(&self) -> io::Result<Pin<Box<dyn Stream>>> {
        Ok(match self {
            Self::Tcp(host) => Box::pin(TcpStream::connect(host).await?),
            Self::Unix(path) => Box::pin(UnixStream::connect(path).await?),
        })
    }
}

/// A node that listens everywhere is called here.
fn callable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        let ip: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(ip);
    }
    address
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host) => f.write_str(host),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_the_path_of_a_socket() {
        for (text, place) in [
            ("127.0.0.1:6381", "127.0.0.1:6381"),
            ("http://127.0.0.1:6381/", "127.0.0.1:6381"),
            ("http://[::1]:6381", "[::1]:6381"),
            ("localhost:6381", "localhost:6381"),
            ("unix:/run/filbert.sock", "unix:/run/filbert.sock"),
            ("unix:///run/filbert.sock", "unix:/run/filbert.sock"),
            ("0.0.0.0:6381", "127.0.0.1:6381"),
            ("[::]:6381", "[::1]:6381"),
        ] {
            assert_eq!(Place::parse(text).unwrap().to_string(), place, "{text}");
        }
        for wrong in ["", "off", "unix:", ":6381", "host", "host:port", "host:70000", "a b:1"] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}
