//! Shared folders in the background: hashed, watched, known again.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use filbert::index::files::FileId;
use filbert::library::catalogue::{Content, Inventory};
use filbert::library::hash::{Digests, Wanted};
use filbert::runtime::sharing::{Plan, Progress, Sharing};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::folder::Folder;

/// How long anything may take on a machine that has much else to do.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A node's home, and what it shares.
pub struct Scene {
    pub home: Folder,
    pub share: Folder,
    pub plan: Plan,
}

impl Scene {
    pub fn new() -> Self {
        let (home, share) = (Folder::new(), Folder::new());
        let plan = Plan {
            folders: vec![share.path().to_owned()],
            home: home.path().to_owned(),
            downloads: home.at("downloads"),
            unfinished: Vec::new(),
            threads: 2,
            digests: Wanted::default(),
            rescan_every: None,
            watches: true,
        };
        Self { home, share, plan }
    }

    pub fn start(&self) -> Sharing {
        Sharing::start(self.plan.clone()).unwrap()
    }
}

pub fn names(inventory: &Inventory) -> Vec<String> {
    let mut names: Vec<_> =
        inventory.from(FileId(0)).map(|file| file.relative_path().display().to_string()).collect();
    names.sort_unstable();
    names
}

/// Waits until this is offered, and no more.
pub async fn until(sharing: &Sharing, expected: &[&str]) -> Arc<Inventory> {
    let mut inventory = sharing.inventory();
    let is_so = |inventory: &Arc<Inventory>| names(inventory) == expected;
    let found = match timeout(PATIENCE, inventory.wait_for(is_so)).await {
        Ok(Ok(found)) => Some(Arc::clone(&found)),
        _ => None,
    };
    found.unwrap_or_else(|| panic!("{:?} is offered, not {expected:?}", names(&inventory.borrow())))
}

/// Waits until a file with these bytes is offered.
pub async fn until_bytes(sharing: &Sharing, bytes: &[u8]) {
    let sha1 = Digests::of(bytes).sha1;
    let mut inventory = sharing.inventory();
    let is_there = |inventory: &Arc<Inventory>| inventory.with_sha1(&sha1).is_some();
    timeout(PATIENCE, inventory.wait_for(is_there)).await.expect("not in time").unwrap();
}

pub async fn until_progress(sharing: &Sharing, is_so: impl Fn(&Progress) -> bool) -> Progress {
    let mut progress: watch::Receiver<Progress> = sharing.progress();
    let found = timeout(PATIENCE, progress.wait_for(|progress| is_so(progress))).await;
    *found.expect("not in time").unwrap()
}

pub fn is_idle(progress: &Progress) -> bool {
    !progress.is_scanning && !progress.is_hashing() && progress.put_off == 0
}

#[tokio::test]
async fn files_are_hashed_and_offered_with_their_trees() {
    let scene = Scene::new();
    let bytes: Vec<u8> = (0..700_000_u32).map(|at| (at / 7) as u8).collect();
    scene.share.put("a/large.ogg", &bytes);
    scene.share.put("small.txt", b"small");
    let sharing = scene.start();
    let inventory = until(&sharing, &["a/large.ogg", "small.txt"]).await;
    let Digests { sha1, tree, kzhash } = Digests::of(&bytes);
    let file = inventory.with_sha1(&sha1).unwrap();
    assert_eq!((file.tiger_root, file.path()), (tree.root(), scene.share.at("a/large.ogg")));
    let content = Content { sha1, tiger_root: tree.root(), kzhash };
    assert_eq!(
        sharing.trees().tree(file.stamp.size, &content),
        Some(tree),
        "it is there with the file"
    );
    let progress = until_progress(&sharing, is_idle).await;
    assert_eq!((progress.hashed.files, progress.hashed.bytes), (2, 700_005));
    assert_eq!((progress.totals.folders, progress.watched), (2, 2));
    let mut offer = timeout(PATIENCE, sharing.next_offer()).await.unwrap();
    while offer.files().len() < 2 {
        offer = timeout(PATIENCE, sharing.next_offer()).await.unwrap();
    }
    assert!(sharing.end().await);
}

#[tokio::test]
async fn before_anything_is_known_folders_are_looked_through() {
    let scene = Scene::new();
    scene.share.put("a.txt", b"a");
    let sharing = scene.start();
    let mut progress = sharing.progress();
    let mut seen = vec![*progress.borrow_and_update()];
    while seen.last().is_some_and(|progress| progress.hashed.files == 0) {
        timeout(PATIENCE, progress.changed()).await.expect("not in time").unwrap();
        seen.push(*progress.borrow_and_update());
    }
    let is_up_to_date = |progress: &Progress| is_idle(progress) && progress.hashed.files == 0;
    assert!(!seen.iter().any(is_up_to_date), "{seen:?}");
    assert!(sharing.end().await);
}

#[tokio::test]
async fn the_next_run_reads_nothing_that_has_not_changed() {
    let scene = Scene::new();
    scene.share.put("same.txt", b"same");
    let changing = scene.share.put("changing.txt", b"before");
    let sharing = scene.start();
    until(&sharing, &["changing.txt", "same.txt"]).await;
    assert!(sharing.end().await);

    fs::write(&changing, b"afterwards").unwrap();
    crate::folder::age(&changing, 1_000);
    let sharing = scene.start();
    let inventory = until(&sharing, &["changing.txt", "same.txt"]).await;
    assert!(inventory.with_sha1(&Digests::of(b"afterwards").sha1).is_some());
    let progress = until_progress(&sharing, is_idle).await;
    assert_eq!((progress.hashed.files, progress.hashed.bytes), (1, 10));
    assert!(sharing.end().await);
}

