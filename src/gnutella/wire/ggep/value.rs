//! What the payloads of known extensions mean.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::urn::Urn;
use crate::gnutella::wire::vendor::MessageId;
use crate::gnutella::wire::{Guid, VendorCode};

/// The meaning of a payload. Lists that a peer could make long are kept packed, so that none of
/// them takes more room than it took on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No payload: the id alone says it.
    Mark,
    Number(u64),
    Signed(i8),
    Text(String),
    /// Lines of text, empty ones among them.
    Lines(String),
    Addresses(Vec<SocketAddrV4>),
    Addresses6(Vec<Address6>),
    /// One bit an address, the first in the highest bit of the first byte.
    Bitmap(Vec<u8>),
    Address(SocketAddr),
    Ipv6(Ipv6Addr),
    /// Bytes that mean something to their sender alone.
    Token(Vec<u8>),
    Urn(Urn),
    /// A digest with its kind before it.
    Hash(Urn),
    /// A hash that has no URN of ours: 4 is a UUID, 5 an MD4.
    OtherHash {
        kind: u8,
        digest: [u8; 16],
    },
    Vendor {
        code: VendorCode,
        version: Option<u8>,
    },
    Ultrapeer {
        version: u8,
        leaf_slots: u8,
        ultrapeer_slots: u8,
    },
    Guess {
        version: u8,
        port: Option<u16>,
    },
    Dht {
        major: u8,
        minor: u8,
        mode: u8,
    },
    Wants(Wants),
    Ranges(Ranges),
    /// Nodes of a tree over a file's blocks.
    Nodes(Nodes),
    Partial {
        time: u32,
        size: u64,
    },
    Servent(Guid),
    PushLocations(PushLocations),
    Version(GtkGnutellaVersion),
    Messages(Vec<MessageId>),
    /// Ids, a NUL between them.
    Ids(String),
    /// The payload of an unknown id, as it is.
    Open(Vec<u8>),
}

impl Value {
    /// The payload that says this, before COBS and deflate.
    pub fn to_payload(&self) -> Vec<u8> {
        super::write_value::write(self)
    }
}

/// An IPv6 address and a port, in 18 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address6 {
    pub ip: Ipv6Addr,
    pub port: u16,
}

/// Which hosts a ping asks for (GGEP-75).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants(pub u8);

impl Wants {
    pub const ULTRAPEERS: u8 = 0x01;
    pub const TLS: u8 = 0x02;
    pub const IPV6: u8 = 0x04;
    pub const NO_IPV4: u8 = 0x08;
    pub(super) const ALL: u8 = Self::ULTRAPEERS | Self::TLS | Self::IPV6 | Self::NO_IPV4;
}

/// Ranges of a file, packed as pairs of big-endian offsets of 4 or 5 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges {
    pub(super) offset_len: usize,
    pub(super) packed: Vec<u8>,
}

impl Ranges {
    /// First and last byte of each range.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.packed.chunks_exact(self.offset_len.saturating_mul(2)).map(|range| {
            let (first, last) = range.split_at_checked(self.offset_len).unwrap_or_default();
            (big_endian(first), big_endian(last))
        })
    }
}

/// Numbers of 1 to 4 bytes each, packed big-endian.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    pub(super) len: usize,
    pub(super) packed: Vec<u8>,
}

impl Nodes {
    /// The numbers.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.packed.chunks_exact(self.len.max(1)).map(big_endian)
    }
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte))
}

/// Firewalled sources of a file, packed (GGEP-40).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushLocations {
    pub(super) packed: Vec<u8>,
}

/// One firewalled source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushLocation<'a> {
    pub servent: Guid,
    pub features: u8,
    pub firewall_transfer: u8,
    pub address: Option<SocketAddrV4>,
    pub tls: Option<u8>,
    /// Packed, six bytes each.
    pub proxies: &'a [u8],
}

/// What gtk-gnutella says of its version (GGEP-49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GtkGnutellaVersion {
    pub version: u8,
    pub major: u8,
    pub minor: u8,
    pub patch: u8,
    pub letter: u8,
    pub release: u32,
    pub build: u32,
    pub rest: Vec<u8>,
}

impl fmt::Display for Address6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddrV6::new(self.ip, self.port, 0, 0).fmt(f)
    }
}

