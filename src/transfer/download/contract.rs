use std::net::SocketAddr;

use bytes::Bytes;

use super::leaves::TigerDigest;
use super::row::Row;
use crate::base::ranges::{ByteRange, RangeSet};
use crate::gnutella::http::PushLocation;
use crate::gnutella::wire::Guid;

/// Somebody who has a file, or some of it, as one download names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u64);

/// How a file is named where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// `/uri-res/N2R?urn:sha1:…`
    ByUrn,
    /// `/get/INDEX/NAME`, of a hit.
    ByIndex { index: u32, name: String },
    /// The target of a URL, of a magnet link.
    Url(String),
    /// The same, of a host that is called by this name (and port).
    Named { host: String, target: String },
}

/// Who told of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The user, in a magnet link.
    User,
    /// A hit.
    Hit,
    /// Another source, as an alternate location.
    Alternate,
    /// An earlier run.
    Journal,
}

/// A source, as somebody told of it. Nothing of it is known to be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub address: SocketAddr,
    pub path: Path,
    /// Its servent, and who passes a Push on to it.
    pub push: Option<PushWay>,
    /// It says that nobody can call it.
    pub is_firewalled: bool,
    /// It says that it speaks TLS.
    pub takes_tls: bool,
    /// What the file is called there, as safe as names are here.
    pub name: Option<String>,
    pub origin: Origin,
}

impl Finding {
    /// Somebody who is said to have it, and to be reachable.
    pub const fn by_urn(address: SocketAddr, origin: Origin) -> Self {
        Self {
            address,
            path: Path::ByUrn,
            push: None,
            is_firewalled: false,
            takes_tls: false,
            name: None,
            origin,
        }
    }

    /// Whether both are one host: one servent, or one address.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let servent = |finding: &Self| finding.push.as_ref().map(|way| way.servent);
        if self.is_firewalled && other.is_firewalled {
            return servent(self) == servent(other);
        }
        self.is_firewalled == other.is_firewalled && self.address == other.address
    }
}

/// How to have a servent call us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushWay {
    pub servent: Guid,
    /// The file's number there.
    pub index: u32,
    pub proxies: Vec<SocketAddr>,
}

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
    /// It has the file, but not these bytes.
    NotTheseBytes,
    /// It has not what was asked for.
    Missing,
    /// Anything else: redirects are not followed (DOWN-11).
    Refused,
}

/// Why a call came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFailure {
    /// Nobody answered.
    Unreachable,
    /// Not called: it was called too often, or is no servent.
    Spared,
    /// It may be called, but not before so long.
    Later { wait_ms: u64 },
    /// No push could be sent.
    NoWay,
    /// It was said to speak TLS, and does not, or not with us.
    NotSecret,
    /// Nothing left our machine: it has no way to anybody just now.
    NoLine,
}

/// What a driver hands to a [`Download`](super::Download).
#[derive(Debug)]
pub enum Input {
    Found(Finding),
    /// A connection stands: ours, or one that follows a Push.
    Connected {
        source: SourceId,
    },
    ConnectFailed {
        source: SourceId,
        why: CallFailure,
    },
    Answered {
        source: SourceId,
        answer: Answer,
    },
    /// What came was no answer.
    Nonsense {
        source: SourceId,
    },
    /// Bytes of the body, in order.
    Body {
        source: SourceId,
        bytes: Bytes,
    },
    /// A tree that was asked for, as read from the whole body: nothing where it was none.
    Tree {
        source: SourceId,
        row: Option<Row>,
    },
    /// We have not read what it sends for a while: it does as the user's limit wants, and is not silent.
    Held {
        source: SourceId,
    },
    /// The connection is gone.
    Lost {
        source: SourceId,
    },
    /// It says that it is our turn in its queue.
    Turn {
        source: SourceId,
    },
    /// Work for the disk is done, in the order in which it was given.
    Done {
        number: u64,
        outcome: Result<Done, DiskFailure>,
    },
    /// The user wants it to wait.
    Pause,
    /// The user wants it to go on, and it is its turn.
    Resume,
    /// It waits for its turn: others come first.
    Queue,
    /// The user does not want it any more.
    Cancel,
    /// The program ends: what is proved goes to the journal now.
    End,
    /// The moment of [`Download::next_timeout`](super::Download::next_timeout) has come.
    Timeout,
}

/// What the disk has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    Fine,
    /// The digest of the whole part file.
    Hashed([u8; 20]),
    /// The name that the file has now.
    Named(String),
}

/// What the disk could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFailure {
    /// One sentence for people, which says what to do.
    pub why: String,
    /// There is no room, which may be because somebody has said a false size.
    pub no_room: bool,
}

/// What a [`Download`](super::Download) hands to its driver.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Connect to this host.
    Connect { source: SourceId, address: SocketAddr },
    /// Have this servent call us.
    Push { source: SourceId, way: PushWay },
    /// Send this request.
    Ask { source: SourceId, ask: Ask },
    /// End the connection, or the attempt at one.
    Disconnect { source: SourceId },
    /// Do this on the disk, after all that was given before. After a failure nothing more is done before
    /// [`Work::Prepare`] comes again.
    Disk { number: u64, work: Work },
    /// Look for more sources.
    Search,
    /// A source has lied, or has not what it was said to have.
    Dropped { source: SourceId, address: SocketAddr, why: Why },
    /// What users want to know has changed.
    Became(State),
}

/// Why a source is not asked any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It sent bytes that are not those of the file.
    WrongBytes,
    /// Its tree is not that of the file.
    WrongTree,
    /// Its file has another size.
    WrongSize,
    /// It has not got it.
    Missing,
    /// It speaks otherwise than servents do.
    NoServent,
    /// It could not be reached time and again.
    Unreachable,
}

/// What a disk is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Make the part file, or open it again, with room for so many bytes if that is known.
    Prepare { size: Option<u64> },
    /// Write bytes of the part file.
    Write { offset: u64, bytes: Bytes },
    /// All that was written to the part file is to outlast a crash.
    Sync,
    /// Write there in the journal, which ends behind these bytes, and have them outlast a crash.
    Append { offset: u64, bytes: Vec<u8> },
    /// These bytes take the place of the journal, and outlast a crash: whole, or not at all.
    Rewrite { bytes: Vec<u8> },
    /// The part file goes, though somebody may have it open, and a new one takes its place.
    BeginAgain { size: u64 },
    /// Read the whole part file and say its SHA-1.
    Hash,
    /// The part file gets this name, or one like it where that is taken; the journal goes.
    Finish { name: String },
    /// Part file and journal go.
    Remove,
}

/// What a download is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Bytes are fetched, or sources looked for.
    Fetching,
    /// It waits for its turn.
    Queued,
    /// The user wants it to wait.
    Paused,
    /// The disk has failed, and this is what to do.
    Stuck(String),
    /// All bytes are there: they are read once more.
    Verifying,
    /// The file has its name.
    Finished { name: String },
    /// The user did not want it any more.
    Cancelled,
}

impl State {
    /// Whether anything may still happen.
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Cancelled)
    }
}
