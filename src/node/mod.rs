//! One node: the wing and the policy around it, as one machine without sockets or clocks.
//!
//! ```text
//!            Connected Asked Answered Opened Frame Dropped Closed Datagram Observed Command Timeout
//! driver ──────────────────────────────► Node ──────────────────────────────► driver
//!            Dial Decide Ready Close Datagram ConnectBack Event
//! ```
//!
//! The contract: [`handle`](Node::handle) one [`Input`], then [`poll`](Node::poll) until there is no
//! more [`Output`], then wait until [`next_timeout`](Node::next_timeout) or the next input. Messages
//! wait in the node until the driver takes them with [`transmit`](Node::transmit), so that the best one
//! goes first and a slow reader holds up nobody else.
//!
//! | room | what it decides |
//! |---|---|
//! | [`servent`](crate::gnutella::servent) | every rule of Gnutella |
//! | [`fasttrack`] | the same of FastTrack, where it is wanted |
//! | [`promotion`](crate::promotion) | leaf or ultrapeer, and whom there is room for |
//! | [`host_cache`] | whom to call |
//! | [`bans`], [`address_filter`] | whom not to hear |
//!
//! The same seed and the same inputs give the same outputs, byte for byte.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod address_filter;
pub mod bans;
mod commands;
mod config;
mod connections;
mod contract;
mod dialling;
mod events;
pub mod fasttrack;
mod handshakes;
pub mod host_cache;
mod kept;
mod let_go;
mod named_caches;
mod rift;
mod roles;
mod timers;
mod whereabouts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use address_filter::AddressFilter;
use bans::Bans;
pub use commands::TOO_MANY_SEARCHES;
pub use config::Config;
use config::Program;
use connections::Connections;
pub use contract::{
    Command, Direction, Event, Input, LinkId, Network, Output, Reason, RolePolicy, SearchId,
    SharedFile,
};
use dialling::Call;
use fasttrack::FastTrack;
use host_cache::HostCache;
pub use kept::Earlier;
use let_go::LetGo;
use named_caches::NamedCaches;
use rift::Rift;
use roles::Career;
use whereabouts::Whereabouts;

use crate::base::holding::Holding;
use crate::base::slots::Slot;
use crate::base::time::Time;
use crate::gnutella::link::{Profile, Role, Version};
use crate::gnutella::servent::Servent;
use crate::gnutella::wire::{Frame, Guid};
use crate::promotion::slots::SlotPolicy;

/// The version of GUESS that an ultrapeer answers (GUESS-06).
const GUESS: Version = Version(0, 1);

/// One node. It knows the driver's connections by their [`LinkId`]s.
#[derive(Debug)]
pub struct Node {
    policy: RolePolicy,
    role: Role,
    dials: bool,
    is_shutting_down: bool,
    /// Not there where it is shown as everybody's.
    program: Option<Box<Program>>,
    servent: Servent,
    /// Not there as long as a user wants a leaf and nothing else.
    career: Option<Box<Career>>,
    /// Of earlier runs, as long as nobody asked for a career.
    earlier: Option<Box<Earlier>>,
    slots: SlotPolicy,
    hosts: HostCache,
    bans: Bans,
    connections: Connections,
    calls: Vec<Call>,
    let_go: LetGo,
    filter: AddressFilter,
    /// There if our address is to be found out.
    whereabouts: Option<Box<Whereabouts>>,
    /// Neighbours that are one no longer, and that the rooms do not know of yet.
    pending_close: Vec<Slot>,
    dial_due: Option<Time>,
    rift: Option<Box<Rift>>,
    review_due: Option<Time>,
    searches: BTreeMap<Guid, SearchId>,
    /// UDP host caches that are known to work, if there are any.
    named_caches: Option<Box<NamedCaches>>,
    /// There if the node has part in that network.
    fasttrack: Option<Box<FastTrack>>,
    out: VecDeque<Output>,
}

