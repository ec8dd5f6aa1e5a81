use std::net::{SocketAddr, SocketAddrV4};

use thiserror::Error;

use super::WebCacheUrl;
use crate::base::limits::{CACHES_OF_ANSWER_MAX, WEB_CACHE_HOSTS_MAX, WEB_CACHE_REPLY_LEN_MAX};

/// The only status whose body is looked at; redirections have been followed before.
const OK: u16 = 200;

/// How caches call this network.
const NETWORK: &str = "gnutella";

/// What a web cache has answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// In the order of the reply, none of them twice.
    pub hosts: Vec<SocketAddr>,
    pub caches: Vec<WebCacheUrl>,
    /// An announcement was taken, or was not.
    pub is_taken: Option<bool>,
}

/// Why nothing is taken from a reply (BOOT-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Useless {
    #[error("it did not answer")]
    Silent,
    #[error("it answered with the status {0}")]
    Status(u16),
    #[error("it answered with a page")]
    Page,
    #[error("it refused")]
    Refused,
    #[error("it serves another network")]
    OtherNetwork,
    #[error("it answered with nothing that can be read")]
    Unreadable,
}

impl Reply {
    /// Reads a reply of either version (BOOT-08, BOOT-09). What is beyond the longest reply has no
    /// influence.
    pub fn read(status: u16, body: &[u8]) -> Result<Self, Useless> {
        if status != OK {
            return Err(Useless::Status(status));
        }
        let body = body.get(..WEB_CACHE_REPLY_LEN_MAX).unwrap_or(body);
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let lines = body.split(|byte| matches!(byte, b'\n' | b'\r'));
        let lines = lines.filter_map(|line| std::str::from_utf8(line).ok()).map(str::trim);
        let (mut reply, mut is_read, mut is_first) = (Self::default(), false, true);
        for line in lines.filter(|line| !line.is_empty()) {
            if std::mem::take(&mut is_first) {
                check_first(line)?;
            }
            is_read |= reply.read_line(line)?;
        }
        // An empty list is one, too.
        if is_read || is_first { Ok(reply) } else { Err(Useless::Unreadable) }
    }

    /// Whether the line could be read.
    fn read_line(&mut self, line: &str) -> Result<bool, Useless> {
        let mut fields = line.split('|').map(str::trim);
        let kind = fields.next().unwrap_or_default();
        let (first, second) = (fields.next(), fields.next());
        let Some(first) = first else { return Ok(self.read_bare(kind)) };
        if kind.eq_ignore_ascii_case("H") {
            return Ok(self.take_host(first));
        }
        if kind.eq_ignore_ascii_case("U") {
            return Ok(self.take_cache(first));
        }
        if !kind.eq_ignore_ascii_case("I") {
            return Ok(false);
        }
        self.read_information(first, second, fields.next())
    }

    fn read_information(
        &mut self,
        about: &str,
        first: Option<&str>,
        second: Option<&str>,
    ) -> Result<bool, Useless> {
        if about.eq_ignore_ascii_case("pong")
            && let Some(networks) = second.filter(|networks| !networks.is_empty())
            && !networks.split('-').any(|network| network.trim().eq_ignore_ascii_case(NETWORK))
        {
            return Err(Useless::OtherNetwork);
        }
        if about.eq_ignore_ascii_case("update") {
            self.is_taken = Some(starts_with(first.unwrap_or_default(), "OK"));
        }
        Ok(true)
    }

    /// A line of version 1.
    fn read_bare(&mut self, line: &str) -> bool {
        if starts_with(line, "OK") {
            self.is_taken = Some(true);
            return true;
        }
        // `PONG` and its version say that it lives.
        starts_with(line, "PONG") || self.take_host(line) || self.take_cache(line)
    }

    fn take_host(&mut self, text: &str) -> bool {
        let Ok(host) = text.parse::<SocketAddrV4>() else { return false };
        let host = SocketAddr::V4(host);
        if self.hosts.len() < WEB_CACHE_HOSTS_MAX && !self.hosts.contains(&host) {
            self.hosts.push(host);
        }
        true
    }

    fn take_cache(&mut self, text: &str) -> bool {
        let Ok(cache) = text.parse::<WebCacheUrl>() else { return false };
        if self.caches.len() < CACHES_OF_ANSWER_MAX && !self.caches.contains(&cache) {
            self.caches.push(cache);
        }
        true
    }
}

/// BOOT-10
fn check_first(line: &str) -> Result<(), Useless> {
    if line.starts_with('<') {
        return Err(Useless::Page);
    }
    if starts_with(line, "ERROR") { Err(Useless::Refused) } else { Ok(()) }
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}
