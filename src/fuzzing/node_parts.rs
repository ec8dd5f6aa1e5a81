//! Whom a node meets, and what it is given.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::gnutella::link::{Agreement, Capabilities, Role, Version};
use crate::gnutella::wire::Guid;
use crate::node::SharedFile;
use crate::promotion::Observation;

pub(super) fn address_of(peer: u8) -> SocketAddr {
    // Some are in one network, one is ours, one is private.
    let ip = match peer % 16 {
        0 => Ipv4Addr::new(5, 5, 5, 5),
        1 => Ipv4Addr::new(10, 0, 0, 1),
        same @ 2..=5 => Ipv4Addr::new(20, 0, 0, same),
        other => Ipv4Addr::new(30 + other, 1, peer, 1),
    };
    SocketAddr::new(IpAddr::V4(ip), 6346)
}

pub(super) fn capabilities(peer: u8, is_old: bool) -> Capabilities {
    if is_old {
        return Capabilities::default();
    }
    let version = Some(Version(0, 1));
    Capabilities {
        guid: (peer.is_multiple_of(3)).then_some(Guid([peer; 16])),
        listen: Some(address_of(peer)),
        query_routing: version,
        ultrapeer_query_routing: version,
        dynamic_querying: version,
        ext_probes: version,
        vendor_message: version,
        ggep: version,
        pong_caching: version,
        degree: Some(32),
        max_ttl: Some(4),
        accept_deflate: true,
        try_ultrapeers: Some(vec![address_of(peer.wrapping_add(7))]),
        ..Capabilities::default()
    }
}

pub(super) fn agreement(role: Role, peer_role: Role, address: SocketAddr) -> Agreement {
    let listen = Some(address);
    let peer = Capabilities { listen, guid: servent_of(address), ..capabilities(1, false) };
    Agreement::plain(role, peer_role, peer)
}

/// The servent GUID of whoever is there: one of those that messages name.
fn servent_of(address: SocketAddr) -> Option<Guid> {
    let IpAddr::V4(ip) = address.ip() else { return None };
    let [.., network, host] = ip.octets();
    Some(Guid([(network ^ host) & 0x1f; 16])).filter(|guid| *guid != Guid::ZERO)
}

pub(super) fn files(something: bool) -> Vec<SharedFile> {
    let file = |name: &str| SharedFile { name: name.to_owned(), size: 1_000, sha1: Some([7; 20]) };
    if something { vec![file("winter light.ogg"), file("snow")] } else { Vec::new() }
}

pub(super) fn observation(number: u8) -> Observation {
    let amount = 1_u64 << (number >> 3);
    match number & 7 {
        0 => Observation::Traffic { sent: amount, received: amount, congested: number >= 128 },
        1 => Observation::Processor { busy_permille: u16::from(number) * 4 },
        2 => Observation::Descriptors { limit: amount, others: 10 },
        3 => Observation::Memory { physical: amount },
        4 => Observation::Shortage(number >= 128),
        5 => Observation::Searched,
        6 => Observation::UploadStalled,
        _ => Observation::Claimed { upload: amount },
    }
}
