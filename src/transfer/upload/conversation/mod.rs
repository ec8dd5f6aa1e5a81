//! One connection over which somebody asks for files: bytes come in, heads and bodies go out.
//!
//! ```text
//! Received ─► request ─► Counter, Shelf ─► Open ─► Opened ─► Answer ─► Written ─► the next request
//! ```
//!
//! Requests are answered one after the other; what comes before its time waits, up to a limit.

mod answering;
mod heads;
mod listing;
mod naming;
mod tongue;

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};

use super::counter::{Counter, Refusal, VisitId};
use super::mesh::{Mesh, Teller};
use super::shelf::{Item, Shelf};
use crate::base::limits::{
    QUICK_TIMEOUT_MS, REQUEST_TIMEOUT_MS, REQUESTS_AHEAD_LEN_MAX, REQUESTS_IN_VAIN_MAX,
};
use crate::base::mutant::mutant;
use crate::base::ranges::ByteRange;
use crate::base::time::Time;
use crate::fasttrack::http::Sender;
use crate::gnutella::holder::Holder;
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::http::{AltHost, Method, NodeInfo, PushRequest, RequestReader, Status};
use crate::gnutella::push_proxy::Requested;
use crate::index::files::FileId;
use listing::Listing;
use tongue::Tongue;

/// What a connection needs besides itself.
pub struct World<'a> {
    pub shelf: &'a dyn Shelf,
    pub counter: &'a mut Counter,
    pub mesh: &'a mut Mesh,
    pub about: &'a About,
}

/// Who we are.
#[derive(Clone, Debug)]
pub struct About {
    /// The name of the program.
    pub server: String,
    /// We, as hits say it.
    pub holder: Holder,
    /// Where others reach us, if they do.
    pub node: Option<SocketAddr>,
    /// How they reach us otherwise.
    pub behind: Option<NodeInfo>,
    /// Hosts in private networks are as good as others.
    pub allow_private: bool,
    /// We, as FastTrack knows us; none where we do not speak that.
    pub kazaa: Option<Sender>,
}

/// The head for somebody for whom there is no room, whatever it asks for (UPLOAD-13).
pub fn turned_away(about: &About) -> Bytes {
    heads::refused(Refusal::HostFull, about).to_bytes()
}

/// What happens at a connection.
#[derive(Debug)]
pub enum Input<'a> {
    /// It has sent this.
    Received(&'a [u8]),
    /// The file of an [`Output::Open`] is open, and what it was when it was shared; or it is not.
    Opened(bool),
    /// The file of an [`Output::Open`] cannot be opened for now.
    NotNow,
    /// The upper rows of the Tiger tree of an [`Output::ReadTree`], if they are known.
    Tree(Option<TreeRows>),
    /// What became of an [`Output::Push`].
    Pushed(Requested),
    /// The last bytes of the last answer are about to go.
    Ending,
    /// All of the last answer has gone.
    Written,
    /// Time has passed.
    Timeout,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Open this file, and say how that went.
    Open(FileId),
    /// Look up the Tiger tree of this file.
    ReadTree(FileId),
    /// Send this, and say when it has gone.
    Answer { head: Bytes, body: Body },
    /// Have a push passed on, and say how that went.
    Push { request: PushRequest, to: SocketAddr },
    /// End the connection, once all has gone.
    Close,
}

/// What follows a head.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    Nothing,
    Bytes(Bytes),
    /// A part of the file that is open.
    File {
        file: FileId,
        range: ByteRange,
    },
}

/// One connection.
#[derive(Debug)]
pub struct Conversation {
    visit: VisitId,
    address: SocketAddr,
    reader: RequestReader,
    /// What came and was not yet read.
    ahead: BytesMut,
    phase: Phase,
    /// When it ends unless something happens.
    deadline: Option<Time>,
    /// Requests that got nothing.
    in_vain: u32,
    has_told_features: bool,
    has_asked: bool,
    /// Of the request that is answered.
    tongue: Tongue,
    out: VecDeque<Output>,
}

#[derive(Debug)]
enum Phase {
    /// A request is awaited.
    Reading,
    /// A file is being opened.
    Opening(Box<Plan>),
    /// A Tiger tree is being looked up.
    ReadingTree {
        method: Method,
        keeps: bool,
    },
    /// A push is being passed on.
    Pushing {
        keeps: bool,
    },
    /// An answer is being sent.
    Answering {
        keeps: bool,
        idle_ms: u64,
    },
    /// A list is being sent, piece by piece.
    Listing(Box<Listing>),
    Over,
}

