//! Who gets a slot, and who waits for how long.
//!
//! - A host may have as many slots as the [`Terms`] say, by default one. What is small needs none
//!   ([`Counter::ask_quick`]).
//! - Who waits stands in a queue in which every network gets a turn before any gets its second, so that
//!   many hosts of one place are one among others. Where it is full, the network of which most wait gives
//!   way.
//! - Who asks sooner or later than it was told loses its place (UPLOAD-05).
//! - A slot is taken back from whoever takes its file too slowly (UPLOAD-10), and after a while from
//!   everybody where others wait (UPLOAD-11): the rest may be asked for after them.

mod asking;
mod contract;
mod queue;
mod quick;
mod slots;

use std::collections::{BTreeMap, VecDeque};

use rand::rngs::ChaCha8Rng;

use crate::base::addresses::Network;
use crate::base::limits::{
    QUEUE_CALL_WAIT_MS, QUEUE_CALLS_MAX, QUEUE_CALLS_PER_MINUTE, QUEUE_CALLS_PER_MINUTE_MAX,
    UPLOAD_QUEUE_MAX, UPLOAD_STALLED_MAX, UPLOAD_STALLED_MS, UPLOAD_TURN_MS,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
pub use contract::{Ask, Ended, Manner, Output, Refusal, Terms, Ticket, Verdict, VisitId, Waiting};
use queue::{Entry, Place, Queue};
use quick::Quick;
use slots::{Over, Slots};

const STALLS: Seldom = Seldom { times: 1, every_ms: UPLOAD_STALLED_MS, total: UPLOAD_STALLED_MAX };
const CALLS: Seldom =
    Seldom { times: QUEUE_CALLS_PER_MINUTE, every_ms: 60_000, total: QUEUE_CALLS_PER_MINUTE_MAX };

/// Slots, and the queue for them.
#[derive(Debug)]
pub struct Counter {
    terms: Terms,
    slots: Slots,
    queue: Queue,
    quick: Quick,
    stalled: Done<Network>,
    called: Done<Network>,
    /// Whose answer has ended for others, and until when none ends for it.
    interrupted: BTreeMap<Network, Time>,
    /// Since when there is a slot that nobody has, and who waits.
    free_since: Option<Time>,
    out: VecDeque<Output>,
    rng: ChaCha8Rng,
}

impl Counter {
    /// Nobody is served yet. Numbers of the queue come from the generator.
    pub fn new(terms: Terms, rng: ChaCha8Rng) -> Self {
        Self {
            terms: bounded(terms),
            slots: Slots::default(),
            queue: Queue::default(),
            quick: Quick::default(),
            stalled: Done::new(),
            called: Done::new(),
            interrupted: BTreeMap::new(),
            free_since: None,
            out: VecDeque::new(),
            rng,
        }
    }

    /// The user allows something else. Whoever has a slot keeps it.
    pub fn set_terms(&mut self, terms: Terms) {
        self.terms = bounded(terms);
    }

    /// So many bytes of an answer have gone.
    pub fn sent(&mut self, visit: VisitId, len: u64) {
        self.slots.sent(visit, len);
    }

    /// We have not sent since then, though it would have taken more.
    pub fn held(&mut self, visit: VisitId, since: Time, now: Time) {
        self.slots.held(visit, since, now);
    }

    /// The last bytes of an answer go out, and its connection ends with them: whoever sees them may come again before
    /// we know that they have gone, and takes its slot along (UPLOAD-26).
    pub fn ending(&mut self, visit: VisitId) {
        self.slots.end(visit);
    }

    /// An answer is over. Whoever had a slot for it may ask again for a moment.
    pub fn finished(&mut self, visit: VisitId, now: Time) {
        self.quick.end(visit);
        self.slots.rest(visit, now);
    }

    /// A connection is gone.
    pub fn gone(&mut self, visit: VisitId, now: Time) {
        self.quick.end(visit);
        self.queue.leave(visit);
        self.release(visit, now);
    }

    /// Whether it has a slot.
    pub fn serves(&self, visit: VisitId) -> bool {
        self.slots.get(visit).is_some()
    }

    /// How many have a slot.
    pub fn serving(&self) -> usize {
        self.slots.len()
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether a newcomer would have to wait.
    pub fn is_busy(&self) -> bool {
        self.free() <= self.queue.len()
    }

    /// What is allowed.
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Time) {
        self.interrupted.retain(|_, until| now < *until);
        let lacking = self.lacking(|host| !self.interrupted.contains_key(&host));
        for (visit, over) in self.slots.over(lacking, now) {
            let host = self.slots.get(visit).map(|slot| slot.host);
            self.release(visit, now);
            let why = match over {
                Over::Rested => continue,
                Over::Turn => Ended::Turn,
                Over::Slow => Ended::Slow,
            };
            if let Some(host) = host.filter(|_| over == Over::Turn) {
                self.interrupted.insert(host, now.after_ms(UPLOAD_TURN_MS));
                self.queue.requeue(host);
            }
            if let Some(host) = host.filter(|_| over == Over::Slow)
                && self.stalled.len() < STALLS.total
            {
                self.stalled.note(host, now);
            }
            self.out.push_back(Output::TakeBack { visit, why });
        }
        for place in self.queue.late(now) {
            self.call_or_drop(place, now);
        }
    }

    /// When it wants to be told the time.
    pub fn next_timeout(&self) -> Option<Time> {
        let slots = self.slots.next_due(self.others_wait());
        slots.into_iter().chain(self.queue.next_late()).min()
    }

    /// What is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn free(&self) -> usize {
        self.terms.slots.saturating_sub(self.slots.len())
    }

    /// Whether somebody waits who might have a slot, and none is free.
    fn others_wait(&self) -> bool {
        self.lacking(|_| true) > 0
    }

    /// How many slots are lacking for those who wait, might have one, and count; no more than there are. As long as
    /// one is free, none is: whoever has just lost it waits too, and others are not to lose theirs for that.
    fn lacking(&self, counts: impl Fn(Network) -> bool) -> usize {
        if self.free() > 0 {
            return 0;
        }
        let enough = self.slots.len();
        let mut rooms = BTreeMap::new();
        let mut wanted = 0_usize;
        for host in self.queue.hosts().filter(|host| counts(*host)) {
            if wanted >= enough {
                break;
            }
            let room = rooms.entry(host).or_insert_with(|| {
                self.terms.slots_per_host.saturating_sub(self.slots.of_host(host))
            });
            if *room > 0 {
                *room = room.saturating_sub(1);
                wanted = wanted.saturating_add(1);
            }
        }
        wanted
    }

    fn may_have_one(&self, entry: &Entry) -> bool {
        self.slots.of_host(entry.host) < self.terms.slots_per_host
    }

    fn release(&mut self, visit: VisitId, now: Time) {
        if self.slots.give_back(visit).is_some() {
            self.free_since = self.free_since.or(Some(now));
        }
    }

    /// Somebody has not come back in time: it is called, where it takes calls, and then loses its place.
    fn call_or_drop(&mut self, place: Place, now: Time) {
        let Some(entry) = self.queue.entry_mut(place) else { return };
        let (host, id) = (entry.host, entry.id);
        let calls_at = entry.calls_at.filter(|_| entry.calls < QUEUE_CALLS_MAX);
        let Some(to) = calls_at.filter(|_| self.called.allow(CALLS, host, now)) else {
            self.queue.remove(place);
            return;
        };
        entry.calls = entry.calls.saturating_add(1);
        (entry.from, entry.until) = (now, now.after_ms(QUEUE_CALL_WAIT_MS));
        self.out.push_back(Output::Call { to, id });
    }
}

fn bounded(terms: Terms) -> Terms {
    Terms { queue_len: terms.queue_len.min(UPLOAD_QUEUE_MAX), ..terms }
}
