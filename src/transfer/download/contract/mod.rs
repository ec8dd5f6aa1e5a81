//! What goes in and out of a download.
//!
//! | module | what it is |
//! |---|---|
//! | `finding` | who has a file, as somebody tells it |
//! | `exchange` | what is asked of a source, and what it answers |

mod exchange;
mod finding;

use std::net::SocketAddr;

use bytes::Bytes;

pub use exchange::{Answer, Ask, Outcome, Wanted};
pub use finding::{Finding, KazaaHost, Origin, Path, PushWay, SourceId};

use super::leaves::TigerDigest;
use super::row::Row;
use crate::base::kazaa_hash::KzHash;

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
    /// What the whole part file is.
    Hashed(Hashes),
    /// The name that the file has now.
    Named(String),
}

/// What a part file is, read from its first to its last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashes {
    pub sha1: [u8; 20],
    /// What FastTrack knows it by, and the root of its Tiger tree: where that was wanted.
    pub others: Option<(KzHash, TigerDigest)>,
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
    /// Have this node of FastTrack call us.
    PushKazaa { source: SourceId, address: SocketAddr, host: KazaaHost },
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
    /// Make the part file, or open it again, with room for so many bytes if that is known. Others have to leave it
    /// that room where the size is sure.
    Prepare { size: Option<u64>, is_sure: bool },
    /// Write bytes of the part file.
    Write { offset: u64, bytes: Bytes },
    /// All that was written to the part file is to outlast a crash.
    Sync,
    /// Write there in the journal, which ends behind these bytes, and have them outlast a crash.
    Append { offset: u64, bytes: Vec<u8> },
    /// These bytes take the place of the journal, and outlast a crash: whole, or not at all.
    Rewrite { bytes: Vec<u8> },
    /// The part file goes, though somebody may have it open, and a new one takes its place.
    BeginAgain { size: u64, is_sure: bool },
    /// Read the whole part file and say its SHA-1; with `others`, also what other networks know it by.
    Hash { others: bool },
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
