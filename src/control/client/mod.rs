//! Asks a running node: finds it through its home, and speaks HTTP with it.
//!
//! | module | what it is |
//! |---|---|
//! | `finding` | the home of a node -> where it is, and the right to ask it |
//! | `place` | an address or a socket in the file system |
//! | `exchange` | one question and its answer |
//! | [`sse`] | server-sent events, in whatever pieces they come |
//! | `watch` | what happens at the node |
//!
//! What comes is bounded and may be late, but whether it is true is the node's matter. What strangers
//! have said is handed on as it is; whoever shows it has to make it harmless.

mod error;
mod exchange;
mod finding;
mod place;
pub mod sse;
mod watch;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hyper::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until};

pub use self::error::Error;
pub use self::exchange::{ANSWER_LEN_MAX, ANSWER_TIMEOUT, CONNECT_TIMEOUT, SIGN_TIMEOUT};
pub use self::finding::Finder;
pub use self::place::Place;
pub use self::watch::{SILENCE_TIMEOUT, Seen, Watch};

use self::exchange::Question;
use super::credentials::Token;
use super::model::{
    Bandwidth, BrowseHost, Changed, ConnectTo, Download, Hit, Host, Library, LogFilter, Network,
    Peer, PeerId, Search, SearchId, StartDownload, StartSearch, Status, Uploads,
};

/// Asks one node. Each question has a connection of its own.
#[derive(Clone, Debug)]
pub struct Client {
    place: Place,
    token: Option<Token>,
    pid: Option<u32>,
    home: Option<PathBuf>,
}

/// How often it is looked whether a node is gone.
const GONE_EVERY: Duration = Duration::from_millis(50);

impl Client {
    /// A client of the node there, which lets in whoever shows this token, and its process.
    pub fn new(place: Place, token: Option<Token>, pid: Option<u32>) -> Self {
        Self { place, token, pid, home: None }
    }

    /// The same, of a node that was found through its home.
    fn at_home(self, home: PathBuf) -> Self {
        Self { home: Some(home), ..self }
    }

    /// What it is, and how it is.
    pub async fn status(&self) -> Result<Status, Error> {
        self.read("/status").await
    }

    /// With whom it is connected.
    pub async fn peers(&self) -> Result<Vec<Peer>, Error> {
        self.read("/peers").await
    }

    /// Has it call a host, an address or a name with a port. It answers with the address that it
    /// calls, before the host does.
    pub async fn connect(&self, network: Network, host: &str) -> Result<SocketAddr, Error> {
        let wanted = ConnectTo { address: host.to_owned(), network };
        let called: ConnectTo = self.put(Method::POST, "/peers", &wanted).await?;
        called.address.parse().map_err(|_| self.no_answer("it calls what is no address"))
    }

    /// Has it end a link.
    pub async fn disconnect(&self, peer: PeerId) -> Result<(), Error> {
        self.command(Method::DELETE, &format!("/peers/{peer}")).await
    }

    /// The hosts it knows.
    pub async fn hosts(&self) -> Result<Vec<Host>, Error> {
        self.read("/hosts").await
    }

    /// What it fetches.
    pub async fn downloads(&self) -> Result<Vec<Download>, Error> {
        self.read("/downloads").await
    }

    /// Has it fetch a file.
    pub async fn start_download(&self, wanted: &StartDownload) -> Result<Download, Error> {
        self.put(Method::POST, "/downloads", wanted).await
    }

    /// One file that it fetches.
    pub async fn download(&self, id: u64) -> Result<Download, Error> {
        self.read(&format!("/downloads/{id}")).await
    }

    /// Has a download wait.
    pub async fn pause_download(&self, id: u64) -> Result<Download, Error> {
        let path = format!("/downloads/{id}/pause");
        self.answer(Question { method: Method::POST, path: &path, body: None }).await
    }

    /// Has a download go on.
    pub async fn resume_download(&self, id: u64) -> Result<Download, Error> {
        let path = format!("/downloads/{id}/resume");
        self.answer(Question { method: Method::POST, path: &path, body: None }).await
    }

    /// Ends a download, and has it forgotten.
    pub async fn cancel_download(&self, id: u64) -> Result<(), Error> {
        self.command(Method::DELETE, &format!("/downloads/{id}")).await
    }

    /// What others take from it.
    pub async fn uploads(&self) -> Result<Uploads, Error> {
        self.read("/uploads").await
    }

    /// Has it search.
    pub async fn start_search(&self, wanted: &StartSearch) -> Result<Search, Error> {
        self.put(Method::POST, "/searches", &wanted).await
    }

    /// Has it ask a host what that shares.
    pub async fn browse(&self, host: &str) -> Result<Search, Error> {
        let wanted = BrowseHost { address: host.to_owned() };
        self.put(Method::POST, "/browse", &wanted).await
    }

    /// A search of its own.
    pub async fn search(&self, search: SearchId) -> Result<Search, Error> {
        self.read(&format!("/searches/{search}")).await
    }

    /// What a search has found, from this number on; the node may say less than there is.
    pub async fn hits(&self, search: SearchId, from: u64) -> Result<Vec<Hit>, Error> {
        self.read(&format!("/searches/{search}/hits?from={from}&limit={HITS_LIMIT}")).await
    }

