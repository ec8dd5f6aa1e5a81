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
mod queue;
mod quick;
mod slots;

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use data_encoding::HEXLOWER_PERMISSIVE;
use rand::rngs::ChaCha8Rng;

use crate::base::addresses::Network;
use crate::base::limits::{
    QUEUE_CALL_WAIT_MS, QUEUE_CALLS_MAX, QUEUE_CALLS_PER_MINUTE, QUEUE_CALLS_PER_MINUTE_MAX,
    UPLOAD_QUEUE_MAX, UPLOAD_STALLED_MAX, UPLOAD_STALLED_MS,
};
use crate::base::seldom::{Done, Seldom};
use crate::base::time::Time;
use crate::index::files::FileId;
use queue::{Entry, Place, Queue};
use quick::Quick;
use slots::{Over, Slots};

const STALLS: Seldom = Seldom { times: 1, every_ms: UPLOAD_STALLED_MS, total: UPLOAD_STALLED_MAX };
const CALLS: Seldom =
    Seldom { times: QUEUE_CALLS_PER_MINUTE, every_ms: 60_000, total: QUEUE_CALLS_PER_MINUTE_MAX };

/// The number of a connection over which somebody asks for files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitId(pub u64);

/// The number by which PARQ knows an entry of the queue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub [u8; 16]);

impl Ticket {
    /// Reads the 32 hexadecimal digits of one.
    pub fn parse(text: &str) -> Option<Self> {
        HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What the user allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Files that are under way at the same time.
    pub slots: usize,
    /// Of these, to one host.
    pub slots_per_host: usize,
    /// How many may wait.
    pub queue_len: usize,
}

/// Somebody asks for something that needs a slot.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub visit: VisitId,
    pub address: IpAddr,
    pub file: FileId,
    pub manner: Manner,
}

/// How somebody can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It knows no queues, and may come again by itself.
    Unaware,
    /// It stays connected and asks again (`X-Queue: 0.1`).
    Stays,
    /// It has numbers (PARQ): the one that it was given before, and where it takes a call.
    Numbered { id: Option<Ticket>, calls_at: Option<SocketAddr> },
}

impl Manner {
    const fn id(&self) -> Option<Ticket> {
        match self {
            Self::Numbered { id, .. } => *id,
            Self::Unaware | Self::Stays => None,
        }
    }
}

/// What somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has a slot.
    Serve,
    /// It has a place in the queue.
    Wait(Waiting),
    /// It has neither.
    Refuse(Refusal),
}

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: Ticket,
    /// From 1 on.
    pub position: usize,
    /// How many wait.
    pub len: usize,
    /// How many do not have to.
    pub slots: usize,
    /// How long it will take, in seconds, if everybody takes as long as may be.
    pub eta_s: u32,
    /// When it asks again: so many seconds later at the earliest and at the latest.
    pub poll_min_s: u32,
    pub poll_max_s: u32,
}

/// Why somebody gets nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too many wait.
    QueueFull,
    /// Its host has what one may have.
    HostFull,
    /// Its host has asked too often.
    TooOften,
    /// Its host has taken files too slowly.
    TooSlow,
}

impl Refusal {
    /// When it may try again, in seconds.
    pub const fn retry_after_s(self) -> u32 {
        match self {
            Self::QueueFull => 300,
            Self::HostFull | Self::TooSlow | Self::TooOften => 60,
        }
    }

    /// The reason in a few words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::QueueFull => "Queue Full",
            Self::HostFull => "Too Many Transfers",
            Self::TooOften => "Too Many Requests",
            Self::TooSlow => "Transfer Too Slow",
        }
    }
}

/// What the counter wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A connection has lost its slot in the middle of an answer, which ends here.
    TakeBack { visit: VisitId, why: Ended },
    /// Somebody who waits is to be told that it is awaited: `QUEUE`, its number, our address.
    Call { to: SocketAddr, id: Ticket },
    /// Whether a newcomer would have to wait.
    Busy(bool),
}

/// Why an answer ends before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was taken too slowly.
    Slow,
    /// It has taken its turn, and others wait.
    Turn,
}

/// Slots, and the queue for them.
#[derive(Debug)]
pub struct Counter {
    terms: Terms,
    slots: Slots,
    queue: Queue,
    quick: Quick,
    stalled: Done<Network>,
    called: Done<Network>,
    /// Since when there is a slot that nobody has, and who waits.
    free_since: Option<Time>,
    was_busy: bool,
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
            free_since: None,
            was_busy: false,
            out: VecDeque::new(),
            rng,
        }
    }

    /// The user allows something else. Whoever has a slot keeps it.
    pub fn set_terms(&mut self, terms: Terms) {
        self.terms = bounded(terms);
        self.look_whether_busy();
    }

    /// So many bytes of an answer have gone.
    pub fn sent(&mut self, visit: VisitId, len: u64) {
        self.slots.sent(visit, len);
    }

    /// We have not sent since then, though it would have taken more.
    pub fn held(&mut self, visit: VisitId, since: Time, now: Time) {
        self.slots.held(visit, since, now);
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

    /// What is allowed.
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Time) {
        let others_wait = self.others_wait();
        for (visit, over) in self.slots.over(others_wait, now) {
            let host = self.slots.get(visit).map(|slot| slot.host);
            self.release(visit, now);
            let why = match over {
                Over::Rested => continue,
                Over::Turn => Ended::Turn,
                Over::Slow => Ended::Slow,
            };
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
        self.look_whether_busy();
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

    /// Whether somebody waits who might have a slot.
    fn others_wait(&self) -> bool {
        self.queue.ahead(None, |entry| self.may_have_one(entry)) > 0
    }

    fn may_have_one(&self, entry: &Entry) -> bool {
        self.slots.of_host(entry.host) < self.terms.slots_per_host
    }

    fn release(&mut self, visit: VisitId, now: Time) {
        if self.slots.give_back(visit).is_some() {
            self.free_since = self.free_since.or(Some(now));
        }
        self.look_whether_busy();
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

    /// Tells it where it has changed.
    fn look_whether_busy(&mut self) {
        let is_busy = self.free() <= self.queue.len();
        if self.was_busy != is_busy {
            self.was_busy = is_busy;
            self.out.push_back(Output::Busy(is_busy));
        }
    }
}

fn bounded(terms: Terms) -> Terms {
    Terms { queue_len: terms.queue_len.min(UPLOAD_QUEUE_MAX), ..terms }
}
