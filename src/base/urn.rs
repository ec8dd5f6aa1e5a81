//! Names of file contents, as HUGE and magnet links write them.

use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE, HEXLOWER, HEXLOWER_PERMISSIVE};
use nom::branch::alt;
use nom::bytes::complete::{tag_no_case, take};
use nom::character::complete::char;
use nom::combinator::{map_opt, value};
use nom::sequence::{preceded, separated_pair};
use nom::{IResult, Parser};
use serde::{Serialize, Serializer};

use super::kazaa_hash::KzHash;

const SHA1_DIGITS: usize = 32;
const TIGER_DIGITS: usize = 39;

/// A name made from the digest of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urn {
    /// `urn:sha1:` and 32 base32 digits: SHA-1 of the whole file.
    Sha1([u8; 20]),
    /// `urn:bitprint:`, SHA-1, a dot, and the root of the Tiger tree in 39 base32 digits.
    Bitprint { sha1: [u8; 20], tiger_tree: [u8; 24] },
    /// `urn:ttroot:` and 39 base32 digits: root of the Tiger tree. Also read as
    /// `urn:tree:tiger:` and `urn:tree:tiger/:`.
    TigerTree([u8; 24]),
    /// `urn:ed2khash:` and 32 hexadecimal digits. Also read as `urn:ed2k:`.
    Ed2k([u8; 16]),
    /// `urn:md5:` and 32 hexadecimal digits.
    Md5([u8; 16]),
    /// `urn:btih:` and 32 base32 digits: the info hash of a torrent, not of a file. Also read in
    /// 40 hexadecimal digits.
    Btih([u8; 20]),
    /// `urn:nms1:` and 32 base32 digits: SHA-1 of an audio file without its metadata.
    Nms1([u8; 20]),
    /// `urn:kzhash:` and 72 hexadecimal digits: what FastTrack knows a file by (FTHASH-11).
    KzHash(KzHash),
}

impl Urn {
    /// Reads a whole text as one URN. Letters of either case are understood.
    pub fn parse(text: &[u8]) -> Option<Self> {
        match Self::parse_prefix(text) {
            Some((urn, b"")) => Some(urn),
            _ => None,
        }
    }

    /// Reads the URN at the front of `text`, and returns it with what follows.
    pub fn parse_prefix(text: &[u8]) -> Option<(Self, &[u8])> {
        let (rest, urn) = urn(text).ok()?;
        Some((urn, rest))
    }

    /// The root of the Tiger tree in it, if there is one.
    pub const fn tiger_root(&self) -> Option<[u8; 24]> {
        match self {
            Self::Bitprint { tiger_tree, .. } | Self::TigerTree(tiger_tree) => Some(*tiger_tree),
            _ => None,
        }
    }

    /// The SHA-1 in it, if there is one.
    pub const fn sha1(&self) -> Option<&[u8; 20]> {
        match self {
            Self::Sha1(sha1) | Self::Bitprint { sha1, .. } => Some(sha1),
            _ => None,
        }
    }

    /// What FastTrack knows the content by, if that is it.
    pub const fn kzhash(&self) -> Option<&KzHash> {
        match self {
            Self::KzHash(hash) => Some(hash),
            _ => None,
        }
    }
}

impl fmt::Display for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base32 = |digest: &[u8]| BASE32_NOPAD.encode(digest);
        match self {
            Self::Sha1(sha1) => write!(f, "urn:sha1:{}", base32(sha1)),
            Self::Bitprint { sha1, tiger_tree } => {
                write!(f, "urn:bitprint:{}.{}", base32(sha1), base32(tiger_tree))
            }
            Self::TigerTree(root) => write!(f, "urn:ttroot:{}", base32(root)),
            Self::Ed2k(digest) => write!(f, "urn:ed2khash:{}", HEXLOWER.encode(digest)),
            Self::Md5(digest) => write!(f, "urn:md5:{}", HEXLOWER.encode(digest)),
            Self::Btih(digest) => write!(f, "urn:btih:{}", base32(digest)),
            Self::Nms1(digest) => write!(f, "urn:nms1:{}", base32(digest)),
            Self::KzHash(hash) => write!(f, "urn:kzhash:{hash}"),
        }
    }
}

