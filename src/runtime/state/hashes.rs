//! The hashes of files that are shared, so that none is read again that has not changed.
//!
//! ```text
//! files   path -> size, moments of the last writing and of the last change of any kind, SHA-1, root of the Tiger tree,
//!         day it was seen last; and the kzhash, where that was wanted
//! trees   SHA-1 -> the row that is kept of the Tiger tree, where it has more than the root
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use redb::backends::InMemoryBackend;
use redb::{Builder, Database, ReadableDatabase, TableDefinition};

use super::disk::{Disk, Trouble, guarded, set_aside};
use super::store::Warning;
use crate::library::catalogue::Content;
use crate::library::found::Stamp;
use crate::library::tiger_tree::{Node, TigerTree};

mod row;

use row::Row;

const FILE: &str = "library.redb";

const FILES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("files");
const TREES: TableDefinition<'_, &[u8; 20], &[u8]> = TableDefinition::new("trees");
const SCHEMA: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("schema");

/// Under this name stands how the tables are to be read.
const VERSION: (&str, &[u8]) = ("version", b"1");

/// Bytes of the file that are kept in memory.
const CACHE_LEN: usize = 1 << 24;

/// Days after which the hashes of a file are forgotten that was not seen: a disk may be away for a while.
const KEPT_DAYS: u32 = 30;

/// Days after which it is noted anew that a file was seen.
const SEEN_AGAIN_DAYS: u32 = 7;

/// What is kept of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashRow {
    pub path: PathBuf,
    pub stamp: Stamp,
    pub content: Content,
    /// The tree of a file that was just read; none where it is kept already.
    pub tree: Option<TigerTree>,
}

/// The file of hashes of a node. Where it cannot be used, memory stands in for it.
#[derive(Debug)]
pub struct Hashes {
    path: PathBuf,
    disk: Disk,
    shared: Arc<RwLock<Option<Database>>>,
}

/// Trees of files, for whoever sends them. Clones read the same file.
#[derive(Clone, Debug, Default)]
pub struct Trees(Arc<RwLock<Option<Database>>>);

impl Hashes {
    /// Opens the file in a home that is ours, or makes it. The warning is to be logged.
    pub fn open(home: &Path) -> (Self, Option<Warning>) {
        Self::open_on(Disk::real(), home)
    }

    /// The same on a disk of somebody's own.
    pub fn open_on(disk: Disk, home: &Path) -> (Self, Option<Warning>) {
        let mut hashes = Self { path: home.join(FILE), disk, shared: Arc::default() };
        let warning = hashes.reopen();
        (hashes, warning)
    }

    /// One that is yet to be opened by [`reopen`](Self::reopen), which may take a while.
    pub fn closed(home: &Path) -> Self {
        Self { path: home.join(FILE), disk: Disk::real(), shared: Arc::default() }
    }

    /// For whoever sends trees.
    pub fn trees(&self) -> Trees {
        Trees(Arc::clone(&self.shared))
    }

    /// What these files contain, as far as that is known and they have not changed; and which of them are to be
    /// noted as seen today.
    pub fn find(
        &self,
        files: &[(PathBuf, Stamp)],
        today: u32,
    ) -> Result<Vec<(Option<Content>, bool)>, Trouble> {
        self.read(|database| {
            let transaction = database.begin_read()?;
            let table = transaction.open_table(FILES)?;
            let find = |(path, stamp): &(PathBuf, Stamp)| -> Result<_, Trouble> {
                let bytes = table.get(path.as_os_str().as_encoded_bytes())?;
                let row = bytes.and_then(|bytes| Row::read(bytes.value()));
                let row = row.filter(|row| row.is_of(stamp));
                let is_old = row.as_ref().is_some_and(|row| row.age_days(today) >= SEEN_AGAIN_DAYS);
                Ok((row.map(|row| row.content), is_old))
            };
            files.iter().map(find).collect()
        })
    }

    /// Keeps these, all or none of them. When this returns they are on the disk.
    pub fn keep(&self, rows: &[HashRow], today: u32) -> Result<(), Trouble> {
        self.read(|database| {
            let transaction = database.begin_write()?;
            {
                let mut files = transaction.open_table(FILES)?;
                let mut trees = transaction.open_table(TREES)?;
                for HashRow { path, stamp, content, tree } in rows {
                    let row = Row::new(stamp, *content, today).to_bytes();
                    files.insert(path.as_os_str().as_encoded_bytes(), row.as_slice())?;
                    if let Some(tree) = tree.as_ref().filter(|tree| tree.row().len() > 1) {
                        trees.insert(&content.sha1, tree.row().concat().as_slice())?;
                    }
                }
            }
            Ok(transaction.commit()?)
        })
    }

