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
            watching.add(Path::new(folder), Identity::default());
        }
        assert!(!watching.is_partial());
        for folder in ["/c", "/d", "/e"] {
            watching.add(Path::new(folder), Identity::default());
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
    watching.add(Path::new("/a"), Identity::default());
    watching.add(Path::new("/b"), Identity::default());
    watching.remove(Path::new("/a"));
    watching.add(Path::new("/c"), Identity::default());
    assert_eq!((watching.watched(), watching.is_partial()), (1, true));
}

/// As the system does it: a folder is known by its number, and told of under the last name that it was given.
#[derive(Clone, Debug, Default)]
struct ByNumber(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// What lies where.
    disk: BTreeMap<PathBuf, u64>,
    watches: BTreeMap<PathBuf, u64>,
    told_of: BTreeMap<u64, PathBuf>,
}

impl Told {
    fn let_go(&mut self) {
        self.watches.clear();
        self.told_of.clear();
    }
}

impl Watcher for ByNumber {
    fn new<F: EventHandler>(_handler: F, _config: Config) -> notify::Result<Self> {
        Ok(Self::default())
    }

    fn watch(&mut self, path: &Path, _mode: RecursiveMode) -> notify::Result<()> {
        let mut told = self.0.lock().unwrap();
        let number = told.disk.get(path).copied();
        let number = number.ok_or_else(|| Error::new(ErrorKind::PathNotFound))?;
        told.watches.insert(path.to_owned(), number);
        told.told_of.insert(number, path.to_owned());
        Ok(())
    }

    fn unwatch(&mut self, path: &Path) -> notify::Result<()> {
        let mut told = self.0.lock().unwrap();
        let number = told.watches.remove(path).ok_or_else(Error::watch_not_found)?;
        told.told_of.remove(&number);
        Ok(())
    }

    fn kind() -> WatcherKind {
        WatcherKind::NullWatcher
    }
}

impl ByNumber {
    fn with(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.0.lock().unwrap());
    }

    fn told_of(&self) -> Vec<(u64, PathBuf)> {
        self.0.lock().unwrap().told_of.clone().into_iter().collect()
    }
}

fn number(inode: u64) -> Identity {
    Identity { device: 1, inode }
}

#[test]
fn a_folder_is_told_of_under_the_name_under_which_it_is_now() {
    let system = ByNumber::default();
    let mut watching = Watching::with(Box::new(system.clone()));
    let (a, b) = (Path::new("/a"), Path::new("/b"));
    let lies_at = |path: &Path, number: u64| {
        system.with(|told| told.disk.extend([(path.to_owned(), number)]));
    };
    lies_at(a, 1);
    assert!(watching.add(a, number(1)));
    assert!(!watching.add(a, number(1)), "it is not new");

    // Replaced by another; the system has let go of it.
    system.with(Told::let_go);
    lies_at(a, 2);
    assert!(watching.add(a, number(2)));
    assert_eq!((system.told_of(), watching.watched()), (vec![(2, a.to_owned())], 1));

    // Away for a moment.
    system.with(Told::let_go);
    watching.renew(a);
    assert_eq!((system.told_of(), watching.watched()), (vec![(2, a.to_owned())], 1));

    // Renamed, and met under its new name before the old one is let go.
    system.with(|told| told.disk.clear());
    lies_at(b, 2);
    assert!(watching.add(b, number(2)));
    watching.remove(a);
    assert_eq!((system.told_of(), watching.watched()), (vec![(2, b.to_owned())], 1));

    // Gone, of which the system knows.
    system.with(|told| {
        told.disk.clear();
        told.let_go();
    });
    watching.remove(b);
    watching.renew(b);
    assert!(!watching.add(a, number(3)));
    assert_eq!((system.told_of(), watching.watched()), (vec![], 0));
}
