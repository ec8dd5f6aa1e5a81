//! What a node of the demonstration shares, and how others get it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::base::kazaa_hash::KzHash;
use crate::control::desk::Desk;
use crate::fasttrack::http::Sender;
use crate::gnutella::holder::{Holder, Own, Serving};
use crate::gnutella::wire::Guid;
use crate::index::files::FileId;
use crate::node::Command;
use crate::runtime::engine::{Arrival, Engine, Lines};
use crate::runtime::sharing::{self, Sharing};
use crate::runtime::uploads::{self, LibraryFiles, Uploads};
use crate::transfer::upload::{About, Terms};

/// A shared folder, and those who come for its files.
pub(super) struct Shelf {
    sharing: Sharing,
    pub(super) uploads: Uploads,
    _outlets: uploads::Outlets,
}

/// By what a file is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hashes {
    pub(super) sha1: [u8; 20],
    pub(super) kzhash: Option<KzHash>,
}

/// Where a shelf stands.
pub(super) struct Place {
    pub(super) guid: Guid,
    pub(super) address: SocketAddr,
    pub(super) visitors: mpsc::Receiver<Arrival>,
    pub(super) lines: Lines,
    pub(super) desk: Desk,
    pub(super) speaks_fasttrack: bool,
}

impl Shelf {
    pub(super) fn start(plan: sharing::Plan, place: Place) -> io::Result<Self> {
        let Place { guid, address, visitors, lines, desk, speaks_fasttrack } = place;
        let sharing = Sharing::start(plan)?;
        let (inventory, trees) = (sharing.inventory(), Some(sharing.trees()));
        let files = LibraryFiles::new(inventory, trees, sharing.doubts());
        let serving = Serving { lists_files: true, ..Serving::default() };
        let (listen, proxies) = (Some(address), Vec::new());
        let own = Own { servent: guid, listen, is_reached: true, proxies, serving };
        let about = About {
            server: concat!("Filbert/", env!("CARGO_PKG_VERSION")).to_owned(),
            holder: Holder::ours(&own, &[]),
            node: Some(address),
            behind: None,
            allow_private: true,
            kazaa: speaks_fasttrack.then(Sender::default),
        };
        let seed = u64::from(address.port());
        let files = Arc::new(files);
        let plan = uploads::Plan { terms: terms(), files, about, seed, lines, desk };
        let (uploads, _outlets) = Uploads::start(plan, visitors);
        Ok(Self { sharing, uploads, _outlets })
    }

    /// Hashes so many files, and offers them to others: all at once, for a table of words is made again seldom.
    pub(super) async fn offer(&self, count: usize, engine: &Engine) {
        let mut offer = self.sharing.next_offer().await;
        while offer.files().len() < count {
            offer = self.sharing.next_offer().await;
        }
        engine.command(Command::Offer(offer)).await;
    }

    /// The SHA-1 of a file, as it was read here, and what FastTrack knows it by.
    pub(super) fn hashes_of(&self, name: &str) -> Option<Hashes> {
        let inventory = self.sharing.inventory();
        let inventory = inventory.borrow();
        let mut named = inventory.search(name, FileId(0));
        let file = named.find(|file| file.name == name)?;
        Some(Hashes { sha1: file.sha1, kzhash: file.kzhash })
    }

    pub(super) async fn end(self) {
        self.uploads.end().await;
        self.sharing.end().await;
    }
}

/// On one machine all who come may be one host.
const fn terms() -> Terms {
    Terms { slots: 8, slots_per_host: 8, queue_len: 8 }
}
