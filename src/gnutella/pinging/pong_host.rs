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
    /// Ultrapeers that it names besides (GGEP-55).
    pub others: Vec<SocketAddr>,
    /// UDP host caches that it names, as the lines came (GGEP-63).
    pub caches: Vec<String>,
}

/// Connections that a host says it could take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSlots {
    pub leaves: u8,
    pub ultrapeers: u8,
}

impl PongHost {
    /// What the pong says, after so many hops; none where its numbers make no sense (PONG-09).
    pub fn of(pong: &Pong, hops: u8) -> Option<Self> {
        let (files, kib) = in_order(pong.files, pong.kib)?;
        let [room, uptime, guess, ipv6, packed, packed6, caches] =
            pong.extensions.find_each(["UP", "DU", "GUE", "6", "IPP", "IPP6", "PHC"]);
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
            address: address_of(pong, ipv6),
            files,
            kib,
            is_ultrapeer: free_slots.is_some() || is_marked(kib),
            free_slots,
            daily_uptime_s,
            guess: guess.is_some(),
            hops,
            others: others_of(packed, packed6),
            caches: caches_of(caches),
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

fn others_of(packed: Option<Item<'_>>, packed6: Option<Item<'_>>) -> Vec<SocketAddr> {
    let packed = match value(packed) {
        Some(Value::Addresses(packed)) => packed,
        _ => Vec::new(),
    };
    let packed6 = match value(packed6) {
        Some(Value::Addresses6(packed)) => packed,
        _ => Vec::new(),
    };
    let packed6 = packed6.iter().map(|host| SocketAddr::new(IpAddr::V6(host.ip), host.port));
    packed.into_iter().map(SocketAddr::V4).chain(packed6).take(PONG_HOSTS_TAKEN_MAX).collect()
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
