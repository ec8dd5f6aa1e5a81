//! One file among those of a catalogue: met, offered, withdrawn.

use std::sync::Arc;

use super::inventory::Entry;
use super::{Catalogue, Content, Moment};
use crate::base::limits::SHARED_FILES_MAX;
use crate::index::files::{File, FileId};
use crate::library::found::{SharedFolder, Stamp};

impl Catalogue {
    /// A file of a listing: its number, and whether an earlier run may have hashed it as it is.
    pub(super) fn meet(
        &mut self,
        same: Option<FileId>,
        place: &Arc<SharedFolder>,
        name: Arc<str>,
        stamp: Stamp,
        now: Moment,
    ) -> Option<(FileId, bool)> {
        let Some(id) = same else {
            let id = self.number()?;
            let entry = Entry { folder: Arc::clone(place), name, stamp, is_offered: false };
            self.inventory.entries.insert(id.0, entry);
            self.totals.found.add(stamp.size);
            match now.is_quiet(&stamp) {
                true => self.waiting.add(id, &stamp),
                false => self.waiting.changed(id, &stamp, now.time),
            }
            return Some((id, true));
        };
        let (before, was_there) = {
            let entry = self.inventory.entries.get(id.0)?;
            (entry.stamp, Arc::ptr_eq(&entry.folder, place))
        };
        if !was_there {
            self.inventory.entries.edit(id.0)?.folder = Arc::clone(place);
        }
        if before == stamp {
            return Some((id, false));
        }
        self.withdraw(id, false);
        self.waiting.changed(id, &before, now.time);
        self.totals.found.remove(before.size);
        self.totals.found.add(stamp.size);
        self.inventory.entries.edit(id.0)?.stamp = stamp;
        Some((id, stamp.is_remounted(&before)))
    }

    fn number(&mut self) -> Option<FileId> {
        if self.inventory.entries.len() >= SHARED_FILES_MAX || self.last == u32::MAX {
            self.totals.beyond = self.totals.beyond.saturating_add(1);
            return None;
        }
        self.last = self.last.saturating_add(1);
        Some(FileId(self.last))
    }

    pub(super) fn offer(&mut self, id: FileId, content: Content) {
        let Some(entry) = self.inventory.entries.edit(id.0) else { return };
        self.waiting.done(id, &entry.stamp);
        let kzhash = content.kzhash.filter(|_| self.wanted.kzhash);
        if kzhash.is_none() && self.wanted.kzhash {
            self.waiting.add_known(id, &entry.stamp);
        }
        if !std::mem::replace(&mut entry.is_offered, true) {
            self.totals.offered.add(entry.stamp.size);
            self.inventory.offered.insert(id.0, ());
        } else if kzhash.is_none() {
            return;
        }
        let file = File {
            name: (*entry.name).into(),
            size: entry.stamp.size,
            sha1: Some(content.sha1),
            tiger_root: Some(content.tiger_root),
            kzhash,
            modified_s: entry.stamp.modified_s(),
        };
        self.fresh.insert(id, file);
    }

    /// A file is not offered any more; where it is gone, nothing is known of it either.
    pub(super) fn withdraw(&mut self, id: FileId, is_gone: bool) {
        let Some(entry) = self.inventory.entries.get(id.0) else { return };
        let (stamp, was_offered) = (entry.stamp, entry.is_offered);
        if was_offered {
            self.totals.offered.remove(stamp.size);
            self.inventory.offered.remove(id.0);
            if self.fresh.remove(&id).is_none() {
                self.inventory.files.remove(id);
            }
        }
        if is_gone {
            self.inventory.entries.remove(id.0);
            self.waiting.remove(id, &stamp);
            self.waiting.forget(id);
            self.totals.found.remove(stamp.size);
        } else if let Some(entry) = self.inventory.entries.edit(id.0) {
            entry.is_offered = false;
        }
    }
}
