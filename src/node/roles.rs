//! Leaf or ultrapeer, and what follows from it.

use std::net::IpAddr;
use std::sync::Arc;

use super::handshakes::shared_role;
use super::{Event, Node, RolePolicy};
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::link::Role;
use crate::gnutella::servent::Free;
use crate::gnutella::wire::Bye;
use crate::promotion::{Change, Observation, Promotion, Room};

/// What may become of us.
#[derive(Debug)]
pub(super) struct Career {
    pub(super) promotion: Promotion,
    /// When to ask it.
    pub(super) due: Option<Time>,
}

impl Career {
    pub(super) const fn new(promotion: Promotion) -> Self {
        Self { promotion, due: None }
    }
}

impl Node {
    /// Whether we find out by ourselves what we are.
    pub(super) const fn decides_role(&self) -> bool {
        matches!(self.policy, RolePolicy::Auto)
    }

    /// Becomes what is to become of us now, if anything.
    pub(super) fn review_role(&mut self, now: Time) {
        let decides = self.decides_role();
        let Some(Career { promotion, due }) = self.career.as_deref_mut() else { return };
        *due = None;
        if !decides {
            return;
        }
        let change = promotion.decide(now, self.servent.rng());
        *due = promotion.next_timeout(now);
        let why = promotion.explain(now);
        let role = match change {
            Some(Change::Promote) => Role::Ultrapeer,
            Some(Change::Demote) => Role::Leaf,
            None => return,
        };
        self.change_role(role, now);
        self.tell(Event::BecameRole { role, why });
    }

    /// Takes note of something that may decide about our role.
    pub(super) fn observe(&mut self, observation: Observation, now: Time) {
        if !is_of_one_network(observation) {
            self.observe_fasttrack(observation, now);
        }
        let decides = self.decides_role();
        let Some(Career { promotion, due }) = self.career.as_deref_mut() else { return };
        promotion.observe(observation, now);
        if decides {
            *due = Some(now);
        }
    }

    /// Somebody says whether an ultrapeer has room for leaves.
    pub(super) fn hear_room(&mut self, host: IpAddr, told_by: IpAddr, news: Room, now: Time) {
        self.observe(Observation::Room { host, told_by, news }, now);
    }

    /// The user has decided.
    pub(super) fn be_role(&mut self, policy: RolePolicy, now: Time) {
        self.policy = policy;
        let decides = self.decides_role();
        if decides {
            self.appoint(self.role, "as it was", now);
        }
        if let Some(career) = &mut self.career {
            career.due = decides.then_some(now);
        }
        if let RolePolicy::Always(role) = policy
            && role != self.role
        {
            self.appoint(role, "as configured", now);
            self.change_role(role, now);
            let why = "as configured".to_owned();
            self.tell(Event::BecameRole { role, why });
        }
    }

    pub(super) fn appoint(&mut self, role: Role, why: &'static str, now: Time) {
        if self.decides_role() || role.is_ultrapeer() || self.career.is_some() {
            let thresholds = self.slots.thresholds();
            let earlier = &mut self.earlier;
            let begun = || {
                let mut promotion = Promotion::new(Arc::clone(thresholds), now);
                if let Some(earlier) = earlier.take() {
                    promotion.import(&earlier.record, earlier.away, now);
                }
                Box::new(Career::new(promotion))
            };
            let career = self.career.get_or_insert_with(begun);
            career.promotion.appoint(shared_role(role), why, now);
        }
        self.follow_slots();
    }

    /// Nobody changes its role on a link that stands: the links of the old role end, and new ones are
    /// sought.
    pub(super) fn change_role(&mut self, role: Role, now: Time) {
        if role == self.role {
            return;
        }
        self.role = role;
        self.servent.become_role(role);
        self.follow_slots();
        let old: Vec<Slot> = self.servent.neighbours().map(|(slot, _)| slot).collect();
        for slot in old {
            self.dismiss(slot, Bye::MODE_CHANGE, &format!("Becoming {role}"));
        }
        self.wake_to_dial(now);
    }

    /// How many leaves we can take follows from what we are, and may change at any time.
    pub(super) fn follow_slots(&mut self) {
        let leaf_slots = self.career.as_ref().map_or(0, |career| career.promotion.leaf_slots());
        self.slots.set_role(shared_role(self.role), leaf_slots);
        self.tell_room();
    }

    /// Pongs say how much room there is, and searches wait for those who come.
    pub(super) fn tell_room(&mut self) {
        self.servent.wants_ultrapeers(self.slots.missing() > 0);
        let free = self.slots.free();
        let byte = |count: u32| u8::try_from(count).unwrap_or(u8::MAX);
        self.servent
            .has_free(Free { leaves: byte(free.leaves), ultrapeers: byte(free.supernodes) });
    }
}

/// Whether it says something of Gnutella alone, and not of this machine and its line.
const fn is_of_one_network(observation: Observation) -> bool {
    matches!(observation, Observation::Neighbours { .. } | Observation::Room { .. })
}
