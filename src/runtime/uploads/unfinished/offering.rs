use std::sync::Arc;

use tokio::sync::mpsc;

use super::table::Entry;
use super::{Available, Unfinished};
use crate::gnutella::http::AltHost;
use crate::runtime::uploads::part::Part;
use crate::transfer::upload::Item;

/// The place of one file among them; gone with this.
#[derive(Debug)]
pub struct Offering {
    pub(super) all: Unfinished,
    pub(super) sha1: Option<[u8; 20]>,
    pub(super) part: Arc<Part>,
    pub(super) hosts: mpsc::Sender<AltHost>,
}

impl Offering {
    /// Where the bytes are, for whoever writes them.
    pub(in crate::runtime) const fn part(&self) -> &Arc<Part> {
        &self.part
    }

    /// So much of it can be given from now on, or so little.
    pub fn offer(&self, available: Available) {
        let Some(sha1) = self.sha1 else { return };
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
            sha1: Some(sha1),
            tiger_root: tree.as_ref().map(|tree| tree.root()),
            parts: Some(Arc::new(ranges)),
        };
        let (part, hosts) = (Arc::clone(&self.part), self.hosts.clone());
        table.files.insert(id, Entry { item, tree, part, hosts });
        table.changed.insert(sha1);
        drop(table);
        self.all.0.news.notify_one();
    }

    /// Nothing of it is given any more to those who come. Those who are here get what they were promised.
    pub fn withdraw(&self) {
        let mut table = self.all.write();
        if let Some((sha1, id)) = self.sha1.zip(table.id_that_is_of(self)) {
            table.ids.remove(&sha1);
            table.files.remove(&id);
            table.changed.insert(sha1);
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