const fn nibbles(version: u8) -> (u8, u8) {
    (version >> 4, version & 0x0f)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        match self {
            Self::Mark => s.serialize_bool(true),
            Self::Number(number) => s.serialize_u64(*number),
            Self::Signed(number) => s.serialize_i8(*number),
            Self::Text(text) => s.serialize_str(text),
            Self::Lines(text) => s.collect_seq(text.split('\n').filter(|line| !line.is_empty())),
            Self::Addresses(list) => s.collect_seq(list),
            Self::Addresses6(list) => s.collect_seq(list.iter().map(ToString::to_string)),
            Self::Bitmap(bytes) => s.collect_str(&Bits(bytes)),
            Self::Address(address) => s.collect_str(address),
            Self::Ipv6(address) => s.collect_str(address),
            Self::Token(bytes) | Self::Open(bytes) => s.serialize_str(&hex(bytes)),
            Self::Urn(urn) | Self::Hash(urn) => urn.serialize(s),
            Self::OtherHash { kind, digest } => s.collect_str(&OtherHash(*kind, *digest)),
            Self::Vendor { code, version } => vendor(*code, *version, s),
            Self::Ultrapeer { version, leaf_slots, ultrapeer_slots } => {
                let (major, minor) = nibbles(*version);
                let (leaf, ultrapeer) = ("leaf_slots", "ultrapeer_slots");
                let slots = [(leaf, *leaf_slots), (ultrapeer, *ultrapeer_slots)];
                s.collect_map([("major", major), ("minor", minor)].into_iter().chain(slots))
            }
            Self::Guess { version, port } => {
                let (major, minor) = nibbles(*version);
                let version = [("major", u16::from(major)), ("minor", u16::from(minor))];
                s.collect_map(version.into_iter().chain(port.map(|port| ("port", port))))
            }
            Self::Dht { major, minor, mode } => dht(*major, *minor, *mode, s),
            Self::Wants(wants) => wants.serialize(s),
            Self::Ranges(ranges) => s.collect_seq(ranges.iter()),
            Self::Nodes(nodes) => s.collect_seq(nodes.iter()),
            Self::Partial { time, size } => {
                s.collect_map([("time", u64::from(*time)), ("size", *size)])
            }
            Self::Servent(guid) => guid.serialize(s),
            Self::PushLocations(locations) => s.collect_seq(locations.iter()),
            Self::Version(version) => version.serialize(s),
            Self::Messages(messages) => s.collect_seq(messages),
            Self::Ids(ids) => s.collect_seq(ids.split('\0').filter(|id| !id.is_empty())),
        }
    }
}

struct Bits<'a>(&'a [u8]);

impl fmt::Display for Bits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:08b}"))
    }
}

struct OtherHash(u8, [u8; 16]);

impl fmt::Display for OtherHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.1);
        if self.0 != 4 {
            return write!(f, "urn:md4:{number:032x}");
        }
        let part = |shift: u32, digits: u32| {
            let mask = 1_u128.checked_shl(digits.saturating_mul(4)).unwrap_or(0).wrapping_sub(1);
            number.checked_shr(shift).unwrap_or(0) & mask
        };
        let (a, b, c, d, e) = (part(96, 8), part(80, 4), part(64, 4), part(48, 4), part(0, 12));
        write!(f, "urn:uuid:{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
    }
}

fn vendor<S: Serializer>(code: VendorCode, version: Option<u8>, s: S) -> Result<S::Ok, S::Error> {
    let mut map = s.serialize_map(None)?;
    map.serialize_entry("vendor", &code)?;
    if let Some((major, minor)) = version.map(nibbles) {
        map.serialize_entry("major", &major)?;
        map.serialize_entry("minor", &minor)?;
    }
    map.end()
}

fn dht<S: Serializer>(major: u8, minor: u8, mode: u8, s: S) -> Result<S::Ok, S::Error> {
    let mut map = s.serialize_map(None)?;
    map.serialize_entry("major", &major)?;
    map.serialize_entry("minor", &minor)?;
    match mode {
        1 => map.serialize_entry("mode", "active")?,
        2 => map.serialize_entry("mode", "passive")?,
        3 => map.serialize_entry("mode", "leaf")?,
        other => map.serialize_entry("mode", &other)?,
    }
    map.end()
}

impl Serialize for Wants {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map([
            ("ultrapeers", self.0 & Self::ULTRAPEERS != 0),
            ("tls", self.0 & Self::TLS != 0),
            ("ipv6", self.0 & Self::IPV6 != 0),
            ("no_ipv4", self.0 & Self::NO_IPV4 != 0),
        ])
    }
}

impl Serialize for PushLocation<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let proxies: Vec<_> = super::read_value::addresses(self.proxies).collect();
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("servent", &self.servent)?;
        map.serialize_entry("features", &self.features)?;
        map.serialize_entry("firewall_transfer", &self.firewall_transfer)?;
        if let Some(address) = self.address {
            map.serialize_entry("address", &address)?;
        }
        if let Some(tls) = self.tls {
            map.serialize_entry("tls", &Bits(&[tls]).to_string())?;
        }
        map.serialize_entry("proxies", &proxies)?;
        map.end()
    }
}

impl Serialize for GtkGnutellaVersion {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let letter = if self.letter == 0 { String::new() } else { char::from(self.letter).into() };
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("version", &self.version)?;
        map.serialize_entry("major", &self.major)?;
        map.serialize_entry("minor", &self.minor)?;
        map.serialize_entry("patch", &self.patch)?;
        map.serialize_entry("letter", &letter)?;
        map.serialize_entry("release", &self.release)?;
        map.serialize_entry("build", &self.build)?;
        if !self.rest.is_empty() {
            map.serialize_entry("rest", &data_encoding::HEXLOWER.encode(&self.rest))?;
        }
        map.end()
    }
}