    /// Forgets files that were not seen for long, and trees that no file has any more. How many files.
    pub fn prune(&self, today: u32) -> Result<u64, Trouble> {
        self.read(|database| {
            let transaction = database.begin_write()?;
            let mut forgotten = 0_u64;
            {
                let mut files = transaction.open_table(FILES)?;
                let mut used = BTreeSet::new();
                files.retain(|_, bytes| {
                    let row = Row::read(bytes).filter(|row| row.age_days(today) < KEPT_DAYS);
                    let is_kept = row.is_some();
                    used.extend(row.map(|row| row.content.sha1));
                    forgotten = forgotten.saturating_add(u64::from(!is_kept));
                    is_kept
                })?;
                let mut trees = transaction.open_table(TREES)?;
                trees.retain(|sha1, _| used.contains(sha1))?;
            }
            if forgotten > 0 {
                transaction.commit()?;
            } else {
                transaction.abort()?;
            }
            Ok(forgotten)
        })
    }

    /// How many files are known.
    pub fn count(&self) -> Result<u64, Trouble> {
        self.read(|database| {
            let transaction = database.begin_read()?;
            let table = transaction.open_table(FILES)?;
            Ok(redb::ReadableTableMetadata::len(&table)?)
        })
    }

    /// Opens the file, also after trouble: one that can be used, or memory.
    pub fn reopen(&mut self) -> Option<Warning> {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        *shared = None;
        let path = self.path.clone();
        let (database, warning) = match self.open_or_make() {
            Ok(database) => {
                return {
                    *shared = Some(database);
                    None
                };
            }
            Err(why @ Trouble::Damaged(_)) => match set_aside(&path).map_err(Trouble::from) {
                Ok(aside) => (self.open_or_make().ok(), Warning::SetAside { path, aside, why }),
                Err(why) => (None, Warning::InMemory { path, why }),
            },
            Err(why @ Trouble::Disk(_)) => (None, Warning::InMemory { path, why }),
        };
        *shared = database.or_else(in_memory);
        Some(warning)
    }

    fn read<T>(&self, work: impl FnOnce(&Database) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = &*shared else {
            return Err(Trouble::Disk("it is not open".to_owned()));
        };
        guarded(|| work(database))
    }

    /// A new file gets its name when it is whole.
    fn open_or_make(&self) -> Result<Database, Trouble> {
        if !self.path.exists() {
            let new = self.path.with_extension("redb.new");
            let _: Result<(), _> = fs::remove_file(&new);
            let database = self.disk.open_large(&new, CACHE_LEN)?;
            guarded(|| prepare(&database))?;
            guarded(|| database.close().map_err(Trouble::from))?;
            fs::rename(&new, &self.path)?;
        }
        let database = self.disk.open_large(&self.path, CACHE_LEN)?;
        guarded(|| check(&database))?;
        Ok(database)
    }
}

impl Trees {
    /// The tree of a file with this SHA-1 and this size, as far as it is kept; of a short file it is made of its
    /// root. May read the disk.
    pub fn tree(&self, size: u64, content: &Content) -> Option<TigerTree> {
        let tree = guarded(|| self.row(&content.sha1)).ok().flatten();
        let tree = tree.and_then(|row| TigerTree::from_row(size, row));
        let tree = tree.or_else(|| TigerTree::from_row(size, vec![content.tiger_root]));
        tree.filter(|tree| tree.root() == content.tiger_root)
    }

    fn row(&self, sha1: &[u8; 20]) -> Result<Option<Vec<Node>>, Trouble> {
        let shared = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = &*shared else { return Ok(None) };
        let transaction = database.begin_read()?;
        let bytes = transaction.open_table(TREES)?.get(sha1)?;
        Ok(bytes.map(|bytes| bytes.value().as_chunks::<24>().0.to_vec()))
    }
}

fn in_memory() -> Option<Database> {
    let database = Builder::new().create_with_backend(InMemoryBackend::new()).ok()?;
    prepare(&database).ok()?;
    Some(database)
}

fn prepare(database: &Database) -> Result<(), Trouble> {
    let transaction = database.begin_write()?;
    transaction.open_table(FILES)?;
    transaction.open_table(TREES)?;
    transaction.open_table(SCHEMA)?.insert(VERSION.0, VERSION.1)?;
    Ok(transaction.commit()?)
}

fn check(database: &Database) -> Result<(), Trouble> {
    let transaction = database.begin_read()?;
    let schema = transaction.open_table(SCHEMA)?.get(VERSION.0)?;
    if schema.as_ref().map(redb::AccessGuard::value) != Some(VERSION.1) {
        return Err(Trouble::Damaged("its schema is not known".to_owned()));
    }
    transaction.open_table(FILES)?;
    transaction.open_table(TREES)?;
    Ok(())
}
