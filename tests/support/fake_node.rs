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

use filbert::control::credentials::Token;
use filbert::control::desk::{Counter, Desk, Refusal, Reply, Request};
use filbert::control::model::{
    Bandwidth, Bootstrap, Direction, Happening, Hit, Host, HostQuality, Links, Peer, PeerId,
    Promotion, QueryTable, Queue, Role, Search, SearchId, SearchState, Status, Totals,
};
use filbert::control::server::{Limits, serve_within};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long a test waits for what has to come, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the node has. Tests change it as they like.
pub struct State {
    pub status: Status,
    pub peers: Vec<Peer>,
    pub hosts: Vec<Host>,
    pub bootstrap: Vec<Bootstrap>,
    pub searches: Vec<Search>,
    pub hits: Vec<Hit>,
    pub bandwidth: Bandwidth,
    pub configuration: serde_json::Value,
    /// What the next reload says has changed.
    pub changed: Vec<String>,
    pub log_filter: String,
    /// Hosts that it was told to call.
    pub called: Vec<SocketAddr>,
    /// Hosts that were handed in.
    pub added: Vec<SocketAddr>,
    pub stopping: bool,
    /// It takes requests and answers none.
    pub silent: bool,
    /// It refuses everything, with this.
    pub refusal: Option<Refusal>,
    /// Requests that it has taken.
    pub requests: u64,
    unanswered: Vec<Request>,
}

