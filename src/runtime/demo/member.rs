use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::time::{Instant, timeout_at};

use crate::control::desk::{Desk, Request};
use crate::control::model::{Happening, Hit, Peer, Status};
use crate::gnutella::link::Role;
use crate::node::{Command, Config, RolePolicy, SharedFile};
use crate::promotion::Thresholds;
use crate::runtime::engine::{Engine, OpenSockets, Outlets, Plan};

/// How often it is looked whether something has come about.
const LOOK: Duration = Duration::from_millis(20);

/// How long a search may take to find anything.
const FIRST_HIT: Duration = Duration::from_secs(3);

/// Descriptors for each node: they share those of the process.
const DESCRIPTORS: u64 = 256;

/// A node of the demonstration.
pub(super) struct Member {
    pub(super) address: SocketAddr,
    engine: Engine,
    desk: Desk,
    happenings: Receiver<Arc<Happening>>,
    _outlets: Outlets,
}

impl Member {
    /// Starts one on an address of loopback of its own, where the system has several.
    pub(super) fn start(number: u8, role: Role) -> io::Result<Self> {
        let own = Ipv4Addr::new(127, 0, 0, number);
        let sockets = match OpenSockets::open(SocketAddr::new(own.into(), 0)) {
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                OpenSockets::open(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0))?
            }
            outcome => outcome?,
        };
        let address = sockets.listen();
        let (desk, node_side) = Desk::new();
        let happenings = desk.watch();
        let plan = Plan {
            node: config(role, address),
            seed: u64::from(number),
            sockets,
            from: Some(address.ip()).filter(IpAddr::is_loopback),
            securer: None,
            descriptors: DESCRIPTORS,
        };
        let (engine, outlets) = Engine::start(plan, node_side);
        Ok(Self { address, engine, desk, happenings, _outlets: outlets })
    }

    pub(super) async fn connect(&self, other: SocketAddr) {
        self.engine.command(Command::Connect(other)).await;
    }

    pub(super) async fn share(&self, files: Vec<SharedFile>) {
        self.engine.command(Command::Share(files)).await;
    }

    /// Waits until the node is as wanted.
    pub(super) async fn until(&self, wanted: impl Fn(&Status) -> bool) {
        loop {
            match self.desk.ask(Request::Status).await {
                Ok(status) if wanted(&status) => return,
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    }

    pub(super) async fn peers(&self) -> Vec<Peer> {
        self.desk.ask(Request::Peers).await.unwrap_or_default()
    }

    /// Looks for files, until so many are found or no more come for a while.
    pub(super) async fn search(
        &mut self,
        words: &str,
        wanted: usize,
        patience: Duration,
    ) -> Vec<Hit> {
        let start = |reply| Request::StartSearch(words.to_owned(), reply);
        let Ok(search) = self.desk.ask(start).await else { return Vec::new() };
        let mut hits = Vec::new();
        let mut deadline = Instant::now() + FIRST_HIT;
        while hits.len() < wanted {
            let Ok(Ok(happening)) = timeout_at(deadline, self.happenings.recv()).await else {
                break;
            };
            if let Happening::Hit(hit) = &*happening
                && hit.search == search.id
            {
                hits.push(hit.clone());
                deadline = Instant::now() + patience;
            }
        }
        let _ = self.desk.ask(|reply| Request::EndSearch(search.id, reply)).await;
        hits
    }

    pub(super) async fn end(self) {
        self.engine.end().await;
    }
}

/// A node among others on loopback, which it would not take for hosts elsewhere.
fn config(role: Role, address: SocketAddr) -> Config {
    let mut thresholds = Thresholds::filbert();
    thresholds.slots.leaves_per_network = u32::MAX;
    thresholds.slots.supernodes_per_network = u32::MAX;
    let mut config = Config::new(RolePolicy::Always(role));
    config.listen = Some(address);
    config.allow_private = true;
    config.hosts.network_percent = 100;
    config.thresholds = Arc::new(thresholds);
    config
}
