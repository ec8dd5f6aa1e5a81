//! The node over real sockets: whoever owns it, and the tasks of its connections.
//!
//! ```text
//! socket ─► LinkTask ── News ──► Inbox ─► Owner(Node)          many messages a wake-up
//!        ◄─          ◄─ Mailbox ◄───────  (flush)              as much as the link has room for
//! ```
//!
//! One task owns the [`Node`]; each connection has a task with its [`Link`](crate::gnutella::link::Link), which
//! inflates and frames by itself. A link may have two batches unanswered and reads on only when one is worked off,
//! so that a neighbour who sends much waits and nobody else does.
//!
//! | module | what it is |
//! |---|---|
//! | `owner` | the task that owns the node |
//! | | `hearing`: what has come goes in; `following`, `delivering`: what follows goes out |
//! | `link_task` | the task of one connection: `reading`, `writing`, `securing`, `timing` |
//! | `session_task` | the same of a session of FastTrack |
//! | `stream`, `pipe` | its bytes, in the clear or secret, within the limits of the user |
//! | `alarm` | its timer |
//! | `accept`, `dial`, `sockets` | how connections come about |
//! | `browse` | asking others what they share |
//! | `arrival` | connections that are no links: they are handed to the rooms of transfers |
//! | `lines` | calls to others that are no links |
//! | `datagrams` | the one socket for datagrams |
//! | `inbox`, `mailbox` | links to owner, owner to link |
//! | `pressure`, `line` | who waits when more comes in than goes out; the limits of the user |
//! | `hall` | what all of these share |
//! | `front`, `serve`, `peers`, `fasttrack`, `searches`, `hits` | what the API sees |
//! | `errand`, `meter`, `clock`, `counters` | what the program wants, and what is measured |

mod accept;
mod alarm;
mod arrival;
mod browse;
mod clock;
mod counters;
mod datagrams;
mod dial;
mod errand;
mod fasttrack;
mod front;
mod hall;
mod hits;
mod inbox;
mod line;
mod lines;
mod link_task;
mod mailbox;
mod meter;
mod owner;
mod peers;
mod pipe;
mod pressure;
mod searches;
mod serve;
mod session_task;
mod sockets;
mod stream;
mod visitor;

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use arrival::{Arrival, Line, Wire};
pub use clock::Clock;
use datagrams::Datagrams;
pub use errand::{Errand, Kept, Standing};
use front::Front;
use hall::Hall;
pub use lines::Lines;
use owner::{Doors, Owner, Parts};
use sockets::Sockets;
pub(in crate::runtime) use stream::Stream;
pub use stream::{Duplex, Securer, Securing};

use crate::control::desk::{NodeSide, Request};
use crate::control::model::Bandwidth;
use crate::fasttrack::peer;
use crate::gnutella::link::Port;
use crate::gnutella::push_proxy::Callback;
use crate::node::{self, Command, Event, Node};
use crate::promotion::Observation;

/// Errands and requests that wait at most.
const ERRANDS_MAX: usize = 64;

/// Descriptors that others than connections of links need: files, downloads, the API, the state.
const DESCRIPTORS_OTHERS: u64 = 256;

/// Where there are few descriptors, connections get all but one in so many. A node that does nothing yet has
/// twenty.
const DESCRIPTORS_SHARE: u64 = 2;

/// What an engine is made from.
pub struct Plan {
    /// What the node is told.
    pub node: node::Config,
    /// All that is random follows from it, but for when things happen.
    pub seed: u64,
    /// Where others reach us.
    pub sockets: OpenSockets,
    /// The same for FastTrack alone, where it has a port of its own.
    pub fasttrack: Option<OpenSockets>,
    /// From which address of ours others are called.
    pub from: Option<IpAddr>,
    /// Makes connections secret, where both sides want it.
    pub securer: Option<Arc<dyn Securer>>,
    /// How many descriptors the process may have.
    pub descriptors: u64,
}

/// Sockets that listen already.
pub struct OpenSockets(Sockets);

impl OpenSockets {
    /// Listens for connections and datagrams on one port.
    pub fn open(listen: SocketAddr) -> io::Result<Self> {
        Sockets::open(listen).map(Self)
    }

    /// As the system says.
    pub const fn listen(&self) -> SocketAddr {
        self.0.listen
    }
}

/// A node that runs.
pub struct Engine {
    errands: mpsc::Sender<Errand>,
    owner: JoinHandle<Kept>,
}

/// What a running node has for the rest of the program.
pub struct Outlets {
    /// Events that others than the node work on.
    pub events: mpsc::Receiver<Event>,
    /// Requests of the API that the node does not know.
    pub requests: mpsc::Receiver<Request>,
    /// Those who ask for files.
    pub visitors: mpsc::Receiver<Arrival>,
    /// Those who bring a file that we have asked for, or say that it is our turn: `GIV` and `QUEUE`.
    pub callers: mpsc::Receiver<Arrival>,
    /// What the node takes for the time.
    pub clock: Clock,
    /// For calls to others that are no links.
    pub lines: Lines,
}