#[tokio::test]
async fn folders_in_each_other_are_shared_once_and_wholly() {
    let mut scene = Scene::new();
    scene.share.put("above.txt", b"above");
    scene.share.put("a/below.txt", b"below");
    let below = scene.share.at("a");
    scene.plan.folders = vec![below.clone(), scene.share.path().to_owned(), below];
    let sharing = scene.start();
    until(&sharing, &["a/below.txt", "above.txt"]).await;
    let progress = until_progress(&sharing, is_idle).await;
    assert_eq!((progress.totals.folders, progress.totals.found.files), (2, 2));
    // Of which folder it is a part is settled anew.
    scene.plan.folders.retain(|folder| folder.ends_with("a"));
    sharing.change(scene.plan.clone());
    until(&sharing, &["below.txt"]).await;
    assert!(sharing.end().await);
}

#[tokio::test]
async fn other_folders_are_shared_when_the_user_says_so() {
    let scene = Scene::new();
    let other = Folder::new();
    scene.share.put("here.txt", b"here");
    other.put("there.txt", b"there");
    let sharing = scene.start();
    until(&sharing, &["here.txt"]).await;
    let folders: Vec<PathBuf> = vec![other.path().to_owned(), scene.share.at("gone")];
    sharing.change(Plan { folders, ..scene.plan.clone() });
    until(&sharing, &["there.txt"]).await;
    other.put("more.txt", b"more");
    until(&sharing, &["more.txt", "there.txt"]).await;
    sharing.change(Plan { folders: Vec::new(), ..scene.plan.clone() });
    until(&sharing, &[]).await;
    assert!(sharing.end().await);
}

#[tokio::test]
async fn the_end_does_not_wait_for_a_large_file() {
    let scene = Scene::new();
    let file = fs::File::create(scene.share.at("endless.bin")).unwrap();
    file.set_len(1 << 40).unwrap();
    drop(file);
    crate::folder::age(&scene.share.at("endless.bin"), 100);
    scene.share.put("small.txt", b"small");
    let sharing = scene.start();
    until(&sharing, &["small.txt"]).await;
    let progress = until_progress(&sharing, |progress| progress.bytes_per_s.is_some()).await;
    assert!(progress.is_hashing() && progress.waiting.bytes > 1 << 39, "{progress:?}");
    let began = Instant::now();
    assert!(sharing.end().await);
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());

    let sharing = scene.start();
    until(&sharing, &["small.txt"]).await;
    assert_eq!(until_progress(&sharing, |progress| !progress.is_scanning).await.hashed.files, 0);
}

#[tokio::test]
async fn what_is_told_by_those_who_send_files_is_looked_at() {
    let mut scene = Scene::new();
    scene.plan.watches = false;
    scene.share.put("a/first.txt", b"first");
    let sharing = scene.start();
    until(&sharing, &["a/first.txt"]).await;
    until_progress(&sharing, is_idle).await;
    let doubts = sharing.doubts();
    scene.share.put("a/second.txt", b"second");
    doubts.look_at(&scene.share.at("a"));
    until(&sharing, &["a/first.txt", "a/second.txt"]).await;
    doubts.cannot_open(FileId(1));
    until(&sharing, &["a/second.txt"]).await;
    until(&sharing, &["a/first.txt", "a/second.txt"]).await;
    assert_eq!(until_progress(&sharing, is_idle).await.hashed.files, 3, "it was read again");
    assert!(sharing.end().await);
}

#[tokio::test]
async fn damaged_hashes_are_made_anew() {
    let scene = Scene::new();
    scene.share.put("a.txt", b"a");
    fs::write(scene.home.at("library.redb"), vec![0x5a; 10_000]).unwrap();
    let sharing = scene.start();
    until(&sharing, &["a.txt"]).await;
    assert!(sharing.end().await);
    assert!(scene.home.at("library.redb.damaged-1").exists());
    let sharing = scene.start();
    until(&sharing, &["a.txt"]).await;
    assert_eq!(until_progress(&sharing, is_idle).await.hashed.files, 0);
}

/// As when a disk is taken out and put back, with the folder on which it was mounted or without.
#[tokio::test]
async fn what_vanishes_and_returns_is_not_read_again() {
    let mut scene = Scene::new();
    let mounted = scene.share.at("disk");
    scene.plan.folders = vec![mounted.clone()];
    scene.share.put("disk/a/first.txt", b"first");
    scene.share.put("disk/second.txt", b"second");
    let all = ["a/first.txt", "second.txt"];
    let sharing = scene.start();
    until(&sharing, &all).await;
    until_progress(&sharing, is_idle).await;
    let elsewhere = scene.home.at("taken-out");
    for leaves_a_folder in [false, true] {
        fs::rename(&mounted, &elsewhere).unwrap();
        if leaves_a_folder {
            fs::create_dir(&mounted).unwrap();
        }
        sharing.rescan();
        until(&sharing, &[]).await;
        if leaves_a_folder {
            fs::remove_dir(&mounted).unwrap();
        }
        fs::rename(&elsewhere, &mounted).unwrap();
        sharing.rescan();
        until(&sharing, &all).await;
        let progress = until_progress(&sharing, is_idle).await;
        assert_eq!(progress.hashed.files, 2, "no byte was read again");
    }
    assert!(sharing.end().await);
    // Nor after the disk was away for a whole run.
    fs::rename(&mounted, &elsewhere).unwrap();
    let sharing = scene.start();
    until_progress(&sharing, |progress| is_idle(progress) && progress.totals.folders == 0).await;
    assert!(sharing.end().await);
    fs::rename(&elsewhere, &mounted).unwrap();
    let sharing = scene.start();
    until(&sharing, &all).await;
    assert_eq!(until_progress(&sharing, is_idle).await.hashed.files, 0);
    assert!(sharing.end().await);
}
