use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use bytes::{Bytes, BytesMut};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use crate::base::addresses::{is_public, is_unicast};
use crate::base::limits::{
    MULTICAST_ANSWER_INTERVAL_MS, MULTICAST_ANSWERS_MAX, MULTICAST_HOSTS_MAX,
    MULTICAST_PING_INTERVAL_MS, MULTICAST_TIMEOUT_MS,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::gnutella::wire::ggep::Place;
use crate::gnutella::wire::{
    Datagram, Frame, Function, GgepArea, Guid, HEADER_LEN, Header, Message, Ping, Pong,
};

/// Where servents of a local network find each other (BOOT-15).
pub const MULTICAST_GROUP: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(234, 21, 81, 1), 6347);

/// BOOT-16
const ANSWERS: Seldom =
    Seldom { times: 1, every_ms: MULTICAST_ANSWER_INTERVAL_MS, total: MULTICAST_ANSWERS_MAX };

/// Finding hosts of the local network: pings to a group, and pongs to whoever pings it.
#[derive(Debug)]
pub struct Multicast {
    /// Where we take connections.
    port: u16,
    rng: ChaCha8Rng,
    /// The ping that may be answered.
    asked: Option<Asked>,
    due: Time,
    answered: Done<Ipv4Addr>,
}

#[derive(Debug)]
struct Asked {
    guid: Guid,
    at: Time,
    /// Answers that were taken.
    hosts: usize,
}

impl Multicast {
    /// Asks at once. All that is random follows from `rng`.
    pub const fn new(port: u16, rng: ChaCha8Rng, now: Time) -> Self {
        Self { port, rng, asked: None, due: now, answered: Done::new() }
    }

    /// When the group is to be pinged.
    pub const fn due(&self) -> Time {
        self.due
    }

    /// The ping for the group (BOOT-15).
    pub fn ping(&mut self, now: Time) -> Bytes {
        let guid = Guid::random(&mut self.rng);
        self.asked = Some(Asked { guid, at: now, hosts: 0 });
        // Programs that were started together shall not ask together for ever.
        let apart = self.rng.random_range(0..MULTICAST_PING_INTERVAL_MS / 8);
        self.due = now.after_ms(MULTICAST_PING_INTERVAL_MS.saturating_add(apart));
        datagram(guid, Function::PING, &Message::Ping(Ping::default()))
    }

    /// Something came to the group: what is to be sent back to its sender, who sees us at `own` (BOOT-16).
    pub fn answer(
        &mut self,
        bytes: &Bytes,
        from: SocketAddr,
        own: Ipv4Addr,
        now: Time,
    ) -> Option<Bytes> {
        let (ping, _) = read(bytes, Function::PING)?;
        let IpAddr::V4(ip) = from.ip() else { return None };
        let is_own = self.asked.as_ref().is_some_and(|asked| asked.guid == ping.guid);
        let is_near = ping.ttl <= 1 && ping.hops == 0 && is_local(from);
        if is_own || !is_near || !self.answered.allow(ANSWERS, ip, now) {
            return None;
        }
        let extensions = GgepArea::new(Bytes::new(), Place::Pong);
        let pong = Pong { port: self.port, address: own, files: 0, kib: 0, extensions };
        Some(datagram(ping.guid, Function::PONG, &Message::Pong(pong)))
    }

    /// Something came to us: the host that it tells of (BOOT-17).
    pub fn hear(&mut self, bytes: &Bytes, from: SocketAddr, now: Time) -> Option<SocketAddr> {
        let (frame, message) = read(bytes, Function::PONG)?;
        let Message::Pong(pong) = message else { return None };
        let asked = self.asked.as_mut().filter(|asked| asked.guid == frame.guid)?;
        let is_late = now > asked.at.after_ms(MULTICAST_TIMEOUT_MS);
        let host = SocketAddr::V4(pong.endpoint());
        let is_of_itself = host.ip() == from.ip() && host.port() != 0 && is_local(from);
        if is_late || !is_of_itself || asked.hosts >= MULTICAST_HOSTS_MAX {
            return None;
        }
        asked.hosts = asked.hosts.saturating_add(1);
        Some(host)
    }
}

/// Only in its own network an address like this is anybody, and only from there it can have come.
fn is_local(address: SocketAddr) -> bool {
    is_unicast(address.ip()) && !is_public(address.ip()) && address.port() != 0
}

fn read(bytes: &Bytes, function: Function) -> Option<(Frame, Message)> {
    let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { return None };
    let message = Message::decode(&frame).ok().filter(|_| frame.function == function)?;
    Some((frame, message))
}

/// A message that goes no further than to whoever receives it.
fn datagram(guid: Guid, function: Function, message: &Message) -> Bytes {
    let payload = message.to_bytes();
    let payload_len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let header = Header { guid, function, ttl: 1, hops: 0, payload_len, size_flags: None };
    let mut bytes = BytesMut::with_capacity(HEADER_LEN.saturating_add(payload.len()));
    Frame::from_parts(header, payload).encode(&mut bytes);
    bytes.freeze()
}
