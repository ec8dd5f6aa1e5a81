//! Sessions that are being opened, to see which supernode has room.

use std::net::SocketAddrV4;

use crate::base::limits::{
    SUPERNODE_CALL_MS, SUPERNODE_GREETING_MS, SUPERNODE_PATIENCE_MS, SUPERNODE_TRIALS_MAX,
};
use crate::base::slots::Slot;
use crate::base::time::Time;

/// Up to [`SUPERNODE_TRIALS_MAX`] of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Trials(Vec<Trial>);

/// One supernode that is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    pub(super) address: SocketAddrV4,
    /// Once the session stands.
    pub(super) slot: Option<Slot>,
    /// It has said by UDP that it has room.
    has_room: bool,
    /// When it was called, or the session stood.
    since: Time,
}

impl Trial {
    /// It may well become our supernode.
    fn is_promising(&self, now: Time) -> bool {
        now < self.since.after_ms(SUPERNODE_PATIENCE_MS)
    }

    fn late_at(&self) -> Time {
        let wait_ms = if self.slot.is_some() { SUPERNODE_GREETING_MS } else { SUPERNODE_CALL_MS };
        self.since.after_ms(wait_ms)
    }
}

impl Trials {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the next waits: one of them may well become our supernode, or there are as many as may be.
    pub(super) fn is_busy(&self, now: Time) -> bool {
        self.0.len() >= SUPERNODE_TRIALS_MAX || self.0.iter().any(|trial| trial.is_promising(now))
    }

    /// The same for one that has said that it has room, among such as have: the others are hardly there.
    pub(super) fn is_room_busy(&self, now: Time) -> bool {
        let count = self.0.iter().filter(|trial| trial.has_room).count();
        count >= SUPERNODE_TRIALS_MAX || self.is_room_promising(now)
    }

    /// It is called now.
    pub(super) fn call(&mut self, address: SocketAddrV4, has_room: bool, now: Time) {
        self.0.push(Trial { address, slot: None, has_room, since: now });
    }

    /// The session with it stands.
    pub(super) fn opened(&mut self, address: SocketAddrV4, slot: Slot, now: Time) {
        match self.0.iter_mut().find(|trial| trial.address == address && trial.slot.is_none()) {
            Some(trial) => (trial.slot, trial.since) = (Some(slot), now),
            None => self.0.push(Trial { address, slot: Some(slot), has_room: false, since: now }),
        }
    }

    /// It could not be called.
    pub(super) fn failed(&mut self, address: SocketAddrV4) -> bool {
        let place = self.0.iter().position(|one| one.address == address && one.slot.is_none());
        place.map(|place| self.0.swap_remove(place)).is_some()
    }

    /// Its session is over.
    pub(super) fn closed(&mut self, slot: Slot) -> Option<Trial> {
        let place = self.0.iter().position(|trial| trial.slot == Some(slot))?;
        Some(self.0.swap_remove(place))
    }

    /// Whether this supernode is tried.
    pub(super) fn tries(&self, address: SocketAddrV4) -> bool {
        self.0.iter().any(|trial| trial.address == address)
    }

    /// Whether this session is with one that is tried.
    pub(super) fn has(&self, slot: Slot) -> bool {
        self.0.iter().any(|trial| trial.slot == Some(slot))
    }

    /// Whether one of those that have said that they have room may well become our supernode.
    pub(super) fn is_room_promising(&self, now: Time) -> bool {
        self.0.iter().any(|trial| trial.has_room && trial.is_promising(now))
    }

    /// Takes those that have had their time.
    pub(super) fn take_late(&mut self, now: Time) -> Vec<Trial> {
        self.0.extract_if(.., |trial| now >= trial.late_at()).collect()
    }

    /// Takes all of them.
    pub(super) fn take_all(&mut self) -> Vec<Trial> {
        std::mem::take(&mut self.0)
    }

    /// When one of them has had its time, or the next need not wait for it any more.
    pub(super) fn moments(&self) -> impl Iterator<Item = Time> {
        let patience = self.0.iter().map(|trial| trial.since.after_ms(SUPERNODE_PATIENCE_MS));
        patience.chain(self.0.iter().map(Trial::late_at))
    }
}