    /// The searches that it makes, and those that have ended and are kept.
    pub async fn searches(&self) -> Result<Vec<Search>, Error> {
        self.read("/searches").await
    }

    /// Has it ask nobody any more, and keep what a search has found.
    pub async fn stop_search(&self, search: SearchId) -> Result<Search, Error> {
        let path = format!("/searches/{search}/stop");
        self.answer(Question { method: Method::POST, path: &path, body: None }).await
    }

    /// Has it forget a search.
    pub async fn end_search(&self, search: SearchId) -> Result<(), Error> {
        self.command(Method::DELETE, &format!("/searches/{search}")).await
    }

    /// What a search has found, then what it finds, then its end.
    pub async fn search_events(&self, search: SearchId) -> Result<Watch, Error> {
        self.watch(&format!("/searches/{search}/events")).await
    }

    /// What happens from now on, of these kinds or of all.
    pub async fn events(&self, kinds: &[&str]) -> Result<Watch, Error> {
        match kinds {
            [] => self.watch("/events").await,
            _ => self.watch(&format!("/events?kinds={}", kinds.join(","))).await,
        }
    }

    /// What it shares, from this index on, or what is found there by words; the node may say less than
    /// there is.
    pub async fn library(
        &self,
        from: u32,
        limit: usize,
        words: Option<&str>,
    ) -> Result<Library, Error> {
        let words = words.map(|words| format!("&words={}", escaped(words))).unwrap_or_default();
        self.read(&format!("/library?from={from}&limit={limit}{words}")).await
    }

    /// Has it look through its shared folders again.
    pub async fn rescan(&self) -> Result<(), Error> {
        self.command(Method::POST, "/library/rescan").await
    }

    /// How much it may send and receive.
    pub async fn bandwidth(&self) -> Result<Bandwidth, Error> {
        self.read("/bandwidth").await
    }

    /// Changes how much it may send and receive.
    pub async fn set_bandwidth(&self, bandwidth: Bandwidth) -> Result<Bandwidth, Error> {
        self.put(Method::PUT, "/bandwidth", &bandwidth).await
    }

    /// Has it read its configuration again.
    pub async fn reload(&self) -> Result<Changed, Error> {
        self.answer(Question { method: Method::POST, path: "/config/reload", body: None }).await
    }

    /// What it writes into its log.
    pub async fn log_filter(&self) -> Result<String, Error> {
        let log: LogFilter = self.read("/log").await?;
        Ok(log.filter)
    }

    /// Changes what it writes into its log.
    pub async fn set_log_filter(&self, filter: &str) -> Result<String, Error> {
        let log: LogFilter =
            self.put(Method::PUT, "/log", &LogFilter { filter: filter.to_owned() }).await?;
        Ok(log.filter)
    }

    /// Has it say goodbye and end. It answers before it has.
    pub async fn stop(&self) -> Result<(), Error> {
        self.command(Method::POST, "/shutdown").await
    }

    /// Waits until the node has ended: its process, where that can be seen, or its API. False when
    /// it has not by then.
    pub async fn wait_until_gone(&self, wait: Duration) -> bool {
        let end = Instant::now().checked_add(wait);
        loop {
            if self.is_gone().await {
                return true;
            }
            let now = Instant::now();
            let Some(next) = now.checked_add(GONE_EVERY) else { return false };
            if end.is_some_and(|end| now >= end) {
                return false;
            }
            sleep_until(end.map_or(next, |end| end.min(next))).await;
        }
    }

    async fn is_gone(&self) -> bool {
        match self.pid.and_then(finding::process) {
            Some(is_running) => !is_running,
            None => !self.is_there().await,
        }
    }

    /// Why there is no connection.
    fn nobody(&self) -> Error {
        let nobody = || {
            Error::NoNode(format!("no node answers at {}; check --api and FILBERT_API", self.place))
        };
        self.home.as_deref().map_or_else(nobody, finding::nobody)
    }

    /// What to do where somebody is there who is no node.
    fn advice(&self) -> &'static str {
        match self.home {
            Some(_) => "start one with 'filbert run', or name its API with --api",
            None => "check --api and FILBERT_API",
        }
    }

    async fn watch(&self, path: &str) -> Result<Watch, Error> {
        let (response, driver) = self.listen(path).await?;
        Ok(Watch::new(response.into_body(), driver))
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.answer(Question { method: Method::GET, path, body: None }).await
    }

    async fn command(&self, method: Method, path: &str) -> Result<(), Error> {
        self.ask(Question { method, path, body: None }).await.map(drop)
    }

    async fn put<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        self.answer(Question { method, path, body: Some(json(body)?) }).await
    }

    async fn answer<T: DeserializeOwned>(&self, question: Question<'_>) -> Result<T, Error> {
        let body = self.ask(question).await?;
        serde_json::from_slice(&body).map_err(|error| self.no_answer(&error.to_string()))
    }
}

/// Hits that are asked for at a time.
const HITS_LIMIT: usize = 1000;

/// A text as it may stand behind the question mark of an address.
fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::Unusable(error.to_string()))
}
