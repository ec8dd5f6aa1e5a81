use std::fmt;
use std::net::IpAddr;

use super::{Lack, Offer};
use crate::promotion::Role;

/// Somebody who wants to be a neighbour, or whom we want as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub address: IpAddr,
    pub role: Role,
    pub direction: Direction,
    pub offer: Offer,
    /// The user asked for this one: nothing but room counts, and it is never dropped for another.
    pub is_chosen: bool,
}

/// Who opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Incoming,
    Outgoing,
}

/// What to do with a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Take it. Some(true): tell it that supernodes are needed. Where all slots are taken, it has to
    /// show itself better than somebody who is there.
    Accept {
        needed: Option<bool>,
    },
    /// A supernode for which there is room as a leaf only: take it, and tell it that supernodes are
    /// not needed. If it remains one it has to go, as [`SlotPolicy::judge`](super::SlotPolicy::judge)
    /// says again.
    Guide,
    Refuse(Refusal),
}

/// Why a caller is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// All leaf slots are taken.
    NoLeafSlot,
    /// All slots for supernodes are taken, or those for supernodes that call.
    NoSupernodeSlot,
    /// We are a leaf, and so is the caller.
    BothLeaves,
    /// Enough neighbours come from its network already.
    SameNetwork,
    /// It does not offer what others demand of a supernode, and there are enough of its kind.
    Lacks(Lack),
}

impl Refusal {
    /// True where others may have the room that is missing here.
    pub const fn is_for_want_of_room(self) -> bool {
        matches!(self, Self::NoLeafSlot | Self::NoSupernodeSlot)
    }
}

/// A sentence without its full stop, for whoever is refused.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLeafSlot => f.write_str("No leaf slot is free"),
            Self::NoSupernodeSlot => f.write_str("No slot for supernodes is free"),
            Self::BothLeaves => f.write_str("Two leaves do not connect"),
            Self::SameNetwork => f.write_str("Too many from your network"),
            Self::Lacks(lack) => write!(f, "Supernodes need {lack}"),
        }
    }
}
