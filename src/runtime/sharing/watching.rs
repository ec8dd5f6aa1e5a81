use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::{Inbox, Post};

/// Has the system tell what changes in folders.
#[derive(Debug)]
pub(super) struct Watching {
    watcher: Option<RecommendedWatcher>,
    /// How many folders it tells of.
    watched: u64,
    /// It does not tell of all, and that was said.
    is_partial: bool,
}

impl Watching {
    /// Nothing is told.
    pub(super) const fn none() -> Self {
        Self { watcher: None, watched: 0, is_partial: false }
    }

    pub(super) fn start(inbox: &Arc<Inbox>) -> Self {
        let inbox = Arc::clone(inbox);
        let watcher = notify::recommended_watcher(move |event| tell(&inbox, event));
        match watcher {
            Ok(watcher) => Self { watcher: Some(watcher), ..Self::none() },
            Err(error) => {
                tracing::warn!(
                    "changes in shared folders are seen late, for the system does not tell of them \
                     ({error}): raise fs.inotify.max_user_instances"
                );
                Self { is_partial: true, ..Self::none() }
            }
        }
    }

    /// Tells of a folder too, but not of those in it.
    pub(super) fn add(&mut self, folder: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => self.watched = self.watched.saturating_add(1),
            // It is gone again; whoever made it has told of that.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
            Err(error) => self.lack(&error),
        }
    }

    /// A folder is not shared any more.
    pub(super) fn remove(&mut self, folder: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        if watcher.unwatch(folder).is_ok() {
            self.watched = self.watched.saturating_sub(1);
        }
    }

    /// Whether there are folders that have to be looked at without being told.
    pub(super) const fn is_partial(&self) -> bool {
        self.is_partial
    }

    pub(super) const fn watched(&self) -> u64 {
        self.watched
    }

    /// Some folder cannot be watched.
    fn lack(&mut self, error: &notify::Error) {
        if std::mem::replace(&mut self.is_partial, true) {
            return;
        }
        let watched = self.watched;
        match error.kind {
            ErrorKind::MaxFilesWatch => tracing::warn!(
                watched,
                "there are more shared folders than the system watches; changes in the others are \
                 seen late: raise fs.inotify.max_user_watches"
            ),
            _ => tracing::warn!(%error, "changes in some shared folders are seen late"),
        }
    }
}

fn tell(inbox: &Inbox, event: notify::Result<Event>) {
    match event {
        Ok(event) if event.need_rescan() => inbox.post(Post::lose_changes),
        Ok(event) => {
            let folders: Vec<PathBuf> = touched(&event).collect();
            if !folders.is_empty() {
                inbox.post(|post| folders.into_iter().for_each(|folder| post.touch(folder)));
            }
        }
        Err(error) => {
            tracing::debug!(%error, "what has changed is not known");
            inbox.post(Post::lose_changes);
        }
    }
}

/// The folders to be listed again: that a file was opened or read is no change.
fn touched(event: &Event) -> impl Iterator<Item = PathBuf> {
    let is_change = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    // What has vanished may have been a shared folder itself.
    let is_itself =
        matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)));
    let parents = event.paths.iter().filter_map(|path| path.parent()).map(Path::to_owned);
    let selves = event.paths.iter().filter(move |_| is_itself).cloned();
    parents.chain(selves).filter(move |_| is_change).collect::<Vec<_>>().into_iter()
}
