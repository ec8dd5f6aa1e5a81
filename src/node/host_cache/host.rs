use std::net::{IpAddr, SocketAddr};

use super::sources::Account;
use crate::base::addresses::{from_octets, octets};
use crate::base::limits::CUT_OFF_AGAIN_S;
use crate::gnutella::pinging::{FreeSlots, PongHost};

/// By whose word a host is known; the later ones are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Somebody's.
    Hearsay,
    /// Its own.
    Met,
    /// Ours: we were connected.
    Proven,
}

impl Quality {
    pub(super) const fn index(self) -> usize {
        match self {
            Self::Hearsay => 0,
            Self::Met => 1,
            Self::Proven => 2,
        }
    }
}

/// What is said of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub is_ultrapeer: bool,
    /// It is surely none: it wants to be our leaf, or somebody's.
    pub is_leaf: bool,
    /// Connections that it says it could take, if it says anything.
    pub free_slots: Option<FreeSlots>,
    /// Seconds that it runs on an average day.
    pub daily_uptime_s: Option<u32>,
    pub takes_tls: bool,
    /// It was named by a host that had no room for us.
    pub is_advice: bool,
}

impl From<&PongHost> for Facts {
    fn from(host: &PongHost) -> Self {
        let PongHost { is_ultrapeer, free_slots, daily_uptime_s, takes_tls, .. } = *host;
        // Not all ultrapeers say in pongs that they are (PONG-08).
        let (is_leaf, is_advice) = (false, false);
        Self { is_ultrapeer, is_leaf, free_slots, daily_uptime_s, takes_tls, is_advice }
    }
}

/// An address and a port, so that those of one network are neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) octets: [u8; 16],
    pub(super) port: u16,
}

impl Key {
    pub(super) fn of(address: SocketAddr) -> Self {
        Self { octets: octets(address.ip().to_canonical()), port: address.port() }
    }

    pub(super) fn ip(self) -> IpAddr {
        from_octets(self.octets)
    }

    pub(super) fn address(self) -> SocketAddr {
        SocketAddr::new(self.ip(), self.port)
    }
}

/// What a host says that it offers: as much as is known, in three bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    marks: u8,
    leaves: u8,
    ultrapeers: u8,
}

/// How much room it has is known.
const ROOM: u8 = 0x01;
/// It takes TLS.
const TLS: u8 = 0x02;
/// It is a leaf by its own word.
const LEAF: u8 = 0x04;

impl Offer {
    fn of(facts: Facts) -> Self {
        let room = if facts.free_slots.is_some() { ROOM } else { 0 };
        let tls = if facts.takes_tls { TLS } else { 0 };
        let leaf = if facts.is_leaf { LEAF } else { 0 };
        let FreeSlots { leaves, ultrapeers } =
            facts.free_slots.unwrap_or(FreeSlots { leaves: 0, ultrapeers: 0 });
        Self { marks: room | tls | leaf, leaves, ultrapeers }
    }

    pub(super) fn free_slots(self) -> Option<FreeSlots> {
        let Self { marks, leaves, ultrapeers } = self;
        (marks & ROOM != 0).then_some(FreeSlots { leaves, ultrapeers })
    }

    pub(super) const fn takes_tls(self) -> bool {
        self.marks & TLS != 0
    }

    const fn is_leaf(self) -> bool {
        self.marks & LEAF != 0
    }

    /// It is told of again; what is not said stays.
    const fn hear(&mut self, told: Self) {
        self.marks |= told.marks & !LEAF;
        if told.marks & ROOM != 0 {
            (self.leaves, self.ultrapeers) = (told.leaves, told.ultrapeers);
        }
    }
}

/// A host that is known. A node has a thousand, and a simulation a million, so that it is small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host {
    pub(super) key: Key,
    pub(super) quality: Quality,
    /// Who named it first.
    pub(super) account: Account,
    /// By how many mouths it came from those that the user named.
    pub(super) distance: u8,
    pub(super) is_ultrapeer: bool,
    pub(super) is_advice: bool,
    pub(super) offer: Offer,
    /// Minutes that it runs on an average day.
    pub(super) daily_uptime_min: u16,
    /// Calls in a row that led nowhere.
    pub(super) failures: u8,
    /// Calls in a row that were refused.
    pub(super) refusals: u8,
    /// When it was last heard of by a word as good as its quality.
    pub(super) seen_s: u32,
    /// Not to be called before.
    pub(super) wait_until_s: u32,
    /// Not to be called before even by a node that is cut off; no later than the other one.
    pub(super) spared_until_s: u32,
}

impl Host {
    pub(super) fn new(
        key: Key,
        quality: Quality,
        account: Account,
        facts: Facts,
        now_s: u32,
    ) -> Self {
        let minutes = facts.daily_uptime_s.unwrap_or(0) / 60;
        Self {
            key,
            quality,
            account,
            distance: 0,
            is_ultrapeer: facts.is_ultrapeer,
            is_advice: facts.is_advice,
            offer: Offer::of(facts),
            daily_uptime_min: u16::try_from(minutes).unwrap_or(u16::MAX),
            failures: 0,
            refusals: 0,
            seen_s: now_s,
            wait_until_s: 0,
            spared_until_s: 0,
        }
    }

    /// Whether it is a leaf by its own word (HAND-83).
    pub(super) const fn is_leaf(&self) -> bool {
        self.offer.is_leaf()
    }

    /// Takes over what it says of itself.
    pub(super) fn believe(&mut self, told: &Self) {
        if told.is_ultrapeer {
            // It is in touch with us, whatever it said to earlier calls.
            self.refusals = 0;
        }
        if told.is_ultrapeer && !self.is_ultrapeer {
            // That it turned us away as a leaf says nothing about what it has become.
            let soon_s = told.seen_s.saturating_add(CUT_OFF_AGAIN_S);
            self.wait_until_s = self.wait_until_s.min(soon_s);
            self.spared_until_s = self.spared_until_s.min(soon_s);
        }
        self.seen_s = told.seen_s;
        if told.is_ultrapeer || told.is_leaf() {
            self.is_ultrapeer = told.is_ultrapeer;
            self.offer.marks = (self.offer.marks & !LEAF) | (told.offer.marks & LEAF);
        }
        self.offer.hear(told.offer);
        if told.daily_uptime_min > 0 {
            self.daily_uptime_min = told.daily_uptime_min;
        }
    }

    /// Somebody names it again. That changes nothing for those that are known by a better word, and
    /// cannot harm the others.
    pub(super) fn hear(&mut self, told: &Self) {
        if self.quality != Quality::Hearsay {
            return;
        }
        self.seen_s = told.seen_s;
        self.is_ultrapeer |= told.is_ultrapeer;
        self.is_advice |= told.is_advice;
        self.offer.hear(told.offer);
    }
}
