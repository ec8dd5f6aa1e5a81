use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{News, Offering, Unfinished};
use crate::gnutella::http::AltHost;
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::servent::PartialFile;
use crate::index::files::FileId;
use crate::runtime::uploads::part::Part;
use crate::transfer::upload::Item;

/// Numbers of files of the library are below, and those of unfinished files are not.
const FIRST_ID: u32 = 1 << 31;

/// The last one. Gtk-gnutella takes the one behind it for no number at all.
const LAST_ID: u32 = u32::MAX - 1;

/// All that is offered, by numbers and by contents.
#[derive(Debug)]
pub(super) struct Table {
    /// The user wants it.
    pub(super) is_on: bool,
    next_id: u32,
    pub(super) files: BTreeMap<FileId, Entry>,
    pub(super) ids: BTreeMap<[u8; 20], FileId>,
    /// Contents of which the node has to be told.
    pub(super) changed: BTreeSet<[u8; 20]>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) item: Item,
    pub(super) tree: Option<Arc<TreeRows>>,
    pub(super) part: Arc<Part>,
    pub(super) hosts: mpsc::Sender<AltHost>,
}

impl Table {
    pub(super) const fn new(is_on: bool) -> Self {
        Self {
            is_on,
            next_id: LAST_ID,
            files: BTreeMap::new(),
            ids: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }

    /// Its number, which it keeps as long as it is here. None is given twice.
    pub(super) fn id_of(&mut self, offering: &Offering) -> Option<FileId> {
        if let Some(id) = self.id_that_is_of(offering) {
            return Some(id);
        }
        // An earlier download of the same file may not have left yet.
        let sha1 = offering.sha1?;
        if let Some(id) = self.ids.remove(&sha1) {
            self.files.remove(&id);
        }
        let id = Some(FileId(self.next_id)).filter(|id| Unfinished::may_have(*id))?;
        self.next_id = self.next_id.saturating_sub(1);
        self.ids.insert(sha1, id);
        Some(id)
    }

    pub(super) fn id_that_is_of(&self, offering: &Offering) -> Option<FileId> {
        let id = self.ids.get(&offering.sha1?)?;
        let entry = self.files.get(id)?;
        Arc::ptr_eq(&entry.part, &offering.part).then_some(*id)
    }

    pub(super) fn take_news(&mut self) -> Option<News> {
        let sha1 = self.changed.pop_first()?;
        let entry = self.ids.get(&sha1).and_then(|id| self.files.get(id));
        let Some(Entry { item, .. }) = entry.filter(|_| self.is_on) else {
            return Some(News::Withdraw(sha1));
        };
        let available = item.parts.as_deref().cloned().unwrap_or_default();
        if available.is_empty() {
            return Some(News::Withdraw(sha1));
        }
        Some(News::Offer(Box::new(PartialFile {
            id: item.id,
            name: item.name.to_string(),
            size: item.size,
            sha1,
            tiger_root: item.tiger_root,
            available,
        })))
    }
}

impl Unfinished {
    /// Whether a number may be that of an unfinished file.
    pub(in crate::runtime::uploads) const fn may_have(id: FileId) -> bool {
        id.0 >= FIRST_ID
    }
}
