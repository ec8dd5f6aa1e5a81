use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of what we share, and how far the library is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Library {
    pub status: LibraryStatus,
    /// In the order of their indices.
    pub files: Vec<SharedFile>,
    /// Where to go on, if there are more.
    pub next: Option<u32>,
}

/// A file that we share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SharedFile {
    /// The index by which others ask for it.
    pub index: u32,
    pub name: String,
    /// Where it lies.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// In base32, as magnet links have it.
    pub sha1: Option<String>,
    /// Root of its Tiger tree, in base32.
    pub tiger_root: Option<String>,
    /// What FastTrack knows it by, in hexadecimal; the first 40 digits are its UUHash.
    pub kzhash: Option<String>,
    /// Seconds since 1970 at which it was written last.
    pub modified_s: Option<u32>,
    /// A magnet link to it, which says where we are if others can reach us.
    #[schema(example = "magnet:?xt=urn:sha1:PLSTHIPQGSSZTS5FJUPAKUZWUGYQYPFB&dn=a.ogg&xl=1000")]
    pub magnet: Option<String>,
}

/// How far the library is. A file is shared as soon as it is hashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LibraryStatus {
    /// Folders are looked through.
    pub scanning: bool,
    /// Files are read.
    pub hashing: bool,
    pub folders: u64,
    /// Folders of which the system tells what changes.
    pub watched_folders: u64,
    /// Files that are shared.
    pub files: u64,
    pub bytes: u64,
    /// Files that were found, hashed or not.
    pub found_files: u64,
    pub found_bytes: u64,
    /// Files that wait to be hashed.
    pub waiting_files: u64,
    pub waiting_bytes: u64,
    /// Files that were written a moment ago, and are left alone for a while.
    pub changing_files: u64,
    /// Read since the start.
    pub hashed_files: u64,
    pub hashed_bytes: u64,
    /// How fast files are read, while they are.
    pub bytes_per_s: Option<u64>,
    /// Seconds until all are hashed, as far as that can be foretold.
    pub left_s: Option<u64>,
    pub left_out: LeftOut,
}

/// What is not shared, and why. Of a folder that is left out nothing is counted but itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// The name begins with a dot.
    pub hidden: u64,
    /// Symbolic links.
    pub links: u64,
    /// Devices, pipes and sockets.
    pub special: u64,
    /// Without a byte.
    pub empty: u64,
    /// Larger than what is shared.
    pub too_large: u64,
    /// The name is no text, or has control characters.
    pub unnameable: u64,
    /// The system does not let us, or the disk is broken.
    pub unreadable: u64,
    /// Folders that were met before.
    pub twice: u64,
    /// Folders that lie too deep in each other.
    pub too_deep: u64,
    /// Folders of the node itself.
    pub own: u64,
    /// Files beyond the most that are shared.
    pub beyond: u64,
}
