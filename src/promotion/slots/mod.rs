//! Which neighbours a node takes, guides, refuses and drops.

mod again;
mod caller;
mod modesty;
mod offer;
mod standing;
mod trial;

use std::sync::Arc;

pub use caller::{Caller, Direction, Judgement, Refusal};
pub use offer::{Lack, Offer};
pub use standing::{Flaw, Standing, Table};

use super::allowance::is_nearly_all;
use super::network;
use super::{Role, SlotThresholds, Thresholds};
use crate::base::by_slot::BySlot;
use crate::base::slots::Slot;
use crate::base::time::Time;
use again::TurnedAway;
use modesty::Modesty;
use standing::Neighbour;
use trial::Trial;

/// Which neighbours there are, and who may become one.
#[derive(Clone, Debug)]
pub struct SlotPolicy {
    thresholds: Arc<Thresholds>,
    role: Role,
    leaf_slots: u32,
    neighbours: BySlot<Neighbour>,
    leaves: u32,
    supernodes: u32,
    /// Supernodes that called us.
    incoming: u32,
    /// Not there as long as there was always a slot.
    trial: Option<Box<Trial>>,
    /// Leaves beyond the slots, which came again.
    guests: u32,
    /// Not there as long as nobody was turned away.
    turned_away: Option<Box<TurnedAway>>,
    modesty: Modesty,
}

/// Slots that are free, as others are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Free {
    /// For nodes that come as leaves.
    pub leaves: u32,
    /// For supernodes.
    pub supernodes: u32,
}

impl SlotPolicy {
    /// The slots of a leaf without neighbours.
    pub fn new(thresholds: Arc<Thresholds>) -> Self {
        Self {
            thresholds,
            role: Role::Leaf,
            leaf_slots: 0,
            neighbours: BySlot::new(),
            leaves: 0,
            supernodes: 0,
            incoming: 0,
            trial: None,
            guests: 0,
            turned_away: None,
            modesty: Modesty::default(),
        }
    }

    /// By whose rules it decides.
    pub const fn thresholds(&self) -> &Arc<Thresholds> {
        &self.thresholds
    }

    /// From now on the node is this, and takes so many leaves:
    /// [`Promotion::leaf_slots`](super::Promotion::leaf_slots).
    pub fn set_role(&mut self, role: Role, leaf_slots: u32) {
        self.role = role;
        self.leaf_slots = leaf_slots;
        if role == Role::Leaf {
            self.turned_away = None;
        }
        self.seat_guests();
        self.settle_trial();
    }

    /// What to do with a caller, when it asks and again when it is known what it remains. Nothing is
    /// taken note of.
    pub fn judge(&self, caller: &Caller, now: Time) -> Judgement {
        match (self.role, caller.role) {
            (Role::Leaf, Role::Leaf) => Judgement::Refuse(Refusal::BothLeaves),
            (Role::Supernode, Role::Leaf) => self.judge_leaf(caller, now),
            (_, Role::Supernode) => self.judge_supernode(caller, now),
        }
    }

    /// The caller is a neighbour now.
    pub fn open(&mut self, slot: Slot, caller: &Caller, now: Time) {
        self.close(slot);
        let is_guest = caller.role == Role::Leaf
            && self.leaves >= self.leaf_slots
            && self.may_come_again(caller.address, now);
        let neighbour = Neighbour::new(caller, now);
        self.tally(&neighbour, |count| count.saturating_add(1));
        self.neighbours.insert(slot, neighbour);
        if self.role == Role::Leaf {
            self.modesty.taken(now);
        }
        if is_guest {
            self.guests = self.guests.saturating_add(1);
        } else {
            self.try_newcomer(slot, caller.role, now);
        }
        self.forget_turned_away(now);
    }

    /// The neighbour is gone.
    pub fn close(&mut self, slot: Slot) {
        if let Some(gone) = self.neighbours.remove(slot) {
            self.tally(&gone, |count| count.saturating_sub(1));
            self.seat_guests();
            self.settle_trial();
        }
    }

