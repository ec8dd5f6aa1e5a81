use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The file in a home that is locked while a node runs.
const LOCK: &str = "lock";
/// The file in which a user may have written what the node is to be.
const CONFIGURATION: &str = "config.toml";

/// The home of a node, for this one alone. The lock is gone with the process, however that ends.
#[derive(Debug)]
pub struct HomeLock {
    home: PathBuf,
    _file: File,
}

/// Why a home cannot be used.
#[derive(Debug, Error)]
pub enum NoHome {
    #[error(
        "another node runs in {}: stop it with `filbert stop`, or choose another home with --home",
        .0.display()
    )]
    Taken(PathBuf),
    #[error("the home {} cannot be used, choose another one with --home: {why}", .home.display())]
    Unusable { home: PathBuf, why: io::Error },
}

impl HomeLock {
    /// Makes the home if it is not there, and takes it.
    pub fn take(home: &Path) -> Result<Self, NoHome> {
        let unusable = |why| NoHome::Unusable { home: home.to_owned(), why };
        make_private_dir(home).map_err(unusable)?;
        let file = open_private(&home.join(LOCK)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { home: home.to_owned(), _file: file }),
            Err(TryLockError::WouldBlock) => Err(NoHome::Taken(home.to_owned())),
            Err(TryLockError::Error(why)) => Err(unusable(why)),
        }
    }

    pub fn home(&self) -> &Path {
        &self.home
    }
}

/// Opens a file to read and to write, or makes it, for nobody but its owner.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let is_open = file.metadata()?.permissions().mode() & 0o077 != 0;
        if is_open {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let is_open = fs::metadata(path)?.permissions().mode() & 0o077 != 0;
        if is_open && !is_ours(path)? {
            return Err(io::Error::other("others may enter it, and it holds files of theirs"));
        }
        if is_open {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
    }
    Ok(())
}

/// Whether a directory is empty, was a home before, or was prepared to be one: nobody else is locked out
/// then.
fn is_ours(path: &Path) -> io::Result<bool> {
    let is_prepared = [LOCK, CONFIGURATION].iter().any(|name| path.join(name).exists());
    Ok(is_prepared || fs::read_dir(path)?.next().is_none())
}
