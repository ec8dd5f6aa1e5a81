use std::collections::{BTreeMap, BTreeSet};

use super::running::Running;
use super::{Candidates, Origin, Progress, Search, Step, Why};
use crate::base::limits::{LEAF_SEARCHES_MAX, LEAVES_SEARCHES_MAX, OWN_SEARCHES_MAX};
use crate::base::mutant::mutant;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::wire::Guid;

/// All queries that this node asks step by step, for itself and for its leaves (DQ-01).
///
/// Whoever starts one has shown it to the own files and to the leaves before; here begins what goes
/// to ultrapeers. After each call, [`next_timeout`](Self::next_timeout) says when
/// [`timeout`](Self::timeout) is to be called.
#[derive(Debug, Default)]
pub struct DynamicQueries {
    running: BTreeMap<Guid, Box<Running>>,
    /// When each takes its next step: one entry for each that runs.
    due: BTreeSet<(Time, Guid)>,
    /// Our own, the oldest first.
    own: Vec<Guid>,
    /// Leaves that search, or that did not answer.
    leaves: BTreeMap<Slot, Leaf>,
    /// Queries of all leaves.
    leaves_len: usize,
    /// Queries started so far.
    started: u64,
    /// This node looks for more ultrapeers.
    more_come: bool,
}

#[derive(Debug, Default)]
struct Leaf {
    /// Its queries, the oldest first.
    searches: Vec<Guid>,
    /// It left our questions about a query unanswered.
    is_silent: bool,
}

impl DynamicQueries {
    /// Without a query.
    pub const fn new() -> Self {
        Self {
            running: BTreeMap::new(),
            due: BTreeSet::new(),
            own: Vec::new(),
            leaves: BTreeMap::new(),
            leaves_len: 0,
            started: 0,
            more_come: false,
        }
    }

    /// Takes a query up; its first step is due at once. Where there are as many as there may be, an
    /// older one ends (DQ-18). One with this GUID that runs already goes on, and this one is
    /// ignored.
    pub fn start(&mut self, search: Search, now: Time, out: &mut Vec<Step>) {
        let (guid, origin) = (search.guid, search.origin);
        if self.running.contains_key(&guid) {
            return;
        }
        if let Some(displaced) = self.displaced_by(origin) {
            self.finish(displaced, Why::Displaced, out);
        }
        self.started = self.started.saturating_add(1);
        let mut running = Box::new(Running::new(search, self.started, now));
        match origin {
            Origin::Own => self.own.push(guid),
            Origin::Leaf(slot) => {
                let leaf = self.leaves.entry(slot).or_default();
                leaf.searches.push(guid);
                if leaf.is_silent {
                    running.status.do_not_ask();
                }
                self.leaves_len = self.leaves_len.saturating_add(1);
            }
        }
        self.due.insert((now, guid));
        self.running.insert(guid, running);
    }

    /// Results came for this GUID from an ultrapeer, or from one of our leaves: `None`.
    ///
    /// Of one ultrapeer, and of all leaves together, only so many count (DQ-21); of an ultrapeer
    /// that was not asked, none.
    pub fn hit(&mut self, guid: Guid, from: Option<Slot>, results: u32, now: Time) {
        self.change(guid, now, |running| running.hit(from, results));
    }

    /// A leaf tells how many hits it kept of a query: BEAR/12 (VMSG-12). Of queries that are not
    /// its own it tells nothing.
    pub fn status(&mut self, from: Slot, guid: Guid, kept: u16, now: Time) {
        let origin = self.running.get(&guid).map(|running| running.search.origin);
        if origin != Some(Origin::Leaf(from)) && !mutant!(LetsAnybodyStop) {
            return;
        }
        if let Some(leaf) = self.leaves.get_mut(&from) {
            leaf.is_silent = false;
        }
        self.change(guid, now, |running| running.told(kept, now));
    }

    /// This node has kept so many hits of its own query, all in all.
    pub fn kept(&mut self, guid: Guid, kept: u32, now: Time) {
        if self.own.contains(&guid) {
            self.change(guid, now, |running| running.kept(kept));
        }
    }

    /// No more hits are wanted.
    pub fn stop(&mut self, guid: Guid, out: &mut Vec<Step>) {
        self.finish(guid, Why::Stopped, out);
    }

    /// A neighbour is gone: where it was a leaf, its queries end (DQ-17).
    pub fn close(&mut self, slot: Slot, out: &mut Vec<Step>) {
        let Some(leaf) = self.leaves.remove(&slot) else { return };
        for guid in leaf.searches {
            self.finish(guid, Why::LeafGone, out);
        }
        self.give_back();
    }

    /// Whether this node looks for more ultrapeers: our own queries wait for them (DQ-25).
    pub const fn set_more_come(&mut self, more_come: bool) {
        self.more_come = more_come;
    }