/// An answer with a part of a file, before the file is open.
#[derive(Debug)]
struct Plan {
    item: Item,
    range: ByteRange,
    is_part: bool,
    keeps: bool,
    others: Vec<AltHost>,
}

impl Conversation {
    /// Somebody has connected.
    pub fn new(visit: VisitId, address: SocketAddr, now: Time) -> Self {
        Self {
            visit,
            address,
            reader: RequestReader::default(),
            ahead: BytesMut::new(),
            phase: Phase::Reading,
            deadline: Some(now.after_ms(REQUEST_TIMEOUT_MS)).filter(|_| !mutant!(WaitsForRequests)),
            in_vain: 0,
            has_told_features: false,
            has_asked: false,
            tongue: Tongue::Gnutella,
            out: VecDeque::new(),
        }
    }

    /// Takes in what has happened.
    pub fn handle(&mut self, input: Input<'_>, world: &mut World<'_>, now: Time) {
        match input {
            Input::Received(bytes) => {
                if self.ahead.is_empty() && matches!(self.phase, Phase::Reading) {
                    self.deadline = Some(now.after_ms(REQUEST_TIMEOUT_MS));
                    self.deadline.take_if(|_| mutant!(WaitsForRequests));
                }
                self.ahead.extend_from_slice(bytes);
                self.read_on(world, now);
            }
            Input::Opened(is_open) => self.opened(is_open, world, now),
            Input::NotNow => self.not_now(world, now),
            Input::Tree(rows) => self.answer_tree(rows, world, now),
            Input::Pushed(outcome) => self.pushed(outcome, world, now),
            Input::Ending => {
                if matches!(self.phase, Phase::Answering { keeps: false, .. }) {
                    world.counter.ending(self.visit);
                }
            }
            Input::Written => self.written(world, now),
            Input::Timeout => {
                if self.deadline.is_some_and(|deadline| deadline <= now) {
                    self.close();
                }
            }
        }
    }

    /// What is to be done.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When it wants to be told the time.
    pub const fn next_timeout(&self) -> Option<Time> {
        self.deadline
    }

    /// Whether more may be read from it. Who does not wait for answers is not read from.
    pub fn wants_bytes(&self) -> bool {
        !self.is_over() && self.ahead.len() < REQUESTS_AHEAD_LEN_MAX
    }

    /// Whether a file, a hash tree or the list of files was asked for, whatever the answer was.
    pub const fn has_asked(&self) -> bool {
        self.has_asked
    }

    /// Whether it is closed, or about to be.
    pub const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    fn read_on(&mut self, world: &mut World<'_>, now: Time) {
        while matches!(self.phase, Phase::Reading) {
            match self.reader.take_from(&mut self.ahead) {
                Ok(Some(request)) => self.answer(&request, world, now),
                Ok(None) => return,
                Err(bad) => {
                    let head = heads::plain(bad.status, world.about, false);
                    self.send(&head, Body::Nothing, false, now);
                }
            }
        }
    }

    fn written(&mut self, world: &mut World<'_>, now: Time) {
        if let Phase::Listing(listing) = &mut self.phase {
            if let Some(piece) = listing.next_piece(world) {
                self.deadline = Some(now.after_ms(QUICK_TIMEOUT_MS));
                let (head, body) = (Bytes::new(), Body::Bytes(piece));
                self.out.push_back(Output::Answer { head, body });
            } else {
                world.counter.finished(self.visit, now);
                self.close();
            }
            return;
        }
        let Phase::Answering { keeps, idle_ms } = self.phase else { return };
        world.counter.finished(self.visit, now);
        if !keeps || self.in_vain >= REQUESTS_IN_VAIN_MAX {
            // Before the other side can see the end, and come again.
            world.counter.gone(self.visit, now);
            return self.close();
        }
        self.phase = Phase::Reading;
        let has_begun = !self.ahead.is_empty();
        self.deadline = Some(now.after_ms(if has_begun { REQUEST_TIMEOUT_MS } else { idle_ms }));
        self.read_on(world, now);
    }

    fn close(&mut self) {
        if !self.is_over() {
            self.phase = Phase::Over;
            self.deadline = None;
            self.out.push_back(Output::Close);
        }
    }

    fn teller(&self, about: &About) -> Teller {
        let (ours, allow_private) = (about.node, about.allow_private);
        Teller { address: self.address, ours, allow_private }
    }

    /// Somebody gets nothing but a status.
    fn refuse(&mut self, status: Status, keeps: bool, world: &World<'_>, now: Time) {
        self.in_vain = self.in_vain.saturating_add(1);
        let head = self.signed(heads::plain(status, world.about, keeps), world.about);
        self.send(&head, Body::Nothing, keeps, now);
    }
}