pub struct FakeNode {
    pub desk: Desk,
    happenings: broadcast::Sender<Arc<Happening>>,
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
        let (desk, counter) = Desk::new();
        let state = Arc::new(Mutex::new(State::new()));
        let happenings = counter.happenings.clone();
        tokio::spawn(answer_all(counter, Arc::clone(&state)));
        Self { desk, happenings, state }
    }

    /// Looks at the node or changes it.
    pub fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut lock(&self.state))
    }

    /// Lets something happen. What is found or ended is kept as a node keeps it.
    pub fn tell(&self, happening: Happening) {
        lock(&self.state).keep(&happening);
        // That nobody watches is no matter.
        let _ = self.happenings.send(Arc::new(happening));
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.happenings.receiver_count()
    }

    /// Serves on a free port of 127.0.0.1.
    pub async fn serve(&self) -> Served {
        self.serve_within(Limits::default()).await
    }

    pub async fn serve_within(&self, limits: Limits) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Served { address: Some(address), ..self.serve_at(listener, limits) }
    }

    /// Serves at a unix socket.
    pub fn serve_unix(&self, path: &Path) -> Served {
        self.serve_at(UnixListener::bind(path).unwrap(), Limits::default())
    }

    fn serve_at(&self, door: impl filbert::control::server::Door, limits: Limits) -> Served {
        let token = Token::random().unwrap();
        let shutdown = CancellationToken::new();
        let serving =
            serve_within(limits, door, self.desk.clone(), token.clone(), shutdown.clone());
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Served { address: None, token, shutdown, task }
    }

    /// Serves on a free port of 127.0.0.1, and leaves in `home` what a running node leaves there:
    /// its token, and where it is.
    pub async fn serve_from(&self, home: &Path) -> Served {
        let token = Token::load_or_create(&home.join("token")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = self.serve_with_token(listener, token);
        let api = format!("http://{address}");
        std::fs::write(home.join("node.json"), node_json(&api)).unwrap();
        Served { address: Some(address), ..served }
    }

    /// The same at the unix socket `api.sock` in `home`.
    pub fn serve_unix_from(&self, home: &Path) -> Served {
        let token = Token::load_or_create(&home.join("token")).unwrap();
        let path = home.join("api.sock");
        let served = self.serve_with_token(UnixListener::bind(&path).unwrap(), token);
        let api = format!("unix:{}", path.display());
        std::fs::write(home.join("node.json"), node_json(&api)).unwrap();
        served
    }

    fn serve_with_token(&self, door: impl filbert::control::server::Door, token: Token) -> Served {
        let shutdown = CancellationToken::new();
        let (desk, end) = (self.desk.clone(), shutdown.clone());
        let serving = serve_within(Limits::default(), door, desk, token.clone(), end);
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

pub fn a_peer(id: u64) -> Peer {
    let last = u8::try_from(id % 250).unwrap();
    Peer {
        id: PeerId(id),
        address: SocketAddr::from(([192, 0, 2, last], 6346)),
        listen: Some(SocketAddr::from(([192, 0, 2, last], 6346))),
        direction: if id.is_multiple_of(2) { Direction::Incoming } else { Direction::Outgoing },
        role: if id.is_multiple_of(3) { Role::Leaf } else { Role::Ultrapeer },
        vendor: Some("gtk-gnutella/1.2.3".to_owned()),
        version: "0.6".to_owned(),
        servent_id: Some("00112233445566778899aabbccddeeff".to_owned()),
        uptime_s: 61,
        tls: false,
        deflate_in: true,
        deflate_out: false,
        received_bytes: 1_000,
        sent_bytes: 2_000,
        received_messages: 10,
        sent_messages: 20,
        dropped_messages: 1,
        queue: Queue { messages: 2, bytes: 300 },
        query_table: Some(QueryTable { slots: 65_536, filled: 655, fill_permille: 9 }),
        round_trip_ms: Some(42),
    }
}

pub fn a_host(last: u8) -> Host {
    let address = SocketAddr::from(([198, 51, 100, last], 6346));
    Host { address, quality: HostQuality::Met, ultrapeer: true, age_s: 7 }
}

pub fn a_search(id: u64, words: &str) -> Search {
    Search {
        id: SearchId(id),
        words: words.to_owned(),
        state: SearchState::Running,
        why: None,
        hits: 0,
        hits_kept: 0,
        age_s: 0,
    }
}

pub fn a_hit(search: u64, number: u64) -> Hit {
    Hit {
        search: SearchId(search),
        number,
        name: format!("file {number}.ogg"),
        size: 1_234_567,
        sha1: Some("PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB".to_owned()),
        address: SocketAddr::from(([203, 0, 113, 7], 6346)),
        index: 5,
        vendor: Some("GTKG".to_owned()),
        servent_id: "00112233445566778899aabbccddeeff".to_owned(),
        firewalled: false,
        busy: false,
        hops: 2,
        speed: 350,
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer_all(mut counter: Counter, state: Arc<Mutex<State>>) {
    while let Some(request) = counter.requests.recv().await {
        let started = lock(&state).answer(request);
        if let Some(happening) = started {
            let _ = counter.happenings.send(Arc::new(happening));
        }
    }
}

impl State {
    fn new() -> Self {
        Self {
            status: a_status(),
            peers: Vec::new(),
            hosts: Vec::new(),
            bootstrap: Vec::new(),
            searches: Vec::new(),
            hits: Vec::new(),
            bandwidth: Bandwidth::default(),
            configuration: serde_json::json!({ "role": "auto" }),
            changed: Vec::new(),
            log_filter: "info".to_owned(),
            called: Vec::new(),
            added: Vec::new(),
            stopping: false,
            silent: false,
            refusal: None,
            requests: 0,
            unanswered: Vec::new(),
        }
    }

    fn keep(&mut self, happening: &Happening) {
        match happening {
            Happening::Hit(hit) => {
                self.hits.push(hit.clone());
                if let Ok(search) = self.search(hit.search) {
                    search.hits += 1;
                    search.hits_kept += 1;
                }
            }
            Happening::SearchEnded { search, why, .. } => {
                if let Ok(search) = self.search(*search) {
                    search.state = SearchState::Ended;
                    search.why = Some(why.clone());
                }
            }
            _ => {}
        }
    }

    fn search(&mut self, id: SearchId) -> Result<&mut Search, Refusal> {
        let missing = || Refusal::NotFound("no search has this number: list them".to_owned());
        self.searches.iter_mut().find(|search| search.id == id).ok_or_else(missing)
    }

    fn disconnect(&mut self, id: PeerId) -> Result<(), Refusal> {
        let before = self.peers.len();
        self.peers.retain(|peer| peer.id != id);
        let missing = || Refusal::NotFound("no open link has this number: list them".to_owned());
        if self.peers.len() == before { Err(missing()) } else { Ok(()) }
    }

    fn start_search(&mut self, words: &str) -> Search {
        let number = self.searches.iter().map(|search| search.id.0 + 1).max().unwrap_or(1);
        let search = a_search(number, words);
        self.searches.push(search.clone());
        search
    }

    fn hits(&mut self, search: SearchId, from: u64) -> Result<Vec<Hit>, Refusal> {
        self.search(search)?;
        let wanted = self.hits.iter().filter(|hit| hit.search == search && hit.number >= from);
        Ok(wanted.cloned().collect())
    }

    /// Answers, and says what has happened thereby.
    fn answer(&mut self, request: Request) -> Option<Happening> {
        self.requests += 1;
        if self.silent {
            self.unanswered.push(request);
            return None;
        }
        let refusal = self.refusal.clone();
        match request {
            Request::Status(reply) => send(reply, refusal, || Ok(self.status.clone())),
            Request::Peers(reply) => send(reply, refusal, || Ok(self.peers.clone())),
            Request::Connect(address, reply) => send(reply, refusal, || {
                self.called.push(address);
                Ok(())
            }),
            Request::Disconnect(id, reply) => send(reply, refusal, || self.disconnect(id)),
            Request::Hosts(reply) => send(reply, refusal, || Ok(self.hosts.clone())),
            Request::AddHosts(hosts, reply) => send(reply, refusal, || {
                self.added.extend(hosts);
                Ok(())
            }),
            Request::Bootstrap(reply) => send(reply, refusal, || Ok(self.bootstrap.clone())),
            Request::Searches(reply) => send(reply, refusal, || Ok(self.searches.clone())),
            Request::StartSearch(words, reply) => {
                if refusal.is_some() {
                    send(reply, refusal, || Ok(a_search(0, &words)));
                    return None;
                }
                let search = self.start_search(&words);
                let started = Happening::SearchStarted { search: search.id, words };
                reply.send(Ok(search));
                return Some(started);
            }
            Request::Search(id, reply) => send(reply, refusal, || self.search(id).cloned()),
            Request::Hits { search, from, reply } => {
                send(reply, refusal, || self.hits(search, from));
            }
            Request::EndSearch(id, reply) => send(reply, refusal, || {
                self.search(id)?;
                self.searches.retain(|search| search.id != id);
                Ok(())
            }),
            Request::Bandwidth(reply) => send(reply, refusal, || Ok(self.bandwidth)),
            Request::SetBandwidth(wanted, reply) => send(reply, refusal, || {
                self.bandwidth = wanted;
                Ok(wanted)
            }),
            Request::Configuration(reply) => {
                send(reply, refusal, || Ok(self.configuration.clone()));
            }
            Request::Reload(reply) => send(reply, refusal, || Ok(self.changed.clone())),
            Request::LogFilter(reply) => send(reply, refusal, || Ok(self.log_filter.clone())),
            Request::SetLogFilter(filter, reply) => send(reply, refusal, || {
                self.log_filter.clone_from(&filter);
                Ok(filter)
            }),
            Request::ShutDown(reply) => {
                send(reply, refusal, || {
                    self.stopping = true;
                    Ok(())
                });
                return self.stopping.then_some(Happening::Stopping);
            }
        }
        None
    }
}

fn send<T>(reply: Reply<T>, refusal: Option<Refusal>, answer: impl FnOnce() -> Result<T, Refusal>) {
    reply.send(refusal.map_or_else(answer, Err));
}

pub fn a_status() -> Status {
    Status {
        version: "0.1.0".to_owned(),
        role: Role::Leaf,
        role_wanted: "auto".to_owned(),
        uptime_s: 3_661,
        servent_id: "00112233445566778899aabbccddeeff".to_owned(),
        listen: vec![SocketAddr::from(([0, 0, 0, 0], 6346))],
        advertised: None,
        reachable_tcp: Some(true),
        reachable_udp: None,
        links: Links::default(),
        promotion: Promotion { eligible: false, reason: "it runs for an hour only".to_owned() },
        hosts: 12,
        searches: 0,
        totals: Totals::default(),
        holdings: Vec::new(),
    }
}
