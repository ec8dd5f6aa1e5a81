//! Where the API and the node meet: requests go one way, what happens comes the other.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot};

use super::chronicle::{Chronicle, Watched};
use super::model::{
    Bandwidth, Bootstrap, Changed, Download, Happening, Hit, Host, Library, Network, Peer, PeerId,
    Search, SearchId, StartDownload, StartSearch, Status, Uploads,
};

/// Something that the API asks of the node. Each has a [`Reply`], which is used once.
#[derive(Debug)]
pub enum Request {
    Status(Reply<Status>),
    Peers(Reply<Vec<Peer>>),
    /// Connect to this host. Answered as soon as it is called, not when it has answered; it is not called
    /// where it is linked already.
    Connect(Network, SocketAddr, Reply<()>),
    Disconnect(PeerId, Reply<()>),
    Hosts(Reply<Vec<Host>>),
    /// These hosts may be worth a try.
    AddHosts(Network, Vec<SocketAddr>, Reply<()>),
    Bootstrap(Reply<Vec<Bootstrap>>),
    Searches(Reply<Vec<Search>>),
    StartSearch(StartSearch, Reply<Search>),
    Search(SearchId, Reply<Search>),
    /// The hits of a search from this number on.
    Hits {
        search: SearchId,
        from: u64,
        reply: Reply<Vec<Hit>>,
    },
    /// Ask nobody any more, and keep for a while what was found.
    StopSearch(SearchId, Reply<Search>),
    /// The same, and forget what was found.
    EndSearch(SearchId, Reply<()>),
    /// Ask this host what it shares. What it says are the hits of a search.
    Browse(SocketAddr, Reply<Search>),
    Downloads(Reply<Vec<Download>>),
    StartDownload(StartDownload, Reply<Download>),
    Download(u64, Reply<Download>),
    PauseDownload(u64, Reply<Download>),
    ResumeDownload(u64, Reply<Download>),
    CancelDownload(u64, Reply<()>),
    /// Up to so many shared files from this index on, or those that are found by words.
    Library {
        from: u32,
        limit: usize,
        words: Option<String>,
        reply: Reply<Library>,
    },
    /// Look through the shared folders again. Answered when that begins.
    Rescan(Reply<()>),
    Uploads(Reply<Uploads>),
    Bandwidth(Reply<Bandwidth>),
    SetBandwidth(Bandwidth, Reply<Bandwidth>),
    /// The configuration that is in force, without secrets, as `filbert config show` has it.
    Configuration(Reply<serde_json::Value>),
    /// Read the configuration again. Answered with the names of what has changed.
    Reload(Reply<Changed>),
    LogFilter(Reply<String>),
    SetLogFilter(String, Reply<String>),
    /// Say goodbye and end. Answered before that begins.
    ShutDown(Reply<()>),
}

/// Why a request was not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing of this name.
    #[error("{0}")]
    NotFound(String),
    /// It cannot be done, or makes no sense: one sentence that says what to do.
    #[error("{0}")]
    Invalid(String),
    /// Not now: too much runs already, or the node is ending.
    #[error("{0}")]
    Unavailable(String),
}

/// Where the answer to a [`Request`] goes.
#[derive(Debug)]
pub struct Reply<T>(oneshot::Sender<Result<T, Refusal>>);

impl<T> Reply<T> {
    /// Answers. That nobody waits any more is no matter.
    pub fn send(self, answer: Result<T, Refusal>) {
        let _ = self.0.send(answer);
    }
}

/// The side of whoever asks. Clones ask the same node.
#[derive(Clone, Debug)]
pub struct Desk {
    requests: mpsc::Sender<Request>,
    happenings: Chronicle,
}

/// The side of the node.
#[derive(Debug)]
pub struct NodeSide {
    pub requests: mpsc::Receiver<Request>,
    pub happenings: Chronicle,
}

/// Requests that wait at most before whoever asks has to wait.
const REQUESTS_MAX: usize = 64;

impl Desk {
    /// A desk, and the side of it that the node has.
    pub fn new() -> (Self, NodeSide) {
        let (requests, receiver) = mpsc::channel(REQUESTS_MAX);
        let happenings = Chronicle::new();
        let desk = Self { requests, happenings: happenings.clone() };
        (desk, NodeSide { requests: receiver, happenings })
    }

    /// Asks, and waits for the answer: `desk.ask(Request::Status).await`.
    pub async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let gone = || Refusal::Unavailable("the node is ending: start it again".to_owned());
        self.requests.send(request(Reply(sender))).await.map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?
    }

    /// Tells whoever watches. For what happens beside the node.
    pub fn tell(&self, happening: Happening) {
        self.happenings.tell(happening);
    }

    /// What happens from now on.
    pub fn watch(&self) -> broadcast::Receiver<Arc<Happening>> {
        self.happenings.watch()
    }

    /// The same, for who comes back and knows what has happened up to this number.
    pub fn watch_after(&self, known: Option<u64>) -> Watched {
        self.happenings.watch_after(known)
    }
}
