use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::{BufMut, BytesMut};

use super::query_flooder::frame;
use super::scripted::{Malice, random_guid};
use crate::gnutella::wire::{Frame, Function, Guid};
use crate::simulate::random::Lot;

/// How often it sends pongs that nobody asked for.
const PAUSE_MS: u64 = 1_000;

/// The networks of the addresses that it makes up begin here; no host lives there.
const MADE_UP: u32 = 0x3f00_0000;

/// Answers each ping with addresses that lead nowhere, and with those of its own kind.
#[derive(Debug)]
pub(crate) struct PongPoisoner {
    pub(crate) per_ping: u32,
    /// Addresses of its kind.
    pub(crate) kind: Vec<SocketAddr>,
}

impl Malice for PongPoisoner {
    fn heard(&mut self, heard: &Frame, out: &mut Vec<Frame>, lot: &mut Lot) {
        if heard.function == Function::PING {
            self.poison(heard.guid, out, lot);
        }
    }

    fn pause_ms(&self) -> Option<u64> {
        Some(PAUSE_MS)
    }

    fn act(&mut self, out: &mut Vec<Frame>, lot: &mut Lot) {
        self.poison(Guid(random_guid(lot)), out, lot);
    }
}

impl PongPoisoner {
    fn poison(&self, ping: Guid, out: &mut Vec<Frame>, lot: &mut Lot) {
        for _ in 0..self.per_ping {
            let own = lot.choose(&self.kind).copied().filter(|_| lot.chance(OWN_KIND));
            let address = own.unwrap_or_else(|| made_up(lot));
            out.push(pong(ping, address));
        }
    }
}

/// One in so many names one of its kind, in a million.
const OWN_KIND: u32 = 250_000;

fn made_up(lot: &mut Lot) -> SocketAddr {
    let bits = MADE_UP.saturating_add(u32::try_from(lot.below(1 << 24)).unwrap_or(0));
    SocketAddr::new(IpAddr::V4(Ipv4Addr::from_bits(bits)), 6_346)
}

/// Whether an address is one that somebody made up.
pub(crate) fn is_made_up(address: SocketAddr) -> bool {
    matches!(address.ip(), IpAddr::V4(ip) if ip.to_bits() >> 24 == MADE_UP >> 24)
}

fn pong(ping: Guid, address: SocketAddr) -> Frame {
    let mut payload = BytesMut::new();
    payload.put_u16_le(address.port());
    if let IpAddr::V4(ip) = address.ip() {
        payload.put_slice(&ip.octets());
    }
    // Many files, and the power of two by which ultrapeers were known.
    payload.put_u32_le(1_000);
    payload.put_u32_le(1 << 20);
    frame(ping, Function::PONG, 1, payload.freeze())
}
