//! Files of which a part is here: what is proved right of them is given to others while the rest comes.

mod offering;
mod table;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub use offering::Offering;
use table::Table;
use tokio::sync::{Notify, mpsc};

use super::opening::{Located, Promise};
use super::part::Part;
use crate::base::ranges::RangeSet;
use crate::base::urn::Urn;
use crate::gnutella::http::AltHost;
use crate::gnutella::http::thex::TreeRows;
use crate::gnutella::servent::PartialFile;
use crate::index::files::FileId;
use crate::transfer::upload::Item;

/// Hosts that a download has not heard of yet.
const HOSTS_MAX: usize = 16;

/// All files of which a part may be given.
#[derive(Clone, Debug)]
pub struct Unfinished(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: RwLock<Table>,
    news: Notify,
}

/// What can be given of a file now.
#[derive(Clone, Debug)]
pub struct Available {
    pub name: String,
    /// Bytes of the whole file.
    pub size: u64,
    /// Its tree, once it is known, which leads to a root that the user vouches for.
    pub tree: Option<Arc<TreeRows>>,
    /// Which bytes are on the disk, and right.
    pub ranges: RangeSet,
}

/// What the node is to tell others.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    Offer(Box<PartialFile>),
    Withdraw([u8; 20]),
}

impl Unfinished {
    /// Nothing is there yet.
    pub fn new(is_on: bool) -> Self {
        Self(Arc::new(Inner { table: RwLock::new(Table::new(is_on)), news: Notify::new() }))
    }

    /// Whether others get parts at all.
    pub fn is_on(&self) -> bool {
        self.read().is_on
    }

    /// The user wants it so. What is under way ends where they get nothing any more.
    pub fn set_on(&self, is_on: bool) {
        let mut table = self.write();
        if table.is_on == is_on {
            return;
        }
        table.is_on = is_on;
        for entry in table.files.values() {
            entry.part.set_on(is_on);
        }
        table.changed = table.ids.keys().copied().collect();
        drop(table);
        self.0.news.notify_one();
    }

    /// A file begins to come. Nothing of it is given before something is [offered](Offering::offer), and nothing at all of
    /// one whose SHA-1 is not known. Returned with it is who says that it has the file too.
    pub fn enter(
        &self,
        folder: &Path,
        file: &Path,
        sha1: Option<[u8; 20]>,
    ) -> (Offering, mpsc::Receiver<AltHost>) {
        let part = Arc::new(Part::new(folder.into(), file.to_owned(), self.is_on()));
        let (hosts, heard) = mpsc::channel(HOSTS_MAX);
        (Offering { all: self.clone(), sha1, part, hosts }, heard)
    }

    /// Waits for the next thing that the node is to tell.
    pub async fn news(&self) -> News {
        loop {
            if let Some(news) = self.write().take_news() {
                return news;
            }
            self.0.news.notified().await;
        }
    }

    pub(super) fn by_urn(&self, urn: &Urn) -> Option<Item> {
        let table = self.read();
        let found = match urn {
            Urn::TigerTree(root) => {
                table.files.values().find(|entry| entry.item.tiger_root.as_ref() == Some(root))
            }
            _ => table.ids.get(urn.sha1()?).and_then(|id| table.files.get(id)),
        };
        let meets = |item: &Item| match urn {
            Urn::Bitprint { tiger_tree, .. } => item.tiger_root.as_ref() == Some(tiger_tree),
            _ => true,
        };
        found.map(|entry| &entry.item).filter(|item| table.is_on && meets(item)).cloned()
    }

    pub(super) fn by_id(&self, id: FileId) -> Option<Item> {
        let table = self.read();
        table.files.get(&id).filter(|_| table.is_on).map(|entry| entry.item.clone())
    }

    pub(super) fn locate(&self, id: FileId) -> Option<Located> {
        let table = self.read();
        let part = &table.files.get(&id)?.part;
        Some(Located {
            root: Arc::clone(part.folder()),
            relative: part.file().to_owned(),
            promise: Promise::Part(Arc::clone(part)),
        })
    }

    pub(super) fn tree(&self, id: FileId) -> Option<TreeRows> {
        self.read().files.get(&id)?.tree.as_deref().cloned()
    }

    /// Somebody who asks for a file says that it has some of it.
    pub(super) fn hear_of(&self, id: FileId, host: AltHost) {
        if let Some(entry) = self.read().files.get(&id) {
            // Who is not heard now says so again with its next request.
            let _ = entry.hosts.try_send(host);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.0.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.0.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
