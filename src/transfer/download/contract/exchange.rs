//! What is asked of a source, and what it answers.

use std::net::SocketAddr;

use super::Path;
use crate::base::ranges::{ByteRange, RangeSet};
use crate::gnutella::http::PushLocation;
use crate::gnutella::wire::Guid;
use crate::transfer::download::leaves::TigerDigest;

/// What is asked of a source over its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    pub what: Wanted,
    pub path: Path,
    /// Others who have the file.
    pub alternates: Vec<SocketAddr>,
    /// Such of them as cannot be called.
    pub pushed: Vec<PushLocation>,
    /// Others of whom it was said, and who have it not.
    pub bad_alternates: Vec<SocketAddr>,
    /// Our place in its queue, as it named it.
    pub ticket: Option<String>,
    /// What we could share of it.
    pub available: Option<RangeSet>,
}

/// What of a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Bytes(ByteRange),
    Tree,
}

/// What a source has answered, before any bytes of the file or the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    /// It can be asked again over this connection once the body is over.
    pub stays_open: bool,
    /// Its head has fields that only servents have.
    pub is_servent: bool,
    /// What it has, where it has not all.
    pub available: Option<RangeSet>,
    pub alternates: Vec<SocketAddr>,
    /// Others who have it and cannot be called.
    pub pushed: Vec<PushLocation>,
    /// Of whom it says that they have it not.
    pub bad_alternates: Vec<SocketAddr>,
    /// Root of the Tiger tree, as it says.
    pub root: Option<TigerDigest>,
    /// Its servent, where it says so.
    pub servent: Option<Guid>,
    /// Who passes a Push on to it.
    pub proxies: Vec<SocketAddr>,
}

/// What an answer comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These bytes follow; so many the whole file has, if it says so.
    Bytes { range: ByteRange, size: Option<u64> },
    /// A tree follows, in so many bytes.
    Tree { len: u64 },
    /// A place in a queue: ask again between these two moments.
    Queued { poll_min_ms: u64, poll_max_ms: u64, ticket: Option<String>, place: Option<u32> },
    /// Not now; perhaps after so long.
    Busy { retry_ms: Option<u64> },
    /// It has the file, but not these bytes; so many the whole file has, if it says so.
    NotTheseBytes { size: Option<u64> },
    /// It has not what was asked for.
    Missing,
    /// Anything else: redirects are not followed (DOWN-11).
    Refused,
}
