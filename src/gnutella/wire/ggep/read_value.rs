use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4};

use super::Value;
use super::form::Form;
use super::registry::{Known, Payload};
use super::value::{
    Address6, GtkGnutellaVersion, Nodes, PushLocation, PushLocations, Ranges, Wants,
};
use crate::base::error::Malformed;
use crate::base::reader::{Expect, Reader};
use crate::base::urn::Urn;
use crate::gnutella::wire::vendor::MessageId;
use crate::gnutella::wire::{Guid, VendorCode};

/// Reads a payload by what is known of its id; an unknown id leaves it as it is.
pub(super) fn read(known: Option<&Known>, payload: &[u8]) -> Result<Value, Malformed> {
    let Some(known) = known else { return Ok(Value::Open(payload.to_vec())) };
    let broken = Expect::new(known.rule, "the payload of an extension is not of its form");
    match known.form {
        Form::Number { len_max } => number(payload, len_max),
        _ if payload.is_empty() => Some(Value::Mark),
        form => by_form(form, payload),
    }
    .ok_or(broken.broken_at(0))
}

/// What is wrong with a payload that was understood, if anything is.
pub(super) fn complaint(known: &Known, value: &Value) -> Option<Malformed> {
    let empty = *value == Value::Mark && known.payload == Payload::Needed;
    let zero_size = known.id == "LF" && *value == Value::Number(0);
    (empty || zero_size).then(|| {
        Expect::new(known.rule, "the payload of an extension is empty or zero").broken_at(0)
    })
}

fn by_form(form: Form, payload: &[u8]) -> Option<Value> {
    match form {
        Form::Mark => None,
        Form::Number { len_max } => number(payload, len_max),
        Form::Byte => one(payload).map(|byte| Value::Number(byte.into())),
        Form::SignedByte => one(payload).map(|byte| Value::Signed(byte.cast_signed())),
        Form::Text => text(payload).map(Value::Text),
        Form::Lines => text(payload).map(lines),
        Form::AddressList => address_list(payload),
        Form::Address6List => address6_list(payload),
        Form::Bitmap => Some(Value::Bitmap(payload.to_vec())),
        Form::SeenAddress => seen_address(payload),
        Form::Ipv6 => array(payload).map(|octets: [u8; 16]| Value::Ipv6(octets.into())),
        Form::Token { len_min, len_max } => {
            (len_min..=len_max).contains(&payload.len()).then(|| Value::Token(payload.to_vec()))
        }
        Form::Hash => hash(payload),
        Form::Sha1 => array(payload).map(|digest| Value::Urn(Urn::Sha1(digest))),
        Form::TigerTree => array(payload).map(|root| Value::Urn(Urn::TigerTree(root))),
        Form::Nms1 => array(payload).map(|digest| Value::Urn(Urn::Nms1(digest))),
        Form::Vendor => vendor(payload),
        Form::Ultrapeer => array(payload).map(|[version, leaf_slots, ultrapeer_slots]| {
            Value::Ultrapeer { version, leaf_slots, ultrapeer_slots }
        }),
        Form::VendorCode => {
            array(payload).map(|code| Value::Vendor { code: VendorCode(code), version: None })
        }
        Form::Guess => one(payload).map(|version| Value::Guess { version, port: None }),
        Form::GuessAndPort => array(payload).map(|[version, low, high]| Value::Guess {
            version,
            port: Some(u16::from_le_bytes([low, high])),
        }),
        Form::Dht => array(payload).map(|[major, minor, mode]| Value::Dht { major, minor, mode }),
        Form::Wants => wants(payload),
        Form::Ranges { offset_len } => ranges(payload, offset_len),
        Form::Nodes { len } => {
            let whole = payload.len().is_multiple_of(len);
            whole.then(|| Value::Nodes(Nodes { len, packed: payload.to_vec() }))
        }
        Form::Partial => partial(payload),
        Form::Servent => array(payload).map(|guid| Value::Servent(Guid(guid))),
        Form::PushLocations => push_locations(payload),
        Form::Version => version(payload),
        Form::Messages => messages(payload),
        Form::Ids => ids(payload),
    }
}

fn array<const N: usize>(payload: &[u8]) -> Option<[u8; N]> {
    payload.try_into().ok()
}

fn one(payload: &[u8]) -> Option<u8> {
    array(payload).map(|[byte]| byte)
}

fn text(payload: &[u8]) -> Option<String> {
    std::str::from_utf8(payload).ok().map(str::to_owned)
}

/// Empty lines say nothing (GGEP-63), so that nothing but such is an empty payload.
fn lines(text: String) -> Value {
    let has_line = text.bytes().any(|byte| byte != b'\n');
    if has_line { Value::Lines(text) } else { Value::Mark }
}

fn number(payload: &[u8], len_max: usize) -> Option<Value> {
    little_endian(payload, len_max).map(Value::Number)
}

fn little_endian(bytes: &[u8], len_max: usize) -> Option<u64> {
    let mut octets = [0; 8];
    octets.get_mut(..bytes.len()).filter(|_| bytes.len() <= len_max)?.copy_from_slice(bytes);
    Some(u64::from_le_bytes(octets))
}

fn wants(payload: &[u8]) -> Option<Value> {
    one(payload).map(|bits| Value::Wants(Wants(bits)))
}

/// Packed IPv4 addresses, each followed by its port; an incomplete one at the end is left out.
pub(super) fn addresses(packed: &[u8]) -> impl Iterator<Item = SocketAddrV4> {
    let (entries, _) = packed.as_chunks::<6>();
    entries.iter().map(|&[a, b, c, d, low, high]| {
        SocketAddrV4::new(Ipv4Addr::new(a, b, c, d), u16::from_le_bytes([low, high]))
    })
}

