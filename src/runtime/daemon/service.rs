use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::bootstrapping::{Beginning, Bootstrapping};
use super::date::date_of;
use super::friends::Friends;
use super::logging::Log;
use super::nearby::Nearby;
use super::opening::{Api, ApiDoor, Opened};
use super::signals::{self, Signals, Wish};
use super::{Failure, Reload};
use crate::control::desk::{Desk, Request};
use crate::control::model::{Happening, Status};
use crate::control::server;
use crate::gnutella::bootstrap::Asked;
use crate::library::scan::{Found as FoundFiles, FoundFile, scan};
use crate::node::{Command, Event, SharedFile};
use crate::promotion::Observation;
use crate::runtime::bootstrap::{Board, Notice};
use crate::runtime::engine::{Engine, Kept, Outlets, Plan, Securer};
use crate::runtime::own_address;
use crate::runtime::settings::{Endpoint, Settings};
use crate::runtime::state::{Parts, Saver};
use crate::runtime::tls::Tls;

/// How long a name may take to be looked up.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(10);

/// How often it is looked how the node is.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often hosts and record are saved; gtk-gnutella saves its hosts as often.
const SAVE_EVERY: Duration = Duration::from_secs(63);

/// How long the last saving may take.
const SAVE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Addresses of one name that are called.
const ADDRESSES_MAX: usize = 4;

/// A node that runs, and what belongs to it.
pub(super) struct Service {
    pub(super) engine: Engine,
    pub(super) settings: Settings,
    pub(super) reload: Reload,
    pub(super) log: Log,
    pub(super) desk: Desk,
    /// The API, or a signal, wants the end.
    pub(super) is_ending: bool,
    /// The node has ended although nobody wanted that.
    has_failed: bool,
    saver: Option<Saver>,
    /// None where the user wants no search for hosts.
    pub(super) bootstrapping: Option<Bootstrapping>,
    nearby: Nearby,
    /// Whom earlier runs, or an earlier configuration, have asked for hosts.
    asked: Vec<Asked>,
    seed: u64,
    outlets: Outlets,
    friends: Friends,
    found: (mpsc::Sender<Found>, mpsc::Receiver<Found>),
    /// Folders that were looked through.
    shared: (mpsc::Sender<FoundFiles>, mpsc::Receiver<FoundFiles>),
}

/// A name that was looked up.
struct Found {
    endpoint: Endpoint,
    addresses: Vec<SocketAddr>,
}

enum Wake {
    Signal(Wish),
    Request(Option<Request>),
    Event(Option<Event>),
    Friends,
    Found(Option<Found>),
    Shared(Option<FoundFiles>),
    Bootstrap(Command),
    Nearby(Command),
    /// It is time to look how the node is.
    Look,
    /// It is time to save.
    Save,
}

impl Service {
    /// Starts the node and the API.
    pub(super) async fn start(
        opened: Opened,
        reload: Reload,
        log: Log,
        api_ends: CancellationToken,
    ) -> Result<(Self, JoinHandle<()>), Failure> {
        let Opened { settings, sockets, api, guid, kept, saver, seed, descriptors } = opened;
        let (desk, counter) = Desk::new();
        let mut node = settings.node_config();
        node.guid = Some(guid);
        node.earlier = kept.earlier;
        node.live_since = Some(date_of(SystemTime::now()));
        let advertised = settings.advertised(sockets.listen().port());
        node.learns_address = advertised.is_none() && sockets.listen().ip().is_unspecified();
        let (listen, own) = (sockets.listen(), own_address(sockets.listen()));
        node.listen = Some(advertised.unwrap_or(own));
        let nearby = Nearby::start(&settings, listen, own, seed);
        let from = settings.bind;
        let role_wanted = settings.role_word().to_owned();
        let securer = make_tls(&settings);
        let plan = Plan { node, seed, sockets, from, securer, descriptors, role_wanted };
        let (engine, outlets) = Engine::start(plan, counter);
        if let Some(upload) = settings.promised_upload_bytes_per_s {
            engine.observe(Observation::Claimed { upload }).await;
        }
        engine.limit(settings.bandwidth).await;
        let api = serve(api, desk.clone(), api_ends);
        let mut friends = Friends::default();
        friends.name(&settings.connect, Instant::now());
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        engine.command(Command::Remember(kept.hosts)).await;
        let mut service = Self {
            engine,
            settings,
            reload,
            log,
            desk,
            is_ending: false,
            has_failed: false,
            saver,
            bootstrapping: None,
            asked: kept.asked,
            nearby,
            seed,
            outlets,
            friends,
            found: mpsc::channel(16),
            shared: mpsc::channel(1),
        };
        service.bootstrap(Board::new(service.desk.clone()));
        service.share();
        Ok((service, api))
    }

