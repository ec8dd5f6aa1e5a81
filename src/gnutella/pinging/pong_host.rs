use std::net::{IpAddr, SocketAddr};

use crate::base::addresses::{NO_IPV4, is_callable};
use crate::base::limits::{PONG_CACHES_TAKEN_MAX, PONG_FILES_MAX, PONG_HOSTS_TAKEN_MAX};
use crate::gnutella::wire::Pong;
use crate::gnutella::wire::ggep::{Item, Place, Value};

/// The least number of KiB that marks an ultrapeer (PONG-08).
const ULTRAPEER_KIB_MIN: u32 = 8;

/// What a pong says about a host. Any of it may be a lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PongHost {
    /// Where it takes connections; whether anybody can is another question.
    pub address: SocketAddr,
    pub files: u32,
    pub kib: u32,
    /// By the extension UP, or else by the number of KiB (PONG-08).
    pub is_ultrapeer: bool,
    pub free_slots: Option<FreeSlots>,
    /// Seconds that it runs on an average day.
    pub daily_uptime_s: Option<u32>,
    /// It answers GUESS queries.
    pub guess: bool,
    /// Links that the pong had crossed when it reached us: 0 means that our neighbour speaks of
    /// itself, unless it is a LimeWire (PONG-12).
    pub hops: u8,
    /// It takes TLS (GGEP-79).
    pub takes_tls: bool,
    /// Ultrapeers that it names besides (GGEP-55).
    pub others: Vec<NamedHost>,
    /// UDP host caches that it names, as the lines came (GGEP-63).
    pub caches: Vec<String>,
    /// It is a UDP host cache itself (GGEP-82): such a line for it.
    pub as_cache: Option<String>,
}

/// A host that somebody names (GGEP-55, GGEP-56).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedHost {
    pub address: SocketAddr,
    pub takes_tls: bool,
}

/// Whom a host is to have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomFor {
    Anybody,
    Leaves,
    Ultrapeers,
}

/// Connections that a host says it could take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSlots {
    pub leaves: u8,
    pub ultrapeers: u8,
}

impl FreeSlots {
    /// Whether it could take such a one.
    pub const fn has(self, room: RoomFor) -> bool {
        match room {
            RoomFor::Anybody => self.leaves > 0 || self.ultrapeers > 0,
            RoomFor::Leaves => self.leaves > 0,
            RoomFor::Ultrapeers => self.ultrapeers > 0,
        }
    }
}

impl PongHost {
    /// What the pong says, after so many hops; none where its numbers make no sense (PONG-09).
    pub fn of(pong: &Pong, hops: u8) -> Option<Self> {
        let (files, kib) = in_order(pong.files, pong.kib)?;
        let [room, uptime, guess, ipv6, tls, caches, as_cache] =
            pong.extensions.find_each(["UP", "DU", "GUE", "6", "TLS", "PHC", "UDPHC"]);
        let address = address_of(pong, ipv6);
        let free_slots = match value(room) {
            Some(Value::Ultrapeer { leaf_slots, ultrapeer_slots, .. }) => {
                Some(FreeSlots { leaves: leaf_slots, ultrapeers: ultrapeer_slots })
            }
            _ => None,
        };
        let daily_uptime_s = match value(uptime) {
            Some(Value::Number(seconds)) => Some(u32::try_from(seconds).unwrap_or(u32::MAX)),
            _ => None,
        };
        Some(Self {
            address,
            files,
            kib,
            is_ultrapeer: free_slots.is_some() || is_marked(kib),
            free_slots,
            daily_uptime_s,
            guess: guess.is_some(),
            hops,
            takes_tls: tls.is_some(),
            others: others_of(pong),
            caches: caches_of(caches),
            as_cache: as_cache_of(as_cache, address),
        })
    }

    /// Whether a connection to it can be tried (PONG-07).
    pub fn is_callable(&self, allow_private: bool) -> bool {
        is_callable(self.address, allow_private)
    }
}

/// What an extension says, if it is there and readable.
fn value(item: Option<Item<'_>>) -> Option<Value> {
    item?.value(Place::Pong).ok()
}

/// PONG-06
fn address_of(pong: &Pong, ipv6: Option<Item<'_>>) -> SocketAddr {
    if pong.address == NO_IPV4
        && let Some(Value::Ipv6(ip)) = value(ipv6)
    {
        return SocketAddr::new(IpAddr::V6(ip), pong.port);
    }
    SocketAddr::new(IpAddr::V4(pong.address), pong.port)
}

fn others_of(pong: &Pong) -> Vec<NamedHost> {
    let [packed, packed6, bits, bits6] =
        pong.extensions.find_each(["IPP", "IPP6", "IPP_TLS", "IPP6_TLS"]);
    let packed = match value(packed) {
        Some(Value::Addresses(packed)) => packed,
        _ => Vec::new(),
    };
    let packed6 = match value(packed6) {
        Some(Value::Addresses6(packed)) => packed,
        _ => Vec::new(),
    };
    let packed6 = packed6.iter().map(|host| SocketAddr::new(IpAddr::V6(host.ip), host.port));
    let named = with_bits(packed.into_iter().map(SocketAddr::V4), bits);
    named.chain(with_bits(packed6, bits6)).take(PONG_HOSTS_TAKEN_MAX).collect()
}

/// GGEP-28
fn with_bits(
    hosts: impl Iterator<Item = SocketAddr>,
    bits: Option<Item<'_>>,
) -> impl Iterator<Item = NamedHost> {
    let bytes = match value(bits) {
        Some(Value::Bitmap(bytes)) => bytes,
        _ => Vec::new(),
    };
    hosts.enumerate().map(move |(index, address)| {
        let takes_tls = bytes.get(index / 8).is_some_and(|byte| byte & bit_of(index) != 0);
        NamedHost { address, takes_tls }
    })
}

/// The bit of the host with this number, in its byte.
pub(super) fn bit_of(index: usize) -> u8 {
    0x80_u8.rotate_right(u32::try_from(index % 8).unwrap_or(0))
}

/// Without a name it is known by its address.
fn as_cache_of(said: Option<Item<'_>>, address: SocketAddr) -> Option<String> {
    match value(said)? {
        Value::Mark => Some(address.to_string()),
        Value::Text(name) => Some(format!("{name}:{}", address.port())),
        _ => None,
    }
}

fn caches_of(packed: Option<Item<'_>>) -> Vec<String> {
    let Some(Value::Lines(text)) = value(packed) else { return Vec::new() };
    let lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    lines.take(PONG_CACHES_TAKEN_MAX).map(str::to_owned).collect()
}

/// Files and KiB, mended where they stand in the wrong order (PONG-09).
const fn in_order(files: u32, kib: u32) -> Option<(u32, u32)> {
    if files <= PONG_FILES_MAX {
        return Some((files, kib));
    }
    let (swapped_files, swapped_kib) = (files.swap_bytes(), kib.swap_bytes());
    if swapped_files > PONG_FILES_MAX {
        return None;
    }
    Some((swapped_files, if swapped_kib < kib { swapped_kib } else { kib }))
}

const fn is_marked(kib: u32) -> bool {
    kib.is_power_of_two() && kib >= ULTRAPEER_KIB_MIN
}
