//! Files on their way to others, over real connections.
//!
//! ```text
//! engine ─► Arrival ─► Visit ─► Conversation ─► open ─► sendfile ─► socket
//!                        ◄── Shared: Counter, Mesh, Book ──► events, API
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | `visit` | the task of one connection |
//! | `door` | connections that we open to those who want a file |
//! | `inventory` | the library, as it is seen from here |
//! | `unfinished` | files of which a part is here |
//! | `part` | one of them, as whoever writes it and all who read it share it |
//! | `opening` | a file of a shared folder, and nothing else, is opened |
//! | `sending` | a part of it goes into a connection |
//! | `shared` | slots, queue and alternates, shared by all connections |
//! | `book` | what is under way, for whoever watches |
//!
//! What is in the page cache goes from there into the connection without being copied and without waiting;
//! what is not is read by threads that may wait for a disk.

mod book;
mod door;
mod inventory;
mod opening;
mod part;
mod sending;
mod shared;
mod unfinished;
mod visit;

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use door::Called;
pub use door::{Door, Outcome, nobody_was_there};
pub use inventory::{AllFiles, LibraryFiles};
pub use opening::{Located, Unopened};
pub(in crate::runtime) use part::Part;
use shared::Shared;
pub use unfinished::{Available, News, Offering, Unfinished};
use visit::Visit;

use crate::control::desk::Desk;
use crate::control::model;
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::http::{PushRequest, QueueCallback};
use crate::gnutella::push_proxy::Requested;
use crate::index::files::FileId;
use crate::runtime::engine::{Arrival, Lines, Wire};
use crate::transfer::upload::{About, Counter, Shelf, Terms, VisitId, turned_away};

/// How often it is looked whether somebody is too slow or has not come back.
const TICK: Duration = Duration::from_millis(500);

/// How long answers may take to be broken off at the end.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// How long it may take to say to somebody that there is no room.
const TURN_AWAY_TIMEOUT: Duration = Duration::from_secs(5);

/// Wishes that wait at most.
const WISHES_MAX: usize = 64;

/// What is shared, and where it is.
pub trait Files: Shelf {
    /// Where a file is, and where others with the same content are; nothing where it is shared no longer.
    fn copies(&self, file: FileId) -> Vec<(FileId, Located)>;

    /// The upper rows of its Tiger tree. May take as long as the disk does.
    fn tree(&self, file: FileId) -> Option<TreeRows>;

    /// A file that is shared could not be opened.
    fn cannot_open(&self, file: FileId, why: Unopened);

    /// The same as a shelf.
    fn shelf(&self) -> &dyn Shelf;
}

/// What the node is to do for those who ask for files.
#[derive(Debug)]
pub enum Wish {
    /// Pass a push on to a leaf, which is to call this address; say whether that was done.
    Push { request: PushRequest, from: IpAddr, to: SocketAddr, reply: oneshot::Sender<Requested> },
    /// Call somebody whose turn it is.
    Call { to: SocketAddr, callback: QueueCallback },
    /// Say in hits that these have this content too, and no others.
    NameSources { sha1: [u8; 20], sources: Vec<SocketAddrV4> },
}

/// What hits say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// A newcomer would have to wait.
    pub is_busy: bool,
    /// Somebody has taken a file to its end.
    pub has_uploaded: bool,
    /// What uploads were measured to bring, in kbit/s.
    pub speed_kbits: Option<u32>,
}

/// What uploads are made from.
pub struct Plan {
    pub terms: Terms,
    pub files: Arc<dyn Files>,
    pub about: About,
    pub seed: u64,
    pub lines: Lines,
    /// Whoever watches is told there.
    pub desk: Desk,
}

/// Serves those who ask for files.
pub struct Uploads {
    shared: Arc<Shared>,
    end: CancellationToken,
    tasks: TaskTracker,
    door: Door,
}

