use std::path::PathBuf;

use crate::base::kazaa_hash::KzHash;
use crate::base::limits::HASH_QUIET_MS;
use crate::base::time::Time;
use crate::index::files::FileId;
use crate::library::found::{LeftOut, Stamp};
use crate::library::hash::Wanted;

/// A file that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: FileId,
    pub path: PathBuf,
    /// As it was when it was found.
    pub stamp: Stamp,
    pub wanted: Wanted,
}

/// A moment, by the clock that only goes forwards and by the one on the wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    pub time: Time,
    /// Nanoseconds since 1970, as files have them.
    pub wall_ns: i64,
}

/// By what a content is known to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    pub sha1: [u8; 20],
    pub tiger_root: [u8; 24],
    /// For FastTrack, where that was wanted.
    pub kzhash: Option<KzHash>,
}

/// Files and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    pub files: u64,
    pub bytes: u64,
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub folders: u64,
    /// That may be offered.
    pub found: Amount,
    /// That is hashed.
    pub offered: Amount,
    pub left_out: LeftOut,
    /// Files beyond the most that are shared.
    pub beyond: u64,
}

impl Moment {
    /// Whether nobody has written a file for a while.
    pub(super) fn is_quiet(self, stamp: &Stamp) -> bool {
        let quiet_ns = i64::try_from(HASH_QUIET_MS.saturating_mul(1_000_000)).unwrap_or(i64::MAX);
        let age_ns = self.wall_ns.saturating_sub(stamp.modified_ns);
        !(0..quiet_ns).contains(&age_ns)
    }
}

impl Amount {
    pub(crate) const fn add(&mut self, size: u64) {
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size);
    }

    pub(crate) const fn remove(&mut self, size: u64) {
        self.files = self.files.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(size);
    }
}
