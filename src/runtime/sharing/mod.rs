//! The shared folders: looked through, hashed and watched in the background.
//!
//! ```text
//! folders ─► Keeper ─► Catalogue ─► Inventory    what is offered: for the node, uploads and the API
//!   ▲          │  ▲                 Progress     how far it is
//!   │ watched  │  └─ hashes of earlier runs, by path, size, and moments of the last writing and change
//!   └──────────┴───► Pool: reads files, at low priority
//! ```
//!
//! A thread of its own keeps the catalogue, others read files. Whatever happens to them, the node runs. Changes
//! are told by the system where it can; what it does not tell is found when all folders are looked through
//! again: each hour, when the user wants it, and when the configuration is read again.

mod changes;
mod inbox;
mod keeper;
mod newest;
mod pool;
mod progress;
mod watching;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

pub use self::progress::Progress;

use self::inbox::Inbox;
use self::keeper::{Keeper, Telling};
use self::newest::Newest;
use super::state::{Hashes, Trees};
use crate::gnutella::servent::Offer;
use crate::index::files::FileId;
use crate::library::catalogue::Inventory;
use crate::library::hash::Wanted;

/// What is shared, and how it is looked after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Folders of the user.
    pub folders: Vec<PathBuf>,
    /// The home of the node, which is not shared.
    pub home: PathBuf,
    /// Finished downloads, which may be shared even if they lie in the home.
    pub downloads: PathBuf,
    /// Where files on their way to us lie.
    pub unfinished: Vec<PathBuf>,
    /// How many files are read at the same time.
    pub threads: usize,
    /// How often all folders are looked through again.
    pub rescan_every: Option<Duration>,
    /// Which digests of files are wanted. A kzhash costs whoever reads a file nearly as much again, so that it is wanted
    /// with FastTrack alone.
    pub digests: Wanted,
    /// The system is asked to tell what changes.
    pub watches: bool,
}

/// The shared folders of a node. They are let go when this is dropped.
#[derive(Debug)]
pub struct Sharing {
    inbox: Arc<Inbox>,
    offer: Arc<Newest<Box<Offer>>>,
    inventory: watch::Receiver<Arc<Inventory>>,
    progress: watch::Receiver<Progress>,
    trees: Trees,
    ended: Option<oneshot::Receiver<()>>,
}

/// Where whoever sends files says what is wrong with them. Clones tell the same library.
#[derive(Clone, Debug, Default)]
pub struct Doubts(Arc<Inbox>);

/// How long the last hashes may take to be written.
const END_TIMEOUT: Duration = Duration::from_millis(1_500);

impl Sharing {
    /// Begins. The home must be held, for the hashes lie in it.
    ///
    /// # Errors
    /// The system has no more threads.
    pub fn start(plan: Plan) -> io::Result<Self> {
        let hashes = Hashes::closed(&plan.home);
        let (trees, inbox) = (hashes.trees(), Arc::new(Inbox::default()));
        let (offer, (to_inventory, inventory)) = (Arc::default(), watch::channel(Arc::default()));
        // Nothing is known before the hashes are open, which may take a while.
        let first = Progress { is_scanning: true, ..Progress::default() };
        let (to_progress, progress) = watch::channel(first);
        let telling = Telling::new(Arc::clone(&offer), to_inventory, to_progress);
        let (to_ended, ended) = oneshot::channel();
        let keeper = Keeper::new(plan, Arc::clone(&inbox), hashes, telling);
        thread::Builder::new().name("library".to_owned()).spawn(move || {
            pool::give_way();
            keeper.run();
            let _: Result<(), ()> = to_ended.send(());
        })?;
        Ok(Self { inbox, offer, inventory, progress, trees, ended: Some(ended) })
    }

    /// Shares these folders from now on, and looks through them again.
    pub fn change(&self, plan: Plan) {
        self.inbox.post(|post| post.plan = Some(plan));
    }

    /// Looks through all folders again.
    pub fn rescan(&self) {
        self.inbox.post(|post| post.rescan = true);
    }

    /// Waits until something else is offered, which others may find from then on: for one listener, who hands it to
    /// the node. It was put together elsewhere, so that nobody waits for a large library.
    pub async fn next_offer(&self) -> Box<Offer> {
        self.offer.take().await
    }

    /// What is offered, as it changes: not with each file, but every few seconds while files are hashed.
    pub fn inventory(&self) -> watch::Receiver<Arc<Inventory>> {
        self.inventory.clone()
    }

    /// How far it is, as that changes.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// For whoever sends files.
    pub fn doubts(&self) -> Doubts {
        Doubts(Arc::clone(&self.inbox))
    }

    /// The trees of the files that are offered.
    pub fn trees(&self) -> Trees {
        self.trees.clone()
    }

    /// Stops reading at once, and keeps what was hashed. False where that takes too long.
    pub async fn end(mut self) -> bool {
        self.inbox.end();
        match self.ended.take() {
            Some(ended) => timeout(END_TIMEOUT, ended).await.is_ok(),
            None => true,
        }
    }
}

impl Doubts {
    /// Something in this folder is not what it was when it was listed.
    pub fn look_at(&self, folder: &Path) {
        self.0.post(|post| post.touch(folder.to_owned()));
    }

    /// This file may not be read: it is offered no longer, until it can be.
    pub fn cannot_open(&self, file: FileId) {
        self.0.post(|post| post.cannot_open(file));
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        self.inbox.end();
    }
}