/// What uploads have for the rest of the program.
pub struct Outlets {
    pub doing: watch::Receiver<Doing>,
    pub wishes: mpsc::Receiver<Wish>,
}

impl Uploads {
    /// Begins to serve those who come over this door.
    pub fn start(plan: Plan, visitors: mpsc::Receiver<Arrival>) -> (Self, Outlets) {
        let Plan { terms, files, about, seed, lines, desk } = plan;
        let (wishes, wishes_outlet) = mpsc::channel(WISHES_MAX);
        let counter = Counter::new(terms, ChaCha8Rng::seed_from_u64(seed));
        let is_busy = counter.is_busy();
        let (doing, doing_outlet) = watch::channel(Doing { is_busy, ..Doing::default() });
        let shared = Arc::new(Shared::new(counter, (files, about), (doing, wishes), desk));
        let (end, tasks) = (CancellationToken::new(), TaskTracker::new());
        let reception = Reception {
            shared: Arc::clone(&shared),
            end: end.clone(),
            tasks: tasks.clone(),
            last: 0,
            lines: lines.clone(),
        };
        let (visits, called) = mpsc::channel(WISHES_MAX);
        tasks.spawn(reception.receive(visitors, called));
        let door = Door::new(lines, visits);
        let outlets = Outlets { doing: doing_outlet, wishes: wishes_outlet };
        (Self { shared, end, tasks, door }, outlets)
    }

    /// Other files are shared from now on. What is under way goes on.
    pub fn set_files(&self, files: Arc<dyn Files>) {
        self.shared.set_files(files);
    }

    /// We are somewhere else now.
    pub fn set_about(&self, about: About) {
        self.shared.set_about(about);
    }

    /// The user allows something else.
    pub fn set_terms(&self, terms: Terms) {
        self.shared.set_terms(terms, self.door.now());
    }

    /// What is under way.
    pub fn shown(&self) -> model::Uploads {
        self.shared.shown(self.door.now())
    }

    /// Where connections come in that we have opened.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// Ends everything.
    pub async fn end(self) {
        self.end.cancel();
        self.tasks.close();
        // What hangs then ends with the program.
        let _ = timeout(END_TIMEOUT, self.tasks.wait()).await;
    }
}

/// Takes those who come.
struct Reception {
    shared: Arc<Shared>,
    end: CancellationToken,
    tasks: TaskTracker,
    last: u64,
    lines: Lines,
}

impl Reception {
    async fn receive(
        mut self,
        mut visitors: mpsc::Receiver<Arrival>,
        mut called: mpsc::Receiver<Called>,
    ) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = self.end.clone();
        loop {
            tokio::select! {
                () = end.cancelled() => return,
                arrival = visitors.recv() => match arrival {
                    Some(arrival) => self.welcome(arrival, None),
                    None => return,
                },
                Some(Called { arrival, has_asked }) = called.recv() => {
                    self.welcome(arrival, Some(has_asked));
                }
                _ = ticks.tick() => self.shared.tick(self.lines.now()),
            }
        }
    }

    fn welcome(&mut self, arrival: Arrival, has_asked: Option<oneshot::Sender<bool>>) {
        self.last = self.last.saturating_add(1);
        let (shared, end) = (Arc::clone(&self.shared), self.end.clone());
        match Visit::new(VisitId(self.last), arrival, shared) {
            Ok(visit) => {
                self.tasks.spawn(visit.run(has_asked, end));
            }
            Err(wire) => {
                let head = turned_away(&self.shared.about());
                self.tasks.spawn(async move {
                    tokio::select! {
                        () = end.cancelled() => {}
                        _ = timeout(TURN_AWAY_TIMEOUT, turn_away(*wire, head)) => {}
                    }
                });
            }
        }
    }
}

/// Whoever is turned away is told so: a connection that ends without a word looks like a host that is none.
async fn turn_away(mut wire: Wire, head: Bytes) -> io::Result<()> {
    wire.write_all(&head).await?;
    wire.shut_down().await
}
