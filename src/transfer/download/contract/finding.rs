//! Who has a file, as somebody tells it.

use std::net::SocketAddr;

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

    /// Whether both are one host: one servent, or one address.
    pub(in crate::transfer::download) fn is_same(&self, other: &Self) -> bool {
        let servent = |finding: &Self| finding.push.as_ref().map(|way| way.servent);
        if self.is_firewalled && other.is_firewalled {
            return servent(self) == servent(other);
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
