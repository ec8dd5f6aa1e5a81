use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::connection::Connections;
use super::event::{Event, Script};
use super::host::{Host, address};
use super::{Course, Fidelity, Lots, Maker, World};
use crate::base::time::Time;
use crate::gnutella::link::{Link, Queue};
use crate::node::Direction;
use crate::simulate::attackers::{Echo, HitForger, Malice, PongPoisoner, QueryFlooder, Scripted};
use crate::simulate::capacity::{self, Drawn};
use crate::simulate::files::{Shelves, Taste};
use crate::simulate::latency::Places;
use crate::simulate::machine::Machine;
use crate::simulate::queue;
use crate::simulate::random::{Lot, Subject};
use crate::simulate::scenario::{AttackerPlan, Scenario};
use crate::simulate::searches::{SearchLog, Ways};
use crate::simulate::tally::Tally;
use crate::simulate::trace::{Reader, TraceHash};
use crate::simulate::watch::{Book, Invariant, Violations};

impl<'a, M: Machine> World<'a, M> {
    /// The world of a scenario, before anything has happened but that the connections of a laboratory
    /// stand.
    pub fn new(
        scenario: &'a Scenario,
        nodes: u32,
        seed: u64,
        fidelity: Fidelity,
        maker: Maker<'a, M>,
    ) -> Self {
        let first =
            if scenario.topology.is_open() { scenario.topology.ultrapeers(nodes) } else { 0 };
        let drawn = capacity::draw(&scenario.class, first, nodes, seed);
        let hosts = drawn.into_iter().map(|drawn| Host::new(drawn, &scenario.class)).collect();
        let end = Time::ZERO.after(Duration::from_secs(u64::from(scenario.duration_s)));
        let watch_one_in = scenario.searches.as_ref().map_or(1, |searches| searches.watch_one_in);
        let mut world = Self {
            scenario,
            seed,
            fidelity,
            now: Time::ZERO,
            end,
            is_being_made: false,
            queue: queue::Queue::new(),
            events: 0,
            hosts,
            connections: Connections::default(),
            inbox: VecDeque::new(),
            ready: Vec::new(),
            held: BTreeMap::new(),
            graph: scenario.topology.graph(nodes, seed),
            places: Places::new(&scenario.latency, nodes, seed),
            shelves: Shelves::new(scenario.files.as_ref(), nodes, seed),
            taste: Taste::new(scenario.files.as_ref()),
            lots: Lots::new(seed),
            attackers: draw_attackers(scenario, nodes, seed),
            probes: BTreeSet::new(),
            struck: BTreeMap::new(),
            trace: TraceHash::new(),
            reader: None,
            tally: Tally::default(),
            book: Book::new(watch_one_in),
            searches: SearchLog::default(),
            ways: Ways::default(),
            course: Course::default(),
            violations: Violations::default(),
            maker,
        };
        world.weaken_liars();
        world.populate();
        world.plan_script();
        world
    }

    /// Who lies about its capacity has the weakest line of all, and can be called: nothing but its lie
    /// speaks for it, and nothing else against it.
    fn weaken_liars(&mut self) {
        let classes = &self.scenario.class;
        let weakest = (0_u16..).zip(classes).min_by_key(|(_, class)| class.up_kbit_s);
        let Some((class, _)) = weakest.filter(|(_, class)| class.up_kbit_s.is_some()) else {
            return;
        };
        let plans = self.scenario.attacker.iter().zip(&self.attackers);
        let liars = plans.filter(|(plan, _)| matches!(plan, AttackerPlan::CapacityLiars { .. }));
        for host in liars.flat_map(|(_, hosts)| hosts) {
            if let Some(there) = self.hosts.get_mut(*host as usize) {
                *there = Host::new(Drawn { class, is_behind_nat: false }, classes);
            }
        }
    }

    /// Lets somebody read every line of the trace.
    pub fn read_trace(&mut self, reader: Reader<'a>) {
        self.reader = Some(reader);
    }

    /// Plans when each host starts; in a laboratory all do at once, and are connected.
    fn populate(&mut self) {
        if self.scenario.topology.is_open() {
            return self.plan_starts();
        }
        for host in 0..self.len() {
            self.start(host);
            self.settle();
        }
        self.is_being_made = true;
        let edges: Vec<_> = self.graph.edges().collect();
        for (from, to) in edges {
            self.join(from, to);
        }
        self.run_until(Time::ZERO);
        self.is_being_made = false;
        self.check_joined();
    }

    /// Connects two hosts, neither of which asked for it.
    fn join(&mut self, from: u32, to: u32) {
        let now = self.now;
        let (Some(own), Some(others)) = (self.profile(from), self.profile(to)) else { return };
        let end = self.add_connection(from, to);
        let accepting = Link::accept(others, address(from).ip(), now);
        self.begin(end.other(), accepting, address(from), Direction::Incoming);
        let connecting = Link::connect(own, address(to).ip(), now);
        self.begin(end, connecting, address(to), Direction::Outgoing);
        self.settle();
        let link = self.connections.end_mut(end).and_then(|own| own.link.as_deref_mut());
        if let Some(bytes) = link.and_then(|link| link.transmit(Queue::Dry, now)) {
            self.send_bytes(end, bytes);
        }
        self.run_until(now);
    }

    fn check_joined(&mut self) {
        let (made, wanted) = (self.overlay().edges().count(), self.graph.edges().count());
        if made != wanted {
            let what = format!("{made} of {wanted} connections came about");
            self.violate(None, Invariant::Expected, what);
        }
    }