    /// Lives until somebody wants the end.
    pub(super) async fn live(&mut self, signals: &mut Signals) {
        let (mut look, mut save) = (interval(LOOK_EVERY), interval(SAVE_EVERY));
        for interval in [&mut look, &mut save] {
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        save.reset();
        while !self.is_ending {
            let friends_due = self.friends.next_due();
            let on_time = async {
                match friends_due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            let wake = tokio::select! {
                wish = signals.next() => Wake::Signal(wish),
                request = self.outlets.requests.recv() => Wake::Request(request),
                event = self.outlets.events.recv() => Wake::Event(event),
                found = self.found.1.recv() => Wake::Found(found),
                shared = self.shared.1.recv() => Wake::Shared(shared),
                () = on_time => Wake::Friends,
                Some(command) = wanted(&mut self.bootstrapping) => Wake::Bootstrap(command),
                command = self.nearby.wanted() => Wake::Nearby(command),
                _ = look.tick() => Wake::Look,
                _ = save.tick() => Wake::Save,
            };
            self.handle(wake).await;
        }
    }

    /// Tells whoever watches that this is the end.
    pub(super) fn say_goodbye(&self) {
        signals::stopping();
        self.desk.tell(Happening::Stopping);
    }

    /// Says goodbye and saves what is to be saved.
    pub(super) async fn end(self) -> Result<(), Failure> {
        let (kept, ()) = tokio::join!(self.engine.end(), self.nearby.end());
        if let (Some(saver), Some(Kept { hosts, record })) = (self.saver, kept) {
            let saved = saver.finish(Parts { hosts: Some(hosts), record, ..Parts::default() });
            let _ = timeout(SAVE_TIMEOUT, saved).await;
        }
        if self.has_failed {
            let why = "the node has failed, which is a mistake of the program; please report it";
            return Err(Failure::Failed(why.to_owned()));
        }
        Ok(())
    }

    async fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Signal(Wish::End) => self.is_ending = true,
            Wake::Request(None) | Wake::Event(None) => {
                (self.is_ending, self.has_failed) = (true, true);
            }
            Wake::Signal(Wish::Reload) => {
                if let Err(why) = self.read_again().await {
                    tracing::error!("the configuration stays as it was: {why}");
                }
            }
            Wake::Signal(Wish::Report) => self.report().await,
            Wake::Request(Some(request)) => self.serve(request).await,
            Wake::Event(Some(event)) => self.hear(event),
            Wake::Friends => self.call_friends().await,
            Wake::Shared(shared) => self.offer(shared.unwrap_or_default()).await,
            Wake::Found(found) => {
                if let Some(found) = found {
                    self.call(found).await;
                }
            }
            Wake::Bootstrap(command) | Wake::Nearby(command) => self.engine.command(command).await,
            Wake::Look => self.look().await,
            Wake::Save => self.save().await,
        }
    }

    /// Reads the configuration again, and says what has changed.
    pub(super) async fn read_again(&mut self) -> Result<Vec<String>, String> {
        signals::reloading();
        let outcome = self.reload_settings().await;
        signals::ready();
        outcome
    }

    async fn reload_settings(&mut self) -> Result<Vec<String>, String> {
        let new = (self.reload)().map_err(|problems| problems.to_string())?;
        let changes = self.settings.changes(&new);
        let settings = self.settings.reloaded(&new);
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        if settings.log.filter != self.settings.log.filter {
            self.log.set_filter(&settings.log.filter)?;
        }
        if settings.role != self.settings.role {
            self.engine.command(Command::BeRole(settings.role)).await;
        }
        if let Some(upload) = settings.promised_upload_bytes_per_s {
            self.engine.observe(Observation::Claimed { upload }).await;
        }
        if settings.bandwidth != self.settings.bandwidth {
            self.engine.limit(settings.bandwidth).await;
        }
        self.friends.name(&settings.connect, Instant::now());
        let looks_elsewhere = settings.bootstrap != self.settings.bootstrap;
        self.settings = settings;
        // Files come and go without the settings being changed.
        self.share();
        if looks_elsewhere {
            let board = match self.bootstrapping.take() {
                Some(before) => {
                    let board = before.board.clone();
                    self.asked = before.end().await;
                    board
                }
                None => Board::new(self.desk.clone()),
            };
            self.bootstrap(board);
        }
        self.desk.tell(Happening::Reloaded { changed: changes.clone() });
        tracing::info!(changed = changes.join(", "), "the configuration was read again");
        Ok(changes)
    }

    /// Looks through the folders of the user, who may have many files on a slow disk.
    fn share(&self) {
        let (folders, found) = (self.settings.share.clone(), self.shared.0.clone());
        tokio::task::spawn_blocking(move || {
            // A node that has ended offers nothing.
            let _ = found.blocking_send(scan(&folders));
        });
    }

    /// Others may find these files from now on, and no others.
    async fn offer(&self, found: FoundFiles) {
        let FoundFiles { files, unreadable, is_cut } = found;
        if unreadable > 0 {
            tracing::warn!(unreadable, "not everything in the shared folders can be read");
        }
        if is_cut {
            tracing::warn!(files = files.len(), "there are more files than are shared");
        }
        if !files.is_empty() {
            let files = files.len();
            tracing::info!(files, "others find our files; they are not transferred yet");
        }
        let file = |file: FoundFile| SharedFile { name: file.name, size: file.size, sha1: None };
        self.engine.command(Command::Share(files.into_iter().map(file).collect())).await;
    }

