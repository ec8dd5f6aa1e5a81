use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SearchId;

/// What to fetch: exactly one of a link, a URN, and a hit of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartDownload {
    /// A magnet link with a SHA-1, or such a URN; with FastTrack also one with a kzhash, or a sig2dat link.
    #[schema(example = "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a.ogg")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The search that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub search: Option<SearchId>,
    /// The number of the hit in that search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hit: Option<u64>,
}

/// What a download is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DownloadState {
    /// Bytes are fetched, or sources looked for.
    Fetching,
    /// It waits for its turn: sixteen files are fetched at a time.
    Queued,
    /// It waits until somebody resumes it.
    Paused,
    /// The disk has failed; `why` says what to do.
    Stuck,
    /// All bytes are there, and are read once more.
    Verifying,
    /// The file has its name, and its hashes are right.
    Finished,
    /// It is not wanted any more.
    Cancelled,
}

/// A file on its way to us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Download {
    pub id: u64,
    /// The name that it will have, or has.
    pub name: String,
    /// In base32, as magnet links have it. Of a file that FastTrack alone knows it is known when it is finished.
    pub sha1: Option<String>,
    /// What FastTrack knows it by, in hexadecimal.
    pub uuhash: Option<String>,
    /// No hash of all its bytes is known: FastTrack's covers some parts of a file, and others may be anything.
    #[serde(default)]
    pub unverified: bool,
    pub state: DownloadState,
    /// One sentence that says what to do, where it is stuck.
    pub why: Option<String>,
    /// Bytes of the file, once somebody has said it.
    pub size: Option<u64>,
    /// Bytes of it that are there.
    pub done_bytes: u64,
    /// Of these, such as its Tiger tree has proved right.
    pub verified_bytes: u64,
    pub bytes_per_s: u64,
    /// Hosts that may have it.
    pub sources: u64,
    /// Those that send now.
    pub sending: u64,
    /// Those in whose queues we wait.
    pub queued: u64,
    /// Where the file is, once it is whole.
    pub path: Option<String>,
}

impl Download {
    /// Seconds until it is there, if it goes on like this.
    pub fn left_s(&self) -> Option<u64> {
        self.size?.saturating_sub(self.done_bytes).checked_div(self.bytes_per_s)
    }

    /// Whether nothing more will happen.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, DownloadState::Finished | DownloadState::Cancelled)
    }
}
