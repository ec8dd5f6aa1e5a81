use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::eligibility::{self, Finding, Test};
use super::host::percent;
use super::observation::{Role, Room};
use super::switch::Cause;
use super::thresholds::{Claims, Thresholds};
use super::{Change, Guide, Promotion};
use crate::base::time::Time;

/// Of two nodes that both just meet the thresholds, one on trial waits so much longer.
const TRIAL_DELAYS: u32 = 2;

impl Promotion {
    /// What is to be done now; it counts as done. To be called after observations, and at
    /// [`next_timeout`](Self::next_timeout).
    pub fn decide(&mut self, now: Time, rng: &mut ChaCha8Rng) -> Option<Change> {
        self.need.refresh(self.doublings(now), &self.thresholds.need, now);
        let (role, change, cause) = match self.switch.role {
            Role::Leaf => (Role::Supernode, Change::Promote, self.promoted_by(now, rng)?),
            Role::Supernode => (Role::Leaf, Change::Demote, self.demoted_by(now, rng)?),
        };
        self.turn(role, cause, now);
        if role == Role::Supernode {
            self.watch(now, rng);
        }
        Some(change)
    }

    /// When to decide again if nothing is observed before; none while only an observation can
    /// change anything. To be asked after [`decide`](Self::decide).
    pub fn next_timeout(&self, now: Time) -> Option<Time> {
        match self.switch.role {
            Role::Leaf => self.next_promotion(now),
            Role::Supernode => self.next_demotion(now),
        }
    }

    /// When a leaf that is needed becomes a supernode, unless others come first.
    pub const fn waits_until(&self) -> Option<Time> {
        self.switch.waiting_until
    }

    /// True where this node becomes a leaf because the supernode that it called asks it to. Then it
    /// is one.
    pub fn follows(&mut self, guide: Guide, now: Time) -> bool {
        let news = Room::Guidance { needed: false };
        self.need.hear(guide.host, guide.host, news, &self.thresholds.need, now);
        let thresholds = &self.thresholds.guidance;
        let is_free = self.leaves == 0 && (!thresholds.unconnected || self.supernodes == 0);
        let run = self.history.run(now);
        let is_junior = guide.running_for.is_some_and(|theirs| theirs > run);
        let stays = now < self.switch.supernode_until(None, &self.thresholds.switch);
        if self.switch.role == Role::Leaf
            || !is_free
            || stays
            || !guide.is_good
            || thresholds.longer_running && !is_junior
            || self.need.guides() < usize::from(thresholds.voices)
        {
            return false;
        }
        let patience = u32::from(thresholds.patience).saturating_mul(self.switch.promotions);
        self.switch.let_pass = self.switch.let_pass.saturating_add(1);
        if self.switch.let_pass < patience {
            return false;
        }
        self.turn(Role::Leaf, Cause::Guided, now);
        true
    }

    /// Why a leaf is to be promoted now, if it is.
    fn promoted_by(&mut self, now: Time, rng: &mut ChaCha8Rng) -> Option<Cause> {
        let cause = self.wanted_by(now).filter(|_| now >= self.switch.leaf_until);
        let Some(cause) = cause.filter(|_| self.first_failure(now).is_none()) else {
            // Whoever is held up has to wait again from the beginning.
            self.switch.waiting_until = None;
            return None;
        };
        if self.switch.waiting_until.is_none() {
            let delay = self.delay(now);
            let jitter = up_to(delay.max(self.thresholds.need.spread), rng);
            self.switch.waiting_until = Some(now.after(delay.saturating_add(jitter)));
        }
        self.switch.waiting_until.is_some_and(|until| now >= until).then_some(cause)
    }

    /// Why one more supernode would be welcome, if it would.
    pub(super) fn wanted_by(&self, now: Time) -> Option<Cause> {
        let thresholds = &self.thresholds.need;
        if !thresholds.counts {
            return Some(Cause::Capable);
        }
        if self.need.is_needed() {
            return Some(Cause::Needed(self.need.fill()));
        }
        let alone = now.since(self.switch.no_supernodes_since?);
        (alone >= thresholds.orphan_after).then_some(Cause::Orphan(alone))
    }

