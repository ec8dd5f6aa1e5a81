//! Files of a shared folder, opened so that nothing else than what was shared is ever read.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, ReadWriteFlags};

use super::part::Part;
use crate::base::ranges::ByteRange;
use crate::library::found::Stamp;
use crate::library::read_file::is_unchanged;

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
    /// It is what it was when it was hashed.
    Whole(Stamp),
    /// They were proved right as they came.
    Part(Arc<Part>),
}

/// A file that is open, and is what it was.
#[derive(Debug)]
pub(super) struct Opened {
    file: File,
    promise: Promise,
}

impl Located {
    /// Opens it. May take as long as the disk does.
    pub(super) fn open(&self) -> io::Result<Opened> {
        let file = File::from(open_beneath(&self.root, &self.relative)?);
        let opened = Opened { file, promise: self.promise.clone() };
        opened.check(NOTHING)?;
        if let Promise::Whole(stamp) = &self.promise {
            let whole = std::num::NonZeroU64::new(stamp.size);
            // Advice that is not taken changes nothing.
            let _ = rustix::fs::fadvise(&opened.file, 0, whole, rustix::fs::Advice::Sequential);
        }
        Ok(opened)
    }
}

impl Opened {
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// Fails where the file has changed since it was shared, or these bytes of it are not promised.
    pub(super) fn check(&self, range: ByteRange) -> io::Result<()> {
        let is_so = match &self.promise {
            Promise::Whole(stamp) => is_unchanged(&self.file, stamp),
            Promise::Part(part) => part.may_send(&self.file, range),
        };
        let why = "the file is not what it was when it was shared";
        if is_so { Ok(()) } else { Err(io::Error::other(why)) }
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

const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NOCTTY);

/// Opens a file below a folder, over no link and no way upwards, whatever somebody has put there since.
fn open_beneath(root: &Path, relative: &Path) -> io::Result<OwnedFd> {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if relative.as_os_str().is_empty() || !relative.components().all(is_plain) {
        return Err(io::ErrorKind::InvalidInput.into());
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
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::library::scan::stamp_of;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("filbert-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("shared/below")).unwrap();
        fs::write(folder.join("secret"), b"secret").unwrap();
        fs::write(folder.join("shared/below/file"), b"shared").unwrap();
        folder
    }

    fn located(folder: &Path, relative: &str) -> Located {
        let root = folder.join("shared");
        let metadata = fs::metadata(root.join(relative)).unwrap();
        let promise = Promise::Whole(stamp_of(&metadata));
        Located { root: root.into(), relative: relative.into(), promise }
    }

    /// Both ways of opening do the same.
    fn both(root: &Path, relative: &str) -> [io::Result<OwnedFd>; 2] {
        let folder = OFlags::PATH | OFlags::DIRECTORY;
        let by_steps = rustix::fs::open(root, folder, Mode::empty()).unwrap();
        [open_beneath(root, relative.as_ref()), step_by_step(by_steps, relative.as_ref())]
    }

    #[test]
    fn a_file_is_opened_as_long_as_it_is_what_it_was() {
        let folder = folder("same");
        let located = located(&folder, "below/file");
        assert!(located.open().unwrap().check(NOTHING).is_ok());
        let path = folder.join("shared/below/file");
        let opened = located.open().unwrap();
        fs::write(&path, b"shared and more").unwrap();
        assert!(located.open().is_err(), "it has grown");
        assert!(opened.check(NOTHING).is_err(), "while it was open");
        fs::write(&path, b"other!").unwrap();
        assert!(located.open().is_err(), "it has other bytes, and another time");
        assert!(
            rewritten_in_secret(&path).open().is_err(),
            "it has other bytes, and the same time"
        );
        fs::remove_file(&path).unwrap();
        assert!(located.open().is_err(), "it is gone");
        fs::remove_dir_all(folder).unwrap();
    }

    /// A file, as it was before somebody put other bytes into it and set its time back.
    fn rewritten_in_secret(path: &Path) -> Located {
        let metadata = fs::metadata(path).unwrap();
        let (stamp, modified) = (stamp_of(&metadata), metadata.modified().unwrap());
        // The clock of the system may stand still for some milliseconds.
        while stamp_of(&fs::metadata(path).unwrap()).changed_ns == stamp.changed_ns {
            fs::write(path, b"third!").unwrap();
            File::options().append(true).open(path).unwrap().set_modified(modified).unwrap();
        }
        assert!(stamp_of(&fs::metadata(path).unwrap()).is_like(&stamp));
        let (root, relative) = (path.parent().unwrap().into(), path.file_name().unwrap().into());
        Located { root, relative, promise: Promise::Whole(stamp) }
    }

    #[test]
    fn nothing_is_opened_over_links_or_upwards() {
        let folder = folder("links");
        let root = folder.join("shared");
        for outcome in both(&root, "below/file") {
            outcome.unwrap();
        }
        symlink(folder.join("secret"), root.join("link")).unwrap();
        symlink(&folder, root.join("way")).unwrap();
        for hostile in ["link", "way/secret", "below/../../secret"] {
            assert!(open_beneath(&root, hostile.as_ref()).is_err(), "{hostile}");
        }
        for hostile in ["link", "way/secret"] {
            let [_, by_steps] = both(&root, hostile);
            assert!(by_steps.is_err(), "{hostile}");
        }
        for hostile in ["", "/etc/passwd", "../secret", "./below/../../secret", "below/.."] {
            assert!(open_beneath(&root, hostile.as_ref()).is_err(), "{hostile}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_became_something_else_is_not_a_file_any_more() {
        let folder = folder("kinds");
        let located = located(&folder, "below/file");
        let path = folder.join("shared/below/file");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(located.open().is_err(), "a folder");
        fs::remove_dir(&path).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(&path).status();
        if fifo.is_ok_and(|status| status.success()) {
            assert!(located.open().is_err(), "a pipe without another end");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
