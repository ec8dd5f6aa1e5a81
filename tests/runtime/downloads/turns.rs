//! So many files are fetched at the same time.

use filbert::base::limits::DOWNLOADS_ACTIVE_MAX;
use filbert::control::model::DownloadState;

use super::scene::{Scene, file_of, intent_of, wanted};
use super::source::{Say, Source};

/// Sources that say nothing more, with a file each.
async fn begin(scene: &Scene, count: usize, says: Say) -> Vec<(u64, Source, bytes::Bytes)> {
    let mut begun = Vec::new();
    for number in 0..count {
        let file = file_of(100_000, number as u64);
        let source = Source::start(&file, vec![says.clone()]).await;
        let intent = intent_of(&file, &format!("{number}"));
        let id = scene.downloads.add(wanted(intent, &[&source])).unwrap().id;
        begun.push((id, source, file));
    }
    begun
}

/// DOWN-17: at the limit and one past it; those that wait call nobody, and go on in order.
#[tokio::test(start_paused = true)]
async fn others_wait_their_turn_in_order() {
    let scene = Scene::new().await;
    let begun = begin(&scene, DOWNLOADS_ACTIVE_MAX + 2, Say::Stall).await;
    let (first, last) = begun.split_at(DOWNLOADS_ACTIVE_MAX);
    scene
        .until(10, "all of the first are asked", || {
            first.iter().all(|(_, source, _)| source.asked().len() == 1)
        })
        .await;
    for (id, source, _) in last {
        assert_eq!(scene.view(*id).state, DownloadState::Queued);
        assert_eq!(source.connections(), 0);
    }
    let downloads = scene.downloads.clone();
    let cancelled = first[0].0;
    tokio::spawn(async move { downloads.cancel(cancelled).await });
    scene.until_state(10, last[0].0, DownloadState::Fetching).await;
    assert_eq!(scene.view(last[1].0).state, DownloadState::Queued);
    let (downloads, paused) = (scene.downloads.clone(), first[1].0);
    tokio::spawn(async move { downloads.pause(paused).await });
    scene.until_state(10, last[1].0, DownloadState::Fetching).await;
    // Whoever comes back stands at the end.
    let downloads = scene.downloads.clone();
    tokio::spawn(async move { downloads.resume(paused).await });
    scene.until_state(10, paused, DownloadState::Queued).await;
}

/// DOWN-18: sixteen files that nobody has do not keep the seventeenth from coming.
#[tokio::test(start_paused = true)]
async fn files_of_which_nothing_comes_give_way() {
    let scene = Scene::new().await;
    for number in 0..DOWNLOADS_ACTIVE_MAX {
        let file = file_of(1_000, 1_000 + number as u64);
        scene.downloads.add(wanted(intent_of(&file, "nobody has it"), &[])).unwrap();
    }
    let file = file_of(100_000, 1);
    let source = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until_state(10, id, DownloadState::Queued).await;
    scene.finish(1_000, id, &file).await;
    let queued = scene.downloads.all().into_iter().filter(|one| one.state == DownloadState::Queued);
    assert_eq!(queued.count(), 0, "there is room for those that gave way");
}
