//! By what a file is known that somebody wants.

use std::fmt;

use crate::base::kazaa_hash::{KzHash, UuHash};
use crate::base::urn::Urn;

/// By what a file is known: by the hash of one network, or by those of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    Sha1([u8; 20]),
    Kazaa(KazaaName),
    Both([u8; 20], KazaaName),
}

/// What FastTrack knows a file by. Without a root it covers parts of it alone (FTHASH-04).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KazaaName {
    pub uuhash: UuHash,
    /// Of the MD5 tree.
    pub root: Option<[u8; 16]>,
}

/// What tells files apart of which each is fetched once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentKey {
    Sha1([u8; 20]),
    Kazaa(UuHash),
}

/// SHA-1 of no bytes at all, and what FastTrack knows them by.
const SHA1_OF_NOTHING: [u8; 20] = [
    0xda, 0x39, 0xa3, 0xee, 0x5e, 0x6b, 0x4b, 0x0d, 0x32, 0x55, 0xbf, 0xef, 0x95, 0x60, 0x18, 0x90,
    0xaf, 0xd8, 0x07, 0x09,
];
const UUHASH_OF_NOTHING: UuHash = UuHash([
    0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04, 0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42, 0x7e,
    0xff, 0xff, 0xff, 0xff,
]);

impl KnownBy {
    /// What is known of both, where anything is.
    pub fn of(sha1: Option<[u8; 20]>, kazaa: Option<KazaaName>) -> Option<Self> {
        match (sha1, kazaa) {
            (Some(sha1), None) => Some(Self::Sha1(sha1)),
            (None, Some(kazaa)) => Some(Self::Kazaa(kazaa)),
            (Some(sha1), Some(kazaa)) => Some(Self::Both(sha1, kazaa)),
            (None, None) => None,
        }
    }

    /// Its SHA-1.
    pub const fn sha1(&self) -> Option<[u8; 20]> {
        match self {
            Self::Sha1(sha1) | Self::Both(sha1, _) => Some(*sha1),
            Self::Kazaa(_) => None,
        }
    }

    /// What FastTrack knows it by.
    pub const fn kazaa(&self) -> Option<KazaaName> {
        match self {
            Self::Kazaa(kazaa) | Self::Both(_, kazaa) => Some(*kazaa),
            Self::Sha1(_) => None,
        }
    }

    /// Whether one of its hashes covers all bytes, of which there are so many as far as is known (FTHASH-04).
    pub fn covers_all(&self, size: Option<u64>) -> bool {
        let is_short = size.is_some_and(UuHash::covers_all_of);
        self.sha1().is_some() || self.kazaa().is_some_and(|it| it.root.is_some() || is_short)
    }

    /// Whether it is the file without bytes, which everybody knows.
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Sha1(sha1) | Self::Both(sha1, _) => *sha1 == SHA1_OF_NOTHING,
            Self::Kazaa(kazaa) => kazaa.uuhash == UUHASH_OF_NOTHING,
        }
    }

    /// What tells it apart.
    pub const fn key(&self) -> ContentKey {
        match self {
            Self::Sha1(sha1) | Self::Both(sha1, _) => ContentKey::Sha1(*sha1),
            Self::Kazaa(kazaa) => ContentKey::Kazaa(kazaa.uuhash),
        }
    }

    /// Whether both name one file, as far as one hash tells.
    pub fn may_be(&self, other: &Self) -> bool {
        match (self.sha1(), other.sha1()) {
            (Some(sha1), Some(other)) => sha1 == other,
            _ => self.kazaa().zip(other.kazaa()).is_some_and(|(kazaa, other)| kazaa.may_be(&other)),
        }
    }
}

impl KazaaName {
    /// A hash of parts alone.
    pub const fn parts(uuhash: UuHash) -> Self {
        Self { uuhash, root: None }
    }

    /// All of it, where the root is known.
    pub fn kzhash(&self) -> Option<KzHash> {
        Some(KzHash { uuhash: self.uuhash, root: self.root? })
    }

    fn may_be(&self, other: &Self) -> bool {
        let roots = self.root.zip(other.root);
        self.uuhash == other.uuhash && roots.is_none_or(|(root, other)| root == other)
    }
}

impl From<KzHash> for KazaaName {
    fn from(KzHash { uuhash, root }: KzHash) -> Self {
        Self { uuhash, root: Some(root) }
    }
}

/// What a file is called of which nothing else is known.
impl fmt::Display for KnownBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha1(sha1) | Self::Both(sha1, _) => Urn::Sha1(*sha1).fmt(f),
            Self::Kazaa(kazaa) => kazaa.uuhash.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: [u8; 20] = [1; 20];
    const PARTS: KazaaName = KazaaName::parts(UuHash([2; 20]));

    /// FTHASH-04
    #[test]
    fn parts_alone_do_not_vouch_for_the_rest() {
        let whole = KazaaName { root: Some([3; 16]), ..PARTS };
        let parts = KnownBy::Kazaa(PARTS);
        assert!(!parts.covers_all(None) && !parts.covers_all(Some(307_201)));
        assert!(parts.covers_all(Some(307_200)), "its beginning is all of it");
        for known_by in [KnownBy::Kazaa(whole), KnownBy::Sha1(SHA1), KnownBy::Both(SHA1, PARTS)] {
            assert!(known_by.covers_all(None) && known_by.covers_all(Some(307_201)));
        }
    }

    #[test]
    fn files_are_one_where_the_best_hash_that_both_have_says_so() {
        let other = KazaaName::parts(UuHash([9; 20]));
        let (both, sha1) = (KnownBy::Both(SHA1, PARTS), KnownBy::Sha1(SHA1));
        assert!(both.may_be(&sha1) && sha1.may_be(&KnownBy::Both(SHA1, other)));
        assert!(both.may_be(&KnownBy::Kazaa(PARTS)) && !both.may_be(&KnownBy::Kazaa(other)));
        assert!(!both.may_be(&KnownBy::Both([7; 20], PARTS)));
        assert!(!sha1.may_be(&KnownBy::Kazaa(PARTS)), "nothing says so");
        let rooted = |root| KnownBy::Kazaa(KazaaName { root: Some(root), ..PARTS });
        assert!(rooted([3; 16]).may_be(&KnownBy::Kazaa(PARTS)));
        assert!(!rooted([3; 16]).may_be(&rooted([4; 16])));
    }
}