    /// Why a supernode is to be demoted now, if it is.
    fn demoted_by(&mut self, now: Time, rng: &mut ChaCha8Rng) -> Option<Cause> {
        self.watch(now, rng);
        if let Some(trouble) = self.trouble(now)
            && let Some(since) = self.switch.trouble_since
            && now >= since.after(self.thresholds.switch.trouble_min)
            && now >= self.switch.supernode_until(Some(trouble.test), &self.thresholds.switch)
        {
            return Some(Cause::Trouble(trouble));
        }
        if now < self.switch.supernode_until(None, &self.thresholds.switch) {
            return None;
        }
        let is_over = |until: Option<Time>| until.is_some_and(|until| now >= until);
        if is_over(self.switch.no_leaves_until) {
            let since = self.switch.no_leaves_since?;
            return Some(Cause::NoLeaves(now.since(since)));
        }
        if is_over(self.overload_until()) {
            let since = self.host.overloaded_since()?;
            return Some(Cause::Overloaded(now.since(since)));
        }
        let surplus = Cause::Surplus { leaves: self.leaves, fill: self.need.fill() };
        let is_surplus = self.is_surplus(now) == Some(true);
        (is_surplus && is_over(self.switch.surplus_until)).then_some(surplus)
    }

    /// Notes since when a supernode is in trouble, and draws until when it may go on being of no use.
    fn watch(&mut self, now: Time, rng: &mut ChaCha8Rng) {
        let is_troubled = self.trouble(now).is_some();
        let troubled_since = self.switch.trouble_since.unwrap_or(now);
        self.switch.trouble_since = is_troubled.then_some(troubled_since);
        let thresholds = &self.thresholds.switch;
        if self.switch.no_leaves_until.is_none()
            && let Some(since) = self.switch.no_leaves_since
            && let Some(most) = thresholds.no_leaves_max
        {
            let jitter = up_to(hundredths(most, thresholds.jitter_percent), rng);
            let wait = most.saturating_mul(self.patience(now)).saturating_add(jitter);
            self.switch.no_leaves_until = Some(since.after(wait));
        }
        match (self.is_surplus(now), self.switch.surplus_until, thresholds.surplus_max) {
            (Some(true), None, Some(most)) => {
                // The weak go first; the strong may be needed by then.
                let wait = most.saturating_mul(self.patience(now));
                let wait = wait.saturating_add(up_to(most, rng));
                self.switch.surplus_until = Some(now.after(wait));
            }
            (Some(false), ..) => self.switch.surplus_until = None,
            // What is not known changes nothing.
            _ => {}
        }
    }

    /// One too many: others have room, and this one is weak or has few leaves.
    fn is_surplus(&self, now: Time) -> Option<bool> {
        let Thresholds { need, switch, .. } = &*self.thresholds;
        let doublings = self.doublings(now);
        let is_spared = doublings >= need.strong_doublings && self.leaves >= switch.few_leaves;
        Some(!is_spared && self.need.is_surplus(doublings, self.leaves, need)?)
    }

    /// How many times as long as a weak supernode this one bears being of no use: once more for two
    /// doublings.
    fn patience(&self, now: Time) -> u32 {
        let most = self.thresholds.switch.patience_max.max(1);
        (self.doublings(now) / 2).saturating_add(1).min(most)
    }

    /// How often what the line has to carry can be doubled before it is more than it does carry.
    fn doublings(&self, now: Time) -> u32 {
        let times = self.upload_proven(now).checked_div(self.thresholds.bandwidth.upload_min);
        times.and_then(u64::checked_ilog2).unwrap_or(0)
    }

    /// The first test that a supernode fails; those that end it at once come first.
    pub(super) fn trouble(&self, now: Time) -> Option<Finding> {
        if !self.thresholds.switch.retests {
            return None;
        }
        let facts = self.facts(now);
        let failures = eligibility::findings(&facts).filter(|finding| !finding.passed);
        failures.min_by_key(|failure| !failure.test.is_urgent())
    }

