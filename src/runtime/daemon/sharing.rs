use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use super::service::Service;
use crate::base::file_name::SafeName;
use crate::base::magnet::{Magnet, Source};
use crate::base::urn::Urn;
use crate::control::desk::{Desk, Reply};
use crate::control::model::{Happening, LeftOut, Library, LibraryStatus, SharedFile};
use crate::gnutella::servent::Offer;
use crate::index::files::FileId;
use crate::library::catalogue::Offered;
use crate::library::found;
use crate::library::hash::Wanted;
use crate::runtime::downloads::UNFINISHED;
use crate::runtime::settings::Settings;
use crate::runtime::sharing::{Plan, Progress, Sharing};

/// How often those who watch are told how far the library is.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The shared folders, and who tells of them.
pub(super) struct Shared {
    pub(super) sharing: Sharing,
    teller: JoinHandle<()>,
}

impl Shared {
    /// A node works without it, and shares nothing then.
    pub(super) fn start(settings: &Settings, desk: Desk) -> Option<Self> {
        let sharing = Sharing::start(plan(settings));
        let failed = |error| tracing::error!(%error, "nothing is shared");
        let sharing = sharing.map_err(failed).ok()?;
        let teller = tokio::spawn(tell(sharing.progress(), desk));
        Some(Self { sharing, teller })
    }

    pub(super) async fn end(self) {
        self.teller.abort();
        if !self.sharing.end().await {
            tracing::debug!("the last hashes were not kept in time");
        }
    }
}

impl Service {
    /// Follows the settings, and looks through the folders again.
    pub(super) fn share(&self) {
        if let Some(shared) = &self.shared {
            shared.sharing.change(plan(&self.settings));
        }
    }

    /// A part of the library, for the API. Nobody waits while words are sought among very many files.
    pub(super) fn tell_library(
        &self,
        from: u32,
        limit: usize,
        words: Option<String>,
        reply: Reply<Library>,
    ) {
        let Some(shared) = &self.shared else { return reply.send(Ok(Library::default())) };
        let status = status_of(&shared.sharing.progress().borrow());
        if limit == 0 {
            return reply.send(Ok(Library { status, ..Library::default() }));
        }
        let inventory = Arc::clone(&shared.sharing.inventory().borrow());
        let (first, at) = (FileId(from), self.uploading.reached_at());
        spawn_blocking(move || {
            let (files, next) = match words {
                Some(words) => page(inventory.search(&words, first), limit),
                None => page(inventory.from(first), limit),
            };
            let files = files.into_iter().map(|file| shown(file, at)).collect();
            reply.send(Ok(Library { status, files, next }));
        });
    }
}

/// So many files, and where to go on.
fn page<'a>(
    mut found: impl Iterator<Item = Offered<'a>>,
    limit: usize,
) -> (Vec<Offered<'a>>, Option<u32>) {
    let files = found.by_ref().take(limit).collect();
    (files, found.next().map(|file| file.id.0))
}

/// The next time that something else is offered; never where nothing is.
pub(super) async fn offered(shared: Option<&Shared>) -> Box<Offer> {
    match shared {
        Some(shared) => shared.sharing.next_offer().await,
        None => std::future::pending().await,
    }
}

fn plan(settings: &Settings) -> Plan {
    Plan {
        folders: settings.share.clone(),
        home: settings.home.clone(),
        downloads: settings.downloads.clone(),
        unfinished: vec![settings.downloads.join(UNFINISHED)],
        threads: usize::try_from(settings.library.threads).unwrap_or(1),
        rescan_every: settings.library.rescan_s.map(Duration::from_secs),
        digests: Wanted { kzhash: settings.speaks_fasttrack() },
        watches: settings.library.watch,
    }
}

/// Tells whoever watches how far it is, and not too often.
async fn tell(mut progress: watch::Receiver<Progress>, desk: Desk) {
    while progress.changed().await.is_ok() {
        let status = status_of(&progress.borrow_and_update());
        desk.tell(Happening::Library(status));
        sleep(TELL_EVERY).await;
    }
}

fn shown(file: Offered<'_>, at: Option<SocketAddr>) -> SharedFile {
    SharedFile {
        index: file.id.0,
        name: file.name.to_owned(),
        path: file.path().to_string_lossy().into_owned(),
        size: file.stamp.size,
        sha1: Some(BASE32_NOPAD.encode(&file.sha1)),
        tiger_root: Some(BASE32_NOPAD.encode(&file.tiger_root)),
        kzhash: file.kzhash.map(|kzhash| kzhash.to_string()),
        modified_s: file.stamp.modified_s(),
        magnet: Some(link_to(&file, at).to_string()),
    }
}

/// Its names, its size, and where we are, if others can call us there (MAGNET-09).
fn link_to(file: &Offered<'_>, at: Option<SocketAddr>) -> Magnet {
    let bitprint = Urn::Bitprint { sha1: file.sha1, tiger_tree: file.tiger_root };
    let path = format!("/uri-res/N2R?{}", Urn::Sha1(file.sha1));
    let source = |at: SocketAddr| Source::Http { host: at.ip().to_string(), port: at.port(), path };
    Magnet {
        urns: std::iter::once(bitprint).chain(file.kzhash.map(Urn::KzHash)).collect(),
        name: Some(SafeName::from_remote(file.name)),
        size: Some(file.stamp.size),
        sources: at.map(source).into_iter().collect(),
        ..Magnet::default()
    }
}

fn status_of(progress: &Progress) -> LibraryStatus {
    let Progress { totals, waiting, hashed, .. } = progress;
    LibraryStatus {
        scanning: progress.is_scanning,
        hashing: progress.is_hashing(),
        folders: totals.folders,
        watched_folders: progress.watched,
        files: totals.offered.files,
        bytes: totals.offered.bytes,
        found_files: totals.found.files,
        found_bytes: totals.found.bytes,
        waiting_files: waiting.files,
        waiting_bytes: waiting.bytes,
        changing_files: progress.put_off,
        hashed_files: hashed.files,
        hashed_bytes: hashed.bytes,
        bytes_per_s: progress.bytes_per_s,
        left_s: progress.left().map(|left| left.as_secs()),
        left_out: left_out(progress),
    }
}

fn left_out(progress: &Progress) -> LeftOut {
    let found::LeftOut {
        hidden,
        links,
        special,
        empty,
        too_large,
        unnameable,
        unreadable,
        twice,
        too_deep,
        own,
    } = progress.totals.left_out;
    let unreadable = unreadable.saturating_add(progress.unreadable);
    let beyond = progress.totals.beyond;
    LeftOut {
        hidden,
        links,
        special,
        empty,
        too_large,
        unnameable,
        unreadable,
        twice,
        too_deep,
        own,
        beyond,
    }
}
