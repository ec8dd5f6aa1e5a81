use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use tokio::sync::broadcast::Receiver;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::DemoError;
use super::overlay::{Post, View, config, connect};
use super::shelf::{Hashes, Place, Shelf};
use crate::control::desk::{Desk, Request};
use crate::control::model::{Bandwidth, Happening, Hit, Network, Peer, StartSearch};
use crate::gnutella::wire::Guid;
use crate::node::Config;
use crate::runtime::engine::{Arrival, Engine, Lines, OpenSockets, Outlets, Plan};
use crate::runtime::sharing;

/// How often it is looked whether something has come about.
const LOOK: Duration = Duration::from_millis(20);

/// After how long somebody is called again to whom there is no link. Two who call each other at one moment
/// may both be refused.
const CALL_AGAIN: Duration = Duration::from_secs(4);

/// How long a search may take to find anything.
const FIRST_HIT: Duration = Duration::from_secs(3);

/// Descriptors for each node: they share those of the process.
const DESCRIPTORS: u64 = 256;

/// A node of the demonstration.
pub(super) struct Member {
    network: Network,
    pub(super) address: SocketAddr,
    engine: Engine,
    desk: Desk,
    happenings: Receiver<Arc<Happening>>,
    /// Whom it was told to call.
    called: Vec<SocketAddr>,
    /// What it shares, if it does.
    shelf: Option<Shelf>,
    guid: Guid,
    /// Where those come in who want its files, until they have somewhere to go.
    visitors: mpsc::Receiver<Arrival>,
    outlets: Outlets,
}

impl Member {
    /// Starts one on an address of loopback of its own, where the system has several.
    pub(super) fn start(network: Network, number: u8, post: Post) -> io::Result<Self> {
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
        let guid = Guid::random(&mut ChaCha8Rng::seed_from_u64(number.into()));
        let plan = Plan {
            node: Config { guid: Some(guid), ..config(network, post, address) },
            seed: u64::from(number),
            sockets,
            fasttrack: None,
            from: Some(address.ip()).filter(IpAddr::is_loopback),
            securer: None,
            descriptors: DESCRIPTORS,
        };
        let (engine, mut outlets) = Engine::start(plan, node_side);
        let visitors = std::mem::replace(&mut outlets.visitors, mpsc::channel(1).1);
        let (called, shelf) = Default::default();
        Ok(Self {
            network,
            address,
            engine,
            desk,
            happenings,
            called,
            shelf,
            guid,
            visitors,
            outlets,
        })
    }

    pub(super) async fn connect(&mut self, other: SocketAddr) {
        self.called.push(other);
        self.call(other).await;
    }

    async fn call(&self, other: SocketAddr) {
        if let Some(command) = connect(self.network, other) {
            self.engine.command(command).await;
        }
    }

    /// Shares so many files of a folder, to others no faster than this.
    pub(super) async fn share(
        &mut self,
        plan: sharing::Plan,
        count: usize,
        bytes_per_s: u64,
    ) -> io::Result<()> {
        let upload_bytes_per_s = Some(bytes_per_s);
        self.engine.limit(Bandwidth { upload_bytes_per_s, ..Bandwidth::default() }).await;
        let place = Place {
            guid: self.guid,
            address: self.address,
            visitors: std::mem::replace(&mut self.visitors, mpsc::channel(1).1),
            lines: self.outlets.lines.clone(),
            desk: self.desk.clone(),
            speaks_fasttrack: self.network == Network::FastTrack,
        };
        let shelf = Shelf::start(plan, place)?;
        shelf.offer(count, &self.engine).await;
        self.shelf = Some(shelf);
        Ok(())
    }

    /// By what a file is known that it shares.
    pub(super) fn hashes_of(&self, name: &str) -> Option<Hashes> {
        self.shelf.as_ref()?.hashes_of(name)
    }

    /// Bytes of files that it has sent to others.
    pub(super) fn sent_bytes(&self) -> u64 {
        self.shelf.as_ref().map_or(0, |shelf| shelf.uploads.shown().totals.sent_bytes)
    }

    /// Whom to ask for searches.
    pub(super) const fn desk(&self) -> &Desk {
        &self.desk
    }

    /// For calls to those who have files.
    pub(super) fn lines(&self) -> Lines {
        self.outlets.lines.clone()
    }

    /// Waits until the neighbours are as wanted. They never will be where calls lead nowhere.
    pub(super) async fn until(&mut self, wanted: impl Fn(&View) -> bool) -> Result<(), DemoError> {
        let mut call_again = Instant::now() + CALL_AGAIN;
        while !wanted(&self.view().await) {
            self.look_at_calls().await?;
            if Instant::now() >= call_again {
                call_again += CALL_AGAIN;
                self.call_again().await;
            }
        }
        Ok(())
    }

    /// Calls those who are no neighbours yet.
    async fn call_again(&self) {
        let peers = self.peers().await;
        let is_there = |other: &SocketAddr| peers.iter().any(|peer| peer.listen == Some(*other));
        for other in self.called.iter().filter(|other| !is_there(other)) {
            self.call(*other).await;
        }
    }

    /// What it sees of the others.
    async fn view(&self) -> View {
        let status = self.desk.ask(Request::Status).await;
        let fasttrack = status.ok().and_then(|status| status.fasttrack);
        View { peers: self.peers().await, fasttrack }
    }

    /// Hears for a moment whether a call has failed.
    async fn look_at_calls(&mut self) -> Result<(), DemoError> {
        let later = Instant::now() + LOOK;
        while let Ok(Ok(happening)) = timeout_at(later, self.happenings.recv()).await {
            if let Happening::CallFailed { address, why } = &*happening
                && self.called.contains(address)
            {
                return Err(DemoError::Unreachable { address: *address, why: why.clone() });
            }
        }
        Ok(())
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
        let wanted_in = StartSearch { words: words.to_owned(), network: Some(self.network) };
        let start = |reply| Request::StartSearch(wanted_in, reply);
        let Ok(search) = self.desk.ask(start).await else { return Vec::new() };
        // Those that an earlier search has found are there at once.
        let known = |reply| Request::Hits { search: search.id, from: 0, reply };
        let known = self.desk.ask(known).await.unwrap_or_default();
        let mut hits: BTreeMap<u64, Hit> = known.into_iter().map(|hit| (hit.number, hit)).collect();
        let mut deadline = Instant::now() + FIRST_HIT;
        while hits.len() < wanted {
            let Ok(Ok(happening)) = timeout_at(deadline, self.happenings.recv()).await else {
                break;
            };
            if let Happening::Hit(hit) = &*happening
                && hit.search == search.id
            {
                hits.insert(hit.number, hit.clone());
                deadline = Instant::now() + patience;
            }
        }
        let _ = self.desk.ask(|reply| Request::StopSearch(search.id, reply)).await;
        hits.into_values().collect()
    }

    pub(super) async fn end(self) {
        if let Some(shelf) = self.shelf {
            shelf.end().await;
        }
        self.engine.end().await;
    }
}
