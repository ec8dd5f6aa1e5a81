use std::fs;
use std::path::{Path, PathBuf};

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, StorageBackend, TableDefinition};
use thiserror::Error;

use super::disk::{Disk, Trouble, builder, guarded, set_aside};
use super::kept::{Kept, NAMES, Parts};
use super::wall::Wall;

const FILE: &str = "state.redb";

/// Everything is kept under its name in one table.
const TABLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("kept");

/// Under this name stands how the others are to be read.
const SCHEMA: &str = "schema";
const VERSION: &[u8] = b"1";

/// Bytes of a file that is copied into memory where it cannot be written. Real ones have two million.
const COPY_LEN_MAX: u64 = 1 << 26;

/// The file of state of a node.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    disk: Disk,
    /// Not there while it cannot be opened.
    database: Option<Database>,
    is_failing: bool,
}

/// A store, and what was in it.
#[derive(Debug)]
pub struct Opened {
    pub store: Store,
    pub kept: Kept,
    /// To be logged.
    pub warning: Option<Warning>,
}

/// What is wrong with a file of state. The node runs all the same.
#[derive(Debug, Error)]
pub enum Warning {
    #[error("the state in {} is not used and starts anew, {why}; the old file is now {}",
        .path.display(), .aside.display())]
    SetAside { path: PathBuf, aside: PathBuf, why: Trouble },
    #[error("a part of the state in {} cannot be read and starts anew: {parts}", .path.display())]
    Partly { path: PathBuf, parts: String },
    #[error("state is kept in memory only until {} can be written: {why}", .path.display())]
    InMemory { path: PathBuf, why: Trouble },
}

/// What became of an attempt to save something.
#[derive(Debug)]
pub enum Saved {
    /// It is on the disk.
    Done,
    /// It is, for the first time after failures.
    Recovered,
    /// It is not; the last time it was.
    Failed(Warning),
    /// It is not, as before.
    StillFailing,
}

impl Store {
    /// Opens the state in a home. The home must be held ([`HomeLock`](super::HomeLock)).
    pub fn open(home: &Path) -> Opened {
        Self::open_on(Disk::real(), home, Wall::now())
    }

    /// The same on a disk of somebody's own, and at any moment.
    pub fn open_on(disk: Disk, home: &Path, now: Wall) -> Opened {
        let path = home.join(FILE);
        let mut store = Self { path, disk, database: None, is_failing: false };
        let (kept, warning) = match store.open_and_read(now) {
            Ok((kept, unread)) => (kept, store.partly(&unread)),
            Err(why @ Trouble::Damaged(_)) => (Kept::default(), Some(store.start_anew(why))),
            Err(why @ Trouble::Disk(_)) => {
                (store.read_copy(now).unwrap_or_default(), Some(store.fail(why)))
            }
        };
        Opened { store, kept, warning }
    }

    /// Writes these parts, all or none of them.
    pub fn save(&mut self, parts: &Parts, now: Wall) -> Saved {
        match self.write(parts, now) {
            Ok(()) if std::mem::take(&mut self.is_failing) => Saved::Recovered,
            Ok(()) => Saved::Done,
            Err(_) if self.is_failing => {
                self.database = None;
                Saved::StillFailing
            }
            Err(why) => Saved::Failed(self.fail(why)),
        }
    }

    fn write(&mut self, parts: &Parts, now: Wall) -> Result<(), Trouble> {
        let database = match self.database.take() {
            Some(database) => database,
            None => self.reopen()?,
        };
        // After a failure it is opened anew: it may be half written.
        guarded(|| commit(&database, &parts.encode(now)))?;
        self.database = Some(database);
        Ok(())
    }

    fn reopen(&self) -> Result<Database, Trouble> {
        match self.open_or_make() {
            Err(Trouble::Damaged(_)) => {
                set_aside(&self.path).map_err(Trouble::from)?;
                self.open_or_make()
            }
            opened => opened,
        }
    }

    fn open_and_read(&mut self, now: Wall) -> Result<(Kept, Vec<&'static str>), Trouble> {
        let database = self.open_or_make()?;
        let read = guarded(|| read(&database, now))?;
        self.database = Some(database);
        Ok(read)
    }

    /// A new file gets its name when it is whole.
    fn open_or_make(&self) -> Result<Database, Trouble> {
        if !self.path.exists() {
            let new = self.path.with_extension("redb.new");
            let _: Result<(), _> = fs::remove_file(&new);
            let database = self.disk.open(&new)?;
            guarded(|| commit(&database, &[(SCHEMA, VERSION.to_vec())]))?;
            guarded(|| database.close().map_err(Trouble::from))?;
            fs::rename(&new, &self.path)?;
        }
        self.disk.open(&self.path)
    }

    /// What can be read of a file that cannot be written, and may have to be mended first: a copy of it
    /// is, in memory.
    fn read_copy(&self, now: Wall) -> Option<Kept> {
        if fs::metadata(&self.path).ok()?.len() > COPY_LEN_MAX {
            return None;
        }
        let bytes = fs::read(&self.path).ok()?;
        let read = || {
            let copy = InMemoryBackend::new();
            copy.set_len(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
            copy.write(0, &bytes)?;
            Ok(read(&builder().create_with_backend(copy)?, now)?.0)
        };
        guarded(read).ok()
    }

    fn start_anew(&mut self, why: Trouble) -> Warning {
        let path = self.path.clone();
        match set_aside(&self.path).map_err(Trouble::from) {
            Ok(aside) => {
                if let Ok(database) = self.open_or_make() {
                    self.database = Some(database);
                }
                Warning::SetAside { path, aside, why }
            }
            Err(why) => self.fail(why),
        }
    }

    fn fail(&mut self, why: Trouble) -> Warning {
        (self.is_failing, self.database) = (true, None);
        Warning::InMemory { path: self.path.clone(), why }
    }

    fn partly(&self, unread: &[&'static str]) -> Option<Warning> {
        let parts = unread.join(", ");
        (!unread.is_empty()).then(|| Warning::Partly { path: self.path.clone(), parts })
    }
}

/// Writes these values in one transaction. When this returns they are on the disk.
fn commit(database: &Database, values: &[(&str, Vec<u8>)]) -> Result<(), Trouble> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    {
        let mut table = transaction.open_table(TABLE).map_err(redb::Error::from)?;
        for (name, bytes) in values {
            table.insert(name, bytes.as_slice())?;
        }
    }
    transaction.commit().map_err(redb::Error::from)?;
    Ok(())
}

/// All that is kept, and what of it cannot be read.
fn read(database: &impl ReadableDatabase, now: Wall) -> Result<(Kept, Vec<&'static str>), Trouble> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let table = transaction.open_table(TABLE).map_err(redb::Error::from)?;
    let schema = table.get(SCHEMA)?;
    if schema.as_ref().map(redb::AccessGuard::value) != Some(VERSION) {
        return Err(Trouble::Damaged("its schema is not known".to_owned()));
    }
    let (mut kept, mut unread) = (Kept::default(), Vec::new());
    for name in NAMES {
        if let Some(bytes) = table.get(name)?
            && !kept.decode(name, bytes.value(), now)
        {
            unread.push(name);
        }
    }
    Ok((kept, unread))
}
