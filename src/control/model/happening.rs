use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Changed, Direction, Download, Hit, LibraryStatus, Network, PeerId, Role, SearchId};

/// Something that happened, for whoever watches. The name of the kind is the name of the server-sent event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Happening {
    /// A link is open.
    PeerConnected {
        id: PeerId,
        #[schema(value_type = String)]
        address: SocketAddr,
        direction: Direction,
        #[serde(default)]
        network: Network,
        role: Role,
        vendor: Option<String>,
    },
    /// A link is gone, or a call of ours has led to none.
    PeerDisconnected {
        id: PeerId,
        #[schema(value_type = String)]
        address: SocketAddr,
        why: String,
    },
    /// A host that was called did not answer.
    CallFailed {
        #[schema(value_type = String)]
        address: SocketAddr,
        why: String,
    },
    /// We are something else now.
    RoleChanged {
        #[serde(default)]
        network: Network,
        role: Role,
        why: String,
    },
    /// A search has begun.
    SearchStarted { search: SearchId, words: String },
    /// A file was found.
    Hit(Hit),
    /// A search has asked everybody it wanted to ask.
    SearchEnded { search: SearchId, results: u32, why: String },
    /// A query of somebody else was answered from our files.
    Answered { results: u32 },
    /// A neighbour broke a rule of the protocol.
    Struck {
        id: PeerId,
        #[schema(value_type = String)]
        address: SocketAddr,
        rule: String,
        why: String,
    },
    /// An address is refused for a while.
    Banned {
        #[schema(value_type = String)]
        address: std::net::IpAddr,
        for_s: u64,
        why: String,
    },
    /// Somebody wants a file that we are to bring, for it cannot call us.
    Pushed {
        #[schema(value_type = String)]
        address: SocketAddr,
        index: u32,
    },
    /// A file is fetched, or fetched on after a restart.
    DownloadStarted(Download),
    /// A download waits, goes on, is stuck, or is not wanted any more.
    DownloadChanged(Download),
    /// A file is there, and what was asked for.
    DownloadFinished(Download),
    /// Somebody begins to take a file.
    UploadStarted {
        id: u64,
        #[schema(value_type = String)]
        address: SocketAddr,
        name: String,
        size: u64,
        sha1: Option<String>,
    },
    /// Somebody takes a file no longer. It may have all of it, or come again for the rest.
    UploadEnded {
        id: u64,
        #[schema(value_type = String)]
        address: SocketAddr,
        name: String,
        sent_bytes: u64,
        /// Why its slot was taken back, if it was.
        why: Option<String>,
    },
    /// A source of hosts has answered, or has not.
    Bootstrap { name: String, hosts: u64, error: Option<String> },
    /// The library is further than it was; told each second at most.
    Library(LibraryStatus),
    /// The configuration was read again.
    Reloaded(Changed),
    /// The node is saying goodbye.
    Stopping,
    /// Some events were lost, for whoever watches was too slow.
    Missed { events: u64 },
}

impl Happening {
    /// The names of all kinds.
    pub const NAMES: [&'static str; 21] = [
        "peer_connected",
        "peer_disconnected",
        "call_failed",
        "role_changed",
        "search_started",
        "hit",
        "search_ended",
        "answered",
        "struck",
        "banned",
        "pushed",
        "download_started",
        "download_changed",
        "download_finished",
        "upload_started",
        "upload_ended",
        "bootstrap",
        "library",
        "reloaded",
        "stopping",
        "missed",
    ];

    /// The name of the kind, as it stands in `event`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PeerConnected { .. } => "peer_connected",
            Self::PeerDisconnected { .. } => "peer_disconnected",
            Self::CallFailed { .. } => "call_failed",
            Self::RoleChanged { .. } => "role_changed",
            Self::SearchStarted { .. } => "search_started",
            Self::Hit(_) => "hit",
            Self::SearchEnded { .. } => "search_ended",
            Self::Answered { .. } => "answered",
            Self::Struck { .. } => "struck",
            Self::Banned { .. } => "banned",
            Self::Pushed { .. } => "pushed",
            Self::DownloadStarted(_) => "download_started",
            Self::DownloadChanged(_) => "download_changed",
            Self::DownloadFinished(_) => "download_finished",
            Self::UploadStarted { .. } => "upload_started",
            Self::UploadEnded { .. } => "upload_ended",
            Self::Bootstrap { .. } => "bootstrap",
            Self::Library(_) => "library",
            Self::Reloaded(_) => "reloaded",
            Self::Stopping => "stopping",
            Self::Missed { .. } => "missed",
        }
    }
}
