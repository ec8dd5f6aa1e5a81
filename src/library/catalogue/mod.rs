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

mod files;
mod inventory;
mod pages;
mod values;
mod waiting;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use inventory::{Inventory, Offered};
pub use values::{Amount, Content, Job, Moment, Totals};

use self::waiting::Waiting;
use super::found::{Identity, LeftOut, Listing, SharedFolder, Stamp};
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

    /// All folders will be listed now.
    pub const fn begin_walk(&mut self) {
        self.walk = self.walk.saturating_add(1);
        self.totals.beyond = 0;
    }

    /// All folders were listed; what was not is gone.
    pub fn end_walk(&mut self, now: Time) {
        let walk = self.walk;
        let gone = self.folders.iter().filter(|(_, folder)| folder.walk < walk);
        let gone: Vec<Arc<Path>> = gone.map(|(path, _)| Arc::clone(path)).collect();
        gone.iter().for_each(|path| self.forget(path));
        self.waiting.forget_old_changes(now);
    }

    /// What a folder has now. Which files of it are new, so that they may be what they were in an earlier run. Those
    /// that are not what they were are to be hashed: size and moment alone do not tell what is in them.
    pub fn list(&mut self, listing: Listing, now: Moment) -> Vec<FileId> {
        let Listing { folder: place, identity, files, left_out, .. } = listing;
        let before = self.folders.remove(&place.path);
        let known = before.as_ref().filter(|known| *known.place == place);
        let place = known.map_or_else(|| Arc::new(place), |known| Arc::clone(&known.place));
        let (mut known, mut new) = (Vec::with_capacity(files.len()), Vec::new());
        let mut old =
            before.map(|folder| self.count_out(folder)).unwrap_or_default().into_iter().peekable();
        for (name, stamp) in files {
            while let Some(gone) = old.next_if(|id| self.name_of(*id) < Some(&name)) {
                self.withdraw(gone, true);
            }
            let same = old.next_if(|id| self.name_of(*id) == Some(&name));
            let Some((id, is_new)) = self.meet(same, &place, name, stamp, now) else {
                continue;
            };
            known.push(id);
            if is_new {
                new.push(id);
            }
        }
        old.for_each(|gone| self.withdraw(gone, true));
        let path = Arc::clone(&place.path);
        self.totals.folders = self.totals.folders.saturating_add(1);
        self.totals.left_out.add(&left_out);
        let walk = self.walk;
        self.folders.insert(path, Folder { place, identity, files: known, left_out, walk });
        new
    }

    /// This folder is not there any more, nor what is below it.
    pub fn forget_tree(&mut self, path: &Path) {
        self.below(path).iter().for_each(|path| self.forget(path));
    }

    /// Of the folders in one that is known, only these are there now. Those of them that are not known yet.
    pub fn keep_folders(&mut self, path: &Path, names: &[Box<str>]) -> Vec<PathBuf> {
        let is_there = |below: &Path| {
            let first = below.strip_prefix(path).ok().and_then(|rest| rest.components().next());
            let name = first.and_then(|first| first.as_os_str().to_str());
            name.is_none_or(|name| names.iter().any(|known| **known == *name))
        };
        let gone: Vec<Arc<Path>> =
            self.below(path).into_iter().filter(|below| !is_there(below)).collect();
        gone.iter().for_each(|path| self.forget(path));
        let folders = names.iter().map(|name| path.join(&**name));
        folders.filter(|path| !self.folders.contains_key(path.as_path())).collect()
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
        Some(Job { id, path: entry.folder.file(&entry.name), stamp: entry.stamp })
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

    /// A file cannot be read, or is gone: it waits until its folder is listed with another stamp of it.
    pub fn give_up(&mut self, id: FileId) {
        if let Some(entry) = self.inventory.entries.get(id.0) {
            self.waiting.remove(id, &entry.stamp);
        }
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

    fn forget(&mut self, path: &Path) {
        let Some(folder) = self.folders.remove(path) else { return };
        self.count_out(folder).into_iter().for_each(|id| self.withdraw(id, true));
    }

    /// A folder leaves the totals, and its files stay.
    fn count_out(&mut self, folder: Folder) -> Vec<FileId> {
        self.totals.folders = self.totals.folders.saturating_sub(1);
        self.totals.left_out.subtract(&folder.left_out);
        folder.files
    }

    fn below(&self, path: &Path) -> Vec<Arc<Path>> {
        let from = self.folders.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        from.map(|(path, _)| path)
            .take_while(|below| below.starts_with(path))
            .map(Arc::clone)
            .collect()
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
