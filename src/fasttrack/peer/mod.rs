//! The wing's face: every FastTrack rule of one node.
//!
//! A [`Peer`] owns its open sessions and one room for each part that a node plays, which know nothing of
//! each other; here a message finds its way through them:
//!
//! ```text
//! frame ─► inbox ─► by what the session is
//!   child      ─► supernode ─► results, or neighbours ─► other supernodes ─► supernode ─► results
//!   neighbour  ─► neighbours ─► a search for us ─► supernode ─► its answer
//!   parent     ─► ordinary_node
//! frames that go out ─► queues ─► transmit
//! datagram ─► supernode (who asks us), ordinary_node (who answers us)
//! ```
//!
//! Which hosts may be called, whom to let in and which role to take is not decided here: the node does.
//! Whoever drives it hands something in, takes what [`poll`](Peer::poll) gives until there is nothing more,
//! and comes back at [`next_timeout`](Peer::next_timeout).

mod commands;
mod contract;
mod datagrams;
mod desk;
mod outgoing;
mod queues;
mod reaching;
mod roles;
mod rooms;
mod session;
mod sessions;
mod settings;
mod timers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use crate::fasttrack::ordinary_node::{Answer, Callback, NoPush, Outcome, PushTarget};
pub use crate::fasttrack::sought::{SearchId, Sought};
pub use contract::{Kin, Numbers, Output, Reason};
pub use session::{Session, Traffic};
pub use settings::{Room, Settings};

use crate::base::addresses::Network;
use crate::base::generator::Generator;
use crate::base::seldom::Done;
use crate::base::slots::{Slot, Slots};
use crate::base::time::Time;
use crate::fasttrack::neighbours::{Amount, Neighbours};
use crate::fasttrack::ordinary_node::{self, OrdinaryNode};
use crate::fasttrack::supernode::Supernode;
use crate::index::files::Files;
use crate::promotion::Role;
use datagrams::Pongs;
use desk::Desk;
use queues::Queues;

/// Every FastTrack rule of one node.
#[derive(Debug)]
pub struct Peer {
    settings: Settings,
    role: Role,
    room: Room,
    rng: Generator,
    sessions: Slots<Session>,
    /// Sessions that have not said what they are, and since when they are open.
    newcomers: BTreeSet<(Time, Slot)>,
    queues: Queues,
    desk: Desk,
    pongs: Pongs,
    /// Children that were called of late to see whether that can be done.
    tries: Done<Network>,
    /// It does nothing while we are a supernode, but for what it knows of pushes.
    ordinary: Box<OrdinaryNode>,
    /// There while we are one, and know where others can call us; and so are the neighbours.
    supernode: Option<Box<Supernode>>,
    neighbours: Option<Box<Neighbours>>,
    offered: Files,
    /// How much that is, if it was counted.
    offered_amount: Option<Amount>,
    /// Searches of ours that have not ended.
    own: BTreeMap<SearchId, Sought>,
    last_search: u32,
    numbers: Numbers,
    count_due: Option<Time>,
    /// Messages that found no room.
    shed: u64,
    /// The last moment that was handed in.
    now: Time,
    out: VecDeque<Output>,
}

/// The least encryption type that we say we take.
const LEAST: u32 = 0x01;

const NETWORK: Bytes = Bytes::from_static(b"KaZaA");
/// With so many sessions and no more, room that is needed now and then is not kept in between: many nodes
/// are like that.
const FEW_SESSIONS: usize = 8;

/// An address for who does not know its own.
const NO_ADDRESS: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

impl Peer {
    /// A node without sessions. All that is random in it follows from the generator.
    pub fn new(settings: Settings, role: Role, rng: &ChaCha8Rng) -> Self {
        let mut rng = Generator::new(rng);
        let own = ordinary_node::Settings {
            allow_private: settings.allow_private,
            user: settings.user.clone().into(),
            bandwidth: settings.bandwidth,
            address: settings.listen.unwrap_or(NO_ADDRESS),
        };
        let ordinary_rng = ChaCha8Rng::from_rng(rng.wake());
        let now = Time::ZERO;
        let mut peer = Self {
            desk: Desk::new(settings.work_per_second),
            role,
            room: Room::default(),
            rng,
            sessions: Slots::new(),
            newcomers: BTreeSet::new(),
            queues: Queues::default(),
            pongs: Pongs::default(),
            tries: Done::new(),
            ordinary: Box::new(OrdinaryNode::new(own, ordinary_rng, now)),
            supernode: None,
            neighbours: None,
            offered: Files::new(),
            offered_amount: None,
            own: BTreeMap::new(),
            last_search: 0,
            numbers: Numbers::default(),
            count_due: None,
            shed: 0,
            now,
            out: VecDeque::new(),
            settings,
        };
        match role {
            Role::Leaf => peer.ordinary.start(now),
            Role::Supernode => peer.move_in(now),
        }
        peer.settle(now);
        peer
    }

    /// What we were told once.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What we are.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// What is to be done, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.out.pop_front();
        if output.is_none() && self.sessions.len() <= FEW_SESSIONS {
            self.out = VecDeque::new();
            self.rng.doze();
        }
        output
    }

    /// A session, while it is open.
    pub fn session(&self, slot: Slot) -> Option<&Session> {
        self.sessions.get(slot)
    }

    /// All sessions, in an order that is the same each time.
    pub fn sessions(&self) -> impl Iterator<Item = (Slot, &Session)> {
        self.sessions.iter()
    }

    /// How many children, and how many supernodes beside us or above us, there are.
    pub fn neighbours(&self) -> (u32, u32) {
        let children = self.supernode.as_ref().map_or(0, |it| it.children_len());
        let beside = self.neighbours.as_ref().map_or(0, |it| it.len());
        let above = usize::from(self.ordinary.supernode().is_some());
        (children, u32::try_from(beside.saturating_add(above)).unwrap_or(u32::MAX))
    }

    /// Under which address our supernode sees us, or the last one that we had did.
    pub fn seen_as(&self) -> Option<Ipv4Addr> {
        let ip = *self.ordinary.address().ip();
        (!ip.is_unspecified()).then_some(ip)
    }

    /// The room of a supernode, to look at, while we are one.
    pub fn as_supernode(&self) -> Option<&Supernode> {
        self.supernode.as_deref()
    }

    /// The room of its neighbours, to look at.
    pub fn as_neighbours(&self) -> Option<&Neighbours> {
        self.neighbours.as_deref()
    }

    /// The room of an ordinary node, to look at.
    pub fn as_ordinary(&self) -> &OrdinaryNode {
        &self.ordinary
    }
}