    /// What is known of a neighbour, to be brought up to date.
    pub fn standing_mut(&mut self, slot: Slot) -> Option<&mut Standing> {
        self.neighbours.get_mut(slot).map(|neighbour| &mut neighbour.standing)
    }

    /// Whom to drop because there are more neighbours than slots, or because it serves us badly; one
    /// at a time, and none that has just come.
    pub fn whom_to_drop(&self, now: Time) -> Option<(Slot, Flaw)> {
        if let Some(drop) = self.end_of_trial(now) {
            return Some(drop);
        }
        if self.leaves > self.leaves_with_slot().saturating_add(self.beyond(Role::Leaf)) {
            return self.least_of(Role::Leaf, now);
        }
        if self.supernodes > self.supernodes_max().saturating_add(self.beyond(Role::Supernode)) {
            return self.least_of(Role::Supernode, now);
        }
        // Whatever a supernode promises: a leaf that is served slowly looks for another one.
        let is_served = self.role == Role::Leaf && self.supernodes > 1;
        let worst = self.worst_of(Role::Supernode, |_| true, now).filter(|_| is_served);
        worst.filter(|&(_, flaw)| flaw == Flaw::Slow)
    }

    /// How many supernodes to call now, beyond those that are there.
    pub fn wanted(&self, now: Time) -> u32 {
        if self.is_content(now) { 0 } else { self.missing() }
    }

    /// How many supernodes there should be, beyond those that are there.
    pub fn missing(&self) -> u32 {
        let target = match self.role {
            Role::Leaf => self.slots().leaf_supernodes_target,
            Role::Supernode => self.slots().supernodes_target,
        };
        target.saturating_sub(self.supernodes)
    }

    /// Slots that are free, as others are told.
    pub fn free(&self) -> Free {
        match self.role {
            // A leaf has nothing to give.
            Role::Leaf => Free::default(),
            Role::Supernode => Free {
                leaves: self.leaf_slots.saturating_sub(self.leaves),
                supernodes: self.supernodes_max().saturating_sub(self.supernodes),
            },
        }
    }

    /// How many neighbours are leaves.
    pub const fn leaves(&self) -> u32 {
        self.leaves
    }

    /// How many are supernodes.
    pub const fn supernodes(&self) -> u32 {
        self.supernodes
    }

    fn judge_leaf(&self, caller: &Caller, now: Time) -> Judgement {
        if !caller.is_chosen && self.is_crowded(caller, self.slots().leaves_per_network) {
            return Judgement::Refuse(Refusal::SameNetwork);
        }
        // A leaf learns only that it might be more.
        let needed = is_nearly_all(self.leaves, self.leaf_slots).then_some(true);
        let is_full = self.leaves == self.leaves_with_slot();
        let may_try = || is_full && self.may_try(Role::Leaf, |_| true, now);
        let comes_again = || self.may_come_again(caller.address, now);
        if self.leaves < self.leaf_slots || comes_again() || may_try() {
            return Judgement::Accept { needed };
        }
        Judgement::Refuse(Refusal::NoLeafSlot)
    }

    fn judge_supernode(&self, caller: &Caller, now: Time) -> Judgement {
        let slots = self.slots();
        if !caller.is_chosen && self.is_content(now) {
            return Judgement::Refuse(Refusal::NoSupernodeSlot);
        }
        if !caller.is_chosen && self.is_crowded(caller, slots.supernodes_per_network) {
            return Judgement::Refuse(Refusal::SameNetwork);
        }
        let lack = caller.offer.lack().filter(|_| !caller.is_chosen);
        let max = self.supernodes_max();
        if let Some(lack) = lack
            && self.supernodes >= hundredths(max, slots.poor_percent)
        {
            return Judgement::Refuse(Refusal::Lacks(lack));
        }
        let is_incoming = caller.direction == Direction::Incoming;
        let too_many_call = is_incoming && self.incoming >= self.incoming_max();
        let needed = self.needs_supernodes().then_some(true);
        if self.supernodes < max && !too_many_call {
            return Judgement::Accept { needed };
        }
        // Where only too many call, one of those who called has to go.
        let may_go = |other: &Neighbour| !too_many_call || other.direction == Direction::Incoming;
        if self.supernodes <= max && lack.is_none() && self.may_try(Role::Supernode, may_go, now) {
            return Judgement::Accept { needed };
        }
        if is_incoming && self.has_room_for_guided() && !self.is_crowded_as_leaf(caller) {
            return Judgement::Guide;
        }
        Judgement::Refuse(Refusal::NoSupernodeSlot)
    }

