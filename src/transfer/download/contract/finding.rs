//! Who has a file, as somebody tells it.

use std::net::{SocketAddr, SocketAddrV4};

use crate::base::kazaa_hash::UuHash;
use crate::gnutella::wire::Guid;

/// Somebody who has a file, or some of it, as one download names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u64);

/// How a file is named where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// `/uri-res/N2R?urn:sha1:…`
    ByUrn,
    /// `/get/INDEX/NAME`, of a hit.
    ByIndex { index: u32, name: String },
    /// The target of a URL, of a magnet link.
    Url(String),
    /// The same, of a host that is called by this name (and port).
    Named { host: String, target: String },
    /// `/.hash=…`, of a node of FastTrack (FTHTTP-01).
    Kazaa(KazaaHost),
}

/// A node of FastTrack that has a file, as a result names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KazaaHost {
    /// What the file is known by there.
    pub hash: UuHash,
    pub user: String,
    pub network: String,
    /// Its own supernode, which passes a push on to it.
    pub supernode: Option<SocketAddrV4>,
}

impl KazaaHost {
    /// One of which nothing is known beside its address.
    pub const fn unknown(hash: UuHash) -> Self {
        Self { hash, user: String::new(), network: String::new(), supernode: None }
    }
}

/// Who told of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The user, in a magnet link.
    User,
    /// A hit.
    Hit,
    /// Another source, as an alternate location.
    Alternate,
    /// An earlier run.
    Journal,
}

/// A source, as somebody told of it. Nothing of it is known to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub address: SocketAddr,
    pub path: Path,
    /// Its servent, and who passes a Push on to it.
    pub push: Option<PushWay>,
    /// It says that nobody can call it.
    pub is_firewalled: bool,
    /// It says that it speaks TLS.
    pub takes_tls: bool,
    /// What the file is called there, as safe as names are here.
    pub name: Option<String>,
    pub origin: Origin,
}

impl Finding {
    /// Somebody who is said to have it, and to be reachable.
    pub const fn by_urn(address: SocketAddr, origin: Origin) -> Self {
        Self {
            address,
            path: Path::ByUrn,
            push: None,
            is_firewalled: false,
            takes_tls: false,
            name: None,
            origin,
        }
    }

    /// A node of FastTrack that is said to have it, and to be reachable.
    pub fn of_kazaa(address: SocketAddrV4, host: KazaaHost, origin: Origin) -> Self {
        let path = Path::Kazaa(host);
        Self { path, ..Self::by_urn(SocketAddr::V4(address), origin) }
    }

    /// The node of FastTrack that it is.
    pub(in crate::transfer::download) const fn kazaa(&self) -> Option<&KazaaHost> {
        match &self.path {
            Path::Kazaa(host) => Some(host),
            _ => None,
        }
    }

    /// Whether it can be asked to call us.
    pub(in crate::transfer::download) fn can_be_pushed(&self) -> bool {
        self.push.is_some() || self.kazaa().is_some_and(|host| host.supernode.is_some())
    }

    /// Whether both are one host: one servent, one user of a supernode, or one address.
    pub(in crate::transfer::download) fn is_same(&self, other: &Self) -> bool {
        let servent = |finding: &Self| finding.push.as_ref().map(|way| way.servent);
        if self.is_firewalled && other.is_firewalled {
            return match (self.kazaa(), other.kazaa()) {
                (None, None) => servent(self) == servent(other),
                (Some(host), Some(other)) => {
                    host.supernode == other.supernode && host.user == other.user
                }
                _ => false,
            };
        }
        self.is_firewalled == other.is_firewalled && self.address == other.address
    }
}

/// How to have a servent call us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushWay {
    pub servent: Guid,
    /// The file's number there.
    pub index: u32,
    pub proxies: Vec<SocketAddr>,
}
