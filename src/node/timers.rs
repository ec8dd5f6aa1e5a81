//! What a node waits for.

use super::{Node, Reason};
use crate::base::limits::REVIEW_MS;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::servent;
use crate::gnutella::wire::Bye;
use crate::promotion::slots::Table;

impl Node {
    /// When to hand in [`Input::Timeout`](super::Input::Timeout), and what for.
    pub fn next_timeout(&self) -> Option<(Time, Reason)> {
        let servent = self.servent.next_timeout().map(|(at, reason)| (at, reason.into()));
        [
            servent,
            self.dial_due.map(|at| (at, Reason::Connect)),
            self.promotion_due().map(|at| (at, Reason::Promotion)),
            self.review_due.map(|at| (at, Reason::Review)),
            self.fasttrack.as_ref().and_then(|fasttrack| fasttrack.next_timeout()),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn promotion_due(&self) -> Option<Time> {
        self.career.as_ref()?.due
    }

    pub(super) fn timeout(&mut self, now: Time) {
        self.servent.timeout(now);
        if self.dial_due.is_some_and(|due| due <= now) {
            self.dial(now);
        }
        if self.promotion_due().is_some_and(|due| due <= now) {
            self.review_role(now);
        }
        if self.review_due.is_some_and(|due| due <= now) {
            self.review_neighbours(now);
        }
        self.fasttrack_timeout(now);
    }

    /// Drops whom there is no room for any more, one at a time.
    fn review_neighbours(&mut self, now: Time) {
        self.review_due = None;
        self.follow_slots();
        self.bring_standings_up_to_date(now);
        if let Some((slot, flaw)) = self.slots.whom_to_drop(now) {
            self.dismiss(slot, Bye::LOCAL_PREFERRED, &flaw.to_string());
        }
        if self.dial_due.is_none() {
            self.wake_to_dial(now);
        }
        self.wake_to_review(now);
    }

    /// Neighbours are looked at every now and then, as long as there are some.
    pub(super) fn wake_to_review(&mut self, now: Time) {
        if self.review_due.is_none() && self.servent.neighbours_len() > 0 {
            self.review_due = Some(now.after_ms(REVIEW_MS));
        }
    }

    fn bring_standings_up_to_date(&mut self, now: Time) {
        let slots: Vec<Slot> = self.servent.neighbours().map(|(slot, _)| slot).collect();
        for slot in slots {
            let conduct = self.servent.conduct(slot);
            let Some(standing) = self.slots.standing_mut(slot) else { continue };
            standing.slow_since = conduct.is_congested.then(|| standing.slow_since.unwrap_or(now));
            standing.muted_since = conduct.is_muted.then(|| standing.muted_since.unwrap_or(now));
            standing.is_firewalled = conduct.is_firewalled;
            standing.table = match conduct.has_words {
                None => Table::Missing,
                Some(false) => Table::Empty,
                Some(true) => Table::Filled,
            };
        }
    }
}

impl From<servent::Reason> for Reason {
    fn from(reason: servent::Reason) -> Self {
        match reason {
            servent::Reason::Alive => Self::Alive,
            servent::Reason::Tables => Self::Tables,
            servent::Reason::Searches => Self::Searches,
            servent::Reason::Queues => Self::Queues,
            servent::Reason::Reachability => Self::Reachability,
            servent::Reason::Datagrams => Self::Datagrams,
            servent::Reason::Forget => Self::Forget,
        }
    }
}
