//! What a listing of a folder changes.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Catalogue, Folder, Moment};
use crate::index::files::FileId;
use crate::library::found::{Identity, Listing, SharedFolder};

impl Catalogue {
    /// What a folder has now. Which files of it are new, so that they may be what they were in an earlier run. Those
    /// that are not what they were are to be hashed: size and moment alone do not tell what is in them.
    pub fn list(&mut self, mut listing: Listing, now: Moment) -> Vec<FileId> {
        let files = std::mem::take(&mut listing.files);
        let before = self.folders.remove(&listing.folder.path);
        let known = before.as_ref().filter(|known| *known.place == listing.folder);
        let place = known.map(|known| Arc::clone(&known.place));
        let place = place.unwrap_or_else(|| Arc::new(listing.folder.clone()));
        let identity = identity_of(&listing, before.as_ref());
        let (mut known, mut new) = (Vec::with_capacity(files.len()), Vec::new());
        let mut old =
            before.map(|folder| self.count_out(folder)).unwrap_or_default().into_iter().peekable();
        for (name, stamp) in files {
            while let Some(missed) = old.next_if(|id| self.name_of(*id) < Some(&name)) {
                known.extend(self.miss(missed, &listing, &place));
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
        old.for_each(|missed| known.extend(self.miss(missed, &listing, &place)));
        let path = Arc::clone(&place.path);
        self.totals.folders = self.totals.folders.saturating_add(1);
        self.totals.left_out.add(&listing.left_out);
        self.pass_over(&listing);
        let (left_out, walk) = (listing.left_out, self.walk);
        self.folders.insert(path, Folder { place, identity, files: known, left_out, walk });
        new
    }

    /// Of the folders in one that is known, only those are there now that are listed, or may be. Those that are
    /// listed and not known yet.
    pub fn keep_folders(&mut self, listing: &Listing) -> Vec<PathBuf> {
        let path = &listing.folder.path;
        let is_there = |below: &Path| {
            let first = below.strip_prefix(path).ok().and_then(|rest| rest.components().next());
            let name = first.and_then(|first| first.as_os_str().to_str());
            name.is_none_or(|name| listing.may_have_folder(name))
        };
        let gone: Vec<Arc<Path>> =
            self.below(path).into_iter().filter(|below| !is_there(below)).collect();
        gone.iter().for_each(|path| self.forget(path));
        let folders = listing.folders.iter().map(|name| path.join(&**name));
        folders.filter(|path| !self.folders.contains_key(path.as_path())).collect()
    }

    /// This folder is not there any more, nor what is below it.
    pub fn forget_tree(&mut self, path: &Path) {
        self.below(path).iter().for_each(|path| self.forget(path));
    }

    pub(super) fn forget(&mut self, path: &Path) {
        let Some(folder) = self.folders.remove(path) else { return };
        self.count_out(folder).into_iter().for_each(|id| self.withdraw(id, true));
    }

    /// A folder leaves the totals, and its files stay.
    fn count_out(&mut self, folder: Folder) -> Vec<FileId> {
        self.totals.folders = self.totals.folders.saturating_sub(1);
        self.totals.left_out.subtract(&folder.left_out);
        folder.files
    }

    /// A file is not listed: it is gone, unless it may be there all the same.
    fn miss(&mut self, id: FileId, listing: &Listing, place: &Arc<SharedFolder>) -> Option<FileId> {
        if !self.name_of(id).is_some_and(|name| listing.may_have(name)) {
            self.withdraw(id, true);
            return None;
        }
        self.inventory.entries.edit(id.0)?.folder = Arc::clone(place);
        Some(id)
    }

    /// Folders that this walk may not come to stay as they are.
    fn pass_over(&mut self, listing: &Listing) {
        let path = &listing.folder.path;
        let whole = listing.is_partial.then(|| path.to_path_buf());
        let unsure = listing.unsure.iter().map(|name| path.join(&**name));
        for below in unsure.chain(whole).flat_map(|path| self.below(&path)).collect::<Vec<_>>() {
            if let Some(folder) = self.folders.get_mut(&below) {
                folder.walk = self.walk;
            }
        }
    }

    fn below(&self, path: &Path) -> Vec<Arc<Path>> {
        let from = self.folders.range::<Path, _>((Bound::Included(path), Bound::Unbounded));
        from.map(|(path, _)| path)
            .take_while(|below| below.starts_with(path))
            .map(Arc::clone)
            .collect()
    }
}

/// What the system calls a folder, or has called it.
fn identity_of(listing: &Listing, before: Option<&Folder>) -> Identity {
    match before {
        Some(before) if listing.is_partial && listing.identity == Identity::default() => {
            before.identity
        }
        _ => listing.identity,
    }
}
