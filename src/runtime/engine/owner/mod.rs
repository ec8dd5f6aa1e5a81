mod delivering;
mod following;
mod hearing;
mod sessions;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep_until};

use sessions::SessionEntry;

use super::browse::Browsing;
use super::datagrams::Datagrams;
use super::errand::Errand;
use super::front::Front;
use super::hall::Hall;
use super::lines::Lines;
use super::mailbox::Mailbox;
use super::meter::Meter;
use super::peers::Details;
use super::pressure::{LOOK_AGAIN_MS, Pressure};
use crate::base::time::Time;
use crate::control::desk::Request;
use crate::control::model::Bandwidth;
use crate::node::{Command, Input, LinkId, Node};

/// Milliseconds that goodbyes may take. Whoever does not read them by then never will.
const GOODBYE_MS: u64 = 2_000;

/// The one who owns the node: what links tell goes in, what the node wants comes out.
pub(super) struct Owner {
    pub(super) node: Node,
    pub(super) hall: Arc<Hall>,
    pub(super) datagrams: Arc<Datagrams>,
    /// Those of FastTrack, which may be the same.
    pub(super) fasttrack_datagrams: Arc<Datagrams>,
    /// Our address for calls, if the user wants a certain one.
    pub(super) from: Option<IpAddr>,
    /// For calls that are no links.
    pub(super) lines: Lines,
    pub(super) links: HashMap<LinkId, Entry, foldhash::fast::RandomState>,
    pub(super) sessions: HashMap<LinkId, SessionEntry, foldhash::fast::RandomState>,
    pub(super) front: Front,
    /// Where the sockets are.
    pub(super) listen: SocketAddr,
    pub(super) meter: Meter,
    /// Hosts that are being asked what they share.
    pub(super) browsing: Browsing,
    ready: Vec<LinkId>,
    pressure: Pressure,
    worked_len: usize,
    ending_since: Option<Time>,
}

/// A connection, as its owner knows it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) mailbox: Arc<Mailbox>,
    /// There once it is open.
    pub(super) details: Option<Box<Details>>,
    /// Its mailbox is full: it asks for more once it has room.
    is_full: bool,
    /// Bytes of messages that came from it in this second.
    heard_len: usize,
}

/// What makes an [`Owner`].
pub(super) struct Parts {
    pub(super) node: Node,
    pub(super) hall: Arc<Hall>,
    pub(super) datagrams: Arc<Datagrams>,
    pub(super) fasttrack_datagrams: Arc<Datagrams>,
    pub(super) from: Option<IpAddr>,
    pub(super) lines: Lines,
    pub(super) front: Front,
    pub(super) listen: SocketAddr,
}

/// What the owner waits for, besides the links.
pub(super) struct Doors {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) errands: mpsc::Receiver<Errand>,
}

enum Wake {
    News,
    Request(Option<Request>),
    Errand(Option<Errand>),
    Due,
    Second,
}

impl Entry {
    /// A second has passed.
    pub(super) const fn begin_second(&mut self) {
        self.heard_len = 0;
    }

    /// It does not take what is sent.
    pub(super) const fn waits(&self) -> bool {
        self.is_full
    }
}

impl Owner {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { node, hall, datagrams, fasttrack_datagrams, from, lines, front, listen } =
            parts;
        Self {
            node,
            hall,
            datagrams,
            fasttrack_datagrams,
            from,
            lines,
            links: HashMap::default(),
            sessions: HashMap::default(),
            front,
            listen,
            meter: Meter::default(),
            browsing: Browsing::default(),
            ready: Vec::new(),
            pressure: Pressure::default(),
            worked_len: 0,
            ending_since: None,
        }
    }

    /// Works until the node has said goodbye to everybody.
    pub(super) async fn run(mut self, mut doors: Doors) -> Self {
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut spare = VecDeque::new();
        self.follow(self.hall.clock.now());
        while !self.is_over() {
            match self.wake(&mut doors, &mut seconds).await {
                Wake::News => spare = self.read_news(spare).await,
                Wake::Request(Some(request)) => self.serve(request),
                Wake::Errand(Some(errand)) => self.run_errand(errand),
                Wake::Request(None) | Wake::Errand(None) => self.shut_down(),
                Wake::Due => self.time_out_if_due(),
                Wake::Second => self.measure(),
            }
            self.flush();
        }
        self
    }

    async fn wake(&self, doors: &mut Doors, seconds: &mut Interval) -> Wake {
        let mut due = self.node.next_timeout().map(|(due, _)| due);
        if let Some(since) = self.ending_since {
            due = Some(since.after_ms(GOODBYE_MS));
        } else if !self.pressure.waiting.is_empty() {
            let again = self.hall.clock.now().after_ms(LOOK_AGAIN_MS);
            due = Some(due.map_or(again, |due| due.min(again)));
        }
        let due = due.and_then(|due| self.hall.clock.instant(due));
        let is_ending = self.ending_since.is_some();
        let on_time = async {
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.hall.inbox.filled() => Wake::News,
            request = doors.requests.recv(), if !is_ending => Wake::Request(request),
            errand = doors.errands.recv(), if !is_ending => Wake::Errand(errand),
            () = on_time => Wake::Due,
            _ = seconds.tick() => Wake::Second,
        }
    }

    /// Lets something happen to the node, and does what follows.
    pub(super) fn handle(&mut self, input: Input, now: Time) {
        self.node.handle(input, now);
        self.follow(now);
    }

    pub(super) fn command(&mut self, command: Command) {
        self.handle(Input::Command(command), self.hall.clock.now());
    }

    fn time_out(&mut self) {
        let now = self.hall.clock.now();
        self.handle(Input::Timeout, now);
        self.hall.set_profile(self.profile());
    }

    fn time_out_if_due(&mut self) {
        let now = self.hall.clock.now();
        if self.node.next_timeout().is_some_and(|(due, _)| due <= now) {
            self.time_out();
        }
    }

    /// Says goodbye to everybody.
    pub(super) fn shut_down(&mut self) {
        if self.ending_since.is_none() {
            self.ending_since = Some(self.hall.clock.now());
            // Goodbyes do not wait for a line that the user has narrowed.
            self.hall.line.set(Bandwidth::default());
            self.command(Command::ShutDown);
        }
    }

    fn is_over(&self) -> bool {
        self.ending_since.is_some_and(|since| {
            let are_all_gone = self.links.is_empty() && self.sessions.is_empty();
            are_all_gone || self.hall.clock.now() >= since.after_ms(GOODBYE_MS)
        })
    }
}