    /// Ends our oldest query that waits for ultrapeers to come, and has nobody else to ask.
    pub fn end_one_that_waits(&mut self, out: &mut Vec<Step>) {
        let waits =
            |guid: &&Guid| self.running.get(*guid).is_some_and(|one| one.awaits_newcomers());
        if let Some(guid) = self.own.iter().find(waits).copied() {
            self.finish(guid, Why::Displaced, out);
        }
    }

    /// When [`timeout`](Self::timeout) is to be called.
    pub fn next_timeout(&self) -> Option<Time> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes every step that is due.
    pub fn timeout(&mut self, now: Time, candidates: &mut impl Candidates, out: &mut Vec<Step>) {
        while let Some(&(due, guid)) = self.due.first()
            && due <= now
        {
            self.due.pop_first();
            let Some(running) = self.running.get_mut(&guid) else { continue };
            let was_given_up = running.status.is_given_up();
            let end = running.step(self.more_come, now, candidates, out);
            if running.status.is_given_up() && !was_given_up {
                self.note_silence(guid);
            }
            match end {
                Some(why) => self.finish(guid, why, out),
                None => self.schedule(guid),
            }
        }
    }

    /// How far a query has come; `None` where none with this GUID runs.
    pub fn progress(&self, guid: Guid) -> Option<Progress> {
        self.running.get(&guid).map(|running| running.progress())
    }

    /// How many queries run.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// No query runs.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    fn schedule(&mut self, guid: Guid) {
        if let Some(running) = self.running.get(&guid) {
            self.due.insert((running.due, guid));
        }
    }

    /// Remembers a leaf that did not answer, so that its next query does not wait for it.
    fn note_silence(&mut self, guid: Guid) {
        if let Some(running) = self.running.get(&guid)
            && let Origin::Leaf(slot) = running.search.origin
            && let Some(leaf) = self.leaves.get_mut(&slot)
        {
            leaf.is_silent = true;
        }
    }

    /// Lets something happen to a query; where that ends it, or calls for a step, it is due at
    /// once.
    fn change(&mut self, guid: Guid, now: Time, happen: impl FnOnce(&mut Running)) {
        let Some(running) = self.running.get_mut(&guid) else { return };
        let before = running.due;
        happen(running);
        if running.end(now).is_some() {
            running.due = now;
        }
        if running.due != before {
            self.due.remove(&(before, guid));
            self.due.insert((running.due, guid));
        }
    }

    fn finish(&mut self, guid: Guid, why: Why, out: &mut Vec<Step>) {
        let Some(running) = self.running.remove(&guid) else { return };
        self.due.remove(&(running.due, guid));
        let origin = running.search.origin;
        match origin {
            Origin::Own => {
                self.own.retain(|own| *own != guid);
                self.own.shrink_to_fit();
            }
            Origin::Leaf(slot) => self.forget(slot, guid),
        }
        out.push(Step::Finished { guid, origin, results: running.status.results(), why });
        self.give_back();
    }

    /// A tree keeps its last node until it is dropped.
    fn give_back(&mut self) {
        if self.running.is_empty() {
            (self.running, self.due) = (BTreeMap::new(), BTreeSet::new());
        }
        if self.leaves.is_empty() {
            self.leaves = BTreeMap::new();
        }
    }

    /// Takes a query off the list of its leaf.
    fn forget(&mut self, slot: Slot, guid: Guid) {
        self.leaves_len = self.leaves_len.saturating_sub(1);
        let Some(leaf) = self.leaves.get_mut(&slot) else { return };
        leaf.searches.retain(|search| *search != guid);
        leaf.searches.shrink_to_fit();
        if leaf.searches.is_empty() && !leaf.is_silent {
            self.leaves.remove(&slot);
        }
    }

    /// The query that has to go before one of this origin can start: our own oldest, the leaf's own
    /// oldest, or the oldest of those leaves that have most.
    fn displaced_by(&self, origin: Origin) -> Option<Guid> {
        let Origin::Leaf(slot) = origin else {
            return self.own.first().copied().filter(|_| self.own.len() >= OWN_SEARCHES_MAX);
        };
        let own = self.leaves.get(&slot).map_or(&[][..], |leaf| &leaf.searches);
        if own.len() >= LEAF_SEARCHES_MAX {
            return own.first().copied();
        }
        if self.leaves_len < LEAVES_SEARCHES_MAX {
            return None;
        }
        let oldest_of_each = self.leaves.values().filter_map(|leaf| {
            let oldest = leaf.searches.first()?;
            Some((leaf.searches.len(), self.age_of(oldest), *oldest))
        });
        oldest_of_each.max().map(|(_, _, guid)| guid)
    }

    /// Higher for what started earlier.
    fn age_of(&self, guid: &Guid) -> u64 {
        self.running.get(guid).map_or(0, |running| self.started.saturating_sub(running.number))
    }
}
