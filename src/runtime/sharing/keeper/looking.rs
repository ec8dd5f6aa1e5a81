use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Going, Keeper, RESCAN_EVERY_MAX, today};
use crate::library::catalogue::identities;
use crate::library::found::{Listing, SharedFolder};
use crate::library::scan::{Step, Walk, is_unwanted, list};

/// How long it may take to list a folder and to have it watched.
const LISTING_MAX: Duration = Duration::from_secs(30);

impl Keeper {
    /// Looks at one folder, if there is one to look at.
    pub(super) fn look(&mut self) {
        let now = self.now();
        if self.rescan_at.is_some_and(|due| due <= now) {
            self.rescan();
        }
        if self.walk.is_none() && std::mem::take(&mut self.walk_again) {
            self.begin_walk();
        }
        match self.walk.take() {
            Some(going) => self.walk_on(going),
            None => {
                if let Some(folder) = self.changes.take(now) {
                    self.list_again(&folder);
                }
            }
        }
    }

    /// Through all folders.
    fn begin_walk(&mut self) {
        // It is not due again before it has ended.
        self.rescan_at = None;
        self.changes.clear();
        self.catalogue.begin_walk();
        self.catalogue.try_again(self.now());
        self.telling.begin_walk();
        let walk = Walk::new(&self.plan.folders, self.own());
        self.walk = Some(Going { walk, is_whole: true, is_sure: true });
    }

    fn walk_on(&mut self, mut going: Going) {
        let inbox = Arc::clone(&self.inbox);
        match going.walk.step(&|| !inbox.has_ended()) {
            Some(Step::Listed(listing)) => self.take_listing(listing),
            Some(Step::Missing(folder)) => self.telling.missing(folder),
            Some(Step::Own(folder)) => self.telling.own(folder),
            Some(Step::Unsure(folder)) => {
                going.is_sure = false;
                let due = self.changes.failed(&folder, self.now());
                self.rescan_at = Some(self.rescan_at.map_or(due, |rescan_at| rescan_at.min(due)));
            }
            Some(Step::Stopped) => {}
            None => return self.end_walk(&going),
        }
        self.walk = Some(going);
    }

    fn end_walk(&mut self, going: &Going) {
        if !going.is_whole {
            return;
        }
        let before = self.folders();
        self.catalogue.end_walk(going.is_sure, self.now());
        self.unwatch_gone(before);
        let totals = self.catalogue.totals();
        self.telling.end_walk(&totals);
        let every = rescan_every(self.plan.rescan_every, self.watching.is_partial());
        let next = every.map(|every| self.now().after(every));
        self.rescan_at = if going.is_sure { next } else { self.rescan_at };
        let catalogue = &self.catalogue;
        self.changes.keep(|folder| !going.is_sure || catalogue.root_of(folder).is_some());
        // Others need not wait until a slow disk has forgotten what is gone.
        self.tell();
        self.prune(today());
    }

    /// What a folder has, which is watched from now on.
    fn take_listing(&mut self, listing: Listing) {
        let (folder, moment) = (listing.folder.clone(), self.moment());
        match listing.is_sure() {
            true => self.changes.succeeded(&folder.path),
            false => drop(self.changes.failed(&folder.path, moment.time)),
        }
        // What is known under another name is told of under that one.
        let (identity, is_itself) = (listing.identity, listing.left_out.twice == 0);
        let is_itself = is_itself && !listing.is_partial;
        let new = self.catalogue.list(listing, moment);
        let is_new = is_itself && self.watching.add(&folder.path, identity);
        // Nobody tells of what has come into it after it was listed and before it was watched.
        if is_new && has_changed_lately(&folder.path) {
            self.changes.add(folder.path.to_path_buf(), moment.time);
        }
        self.look_up(&new);
    }

    /// Something has changed in a folder.
    fn list_again(&mut self, path: &Path) {
        let Some(root) = self.catalogue.root_of(path) else { return };
        let began = Instant::now();
        self.watching.renew(path);
        let inbox = Arc::clone(&self.inbox);
        let folder = SharedFolder { root: Arc::clone(&root), path: path.into() };
        let listing = match list(folder, &|| !inbox.has_ended()) {
            Ok(listing) => listing,
            Err(error) if is_unwanted(&error) => return,
            Err(_) => return self.gone(path),
        };
        let before = self.folders();
        let new = self.catalogue.keep_folders(&listing);
        self.unwatch_gone(before);
        self.take_listing(listing);
        self.changes.listed_in(began.elapsed());
        if !new.is_empty() {
            self.walk_below(&root, new);
        }
    }

    /// A folder is gone, and all that was in it.
    fn gone(&mut self, path: &Path) {
        let before = self.folders();
        self.catalogue.forget_tree(path);
        self.unwatch_gone(before);
    }

    /// Through folders that are new.
    fn walk_below(&mut self, root: &Arc<Path>, folders: Vec<PathBuf>) {
        let walk = Walk::below(root, folders, self.own(), identities(&self.catalogue));
        self.walk = Some(Going { walk, is_whole: false, is_sure: true });
    }

    fn folders(&self) -> Vec<Arc<Path>> {
        self.catalogue.folders().map(|(path, _)| Arc::clone(path)).collect()
    }

    /// Of the folders that were known before, those are gone that are not known any more.
    fn unwatch_gone(&mut self, before: Vec<Arc<Path>>) {
        let gone = before.into_iter().filter(|path| self.catalogue.root_of(path).is_none());
        let gone: Vec<_> = gone.collect();
        gone.iter().for_each(|path| self.watching.remove(path));
        if gone.is_empty() {
            return;
        }
        // A folder that was moved may have been met under its new name while the old one was known.
        for double in self.catalogue.doubles() {
            self.catalogue.forget_tree(&double);
            if let Some(parent) = double.parent() {
                self.changes.add(parent.to_owned(), self.now());
            }
        }
    }
}

/// Whether something has come into a folder, or gone from it, while it may have been listed.
fn has_changed_lately(folder: &Path) -> bool {
    let modified = fs::metadata(folder).and_then(|folder| folder.modified());
    // A clock that was set back says nothing.
    modified.is_ok_and(|then| then.elapsed().is_ok_and(|age| age < LISTING_MAX))
}

/// How often all folders are looked through: more often than wanted where the system does not tell of all, and never
/// where the user wants none of it.
fn rescan_every(wanted: Option<Duration>, is_partial: bool) -> Option<Duration> {
    wanted.map(|every| if is_partial { every.min(RESCAN_EVERY_MAX) } else { every })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_watched_is_looked_at_more_often() {
        let hour = Duration::from_secs(3_600);
        let minute = Duration::from_secs(60);
        for (wanted, is_partial, every) in [
            (Some(hour), false, Some(hour)),
            (Some(hour), true, Some(RESCAN_EVERY_MAX)),
            (Some(minute), true, Some(minute)),
            (None, true, None),
        ] {
            assert_eq!(rescan_every(wanted, is_partial), every);
        }
    }
}
