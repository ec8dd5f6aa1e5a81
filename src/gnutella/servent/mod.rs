//! The wing's face: every Gnutella rule of one node.
//!
//! A [`Servent`] owns its open neighbours and one room for each kind of rule, which know nothing of
//! each other; here a message finds its way through them:
//!
//! ```text
//! frame ─► admission ─► by function
//!            ping, pong  ─► pinging                          query table ─► query_routing
//!            query       ─► router ─► own files, leaves by their tables, ultrapeers or dynamic_query
//!            hit         ─► router ─► a search of ours, or the neighbour that asked
//!            push        ─► router ─► the neighbour that brought hits of that servent
//!            vendor      ─► announced, connect_back, push_proxy, dynamic_query
//! frames that go out ─► flow ─► transmit
//! datagram ─► pinging, out_of_band, guess, push_proxy
//! ```
//!
//! Which hosts to call, whom to let in and which role to take is not decided here: the node does.

mod answers;
mod asked;
mod conduct;
mod contract;
mod datagrams;
mod dynamic;
mod faults;
mod guess;
mod hits;
mod leaf_files;
mod links;
mod neighbour;
mod newest;
mod offered;
mod offering;
mod out_of_band;
mod outgoing;
mod own_pushes;
mod own_searches;
mod pings;
mod pushes;
mod queries;
mod searches;
mod service;
mod settings;
mod tables;
mod timers;
mod vendor;
mod wanted;

use std::collections::VecDeque;
use std::net::SocketAddr;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use crate::gnutella::holder::Serving;
pub use conduct::{Conduct, Lost};
pub use contract::{Output, Protocol, Reason};
pub use neighbour::{Neighbour, Traffic};
pub use offered::{Offer, PartialFile, is_bare_name};
pub use settings::{Mode, Settings};

use crate::base::generator::Generator;
use crate::base::slots::{Slot, Slots};
use crate::base::time::Time;
use crate::gnutella::announced::Announced;
use crate::gnutella::connect_back::{Reach, Reachability};
use crate::gnutella::flow::{Admission, Class, SendQueues};
use crate::gnutella::hit_spam::HitSpam;
use crate::gnutella::link::Role;
use crate::gnutella::pinging::{self, Pinging};
use crate::gnutella::push_proxy::PushProxies;
use crate::gnutella::query_routing::{QueryTables, TableSenders};
use crate::gnutella::router::{Quotas, Router};
use crate::gnutella::wire::{Frame, Function, Guid};
use datagrams::Datagrams;
use faults::has_long_tail;
use offered::Offered;
use own_searches::Searches;
use service::{Lazily, Service};

/// Every Gnutella rule of one node.
#[derive(Debug)]
pub struct Servent {
    settings: Settings,
    guid: Guid,
    role: Role,
    rng: Generator,
    neighbours: Slots<Neighbour>,
    router: Router,
    pinging: Pinging,
    query_tables: QueryTables,
    table_senders: TableSenders,
    service: Lazily<Service>,
    datagrams: Lazily<Datagrams>,
    queues: SendQueues,
    admission: Admission,
    announced: Announced,
    push_proxies: PushProxies,
    reachability: Reachability,
    offered: Lazily<Offered>,
    shared_kib: u32,
    searches: Lazily<Searches>,
    spam: Lazily<HitSpam>,
    /// When we last asked what is new.
    asked_for_new: Option<Time>,
    free: Free,
    wants_ultrapeers: bool,
    lost: Lost,
    out: VecDeque<Output>,
    /// Kept for its memory: empty between two calls.
    targets: Vec<Slot>,
}

/// With so many neighbours and no more, room that is needed now and then is not kept in between.
const FEW_NEIGHBOURS: usize = 8;

/// Connections that we could take, as our pongs say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Free {
    pub leaves: u8,
    pub ultrapeers: u8,
}

