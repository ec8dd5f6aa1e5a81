//! Nodes that run in the test's own process, each on an address of loopback.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use filbert::control::desk::{Desk, Request};
use filbert::control::model::{Happening, Hit, Network, Peer, StartSearch, Status};
use filbert::gnutella::link::Role;
use filbert::node::{Command, Config, RolePolicy, SharedFile};
use filbert::runtime::engine::{Engine, OpenSockets, Outlets, Plan, Securer};
use tokio::sync::broadcast::Receiver;

/// How long a test waits for what must happen. Machines may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A node that runs.
pub struct Running {
    pub engine: Engine,
    pub desk: Desk,
    pub address: SocketAddr,
    pub happenings: Receiver<Arc<Happening>>,
    pub outlets: Outlets,
}

/// The `n`th address of loopback.
pub fn loopback(n: u16) -> Ipv4Addr {
    let [high, low] = n.to_be_bytes();
    Ipv4Addr::new(127, 7, high, low)
}

/// A configuration for a node among others on loopback.
pub fn config(role: Role) -> Config {
    let mut config = Config::new(RolePolicy::Always(role));
    config.allow_private = true;
    config.hosts.network_percent = 100;
    config
}

impl Running {
    /// Starts a node on the `n`th address of loopback, at any port.
    pub fn start(n: u16, role: Role) -> Self {
        Self::with(n, config(role))
    }

    /// The same with a configuration of its own.
    pub fn with(n: u16, config: Config) -> Self {
        Self::securing(n, config, None)
    }

    /// The same with somebody who makes connections secret.
    pub fn securing(n: u16, mut config: Config, securer: Option<Arc<dyn Securer>>) -> Self {
        let ip = loopback(n);
        let sockets = OpenSockets::open(SocketAddr::new(ip.into(), 0)).expect("loopback is there");
        let address = sockets.listen();
        config.listen = Some(address);
        let (desk, node_side) = Desk::new();
        let happenings = desk.watch();
        let plan = Plan {
            node: config,
            seed: u64::from(n),
            sockets,
            fasttrack: None,
            from: Some(IpAddr::V4(ip)),
            securer,
            descriptors: 20_000,
        };
        let (engine, outlets) = Engine::start(plan, node_side);
        Self { engine, desk, address, happenings, outlets }
    }

    /// Shares files of these names, all of one size.
    pub async fn share(&self, names: &[&str]) {
        let file =
            |name: &&str| SharedFile { name: (*name).to_owned(), size: 1_000, sha1: Some([7; 20]) };
        self.engine.command(Command::Share(names.iter().map(file).collect())).await;
    }

    /// Calls another node.
    pub async fn connect(&self, other: SocketAddr) {
        self.desk.ask(|reply| Request::Connect(Network::Gnutella, other, reply)).await.unwrap();
    }

    pub async fn status(&self) -> Status {
        self.desk.ask(Request::Status).await.unwrap()
    }

    pub async fn peers(&self) -> Vec<Peer> {
        self.desk.ask(Request::Peers).await.unwrap()
    }

    /// Waits until the status is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let since = Instant::now();
        loop {
            let status = self.status().await;
            if wanted(&status) {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}: {status:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Looks for files until one is found. Queries go only to those whose tables have come, so it looks
    /// more than once.
    pub async fn find(&mut self, words: &str) -> Hit {
        let since = Instant::now();
        loop {
            assert!(since.elapsed() < PATIENCE, "nothing found for {words}");
            self.desk
                .ask(|reply| Request::StartSearch(StartSearch::everywhere(words.to_owned()), reply))
                .await
                .unwrap();
            let retry = tokio::time::sleep(Duration::from_secs(3));
            tokio::pin!(retry);
            loop {
                tokio::select! {
                    () = &mut retry => break,
                    happening = self.happenings.recv() => {
                        if let Happening::Hit(hit) = &*happening.unwrap() {
                            return hit.clone();
                        }
                    }
                }
            }
        }
    }

    /// Says goodbye.
    pub async fn end(self) {
        self.engine.end().await.expect("the owner of the node has not failed");
    }
}