    /// Calls those whom the user has named and to whom there is no link.
    async fn call_friends(&mut self) {
        let Ok(peers) = self.desk.ask(Request::Peers).await else { return };
        let ends = peers.iter().flat_map(|peer| [Some(peer.address), peer.listen]);
        let linked: Vec<SocketAddr> = ends.flatten().collect();
        for endpoint in self.friends.due(&linked, Instant::now()) {
            let found = self.found.0.clone();
            tokio::spawn(async move {
                let addresses = look_up(&endpoint).await;
                // A node that has ended calls nobody.
                let _ = found.send(Found { endpoint, addresses }).await;
            });
        }
    }

    async fn call(&mut self, found: Found) {
        let Found { endpoint, addresses } = found;
        self.friends.found(&endpoint, &addresses);
        if addresses.is_empty() {
            tracing::warn!(host = %endpoint, "the host has no address; it is looked up again later");
        }
        self.engine.command(Command::Know(addresses.clone())).await;
        for address in addresses {
            self.engine.command(Command::Connect(address)).await;
        }
    }

    /// Writes to the log how the node is.
    async fn report(&self) {
        let Ok(status) = self.desk.ask(Request::Status).await else { return };
        tracing::info!("{}", sentence(&status));
        let holdings: BTreeMap<_, _> =
            status.holdings.iter().map(|table| (&*table.what, table.count)).collect();
        tracing::info!(?holdings, totals = ?status.totals, "what it holds and has done");
    }

    async fn look(&mut self) {
        let Ok(status) = self.desk.ask(Request::Status).await else { return };
        signals::status(&sentence(&status));
        if let Some(bootstrapping) = &mut self.bootstrapping {
            bootstrapping.stand(&status);
        }
    }

    async fn save(&self) {
        let Some(saver) = &self.saver else { return };
        if let Some(Kept { hosts, record }) = self.engine.keep().await {
            saver.save(Parts { hosts: Some(hosts), record, ..Parts::default() });
        }
    }

    /// Begins to look for hosts, if the user wants that.
    fn bootstrap(&mut self, board: Board) {
        if !self.settings.bootstrap.enabled {
            return;
        }
        let (saver, asked) = (self.saver.clone(), self.asked.clone());
        // Not the same numbers as in the node.
        let beginning = Beginning { asked, seed: self.seed.rotate_left(32), saver, board };
        match Bootstrapping::start(&self.settings, beginning) {
            Ok(bootstrapping) => self.bootstrapping = Some(bootstrapping),
            Err(why) => tracing::error!("nobody is asked for hosts: {why}"),
        }
    }

    /// Something has happened in the node.
    fn hear(&self, event: Event) {
        if let (Event::HostCacheAnswered { from, hosts, caches }, Some(bootstrapping)) =
            (event, &self.bootstrapping)
        {
            bootstrapping.tell(Notice::HostCacheAnswered { from, hosts, caches });
        }
    }
}

/// What the search for hosts wants; for ever nothing where there is none.
async fn wanted(bootstrapping: &mut Option<Bootstrapping>) -> Option<Command> {
    match bootstrapping {
        Some(bootstrapping) => bootstrapping.commands.recv().await,
        None => std::future::pending().await,
    }
}

/// Without TLS a node works as well, with fewer others.
fn make_tls(settings: &Settings) -> Option<Arc<dyn Securer>> {
    if !settings.tls {
        return None;
    }
    match Tls::new() {
        Ok(tls) => Some(Arc::new(tls)),
        Err(error) => {
            tracing::warn!(%error, "others are spoken with in the clear");
            None
        }
    }
}

/// Where the system would call others from: our address until neighbours know better.
fn own_address(listen: SocketAddr) -> SocketAddr {
    if !listen.ip().is_unspecified() {
        return listen;
    }
    let ip = own_address::outward().unwrap_or(Ipv4Addr::LOCALHOST);
    SocketAddr::new(ip.into(), listen.port())
}

/// How a node is, in one line.
fn sentence(status: &Status) -> String {
    let Status { role, links, hosts, searches, uptime_s, .. } = status;
    format!(
        "{} for {uptime_s} s with {} ultrapeers and {} leaves; {hosts} hosts known, {searches} \
         searches; {}",
        role.as_str(),
        links.ultrapeers,
        links.leaves,
        status.promotion.reason
    )
}

async fn look_up(endpoint: &Endpoint) -> Vec<SocketAddr> {
    if let Some(address) = endpoint.address() {
        return vec![address];
    }
    let lookup = lookup_host((endpoint.host.as_str(), endpoint.port));
    match timeout(LOOKUP_TIMEOUT, lookup).await {
        Ok(Ok(addresses)) => addresses.take(ADDRESSES_MAX).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn serve(api: Option<Api>, desk: Desk, ends: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let Some(Api { door, token, .. }) = api else { return };
        let outcome = match door {
            ApiDoor::Tcp(listener) => server::serve(listener, desk, token, ends).await,
            ApiDoor::Unix(listener, _file) => server::serve(listener, desk, token, ends).await,
        };
        if let Err(error) = outcome {
            tracing::error!(%error, "the API has ended");
        }
    })
}
