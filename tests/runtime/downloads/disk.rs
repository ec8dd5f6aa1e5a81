//! Disks that are full, or that cannot be used.

use filbert::control::model::DownloadState;
use filbert::transfer::download::KnownBy;
use filbert::transfer::download::journal::{Intent, Record, Writer};
use rustix::fs::statvfs;

use super::scene::{Scene, file_of, intent_of, wanted};
use super::source::Source;

/// Four tebibytes have room nowhere: it says so before a byte is fetched.
#[tokio::test(start_paused = true)]
async fn what_has_no_room_is_not_begun_and_says_what_to_do() {
    let (scene, file) = (Scene::new().await, file_of(10_000, 1));
    let source = Source::start(&file, Vec::new()).await;
    let intent = Intent { size: Some(1 << 42), ..intent_of(&file, "a") };
    let id = scene.downloads.add(wanted(intent, &[&source])).unwrap().id;
    scene.until_state(50, id, DownloadState::Stuck).await;
    let why = scene.view(id).why.unwrap();
    assert!(why.contains("no room left") && why.contains("resume"), "{why}");
    assert_eq!(source.sent(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_works_again_is_used_when_the_user_says_so() {
    let (scene, file) = (Scene::new().await, file_of(300_000, 2));
    // Where the folder should be there is a file.
    let obstacle = scene.folder.join(".filbert");
    std::fs::write(&obstacle, "").unwrap();
    let source = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until_state(50, id, DownloadState::Stuck).await;
    assert!(scene.view(id).why.unwrap().contains("resume the download"));
    std::fs::remove_file(&obstacle).unwrap();
    let downloads = scene.downloads.clone();
    tokio::spawn(async move { downloads.resume(id).await });
    scene.finish(100, id, &file).await;
}

/// What was begun earlier and cannot be read is put aside, and does no harm.
#[tokio::test(start_paused = true)]
async fn a_journal_that_is_none_is_put_aside() {
    let mut scene = Scene::new().await;
    std::fs::create_dir(scene.folder.join(".filbert")).unwrap();
    std::fs::write(scene.folder.join(".filbert/X.journal"), "no journal").unwrap();
    scene.restart().await;
    assert!(scene.downloads.all().is_empty());
    assert_eq!(scene.left(), ["X.journal.broken"]);
}

/// The end came before the first record: not a byte was written, and nothing is to be put aside.
#[tokio::test(start_paused = true)]
async fn a_journal_without_a_record_is_cleared_away() {
    let mut scene = Scene::new().await;
    std::fs::create_dir(scene.folder.join(".filbert")).unwrap();
    for ending in ["journal", "part"] {
        std::fs::write(scene.folder.join(format!(".filbert/X.{ending}")), "").unwrap();
    }
    scene.restart().await;
    assert!(scene.downloads.all().is_empty() && scene.left().is_empty(), "{:?}", scene.left());
}

/// DOWN-01: the end came when the file had its name and its part file was gone. It is not fetched again, under another
/// name.
#[tokio::test(start_paused = true)]
async fn a_file_that_has_its_name_is_not_fetched_again() {
    let (mut scene, file) = (Scene::new().await, file_of(10_000, 3));
    let intent = intent_of(&file, "a");
    let name = data_encoding::BASE32_NOPAD.encode(&intent.known_by.sha1().unwrap());
    let (mut writer, mut journal) = Writer::begin([7; 16], &Record::Intent(intent));
    journal.extend(writer.append(&Record::Whole));
    std::fs::create_dir(scene.folder.join(".filbert")).unwrap();
    std::fs::write(scene.folder.join(format!(".filbert/{name}.journal")), journal).unwrap();
    std::fs::write(scene.folder.join("a"), &file).unwrap();
    scene.restart().await;
    assert!(scene.downloads.all().is_empty() && scene.left().is_empty(), "{:?}", scene.left());
}

/// DOWN-39: two have no room beside each other, and the second one begins when nobody wants the first one any more.
#[tokio::test(start_paused = true)]
async fn what_waits_for_another_file_to_leave_room_begins_by_itself() {
    let (scene, file) = (Scene::new().await, file_of(10_000, 4));
    let disk = statvfs(&scene.folder).unwrap();
    let size = Some(disk.f_bavail * disk.f_frsize / 5 * 3);
    let add = |number: u8| {
        let intent = Intent {
            size,
            known_by: KnownBy::Sha1([number; 20]),
            root: None,
            ..intent_of(&file, "a")
        };
        scene.downloads.add(wanted(intent, &[])).unwrap().id
    };
    let first = add(1);
    let part = format!(".filbert/{}.part", data_encoding::BASE32_NOPAD.encode(&[1; 20]));
    let len = || std::fs::metadata(scene.folder.join(&part)).map(|part| part.len()).ok();
    scene.until(50, "it has its room", || len() == size).await;
    let second = add(2);
    scene.until_state(50, second, DownloadState::Stuck).await;
    let why = scene.view(second).why.unwrap();
    assert!(why.contains("for other downloads"), "{why}");
    let downloads = scene.downloads.clone();
    tokio::spawn(async move { downloads.cancel(first).await });
    scene.until_state(50, second, DownloadState::Fetching).await;
}