impl Node {
    /// A node without neighbours. All that is random in it follows from the seed.
    pub fn new(config: Config, seed: u64, now: Time) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let role = match config.role {
            RolePolicy::Auto => Role::Leaf,
            RolePolicy::Always(role) => role,
        };
        let guid = config.guid.unwrap_or_else(|| Guid::random(&mut rng));
        let filter = AddressFilter::new(config.allow_private);
        let mut node = Self {
            policy: config.role,
            role,
            dials: config.dials,
            is_shutting_down: false,
            servent: Servent::new(config.settings(), role, guid, rng),
            career: None,
            earlier: config.earlier.clone().map(Box::new),
            slots: SlotPolicy::new(Arc::clone(&config.thresholds)),
            hosts: HostCache::new(config.hosts),
            bans: Bans::new(),
            connections: Connections::default(),
            calls: Vec::new(),
            let_go: LetGo::default(),
            filter,
            whereabouts: config.learns_address.then(Box::default),
            pending_close: Vec::new(),
            dial_due: None,
            rift: None,
            review_due: None,
            searches: BTreeMap::new(),
            named_caches: None,
            fasttrack: FastTrack::of(&config, seed, now),
            out: VecDeque::new(),
            program: Program::of(config),
        };
        node.set_own_addresses();
        node.appoint(role, "as configured", now);
        if let Some(role) = node.fasttrack_role() {
            node.appoint_in_fasttrack(role, "as configured", now);
        }
        node
    }

    /// Lets something happen. All outputs of the input before must have been taken.
    pub fn handle(&mut self, input: Input, now: Time) {
        debug_assert!(self.out.is_empty(), "outputs are left: poll until there are none");
        if matches!(input, Input::Timeout) {
            // A node to which nothing happens keeps no room for what it might say.
            self.out = VecDeque::new();
            self.servent.rest();
        }
        match input {
            Input::Frame { link, frame } => self.receive(link, &frame, now),
            Input::Connected { link, address, direction } => {
                self.connected(link, address, direction, now);
            }
            Input::DialFailed { address } => self.dial_failed(address, now),
            Input::Asked { link, question } => self.asked(link, &question, now),
            Input::Answered { link, question } => self.answered(link, &question, now),
            Input::Opened { link, agreement } => self.opened(link, &agreement, now),
            Input::Dropped { link, header, fault } => self.blame_link(link, &header, fault, now),
            Input::Closed { link, ending } => self.closed(link, ending, now),
            Input::HandedOn { link } => self.handed_on(link),
            Input::Announced { link, files } => self.announced(link, files),
            Input::CallbackEnded { address, how } => {
                self.servent.callback_ended(address, how, now);
            }
            Input::Datagram { from, bytes } => self.receive_datagram(from, &bytes, now),
            Input::FastTrack(input) => self.handle_fasttrack(input, now),
            Input::Observed(observation) => self.observe(observation, now),
            Input::Command(command) => self.obey(command, now),
            Input::Timeout => self.timeout(now),
        }
        self.drain(now);
    }

    /// What the driver has to do next, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.out.pop_front();
        if output.is_none() && self.servent.keeps_nothing() {
            self.out = VecDeque::new();
        }
        output
    }

    /// The message that goes next over a link that has room, if one waits.
    pub fn transmit(&mut self, link: LinkId, now: Time) -> Option<Frame> {
        self.servent.transmit(self.connections.slot(link)?, now)
    }

    /// What we say of ourselves in a handshake that begins now.
    pub fn profile(&self) -> Profile {
        let mut profile = Profile::new(self.role);
        profile.guid = Some(self.servent.guid());
        let settings = self.servent.settings();
        profile.listen = settings.listen;
        profile.max_ttl = settings.ttl.max_ttl;
        profile.guess = self.servent.answers_guess().then_some(GUESS);
        if let Some(Program { user_agent, live_since }) = self.program.as_deref() {
            profile.live_since.clone_from(live_since);
            if !user_agent.is_empty() {
                profile.user_agent.clone_from(user_agent);
            }
        }
        profile
    }

    /// When the program started, as it tells others.
    fn live_since(&self) -> Option<&str> {
        self.program.as_deref()?.live_since.as_deref()
    }

    /// What the node is now.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Our servent GUID.
    pub const fn guid(&self) -> Guid {
        self.servent.guid()
    }

    /// The rules of Gnutella, to look at.
    pub const fn servent(&self) -> &Servent {
        &self.servent
    }

    /// Why the node is what it is, in one sentence.
    pub fn explain_role(&self, now: Time) -> String {
        if let RolePolicy::Always(role) = self.policy {
            return format!("{role}, as configured");
        }
        let explained = self.career.as_ref().map(|career| career.promotion.explain(now));
        explained.unwrap_or_default()
    }

    /// Whether the node decides about its role.
    pub const fn role_policy(&self) -> RolePolicy {
        self.policy
    }

    /// Whether the node has all that an ultrapeer needs, or is to be one whatever it has.
    pub fn is_eligible(&self, now: Time) -> bool {
        if let RolePolicy::Always(role) = self.policy {
            return role.is_ultrapeer();
        }
        self.career.as_ref().is_some_and(|career| {
            career.promotion.findings(now).iter().all(|finding| finding.passed)
        })
    }

    /// What each table holds, and what it may.
    pub fn holdings(&self) -> impl Iterator<Item = Holding> {
        let count_max = self.hosts.rules().hosts_max;
        let hosts = Holding { what: "hosts", count: self.hosts.len(), count_max };
        self.servent.holdings().chain([hosts])
    }

    /// The neighbour behind a link, while it is open.
    pub fn slot(&self, link: LinkId) -> Option<Slot> {
        self.connections.slot(link)
    }

    /// How many connections there are, those in a handshake among them.
    pub fn connections_len(&self) -> usize {
        let fasttrack = self.fasttrack.as_deref().map_or(0, FastTrack::connections_len);
        self.connections.len().saturating_add(fasttrack)
    }

    fn receive(&mut self, link: LinkId, frame: &Frame, now: Time) {
        if let Some(slot) = self.connections.slot(link) {
            self.servent.receive(slot, frame, now);
        }
    }
}
