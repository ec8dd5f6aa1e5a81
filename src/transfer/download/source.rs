use super::contract::{Finding, Outcome, SourceId, Wanted};
use super::rate::Rate;
use crate::base::limits::{
    PART_POLL_MAX_MS, PART_POLL_MS, SOURCE_FAILURES_MAX, SOURCE_RETRY_MAX_MS, SOURCE_RETRY_MIN_MS,
    SOURCE_SLOW_MS, SOURCE_STRANGER_CALLS_MAX,
};
use crate::base::ranges::{ByteRange, RangeSet};
use crate::base::time::Time;

/// One source of a file, and what we are at with it.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) id: SourceId,
    pub(super) finding: Finding,
    pub(super) phase: Phase,
    /// Of what it has it does not have all.
    pub(super) has: Option<RangeSet>,
    /// That may be old: it is asked for anything, and says anew what it has.
    pub(super) is_old: bool,
    /// How often it had nothing new, one after the other.
    pub(super) rests: u8,
    pub(super) tree: TreeWord,
    /// It has called us, and has not said that it knows of trees (DOWN-38).
    pub(super) may_shun_trees: bool,
    /// It has said where its tree is.
    pub(super) names_root: bool,
    /// Our place in its queue, as it named it.
    pub(super) ticket: Option<String>,
    /// What of its queue people may want to know.
    pub(super) place: Option<u32>,
    /// Since when our place in its queue has not moved, where we have one.
    pub(super) still_since: Option<Time>,
    /// It has had us wait since it was last of use.
    pub(super) has_queue: bool,
    /// It has answered as a servent does.
    pub(super) is_servent: bool,
    /// Failures since it was last of use.
    pub(super) failures: u8,
    /// Its last answer said that it can be asked again over the same connection.
    pub(super) stays_open: bool,
    /// Says otherwise than a tree that nobody vouches for.
    pub(super) contradicts_tree: bool,
    /// A piece that it is asked for all the same, because another says otherwise there.
    pub(super) checks: Option<u64>,
    /// Its file has another size than the one that is believed for now.
    pub(super) has_other_size: bool,
    /// It has refused what it was asked for, and has not said how long its file is.
    pub(super) must_say_size: bool,
    /// We had no way to it when it was called last.
    pub(super) has_no_line: bool,
    /// How often it was asked alone (DOWN-06).
    pub(super) solos: u8,
    /// How often in a row it had other bytes than those that it was asked for.
    pub(super) refusals: u8,
    pub(super) rate: Rate,
    /// Bytes of it that were of use.
    pub(super) useful_len: u64,
    /// Nobody was there time and again: from then on it is worth another try, if somebody names it again.
    pub(super) again_at: Option<Time>,
}

/// What we are at with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No connection; one may be tried at this time.
    Away { again: Time },
    /// A call, or a Push, until then.
    Calling { until: Time },
    /// A connection over which nothing is asked.
    Ready { since: Time },
    /// The connection stays, and is not used before this time (a queue); the place is lost after the
    /// other.
    Queued { poll: Time, lost: Time },
    /// The connection stays: it has a part of the file, and nothing new of it until then, perhaps.
    Resting { until: Time },
    /// An answer is awaited.
    Asked { what: Wanted, until: Time },
    /// Bytes come; the next one stands at `at`.
    Receiving { range: ByteRange, at: u64, until: Time },
    /// A tree comes.
    ReceivingTree { until: Time },
    /// Never again.
    Dropped,
}

/// What is known of a source's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TreeWord {
    /// It may have one.
    Unknown,
    /// It has none, or one that cannot be used.
    None,
}

impl Source {
    pub(super) fn new(id: SourceId, finding: Finding, now: Time) -> Self {
        // FastTrack has no such trees.
        let tree = if finding.kazaa().is_some() { TreeWord::None } else { TreeWord::Unknown };
        Self {
            id,
            finding,
            tree,
            phase: Phase::Away { again: now },
            has: None,
            is_old: false,
            rests: 0,
            may_shun_trees: false,
            names_root: false,
            ticket: None,
            place: None,
            still_since: None,
            has_queue: false,
            is_servent: false,
            failures: 0,
            stays_open: false,
            contradicts_tree: false,
            checks: None,
            has_other_size: false,
            must_say_size: false,
            has_no_line: false,
            solos: 0,
            refusals: 0,
            rate: Rate::default(),
            useful_len: 0,
            again_at: None,
        }
    }

    /// True while a connection stands or is tried.
    pub(super) const fn is_busy(&self) -> bool {
        !matches!(self.phase, Phase::Away { .. } | Phase::Dropped)
    }

