//! A node's pings and pongs with made-up neighbours.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::{Bytes, BytesMut};
use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::gnutella::pinging::{Own, Peer, Pinged, Pinging, Rules, Step};
use filbert::gnutella::wire::ggep::Place;
use filbert::gnutella::wire::{Frame, Function, GgepArea, Guid, Pong};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(crate) const OWN: Own = Own {
    address: SocketAddr::new(IpAddr::V4(Ipv4Addr::new(81, 2, 69, 1)), 6346),
    files: 3,
    kib: 700,
    is_ultrapeer: true,
    free_leaf_slots: 5,
    free_ultrapeer_slots: 2,
    daily_uptime_s: 3_600,
    guess: false,
    is_host_cache: false,
};

pub(crate) fn at_ms(ms: u64) -> Time {
    Time::from_millis(ms)
}

pub(crate) fn at(second: u64) -> Time {
    Time::from_millis(second * 1_000)
}

/// The address of a host with this number, all in networks of their own.
pub(crate) fn host(number: u16) -> SocketAddr {
    let [high, low] = number.to_be_bytes();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(81, high, low, 9)), 6_000 + number % 1_000)
}

pub(crate) struct Lab {
    pub(crate) room: Pinging,
    pub(crate) rng: ChaCha8Rng,
    /// When somebody was asked for pongs last.
    pub(crate) now: Time,
    slots: Slots<()>,
    opened: u16,
}

impl Lab {
    pub(crate) fn new(rules: Rules, is_ultrapeer: bool) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(7);
        let (room, slots) = (Pinging::new(rules, is_ultrapeer), Slots::new());
        Self { room, rng, now: at(0), slots, opened: 0 }
    }

    /// A node that only proves life.
    pub(crate) fn without_refill(is_ultrapeer: bool) -> Self {
        Self::new(Rules { refill: false, ..Rules::default() }, is_ultrapeer)
    }

    /// A neighbour whose address is that of the host with the number of neighbours so far.
    pub(crate) fn open(&mut self, is_leaf: bool, now: Time) -> Slot {
        let address = host(self.opened);
        let (ip, listen) = (address.ip(), Some(address));
        self.open_as(&Peer { is_leaf, ggep: true, pong_caching: true, ip, listen }, now)
    }

    pub(crate) fn open_as(&mut self, peer: &Peer, now: Time) -> Slot {
        self.opened += 1;
        let slot = self.slots.insert(());
        self.room.open(slot, peer, now);
        slot
    }

    pub(crate) fn close(&mut self, slot: Slot) {
        self.slots.remove(slot);
        self.room.close(slot);
    }

    pub(crate) fn timeout(&mut self, now: Time) -> Vec<Step> {
        let mut steps = Vec::new();
        self.room.timeout(now, &mut self.rng, &mut steps);
        steps
    }

    /// Goes from timeout to timeout up to this moment; what happened when.
    pub(crate) fn run_until(&mut self, end: Time) -> Vec<(Time, Step)> {
        let mut happened = Vec::new();
        while let Some(now) = self.room.next_timeout().filter(|due| *due <= end) {
            happened.extend(self.timeout(now).into_iter().map(|step| (now, step)));
            assert!(
                self.room.next_timeout().is_none_or(|due| due > now),
                "time does not stand still"
            );
        }
        happened
    }

    pub(crate) fn ping(
        &mut self,
        ttl: u8,
        hops: u8,
        from: Slot,
        now: Time,
    ) -> (Pinged, Vec<Frame>) {
        self.ping_as(&OWN, ttl, hops, from, now)
    }

    pub(crate) fn ping_as(
        &mut self,
        own: &Own,
        ttl: u8,
        hops: u8,
        from: Slot,
        now: Time,
    ) -> (Pinged, Vec<Frame>) {
        let mut pongs = Vec::new();
        let pinged = self.room.ping(&ping(ttl, hops), from, own, now, &mut pongs);
        (pinged, pongs)
    }

    /// Lets rounds of pings go by until each of these was asked for pongs, and has sent none yet.
    pub(crate) fn ask(&mut self, slots: &[Slot]) {
        let mut left = slots.to_vec();
        while !left.is_empty() {
            self.now = self.now.max(self.room.next_timeout().unwrap());
            for step in self.timeout(self.now) {
                left.retain(|slot| !matches!(&step, Step::Refill { to, .. } if to == slot));
            }
        }
    }

    /// So long after what was asked last.
    pub(crate) fn later(&self, seconds: u64) -> Time {
        self.now.after_ms(seconds * 1_000)
    }
}

pub(crate) const GUID: Guid = Guid([9; 16]);

pub(crate) fn ping(ttl: u8, hops: u8) -> Frame {
    let (function, payload) = (Function::PING, Bytes::new());
    Frame { guid: GUID, function, ttl, hops, size_flags: None, payload }
}

/// A pong about a host, with this tail, after so many hops.
pub(crate) fn pong(address: SocketAddr, kib: u32, hops: u8, tail: &'static [u8]) -> Frame {
    let IpAddr::V4(ip) = address.ip() else { panic!("only IPv4") };
    let extensions = GgepArea::new(Bytes::from_static(tail), Place::Pong);
    let pong = Pong { port: address.port(), address: ip, files: 1, kib, extensions };
    let mut payload = BytesMut::new();
    pong.encode(&mut payload);
    let (function, payload) = (Function::PONG, payload.freeze());
    Frame { guid: Guid([1; 16]), function, ttl: 1, hops, size_flags: None, payload }
}

/// Whom a pong is about.
pub(crate) fn about(pong: &Frame) -> SocketAddr {
    SocketAddr::V4(Pong::decode(&pong.payload).unwrap().endpoint())
}
