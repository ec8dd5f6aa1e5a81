use super::choice::{Asked, Choice, Nobody, Standing};
use super::status::Status;
use super::{Candidates, Origin, Progress, Search, Step, Why, results_of_one};
use crate::base::limits::{
    HOP_WAIT_MIN_MS, HOP_WAIT_MS, HOP_WAIT_STEP_MS, RARE_HORIZON, RARE_RESULTS, RETRIES_MAX,
    RETRY_WAIT_MS, SEARCH_LIFE_MS, STATUS_WAIT_MS,
};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::vendor::QueryStatus;

/// One query that is under way.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) search: Search,
    /// Counts up over all queries: tells which is older.
    pub(super) number: u64,
    pub(super) status: Status,
    /// When the next step is taken.
    pub(super) due: Time,
    ends: Time,
    /// Until when hits may come for what was sent.
    settled: Time,
    phase: Phase,
    /// Ultrapeers reached in theory, this one among them.
    horizon: u32,
    sent: u16,
    /// How often there were only congested ones left.
    retries: u8,
    /// There is nobody to ask before somebody comes.
    awaits_newcomers: bool,
    /// Results of leaves that were counted.
    of_leaves: u16,
    hop_wait_ms: u64,
    hop_wait_step_ms: u64,
    asked: Vec<Asked>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing was sent yet.
    Probing,
    /// One neighbour after another is asked.
    Asking,
    /// The leaf was asked how many hits it kept.
    AwaitingStatus,
    /// Whoever searches wants no more.
    Stopped,
}

impl Running {
    pub(super) fn new(search: Search, number: u64, now: Time) -> Self {
        Self {
            status: Status::new(search.guidance),
            search,
            number,
            due: now,
            ends: now.after_ms(SEARCH_LIFE_MS),
            settled: now.after_ms(HOP_WAIT_MS),
            phase: Phase::Probing,
            horizon: 1,
            sent: 0,
            retries: 0,
            awaits_newcomers: false,
            of_leaves: 0,
            hop_wait_ms: HOP_WAIT_MS,
            hop_wait_step_ms: HOP_WAIT_STEP_MS,
            asked: Vec::new(),
        }
    }

    /// Results came by. What one brings above its part does not count: where others were asked too,
    /// nobody ends a query alone.
    pub(super) fn hit(&mut self, from: Option<Slot>, results: u32) {
        let is_only_one = matches!(self.asked[..], [Asked { slot, .. }] if Some(slot) == from);
        let max = if is_only_one || mutant!(BelievesOneNeighbour) {
            u32::MAX
        } else {
            results_of_one(self.search.wanted)
        };
        let counted = match from {
            None => Some(&mut self.of_leaves),
            Some(from) => {
                let asked = self.asked.iter_mut().find(|asked| asked.slot == from);
                asked.map(|asked| &mut asked.results)
            }
        };
        let Some(counted) = counted else { return };
        let results = results.min(max.saturating_sub(u32::from(*counted)));
        *counted = counted.saturating_add(u16::try_from(results).unwrap_or(u16::MAX));
        self.status.hit(results);
    }

    /// The leaf tells how many hits it kept.
    pub(super) fn told(&mut self, kept: u16, now: Time) {
        if kept == QueryStatus::STOP.results && !mutant!(HearsNoStop) {
            self.phase = Phase::Stopped;
            return;
        }
        self.status.told(kept, self.sent);
        if self.phase == Phase::AwaitingStatus {
            self.phase = Phase::Asking;
            self.due = now;
        }
    }

