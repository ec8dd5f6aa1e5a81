//! Files of a shared folder, opened so that nothing else than what was shared is ever read.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, IoSliceMut};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, ReadWriteFlags};
use tokio::sync::watch;

use super::Files;
use super::part::Part;
use crate::base::ranges::ByteRange;
use crate::index::files::FileId;
use crate::library::catalogue::Inventory;
use crate::library::found::Stamp;
use crate::library::read_file::is_unchanged;
use crate::library::scan::stamp_of;

/// Whether it is the file at all.
pub(super) const NOTHING: ByteRange = ByteRange::new(0, 0);

/// Where a file is, and what it has to be.
#[derive(Clone, Debug)]
pub struct Located {
    /// The folder that the user has shared, or in which unfinished files lie.
    pub(super) root: Arc<Path>,
    /// From there; no part of it may be a link, or lead upwards.
    pub(super) relative: PathBuf,
    pub(super) promise: Promise,
}

/// What makes the bytes of a file those that were promised.
#[derive(Clone, Debug)]
pub(super) enum Promise {
    /// It is what it was when it was hashed, and is shared.
    Whole(Stamp, Listed),
    /// They were proved right as they came.
    Part(Arc<Part>),
}

/// A file among those that are offered at each moment.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) file: FileId,
    pub(super) inventory: watch::Receiver<Arc<Inventory>>,
}

/// A file that is open, and is what it was.
#[derive(Debug)]
pub(super) struct Opened {
    file: File,
    promise: Promise,
}

/// Why a file is not open. The later of two reasons leaves more hope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unopened {
    /// It is not there any more, or is another one.
    Gone,
    /// It may be what it was: its rights or its names have changed, or its bytes in secret.
    Touched,
    /// Nobody lets us read it.
    Forbidden,
    /// The system lacks something, or the disk is in trouble.
    Later,
}

/// Opens a file, or another one with the same content. May take as long as the disk does.
pub(super) fn open_one(files: &dyn Files, file: FileId) -> Result<Opened, Unopened> {
    let mut mildest = Unopened::Gone;
    for (copy, located) in files.copies(file) {
        let why = match located.open() {
            Ok(opened) => return Ok(opened),
            Err(why) => why,
        };
        tracing::debug!(?why, file = copy.0, "a shared file cannot be sent");
        files.cannot_open(copy, why);
        mildest = mildest.max(why);
    }
    Err(mildest)
}

impl Located {
    /// Opens it. May take as long as the disk does.
    pub(super) fn open(&self) -> Result<Opened, Unopened> {
        let file = File::from(open_beneath(&self.root, &self.relative)?);
        let opened = Opened { file, promise: self.promise.clone() };
        if opened.check(NOTHING).is_err() {
            return Err(opened.why_not());
        }
        if let Promise::Whole(stamp, _) = &self.promise {
            let whole = std::num::NonZeroU64::new(stamp.size);
            // Advice that is not taken changes nothing.
            let _ = rustix::fs::fadvise(&opened.file, 0, whole, rustix::fs::Advice::Sequential);
        }
        Ok(opened)
    }
}

impl Listed {
    /// Whether the file is offered as it was then.
    fn has(&self, stamp: &Stamp) -> bool {
        self.inventory.borrow().get(self.file).is_some_and(|offered| offered.stamp == *stamp)
    }
}

impl Opened {
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// Fails where the file has changed since it was shared, or these bytes of it are not promised.
    pub(super) fn check(&self, range: ByteRange) -> io::Result<()> {
        let is_so = match &self.promise {
            Promise::Whole(stamp, listed) => listed.has(stamp) && is_unchanged(&self.file, stamp),
            Promise::Part(part) => part.may_send(&self.file, range),
        };
        let why = "the file is not what it was when it was shared, or is not shared any more";
        if is_so { Ok(()) } else { Err(io::Error::other(why)) }
    }

    /// Why it is not what was promised.
    fn why_not(&self) -> Unopened {
        let Promise::Whole(stamp, listed) = &self.promise else { return Unopened::Gone };
        let is_like = |now: Metadata| now.is_file() && stamp_of(&now).is_like(stamp);
        match self.file.metadata().map(is_like) {
            Ok(true) if listed.has(stamp) => Unopened::Touched,
            _ => Unopened::Gone,
        }
    }

    /// Whether these bytes can be read without waiting for a disk, as far as both ends tell.
    pub(super) fn is_cached(&self, start: u64, len: u64) -> bool {
        let last = start.saturating_add(len.saturating_sub(1));
        [start, last].into_iter().all(|at| self.has_byte(at))
    }

    #[cfg(target_os = "linux")]
    fn has_byte(&self, at: u64) -> bool {
        let mut byte = [0];
        let mut buffers = [IoSliceMut::new(&mut byte)];
        rustix::io::preadv2(&self.file, &mut buffers, at, ReadWriteFlags::NOWAIT) == Ok(1)
    }
}

impl From<io::Error> for Unopened {
    fn from(error: io::Error) -> Self {
        // What lies there now is a link, or something that is no file.
        let others = [Errno::LOOP, Errno::XDEV, Errno::NXIO, Errno::INVAL, Errno::NODEV];
        let is_other =
            others.iter().any(|other| error.raw_os_error() == Some(other.raw_os_error()));
        match error.kind() {
            _ if is_other => Self::Gone,
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput => Self::Gone,
            ErrorKind::PermissionDenied => Self::Forbidden,
            _ => Self::Later,
        }
    }
}

const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

/// Opens a file below a folder, over no link and no way upwards, whatever somebody has put there since.
fn open_beneath(root: &Path, relative: &Path) -> io::Result<OwnedFd> {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if relative.as_os_str().is_empty() || !relative.components().all(is_plain) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(root, folder, Mode::empty())?;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    // Nobody waits for the other end of a pipe that was put in the place of a file.
    let flags = FLAGS | OFlags::NONBLOCK;
    match rustix::fs::openat2(&root, relative, flags, Mode::empty(), resolve) {
        // Older systems, and those that allow few calls, do not know it.
        Err(Errno::NOSYS | Errno::PERM) => step_by_step(root, relative),
        outcome => Ok(outcome?),
    }
}

/// The same, one part of the path after the other.
fn step_by_step(root: OwnedFd, relative: &Path) -> io::Result<OwnedFd> {
    let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut parts = relative.components().peekable();
    let mut at = root;
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let flags = if is_last { FLAGS | OFlags::NONBLOCK | OFlags::NOFOLLOW } else { folder };
        at = rustix::fs::openat(at.as_fd(), part.as_os_str(), flags, Mode::empty())?;
    }
    Ok(at)
}

#[cfg(test)]
mod tests;
