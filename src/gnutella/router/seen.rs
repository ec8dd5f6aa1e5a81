use std::hash::{Hash, Hasher};

use crate::base::mutant::mutant;
use crate::gnutella::wire::{Function, Guid, Header};

/// What makes two messages one (TTL-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    guid: [u8; 16],
    function: u8,
}

impl Key {
    #[inline]
    pub(super) fn new(function: Function, guid: Guid) -> Self {
        let function = if mutant!(TellsFunctionsNotApart) { 0 } else { function.0 };
        Self { guid: guid.0, function }
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
    /// The highest TTL with which the first neighbour sent it as its own; 0 where it did not.
    first_ttl: u8,
    /// The neighbour that sent it as its own last, if it is not the first one, and its highest TTL.
    latest: [u8; 4],
    latest_ttl: u8,
}

/// What counts of a message that comes, for the memory of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came {
    /// The TTL that its maker gave it, who is the sender; 0 where that is another one.
    made_ttl: u8,
    /// The TTL with which it goes on if it is new.
    onward_ttl: u8,
    /// The TTL with which it goes on if it is a copy.
    copy_ttl: u8,
}

impl Came {
    /// One that goes on with this TTL, new or not.
    #[inline]
    pub(super) const fn going_on(header: &Header, onward_ttl: u8) -> Self {
        Self { made_ttl: made_ttl(header), onward_ttl, copy_ttl: onward_ttl }
    }

    /// One that goes on as it is when it comes first, and then never again.
    #[inline]
    pub(super) const fn once(header: &Header) -> Self {
        Self::going_on(header, 0)
    }

    /// A query of a leaf. It is asked step by step, with TTLs of ours, so that no copy has more (TTL-12).
    /// One that others have brought already is not asked for, and its TTL takes it nowhere.
    #[inline]
    pub(super) const fn to_be_asked_for(header: &Header) -> Self {
        Self { made_ttl: made_ttl(header), onward_ttl: u8::MAX, copy_ttl: 0 }
    }
}

/// Only what has hops 0 is the sender's own: whoever passes something on has counted it on.
#[inline]
const fn made_ttl(header: &Header) -> u8 {
    if header.hops == 0 { header.ttl } else { 0 }
}

/// What a message is that was here before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copied {
    /// The same neighbour has made it, and has sent it before with no lower TTL (TTL-14). Only the first
    /// neighbour, and of the others the one that did so last, are remembered.
    pub(super) is_repeat: bool,
    /// It would go on with a higher TTL than ever before (TTL-12).
    pub(super) is_raised: bool,
    /// It has gone on before.
    pub(super) has_gone_on: bool,
}

impl Seen {
    /// One that came like this.
    #[inline]
    pub(super) const fn new(Came { made_ttl, onward_ttl, .. }: Came) -> Self {
        Self { onward_ttl, first_ttl: made_ttl, latest: [0; 4], latest_ttl: 0 }
    }

    /// One of ours: it goes as far as it should from the start.
    pub(super) const OURS: Self =
        Self { onward_ttl: u8::MAX, first_ttl: u8::MAX, latest: [0; 4], latest_ttl: 0 };

    /// The same message came again: from the first neighbour, or from another one, which has this
    /// number.
    #[inline]
    pub(super) fn copy(&mut self, from: Option<u32>, came: Came) -> Copied {
        let is_repeat = came.made_ttl > 0 && self.is_repeat(from, came.made_ttl);
        let has_gone_on = self.onward_ttl > 0;
        let is_raised = !is_not_above(&mut self.onward_ttl, came.copy_ttl);
        Copied { is_repeat, is_raised, has_gone_on }
    }

    #[inline]
    fn is_repeat(&mut self, from: Option<u32>, ttl: u8) -> bool {
        match from.map(u32::to_le_bytes) {
            None => is_not_above(&mut self.first_ttl, ttl),
            Some(from) if from == self.latest => is_not_above(&mut self.latest_ttl, ttl),
            Some(from) => {
                (self.latest, self.latest_ttl) = (from, ttl);
                false
            }
        }
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
