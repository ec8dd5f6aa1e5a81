//! Magnet links: a content by its names, and where it may be had.

use std::fmt;

use super::urn::Urn;

/// One file of a magnet link.
///
/// Nothing in it is a path, and nothing in it may become one (MAGNET-06): `name` is what somebody
/// suggests, and [`super::file_name::SafeName`] makes a name of it that a disk may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Magnet {
    /// `xt`: the names of the content.
    pub urns: Vec<Urn>,
    /// `dn`: what it may be called.
    pub name: Option<String>,
    /// `xl`: how many bytes it has.
    pub size: Option<u64>,
    /// `kt`: words to search for.
    pub keywords: Option<String>,
    /// `xs`, `as`: URLs at which it may be had, or where somebody is who has it.
    pub sources: Vec<String>,
    /// `tr`: trackers, which Gnutella has no use for.
    pub trackers: Vec<String>,
}

impl Magnet {
    /// Reads a link: one value for each file in it; nothing where it is none.
    pub fn parse(_text: &str) -> Option<Vec<Self>> {
        None
    }

    /// The SHA-1 among its names.
    pub fn sha1(&self) -> Option<[u8; 20]> {
        self.urns.iter().find_map(|urn| urn.sha1().copied())
    }

    /// The root of the Tiger tree among its names.
    pub fn tiger_root(&self) -> Option<[u8; 24]> {
        self.urns.iter().find_map(|urn| match urn {
            Urn::Bitprint { tiger_tree, .. } | Urn::TigerTree(tiger_tree) => Some(*tiger_tree),
            _ => None,
        })
    }
}

impl fmt::Display for Magnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("magnet:?")
    }
}
