//! A file -> its digests, or why there are none.

#![allow(clippy::disallowed_types, reason = "this module reads the disk")]

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};

use super::catalogue::Job;
use super::found::Stamp;
use super::hash::{Digests, FileHasher};
use super::scan::stamp_of;

/// Bytes that are read at once, and after which it is asked whether anybody still wants them.
const READ_LEN: usize = 1 << 18;

/// Why a file has no digests.
#[derive(Debug)]
pub enum Unhashed {
    /// It is another one than was found, or was written to while it was read.
    Changed,
    /// It is not there any more.
    Gone,
    /// The system does not let us, or the disk is broken.
    Unreadable(io::Error),
    /// Nobody wants it any more.
    Stopped,
}

/// Reads a file from its beginning to its end. Its stamp is compared before and after, on what is open, so that the
/// digests are those of the file that was found; one that got another name meanwhile has to be found again.
///
/// `go_on` is told how many bytes were read, each time some were, and says whether to go on.
///
/// # Errors
/// [`Unhashed`]
pub fn hash_file(job: &Job, go_on: &mut dyn FnMut(usize) -> bool) -> Result<Digests, Unhashed> {
    let mut file = open(job)?;
    let same =
        |file: &File| file.metadata().map(|now| now.is_file() && stamp_of(&now) == job.stamp);
    if !same(&file)? {
        return Err(Unhashed::Changed);
    }
    let mut left = job.stamp.size;
    let mut hasher = FileHasher::of_size(left, job.wanted);
    let mut buffer = vec![0; usize::try_from(left).unwrap_or(READ_LEN).clamp(1, READ_LEN)];
    while left > 0 {
        let len = match file.read(&mut buffer) {
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let Some(rest) = left.checked_sub(len as u64).filter(|_| len > 0) else {
            return Err(Unhashed::Changed);
        };
        hasher.update(buffer.get(..len).unwrap_or_default());
        left = rest;
        if !go_on(len) {
            return Err(Unhashed::Stopped);
        }
    }
    if !same(&file)? {
        return Err(Unhashed::Changed);
    }
    Ok(hasher.finish())
}

/// Opens the file itself, not what a link leads to that has taken its place, and waits for nobody.
fn open(job: &Job) -> Result<File, Unhashed> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    Ok(options.open(&job.path)?)
}

impl From<io::Error> for Unhashed {
    fn from(error: io::Error) -> Self {
        // A link is there now.
        #[cfg(unix)]
        if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
            return Self::Changed;
        }
        match error.kind() {
            ErrorKind::NotFound => Self::Gone,
            ErrorKind::IsADirectory => Self::Changed,
            _ => Self::Unreadable(error),
        }
    }
}

/// Whether a file still is what it was when it was hashed.
pub fn is_unchanged(file: &File, stamp: &Stamp) -> bool {
    file.metadata().is_ok_and(|now| now.is_file() && stamp_of(&now) == *stamp)
}