impl Serialize for Urn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

type Parsed<'a, T> = IResult<&'a [u8], T, ()>;

fn urn(text: &[u8]) -> Parsed<'_, Urn> {
    preceded(
        tag_no_case("urn:"),
        alt((
            preceded(tag_no_case("sha1:"), sha1).map(Urn::Sha1),
            preceded(tag_no_case("bitprint:"), separated_pair(sha1, char('.'), tiger_tree))
                .map(|(sha1, tiger_tree)| Urn::Bitprint { sha1, tiger_tree }),
            preceded(tiger_tree_prefix, tiger_tree).map(Urn::TigerTree),
            preceded(alt((tag_no_case("ed2k:"), tag_no_case("ed2khash:"))), hex).map(Urn::Ed2k),
            preceded(tag_no_case("md5:"), hex).map(Urn::Md5),
            preceded(tag_no_case("btih:"), alt((hex, sha1))).map(Urn::Btih),
            preceded(tag_no_case("nms1:"), sha1).map(Urn::Nms1),
            preceded(tag_no_case("kzhash:"), hex).map(|hash| Urn::KzHash(KzHash::from_bytes(hash))),
        )),
    )
    .parse(text)
}

fn tiger_tree_prefix(text: &[u8]) -> Parsed<'_, ()> {
    let names = (tag_no_case("ttroot:"), tag_no_case("tree:tiger:"), tag_no_case("tree:tiger/:"));
    value((), alt(names)).parse(text)
}

fn sha1(text: &[u8]) -> Parsed<'_, [u8; 20]> {
    map_opt(take(SHA1_DIGITS), base32).parse(text)
}

fn tiger_tree(text: &[u8]) -> Parsed<'_, [u8; 24]> {
    map_opt(take(TIGER_DIGITS), base32).parse(text)
}

fn hex<const N: usize>(text: &[u8]) -> Parsed<'_, [u8; N]> {
    let digest = |digits| HEXLOWER_PERMISSIVE.decode(digits).ok()?.try_into().ok();
    map_opt(take(N.saturating_mul(2)), digest).parse(text)
}

/// Trailing bits that stand for nothing must be zero, else two texts would name one file.
fn base32<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    BASE32_NOPAD_NOCASE.decode(digits).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_urn_is_read_in_any_case_and_written_in_one() {
        for (read, written) in [
            (
                "URN:SHA1:plsthipqgsszts5fjupakuzwugyqypfb",
                "urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB",
            ),
            (
                "urn:tree:tiger:LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ",
                "urn:ttroot:LWPNACQDBZRYXW3VHJVCJ64QBZNGHOHHHZWCLNQ",
            ),
            (
                "urn:ed2k:31D6CFE0D16AE931B73C59D7E0C089C0",
                "urn:ed2khash:31d6cfe0d16ae931b73c59d7e0c089c0",
            ),
            (
                "urn:KZHASH:9DD3AE6A6C8E0CB4DB42B9707884E112FF4FFBFF73ECB9B592FFF03D0BB5631B39842C13",
                "urn:kzhash:9dd3ae6a6c8e0cb4db42b9707884e112ff4ffbff73ecb9b592fff03d0bb5631b39842c13",
            ),
        ] {
            assert_eq!(Urn::parse(read.as_bytes()).unwrap().to_string(), written);
            assert_eq!(Urn::parse(written.as_bytes()), Urn::parse(read.as_bytes()));
        }
    }

    #[test]
    fn what_follows_is_left_alone() {
        let text = b"urn:md5:d41d8cd98f00b204e9800998ecf8427e\x1cmore";
        let (urn, rest) = Urn::parse_prefix(text).unwrap();
        assert_eq!(urn.to_string(), "urn:md5:d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(rest, b"\x1cmore");
        assert_eq!(Urn::parse(text), None);
    }

    #[test]
    fn a_digit_too_few_or_outside_the_alphabet_is_no_urn() {
        assert_eq!(Urn::parse(b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPF"), None);
        assert_eq!(Urn::parse(b"urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPF1"), None);
        assert_eq!(Urn::parse(b"urn:sha1:"), None);
        assert_eq!(Urn::parse(b"urn:"), None);
    }
}
