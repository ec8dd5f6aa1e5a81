//! What we know of the files in the shared folders: which are new, which wait to be hashed, which are offered.
//!
//! ```text
//! Listing ─► Catalogue ─► new: looked up among the hashes that are kept
//!                │ job    ─► read and hashed: the smallest first, one after the other
//!                │ hashed ◄─ its SHA-1 and the root of its tree
//!                ▼
//!            Inventory       what is offered at this moment: for the node, and for uploads
//! ```
//!
//! A file is offered when it is hashed, not before. One that has changed is withdrawn at once, and hashed
//! again when it has been left alone for a while. A number is given to a path once and is not used again while
//! the node runs. Hard links are files by themselves, and are read once.
//!
//! A file of which not all is known that is wanted, since it was hashed when less was, is offered all the same, and read
//! again when nothing else is to be read.

mod files;
mod folders;
mod inventory;
mod pages;
mod values;
mod waiting;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use inventory::{Inventory, Offered};
pub use values::{Amount, Content, Job, Moment, Totals};

use self::waiting::Waiting;
use super::found::{Identity, LeftOut, SharedFolder, Stamp};
use super::hash::Wanted;
use crate::base::time::Time;
use crate::index::files::{File, FileId};

/// The files in the shared folders.
#[derive(Debug, Default)]
pub struct Catalogue {
    folders: BTreeMap<Arc<Path>, Folder>,
    inventory: Inventory,
    /// Hashed, and not yet in the index: many at once are added sooner.
    fresh: BTreeMap<FileId, File>,
    waiting: Waiting,
    last: u32,
    walk: u64,
    totals: Totals,
    wanted: Wanted,
}

#[derive(Debug)]
struct Folder {
    place: Arc<SharedFolder>,
    identity: Identity,
    /// In the order of their names.
    files: Vec<FileId>,
    left_out: LeftOut,
    /// The last walk that met it.
    walk: u64,
}

impl Catalogue {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// These digests are wanted of all files from now on. Which files are offered and lack some: an earlier run may have
    /// kept them.
    pub fn want(&mut self, wanted: Wanted) -> Vec<FileId> {
        if std::mem::replace(&mut self.wanted, wanted) == wanted {
            return Vec::new();
        }
        if !wanted.kzhash {
            self.waiting.leave_known();
            return Vec::new();
        }
        let fresh = std::mem::take(&mut self.fresh);
        self.inventory.files.insert_all(fresh);
        let lacks = |offered: &Offered<'_>| offered.kzhash.is_none();
        self.inventory.from(FileId(0)).filter(lacks).map(|offered| offered.id).collect()
    }

    /// All folders will be listed now.
    pub const fn begin_walk(&mut self) {
        self.walk = self.walk.saturating_add(1);
        self.totals.beyond = 0;
    }

    /// All folders were listed; what was not is gone, if it is sure that all were.
    pub fn end_walk(&mut self, is_sure: bool, now: Time) {
        let walk = if is_sure { self.walk } else { 0 };
        let gone = self.folders.iter().filter(|(_, folder)| folder.walk < walk);
        let gone: Vec<Arc<Path>> = gone.map(|(path, _)| Arc::clone(path)).collect();
        gone.iter().for_each(|path| self.forget(path));
        self.waiting.forget_old_changes(now);
    }

    /// Folders that were met before under another name, and may be shared under theirs when that is gone.
    pub fn doubles(&self) -> Vec<Arc<Path>> {
        let doubles = self.folders.iter().filter(|(_, folder)| folder.left_out.twice > 0);
        doubles.map(|(path, _)| Arc::clone(path)).collect()
    }

    /// The shared folder in which a folder lies, if it is known.
    pub fn root_of(&self, path: &Path) -> Option<Arc<Path>> {
        self.folders.get(path).map(|folder| Arc::clone(&folder.place.root))
    }

