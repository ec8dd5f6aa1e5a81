use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::dynint;
use crate::base::legacy_text;
use crate::base::reader::Reader;

/// What a value is about (FTWIRE-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    /// In searches only: any text (FTSEARCH-07).
    pub const ANY: Self = Self(0x00);
    pub const YEAR: Self = Self(0x01);
    pub const FILE_NAME: Self = Self(0x02);
    pub const HASH: Self = Self(0x03);
    pub const TITLE: Self = Self(0x04);
    /// Seconds.
    pub const LENGTH: Self = Self(0x05);
    pub const ARTIST: Self = Self(0x06);
    pub const ALBUM: Self = Self(0x08);
    pub const LANGUAGE: Self = Self(0x0a);
    pub const KEYWORDS: Self = Self(0x0c);
    /// Width and height.
    pub const RESOLUTION: Self = Self(0x0d);
    pub const CATEGORY: Self = Self(0x0e);
    pub const SYSTEM: Self = Self(0x10);
    pub const BIT_DEPTH: Self = Self(0x11);
    pub const TYPE: Self = Self(0x12);
    /// kbit/s.
    pub const BITRATE: Self = Self(0x15);
    pub const VERSION: Self = Self(0x18);
    pub const COMMENT: Self = Self(0x1a);
    pub const CODEC: Self = Self(0x1c);
    /// 0 to 4.
    pub const RATING: Self = Self(0x1d);
    /// In searches only: bytes.
    pub const SIZE: Self = Self(0x21);
    /// What mldonkey writes for [`TYPE`](Self::TYPE).
    pub const MLDONKEY_TYPE: Self = Self(0x22);
    /// The hash, and the root of a tree behind it.
    pub const KZHASH: Self = Self(0x1_0003);

    /// What these bytes mean under this tag; bytes that do not fit it stay bytes (FTWIRE-08).
    pub fn value(self, bytes: &[u8]) -> TagValue<'_> {
        let value = match self {
            Self::YEAR
            | Self::LENGTH
            | Self::BIT_DEPTH
            | Self::BITRATE
            | Self::RATING
            | Self::SIZE => number(bytes),
            Self::RESOLUTION => pair(bytes),
            Self::HASH => (bytes.len() == HASH_LEN).then_some(TagValue::Hash(bytes)),
            Self::KZHASH => (bytes.len() == KZHASH_LEN).then_some(TagValue::Hash(bytes)),
            _ if self.is_text() => Some(TagValue::Text(bytes)),
            _ => None,
        };
        value.unwrap_or(TagValue::Bytes(bytes))
    }

    const fn is_text(self) -> bool {
        matches!(
            self,
            Self::ANY
                | Self::FILE_NAME
                | Self::TITLE
                | Self::ARTIST
                | Self::ALBUM
                | Self::LANGUAGE
                | Self::KEYWORDS
                | Self::CATEGORY
                | Self::SYSTEM
                | Self::TYPE
                | Self::MLDONKEY_TYPE
                | Self::VERSION
                | Self::COMMENT
                | Self::CODEC
        )
    }
}

/// Bytes of a hash, and of one with the root of its tree.
const HASH_LEN: usize = 20;
const KZHASH_LEN: usize = 36;

/// The value of a tag, in the form that its number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagValue<'a> {
    Number(u32),
    Pair(u32, u32),
    /// 20 bytes, or 36, of which the first 20 are the hash.
    Hash(&'a [u8]),
    /// Bytes of no declared character set (FTWIRE-09): see [`text`](Self::text).
    Text(&'a [u8]),
    /// What does not fit its tag, or whose tag is not known.
    Bytes(&'a [u8]),
}

impl<'a> TagValue<'a> {
    pub const fn number(self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The characters of a text.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(bytes) => Some(legacy_text::read(bytes)),
            _ => None,
        }
    }

    /// The hash, without the root of its tree.
    pub fn hash(self) -> Option<[u8; 20]> {
        match self {
            Self::Hash(bytes) => bytes.first_chunk().copied(),
            _ => None,
        }
    }

    /// As one field that is named after its form.
    pub(super) fn serialize_into<M: SerializeMap>(self, map: &mut M) -> Result<(), M::Error> {
        let hex = |bytes| data_encoding::HEXLOWER.encode(bytes);
        match self {
            Self::Number(number) => map.serialize_entry("number", &number),
            Self::Pair(first, second) => map.serialize_entry("pair", &[first, second]),
            Self::Hash(bytes) => map.serialize_entry("hash", &hex(bytes)),
            Self::Text(bytes) => map.serialize_entry("text", &legacy_text::read(bytes)),
            Self::Bytes(bytes) => map.serialize_entry("hex", &hex(bytes)),
        }
    }
}

fn number(bytes: &[u8]) -> Option<TagValue<'_>> {
    let mut reader = Reader::new(bytes);
    let number = dynint::take(&mut reader).ok()?;
    reader.is_empty().then_some(TagValue::Number(number))
}

fn pair(bytes: &[u8]) -> Option<TagValue<'_>> {
    let mut reader = Reader::new(bytes);
    let first = dynint::take(&mut reader).ok()?;
    let second = dynint::take(&mut reader).ok()?;
    reader.is_empty().then_some(TagValue::Pair(first, second))
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}
