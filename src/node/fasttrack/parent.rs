//! Whether our supernode is still there. Where a computer stops, nobody says so.

use super::Output;
use crate::base::limits::{PARENT_ANSWER_MS, PARENT_QUIET_MS};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::node::{LinkId, Node};

/// What we heard of our supernode last (FTNODE-21).
#[derive(Clone, Copy, Debug)]
pub(super) struct Parent {
    slot: Slot,
    heard: Time,
    /// It was asked whether it is there, and has said nothing since.
    asked: Option<Time>,
}

impl Parent {
    pub(super) const fn new(slot: Slot, now: Time) -> Self {
        Self { slot, heard: now, asked: None }
    }

    /// When it is to be asked, or to be given up.
    pub(super) const fn due(&self) -> Time {
        match self.asked {
            None => self.heard.after_ms(PARENT_QUIET_MS),
            Some(asked) => asked.after_ms(PARENT_ANSWER_MS),
        }
    }
}

impl Node {
    /// Something has come over a session.
    pub(super) fn hear_parent(&mut self, slot: Slot, now: Time) {
        let parent = self.fasttrack.as_deref_mut().and_then(|it| it.parent.as_mut());
        if let Some(parent) = parent.filter(|parent| parent.slot == slot) {
            *parent = Parent::new(slot, now);
        }
    }

    /// A ping was answered.
    pub(super) fn pong_of(&mut self, link: LinkId, now: Time) {
        if let Some(slot) = self.fasttrack_slot(link) {
            self.hear_parent(slot, now);
        }
    }

    /// This is our supernode now.
    pub(super) fn has_parent(&mut self, slot: Slot, now: Time) {
        if let Some(fasttrack) = self.fasttrack.as_deref_mut() {
            fasttrack.parent = Some(Parent::new(slot, now));
            (fasttrack.try_due, fasttrack.look_due) = (Some(now), Some(now));
        }
    }

    /// Asks a supernode that has been quiet, and gives up one that does not answer.
    pub(super) fn watch_parent(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(parent) = &mut fasttrack.parent else { return };
        let slot = parent.slot;
        if fasttrack.peer.session(slot).is_none() {
            fasttrack.parent = None;
            return;
        }
        if now < parent.due() {
            return;
        }
        if parent.asked.is_some() {
            fasttrack.parent = None;
            return self.give_up_session(slot, now);
        }
        parent.asked = Some(now);
        self.say_of(slot, |link| Output::Ping { link });
    }
}