    /// More supernodes are welcome: as neighbours, or because nearly all leaf slots are taken.
    fn needs_supernodes(&self) -> bool {
        self.role == Role::Supernode
            && (self.supernodes < self.slots().supernodes_target
                || is_nearly_all(self.leaves, self.leaf_slots))
    }

    /// The last leaf slots are for those who come as leaves.
    fn has_room_for_guided(&self) -> bool {
        let kept = hundredths(self.leaf_slots, self.slots().true_leaves_percent);
        self.role == Role::Supernode && self.leaves < self.leaf_slots.saturating_sub(kept)
    }

    fn is_crowded(&self, caller: &Caller, most: u32) -> bool {
        self.is_crowded_by(caller.role, network::key(caller.address), most)
    }

    fn is_crowded_as_leaf(&self, caller: &Caller) -> bool {
        let most = self.slots().leaves_per_network;
        !caller.is_chosen && self.is_crowded_by(Role::Leaf, network::key(caller.address), most)
    }

    fn is_crowded_by(&self, role: Role, network: u64, most: u32) -> bool {
        let alike = |other: &Neighbour| other.role == role && other.network == network;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.neighbours.iter().filter(|(_, other)| alike(other)).count() >= most
    }

    /// The one with the worst flaw, and of several the one that has had it for longest.
    fn worst_of(
        &self,
        role: Role,
        may_go: impl Fn(&Neighbour) -> bool,
        now: Time,
    ) -> Option<(Slot, Flaw)> {
        let slots = self.slots();
        let candidates = self.neighbours.iter().filter(|(_, other)| {
            other.role == role && other.is_settled(slots, now) && may_go(other)
        });
        let flawed = candidates.filter_map(|(slot, other)| {
            let (flaw, lasts) = other.flaw(self.role, slots, now)?;
            Some((flaw, std::cmp::Reverse(lasts), slot))
        });
        flawed.min().map(|(flaw, _, slot)| (slot, flaw))
    }

    /// The worst one, or, where nothing tells against any, the newest: who has stayed will stay.
    fn least_of(&self, role: Role, now: Time) -> Option<(Slot, Flaw)> {
        if let Some(worst) = self.worst_of(role, |_| true, now) {
            return Some(worst);
        }
        // A leaf has no leaves, however new they are.
        let is_role_over = self.role == Role::Leaf && role == Role::Leaf;
        let candidates = self.neighbours.iter().filter(|(_, other)| {
            other.role == role && (is_role_over || other.is_settled(self.slots(), now))
        });
        let (newest, _) = candidates.max_by_key(|(slot, other)| (other.since, *slot))?;
        Some((newest, Flaw::Surplus))
    }

    /// Of the slots for supernodes, those that callers may take.
    fn incoming_max(&self) -> u32 {
        hundredths(self.supernodes_max(), self.slots().incoming_percent)
    }

    fn supernodes_max(&self) -> u32 {
        match self.role {
            Role::Leaf => self.slots().leaf_supernodes_max,
            Role::Supernode => self.slots().supernodes_max,
        }
    }

    fn slots(&self) -> &SlotThresholds {
        &self.thresholds.slots
    }

    fn tally(&mut self, neighbour: &Neighbour, change: impl Fn(u32) -> u32) {
        match (neighbour.role, neighbour.direction) {
            (Role::Leaf, _) => self.leaves = change(self.leaves),
            (Role::Supernode, direction) => {
                self.supernodes = change(self.supernodes);
                if direction == Direction::Incoming {
                    self.incoming = change(self.incoming);
                }
            }
        }
    }
}

/// So many hundredths of a number, rounded down.
fn hundredths(number: u32, percent: u8) -> u32 {
    let part = u64::from(number).saturating_mul(percent.into()) / 100;
    u32::try_from(part).unwrap_or(u32::MAX)
}
