//! The values of the API, as JSON has them. Names have their units last.

mod asked;
mod download;
mod happening;
mod library;
mod peer;
mod problem;
mod search;
mod status;
mod upload;

pub use asked::{
    AddHosts, BrowseHost, Changed, ConnectTo, GNUTELLA_PORT, Health, LogFilter, Route, StartSearch,
};
pub use download::{Download, DownloadState, StartDownload};
pub use happening::Happening;
pub use library::{LeftOut, Library, LibraryStatus, SharedFile};
pub use peer::{Direction, Network, Peer, PeerId, QueryTable, Queue};
pub use problem::Problem;
pub use search::{Hit, Search, SearchId, SearchState};
pub use status::{FastTrackStatus, Holding, Links, Promotion, Role, Status, Totals};
pub use upload::{Upload, UploadTotals, Uploads};

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A host of the host cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Host {
    #[serde(default)]
    pub network: Network,
    #[schema(value_type = String, example = "203.0.113.7:6346")]
    pub address: SocketAddr,
    pub quality: HostQuality,
    pub ultrapeer: bool,
    /// Seconds since it was last heard of.
    pub age_s: u32,
}

/// By whose word a host is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HostQuality {
    /// Ours: we were connected.
    Proven,
    /// Its own: it called us, or answered.
    Met,
    /// Somebody else's.
    Hearsay,
}

/// A source of hosts: an UDP host cache or a web cache, and how it went there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bootstrap {
    /// Its name, as it is configured.
    pub name: String,
    /// `udp` or `web`.
    pub kind: String,
    /// Seconds since it was asked, if it was in this run.
    pub asked_ago_s: Option<u64>,
    /// Hosts that it has named.
    pub hosts: u64,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

/// How many bytes a second may go which way. Nothing is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bandwidth {
    pub upload_bytes_per_s: Option<u64>,
    pub download_bytes_per_s: Option<u64>,
}
