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
//! ```
//!
//! Which hosts to call, whom to let in and which role to take is not decided here: the node does.

mod answers;
mod conduct;
mod contract;
mod dynamic;
mod hits;
mod neighbour;
mod outgoing;
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

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

pub use conduct::Conduct;
pub use contract::{Output, Protocol, Reason};
pub use neighbour::{Neighbour, Traffic};
pub use settings::{Mode, Settings};

use crate::base::error::{Fault, Malformed, Misbehaved};
use crate::base::generator::Generator;
use crate::base::limits::ULTRAPEER_SHARES;
use crate::base::slots::{Slot, Slots};
use crate::base::time::Time;
use crate::gnutella::announced::{Abilities, Announced};
use crate::gnutella::connect_back::{Reach, Reachability};
use crate::gnutella::flow::{Admission, Class, SendQueues};
use crate::gnutella::link::{Agreement, Cost, Role};
use crate::gnutella::pinging::{self, Pinging};
use crate::gnutella::push_proxy::PushProxies;
use crate::gnutella::query_routing::{QueryTables, TableSenders};
use crate::gnutella::router::Router;
use crate::gnutella::wire::{Datagram, Frame, Function, Guid};
use crate::index::postings::{File, Files};
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
    queues: SendQueues,
    admission: Admission,
    announced: Announced,
    push_proxies: PushProxies,
    reachability: Reachability,
    files: Files,
    shared_kib: u32,
    searches: Lazily<Searches>,
    free: Free,
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
        let mut pinging = Pinging::new(rules, role.is_ultrapeer());
        pinging.listens_at(settings.listen);
        Self {
            guid,
            role,
            neighbours: Slots::new(),
            router: Router::new(settings.ttl, rng.random()),
            pinging,
            query_tables: QueryTables::new(settings.table_bits),
            table_senders: TableSenders::new(),
            service: Lazily::new(),
            queues: SendQueues::new(),
            admission: Admission::new(settings.work_per_second),
            announced: Announced::new(),
            push_proxies: PushProxies::new(),
            reachability: Reachability::new(settings.listen.map_or(0, |listen| listen.port())),
            files: Files::new(),
            shared_kib: 0,
            searches: Lazily::new(),
            free: Free::default(),
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

    /// Our servent GUID.
    pub const fn guid(&self) -> Guid {
        self.guid
    }

    /// All that is random in this node comes from here.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        self.rng.wake()
    }

    /// A link to a neighbour is open; the caller calls it by this number.
    pub fn open(
        &mut self,
        link: u64,
        agreement: &Agreement,
        address: SocketAddr,
        is_outgoing: bool,
        now: Time,
    ) -> Slot {
        let own_ttl = self.settings.ttl.own_ttl;
        let neighbour = Neighbour::new(link, agreement, address, is_outgoing, own_ttl, now);
        let peer = pinging::Peer {
            is_leaf: neighbour.is_leaf(),
            ggep: neighbour.ggep,
            pong_caching: agreement.pong_caching,
            ip: address.ip(),
            listen: neighbour.listen(),
        };
        let (is_leaf, dynamic_querying) = (neighbour.is_leaf(), neighbour.dynamic_querying);
        let takes_tables = neighbour.takes_tables && self.settings.mode == Mode::Overlay;
        let greets = neighbour.vendor_messages && self.settings.speaks_vendor;
        let slot = self.neighbours.insert(neighbour);
        self.router.open(slot, is_leaf, dynamic_querying, now);
        self.pinging.open(slot, &peer, now);
        self.query_tables.open(slot, is_leaf);
        self.queues.open(slot);
        self.admission.open(slot, if is_leaf { 1 } else { ULTRAPEER_SHARES }, now);
        self.announced.open(slot);
        if takes_tables {
            self.table_senders.open(slot);
        }
        if greets {
            let mut greeting = Vec::new();
            let udp =
                if self.settings.udp { Abilities::UDP_CONNECT_BACK } else { Abilities::default() };
            Abilities::OURS.and(udp).greet(&mut greeting);
            self.send_all(greeting.into_iter().map(|frame| (slot, frame)), now);
        }
        self.ask_newcomer(slot, now);
        slot
    }

    /// A link is gone.
    pub fn close(&mut self, slot: Slot, now: Time) {
        if self.neighbours.remove(slot).is_none() {
            return;
        }
        let mut steps = Vec::new();
        if let Some(service) = self.service.peek_mut() {
            service.dynamic_queries.close(slot, &mut steps);
            service.requeries.close(slot);
            service.proxied.close(slot);
        }
        self.take_steps(steps, now);
        if let Some(searches) = self.searches.peek_mut() {
            searches.close(slot);
        }
        self.router.close(slot, now);
        self.pinging.close(slot);
        self.query_tables.close(slot);
        self.table_senders.close(slot);
        self.queues.close(slot);
        self.admission.close(slot);
        self.announced.close(slot);
        self.push_proxies.close(slot);
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
        if !self.admission.admit(slot, class, frame.wire_len(), now) {
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

    /// Offers exactly these files from now on.
    pub fn share(&mut self, files: impl IntoIterator<Item = File>) {
        let mut size = 0_u64;
        let count = |file: &File| size = size.saturating_add(file.size);
        self.files = files.into_iter().inspect(count).collect();
        self.shared_kib = u32::try_from(size / 1024).unwrap_or(u32::MAX);
        self.offer_words();
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

    /// A neighbour, while it is one.
    pub fn neighbour(&self, slot: Slot) -> Option<&Neighbour> {
        self.neighbours.get(slot)
    }

    /// All neighbours, in an order that is the same each time.
    pub fn neighbours(&self) -> impl Iterator<Item = (Slot, &Neighbour)> {
        self.neighbours.iter()
    }

    /// Whether others can surely connect to us.
    pub fn is_reachable(&self) -> bool {
        self.reachability.tcp() == Reach::Proven
    }

    /// A datagram arrived.
    pub fn receive_datagram(&mut self, from: SocketAddr, bytes: &Bytes, now: Time) {
        let Ok(Datagram::Frame { frame, .. }) = Datagram::decode(bytes) else { return };
        match frame.function {
            Function::PING => self.receive_datagram_ping(from, &frame, now),
            Function::PONG => {
                let Some(service) = self.service.peek_mut() else { return };
                let Some(host) = service.datagram_pings.pong(&frame, from, now) else { return };
                self.out.push_back(Output::LearntByDatagram { from, host: Box::new(host) });
            }
            _ => {}
        }
    }

    /// The neighbour broke a rule: whoever calls decides what follows.
    pub(super) fn blame(&mut self, slot: Slot, fault: Fault) {
        let Some(neighbour) = self.neighbours.get_mut(slot) else { return };
        neighbour.traffic.dropped = neighbour.traffic.dropped.saturating_add(1);
        // Nothing of what comes behind is looked at.
        let is_over = Cost::of(&fault) != Cost::Drop;
        neighbour.is_leaving |= is_over;
        if is_over {
            self.queues.clear(slot);
        }
        self.out.push_back(Output::Fault { slot, fault });
    }

    /// A message cannot be read. Who made it is to blame, and that is the neighbour only if the message
    /// has come no further.
    pub(super) fn blame_maker(&mut self, slot: Slot, frame: &Frame, fault: Malformed) {
        match frame.hops {
            0 => self.blame(slot, fault.into()),
            _ => self.drop_frame(slot, None),
        }
    }

    /// A message that leads nowhere, by its sender's fault or not.
    pub(super) fn drop_frame(&mut self, slot: Slot, fault: Option<Misbehaved>) {
        if let Some(fault) = fault {
            return self.blame(slot, fault.into());
        }
        if let Some(neighbour) = self.neighbours.get_mut(slot) {
            neighbour.traffic.dropped = neighbour.traffic.dropped.saturating_add(1);
        }
    }

    /// A GUID for a message of ours (FRAME-13).
    pub(super) fn fresh_guid(&mut self) -> Guid {
        Guid::random(self.rng.wake())
    }
}
