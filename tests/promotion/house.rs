//! A slot policy with a clock, and callers from everywhere.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use filbert::base::slots::{Slot, Slots};
use filbert::base::time::Time;
use filbert::promotion::slots::{
    Caller, Direction, Judgement, Offer, Refusal, SlotPolicy, Standing, Table,
};
use filbert::promotion::{Role, Thresholds};

pub(super) const GTK_GNUTELLA: Thresholds = Thresholds::gtk_gnutella();
pub(super) const LIMEWIRE: Thresholds = Thresholds::limewire();
pub(super) const FILBERT: Thresholds = Thresholds::filbert();
pub(super) const LABORATORY: Thresholds = Thresholds::laboratory();

pub(super) const GOOD: Offer = Offer {
    degree: Some(32),
    max_ttl: Some(4),
    dynamic_querying: true,
    table_exchange: true,
    inflates: true,
};

/// A policy, the names of its neighbours and its clock.
pub(super) struct House {
    pub(super) policy: SlotPolicy,
    names: Slots<()>,
    pub(super) now: Time,
    /// So many callers have come, each from its own network.
    callers: u32,
}

impl House {
    pub(super) fn new(thresholds: Thresholds, role: Role, leaf_slots: u32) -> Self {
        let mut policy = SlotPolicy::new(thresholds.into());
        policy.set_role(role, leaf_slots);
        Self { policy, names: Slots::new(), now: Time::ZERO, callers: 0 }
    }

    pub(super) fn supernode(leaf_slots: u32) -> Self {
        Self::new(FILBERT, Role::Supernode, leaf_slots)
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    pub(super) fn judge(&self, caller: &Caller) -> Judgement {
        self.policy.judge(caller, self.now)
    }

    pub(super) fn open(&mut self, caller: &Caller) -> Slot {
        let slot = self.names.insert(());
        self.policy.open(slot, caller, self.now);
        // Nothing speaks against it, but for what a test says.
        self.standing(slot).table = Table::Filled;
        slot
    }

    pub(super) fn close(&mut self, slot: Slot) {
        self.names.remove(slot);
        self.policy.close(slot);
    }

    pub(super) fn standing(&mut self, slot: Slot) -> &mut Standing {
        self.policy.standing_mut(slot).unwrap()
    }

    /// A caller from a network where nobody has called from yet.
    pub(super) fn stranger(&mut self, role: Role, direction: Direction) -> Caller {
        self.callers += 1;
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x5000_0001 + (self.callers << 8)));
        Caller { address, role, direction, offer: GOOD, is_chosen: false }
    }

    pub(super) fn leaf(&mut self) -> Caller {
        self.stranger(Role::Leaf, Direction::Incoming)
    }

    pub(super) fn called(&mut self) -> Caller {
        self.stranger(Role::Supernode, Direction::Outgoing)
    }

    pub(super) fn calling(&mut self) -> Caller {
        self.stranger(Role::Supernode, Direction::Incoming)
    }

    /// Takes so many, who are all let in.
    pub(super) fn fill(&mut self, count: u32, role: Role, direction: Direction) -> Vec<Slot> {
        let open = |house: &mut Self| {
            let caller = house.stranger(role, direction);
            assert!(matches!(house.judge(&caller), Judgement::Accept { .. }), "{caller:?}");
            house.open(&caller)
        };
        (0..count).map(|_| open(self)).collect()
    }

    pub(super) fn fill_leaves(&mut self, count: u32) -> Vec<Slot> {
        self.fill(count, Role::Leaf, Direction::Incoming)
    }
}

pub(super) const fn accept(needed: Option<bool>) -> Judgement {
    Judgement::Accept { needed }
}

pub(super) const fn refuse(why: Refusal) -> Judgement {
    Judgement::Refuse(why)
}