    /// Ultrapeers start first, so that whoever comes finds one; all within half of the warm-up.
    fn plan_starts(&mut self) {
        let scenario = self.scenario;
        let late = u64::from(scenario.warm_up_s).saturating_mul(500_000);
        let first = scenario.topology.ultrapeers(self.len());
        for host in 0..self.len() {
            let is_attacker = self.attackers.iter().any(|hosts| hosts.contains(&host));
            let in_crowd = scenario.crowd.as_ref().is_some_and(|crowd| {
                host >= first && self.lots.sessions.chance(crowd.share.per_million())
            });
            let at = match () {
                () if host < first => 0,
                () if in_crowd && !is_attacker => {
                    self.plan_coming(host);
                    continue;
                }
                () if !is_attacker => self.first_start(late),
                () => self.lots.sessions.below(late),
            };
            self.queue.push(Time::from_micros(at), Event::Script(Script::Start { host }));
        }
    }

    /// When a host starts for the first time: where hosts come and go, some are away at first.
    fn first_start(&mut self, late: u64) -> u64 {
        let at = self.lots.sessions.below(late);
        let Some(churn) = &self.scenario.churn else { return at };
        let (stay, away) = (u64::from(churn.session_min), u64::from(churn.absence_min));
        if self.lots.sessions.below(stay.saturating_add(away)) < stay {
            return at;
        }
        let mean = Duration::from_secs(away.saturating_mul(60));
        let wait = self.warm().after(self.lots.sessions.wait(mean));
        wait.as_micros()
    }

    fn plan_coming(&mut self, host: u32) {
        let Some(crowd) = &self.scenario.crowd else { return };
        let over = u64::from(crowd.over_s).saturating_mul(1_000);
        let at = u64::from(crowd.at_s).saturating_mul(1_000);
        let wait = at.saturating_add(self.lots.sessions.below(over));
        let at = self.warm().after_ms(wait);
        self.queue.push(at, Event::Script(Script::Come { host }));
    }

    /// Everything else that the scenario brings.
    fn plan_script(&mut self) {
        let warm = self.warm();
        self.plan(Duration::ZERO, Script::Audit);
        if self.scenario.node.promotion.is_some() {
            self.plan(Duration::ZERO, Script::Measure);
        }
        for (plan, fault) in self.scenario.fault.iter().enumerate() {
            let at = warm.after(Duration::from_secs(u64::from(fault.at_s())));
            self.queue.push(at, Event::Script(Script::Fault { plan }));
        }
        if self.scenario.searches.is_some() {
            self.queue.push(warm, Event::Script(Script::FirstSearch));
        }
    }

    /// The script that a host plays, if it is no honest one.
    pub(super) fn malice(&self, host: u32, seed: u64) -> Option<Scripted> {
        let plan = self.attackers.iter().position(|hosts| hosts.contains(&host))?;
        let malice: Box<dyn Malice> = match self.scenario.attacker.get(plan)? {
            AttackerPlan::QueryFlood { per_second, .. } => {
                Box::new(QueryFlooder { per_second: *per_second, ttl: self.scenario.node.ttl })
            }
            AttackerPlan::InflatedTtl { per_second, ttl, .. } => {
                Box::new(QueryFlooder { per_second: *per_second, ttl: *ttl })
            }
            AttackerPlan::Echoes { .. } => Box::new(Echo),
            AttackerPlan::PoisonedPongs { per_ping, .. } => Box::new(PongPoisoner {
                per_ping: *per_ping,
                kind: self.attackers_of(plan).iter().copied().map(address).collect(),
            }),
            AttackerPlan::ForgedHits { per_second, .. } => {
                Box::new(HitForger { per_second: *per_second })
            }
            AttackerPlan::CapacityLiars { .. } => return None,
        };
        Some(Scripted::new(malice, address(host), Lot::new(seed, Subject::Attackers)))
    }

    pub(super) fn attackers_of(&self, plan: usize) -> &BTreeSet<u32> {
        static NOBODY: BTreeSet<u32> = BTreeSet::new();
        self.attackers.get(plan).unwrap_or(&NOBODY)
    }
}

impl Lots {
    fn new(seed: u64) -> Self {
        let lot = |subject| Lot::new(seed, subject);
        Self {
            searches: lot(Subject::Searches),
            sessions: lot(Subject::Sessions),
            faults: lot(Subject::Faults),
            loss: lot(Subject::Loss),
            nodes: lot(Subject::Nodes),
            bootstrap: lot(Subject::Bootstrap),
            hellos: lot(Subject::Hellos),
        }
    }
}

/// Who is up to what. Where the overlay is given, scripts play on ultrapeers, for they say that they
/// are some.
fn draw_attackers(scenario: &Scenario, nodes: u32, seed: u64) -> Vec<BTreeSet<u32>> {
    let hosts = match scenario.topology.is_open() {
        true => nodes,
        false => scenario.topology.ultrapeers(nodes),
    };
    let mut order: Vec<u32> = (0..hosts).collect();
    Lot::new(seed, Subject::Attackers).shuffle(&mut order);
    let mut order = order.into_iter();
    let draw = |plan: &AttackerPlan| {
        let count = plan.share().of(nodes).max(1);
        order.by_ref().take(count as usize).collect()
    };
    scenario.attacker.iter().map(draw).collect()
}
