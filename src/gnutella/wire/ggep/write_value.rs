use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use bytes::BufMut;

use super::Value;
use super::value::{Address6, GtkGnutellaVersion, Wants};
use crate::base::urn::Urn;

/// The payload of a value, before COBS and deflate.
pub(super) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Value::Mark => {}
        Value::Number(0) => out.push(0),
        Value::Number(number) => put_number(&mut out, *number),
        Value::Signed(number) => out.put_i8(*number),
        Value::Text(text) | Value::Ids(text) => out.put_slice(text.as_bytes()),
        Value::Lines(text) => {
            let lines: Vec<_> = text.split('\n').filter(|line| !line.is_empty()).collect();
            out.put_slice(lines.join("\n").as_bytes());
        }
        Value::Addresses(list) => list.iter().for_each(|address| put_address(&mut out, *address)),
        Value::Addresses6(list) => list.iter().for_each(|address| put_address6(&mut out, *address)),
        Value::Address(address) => put_either(&mut out, *address),
        Value::Ipv6(address) => out.put_slice(&address.octets()),
        Value::Bitmap(bytes) | Value::Token(bytes) | Value::Open(bytes) => out.put_slice(bytes),
        Value::Urn(urn) => put_digest(&mut out, urn),
        Value::Hash(urn) => {
            out.put_u8(hash_kind(urn));
            put_digest(&mut out, urn);
        }
        Value::OtherHash { kind, digest } => {
            out.put_u8(*kind);
            out.put_slice(digest);
        }
        Value::Vendor { code, version } => {
            out.put_slice(&code.0);
            out.extend(version);
        }
        Value::Ultrapeer { version, leaf_slots, ultrapeer_slots } => {
            out.put_slice(&[*version, *leaf_slots, *ultrapeer_slots]);
        }
        Value::Guess { version, port } => {
            out.put_u8(*version);
            out.extend(port.map(u16::to_le_bytes).iter().flatten());
        }
        Value::Dht { major, minor, mode } => out.put_slice(&[*major, *minor, *mode]),
        Value::Wants(wants) => out.put_u8(wants.0 & Wants::ALL),
        Value::Ranges(ranges) => out.put_slice(&ranges.packed),
        Value::Nodes(nodes) => out.put_slice(&nodes.packed),
        Value::Partial { time, size } => {
            out.put_u32(*time);
            put_number(&mut out, *size);
        }
        Value::Servent(guid) => out.put_slice(&guid.0),
        Value::PushLocations(locations) => out.put_slice(&locations.packed),
        Value::Version(version) => put_version(&mut out, version),
        Value::Messages(messages) => {
            messages.iter().for_each(|message| out.put_slice(&message.to_bytes()));
        }
    }
    out
}

/// Low byte first, without zero bytes at the end.
fn put_number(out: &mut Vec<u8>, number: u64) {
    let octets = number.to_le_bytes();
    let len = octets.iter().rposition(|&octet| octet != 0).map_or(0, |last| last.saturating_add(1));
    out.put_slice(octets.get(..len).unwrap_or_default());
}

fn put_address(out: &mut Vec<u8>, address: SocketAddrV4) {
    out.put_slice(&address.ip().octets());
    out.put_u16_le(address.port());
}

fn put_address6(out: &mut Vec<u8>, address: Address6) {
    out.put_slice(&address.ip.octets());
    out.put_u16_le(address.port);
}

fn put_either(out: &mut Vec<u8>, address: SocketAddr) {
    match address.ip() {
        IpAddr::V4(ip) => put_address(out, SocketAddrV4::new(ip, address.port())),
        IpAddr::V6(ip) => put_address6(out, Address6 { ip, port: address.port() }),
    }
}

/// What GGEP `H` calls a digest; zero for those that it has no kind for.
const fn hash_kind(urn: &Urn) -> u8 {
    match urn {
        Urn::Sha1(_) => 1,
        Urn::Bitprint { .. } => 2,
        Urn::Md5(_) => 3,
        Urn::TigerTree(_) | Urn::Ed2k(_) | Urn::Btih(_) | Urn::Nms1(_) | Urn::KzHash(_) => 0,
    }
}

fn put_digest(out: &mut Vec<u8>, urn: &Urn) {
    match urn {
        Urn::Sha1(digest) | Urn::Btih(digest) | Urn::Nms1(digest) => out.put_slice(digest),
        Urn::Bitprint { sha1, tiger_tree } => {
            out.put_slice(sha1);
            out.put_slice(tiger_tree);
        }
        Urn::TigerTree(root) => out.put_slice(root),
        Urn::Ed2k(digest) | Urn::Md5(digest) => out.put_slice(digest),
        Urn::KzHash(hash) => out.put_slice(&hash.to_bytes()),
    }
}

fn put_version(out: &mut Vec<u8>, v: &GtkGnutellaVersion) {
    out.put_slice(&[v.version, v.major, v.minor, v.patch, v.letter]);
    out.put_u32(v.release);
    out.put_u32(v.build);
    out.put_slice(&v.rest);
}