impl Engine {
    /// Begins. Requests of the API come in over its side of the desk.
    pub fn start(plan: Plan, node_side: NodeSide) -> (Self, Outlets) {
        let Plan { node: config, seed, sockets, fasttrack, from, securer, descriptors } = plan;
        let Sockets { listener, datagrams, listen } = sockets.0;
        let clock = Clock::start();
        let node = Node::new(config, seed, clock.now());
        let hall = Hall::new(clock, node.profile(), securer);
        let hall = Arc::new(hall.with_fasttrack(node.fasttrack_profile().cloned(), seed));
        let datagrams = Arc::new(Datagrams::new(datagrams));
        let others = DESCRIPTORS_OTHERS.min(descriptors / DESCRIPTORS_SHARE);
        let connections = descriptors.saturating_sub(others);
        let connections_max = usize::try_from(connections).unwrap_or(usize::MAX);
        let lines = Lines::new(Arc::clone(&hall), from, connections_max);
        let end = CancellationToken::new();

        let (events, event_outlet) = mpsc::channel(ERRANDS_MAX);
        let (elsewhere, request_outlet) = mpsc::channel(ERRANDS_MAX);
        let (errand_sender, errands) = mpsc::channel(ERRANDS_MAX);
        let (visits, visitors) = mpsc::channel(ERRANDS_MAX);
        let (calls, callers) = mpsc::channel(ERRANDS_MAX);
        let front = Front::new(node_side.happenings, events, elsewhere);
        let fasttrack = fasttrack.map(|OpenSockets(sockets)| sockets);
        let (fasttrack_listener, fasttrack_datagrams) = match fasttrack {
            Some(Sockets { listener, datagrams, .. }) => {
                (Some(listener), Arc::new(Datagrams::new(datagrams)))
            }
            None => (None, Arc::clone(&datagrams)),
        };
        let parts = Parts {
            node,
            hall: Arc::clone(&hall),
            datagrams: Arc::clone(&datagrams),
            fasttrack_datagrams: Arc::clone(&fasttrack_datagrams),
            from,
            lines: lines.clone(),
            front,
            listen,
        };
        let mut owner = Owner::new(parts);
        owner.learn_of_machine(descriptors, others);
        hall.set_profile(owner.profile());
        let rooms = accept::Rooms { visits, calls };
        let reception = accept::Reception {
            hall: Arc::clone(&hall),
            rooms,
            connections_max,
            port: Port::Shared,
            end: end.clone(),
        };
        if let Some(listener) = fasttrack_listener {
            tokio::spawn(reception.of_fasttrack().accept(listener));
            tokio::spawn(fasttrack_datagrams.receive(Arc::clone(&hall), end.clone()));
        }
        tokio::spawn(reception.accept(listener));
        tokio::spawn(datagrams.receive(hall, end.clone()));
        let doors = Doors { requests: node_side.requests, errands };
        let owner = tokio::spawn(async move {
            let owner = owner.run(doors).await;
            end.cancel();
            owner.keep_last()
        });
        let outlets = Outlets {
            events: event_outlet,
            requests: request_outlet,
            visitors,
            callers,
            clock,
            lines,
        };
        (Self { errands: errand_sender, owner }, outlets)
    }

    /// Has the node do something.
    pub async fn command(&self, command: Command) {
        self.run(Errand::Command(command)).await;
    }

    /// Tells the node what was measured.
    pub async fn observe(&self, observation: Observation) {
        self.run(Errand::Observe(observation)).await;
    }

    /// Tells the node what has become of a connection that a push wanted.
    pub async fn callback_ended(&self, address: SocketAddr, how: Callback) {
        self.run(Errand::CallbackEnded { address, how }).await;
    }

    /// The same of a push of FastTrack.
    pub async fn give_ended(&self, to: SocketAddrV4, how: peer::Callback) {
        self.run(Errand::GiveEnded { to, how }).await;
    }

    /// Tells the node that nobody waits for the answer to a push of ours in FastTrack any more.
    pub async fn push_over(&self, number: u32) {
        self.run(Errand::PushOver { number }).await;
    }

    /// Searches have higher numbers from now on: this one may be that of an earlier run.
    pub async fn number_searches_after(&self, last: u64) {
        self.run(Errand::SearchesBefore(last)).await;
    }

    /// Has all connections together send and receive no more than this.
    pub async fn limit(&self, bandwidth: Bandwidth) {
        self.run(Errand::Limit(bandwidth)).await;
    }

    /// What the next run should know, as of now; none if the node has ended.
    pub async fn keep(&self) -> Option<Kept> {
        let (sender, receiver) = oneshot::channel();
        self.run(Errand::Keep(sender)).await;
        receiver.await.ok()
    }

    /// How others reach us, as of now; none if the node has ended.
    pub async fn standing(&self) -> Option<Standing> {
        let (sender, receiver) = oneshot::channel();
        self.run(Errand::Stand(sender)).await;
        receiver.await.ok()
    }

    /// Says goodbye to everybody, and gives back what the next run should know.
    pub async fn end(self) -> Option<Kept> {
        self.run(Errand::ShutDown).await;
        self.owner.await.ok()
    }

    async fn run(&self, errand: Errand) {
        // A node that has ended does nothing any more.
        let _ = self.errands.send(errand).await;
    }
}
