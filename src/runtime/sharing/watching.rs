use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{ErrorKind, Event, RecursiveMode, Watcher};

use super::inbox::{Inbox, Post};
use crate::library::found::Identity;

/// Has the system tell what changes in folders.
pub(super) struct Watching {
    watcher: Option<Box<dyn Watcher + Send>>,
    /// The folders it tells of, and which they were.
    folders: BTreeMap<PathBuf, Identity>,
    /// The same the other way round: it tells of a folder under one name, the last that it was given.
    names: BTreeMap<Identity, PathBuf>,
    /// It does not tell of all, and that was said.
    is_partial: bool,
}

impl Watching {
    /// Nothing is told.
    pub(super) const fn none() -> Self {
        Self { watcher: None, folders: BTreeMap::new(), names: BTreeMap::new(), is_partial: false }
    }

    pub(super) fn start(inbox: &Arc<Inbox>) -> Self {
        let inbox = Arc::clone(inbox);
        let watcher = notify::recommended_watcher(move |event| tell(&inbox, event));
        match watcher {
            Ok(watcher) => Self::with(Box::new(watcher)),
            Err(error) => {
                tracing::warn!(
                    "changes in shared folders are seen late, for the system does not tell of them \
                     ({error}): raise fs.inotify.max_user_instances"
                );
                Self { is_partial: true, ..Self::none() }
            }
        }
    }

    fn with(watcher: Box<dyn Watcher + Send>) -> Self {
        Self { watcher: Some(watcher), ..Self::none() }
    }

    /// Tells of a folder too, but not of those in it. Whether it did not before.
    pub(super) fn add(&mut self, folder: &Path, identity: Identity) -> bool {
        let is_new = self.folders.get(folder) != Some(&identity);
        if is_new {
            // Whoever lets go of the old name afterwards lets go of the folder.
            let name = self.names.get(&identity).cloned();
            name.iter().for_each(|name| self.remove(name));
            self.remove(folder);
        }
        // The system has let go of what was away, if only for a moment.
        let is_watched = self.watch(folder);
        if is_watched {
            self.folders.insert(folder.to_owned(), identity);
            if identity != Identity::default() {
                self.names.insert(identity, folder.to_owned());
            }
        } else {
            self.remove(folder);
        }
        is_watched && is_new
    }

    /// A folder of which it tells will be listed: it has to tell of what comes after that.
    pub(super) fn renew(&mut self, folder: &Path) {
        if self.folders.contains_key(folder) && !self.watch(folder) {
            self.remove(folder);
        }
    }

    fn watch(&mut self, folder: &Path) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => return true,
            // It is gone again; whoever made it has told of that.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => {}
            Err(error) => self.lack(&error),
        }
        false
    }

    /// A folder is not shared any more.
    pub(super) fn remove(&mut self, folder: &Path) {
        let Some(identity) = self.folders.remove(folder) else { return };
        if self.names.get(&identity).is_some_and(|name| name == folder) {
            self.names.remove(&identity);
        }
        if let Some(watcher) = &mut self.watcher {
            // It may have let go by itself.
            let _: notify::Result<()> = watcher.unwatch(folder);
        }
    }

    /// Whether there are folders that have to be looked at without being told.
    pub(super) const fn is_partial(&self) -> bool {
        self.is_partial
    }

    pub(super) fn watched(&self) -> u64 {
        self.folders.len() as u64
    }

    /// Some folder cannot be watched.
    fn lack(&mut self, error: &notify::Error) {
        if std::mem::replace(&mut self.is_partial, true) {
            return;
        }
        let watched = self.watched();
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
    let is_itself = |path: &Path| match event.kind {
        // What has vanished may have been a shared folder itself.
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => true,
        // And so may be what anybody may read now.
        EventKind::Modify(ModifyKind::Metadata(_)) => path.is_dir(),
        _ => false,
    };
    let parents = event.paths.iter().filter_map(|path| path.parent()).map(Path::to_owned);
    let selves = event.paths.iter().filter(|path| is_itself(path)).cloned();
    parents.chain(selves).filter(move |_| is_change).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests;
