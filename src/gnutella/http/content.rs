use std::fmt;

use super::Form;
use crate::base::urn::Urn;

/// The names of a content: `X-Gnutella-Content-URN`, and its newer name `X-Content-URN` (HTTP-22).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentUrns(pub Vec<Urn>);

/// Where a Tiger tree can be had: `X-Thex-URI: /uri-res/N2X?urn:sha1:…;ROOT` (THEX-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThexUri {
    /// The path, as it is asked for.
    pub path: String,
    pub root: Option<[u8; 24]>,
}

/// Seconds to wait: `Retry-After` (QUEUE-05).
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
}

impl Form for ContentUrns {
    const NAME: &'static str = "X-Gnutella-Content-URN";

    fn parse(_value: &str) -> Option<Self> {
        None
    }
}

impl fmt::Display for ContentUrns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, urn) in self.0.iter().enumerate() {
            let before = if number == 0 { "" } else { "," };
            write!(f, "{before}{urn}")?;
        }
        Ok(())
    }
}
