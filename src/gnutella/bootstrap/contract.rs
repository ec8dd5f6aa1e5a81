use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use bytes::Bytes;

use super::{HostCacheName, Names, Useless, WebCacheUrl};

/// What a [`Bootstrap`](super::Bootstrap) is told once.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub names: Names,
    /// Web caches are told of this node when it is an ultrapeer that can be reached (BOOT-13).
    pub announces: bool,
    /// They may be told of a private address, too. For laboratories.
    pub allow_private: bool,
}

/// When a cache was asked, for a driver to keep from one run to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As it prints.
    pub name: String,
    /// How long ago.
    pub ago: Duration,
}

/// How the node stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Hosts that it could call.
    pub hosts: usize,
    /// Ultrapeers that it is connected to.
    pub ultrapeers: usize,
    /// Where it takes connections, if it is an ultrapeer that others are known to reach there.
    pub reachable_at: Option<SocketAddrV4>,
}

/// What a driver hands to a [`Bootstrap`](super::Bootstrap).
#[derive(Clone, Debug)]
pub enum Input {
    /// The node stands like this now. To be said at the start, and when it has changed.
    Standing(Standing),
    /// A UDP host cache has answered: how many hosts it named, and the lines in which it named other
    /// caches.
    Answered { cache: HostCacheName, hosts: usize, caches: Vec<String> },
    /// Neighbours have named UDP host caches, in such lines.
    Named { caches: Vec<String> },
    /// The request to a web cache has come to its end: the status and the body of the answer, or
    /// nothing where there was none.
    Fetched { cache: WebCacheUrl, answer: Option<(u16, Bytes)> },
    /// Nobody knows an address of this cache; it was not asked.
    Unresolved(Unresolved),
    /// The moment of [`next_timeout`](super::Bootstrap::next_timeout) has come.
    Timeout,
}

/// A cache without an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    Udp(HostCacheName),
    Web(WebCacheUrl),
}

/// What a [`Bootstrap`](super::Bootstrap) hands to its driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Resolve this name and ping the address (BOOT-03). Its answer, if there is one within 20 s, is
    /// [`Input::Answered`].
    AskUdp { cache: HostCacheName },
    /// It has not answered.
    Silent { cache: HostCacheName },
    /// Get this URL, and hand in [`Input::Fetched`] whatever comes of it.
    AskWeb { cache: WebCacheUrl, url: String },
    /// The web cache whose answer was handed in names these hosts.
    Learnt { cache: WebCacheUrl, hosts: Vec<SocketAddr> },
    /// The answer of a web cache is of no use.
    Useless { cache: WebCacheUrl, why: Useless },
}
