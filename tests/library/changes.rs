//! Changes in shared folders, as they are seen while the node runs.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use filbert::library::hash::Digests;
use filbert::runtime::sharing::Progress;

use crate::folder::stamp;
use crate::sharing::{Scene, is_idle, until, until_bytes, until_progress};

/// As editors of tags do it, and as `cp -p` and rsync do.
#[tokio::test]
async fn other_bytes_of_the_same_size_and_time_are_read() {
    let scene = Scene::new();
    let path = scene.share.put("tagged.ogg", b"first");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let set_back = |path: &PathBuf| {
        fs::File::options().append(true).open(path).unwrap().set_modified(modified).unwrap();
    };
    let sharing = scene.start();
    until_bytes(&sharing, b"first").await;
    // So that the hashes of the first are kept.
    until_progress(&sharing, is_idle).await;

    fs::File::options().write(true).open(&path).unwrap().write_all(b"other").unwrap();
    set_back(&path);
    until_bytes(&sharing, b"other").await;

    let copy = scene.home.put("copy", b"third");
    set_back(&copy);
    fs::rename(&copy, &path).unwrap();
    until_bytes(&sharing, b"third").await;
    let progress = until_progress(&sharing, is_idle).await;
    assert_eq!(progress.hashed.files, 3);
    assert!(sharing.end().await);
    // Of two runs, only size and time are compared.
    let sharing = scene.start();
    until_bytes(&sharing, b"third").await;
    assert_eq!(until_progress(&sharing, is_idle).await.hashed.files, 0);
    assert!(sharing.end().await);
}

#[tokio::test]
async fn what_changes_in_folders_is_seen_by_itself() {
    let scene = Scene::new();
    scene.share.put("first.txt", b"first");
    let sharing = scene.start();
    until(&sharing, &["first.txt"]).await;

    scene.share.put("new/deep/er/second.txt", b"second");
    until(&sharing, &["first.txt", "new/deep/er/second.txt"]).await;
    let mut file = fs::File::options().append(true).open(scene.share.at("first.txt")).unwrap();
    file.write_all(b" and more").unwrap();
    drop(file);
    until_bytes(&sharing, b"first and more").await;

    fs::rename(scene.share.at("first.txt"), scene.share.at("new/renamed.txt")).unwrap();
    until(&sharing, &["new/deep/er/second.txt", "new/renamed.txt"]).await;
    fs::rename(scene.share.at("new/deep"), scene.share.at("moved")).unwrap();
    until(&sharing, &["moved/er/second.txt", "new/renamed.txt"]).await;
    scene.share.put("moved/er/third.txt", b"third");
    until(&sharing, &["moved/er/second.txt", "moved/er/third.txt", "new/renamed.txt"]).await;
    fs::remove_dir_all(scene.share.at("moved")).unwrap();
    until(&sharing, &["new/renamed.txt"]).await;
    fs::remove_file(scene.share.at("new/renamed.txt")).unwrap();
    until(&sharing, &[]).await;
    assert!(sharing.end().await);
}

