//! So many files are fetched at the same time.

use filbert::base::limits::DOWNLOADS_ACTIVE_MAX;
use filbert::control::model::DownloadState;
use tokio::time::Instant;

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

/// As many files as may be fetched at a time, and one more with a source that gives it.
async fn with_seventeenth(scene: &Scene, sources: &[&Source]) -> (u64, Source, bytes::Bytes) {
    for number in 0..DOWNLOADS_ACTIVE_MAX {
        let file = file_of(1_000, 1_000 + number as u64);
        scene.downloads.add(wanted(intent_of(&file, "nothing of it comes"), sources)).unwrap();
    }
    let file = file_of(100_000, 1);
    let source = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    assert_eq!(scene.view(id).state, DownloadState::Fetching, "nobody has told it yet");
    (id, source, file)
}

/// DOWN-18: sixteen files whose source is busy do not keep the seventeenth from coming.
#[tokio::test(start_paused = true)]
async fn files_of_which_nothing_comes_give_way() {
    let scene = Scene::new().await;
    let busy = "HTTP/1.1 503 Busy\r\nX-Node: 1.2.3.4:5\r\nRetry-After: 3600\r\n";
    let busy = Say::Head(format!("{busy}Content-Length: 0\r\nConnection: close\r\n\r\n"));
    let busy = Source::start(&file_of(1_000, 7), vec![busy; 999]).await;
    let begun = Instant::now();
    let (id, _source, file) = with_seventeenth(&scene, &[&busy]).await;
    scene.until_state(10, id, DownloadState::Queued).await;
    scene.finish(1_000, id, &file).await;
    assert!((300..400).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    let queued = scene.downloads.all().into_iter().filter(|one| one.state == DownloadState::Queued);
    assert_eq!(queued.count(), 0, "there is room for those that gave way");
}

/// DOWN-25: at once, where nobody is known who may have them; and also for one that waits, and of which somebody tells
/// later.
#[tokio::test(start_paused = true)]
async fn files_that_nobody_has_give_way_at_once() {
    let scene = Scene::new().await;
    let begun = Instant::now();
    let (id, _source, file) = with_seventeenth(&scene, &[]).await;
    scene.finish(10, id, &file).await;
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    let later = file_of(100_000, 2);
    let nobody = wanted(intent_of(&later, "b"), &[]);
    let late = scene.downloads.add(nobody.clone()).unwrap().id;
    scene.until_state(10, late, DownloadState::Queued).await;
    let source = Source::start(&later, Vec::new()).await;
    scene.downloads.add(wanted(nobody.intent, &[&source])).unwrap();
    scene.finish(10, late, &later).await;
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
