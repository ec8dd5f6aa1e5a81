use std::net::SocketAddr;

use bytes::Bytes;

use super::own::way_home;
use super::pong_host::PongHost;
use crate::base::limits::{PONG_CACHED_LEN_MAX, PONG_LIFE_MS, PONGS_CACHED_MAX, PONGS_OF_LINK_MAX};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::{Frame, Function, Guid};

/// Pongs of the last seconds, to answer pings with.
#[derive(Debug, Default)]
pub(super) struct Cache {
    /// The oldest first.
    pongs: Vec<Cached>,
    /// Where the next answer begins to look, so that answers differ.
    turn: usize,
}

#[derive(Debug)]
struct Cached {
    from: Slot,
    born: Time,
    address: SocketAddr,
    is_ultrapeer: bool,
    /// As received.
    hops: u8,
    payload: Bytes,
}

/// Who asks for pongs, and which of them it can use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker {
    pub(super) slot: Slot,
    /// Where it takes connections itself, if that is known.
    pub(super) address: Option<SocketAddr>,
    /// Leaves have use for ultrapeers only.
    pub(super) is_leaf: bool,
    pub(super) guid: Guid,
    pub(super) ttl: u8,
    pub(super) hops: u8,
}

impl Cache {
    pub(super) const fn new() -> Self {
        Self { pongs: Vec::new(), turn: 0 }
    }

    /// Keeps a pong, unless it is too long, or another neighbour has told of the same host. What it
    /// displaces is older and of the same neighbour, or of the one who has most.
    pub(super) fn keep(&mut self, from: Slot, host: &PongHost, payload: &Bytes, now: Time) {
        self.forget_old(now);
        self.pongs.retain(|pong| pong.from != from || pong.address != host.address);
        let is_told = self.pongs.iter().any(|pong| pong.address == host.address);
        if is_told || payload.len() > PONG_CACHED_LEN_MAX {
            return;
        }
        if self.count_of(from) >= PONGS_OF_LINK_MAX {
            self.forget_one_of(from);
        }
        if self.pongs.len() >= PONGS_CACHED_MAX {
            self.forget_one_of_the_loudest();
        }
        self.pongs.push(Cached {
            from,
            born: now,
            address: host.address,
            is_ultrapeer: host.is_ultrapeer,
            hops: host.hops,
            // Received bytes share the memory of all that came with them.
            payload: Bytes::copy_from_slice(payload),
        });
    }

    /// Forgets what this neighbour said.
    pub(super) fn close(&mut self, slot: Slot) {
        self.pongs.retain(|pong| pong.from != slot);
        self.shrink();
    }

    /// Forgets what is too old to be told.
    pub(super) fn forget_old(&mut self, now: Time) {
        self.pongs.retain(|pong| now < pong.born.after_ms(PONG_LIFE_MS));
        self.shrink();
    }

    pub(super) fn clear(&mut self) {
        self.pongs = Vec::new();
    }

    /// Answers a ping with so many pongs: from each neighbour and each distance as evenly as there
    /// are some, none that the asker sent, none farther than its ping would have come (PING-09).
    pub(super) fn answer(&mut self, asker: &Asker, count: usize, out: &mut Vec<Frame>) {
        let mut candidates: Vec<(&Cached, bool)> =
            self.pongs.iter().filter(|pong| pong.suits(asker)).map(|pong| (pong, false)).collect();
        let Some(turn) = self.turn.checked_rem(candidates.len()) else { return };
        candidates.rotate_left(turn);
        self.turn = self.turn.wrapping_add(1);
        for _ in 0..count {
            let Some(chosen) = most_distinct(&candidates) else { break };
            if let Some((pong, is_taken)) = candidates.get_mut(chosen) {
                *is_taken = true;
                out.push(pong.answer(asker));
            }
        }
    }

    fn count_of(&self, slot: Slot) -> usize {
        self.pongs.iter().filter(|pong| pong.from == slot).count()
    }

    fn forget_one_of(&mut self, slot: Slot) {
        if let Some(oldest) = self.pongs.iter().position(|pong| pong.from == slot) {
            self.pongs.remove(oldest);
        }
    }

    fn forget_one_of_the_loudest(&mut self) {
        let loudest = self.pongs.iter().max_by_key(|pong| self.count_of(pong.from));
        if let Some(slot) = loudest.map(|pong| pong.from) {
            self.forget_one_of(slot);
        }
    }

    fn shrink(&mut self) {
        if self.pongs.is_empty() {
            self.pongs = Vec::new();
        }
    }
}

impl Cached {
    fn suits(&self, asker: &Asker) -> bool {
        let would_be_reached = self.hops.saturating_add(1) < asker.ttl;
        let is_theirs = self.from == asker.slot || Some(self.address) == asker.address;
        (!is_theirs || mutant!(EchoesPongs))
            && would_be_reached
            && (self.is_ultrapeer || !asker.is_leaf)
    }

    /// PONG-10, PONG-11
    fn answer(&self, asker: &Asker) -> Frame {
        Frame {
            guid: asker.guid,
            function: Function::PONG,
            ttl: way_home(asker.hops),
            hops: self.hops.saturating_add(u8::from(!mutant!(KeepsHopsOfPongs))),
            size_flags: None,
            payload: self.payload.clone(),
        }
    }
}

/// The one whose neighbour and whose distance are least among those that are taken.
fn most_distinct(candidates: &[(&Cached, bool)]) -> Option<usize> {
    let taken = |alike: &dyn Fn(&Cached) -> bool| {
        candidates.iter().filter(|(pong, is_taken)| *is_taken && alike(pong)).count()
    };
    let free = candidates.iter().enumerate().filter(|(_, (_, is_taken))| !is_taken);
    let least = free.min_by_key(|(_, (pong, _))| {
        let (of_link, of_hops) =
            (taken(&|other| other.from == pong.from), taken(&|other| other.hops == pong.hops));
        of_link.saturating_add(of_hops)
    });
    least.map(|(index, _)| index)
}
