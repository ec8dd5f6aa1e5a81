//! The world itself: hosts, the connections between them, and what happens next.

mod calls;
mod carry;
mod connection;
mod drive;
mod event;
mod faults;
mod host;
mod links;
mod outputs;
mod population;
mod results;
mod script;
mod sessions;
mod setup;
mod watching;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use self::connection::Connections;
use self::event::{Cargo, EndName, Event};
use self::host::Host;
use super::files::{Shelves, Taste};
use super::graph::Graph;
use super::latency::Places;
use super::machine::{Birth, Machine};
use super::queue::Queue;
use super::random::Lot;
use super::report::Wait;
use super::scenario::Scenario;
use super::searches::{SearchLog, Ways};
use super::tally::Tally;
use super::trace::{Reader, TraceHash};
use super::watch::{Book, Violations};
use crate::base::time::Time;
use crate::node::Input;

/// How messages cross open connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// As they are. Handshakes and farewells still go through both links, as bytes.
    #[default]
    Frames,
    /// Through both links, as bytes, compressed where both sides want that.
    Bytes,
}

/// Makes what runs on a host.
pub type Maker<'a, M> = Box<dyn FnMut(&Birth, Time) -> M + 'a>;

/// Hosts under one virtual clock. What happens follows from the scenario and the seed alone.
///
/// The world drives each machine by its contract: an input, then all outputs, then what waits for
/// links with room. Nothing else moves; between two events no time passes.
pub struct World<'a, M> {
    scenario: &'a Scenario,
    seed: u64,
    fidelity: Fidelity,
    now: Time,
    end: Time,
    /// The connections of a laboratory are being made: their handshakes take no time.
    is_being_made: bool,
    queue: Queue<Event>,
    events: u64,
    hosts: Vec<Host<M>>,
    connections: Connections,
    /// What machines have to be told as soon as the present one is done.
    inbox: VecDeque<(u32, Input)>,
    /// Links of the present machine that have something to send.
    ready: Vec<EndName>,
    /// What has come to an end that takes nothing at the moment.
    held: BTreeMap<EndName, VecDeque<Cargo>>,
    graph: Graph,
    places: Places,
    shelves: Shelves,
    taste: Taste,
    lots: Lots,
    /// By the place of their plan in the scenario.
    attackers: Vec<BTreeSet<u32>>,
    /// Calls that only find out whether somebody can be called.
    probes: BTreeSet<EndName>,
    /// What goes wrong at the moment, by its place in the scenario: hosts, or when it began.
    struck: BTreeMap<usize, Struck>,
    trace: TraceHash,
    reader: Option<Reader<'a>>,
    tally: Tally,
    book: Book,
    searches: SearchLog,
    ways: Ways,
    course: Course,
    violations: Violations,
    maker: Maker<'a, M>,
}

/// One generator for each thing that is drawn while the world runs.
#[derive(Debug)]
struct Lots {
    searches: Lot,
    sessions: Lot,
    faults: Lot,
    loss: Lot,
    nodes: Lot,
    bootstrap: Lot,
    hellos: Lot,
}

/// Whom a fault has struck, and when it was over.
#[derive(Debug, Default)]
struct Struck {
    hosts: Vec<u32>,
    ended_at: Option<Time>,
}

/// A partition that is over: from when to when, and how it ended.
#[derive(Clone, Copy, Debug)]
struct Healed {
    began: Time,
    ended: Time,
    pieces: u32,
    ms: Option<u64>,
}

/// What became of the nodes.
#[derive(Debug, Default)]
struct Course {
    promotions: u64,
    demotions: u64,
    /// Promotions of nodes that were ultrapeers before.
    again: u64,
    why: BTreeMap<String, u64>,
    /// For each time that a leaf was without ultrapeers, how long it took.
    orphaned: Vec<Wait>,
    /// The same where its last ultrapeers fell silent.
    orphaned_in_silence: Vec<Wait>,
    joined: Vec<Wait>,
    healed: Vec<Healed>,
    strikes: BTreeMap<&'static str, u64>,
    bans: u64,
    dials: u64,
    dials_failed: u64,
}

impl<M: Machine> World<'_, M> {
    /// Lets everything happen.
    pub fn run(&mut self) {
        self.run_until(self.end);
        self.check_conservation();
        self.finish();
    }

    /// Lets happen what happens until then. For whoever wants to look at the world in between.
    pub fn run_until(&mut self, until: Time) {
        while let Some((at, event)) = self.queue.pop(until.min(self.end)) {
            self.now = at;
            self.events = self.events.saturating_add(1);
            self.happen(event);
            self.settle();
        }
        self.now = self.now.max(until.min(self.end));
    }

    /// How much has happened so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The present moment.
    pub const fn now(&self) -> Time {
        self.now
    }

    /// The last moment.
    pub const fn end(&self) -> Time {
        self.end
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrives { end, cargo } => self.arrives(end, cargo),
            Event::Lands { end, cargo } => self.lands(end, cargo),
            Event::Called { end } => self.called(end),
            Event::Connected { end } => self.connected(end),
            Event::Unreachable { host, start, address, is_session } => {
                self.unreachable(host, start, address, is_session);
            }
            Event::Datagram { from, to, bytes } => self.datagram_arrives(from, to, bytes),
            Event::Wake { host, start } => self.wake(host, start),
            Event::WakeLink { end, wake } => self.wake_link(end, wake),
            Event::LineFree { host, start } => self.line_free(host, start),
            Event::Window { end } => self.window_opens(end),
            Event::Breaks { end } => self.breaks(end),
            Event::Script(script) => self.play(script),
        }
    }

    fn host(&self, host: u32) -> Option<&Host<M>> {
        self.hosts.get(host as usize)
    }

    fn host_mut(&mut self, host: u32) -> Option<&mut Host<M>> {
        self.hosts.get_mut(host as usize)
    }
}

impl<M> fmt::Debug for World<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (now, events, hosts) = (self.now, self.events, self.hosts.len());
        f.debug_struct("World")
            .field("now", &now)
            .field("events", &events)
            .field("hosts", &hosts)
            .finish_non_exhaustive()
    }
}
