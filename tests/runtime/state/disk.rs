//! Files that are damaged, and disks that are full.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use filbert::gnutella::wire::Guid;
use filbert::node::host_cache::Quality;
use filbert::runtime::state::{Disk, Kept, Opened, Parts, Saved, Store, Warning};
use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageBackend};

use super::kept::host;
use super::{Home, NOW};

fn parts(number: u8) -> Parts {
    let hosts = Some(vec![host(number, Quality::Met, 1)]);
    Parts { guid: Some(Guid([number; 16])), hosts, ..Parts::default() }
}

/// What was set aside.
fn aside(home: &Home) -> Vec<String> {
    let entries = std::fs::read_dir(home.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut damaged: Vec<_> = names.filter(|name| name.contains("damaged")).collect();
    damaged.sort();
    damaged
}

#[test]
fn a_foreign_file_is_set_aside_and_the_node_starts_empty() {
    let home = Home::new();
    for (number, foreign) in
        [(1, vec![0; 1]), (2, b"not a database at all".repeat(500)), (3, vec![0xff; 100_000])]
    {
        std::fs::write(home.file(), &foreign).unwrap();
        let Opened { mut store, kept, warning } = home.open();
        assert_eq!(kept, Kept::default());
        let warning = warning.unwrap();
        assert!(matches!(warning, Warning::SetAside { .. }), "{warning:?}");
        let name = format!("state.redb.damaged-{number}");
        assert!(!warning.to_string().contains('\n'));
        assert!(warning.to_string().contains(&name), "{warning}");
        assert_eq!(std::fs::read(home.path().join(name)).unwrap(), foreign);
        assert!(matches!(store.save(&parts(number), NOW), Saved::Done));
        drop(store);
        assert_eq!(home.kept().guid, Some(Guid([number; 16])));
        assert_eq!(aside(&home).len(), usize::from(number));
    }
}

#[test]
fn a_file_that_was_cut_is_set_aside_or_still_read() {
    let home = Home::new();
    home.save(&parts(1));
    let whole = std::fs::read(home.file()).unwrap();
    for len in [1, 100, 4_096, whole.len() / 2, whole.len() - 1] {
        std::fs::write(home.file(), &whole[..len]).unwrap();
        let Opened { mut store, kept, warning } = home.open();
        assert!(kept == Kept::default() || kept.guid == Some(Guid([1; 16])), "{len}");
        assert_eq!(warning.is_some(), kept == Kept::default(), "{len}: {warning:?}");
        assert!(matches!(store.save(&parts(2), NOW), Saved::Done), "{len}");
    }
}

#[test]
fn files_that_are_set_aside_do_not_become_more_and_more() {
    let home = Home::new();
    for _ in 0..12 {
        std::fs::write(home.file(), "junk").unwrap();
        assert!(home.open().warning.is_some());
    }
    assert_eq!(aside(&home).len(), 9);
}

/// A disk that can be filled, by its owner or by so many bytes.
#[derive(Clone, Debug, Default)]
struct Tap {
    is_full: Arc<AtomicBool>,
    left: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Tapped {
    inner: FileBackend,
    tap: Tap,
}

impl Tap {
    fn with_room() -> Self {
        let tap = Self::default();
        tap.left.store(u64::MAX, Ordering::SeqCst);
        tap
    }

    fn fill(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        let took =
            self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if self.is_full.load(Ordering::SeqCst) || took.is_err() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn disk(&self) -> Disk {
        let tap = self.clone();
        Disk::made_of(move |path: &Path, builder: Builder| -> Result<Database, DatabaseError> {
            let mut options = std::fs::File::options();
            let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
            let inner = FileBackend::new(file)?;
            builder.create_with_backend(Tapped { inner, tap: tap.clone() })
        })
    }

    fn open(&self, home: &Home) -> Opened {
        Store::open_on(self.disk(), home.path(), NOW)
    }
}

impl StorageBackend for Tapped {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.tap.check()?;
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.tap.check()?;
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.tap.check()?;
        self.inner.write(offset, data)
    }
}

#[test]
fn a_full_disk_is_told_of_once_and_written_again_when_there_is_room() {
    let (home, tap) = (Home::new(), Tap::with_room());
    let Opened { mut store, warning, .. } = tap.open(&home);
    assert!(warning.is_none(), "{warning:?}");
    assert!(matches!(store.save(&parts(1), NOW), Saved::Done));
    tap.fill(true);
    let saved = store.save(&parts(2), NOW);
    assert!(matches!(saved, Saved::Failed(Warning::InMemory { .. })), "{saved:?}");
    for _ in 0..3 {
        assert!(matches!(store.save(&parts(2), NOW), Saved::StillFailing));
    }
    tap.fill(false);
    assert!(matches!(store.save(&parts(3), NOW), Saved::Recovered));
    assert!(matches!(store.save(&parts(4), NOW), Saved::Done));
    drop(store);
    assert_eq!(home.kept().guid, Some(Guid([4; 16])));
    assert_eq!(aside(&home), [""; 0]);
}

/// Whatever is the first thing that fails: what was saved before is there.
#[test]
fn a_disk_may_become_full_at_any_write() {
    for left in 0..40 {
        let (home, tap) = (Home::new(), Tap::with_room());
        home.save(&parts(1));
        tap.left.store(left, Ordering::SeqCst);
        let Opened { mut store, kept, warning } = tap.open(&home);
        assert_eq!(kept.guid, Some(Guid([1; 16])), "{left}: {warning:?}");
        let saved = store.save(&parts(2), NOW);
        let is_done = matches!(saved, Saved::Done);
        tap.left.store(u64::MAX, Ordering::SeqCst);
        assert!(
            matches!(store.save(&Parts::default(), NOW), Saved::Done | Saved::Recovered),
            "{left}"
        );
        drop(store);
        let guid = home.kept().guid;
        assert!(guid == Some(Guid([2; 16])) || !is_done && guid == Some(Guid([1; 16])), "{left}");
    }
}

#[test]
fn a_node_starts_on_a_full_disk() {
    let (home, tap) = (Home::new(), Tap::with_room());
    tap.fill(true);
    let Opened { mut store, kept, warning } = tap.open(&home);
    assert_eq!(kept, Kept::default());
    assert!(matches!(warning, Some(Warning::InMemory { .. })), "{warning:?}");
    assert!(matches!(store.save(&parts(1), NOW), Saved::StillFailing));
    tap.fill(false);
    assert!(matches!(store.save(&parts(1), NOW), Saved::Recovered));
    drop(store);
    assert_eq!(home.kept().guid, Some(Guid([1; 16])));
}
