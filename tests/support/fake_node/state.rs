//! What a fake node has, and how it answers from that.

use std::net::SocketAddr;

use filbert::control::desk::{Refusal, Reply, Request};
use filbert::control::model::{
    Bandwidth, Bootstrap, Changed, Download, DownloadState, Happening, Hit, Host, Library, Network,
    Peer, PeerId, Search, SearchId, SearchState, StartDownload, StartSearch, Status, Upload,
    UploadTotals, Uploads,
};

use super::{a_download, a_search, a_status};

/// What the node has. Tests change it as they like.
pub struct State {
    pub status: Status,
    pub peers: Vec<Peer>,
    pub hosts: Vec<Host>,
    pub bootstrap: Vec<Bootstrap>,
    pub searches: Vec<Search>,
    pub hits: Vec<Hit>,
    pub library: Library,
    pub downloads: Vec<Download>,
    /// What it was told to fetch.
    pub wanted: Vec<StartDownload>,
    /// How often it was told to look through its folders again.
    pub rescans: u32,
    pub bandwidth: Bandwidth,
    pub configuration: serde_json::Value,
    /// What the next reload says has changed.
    pub changed: Changed,
    pub log_filter: String,
    /// Hosts that it was told to call.
    pub called: Vec<SocketAddr>,
    pub called_in: Vec<Network>,
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

impl State {
    pub(super) fn new() -> Self {
        Self {
            status: a_status(),
            peers: Vec::new(),
            hosts: Vec::new(),
            bootstrap: Vec::new(),
            searches: Vec::new(),
            hits: Vec::new(),
            library: Library::default(),
            downloads: Vec::new(),
            wanted: Vec::new(),
            rescans: 0,
            bandwidth: Bandwidth::default(),
            configuration: serde_json::json!({ "role": "auto" }),
            changed: Changed::default(),
            log_filter: "info".to_owned(),
            called: Vec::new(),
            called_in: Vec::new(),
            added: Vec::new(),
            stopping: false,
            silent: false,
            refusal: None,
            requests: 0,
            unanswered: Vec::new(),
        }
    }

