use std::collections::BTreeMap;
use std::net::{SocketAddr, SocketAddrV4};

use bytes::Bytes;
use rand::rngs::ChaCha8Rng;

use crate::base::limits::{PROOF_LIFE_MS, PROOF_PING_EVERY_MS, PROOF_PINGS_MAX, PROOFS_MAX};
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Function, Guid};

/// Who has shown that it gets what is sent to it (OOB-10).
///
/// A claim shows nothing: all that is in it is known to whoever made the query, and its sender may be
/// forged. A pong with the GUID of a ping of ours is only sent by who has got that ping.
#[derive(Debug, Default)]
pub struct Proofs {
    asked: BTreeMap<SocketAddrV4, Asked>,
    /// Until when they count.
    proven: BTreeMap<SocketAddrV4, Time>,
}

/// A ping of ours.
#[derive(Debug)]
struct Asked {
    guid: Guid,
    /// When it may be repeated; until then its pong counts.
    until: Time,
}

impl Proofs {
    /// Whether this host has shown it a short while ago.
    pub fn is_proven(&self, host: SocketAddrV4, now: Time) -> bool {
        self.proven.get(&host).is_some_and(|until| now < *until)
    }

    /// The ping that this host has to answer. None where it has just got one, or there is no room.
    pub fn ask(&mut self, host: SocketAddrV4, rng: &mut ChaCha8Rng, now: Time) -> Option<Frame> {
        self.forget_old(now);
        if self.asked.contains_key(&host) || self.asked.len() >= PROOF_PINGS_MAX {
            return None;
        }
        let guid = Guid::random(rng);
        let until = now.after_ms(PROOF_PING_EVERY_MS);
        self.asked.insert(host, Asked { guid, until });
        let (function, payload) = (Function::PING, Bytes::new());
        Some(Frame { guid, function, ttl: 1, hops: 0, size_flags: None, payload })
    }

    /// A pong came: whether it answers such a ping. Then its sender is proven.
    pub fn pong(&mut self, guid: Guid, from: SocketAddrV4, now: Time) -> bool {
        self.forget_old(now);
        let is_answer = self.asked.get(&from).is_some_and(|asked| asked.guid == guid);
        if is_answer {
            self.prove(from, now);
        }
        is_answer
    }

    /// This host has answered something that only who gets it can answer. Where there is no room, the
    /// oldest proof counts no longer.
    pub fn prove(&mut self, host: SocketAddrV4, now: Time) {
        self.forget_old(now);
        if !self.proven.contains_key(&host) && self.proven.len() >= PROOFS_MAX {
            let oldest = self.proven.iter().min_by_key(|(_, until)| **until);
            if let Some(oldest) = oldest.map(|(host, _)| *host) {
                self.proven.remove(&oldest);
            }
        }
        self.proven.insert(host, now.after_ms(PROOF_LIFE_MS));
    }

    /// When [`forget_old`](Self::forget_old) has something to do.
    pub fn next_timeout(&self) -> Option<Time> {
        let asked = self.asked.values().map(|asked| asked.until);
        asked.chain(self.proven.values().copied()).min()
    }

    /// Forgets pings whose pongs have not come, and proofs that are too old.
    pub fn forget_old(&mut self, now: Time) {
        self.asked.retain(|_, asked| now < asked.until);
        self.proven.retain(|_, until| now < *until);
    }

    /// There is nothing to remember.
    pub fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.proven.is_empty()
    }
}

/// The same address, if it is one of IPv4: only such stand in GUIDs.
pub fn v4_of(address: SocketAddr) -> Option<SocketAddrV4> {
    match SocketAddr::new(address.ip().to_canonical(), address.port()) {
        SocketAddr::V4(address) => Some(address),
        SocketAddr::V6(_) => None,
    }
}