impl Servent {
    /// A node without neighbours. All that is random in it follows from the generator.
    pub fn new(settings: Settings, role: Role, guid: Guid, mut rng: ChaCha8Rng) -> Self {
        let is_flood = settings.mode == Mode::Flood;
        let rules = pinging::Rules {
            flood: is_flood,
            refill: settings.asks_for_pongs,
            own_ttl: settings.ttl.own_ttl,
            allow_private: settings.allow_private,
        };
        let quotas = Quotas::default();
        let quotas = if is_flood { quotas.unmetered() } else { quotas };
        let mut pinging = Pinging::new(rules, role.is_ultrapeer());
        pinging.listens_at(settings.listen);
        Self {
            guid,
            role,
            neighbours: Slots::new(),
            router: Router::with_quotas(settings.ttl, quotas, rng.random()),
            pinging,
            query_tables: QueryTables::new(settings.table_bits),
            table_senders: TableSenders::new(),
            service: Lazily::new(),
            datagrams: Lazily::new(),
            queues: SendQueues::new(),
            admission: Admission::new(settings.work_per_second),
            announced: Announced::new(),
            push_proxies: PushProxies::new(),
            reachability: Reachability::new(settings.listen.map_or(0, |listen| listen.port())),
            offered: Lazily::new(),
            shared_kib: 0,
            searches: Lazily::new(),
            spam: Lazily::new(),
            asked_for_new: None,
            free: Free::default(),
            wants_ultrapeers: false,
            lost: Lost::default(),
            out: VecDeque::new(),
            targets: Vec::new(),
            rng: Generator::new(&rng),
            settings,
        }
    }

    /// What we were told once.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Others can call us there, on the same port as before.
    pub const fn listens_at(&mut self, address: SocketAddr) {
        self.settings.listen = Some(address);
        self.pinging.listens_at(Some(address));
    }

    /// Our servent GUID.
    pub const fn guid(&self) -> Guid {
        self.guid
    }

    /// All that is random in this node comes from here.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        self.rng.wake()
    }

    /// A message of a neighbour.
    pub fn receive(&mut self, slot: Slot, frame: &Frame, now: Time) {
        let Some(neighbour) = self.neighbours.get_mut(slot) else { return };
        if neighbour.is_leaving {
            return;
        }
        neighbour.traffic.count_received(frame.wire_len());
        self.pinging.heard(slot, now);
        let class = Class::of(frame, false);
        let is_admitted = self.admission.admit(slot, class, frame.wire_len(), now);
        if !is_admitted || has_long_tail(frame) {
            return self.drop_frame(slot, None);
        }
        match frame.function {
            Function::PING => self.receive_ping(slot, frame, now),
            Function::PONG => self.receive_pong(slot, frame, now),
            Function::QUERY => self.receive_query(slot, frame, now),
            Function::QUERY_HIT => self.receive_hit(slot, frame, now),
            Function::PUSH => self.receive_push(slot, frame, now),
            Function::QUERY_TABLE => self.receive_table(slot, frame, now),
            Function::VENDOR | Function::VENDOR_STANDARD => self.receive_vendor(slot, frame, now),
            // HSEP is not promised, and what nobody knows goes no further.
            _ => self.drop_frame(slot, None),
        }
        self.follow_flow(now);
    }

    /// Gives back what is kept for speed alone.
    pub fn rest(&mut self) {
        // What was said while messages were taken has still to be heard.
        self.out.shrink_to_fit();
        self.targets = Vec::new();
        self.queues.rest();
    }

    /// Whether there is so little to do that nothing is kept for speed alone: many nodes are like
    /// that.
    pub fn keeps_nothing(&self) -> bool {
        self.neighbours.len() <= FEW_NEIGHBOURS
    }

    /// What is to be done, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.out.pop_front();
        if output.is_none() && self.keeps_nothing() {
            (self.out, self.targets) = (VecDeque::new(), Vec::new());
            self.rng.doze();
        }
        output
    }

    /// The node has another role: it holds for links that are opened from now on.
    pub fn become_role(&mut self, role: Role) {
        self.role = role;
        self.pinging.become_role(role.is_ultrapeer());
        if role.is_leaf() {
            self.hand_over_searches();
        }
    }

    /// What our pongs say about room.
    pub const fn has_free(&mut self, free: Free) {
        self.free = free;
    }

    /// Whether the node looks for more ultrapeers than it has.
    pub const fn wants_ultrapeers(&mut self, is_so: bool) {
        self.wants_ultrapeers = is_so;
    }

    /// A neighbour, while it is one.
    pub fn neighbour(&self, slot: Slot) -> Option<&Neighbour> {
        self.neighbours.get(slot)
    }

    /// All neighbours, in an order that is the same each time.
    pub fn neighbours(&self) -> impl Iterator<Item = (Slot, &Neighbour)> {
        self.neighbours.iter()
    }

    /// Whether others can surely connect to us: they have, or our user says so and nothing speaks against
    /// it (VMSG-58).
    pub fn is_reachable(&self) -> bool {
        match self.reachability.tcp() {
            Reach::Proven => true,
            Reach::Unknown => self.settings.is_vouched_for,
            Reach::Unreachable => false,
        }
    }

    /// A GUID for a message of ours (FRAME-13).
    pub(super) fn fresh_guid(&mut self) -> Guid {
        Guid::random(self.rng.wake())
    }
}