fn address_list(payload: &[u8]) -> Option<Value> {
    let whole = payload.len().is_multiple_of(6);
    whole.then(|| Value::Addresses(addresses(payload).collect()))
}

fn address6_list(payload: &[u8]) -> Option<Value> {
    let entry = |entry: &[u8; 18]| {
        let (ip, port) = entry.split_first_chunk::<16>()?;
        Some(Address6 { ip: Ipv6Addr::from(*ip), port: u16::from_le_bytes(array(port)?) })
    };
    match payload.as_chunks::<18>() {
        (entries, []) => entries.iter().map(entry).collect::<Option<_>>().map(Value::Addresses6),
        _ => None,
    }
}

fn seen_address(payload: &[u8]) -> Option<Value> {
    let (ip, port) = match payload.len() {
        6 => payload.split_first_chunk::<4>().map(|(ip, port)| (IpAddr::from(*ip), port))?,
        18 => payload.split_first_chunk::<16>().map(|(ip, port)| (IpAddr::from(*ip), port))?,
        _ => return None,
    };
    Some(Value::Address(SocketAddr::new(ip, u16::from_le_bytes(array(port)?))))
}

fn hash(payload: &[u8]) -> Option<Value> {
    let (&kind, digest) = payload.split_first()?;
    Some(match kind {
        1 => Value::Hash(Urn::Sha1(array(digest)?)),
        2 => {
            let (sha1, tiger_tree) = digest.split_first_chunk()?;
            Value::Hash(Urn::Bitprint { sha1: *sha1, tiger_tree: array(tiger_tree)? })
        }
        3 => Value::Hash(Urn::Md5(array(digest)?)),
        4 | 5 => Value::OtherHash { kind, digest: array(digest)? },
        _ => return None,
    })
}

fn vendor(payload: &[u8]) -> Option<Value> {
    let (code, version) = payload.split_first_chunk()?;
    let version = match version {
        [] => None,
        [version] => Some(*version),
        _ => return None,
    };
    Some(Value::Vendor { code: VendorCode(*code), version })
}

fn ranges(payload: &[u8], offset_len: usize) -> Option<Value> {
    let whole = payload.len().is_multiple_of(offset_len.checked_mul(2)?);
    let ranges = Ranges { offset_len, packed: payload.to_vec() };
    let ascending = ranges.iter().all(|(first, last)| first <= last);
    (whole && ascending).then_some(Value::Ranges(ranges))
}

fn partial(payload: &[u8]) -> Option<Value> {
    let (time, size) = payload.split_first_chunk()?;
    Some(Value::Partial { time: u32::from_be_bytes(*time), size: little_endian(size, 8)? })
}

fn version(payload: &[u8]) -> Option<Value> {
    const CUT: Expect = Expect::new("GGEP-49", "the version is cut");
    let mut reader = Reader::new(payload);
    let mut read = || {
        Ok::<_, Malformed>(GtkGnutellaVersion {
            version: reader.u8(CUT)?,
            major: reader.u8(CUT)?,
            minor: reader.u8(CUT)?,
            patch: reader.u8(CUT)?,
            letter: reader.u8(CUT)?,
            release: reader.u32_be(CUT)?,
            build: reader.u32_be(CUT)?,
            rest: reader.take_rest().to_vec(),
        })
    };
    read().ok().map(Value::Version)
}

fn messages(payload: &[u8]) -> Option<Value> {
    let (entries, rest) = payload.as_chunks::<8>();
    let messages = entries.iter().map(|entry| MessageId::from_bytes(*entry));
    rest.is_empty().then(|| Value::Messages(messages.collect()))
}

fn ids(payload: &[u8]) -> Option<Value> {
    let is_id = |id: &[u8]| !id.is_empty() && id.iter().all(|byte| matches!(byte, b' '..=b'~'));
    payload.split(|&byte| byte == 0).all(is_id).then(|| text(payload).map(Value::Ids)).flatten()
}

fn push_locations(payload: &[u8]) -> Option<Value> {
    let mut rest = payload;
    while !rest.is_empty() {
        (_, rest) = push_location(rest)?;
    }
    Some(Value::PushLocations(PushLocations { packed: payload.to_vec() }))
}

/// The location at the front, and what follows it.
fn push_location(packed: &[u8]) -> Option<(PushLocation<'_>, &[u8])> {
    let (&header, rest) = packed.split_first()?;
    let (servent, mut rest) = rest.split_first_chunk()?;
    let firewall_transfer = header >> 3 & 0x03;
    let mut location = PushLocation {
        servent: Guid(*servent),
        features: header >> 5 & 0x03,
        firewall_transfer,
        address: None,
        tls: None,
        proxies: &[],
    };
    if firewall_transfer != 0 {
        let (address, after) = rest.split_at_checked(6)?;
        (location.address, rest) = (addresses(address).next(), after);
    }
    if header & 0x80 != 0 {
        let (&tls, after) = rest.split_first()?;
        (location.tls, rest) = (Some(tls), after);
    }
    let proxies_len = usize::from(header & 0x07).saturating_mul(6);
    (location.proxies, rest) = rest.split_at_checked(proxies_len)?;
    Some((location, rest))
}

impl PushLocations {
    /// The locations, one by one.
    pub fn iter(&self) -> impl Iterator<Item = PushLocation<'_>> {
        let mut rest = &self.packed[..];
        std::iter::from_fn(move || {
            let (location, after) = push_location(rest)?;
            rest = after;
            Some(location)
        })
    }
}
