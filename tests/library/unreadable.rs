//! Files and folders that cannot be read, for good or for a while.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use filbert::index::files::FileId;
use filbert::library::catalogue::Inventory;
use filbert::runtime::sharing::Plan;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::sharing::{Scene, is_idle, names, until, until_progress};

const CHILD: &str = "FILBERT_TEST_IS_CHILD";
const NOBODY: u32 = 65_534;

/// Runs a test as a process of its own, as somebody whom rights and limits bind.
fn alone(name: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("unreadable::{name}"), "--ignored", "--nocapture"]);
    child.env(CHILD, "1").current_dir("/");
    if rustix::process::geteuid().is_root() {
        child.uid(NOBODY).gid(NOBODY);
    }
    match child.output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let why = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}{why}");
        }
        // Where the tests lie in a folder of root.
        Err(error) => println!("nobody may run it: {error}"),
    }
}

fn is_child() -> bool {
    std::env::var(CHILD).is_ok()
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_may_not_be_read_is_shared_as_soon_as_it_may() {
    alone("a_child_shares_what_it_may_not_read");
}

#[tokio::test]
#[ignore = "the other half of the test above"]
async fn a_child_shares_what_it_may_not_read() {
    if !is_child() {
        return;
    }
    for watches in [true, false] {
        let mut scene = Scene::new();
        scene.plan.watches = watches;
        scene.share.put("open.txt", b"open");
        let (first, second) = (scene.share.put("1.txt", b"1"), scene.share.put("2.txt", b"22"));
        [&first, &second].into_iter().for_each(|path| allow(path, 0));
        let sharing = scene.start();
        until(&sharing, &["open.txt"]).await;
        let progress = until_progress(&sharing, |progress| progress.unreadable == 2).await;
        assert_eq!(progress.put_off, 0, "nobody changes them");
        let rescan = || {
            if !watches {
                sharing.rescan();
            }
        };
        allow(&first, 0o644);
        rescan();
        until(&sharing, &["1.txt", "open.txt"]).await;
        until_progress(&sharing, |progress| progress.unreadable == 1).await;
        fs::remove_file(&second).unwrap();
        rescan();
        let progress = until_progress(&sharing, |progress| progress.unreadable == 0).await;
        assert_eq!(progress.totals.found.files, 2);

        let folder = scene.share.at("folder");
        scene.share.put("folder/3.txt", b"333");
        rescan();
        let all = ["1.txt", "folder/3.txt", "open.txt"];
        until(&sharing, &all).await;
        allow(&folder, 0);
        rescan();
        until(&sharing, &["1.txt", "open.txt"]).await;
        allow(&folder, 0o755);
        rescan();
        until(&sharing, &all).await;
        assert!(sharing.end().await);
    }
}

/// A way that leads round and round stands for a disk of which the system cannot say whether it is there.
#[tokio::test]
async fn a_root_that_cannot_be_looked_at_keeps_its_files() {
    let mut scene = Scene::new();
    let (disk, other) = (scene.share.at("disk"), scene.share.at("other"));
    scene.plan = Plan { folders: vec![disk.clone(), other], watches: false, ..scene.plan };
    scene.share.put("disk/1.txt", b"1");
    scene.share.put("other/2.txt", b"22");
    let sharing = scene.start();
    until(&sharing, &["1.txt", "2.txt"]).await;
    let away = scene.home.at("away");
    fs::rename(&disk, &away).unwrap();
    symlink(&disk, &disk).unwrap();
    // It lies behind the disk: when it is found the disk was looked for.
    scene.share.put("other/3.txt", b"333");
    sharing.rescan();
    until(&sharing, &["1.txt", "2.txt", "3.txt"]).await;
    until_progress(&sharing, is_idle).await;

    scene.home.put("away/4.txt", b"4444");
    fs::remove_file(&disk).unwrap();
    fs::rename(&away, &disk).unwrap();
    let inventory = until(&sharing, &["1.txt", "2.txt", "3.txt", "4.txt"]).await;
    assert_eq!(numbers(&inventory), [1, 2, 3, 4].map(FileId), "by itself");
    assert!(sharing.end().await);
}

#[test]
fn a_system_without_handles_takes_nothing_away() {
    alone("a_child_runs_out_of_handles");
}

#[tokio::test]
#[ignore = "the other half of the test above"]
async fn a_child_runs_out_of_handles() {
    if !is_child() {
        return;
    }
    let mut scene = Scene::new();
    scene.plan.watches = false;
    scene.share.put("1.txt", b"1");
    scene.share.put("folder/deep/2.txt", b"22");
    let all = ["1.txt", "folder/deep/2.txt"];
    let sharing = scene.start();
    let inventory = until(&sharing, &all).await;
    let before = numbers(&inventory);
    until_progress(&sharing, is_idle).await;
    scene.share.put("3.txt", b"333");

    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(0), maximum: limit.maximum }).unwrap();
    sharing.rescan();
    until_progress(&sharing, |progress| progress.totals.left_out.unreadable > 0).await;
    until_progress(&sharing, |progress| !progress.is_scanning).await;
    let inventory = Arc::clone(&sharing.inventory().borrow());
    assert_eq!((names(&inventory), numbers(&inventory)), (all.map(str::to_owned).to_vec(), before));

    setrlimit(Resource::Nofile, limit).unwrap();
    let inventory = until(&sharing, &["1.txt", "3.txt", "folder/deep/2.txt"]).await;
    assert_eq!(numbers(&inventory), [FileId(1), FileId(2), FileId(3)], "by itself");
    until_progress(&sharing, |progress| progress.totals.left_out.unreadable == 0).await;
    assert!(sharing.end().await);
}

fn numbers(inventory: &Inventory) -> Vec<FileId> {
    inventory.from(FileId(0)).map(|file| file.id).collect()
}
