use super::Onward;
use crate::base::error::Misbehaved;
use crate::base::limits::PUSH_WAYS_MAX;
use crate::base::slots::Slot;

/// What to do with a query, or with a ping that is flooded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody brought it before: evaluate it, show it to leaves, and send it to ultrapeers as `onward`
    /// says, but never to the one it came from.
    New { onward: Option<Onward> },
    /// It was here with a lower TTL: send it to ultrapeers, and do nothing else with it (TTL-12).
    Again { onward: Onward },
    /// Forget it.
    Drop { why: Dropped, fault: Option<Misbehaved> },
}

/// What to do with a query hit, or with a pong to a ping that was flooded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answers a message of ours.
    Own,
    /// Send it to this neighbour, and to no other.
    To { slot: Slot, onward: Onward },
    /// Forget it.
    Drop { why: Dropped, fault: Option<Misbehaved> },
}

/// What to do with a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushRoute {
    /// It is for us, and was not here before.
    Here,
    /// Send it to these neighbours.
    To { ways: Ways, onward: Onward },
    /// Forget it.
    Drop { why: Dropped, fault: Option<Misbehaved> },
}

/// The neighbours to which a push goes: the one that spoke for the servent last comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways([Option<Slot>; PUSH_WAYS_MAX]);

impl Ways {
    /// One neighbour.
    pub(super) fn to(slot: Slot) -> Self {
        let mut ways = Self::default();
        ways.push(slot);
        ways
    }

    /// Adds a neighbour, if there is room.
    pub(super) fn push(&mut self, slot: Slot) {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none()) {
            *place = Some(slot);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Slot> {
        self.0.iter().copied().flatten()
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// Why a message goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dropped {
    /// The sender is no neighbour, or not any more.
    Stranger,
    /// A leaf sent what it did not make (TTL-10).
    RelayedByLeaf,
    /// It came with TTL 0 (TTL-04).
    Spent,
    /// TTL and hops are above the hard limit together (TTL-08).
    TooFar,
    /// It has crossed as many links as any message may, or its hops cannot be counted on (TTL-05).
    HopsExhausted,
    /// It was here before (TTL-11).
    Duplicate,
    /// Its TTL does not take it to the next neighbour.
    Expired,
    /// Nobody asked for it, or too long ago (TTL-18); or nobody has spoken for that servent (PUSH-09).
    NoRoute,
    /// Whoever asked for it has gone.
    RouteLost,
    /// Its way leads back to where it came from.
    Backwards,
    /// The leaf that sent it has as many messages here as it may, all of them younger than their life
    /// (TTL-22); or of the ultrapeer that sent it as many have gone on lately as may (TTL-23).
    OverQuota,
    /// Its GUID is all zeros, which is that of messages that nobody forwards (FRAME-12).
    Nameless,
}