    /// This node has kept so many.
    pub(super) fn kept(&mut self, kept: u32) {
        self.status.kept(kept, self.sent);
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            results: self.status.results(),
            missing: self.missing(),
            horizon: self.horizon,
            sent: self.sent,
        }
    }

    /// Whether there is nobody to ask before somebody comes.
    pub(super) const fn awaits_newcomers(&self) -> bool {
        self.awaits_newcomers
    }

    /// Why it is over, if it is.
    pub(super) fn end(&self, now: Time) -> Option<Why> {
        if self.phase == Phase::Stopped {
            return Some(Why::Stopped);
        }
        let is_enough = self.missing() == 0 || self.status.counted() >= self.search.routed_max();
        if is_enough && !mutant!(NeverHasEnough) {
            return Some(Why::Enough);
        }
        (now >= self.ends).then_some(Why::Expired)
    }

    /// What is due now; the reason where the query is over.
    ///
    /// `more_come` says that the node looks for more ultrapeers.
    pub(super) fn step(
        &mut self,
        more_come: bool,
        now: Time,
        candidates: &mut impl Candidates,
        out: &mut Vec<Step>,
    ) -> Option<Why> {
        let end = self.end(now);
        if end.is_some() {
            return end;
        }
        if self.phase == Phase::AwaitingStatus {
            self.phase = Phase::Asking;
            self.status.missed(self.sent);
        } else if let Some(leaf) = self.leaf_to_ask() {
            self.phase = Phase::AwaitingStatus;
            self.wait_until(now.after_ms(STATUS_WAIT_MS));
            out.push(Step::AskStatus { guid: self.search.guid, leaf });
            return None;
        }
        if self.sent > 0 && !self.status.is_guided() && !self.search.hits_pass_here {
            return Some(Why::Unguided);
        }
        self.ask(more_come, now, candidates, out)
    }

    fn missing(&self) -> u32 {
        self.search.wanted.saturating_sub(self.status.results())
    }

    /// The leaf, where it is worth asking how many hits it kept.
    fn leaf_to_ask(&self) -> Option<Slot> {
        let Origin::Leaf(leaf) = self.search.origin else { return None };
        self.status.is_worth_asking(self.sent, self.search.hits_pass_here).then_some(leaf)
    }

    /// Sends the probes, or the next message.
    fn ask(
        &mut self,
        more_come: bool,
        now: Time,
        candidates: &mut impl Candidates,
        out: &mut Vec<Step>,
    ) -> Option<Why> {
        let mut list = Vec::new();
        candidates.list(&self.search.payload, &mut list);
        let mut choices = Vec::new();
        if self.phase == Phase::Probing {
            self.standing().probes(&list, &mut choices);
        }
        // Everything else rests on what the probes bring: they are given a link more.
        let mut links = u64::from(!choices.is_empty());
        if choices.is_empty() {
            match self.standing().next(&list) {
                Ok(choice) => choices.push(choice),
                Err(nobody) => return self.wait_for(nobody, more_come, now),
            }
        }
        (self.phase, self.awaits_newcomers) = (Phase::Asking, false);
        self.hurry();
        links = links.saturating_add(choices.iter().map(|choice| u64::from(choice.ttl)).max()?);
        out.extend(choices.into_iter().map(|choice| self.send(choice)));
        self.settled = now.after_ms(links.saturating_mul(HOP_WAIT_MS));
        self.wait_until(now.after_ms(links.saturating_mul(self.hop_wait_ms)));
        None
    }

    fn standing(&self) -> Standing<'_> {
        Standing {
            guid: self.search.guid,
            hops: self.search.origin.hops(),
            horizon: self.horizon,
            results: self.status.results(),
            missing: self.missing(),
            asked: &self.asked,
        }
    }

    fn send(&mut self, choice: Choice) -> Step {
        let Choice { to, ttl, adds } = choice;
        match self.asked.iter_mut().find(|asked| asked.slot == to) {
            Some(asked) => asked.ttl = ttl,
            None => self.asked.push(Asked { slot: to, ttl, results: 0 }),
        }
        self.horizon = self.horizon.saturating_add(adds);
        self.sent = self.sent.saturating_add(1);
        let Search { guid, ref payload, origin, .. } = self.search;
        Step::Send { guid, payload: payload.clone(), to, ttl, hops: origin.hops() }
    }

    /// There is nobody to ask: it is over once the last hits may have come, unless it is our own and
    /// somebody may come who can be asked (DQ-25).
    fn wait_for(&mut self, nobody: Nobody, more_come: bool, now: Time) -> Option<Why> {
        let is_own = self.search.origin == Origin::Own;
        self.awaits_newcomers = is_own && more_come && nobody != Nobody::WithinHorizon;
        if self.awaits_newcomers {
            self.wait_until(now.after_ms(RETRY_WAIT_MS));
            return None;
        }
        let why = match nobody {
            Nobody::Now if self.retries < RETRIES_MAX => {
                self.retries = self.retries.saturating_add(1);
                self.wait_until(now.after_ms(RETRY_WAIT_MS));
                return None;
            }
            Nobody::Now => Why::Busy,
            Nobody::Left => Why::Exhausted,
            Nobody::WithinHorizon => Why::Horizon,
        };
        if now >= self.settled {
            return Some(why);
        }
        self.wait_until(self.settled);
        None
    }

    /// What turned out to be rare is asked for faster and faster: there are few hits to wait for.
    fn hurry(&mut self) {
        let usual = u64::from(self.horizon).saturating_mul(u64::from(RARE_RESULTS));
        let found = u64::from(self.status.results()).saturating_mul(u64::from(RARE_HORIZON));
        if self.horizon > RARE_HORIZON && found < usual {
            let shrunk = self.hop_wait_ms.saturating_sub(self.hop_wait_step_ms);
            self.hop_wait_ms = shrunk.max(HOP_WAIT_MIN_MS);
            self.hop_wait_step_ms = self.hop_wait_step_ms.saturating_add(HOP_WAIT_STEP_MS);
        }
    }

    fn wait_until(&mut self, due: Time) {
        self.due = due.min(self.ends);
    }
}
