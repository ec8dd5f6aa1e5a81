use std::time::Duration;

use super::eligibility::{Finding, Test};
use super::need::Fill;
use super::observation::Role;
use super::thresholds::SwitchThresholds;
use crate::base::time::Time;

/// Why the role is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The node has just started.
    Start,
    /// It was needed: so many of those that were heard of were full.
    Needed(Fill),
    /// It found nobody who would take it.
    Orphan(Duration),
    /// It can, and that is enough.
    Capable,
    /// A test came out wrong.
    Trouble(Finding),
    /// No leaf for so long.
    NoLeaves(Duration),
    /// The processors were busy for so long.
    Overloaded(Duration),
    /// Few leaves, while others have room.
    Surplus { leaves: u32, fill: Fill },
    /// Others said that it is not needed.
    Guided,
    /// Somebody decided.
    Appointed(&'static str),
}

/// The role, since when, and for how long at least: the hysteresis.
#[derive(Clone, Debug)]
pub(super) struct Switch {
    pub(super) role: Role,
    pub(super) since: Time,
    pub(super) cause: Cause,
    /// Demotions that double the time as a leaf.
    pub(super) demotions: u8,
    /// How often it was promoted in this run.
    pub(super) promotions: u32,
    /// A leaf stays one until then.
    pub(super) leaf_until: Time,
    /// A leaf that is capable and needed waits until then, so that stronger ones go first.
    pub(super) waiting_until: Option<Time>,
    /// Since when a supernode is in trouble.
    pub(super) trouble_since: Option<Time>,
    /// Since when there is no leaf, or supernode, at all.
    pub(super) no_leaves_since: Option<Time>,
    pub(super) no_supernodes_since: Option<Time>,
    /// Until when a supernode may go on without leaves.
    pub(super) no_leaves_until: Option<Time>,
    /// Until when one of too many may go on.
    pub(super) surplus_until: Option<Time>,
    /// Words that it is not needed, which it has let pass.
    pub(super) let_pass: u32,
}

impl Switch {
    /// A leaf that has just started, without neighbours.
    pub(super) const fn starting(now: Time) -> Self {
        Self {
            role: Role::Leaf,
            since: now,
            cause: Cause::Start,
            demotions: 0,
            promotions: 0,
            leaf_until: now,
            waiting_until: None,
            trouble_since: None,
            no_leaves_since: Some(now),
            no_supernodes_since: Some(now),
            no_leaves_until: None,
            surplus_until: None,
            let_pass: 0,
        }
    }

    /// The node takes a role. Time as a leaf begins anew only where it was a supernode.
    pub(super) fn turn(
        &mut self,
        role: Role,
        cause: Cause,
        thresholds: &SwitchThresholds,
        now: Time,
    ) {
        match (self.role, role) {
            (Role::Supernode, Role::Leaf) => self.back_off(cause, thresholds, now),
            (Role::Leaf, Role::Supernode) => {
                self.promotions = self.promotions.saturating_add(1);
                self.let_pass = 0;
            }
            _ => {}
        }
        self.role = role;
        self.since = now;
        self.cause = cause;
        self.waiting_until = None;
        self.trouble_since = None;
        self.no_leaves_until = None;
        self.surplus_until = None;
        // Having no neighbours in the other role says nothing about this one.
        self.no_leaves_since = self.no_leaves_since.map(|_| now);
        self.no_supernodes_since = self.no_supernodes_since.map(|_| now);
    }

    /// When a supernode may be demoted because of a test.
    pub(super) fn supernode_until(
        &self,
        test: Option<Test>,
        thresholds: &SwitchThresholds,
    ) -> Time {
        self.since.after(if test.is_some_and(Test::is_urgent) {
            thresholds.urgent_stay_min
        } else {
            thresholds.supernode_stay_min
        })
    }

    /// The neighbours have changed in number.
    pub(super) fn neighbours(&mut self, leaves: u32, supernodes: u32, now: Time) {
        self.no_leaves_since = since(self.no_leaves_since, leaves == 0, now);
        self.no_supernodes_since = since(self.no_supernodes_since, supernodes == 0, now);
        if leaves > 0 {
            self.no_leaves_until = None;
        }
    }

    /// For how long the next demotion makes a leaf.
    fn leaf_stay(&self, thresholds: &SwitchThresholds) -> Duration {
        let doublings = u32::from(self.demotions.saturating_sub(1));
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        thresholds.leaf_stay_min.saturating_mul(factor).min(thresholds.leaf_stay_max)
    }

    fn back_off(&mut self, cause: Cause, thresholds: &SwitchThresholds, now: Time) {
        if thresholds.forget_after.is_some_and(|long| now.since(self.since) >= long) {
            self.demotions = 0;
        }
        let is_doubled = match cause {
            Cause::Trouble(Finding { test: Test::Tcp, .. }) => thresholds.unreached_doubles,
            Cause::Appointed(_) => false,
            _ => true,
        };
        if is_doubled {
            self.demotions = self.demotions.saturating_add(1);
        }
        self.leaf_until = now.after(self.leaf_stay(thresholds));
    }
}

/// Since when something is so: kept while it is, forgotten when it is not.
fn since(before: Option<Time>, is_so: bool, now: Time) -> Option<Time> {
    if is_so { before.or(Some(now)) } else { None }
}
