//! Ordinary node or supernode, and what follows from it.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Event, RolePolicy};
use crate::base::limits::FASTTRACK_NEIGHBOURS_MAX;
use crate::base::time::Time;
use crate::fasttrack::peer::Room;
use crate::node::Node;
use crate::node::roles::Career;
use crate::promotion::{Change, Observation, Promotion, Role};

impl Node {
    /// Whether we find out by ourselves what we are in FastTrack.
    fn decides_fasttrack_role(&self) -> bool {
        self.fasttrack.as_deref().is_some_and(|it| matches!(it.policy, RolePolicy::Auto))
    }

    /// Takes note of something that may decide about our role here, and here alone.
    pub(in crate::node) fn observe_fasttrack(&mut self, observation: Observation, now: Time) {
        let decides = self.decides_fasttrack_role();
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(Career { promotion, due }) = fasttrack.career.as_deref_mut() else { return };
        promotion.observe(observation, now);
        if decides {
            *due = Some(now);
        }
        if matches!(observation, Observation::Traffic { .. }) {
            self.follow_children();
        }
    }

    /// Sessions have come or gone.
    pub(super) fn count_sessions(&mut self, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref() else { return };
        let (leaves, supernodes) = fasttrack.peer.neighbours();
        self.observe_fasttrack(Observation::Neighbours { leaves, supernodes }, now);
        self.wake_to_dial_supernodes(now);
    }

    /// Becomes what is to become of us now, if anything.
    pub(super) fn review_fasttrack_role(&mut self, now: Time) {
        let decides = self.decides_fasttrack_role();
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let Some(Career { promotion, due }) = fasttrack.career.as_deref_mut() else { return };
        if !decides || due.is_none_or(|due| now < due) {
            return;
        }
        let change = promotion.decide(now, &mut fasttrack.rng);
        *due = promotion.next_timeout(now);
        let why = promotion.explain(now);
        let role = match change {
            Some(Change::Promote) => Role::Supernode,
            Some(Change::Demote) => Role::Leaf,
            None => {
                let waits_until = promotion.waits_until();
                return self.plan_second_look(waits_until, now);
            }
        };
        self.change_fasttrack_role(role, why, now);
    }

    /// The user has decided.
    pub(super) fn be_fasttrack_role(&mut self, policy: RolePolicy, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.policy = policy;
        let (role, why) = match policy {
            RolePolicy::Auto => (fasttrack.role, "as it was"),
            RolePolicy::Always(role) => (role, "as configured"),
        };
        self.appoint_in_fasttrack(role, why, now);
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if let Some(career) = &mut fasttrack.career {
            career.due = matches!(policy, RolePolicy::Auto).then_some(now);
        }
        if role != fasttrack.role {
            self.change_fasttrack_role(role, why.to_owned(), now);
        }
    }

    /// Takes the role that somebody else has decided on.
    pub(in crate::node) fn appoint_in_fasttrack(
        &mut self,
        role: Role,
        why: &'static str,
        now: Time,
    ) {
        let decides = self.decides_fasttrack_role();
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        if decides || role == Role::Supernode || fasttrack.career.is_some() {
            let (thresholds, earlier) = (&fasttrack.thresholds, &mut fasttrack.earlier);
            let begun = || {
                let mut promotion = Promotion::new(Arc::clone(thresholds), now);
                if let Some(earlier) = earlier.take() {
                    promotion.import(&earlier.record, earlier.away, now);
                }
                Box::new(Career::new(promotion))
            };
            let career = fasttrack.career.get_or_insert_with(begun);
            career.promotion.appoint(role, why, now);
            // Whoever knows where it is need not be told, so that the first of all can begin.
            if self.whereabouts.is_none()
                && let Some(listen) = fasttrack.peer.settings().listen
            {
                let (ip, told_by) = (IpAddr::V4(*listen.ip()), IpAddr::V4(*listen.ip()));
                career.promotion.observe(Observation::Address { ip, told_by }, now);
            }
        }
        self.divide_machine();
    }

    fn change_fasttrack_role(&mut self, role: Role, why: String, now: Time) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        fasttrack.role = role;
        fasttrack.look_due = (role == Role::Supernode).then_some(now);
        fasttrack.peer.become_role(role, now);
        self.divide_machine();
        self.follow_slots();
        self.tell_of_fasttrack(Event::BecameRole { role, why });
        self.count_sessions(now);
        self.call_named_supernodes(now);
    }

    /// In so many other networks we are a supernode too.
    pub(in crate::node) fn divide_fasttrack(&mut self, beside: u8) {
        if let Some(career) = self.fasttrack.as_deref_mut().and_then(|it| it.career.as_mut()) {
            career.promotion.set_beside(beside);
        }
        self.follow_children();
    }

    /// How many children we can take follows from what we are, and may change at any time.
    fn follow_children(&mut self) {
        let Some(fasttrack) = self.fasttrack.as_deref_mut() else { return };
        let children = fasttrack.career.as_ref().map_or(0, |career| career.promotion.leaf_slots());
        let is_supernode = fasttrack.role == Role::Supernode;
        let neighbours = if is_supernode { FASTTRACK_NEIGHBOURS_MAX } else { 0 };
        let neighbours = u32::try_from(neighbours).unwrap_or(u32::MAX);
        fasttrack.peer.set_room(Room { children, neighbours });
    }
}
