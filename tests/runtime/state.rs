//! What is kept from one run to the next, whatever happens to the process, the disk and the clock.

mod disk;
mod kept;
mod killed;
mod lock;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use filbert::runtime::state::{Disk, Kept, Opened, Parts, Saved, Store, Wall};

/// A moment.
const NOW: Wall = Wall(1_800_000_000);

/// A home that is gone when the test is over.
#[derive(Debug)]
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("filbert-state-{}-{number}", std::process::id());
        let home = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&home).unwrap();
        Self(home)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn file(&self) -> PathBuf {
        self.0.join("state.redb")
    }

    fn open(&self) -> Opened {
        Store::open_on(Disk::real(), &self.0, NOW)
    }

    /// What is in it, without a word of warning.
    fn kept(&self) -> Kept {
        let Opened { kept, warning, .. } = self.open();
        assert!(warning.is_none(), "{warning:?}");
        kept
    }

    fn save(&self, parts: &Parts) {
        let saved = self.open().store.save(parts, NOW);
        assert!(matches!(saved, Saved::Done), "{saved:?}");
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _: Result<(), _> = std::fs::remove_dir_all(&self.0);
    }
}
