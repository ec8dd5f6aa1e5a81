use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{ErrorKind, Event, RecursiveMode, Watcher};

use super::inbox::{Inbox, Post};

/// Has the system tell what changes in folders.
pub(super) struct Watching {
    watcher: Option<Box<dyn Watcher + Send>>,
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
mod tests {
    use std::sync::Mutex;

    use notify::{Config, Error, EventHandler, WatcherKind};
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Level, Metadata, Subscriber};

    use super::*;

    /// A system that watches so many folders, as `fs.inotify.max_user_watches` has it.
    #[derive(Debug)]
    struct Few(usize);

    impl Watcher for Few {
        fn new<F: EventHandler>(_handler: F, _config: Config) -> notify::Result<Self> {
            Ok(Self(0))
        }

        fn watch(&mut self, _path: &Path, _mode: RecursiveMode) -> notify::Result<()> {
            self.0 = self.0.checked_sub(1).ok_or_else(|| Error::new(ErrorKind::MaxFilesWatch))?;
            Ok(())
        }

        fn unwatch(&mut self, _path: &Path) -> notify::Result<()> {
            self.0 += 1;
            Ok(())
        }

        fn kind() -> WatcherKind {
            WatcherKind::NullWatcher
        }
    }

    /// Warnings that were logged.
    #[derive(Clone, Default)]
    struct Warnings(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Warnings {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() <= Level::WARN
        }

        fn new_span(&self, _span: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn event(&self, event: &tracing::Event<'_>) {
            struct Message(String);
            impl Visit for Message {
                fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                    if field.name() == "message" {
                        self.0 = format!("{value:?}");
                    }
                }
            }
            let mut message = Message(String::new());
            event.record(&mut message);
            self.0.lock().unwrap().push(message.0);
        }

        fn record(&self, _span: &Id, _values: &Record<'_>) {}
        fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
        fn enter(&self, _span: &Id) {}
        fn exit(&self, _span: &Id) {}
    }

    #[test]
    fn folders_beyond_what_the_system_watches_are_counted_and_said_once() {
        let warnings = Warnings::default();
        let mut watching = Watching::with(Box::new(Few(2)));
        tracing::subscriber::with_default(warnings.clone(), || {
            for folder in ["/a", "/b"] {
                watching.add(Path::new(folder));
            }
            assert!(!watching.is_partial());
            for folder in ["/c", "/d", "/e"] {
                watching.add(Path::new(folder));
            }
        });
        assert_eq!((watching.watched(), watching.is_partial()), (2, true));
        let said = warnings.0.lock().unwrap().clone();
        let [one] = &said[..] else { panic!("it is said once: {said:?}") };
        assert!(one.ends_with("raise fs.inotify.max_user_watches"), "{one}");
    }

    #[test]
    fn a_place_that_becomes_free_is_used_and_some_folders_are_still_not_watched() {
        let mut watching = Watching::with(Box::new(Few(1)));
        watching.add(Path::new("/a"));
        watching.add(Path::new("/b"));
        watching.remove(Path::new("/a"));
        watching.add(Path::new("/c"));
        assert_eq!((watching.watched(), watching.is_partial()), (1, true));
    }
}
