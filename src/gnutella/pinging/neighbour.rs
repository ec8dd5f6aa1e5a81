use std::net::{IpAddr, SocketAddr};

use super::alive::Alive;
use super::pong_host::PongHost;
use crate::base::addresses::is_callable;
use crate::base::limits::{PING_INTERVAL_LEAF_MS, PING_INTERVAL_ULTRAPEER_MS};
use crate::base::time::Time;

/// What the room has to know of a neighbour, from its handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    pub is_leaf: bool,
    /// It understands GGEP (HAND-33).
    pub ggep: bool,
    /// It keeps pongs instead of broadcasting pings (HAND-34).
    pub pong_caching: bool,
    /// Where it is connected from: by this its own pong is known from those of others (PONG-12).
    pub ip: IpAddr,
    /// Where it takes connections, if it said so.
    pub listen: Option<SocketAddr>,
}

/// One neighbour. Leaves have thousands of links in all, so that each byte counts.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub(super) alive: Alive,
    /// Pongs that may still come in answer to our last pings.
    pub(super) pongs_due: u8,
    pub(super) is_leaf: bool,
    pub(super) ggep: bool,
    pub(super) pong_caching: bool,
    /// Its next ordinary ping is answered from then on.
    pub(super) answers_from: Time,
    /// Kept by ultrapeers of ultrapeers only.
    pub(super) known: Option<Box<Known>>,
}

/// What a neighbour has said of itself, to tell others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) ip: IpAddr,
    /// Port 0 until it is known.
    pub(super) address: SocketAddr,
    pub(super) files: u32,
    pub(super) kib: u32,
    /// Where pings are broadcast by it, it is asked again from then on.
    pub(super) asked_from: Time,
}

impl Neighbour {
    /// Whether its ordinary ping is answered now; if so, the next one has to wait (PING-10).
    pub(super) fn admit_ping(&mut self, now: Time) -> bool {
        if now < self.answers_from {
            return false;
        }
        let wait_ms = if self.is_leaf { PING_INTERVAL_LEAF_MS } else { PING_INTERVAL_ULTRAPEER_MS };
        self.answers_from = now.after_ms(wait_ms);
        true
    }
}

impl Known {
    pub(super) fn of(peer: &Peer) -> Self {
        // It may say any address; only the port is not known better.
        let port = peer.listen.map_or(0, |listen| listen.port());
        let address = SocketAddr::new(peer.ip, port);
        Self { ip: peer.ip, address, files: 0, kib: 0, asked_from: Time::ZERO }
    }

    /// A pong of the neighbour tells something; if it speaks of itself, that is remembered
    /// (PONG-12).
    pub(super) fn learn(&mut self, host: &PongHost) {
        if host.hops != 0 || host.address.ip().to_canonical() != self.ip.to_canonical() {
            return;
        }
        (self.address, self.files, self.kib) = (host.address, host.files, host.kib);
    }

    /// Whether others could connect to it.
    pub(super) fn is_callable(&self, allow_private: bool) -> bool {
        is_callable(self.address, allow_private)
    }
}
