use std::hash::{Hash, Hasher};

use crate::gnutella::wire::{Function, Guid};

/// What makes two messages one (TTL-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    guid: [u8; 16],
    function: u8,
}

impl Key {
    #[inline]
    pub(super) const fn new(function: Function, guid: Guid) -> Self {
        Self { guid: guid.0, function: function.0 }
    }
}

impl Hash for Key {
    /// One multiplication. Few GUIDs are used for two functions, and these may well share a spot.
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(u128::from_le_bytes(self.guid));
    }
}

/// What is remembered of a message, beside the account of whoever brought it first. All in bytes, so
/// that an entry has no gaps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// The highest TTL with which it went on; 0 where it did not.
    onward_ttl: u8,
    /// The highest TTL with which the first neighbour sent it.
    first_ttl: u8,
    /// The neighbour that sent it last, if it is not the first one, and its highest TTL.
    latest: [u8; 4],
    latest_ttl: u8,
}

/// What a message is that was here before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    /// The same neighbour has sent it before, with no lower TTL (TTL-14). Only the first neighbour and
    /// the one that sent it last are remembered.
    pub(super) is_repeat: bool,
    /// It would go on with a higher TTL than ever before (TTL-12).
    pub(super) is_raised: bool,
}

impl Seen {
    /// One that came with the first of these TTLs, and goes on with the other.
    #[inline]
    pub(super) const fn new((ttl, onward_ttl): (u8, u8)) -> Self {
        Self { onward_ttl, first_ttl: ttl, latest: [0; 4], latest_ttl: 0 }
    }

    /// One of ours: it goes as far as it should from the start.
    pub(super) const OURS: Self = Self::new((u8::MAX, u8::MAX));

    /// The same message came again, with such TTLs: from the first neighbour, or from another one, which
    /// has this number.
    #[inline]
    pub(super) fn copy(&mut self, from: Option<u32>, (ttl, onward_ttl): (u8, u8)) -> Copied {
        let is_repeat = match from.map(u32::to_le_bytes) {
            None => is_not_above(&mut self.first_ttl, ttl),
            Some(from) if from == self.latest => is_not_above(&mut self.latest_ttl, ttl),
            Some(from) => {
                (self.latest, self.latest_ttl) = (from, ttl);
                false
            }
        };
        let is_raised = !is_not_above(&mut self.onward_ttl, onward_ttl);
        Copied { is_repeat, is_raised }
    }
}

/// Whether a value is no higher than the highest one yet; if it is, it is the highest now.
#[inline]
const fn is_not_above(highest: &mut u8, value: u8) -> bool {
    if value <= *highest {
        return true;
    }
    *highest = value;
    false
}