    pub(super) fn first_failure(&self, now: Time) -> Option<Finding> {
        eligibility::findings(&self.facts(now)).find(|finding| !finding.passed)
    }

    fn overload_until(&self) -> Option<Time> {
        Some(self.host.overloaded_since()?.after(self.thresholds.switch.overload_max?))
    }

    /// How long a capable and needed node lets stronger ones go first, without its jitter.
    fn delay(&self, now: Time) -> Duration {
        let thresholds = &self.thresholds.need;
        let bandwidth = &self.thresholds.bandwidth;
        let is_trial =
            bandwidth.claims == Claims::Trial && self.upload_proven(now) < bandwidth.upload_min;
        if is_trial {
            return thresholds.delay_max.saturating_mul(TRIAL_DELAYS);
        }
        let times = u32::try_from(self.relative_strength(now).max(1)).unwrap_or(u32::MAX);
        let delay = thresholds.delay_max.checked_div(times).unwrap_or_default();
        delay.max(thresholds.delay_min).min(thresholds.delay_max)
    }

    /// How many times as strong this node is as one that just meets the thresholds.
    fn relative_strength(&self, now: Time) -> u64 {
        let bandwidth = &self.thresholds.bandwidth;
        // One who has been there as long as is demanded counts half.
        let least = percent(bandwidth.upload_min, bandwidth.share_percent) / 2;
        self.strength(now).checked_div(least).unwrap_or(1)
    }

    fn next_promotion(&self, now: Time) -> Option<Time> {
        let mut ready_at = self.switch.leaf_until;
        let mut turns = None;
        for finding in eligibility::findings(&self.facts(now)) {
            if finding.passed {
                turns = earlier(turns, finding.turns_at);
            } else {
                ready_at = ready_at.max(finding.turns_at?);
            }
        }
        if ready_at > now {
            return Some(ready_at);
        }
        let thresholds = &self.thresholds.need;
        let mut next = earlier(turns, self.switch.waiting_until);
        if thresholds.counts {
            let orphan_at =
                self.switch.no_supernodes_since.map(|at| at.after(thresholds.orphan_after));
            next = earlier(next, orphan_at.filter(|&at| at > now));
            next = earlier(next, self.need.next_change(thresholds));
        }
        next
    }

    fn next_demotion(&self, now: Time) -> Option<Time> {
        let thresholds = &self.thresholds.switch;
        let stay = self.switch.supernode_until(None, thresholds);
        let urgent_stay = self.switch.supernode_until(Some(Test::Tcp), thresholds);
        let trouble = self.switch.trouble_since.map(|since| since.after(thresholds.trouble_min));
        let mut next = None;
        if thresholds.retests {
            for finding in eligibility::findings(&self.facts(now)) {
                next = earlier(next, finding.turns_at);
            }
        }
        let until = [
            trouble.map(|at| at.max(urgent_stay)),
            trouble.map(|at| at.max(stay)),
            self.switch.no_leaves_until.map(|at| at.max(stay)),
            self.overload_until().map(|at| at.max(stay)),
            self.switch.surplus_until.map(|at| at.max(stay)),
            self.upload.next_halving(&self.thresholds.bandwidth, now),
            self.need
                .next_change(&self.thresholds.need)
                .filter(|_| thresholds.surplus_max.is_some()),
        ];
        until.into_iter().filter(|at| at.is_some_and(|at| at > now)).fold(next, earlier)
    }
}

/// A random part of a time, perhaps all of it.
fn up_to(most: Duration, rng: &mut ChaCha8Rng) -> Duration {
    let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
    if micros == 0 { Duration::ZERO } else { Duration::from_micros(rng.random_range(0..=micros)) }
}

fn hundredths(duration: Duration, hundredths: u8) -> Duration {
    duration.saturating_mul(hundredths.into()).checked_div(100).unwrap_or_default()
}

fn earlier(one: Option<Time>, other: Option<Time>) -> Option<Time> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