#[tokio::test]
async fn a_folder_in_the_place_of_another_is_watched_like_that() {
    let scene = Scene::new();
    scene.share.put("a/first.txt", b"first");
    let sharing = scene.start();
    until(&sharing, &["a/first.txt"]).await;
    until_progress(&sharing, is_idle).await;

    let (place, elsewhere) = (scene.share.at("a"), scene.home.at("elsewhere"));
    fs::rename(&place, &elsewhere).unwrap();
    scene.share.put("a/second.txt", b"second");
    until(&sharing, &["a/second.txt"]).await;
    scene.share.put("a/third.txt", b"third");
    until(&sharing, &["a/second.txt", "a/third.txt"]).await;

    // The same folder, away for a moment.
    fs::rename(&place, scene.home.at("other")).unwrap();
    fs::rename(scene.home.at("other"), &place).unwrap();
    scene.share.put("a/fourth.txt", b"fourth");
    until(&sharing, &["a/fourth.txt", "a/second.txt", "a/third.txt"]).await;
    scene.share.put("a/fifth.txt", b"fifth");
    until(&sharing, &["a/fifth.txt", "a/fourth.txt", "a/second.txt", "a/third.txt"]).await;

    // Another name, which is met before anybody knows that the old one is gone.
    fs::rename(&place, scene.share.at("b")).unwrap();
    sharing.rescan();
    until(&sharing, &["b/fifth.txt", "b/fourth.txt", "b/second.txt", "b/third.txt"]).await;
    fs::remove_file(scene.share.at("b/third.txt")).unwrap();
    until(&sharing, &["b/fifth.txt", "b/fourth.txt", "b/second.txt"]).await;
    until_progress(&sharing, |progress| is_idle(progress) && folders(progress) == (2, 2)).await;
    fs::remove_dir_all(scene.share.at("b")).unwrap();
    until(&sharing, &[]).await;
    // Files are gone before the folder is, and the system tells of each by itself.
    until_progress(&sharing, |progress| is_idle(progress) && folders(progress) == (1, 1)).await;
    assert!(sharing.end().await);
}

/// How many are known, and how many are watched.
fn folders(progress: &Progress) -> (u64, u64) {
    (progress.totals.folders, progress.watched)
}

#[tokio::test]
async fn without_a_watch_changes_are_seen_when_folders_are_looked_through_again() {
    let mut scene = Scene::new();
    scene.plan.watches = false;
    scene.share.put("first.txt", b"first");
    let sharing = scene.start();
    until(&sharing, &["first.txt"]).await;
    assert_eq!(until_progress(&sharing, is_idle).await.watched, 0);
    scene.share.put("second.txt", b"second");
    fs::remove_file(scene.share.at("first.txt")).unwrap();
    sharing.rescan();
    until(&sharing, &["second.txt"]).await;
    scene.plan.rescan_every = Some(Duration::from_millis(200));
    sharing.change(scene.plan.clone());
    scene.share.put("third.txt", b"third");
    until(&sharing, &["second.txt", "third.txt"]).await;
    assert!(sharing.end().await);
}

#[tokio::test]
async fn a_file_that_is_being_written_is_never_offered_half() {
    let scene = Scene::new();
    let path = scene.share.at("growing.bin");
    let sharing = scene.start();
    until_progress(&sharing, is_idle).await;
    let mut file = fs::File::create(&path).unwrap();
    let until_done = Instant::now() + Duration::from_secs(4);
    let mut written = Vec::new();
    while Instant::now() < until_done {
        file.write_all(&[7; 1_000]).unwrap();
        written.extend([7; 1_000]);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(sharing.inventory().borrow().is_empty(), "{} bytes", written.len());
    }
    drop(file);
    let inventory = until(&sharing, &["growing.bin"]).await;
    assert!(inventory.with_sha1(&Digests::of(&written).sha1).is_some());
    assert!(sharing.end().await);
}

/// UPLOAD-16: also what was put in its place while the node did not run, with as many bytes and the same time.
#[tokio::test]
async fn a_file_that_was_replaced_between_two_runs_is_read_again() {
    let scene = Scene::new();
    let path = scene.share.put("a.txt", b"first");
    scene.share.put("b.txt", b"other");
    let sharing = scene.start();
    until(&sharing, &["a.txt", "b.txt"]).await;
    assert!(sharing.end().await);
    let before = stamp(&path);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    // The clock of the system may stand still for some milliseconds.
    while stamp(&path).changed_ns == before.changed_ns {
        fs::write(&path, b"again").unwrap();
        fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    }
    assert!(stamp(&path).is_like(&before));
    for read in [1, 0] {
        let sharing = scene.start();
        let inventory = until(&sharing, &["a.txt", "b.txt"]).await;
        assert!(inventory.with_sha1(&Digests::of(b"again").sha1).is_some());
        assert!(inventory.with_sha1(&Digests::of(b"first").sha1).is_none());
        assert_eq!(until_progress(&sharing, is_idle).await.hashed.files, read);
        assert!(sharing.end().await);
    }
}
