//! What is asked of the disk itself, so that a test can have one that fails.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with, statvfs};

pub(super) trait System: Send {
    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    /// Gives a file a name that nobody has.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(io::Error::from) {
            Err(error) if cannot(&error) => replace_own(from, to),
            outcome => outcome,
        }
    }

    /// The names in a folder are to outlast a crash, where the disk can be told so.
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        match File::open(folder)?.sync_all() {
            Err(error) if cannot(&error) => Ok(()),
            outcome => outcome,
        }
    }

    fn free_len(&self, folder: &Path) -> io::Result<u64> {
        let disk = statvfs(folder)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

/// The disk that is there.
pub(super) struct Real;

impl System for Real {}

/// Such disks know nothing of this: some of networks, and of other systems.
fn cannot(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported)
}

/// Takes a name with an empty file, which the other one replaces then.
pub(super) fn replace_own(from: &Path, to: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(to)?;
    fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
}
