//! A node that only seems to be one: it answers what the API asks from what the test has put in.
//!
//! ```text
//! let node = FakeNode::start();               // in a tokio runtime
//! let served = node.serve().await;            // on a port of loopback
//! node.change(|state| state.peers.push(a_peer(7)));
//! node.tell(Happening::Stopping);
//! ```

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use filbert::control::chronicle::Chronicle;
use filbert::control::credentials::Token;
use filbert::control::desk::{Desk, NodeSide};
use filbert::control::model::Happening;
use filbert::control::server::{Door, Limits, serve_within};
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

mod samples;
mod state;

#[allow(unused_imports, reason = "each test uses a part of it")]
pub use samples::{a_download, a_hit, a_host, a_peer, a_search, a_shared_file, a_status};
pub use state::State;

/// How long a test waits for what has to come, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct FakeNode {
    pub desk: Desk,
    happenings: Chronicle,
    state: Arc<Mutex<State>>,
}

/// A server in front of a fake node.
pub struct Served {
    /// `127.0.0.1:PORT`, or nothing at a unix socket.
    pub address: Option<SocketAddr>,
    pub token: Token,
    pub shutdown: CancellationToken,
    pub task: JoinHandle<()>,
}

impl FakeNode {
    /// A node with nobody around. It lives as long as the runtime of the test.
    pub fn start() -> Self {
        let (desk, node_side) = Desk::new();
        let state = Arc::new(Mutex::new(State::new()));
        let happenings = node_side.happenings.clone();
        tokio::spawn(answer_all(node_side, Arc::clone(&state)));
        Self { desk, happenings, state }
    }

    /// Looks at the node or changes it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut lock(&self.state))
    }

    /// Lets something happen. What is found or ended is kept as a node keeps it.
    pub fn tell(&self, happening: Happening) {
        lock(&self.state).keep(&happening);
        self.happenings.tell(happening);
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.happenings.watchers()
    }

    /// Serves on a free port of 127.0.0.1.
    pub async fn serve(&self) -> Served {
        self.serve_within(Limits::default()).await
    }

    pub async fn serve_within(&self, limits: Limits) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let token = Token::random().unwrap();
        Served { address: Some(address), ..self.serve_at(listener, token, limits) }
    }

    /// Serves at a unix socket.
    pub fn serve_unix(&self, path: &Path) -> Served {
        let token = Token::random().unwrap();
        self.serve_at(UnixListener::bind(path).unwrap(), token, Limits::default())
    }

    /// Serves on a free port of 127.0.0.1, and leaves in `home` what a running node leaves there:
    /// its token, and where it is.
    pub async fn serve_from(&self, home: &Path) -> Served {
        let token = Token::load_or_create(&home.join("token")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = self.serve_at(listener, token, Limits::default());
        let api = format!("http://{address}");
        std::fs::write(home.join("node.json"), node_json(&api)).unwrap();
        Served { address: Some(address), ..served }
    }

    /// The same at the unix socket `api.sock` in `home`.
    pub fn serve_unix_from(&self, home: &Path) -> Served {
        let token = Token::load_or_create(&home.join("token")).unwrap();
        let path = home.join("api.sock");
        let served = self.serve_at(UnixListener::bind(&path).unwrap(), token, Limits::default());
        let api = format!("unix:{}", path.display());
        std::fs::write(home.join("node.json"), node_json(&api)).unwrap();
        served
    }

    fn serve_at(&self, door: impl Door, token: Token, limits: Limits) -> Served {
        let shutdown = CancellationToken::new();
        let (desk, end) = (self.desk.clone(), shutdown.clone());
        let serving = serve_within(limits, door, desk, token.clone(), end);
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Served { address: None, token, shutdown, task }
    }
}

impl Served {
    /// Ends the server, and waits until it has.
    pub async fn end(self) {
        self.shutdown.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.expect("it does not end").unwrap();
    }
}

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

/// A new folder for one test, which is empty and nobody else's.
pub fn new_home(name: &str) -> PathBuf {
    let folder = format!("filbert-{name}-{}", std::process::id());
    let path = std::env::temp_dir().join(folder);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn node_json(api: &str) -> String {
    let node = serde_json::json!({
        "pid": std::process::id(),
        "api": api,
        "version": "0.1.0",
        "started": "2026-01-01T00:00:00Z",
    });
    node.to_string()
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer_all(mut node_side: NodeSide, state: Arc<Mutex<State>>) {
    while let Some(request) = node_side.requests.recv().await {
        let started = lock(&state).answer(request);
        if let Some(happening) = started {
            node_side.happenings.tell(happening);
        }
    }
}
