//! A folder, what is fetched into it, and a clock that moves when the test says so.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use filbert::base::ranges::ByteRange;
use filbert::control::desk::Desk;
use filbert::control::model::{Download, DownloadState};
use filbert::library::hash::Digests;
use filbert::runtime::downloads::{Downloads, Plan, Wanted};
use filbert::runtime::engine::Lines;
use filbert::runtime::uploads::Unfinished;
use filbert::transfer::download::journal::Intent;
use filbert::transfer::download::{Finding, KnownBy, Manners, Origin, Rules};
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use super::source::Source;

/// Moves of the clock after which a test gives up.
const MOVES_MAX: usize = 20_000;

pub struct Scene {
    pub folder: PathBuf,
    pub downloads: Downloads,
    pub unfinished: Unfinished,
    /// As long as a thread is busy, time does not move by itself: it would leap over what is on its way.
    _busy: mpsc::Sender<()>,
}

pub fn file_of(len: usize, seed: u64) -> Bytes {
    let mut bytes = vec![0; len];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes.into()
}

/// Where bytes stand in memory.
pub fn places(range: ByteRange) -> std::ops::Range<usize> {
    usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
}

/// What somebody wants who knows the tree's root.
pub fn intent_of(file: &[u8], name: &str) -> Intent {
    let Digests { sha1, tree, .. } = Digests::of(file);
    let (name, size) = (name.to_owned(), Some(file.len() as u64));
    Intent { name, known_by: KnownBy::Sha1(sha1), size, root: Some(tree.root()) }
}

/// What somebody wants who knows its SHA-1 alone.
pub fn bare(file: &[u8], name: &str) -> Intent {
    Intent { size: None, root: None, ..intent_of(file, name) }
}

pub fn wanted(intent: Intent, sources: &[&Source]) -> Wanted {
    let finding = |source: &&Source| Finding::by_urn(source.address, Origin::User);
    Wanted { intent, findings: sources.iter().map(finding).collect() }
}

/// What is said of us, with where others reach us.
pub fn manners(listen: Option<SocketAddr>) -> Manners {
    Manners { user_agent: "test".to_owned(), listen, ..Manners::default() }
}

pub fn plan(folder: &Path, unfinished: Unfinished) -> Plan {
    Plan {
        folder: folder.to_owned(),
        rules: Rules { allow_private: true, ..Rules::default() },
        manners: manners(None),
        lines: Lines::alone(),
        unfinished,
        seed: 1,
        // Nobody is there to search.
        desk: Desk::new().0,
    }
}

impl Scene {
    pub async fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let name = format!("filbert-downloads-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let (busy, idle) = mpsc::channel();
        tokio::task::spawn_blocking(move || idle.recv());
        let unfinished = Unfinished::new(true);
        let (downloads, _) = Downloads::start(plan(&folder, unfinished.clone())).await;
        Self { folder, downloads, unfinished, _busy: busy }
    }

    /// Ends, and begins again as after a restart of the program.
    pub async fn restart(&mut self) {
        self.downloads.clone().end().await;
        let (downloads, _) = Downloads::start(plan(&self.folder, self.unfinished.clone())).await;
        self.downloads = downloads;
    }

    pub fn view(&self, id: u64) -> Download {
        self.downloads.one(id).unwrap()
    }

    /// Moves the clock by so much again and again, until something is so.
    pub async fn until(&self, step_ms: u64, what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..MOVES_MAX {
            if is_so() {
                return;
            }
            self.pass(step_ms).await;
        }
        panic!("{what}: {:?}", self.downloads.all());
    }

    /// Lets time pass, and what is on its way come.
    pub async fn pass(&self, ms: u64) {
        tokio::time::advance(Duration::from_millis(ms)).await;
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        // Threads that wait for a disk need real time.
        std::thread::sleep(Duration::from_micros(if ms < 500 { 300 } else { 1_000 }));
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    }

    pub async fn until_state(&self, step_ms: u64, id: u64, state: DownloadState) {
        let what = format!("download {id} becomes {state:?}");
        self.until(step_ms, &what, || self.view(id).state == state).await;
    }

    /// Waits until it is whole, and looks whether it is right.
    pub async fn finish(&self, step_ms: u64, id: u64, file: &[u8]) -> Download {
        self.until_state(step_ms, id, DownloadState::Finished).await;
        let view = self.view(id);
        assert!(fs::read(view.path.as_ref().unwrap()).unwrap() == file, "it is another file");
        view
    }

    /// What lies among the unfinished files.
    pub fn left(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.join(".filbert")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
