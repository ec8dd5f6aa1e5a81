use std::fmt;

use data_encoding::BASE32_NOPAD;

use super::form::{number, write_list};
use super::target::root;
use super::{Form, Target};
use crate::base::limits::{CONTENT_URNS_MAX, RETRY_AFTER_MAX_S, THEX_PATH_LEN_MAX};
use crate::base::urn::Urn;
use crate::gnutella::link::{Head, read_date};

/// The names of a content: `X-Gnutella-Content-URN`, and its newer name `X-Content-URN` (HTTP-22).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentUrns(pub Vec<Urn>);

/// Where a Tiger tree can be had: `X-Thex-URI: /uri-res/N2X?urn:sha1:…;ROOT` (THEX-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThexUri {
    /// What to ask for at the same server.
    pub target: Target,
    pub root: Option<[u8; 24]>,
}

/// Seconds to wait: `Retry-After` (QUEUE-04). A date counts from the `Date` of the same head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub u32);

/// When the content came into the network, in milliseconds since 1970: `X-Create-Time` (HTTP-23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreateTime(pub u64);

/// Bytes of the file that a client has already: `X-Downloaded` (HTTP-24).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Downloaded(pub u64);

impl ContentUrns {
    /// The SHA-1 among them.
    pub fn sha1(&self) -> Option<[u8; 20]> {
        self.0.iter().find_map(|urn| urn.sha1().copied())
    }

    /// The root of the Tiger tree among them.
    pub fn tiger_root(&self) -> Option<[u8; 24]> {
        self.0.iter().find_map(Urn::tiger_root)
    }
}

impl Form for ContentUrns {
    const NAME: &'static str = "X-Gnutella-Content-URN";

    /// Nothing where none can be read.
    fn parse(value: &str) -> Option<Self> {
        let items = value.split([',', ' ']).filter_map(|item| Urn::parse(item.trim().as_bytes()));
        let urns: Vec<Urn> = items.take(CONTENT_URNS_MAX).collect();
        (!urns.is_empty()).then_some(Self(urns))
    }

    fn of(head: &Head) -> Option<Self> {
        let values = head.values(Self::NAME).chain(head.values("X-Content-URN"));
        let mut urns: Vec<Urn> = Vec::new();
        for urn in values.filter_map(Self::parse).flat_map(|urns| urns.0) {
            if urns.len() < CONTENT_URNS_MAX && !urns.contains(&urn) {
                urns.push(urn);
            }
        }
        (!urns.is_empty()).then_some(Self(urns))
    }
}

impl fmt::Display for ContentUrns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, self.0.iter().take(CONTENT_URNS_MAX), ",")
    }
}

impl Form for ThexUri {
    const NAME: &'static str = "X-Thex-URI";

    /// Nothing where it is no path, a long one, or one with other characters than a path may have: it
    /// would grow when we ask for it.
    fn parse(value: &str) -> Option<Self> {
        let (path, digits) = value.split_once(';').unwrap_or((value, ""));
        let (path, digits) = (path.trim(), digits.trim());
        let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic());
        let is_path = path.starts_with('/') && path.len() <= THEX_PATH_LEN_MAX && is_plain;
        let target = is_path.then(|| Target::parse(path))?;
        Some(Self { target, root: root(digits.as_bytes()) })
    }
}

impl fmt::Display for ThexUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)?;
        self.root.iter().try_for_each(|root| write!(f, ";{}", BASE32_NOPAD.encode(root)))
    }
}

impl Form for RetryAfter {
    const NAME: &'static str = "Retry-After";

    fn parse(value: &str) -> Option<Self> {
        number::<u64>(value).map(Self::capped)
    }

    fn of(head: &Head) -> Option<Self> {
        let value = head.value(Self::NAME)?;
        let until = || {
            let now = head.value("Date").and_then(read_date)?;
            read_date(value).map(|then| Self::capped(then.saturating_sub(now)))
        };
        Self::parse(value).or_else(until)
    }
}

impl RetryAfter {
    fn capped(seconds: u64) -> Self {
        Self(u32::try_from(seconds).unwrap_or(u32::MAX).min(RETRY_AFTER_MAX_S))
    }
}

impl Form for CreateTime {
    const NAME: &'static str = "X-Create-Time";

    fn parse(value: &str) -> Option<Self> {
        number(value).map(Self)
    }
}

impl Form for Downloaded {
    const NAME: &'static str = "X-Downloaded";

    fn parse(value: &str) -> Option<Self> {
        number(value).map(Self)
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for CreateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Downloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
