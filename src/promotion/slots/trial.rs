//! Newcomers that have to show themselves better than somebody who is there.
//!
//! Nobody is dropped for a promise: where all slots are taken and one neighbour is of little use, one
//! newcomer is taken beyond the slots. Once it has shown what the other one has not, the other one
//! goes; if it has not done so within the grace of neighbours, it goes itself.

use super::standing::Neighbour;
use super::{Direction, Flaw, SlotPolicy};
use crate::base::limits::TRIAL_EVERY_MS;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::promotion::Role;

/// Who is on trial, and when the next one may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    newcomer: Option<Slot>,
    next: Time,
}

impl SlotPolicy {
    /// Whether somebody may be tried in place of one of those that may go: one newcomer at a time, and
    /// not often.
    pub(super) fn may_try(
        &self,
        role: Role,
        may_go: impl Fn(&Neighbour) -> bool,
        now: Time,
    ) -> bool {
        let is_free = |trial: &Trial| trial.newcomer.is_none() && now >= trial.next;
        self.trial.as_deref().is_none_or(is_free) && self.worst_of(role, may_go, now).is_some()
    }

    /// A neighbour has come: if that makes one too many, it is on trial.
    pub(super) fn try_newcomer(&mut self, slot: Slot, role: Role, now: Time) {
        if self.is_over(role) && self.on_trial().is_none() {
            let next = now.after_ms(TRIAL_EVERY_MS);
            self.trial = Some(Box::new(Trial { newcomer: Some(slot), next }));
        }
    }

    /// Where there is a slot for the newcomer by now, it is a neighbour like all others.
    pub(super) fn settle_trial(&mut self) {
        let is_over = self.on_trial().is_some();
        if let Some(trial) = self.trial.as_deref_mut().filter(|_| !is_over) {
            trial.newcomer = None;
        }
    }

    /// The one that goes because of a newcomer: a worse one, or the newcomer itself.
    pub(super) fn end_of_trial(&self, now: Time) -> Option<(Slot, Flaw)> {
        let (slot, newcomer) = self.on_trial()?;
        // Where only too many call, one of those who called has to go.
        let anybody = newcomer.role == Role::Leaf || self.supernodes > self.supernodes_max();
        let may_go = |other: &Neighbour| anybody || other.direction == Direction::Incoming;
        let worst = self.worst_of(newcomer.role, may_go, now).filter(|&(worst, _)| worst != slot);
        if let Some((_, flaw)) = worst
            && newcomer.is_better_than(flaw, self.role)
        {
            return worst;
        }
        let flaw = || newcomer.flaw(self.role, self.slots(), now).map(|(flaw, _)| flaw);
        let is_lost = newcomer.is_settled(self.slots(), now);
        is_lost.then(|| (slot, flaw().unwrap_or(Flaw::Surplus)))
    }

    /// How many of this role have no slot yet.
    pub(super) fn beyond(&self, role: Role) -> u32 {
        u32::from(self.on_trial().is_some_and(|(_, newcomer)| newcomer.role == role))
    }

    fn on_trial(&self) -> Option<(Slot, &Neighbour)> {
        let slot = self.trial.as_deref()?.newcomer?;
        let newcomer = self.neighbours.get(slot)?;
        self.is_over(newcomer.role).then_some((slot, newcomer))
    }

    /// Whether there are more of a role than slots.
    fn is_over(&self, role: Role) -> bool {
        match role {
            Role::Leaf => self.leaves > self.leaves_with_slot(),
            Role::Supernode => {
                self.supernodes > self.supernodes_max() || self.incoming > self.incoming_max()
            }
        }
    }
}
