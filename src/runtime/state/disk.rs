//! How a file of state is opened, and what may go wrong with it.

use std::fmt::Debug;
use std::fs;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageError};
use thiserror::Error;

use super::home::open_private;

/// Where files of state are opened; a test may bring a disk that is full.
#[derive(Debug)]
pub struct Disk(Box<dyn Opens>);

/// Opens a file of state, or makes one of an empty file.
trait Opens: Send + Debug {
    fn open(&self, path: &Path, builder: Builder) -> Result<Database, Trouble>;
}

/// Why a file of state cannot be used.
#[derive(Debug, Error)]
pub enum Trouble {
    /// It is no file of ours, or not any more: it would be so again.
    #[error("it is damaged, or of another program or version: {0}")]
    Damaged(String),
    /// The disk is full, or does not let us: that may pass.
    #[error("{0}")]
    Disk(String),
}

/// Bytes of the file that are kept in memory; the state of a node has a hundred thousand.
const CACHE_LEN: usize = 1 << 20;

impl Disk {
    /// The one of this machine.
    pub fn real() -> Self {
        Self(Box::new(Real))
    }

    /// One that opens files in its own way.
    pub fn made_of<F>(open: F) -> Self
    where
        F: Fn(&Path, Builder) -> Result<Database, DatabaseError> + Send + 'static,
    {
        Self(Box::new(Made(open)))
    }

    pub(super) fn open(&self, path: &Path) -> Result<Database, Trouble> {
        guarded(|| self.0.open(path, builder()))
    }

    /// The same, of a file of which so many bytes are kept in memory.
    pub(super) fn open_large(&self, path: &Path, cache_len: usize) -> Result<Database, Trouble> {
        let mut builder = Builder::new();
        builder.set_cache_size(cache_len);
        guarded(|| self.0.open(path, builder))
    }
}

/// A file may be damaged in a way that its reader takes for a bug of its own.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err(Trouble::Damaged("its reader gave up".to_owned())))
}

/// Files that are set aside; the last one is replaced by those that come after it.
const DAMAGED_MAX: u32 = 9;

/// Gives a file that cannot be used another name, beside those that were set aside before.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = |number| path.with_extension(format!("redb.damaged-{number}"));
    let aside = (1..DAMAGED_MAX).map(name).find(|path| !path.exists());
    let aside = aside.unwrap_or_else(|| name(DAMAGED_MAX));
    fs::rename(path, &aside)?;
    Ok(aside)
}

#[derive(Debug)]
struct Real;

impl Opens for Real {
    fn open(&self, path: &Path, builder: Builder) -> Result<Database, Trouble> {
        let file = open_private(path)?;
        let backend = FileBackend::new(file)?;
        Ok(builder.create_with_backend(backend)?)
    }
}

struct Made<F>(F);

impl<F> Debug for Made<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Made")
    }
}

impl<F: Fn(&Path, Builder) -> Result<Database, DatabaseError> + Send> Opens for Made<F> {
    fn open(&self, path: &Path, builder: Builder) -> Result<Database, Trouble> {
        Ok((self.0)(path, builder)?)
    }
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_LEN);
    builder
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::Damaged(error.to_string()),
            _ => Self::Disk(error.to_string()),
        }
    }
}

impl From<redb::Error> for Trouble {
    fn from(error: redb::Error) -> Self {
        use redb::Error;
        match error {
            Error::Io(error) => error.into(),
            Error::PreviousIo | Error::DatabaseAlreadyOpen | Error::DatabaseClosed => {
                Self::Disk(error.to_string())
            }
            _ => Self::Damaged(error.to_string()),
        }
    }
}

impl From<DatabaseError> for Trouble {
    fn from(error: DatabaseError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<StorageError> for Trouble {
    fn from(error: StorageError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::TransactionError> for Trouble {
    fn from(error: redb::TransactionError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::TableError> for Trouble {
    fn from(error: redb::TableError) -> Self {
        redb::Error::from(error).into()
    }
}

impl From<redb::CommitError> for Trouble {
    fn from(error: redb::CommitError) -> Self {
        redb::Error::from(error).into()
    }
}
