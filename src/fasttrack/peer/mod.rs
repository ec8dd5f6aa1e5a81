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

mod contract;
mod queues;
mod session;
mod settings;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};

use rand::rngs::ChaCha8Rng;

pub use contract::{Answer, Callback, Kin, NoPush, Numbers, Output, PushTarget, Reason};
pub use session::{Session, Traffic};
pub use settings::{Room, Settings};

use crate::base::generator::Generator;
use crate::base::slots::{Slot, Slots};
use crate::base::time::Time;
pub use crate::fasttrack::sought::{SearchId, Sought};
use crate::fasttrack::wire::{Frame, Node};
use crate::index::files::Files;
use crate::promotion::Role;
use queues::Queues;

/// Every FastTrack rule of one node.
#[derive(Debug)]
pub struct Peer {
    settings: Settings,
    role: Role,
    room: Room,
    rng: Generator,
    sessions: Slots<Session>,
    queues: Queues,
    out: VecDeque<Output>,
}

impl Peer {
    /// A node without sessions. All that is random in it follows from the generator.
    pub fn new(settings: Settings, role: Role, rng: &ChaCha8Rng) -> Self {
        Self {
            settings,
            role,
            room: Room::default(),
            rng: Generator::new(rng),
            sessions: Slots::new(),
            queues: Queues::default(),
            out: VecDeque::new(),
        }
    }

    /// What we were told once.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Others can call us there.
    pub const fn listens_at(&mut self, address: SocketAddrV4) {
        self.settings.listen = Some(address);
    }

    /// The node has another role. Sessions that do not go with it are closed, and what was asked of them is
    /// asked anew.
    pub fn become_role(&mut self, role: Role, _now: Time) {
        self.role = role;
    }

    /// How many sessions there may be.
    pub const fn set_room(&mut self, room: Room) {
        self.room = room;
    }

    /// A session is open: both names have gone over it. The caller calls it by this number.
    pub fn open(&mut self, link: u64, address: SocketAddrV4, is_outgoing: bool, now: Time) -> Slot {
        self.sessions.insert(Session::new(link, address, is_outgoing, now))
    }

    /// Nobody is there, or nobody who speaks FastTrack, where we wanted to open a session.
    pub fn not_opened(&mut self, _to: SocketAddrV4, _now: Time) {}

    /// A session is gone.
    pub fn close(&mut self, slot: Slot, _now: Time) {
        self.sessions.remove(slot);
        self.queues.clear(slot);
    }

    /// A message of a session.
    pub fn receive(&mut self, slot: Slot, frame: &Frame, _now: Time) {
        let Some(session) = self.sessions.get_mut(slot) else { return };
        session.traffic.count_received(frame.payload.len());
    }

    /// A datagram. False where it is none of FastTrack's (FTUDP-01).
    pub fn receive_datagram(&mut self, _from: SocketAddrV4, _bytes: &[u8], _now: Time) -> bool {
        false
    }

    /// Supernodes that may be called, as [`Output::WantsHosts`] asks for them. None means that there are none
    /// now.
    pub fn give_hosts(&mut self, _hosts: impl IntoIterator<Item = SocketAddrV4>, _now: Time) {}

    /// Supernodes that may be told of, as [`Output::WantsNodes`] asks for them: those seen last first, from
    /// many networks of addresses. Ourselves and our neighbours come of their own accord (FTSUPER-05).
    pub fn give_nodes(&mut self, _slot: Slot, _nodes: impl IntoIterator<Item = Node>, _now: Time) {}

    /// Offers exactly these files from now on, but for those whose FastTrack hash is not known. For a large
    /// library they take seconds to make: whoever hands them in makes them elsewhere, and keeps a copy.
    pub fn offer(&mut self, _files: Files, _now: Time) {}

    /// Begins a search.
    pub fn search(&mut self, _sought: Sought, _now: Time) -> SearchId {
        SearchId(0)
    }

    /// Nobody wants more results of a search.
    pub fn end_search(&mut self, _search: SearchId, _now: Time) {}

    /// Asks a node that nobody can call to call us: the number with which it will say GIVE (FTNODE-11).
    pub fn push(&mut self, _target: &PushTarget, _now: Time) -> Result<u32, NoPush> {
        Err(NoPush::NoSupernode)
    }

    /// Somebody has called and said GIVE with this number: whom we asked for that, if we did (FTNODE-14). A
    /// number is good for once.
    pub fn take_give(&mut self, _number: u32, _now: Time) -> Option<PushTarget> {
        None
    }

    /// What became of a call that [`Output::Pushed`] wanted.
    pub fn called_back(&mut self, _to: SocketAddrV4, _how: Callback, _now: Time) {}

    /// What is to be done, until there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// The message that goes next over a session that has room.
    pub fn transmit(&mut self, slot: Slot, now: Time) -> Option<Frame> {
        let frame = self.queues.pop(slot, now)?;
        let session = self.sessions.get_mut(slot)?;
        session.traffic.count_sent(frame.payload.len());
        Some(frame)
    }

    /// When [`timeout`](Self::timeout) is to be called, and what for.
    pub fn next_timeout(&self) -> Option<(Time, Reason)> {
        self.queues.next_timeout().map(|at| (at, Reason::Sessions))
    }

    /// Does all that is due.
    pub fn timeout(&mut self, now: Time) {
        let mut stalled = Vec::new();
        self.queues.timeout(now, &mut stalled);
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
        let count = |wanted: fn(Kin) -> bool| {
            let count = self.sessions.iter().filter(|(_, session)| wanted(session.kin)).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let is_supernode = |kin| matches!(kin, Kin::Neighbour | Kin::Parent);
        (count(|kin| kin == Kin::Child), count(is_supernode))
    }

    /// How large the network is, as far as we know.
    pub fn numbers(&self) -> Numbers {
        Numbers::default()
    }

    /// Under which address our supernode sees us.
    pub const fn seen_as(&self) -> Option<Ipv4Addr> {
        None
    }
}