    /// All folders that are known, and what the system calls them.
    pub fn folders(&self) -> impl Iterator<Item = (&Arc<Path>, Identity)> {
        self.folders.iter().map(|(path, folder)| (path, folder.identity))
    }

    /// Where a file lies and how it was found.
    pub fn file(&self, id: FileId) -> Option<Job> {
        let entry = self.inventory.entries.get(id.0)?;
        let (path, stamp, wanted) = (entry.folder.file(&entry.name), entry.stamp, self.wanted);
        Some(Job { id, path, stamp, wanted })
    }

    /// The file to be read next: the smallest, so that many are offered soon.
    pub fn job(&mut self, now: Time) -> Option<Job> {
        let id = self.waiting.next(now)?;
        self.file(id)
    }

    /// When the next file that was put off is tried again.
    pub fn next_timeout(&self) -> Option<Time> {
        self.waiting.next_timeout()
    }

    /// A file has this content, as long as its stamp is this one. False where it is another by now.
    pub fn hashed(&mut self, id: FileId, stamp: &Stamp, content: Content) -> bool {
        let is_it = self.inventory.entries.get(id.0).is_some_and(|entry| entry.stamp == *stamp);
        if !is_it {
            return false;
        }
        let links = self.waiting.links_of(stamp);
        for id in std::iter::once(id).chain(links) {
            let is_it = self.inventory.entries.get(id.0).is_some_and(|entry| entry.stamp == *stamp);
            if is_it {
                self.offer(id, content);
            }
        }
        true
    }

    /// A file changed while it was read: it is tried again, each time a bit later.
    pub fn put_off(&mut self, id: FileId, now: Time) {
        let Some(entry) = self.inventory.entries.get(id.0) else { return };
        let stamp = entry.stamp;
        self.waiting.put_off(id, &stamp, now);
    }

    /// A file with this stamp cannot be read: it is tried again, each time a bit later, and as soon as it has changed.
    /// Whether that is new.
    pub fn cannot_read(&mut self, id: FileId, stamp: &Stamp, now: Time) -> bool {
        let is_it = self.inventory.entries.get(id.0).is_some_and(|entry| entry.stamp == *stamp);
        if is_it {
            // It may have been offered by what an earlier run knew of it.
            self.withdraw(id, false);
        }
        is_it && self.waiting.cannot_read(id, stamp, now)
    }

    /// A file that was offered cannot be opened: it is offered again when it has been read.
    pub fn cannot_open(&mut self, id: FileId, now: Time) {
        let Some(entry) = self.inventory.entries.get(id.0).filter(|entry| entry.is_offered) else {
            return;
        };
        let stamp = entry.stamp;
        self.withdraw(id, false);
        self.waiting.cannot_read(id, &stamp, now);
    }

    /// What cannot be read is tried again now.
    pub fn try_again(&mut self, now: Time) {
        self.waiting.try_again(now);
    }

    /// How many files cannot be read.
    pub fn unreadable_len(&self) -> usize {
        self.waiting.unreadable_len()
    }

    /// How much of everything there is.
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    /// What is still to be read, beside what is put off.
    pub const fn waiting(&self) -> Amount {
        self.waiting.amount()
    }

    /// How many files have changed a moment ago, and are left alone for a while.
    pub fn put_off_len(&self) -> usize {
        self.waiting.put_off_len()
    }

    /// What is offered at this moment.
    pub fn inventory(&mut self) -> Inventory {
        self.inventory.files.insert_all(std::mem::take(&mut self.fresh));
        self.inventory.clone()
    }

    fn name_of(&self, id: FileId) -> Option<&Arc<str>> {
        self.inventory.entries.get(id.0).map(|entry| &entry.name)
    }
}

/// The folders that were met, by what the system calls them: for a walk through a part of them.
pub fn identities(catalogue: &Catalogue) -> BTreeMap<Identity, Arc<Path>> {
    let known = catalogue.folders().filter(|(_, identity)| *identity != Identity::default());
    known.map(|(path, identity)| (identity, Arc::clone(path))).collect()
}
