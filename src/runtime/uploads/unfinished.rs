//! Files of which a part is here: what is proved right of them is given to others while the rest comes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

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

/// Numbers of files of the library are below, and those of unfinished files are not.
const FIRST_ID: u32 = 1 << 31;

/// The last one. Gtk-gnutella takes the one behind it for no number at all.
const LAST_ID: u32 = u32::MAX - 1;

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

#[derive(Debug)]
struct Table {
    /// The user wants it.
    is_on: bool,
    next_id: u32,
    files: BTreeMap<FileId, Entry>,
    ids: BTreeMap<[u8; 20], FileId>,
    /// Contents of which the node has to be told.
    changed: BTreeSet<[u8; 20]>,
}

#[derive(Debug)]
struct Entry {
    item: Item,
    tree: Option<Arc<TreeRows>>,
    part: Arc<Part>,
    hosts: mpsc::Sender<AltHost>,
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

/// The place of one file among them; gone with this.
#[derive(Debug)]
pub struct Offering {
    all: Unfinished,
    sha1: [u8; 20],
    part: Arc<Part>,
    hosts: mpsc::Sender<AltHost>,
}

impl Unfinished {
    /// Nothing is there yet.
    pub fn new(is_on: bool) -> Self {
        let table = Table {
            is_on,
            next_id: LAST_ID,
            files: BTreeMap::new(),
            ids: BTreeMap::new(),
            changed: BTreeSet::new(),
        };
        Self(Arc::new(Inner { table: RwLock::new(table), news: Notify::new() }))
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

    /// A file begins to come. Nothing of it is given before something is [offered](Offering::offer). Returned with
    /// it is who says that it has the file too.
    pub fn enter(
        &self,
        folder: &Path,
        file: &Path,
        sha1: [u8; 20],
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

    /// Whether a number may be that of an unfinished file.
    pub(super) const fn may_have(id: FileId) -> bool {
        id.0 >= FIRST_ID
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.0.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.0.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Offering {
    /// Where the bytes are, for whoever writes them.
    pub(in crate::runtime) const fn part(&self) -> &Arc<Part> {
        &self.part
    }

    /// So much of it can be given from now on, or so little.
    pub fn offer(&self, available: Available) {
        let Available { name, size, tree, ranges } = available;
        self.part.hold(&ranges);
        let mut table = self.all.write();
        // What the user wants may have changed while nothing was offered.
        self.part.set_on(table.is_on);
        let Some(id) = table.id_of(self) else { return };
        let item = Item {
            id,
            name: name.into(),
            size,
            sha1: Some(self.sha1),
            tiger_root: tree.as_ref().map(|tree| tree.root()),
            parts: Some(Arc::new(ranges)),
        };
        let (part, hosts) = (Arc::clone(&self.part), self.hosts.clone());
        table.files.insert(id, Entry { item, tree, part, hosts });
        table.changed.insert(self.sha1);
        drop(table);
        self.all.0.news.notify_one();
    }

    /// Nothing of it is given any more to those who come. Those who are here get what they were promised.
    pub fn withdraw(&self) {
        let mut table = self.all.write();
        if let Some(id) = table.id_that_is_of(self) {
            table.ids.remove(&self.sha1);
            table.files.remove(&id);
            table.changed.insert(self.sha1);
            drop(table);
            self.all.0.news.notify_one();
        }
    }
}

impl Drop for Offering {
    fn drop(&mut self) {
        self.withdraw();
    }
}

impl Table {
    /// Its number, which it keeps as long as it is here. None is given twice.
    fn id_of(&mut self, offering: &Offering) -> Option<FileId> {
        if let Some(id) = self.id_that_is_of(offering) {
            return Some(id);
        }
        // An earlier download of the same file may not have left yet.
        if let Some(id) = self.ids.remove(&offering.sha1) {
            self.files.remove(&id);
        }
        let id = Some(FileId(self.next_id)).filter(|id| Unfinished::may_have(*id))?;
        self.next_id = self.next_id.saturating_sub(1);
        self.ids.insert(offering.sha1, id);
        Some(id)
    }

    fn id_that_is_of(&self, offering: &Offering) -> Option<FileId> {
        let id = self.ids.get(&offering.sha1)?;
        let entry = self.files.get(id)?;
        Arc::ptr_eq(&entry.part, &offering.part).then_some(*id)
    }

    fn take_news(&mut self) -> Option<News> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ranges::ByteRange;

    const SHA1: [u8; 20] = [7; 20];

    fn available(ranges: &[(u64, u64)]) -> Available {
        let ranges = ranges.iter().map(|(start, end)| ByteRange::new(*start, *end)).collect();
        let tree = TreeRows::new(1_000, vec![[9; 24]]).map(Arc::new);
        Available { name: "a.ogg".to_owned(), size: 1_000, tree, ranges }
    }

    fn entered(all: &Unfinished) -> Offering {
        all.enter(Path::new("/nowhere"), Path::new("x.part"), SHA1).0
    }

    #[tokio::test]
    async fn what_is_offered_is_found_and_told_until_it_is_withdrawn() {
        let all = Unfinished::new(true);
        let offering = entered(&all);
        assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
        offering.offer(available(&[(0, 100)]));
        let item = all.by_urn(&Urn::Sha1(SHA1)).unwrap();
        assert!(Unfinished::may_have(item.id));
        assert_eq!(all.by_id(item.id).as_ref(), Some(&item));
        assert_eq!(all.by_urn(&Urn::TigerTree([9; 24])).as_ref(), Some(&item));
        let bitprint = |tiger_tree| Urn::Bitprint { sha1: SHA1, tiger_tree };
        assert_eq!(all.by_urn(&bitprint([9; 24])).as_ref(), Some(&item));
        assert_eq!(all.by_urn(&bitprint([8; 24])), None);
        let News::Offer(part) = all.news().await else { panic!("it is not told") };
        assert_eq!((part.id, part.available.len(), part.size), (item.id, 100, 1_000));
        drop(offering);
        assert_eq!(all.news().await, News::Withdraw(SHA1));
        assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
        let again = entered(&all);
        again.offer(available(&[(0, 100)]));
        assert_ne!(all.by_urn(&Urn::Sha1(SHA1)).unwrap().id, item.id, "no number is given twice");
    }

    /// Whoever asks hears that there is nothing yet, and comes again; hits do not name it.
    #[tokio::test]
    async fn a_file_of_which_nothing_is_here_is_found_and_not_told() {
        let all = Unfinished::new(true);
        let offering = entered(&all);
        offering.offer(available(&[]));
        let item = all.by_urn(&Urn::Sha1(SHA1)).unwrap();
        assert!(item.parts.unwrap().is_empty());
        assert_eq!(all.news().await, News::Withdraw(SHA1));
    }

    /// A download is cancelled, and wanted again at once.
    #[test]
    fn one_that_leaves_takes_nothing_of_the_next_one_with_it() {
        let all = Unfinished::new(true);
        let id = || all.by_urn(&Urn::Sha1(SHA1)).map(|item| item.id);
        let [old, new] = [(); 2].map(|()| entered(&all));
        old.offer(available(&[(0, 100)]));
        let first = id().unwrap();
        new.offer(available(&[]));
        assert_ne!(id(), Some(first), "no number is given twice");
        assert_eq!(all.by_id(first), None);
        drop(old);
        assert!(id().is_some());
        new.withdraw();
        assert_eq!(id(), None);
    }

    #[tokio::test]
    async fn the_user_may_want_none_of_it() {
        let all = Unfinished::new(false);
        let offering = entered(&all);
        offering.offer(available(&[(0, 100)]));
        assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
        assert_eq!(all.news().await, News::Withdraw(SHA1));
        all.set_on(true);
        assert!(all.by_urn(&Urn::Sha1(SHA1)).is_some());
        assert!(matches!(all.news().await, News::Offer(_)));
        all.set_on(false);
        assert_eq!(all.by_urn(&Urn::Sha1(SHA1)), None);
        assert_eq!(all.news().await, News::Withdraw(SHA1));
    }

    #[test]
    fn what_the_user_wants_holds_for_what_is_offered_later() {
        let all = Unfinished::new(false);
        let offering = entered(&all);
        assert!(!offering.part().is_on());
        all.set_on(true);
        offering.offer(available(&[(0, 100)]));
        assert!(offering.part().is_on());
    }

    #[tokio::test]
    async fn whoever_has_some_of_it_is_told_to_the_download() {
        let all = Unfinished::new(true);
        let (offering, mut heard) = all.enter(Path::new("/"), Path::new("x"), SHA1);
        offering.offer(available(&[]));
        let id = all.by_urn(&Urn::Sha1(SHA1)).unwrap().id;
        let host = AltHost::new("11.1.1.1:6346".parse().unwrap());
        (0..=HOSTS_MAX).for_each(|_| all.hear_of(id, host));
        for _ in 0..HOSTS_MAX {
            assert_eq!(heard.try_recv(), Ok(host));
        }
        assert!(heard.try_recv().is_err(), "at the limit and one past it");
    }
}
