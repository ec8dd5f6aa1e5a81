use std::fmt;
use std::net::SocketAddrV4;

use crate::base::kazaa_hash::UuHash;
use crate::base::show::{WORDS_LEN_MAX, is_harmful, one_line};
use crate::fasttrack::wire::{Tag, TagValue};

/// What one header of FastTrack says (FTHTTP-03, FTHTTP-08). `Display` writes its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// `X-Kazaa-Username: bob`
    User(String),
    /// `X-Kazaa-Network: KaZaA`
    Network(String),
    /// `X-Kazaa-IP: 203.0.113.5:1214`, of whoever sends the head. The port may be 0.
    Address(SocketAddrV4),
    /// `X-Kazaa-SupernodeIP: 198.51.100.1:1214`
    Supernode(SocketAddrV4),
    /// `X-KazaaTag: 21=128`
    Tag(TagHeader),
}

/// What is told of a file under one tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagHeader {
    pub tag: Tag,
    pub value: TagSays,
}

/// The value of a tag, as a head has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagSays {
    Number(u32),
    Hash(UuHash),
    Text(String),
}

const USER: &str = "X-Kazaa-Username";
const NETWORK: &str = "X-Kazaa-Network";
const ADDRESS: &str = "X-Kazaa-IP";
const SUPERNODE: &str = "X-Kazaa-SupernodeIP";
const TAG: &str = "X-KazaaTag";

impl Header {
    /// Reads a header; nothing where it is another one, or says nothing that can be understood.
    pub fn parse(name: &str, value: &str) -> Option<Self> {
        let (is, value) = (|known| name.eq_ignore_ascii_case(known), value.trim());
        if is(USER) {
            words(value).map(Self::User)
        } else if is(NETWORK) {
            words(value).map(Self::Network)
        } else if is(ADDRESS) {
            value.parse().ok().map(Self::Address)
        } else if is(SUPERNODE) {
            value.parse().ok().map(Self::Supernode)
        } else if is(TAG) {
            TagHeader::parse(value).map(Self::Tag)
        } else {
            None
        }
    }

    /// What the header is called.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::User(_) => USER,
            Self::Network(_) => NETWORK,
            Self::Address(_) => ADDRESS,
            Self::Supernode(_) => SUPERNODE,
            Self::Tag(_) => TAG,
        }
    }
}

impl TagHeader {
    /// That a file has this hash.
    pub const fn hash(hash: UuHash) -> Self {
        Self { tag: Tag::HASH, value: TagSays::Hash(hash) }
    }

    fn parse(text: &str) -> Option<Self> {
        let (tag, value) = text.split_once('=')?;
        let tag = Tag(number(tag)?);
        let value = match tag.value(&[0]) {
            _ if tag == Tag::HASH => TagSays::Hash(UuHash::from_text(value)?),
            TagValue::Number(_) => TagSays::Number(number(value)?),
            TagValue::Text(_) => TagSays::Text(words(value)?),
            TagValue::Pair(..) | TagValue::Hash(_) | TagValue::Bytes(_) => return None,
        };
        Some(Self { tag, value })
    }
}

/// Words of a stranger for people: one line of them, harmless.
fn words(text: &str) -> Option<String> {
    let words = one_line(&text.replace(is_harmful, " "), WORDS_LEN_MAX);
    Some(words).filter(|words| !words.is_empty())
}

fn number(text: &str) -> Option<u32> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(words) | Self::Network(words) => f.write_str(words),
            Self::Address(address) | Self::Supernode(address) => address.fmt(f),
            Self::Tag(TagHeader { tag, value }) => match value {
                TagSays::Number(number) => write!(f, "{}={number}", tag.0),
                TagSays::Hash(hash) => write!(f, "{}={}", tag.0, hash.to_text()),
                TagSays::Text(words) => write!(f, "{}={words}", tag.0),
            },
        }
    }
}
