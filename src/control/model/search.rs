use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Network;

/// A search, as the API calls it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct SearchId(pub u64);

impl fmt::Display for SearchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A search of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Search {
    pub id: SearchId,
    pub words: String,
    /// Which networks were asked; none where it was one host.
    #[serde(default)]
    pub networks: Vec<Network>,
    pub state: SearchState,
    /// Why it ended, in words, once it has.
    pub why: Option<String>,
    /// Files that were found, each of them one hit.
    pub hits: u64,
    /// Of these, such as are kept and can be asked for.
    pub hits_kept: u64,
    /// Of these, such as an earlier search for the same words has found: not all others hear the same
    /// words again within half an hour.
    pub hits_recalled: u64,
    /// Seconds since it began.
    pub age_s: u64,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchState {
    /// Others are being asked.
    Running,
    /// Nobody is asked any more; hits may still come.
    Ended,
}

/// A file that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    pub search: SearchId,
    /// Counts up from 0 in each search.
    pub number: u64,
    #[serde(default)]
    pub network: Network,
    pub name: String,
    pub size: u64,
    /// In base32, as magnet links have it.
    pub sha1: Option<String>,
    /// The hash by which FastTrack knows the file, in hex. It covers parts of a long file only.
    #[serde(default)]
    #[schema(example = "01020304050607080910111213141516ffffffff")]
    pub kazaa_hash: Option<String>,
    /// Where it can be fetched, if whoever has it can be called.
    #[schema(value_type = String, example = "203.0.113.7:6346")]
    pub address: SocketAddr,
    /// The index by which its owner knows the file.
    pub index: u32,
    /// The code of the program, such as `GTKG`.
    pub vendor: Option<String>,
    /// What whoever has it calls itself, in FastTrack.
    #[serde(default)]
    pub user: Option<String>,
    /// Its supernode, in FastTrack: who passes a push on to it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub supernode: Option<SocketAddr>,
    /// The servent GUID, in hex: whom to push. Nothing in FastTrack.
    pub servent_id: String,
    pub firewalled: bool,
    /// Who passes a push on to it, as it says.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["203.0.113.9:6346"]))]
    pub push_proxies: Vec<SocketAddr>,
    /// Whether it says that it speaks TLS.
    #[serde(default)]
    pub takes_tls: bool,
    pub busy: bool,
    pub hops: u8,
    /// In kilobits a second, as it claims.
    pub speed: u32,
    /// What speaks against it, if something does: it may be spam. One word, such as `content_for_all`.
    #[schema(example = "content_for_all")]
    pub doubt: Option<String>,
    /// A magnet link to it, if its SHA-1 is known.
    #[schema(example = "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a.ogg&xl=1000")]
    pub magnet: Option<String>,
}
