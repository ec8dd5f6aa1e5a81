use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::hall::Hall;
use super::hits::{hits_of, with_link};
use super::inbox::News;
use super::lines::Lines;
use super::owner::Owner;
use crate::base::time::Time;
use crate::control::desk::Refusal;
use crate::control::model::{Happening, Hit, Search, SearchId};
use crate::gnutella::wire::QueryHit;
use crate::transfer::browse::{Browse, NoList};

/// How long somebody may take to let us in, and to send anything more.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a list may take in all.
const LIST_TIMEOUT: Duration = Duration::from_secs(300);

/// Answers of a list that wait for the owner of the node at most.
const HITS_WAITING_MAX: usize = 32;

/// The hosts that are being asked what they share, by the searches that show it.
#[derive(Debug, Default)]
pub(super) struct Browsing(BTreeMap<SearchId, AbortHandle>);

impl Browsing {
    /// Nobody wants to know any more.
    pub(super) fn end(&mut self, search: SearchId) {
        if let Some(task) = self.0.remove(&search) {
            task.abort();
        }
    }
}

impl Owner {
    /// Asks a host what it shares.
    pub(super) fn browse(&mut self, address: SocketAddr, now: Time) -> Result<Search, Refusal> {
        if address.port() == 0 || address.ip().is_unspecified() {
            let why = format!("{address} is no address to call; name HOST:PORT");
            return Err(Refusal::Invalid(why));
        }
        let words = format!("files of {address}");
        let id = self.front.searches.begin_anew(&words, &[], now)?;
        let agent = self.profile().user_agent;
        let task =
            tokio::spawn(browse(id, address, self.lines.clone(), agent, Arc::clone(&self.hall)));
        self.browsing.0.insert(id, task.abort_handle());
        self.front.happen(Happening::SearchStarted { search: id, words });
        self.front.searches.one(id, now)
    }

    /// Somebody has told of files that it shares. Where it says that it is somewhere else, we know better.
    pub(super) fn take_browsed(
        &mut self,
        search: SearchId,
        address: SocketAddr,
        hit: &QueryHit,
        now: Time,
    ) {
        for hit in hits_of(search, 0, hit, &[]) {
            if let Some(hit) = self.front.searches.take(Hit { address, ..hit }, now) {
                self.front.happen(Happening::Hit(with_link(&hit)));
            }
        }
    }

    /// There is no more to be told.
    pub(super) fn end_browsing(&mut self, search: SearchId, why: String, now: Time) {
        self.browsing.end(search);
        // It may have been deleted meanwhile.
        let Ok(Search { hits, .. }) = self.front.searches.one(search, now) else { return };
        self.front.searches.ended(search, why.clone(), now);
        let results = u32::try_from(hits).unwrap_or(u32::MAX);
        self.front.happen(Happening::SearchEnded { search, results, why });
    }
}

/// Asks somebody what it shares, and tells the owner of the node.
async fn browse(
    search: SearchId,
    address: SocketAddr,
    lines: Lines,
    agent: String,
    hall: Arc<Hall>,
) {
    let listing = list(search, address, &lines, &agent, &hall);
    let why = match timeout(LIST_TIMEOUT, listing).await {
        Ok(Ok(())) => "that is all it shares".to_owned(),
        Ok(Err(why)) => why.to_string(),
        Err(_) => Trouble::Late.to_string(),
    };
    hall.inbox.put(News::BrowseEnded { search, why });
}

/// Why there is no list, or only a part of it.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    NoList(#[from] NoList),
    #[error("{0}")]
    Network(#[from] io::Error),
    #[error("it cannot be called ({0}): is it running, and is its port right?")]
    Away(io::Error),
    #[error("it takes too long")]
    Late,
}

async fn list(
    search: SearchId,
    address: SocketAddr,
    lines: &Lines,
    agent: &str,
    hall: &Hall,
) -> Result<(), Trouble> {
    let room = Arc::new(Semaphore::new(HITS_WAITING_MAX));
    let called = timeout(PATIENCE, lines.call(address)).await.map_err(|_| Trouble::Late)?;
    let mut wire = called.map_err(Trouble::Away)?;
    soon(wire.write_all(&Browse::request(address, agent))).await?;
    let mut browse = Browse::new();
    while !browse.is_over() {
        let take = |bytes: &[u8]| {
            if bytes.is_empty() { browse.end() } else { browse.receive(bytes) }
        };
        let received = soon(wire.read(take)).await?;
        while let Some(hit) = browse.poll() {
            // Whoever sends faster than we read has to wait.
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return Ok(()) };
            hall.inbox.put(News::Browsed { search, address, hit: Box::new(hit), permit });
        }
        received?;
    }
    Ok(())
}

async fn soon<T>(work: impl Future<Output = io::Result<T>>) -> Result<T, Trouble> {
    Ok(timeout(PATIENCE, work).await.map_err(|_| Trouble::Late)??)
}
