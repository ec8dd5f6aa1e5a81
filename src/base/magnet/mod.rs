//! Magnet links: a content by its names, and where it may be had.

mod link;
mod source;

pub use self::source::Source;
use super::file_name::SafeName;
use super::kazaa_hash::KzHash;
use super::urn::Urn;

/// One file of a magnet link.
///
/// Nothing in it is a path of ours, and nothing in it can become one (MAGNET-06): what a link suggests as
/// a name is made a [`SafeName`] when it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Magnet {
    /// `xt`: the names of the content.
    pub urns: Vec<Urn>,
    /// `dn`: what it may be called.
    pub name: Option<SafeName>,
    /// `xl`: how many bytes it has.
    pub size: Option<u64>,
    /// `kt`: words to search for, on one line.
    pub keywords: Option<String>,
    /// `xs`, `as`: who may have it.
    pub sources: Vec<Source>,
    /// `tr`: trackers, which Gnutella has no use for, each on one line.
    pub trackers: Vec<String>,
}

impl Magnet {
    /// Reads a link: one value for each file in it (MAGNET-01, MAGNET-03); nothing where it is none, or
    /// says nothing of use.
    pub fn parse(text: &str) -> Option<Vec<Self>> {
        link::parse(text)
    }

    /// One link to several files (MAGNET-03).
    pub fn link_to(files: &[Self]) -> String {
        link::write(files)
    }

    /// The SHA-1 among its names.
    pub fn sha1(&self) -> Option<[u8; 20]> {
        self.urns.iter().find_map(|urn| urn.sha1().copied())
    }

    /// The root of the Tiger tree among its names.
    pub fn tiger_root(&self) -> Option<[u8; 24]> {
        self.urns.iter().find_map(Urn::tiger_root)
    }

    /// What FastTrack knows the content by, among its names.
    pub fn kzhash(&self) -> Option<KzHash> {
        self.urns.iter().find_map(|urn| urn.kzhash().copied())
    }

    /// True where there is nothing by which something could be found.
    pub const fn is_empty(&self) -> bool {
        let has_name = self.name.is_some() || self.keywords.is_some();
        self.urns.is_empty() && self.sources.is_empty() && !has_name
    }
}

/// A link to this file alone.
impl std::fmt::Display for Magnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&Self::link_to(std::slice::from_ref(self)))
    }
}