    pub(super) fn keep(&mut self, happening: &Happening) {
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

    fn download(&mut self, id: u64) -> Result<&mut Download, Refusal> {
        self.downloads.iter_mut().find(|download| download.id == id).ok_or_else(no_download)
    }

    fn disconnect(&mut self, id: PeerId) -> Result<(), Refusal> {
        let before = self.peers.len();
        self.peers.retain(|peer| peer.id != id);
        let missing = || Refusal::NotFound("no open link has this number: list them".to_owned());
        if self.peers.len() == before { Err(missing()) } else { Ok(()) }
    }

    fn start_search(&mut self, words: &str, networks: Vec<Network>) -> Search {
        let number = self.searches.iter().map(|search| search.id.0 + 1).max().unwrap_or(1);
        let search = Search { networks, ..a_search(number, words) };
        self.searches.push(search.clone());
        search
    }

    fn part_of_library(&self, from: u32, limit: usize, words: Option<&str>) -> Library {
        let Library { status, files, .. } = self.library.clone();
        let is_wanted = |name: &str| words.is_none_or(|words| name.contains(words));
        let mut files =
            files.into_iter().filter(|file| file.index >= from && is_wanted(&file.name));
        let files: Vec<_> = files.by_ref().take(limit + 1).collect();
        let next = files.get(limit).map(|file| file.index).filter(|_| limit > 0);
        Library { status, files: files.into_iter().take(limit).collect(), next }
    }

    fn hits(&mut self, search: SearchId, from: u64) -> Result<Vec<Hit>, Refusal> {
        self.search(search)?;
        let wanted = self.hits.iter().filter(|hit| hit.search == search && hit.number >= from);
        Ok(wanted.cloned().collect())
    }

    /// Answers, and says what has happened thereby.
    pub(super) fn answer(&mut self, request: Request) -> Option<Happening> {
        self.requests += 1;
        if self.silent {
            self.unanswered.push(request);
            return None;
        }
        let refusal = self.refusal.clone();
        match request {
            Request::Status(reply) => send(reply, refusal, || Ok(self.status.clone())),
            Request::Peers(reply) => send(reply, refusal, || Ok(self.peers.clone())),
            Request::Connect(network, address, reply) => send(reply, refusal, || {
                self.called_in.push(network);
                self.called.push(address);
                Ok(())
            }),
            Request::Disconnect(id, reply) => send(reply, refusal, || self.disconnect(id)),
            Request::Hosts(reply) => send(reply, refusal, || Ok(self.hosts.clone())),
            Request::AddHosts(_, hosts, reply) => send(reply, refusal, || {
                self.added.extend(hosts);
                Ok(())
            }),
            Request::Bootstrap(reply) => send(reply, refusal, || Ok(self.bootstrap.clone())),
            Request::Searches(reply) => send(reply, refusal, || Ok(self.searches.clone())),
            Request::StartSearch(StartSearch { words, network }, reply) => {
                if refusal.is_some() {
                    send(reply, refusal, || Ok(a_search(0, &words)));
                    return None;
                }
                let search = self.start_search(&words, vec![network.unwrap_or_default()]);
                let started = Happening::SearchStarted { search: search.id, words };
                reply.send(Ok(search));
                return Some(started);
            }
            Request::Browse(address, reply) => {
                if refusal.is_some() {
                    send(reply, refusal, || Ok(a_search(0, "")));
                    return None;
                }
                let words = format!("files of {address}");
                let search = self.start_search(&words, Vec::new());
                let started = Happening::SearchStarted { search: search.id, words };
                reply.send(Ok(search));
                return Some(started);
            }
            Request::Search(id, reply) => send(reply, refusal, || self.search(id).cloned()),
            Request::Hits { search, from, reply } => {
                send(reply, refusal, || self.hits(search, from));
            }
            Request::StopSearch(id, reply) => send(reply, refusal, || {
                let search = self.search(id)?;
                search.state = SearchState::Ended;
                Ok(search.clone())
            }),
            Request::EndSearch(id, reply) => send(reply, refusal, || {
                self.search(id)?;
                self.searches.retain(|search| search.id != id);
                Ok(())
            }),
            Request::Library { from, limit, words, reply } => {
                send(reply, refusal, || Ok(self.part_of_library(from, limit, words.as_deref())));
            }
            Request::Uploads(reply) => send(reply, refusal, || Ok(uploads())),
            Request::Rescan(reply) => send(reply, refusal, || {
                self.rescans += 1;
                Ok(())
            }),
            Request::Downloads(reply) => send(reply, refusal, || Ok(self.downloads.clone())),
            Request::StartDownload(wanted, reply) => send(reply, refusal, || {
                self.wanted.push(wanted);
                let download = a_download(self.downloads.len() as u64 + 1);
                self.downloads.push(download.clone());
                Ok(download)
            }),
            Request::Download(id, reply) => send(reply, refusal, || self.download(id).cloned()),
            Request::PauseDownload(id, reply) => send(reply, refusal, || {
                let download = self.download(id)?;
                download.state = DownloadState::Paused;
                Ok(download.clone())
            }),
            Request::ResumeDownload(id, reply) => send(reply, refusal, || {
                let download = self.download(id)?;
                download.state = DownloadState::Fetching;
                Ok(download.clone())
            }),
            Request::CancelDownload(id, reply) => send(reply, refusal, || {
                self.download(id)?;
                self.downloads.retain(|download| download.id != id);
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

fn no_download() -> Refusal {
    Refusal::NotFound("no download has this number: list them".to_owned())
}

fn send<T>(reply: Reply<T>, refusal: Option<Refusal>, answer: impl FnOnce() -> Result<T, Refusal>) {
    reply.send(refusal.map_or_else(answer, Err));
}

/// One file on its way, and two hosts that wait.
pub fn uploads() -> Uploads {
    let upload = Upload {
        id: 3,
        address: "203.0.113.9:40000".parse().unwrap(),
        name: "slow river.ogg".to_owned(),
        size: 3_000_000,
        sha1: None,
        sent_bytes: 1_000_000,
        bytes_per_s: 50_000,
        for_s: 20,
    };
    let totals =
        UploadTotals { started: 7, finished: 5, sent_bytes: 9_000_000, too_slow: 1, turns_over: 2 };
    Uploads { slots: 4, slots_taken: 1, waiting: 2, totals, uploads: vec![upload] }
}
