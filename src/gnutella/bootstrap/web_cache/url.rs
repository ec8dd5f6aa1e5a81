use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::super::udp_host_cache::{port_of, split};
use crate::base::limits::WEB_CACHE_URL_LEN_MAX;

const SCHEME: &str = "http://";
const PORT: u16 = 80;

/// A web cache: the URL to which questions are appended (BOOT-06).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebCacheUrl {
    host: String,
    port: u16,
    /// With the slash at its start.
    path: String,
}

/// A text that is no URL of a web cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoWebCache {
    #[error("it does not begin with http://")]
    Scheme,
    #[error("it is too long, or has characters that do not belong into it")]
    Form,
    #[error("its host is no host name")]
    Host,
    #[error("its port is not a number from 1 to 65535")]
    Port,
}

impl WebCacheUrl {
    /// What is to be resolved; an address of IPv6 stands without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for WebCacheUrl {
    type Err = NoWebCache;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (scheme, rest) = text.split_at_checked(SCHEME.len()).ok_or(NoWebCache::Scheme)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(NoWebCache::Scheme);
        }
        if text.len() > WEB_CACHE_URL_LEN_MAX || !rest.bytes().all(is_plain) {
            return Err(NoWebCache::Form);
        }
        let (place, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let (host, port) = split(place).map_err(|_| NoWebCache::Host)?;
        let port = match port {
            None => PORT,
            Some(port) => port_of(port).ok_or(NoWebCache::Port)?,
        };
        Ok(Self { host, port, path: path.to_owned() })
    }
}

impl fmt::Display for WebCacheUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, path } = self;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        write!(f, "{SCHEME}{host}")?;
        if *port == PORT { f.write_str(path) } else { write!(f, ":{port}{path}") }
    }
}

/// Whether a URL may have this in it as it is, before its query.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'\''
                | b'<'
                | b'>'
                | b'|'
                | b'#'
                | b'?'
                | b'@'
                | b'\\'
                | b'^'
                | b'`'
                | b'{'
                | b'}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, NoWebCache> {
        text.parse().map(|url: WebCacheUrl| url.to_string())
    }

    /// BOOT-06
    #[test]
    fn a_web_cache_is_a_plain_url() {
        for (text, url) in [
            ("http://cache.example.net/gwc.php", "http://cache.example.net/gwc.php"),
            (" HTTP://Cache.Example.NET:80/Gwc.PHP\r", "http://cache.example.net/Gwc.PHP"),
            ("http://cache.example.net", "http://cache.example.net/"),
            ("http://203.0.113.9:8080/a/b%20c/~d/", "http://203.0.113.9:8080/a/b%20c/~d/"),
            ("http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(url), "{text}");
            assert_eq!(shown(url).as_deref(), Ok(url), "{url}");
        }
    }

    /// BOOT-06
    #[test]
    fn what_is_no_plain_url_is_no_web_cache() {
        use NoWebCache::{Form, Host, Port, Scheme};
        for (text, why) in [
            ("", Scheme),
            ("https://cache.example.net/", Scheme),
            ("cache.example.net/gwc.php", Scheme),
            ("ftp://cache.example.net/", Scheme),
            ("http:/\u{2044}x.net/", Scheme),
            ("http://user@cache.example.net/", Form),
            ("http://cache.example.net/a b", Form),
            ("http://cache.example.net/a\nHost: b", Form),
            ("http://cache.example.net/gwc.php?get=1", Form),
            ("http://cache.example.net/#top", Form),
            ("http://cache.example.net/\u{e9}", Form),
            ("http://", Host),
            ("http:///gwc.php", Host),
            ("http://a..b/", Host),
            ("http://cache.example.net:0/", Port),
            ("http://cache.example.net:x/", Port),
        ] {
            assert_eq!(shown(text), Err(why), "{text}");
        }
    }

    #[test]
    fn a_url_has_so_many_characters_and_not_one_more() {
        let start = "http://cache.example.net/";
        let longest = format!("{start}{}", "x".repeat(WEB_CACHE_URL_LEN_MAX - start.len()));
        assert_eq!(shown(&longest).as_deref(), Ok(longest.as_str()));
        assert_eq!(shown(&format!("{longest}x")), Err(NoWebCache::Form));
    }
}