    /// It is asked for nothing until something else is believed.
    pub(super) const fn is_shelved(&self) -> bool {
        (self.contradicts_tree && self.checks.is_none()) || self.has_other_size
    }

    /// It is a node of FastTrack that has not answered what it was asked for.
    pub(super) const fn is_mute(&self) -> bool {
        matches!(self.phase, Phase::Asked { .. }) && self.finding.kazaa().is_some()
    }

    pub(super) const fn is_dropped(&self) -> bool {
        matches!(self.phase, Phase::Dropped)
    }

    /// Whether it may be asked for its tree.
    pub(super) fn may_give_tree(&self) -> bool {
        self.tree == TreeWord::Unknown && !self.may_shun_trees
    }

    /// True where its connection stands for the case that it has something new.
    pub(super) const fn is_resting(&self) -> bool {
        matches!(self.phase, Phase::Resting { .. })
    }

    /// What it can be asked for, where that is not all.
    pub(super) fn offers(&self) -> Option<&RangeSet> {
        self.has.as_ref().filter(|_| !self.is_old)
    }

    /// It has answered, and perhaps said what it has: what it said before holds until then.
    pub(super) fn hear_parts(&mut self, available: Option<&RangeSet>, outcome: &Outcome) {
        match (available, outcome) {
            (Some(available), _) => (self.has, self.is_old) = (Some(available.clone()), false),
            (None, Outcome::Bytes { range, .. }) => {
                // It has more than it said, and does not say how much.
                self.has.take_if(|has| !has.contains(*range));
                self.is_old = false;
            }
            (None, Outcome::NotTheseBytes { .. }) => self.is_old = false,
            _ => {}
        }
    }

    /// It has nothing new, and is asked again over the connection that stands: more and more seldom (DOWN-20).
    pub(super) fn rest(&mut self, now: Time) {
        let wait_ms = PART_POLL_MS.checked_shl(self.rests.into()).unwrap_or(PART_POLL_MAX_MS);
        (self.rests, self.refusals) = (self.rests.saturating_add(1), 0);
        self.phase = Phase::Resting { until: now.after_ms(wait_ms.min(PART_POLL_MAX_MS)) };
    }

    /// Hardly anything comes of it, and has not for a while (DOWN-31).
    pub(super) fn is_slow(&self, now: Time) -> bool {
        let is_at_it = matches!(self.phase, Phase::Receiving { .. } | Phase::Asked { .. });
        let long = self.rate.poor_since().map(|since| since.after_ms(SOURCE_SLOW_MS));
        is_at_it && long.is_some_and(|long| long <= now)
    }

    /// The moment at which something is to be done about it.
    pub(super) const fn due(&self) -> Option<Time> {
        match self.phase {
            Phase::Away { again } => Some(again),
            Phase::Queued { poll, .. } => Some(poll),
            Phase::Calling { until }
            | Phase::Asked { until, .. }
            | Phase::Receiving { until, .. }
            | Phase::Resting { until }
            | Phase::ReceivingTree { until } => Some(until),
            Phase::Ready { .. } | Phase::Dropped => None,
        }
    }

    /// It has us wait in its queue, at this place if it says so.
    pub(super) fn keep_waiting(&mut self, place: Option<u32>, now: Time) {
        let has_moved = place.is_some_and(|place| self.place.is_some_and(|old| place < old));
        if has_moved || self.still_since.is_none() {
            self.still_since = Some(now);
        }
        (self.place, self.has_queue) = (place, true);
    }

    /// We are in its queue no longer.
    pub(super) const fn lose_place(&mut self) {
        (self.place, self.still_since) = (None, None);
    }

    /// It was of no use once more. Returned is whether it is worth another try: strangers get three
    /// (DOWN-15), servents more.
    pub(super) fn fail(&mut self, now: Time) -> bool {
        self.failures = self.failures.saturating_add(1);
        self.lose_place();
        self.phase = Phase::Away { again: now.after_ms(wait_ms(self.failures)) };
        let failures_max =
            if self.is_servent { SOURCE_FAILURES_MAX } else { SOURCE_STRANGER_CALLS_MAX };
        self.failures < failures_max
    }

    /// It is called again after so long.
    pub(super) fn wait(&mut self, wait_ms: u64, now: Time) {
        self.phase = Phase::Away { again: now.after_ms(wait_ms) };
    }
}

/// A minute, then twice as long each time.
fn wait_ms(failures: u8) -> u64 {
    let doublings = u32::from(failures.saturating_sub(1)).min(16);
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    SOURCE_RETRY_MIN_MS.saturating_mul(factor).min(SOURCE_RETRY_MAX_MS)
}
