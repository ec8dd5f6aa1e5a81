//! What users do with their downloads.

use std::time::{Duration, Instant};

use filbert::control::model::DownloadState;

use super::scene::{Scene, file_of, intent_of, wanted};
use super::source::{Say, Source};

const LEN: usize = 700_000;

#[tokio::test(start_paused = true)]
async fn what_is_paused_waits_until_it_is_resumed() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 1));
    let source = Source::start(&file, vec![Say::AtMost(100_000), Say::Stall]).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until(50, "it has begun", || source.asked().len() == 2).await;
    let (downloads, connections) = (scene.downloads.clone(), source.connections());
    let paused = tokio::spawn(async move { downloads.pause(id).await });
    scene.until_state(50, id, DownloadState::Paused).await;
    assert_eq!(paused.await.unwrap().unwrap().state, DownloadState::Paused);
    for _ in 0..100 {
        scene.pass(5_000).await;
    }
    assert_eq!((scene.view(id).sending, source.connections()), (0, connections));
    let downloads = scene.downloads.clone();
    tokio::spawn(async move { downloads.resume(id).await });
    scene.finish(50, id, &file).await;
    assert!(source.sent() <= LEN as u64 + 65_536, "what came before is kept: {}", source.sent());
}

#[tokio::test(start_paused = true)]
async fn of_what_is_cancelled_nothing_is_left() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 2));
    let source = Source::start(&file, vec![Say::AtMost(100_000), Say::Stall]).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until(50, "it has begun", || source.asked().len() == 2).await;
    assert_eq!(scene.left().len(), 2);
    let downloads = scene.downloads.clone();
    let cancelled = tokio::spawn(async move { downloads.cancel(id).await });
    scene.until(50, "its files are gone", || scene.left().is_empty()).await;
    scene.until(50, "it is forgotten", || cancelled.is_finished()).await;
    cancelled.await.unwrap().unwrap();
    assert!(scene.downloads.all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn all_together_receive_no_more_than_the_user_allows() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 3));
    let source = Source::start(&file, Vec::new()).await;
    scene.downloads.limit(Some(50_000));
    let since = tokio::time::Instant::now();
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.finish(100, id, &file).await;
    // A second's bytes are there at once, and what was read beyond the limit is owed at the end.
    let least = Duration::from_secs((LEN as u64 - 50_000 - 128 * 1_024) / 50_000);
    assert!(since.elapsed() >= least, "{:?} and not {least:?}", since.elapsed());
}

/// DOWN-34: more sources than the limit lets us read from in the time for which a source may be silent.
#[tokio::test(start_paused = true)]
async fn sources_that_wait_for_the_limit_are_not_given_up() {
    let (scene, file) = (Scene::new().await, file_of(2_000_000, 9));
    let mut sources = Vec::new();
    for _ in 0..8 {
        sources.push(Source::start(&file, Vec::new()).await);
    }
    scene.downloads.limit(Some(2_000));
    let all: Vec<&Source> = sources.iter().collect();
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &all)).unwrap().id;
    for _ in 0..600 {
        scene.pass(1_000).await;
    }
    let connections: Vec<usize> = sources.iter().map(Source::connections).collect();
    let view = scene.view(id);
    assert_eq!(connections, [1; 8], "{view:?}");
    assert!((600_000..1_800_000).contains(&view.done_bytes), "a small limit is kept too: {view:?}");
}

/// What was verified before the end of the program is not fetched again.
#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_with_what_is_there() {
    let (mut scene, file) = (Scene::new().await, file_of(2_000_000, 4));
    let source =
        Source::start(&file, vec![Say::AtMost(1_048_576), Say::AtMost(1_048_576), Say::Stall])
            .await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until(50, "a part has come", || source.asked().len() >= 3).await;
    // It stands in the journal within a second.
    for _ in 0..30 {
        scene.pass(100).await;
    }
    let verified = scene.view(id).verified_bytes;
    assert!(verified >= 300_000, "{verified}");
    scene.restart().await;
    let before = source.asked().len();
    let ids: Vec<u64> = scene.downloads.all().iter().map(|one| one.id).collect();
    scene.finish(100, ids[0], &file).await;
    let again: u64 = source.asked()[before..].iter().map(|asked| asked.range.unwrap().len()).sum();
    assert!(again <= file.len() as u64 - verified, "{again} bytes were asked for again");
}

#[tokio::test(start_paused = true)]
async fn names_that_are_taken_get_a_number() {
    let (scene, file) = (Scene::new().await, file_of(10_000, 5));
    std::fs::write(scene.folder.join("a.txt"), "mine").unwrap();
    let source = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a.txt"), &[&source])).unwrap().id;
    let view = scene.finish(50, id, &file).await;
    assert_eq!(view.name, "a (1).txt");
    assert_eq!(std::fs::read(scene.folder.join("a.txt")).unwrap(), b"mine");
}

/// DOWN-09: the end does not wait until the journal would have said it anyway.
#[tokio::test(start_paused = true)]
async fn what_is_proved_at_the_end_is_not_fetched_again() {
    let (mut scene, file) = (Scene::new().await, file_of(LEN, 5));
    let source = Source::start(&file, vec![Say::Stall]).await;
    let mut fetched = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap();
    scene
        .until(10, "a part of it is there", || {
            fetched = scene.view(fetched.id);
            fetched.verified_bytes > 0
        })
        .await;
    let begun = Instant::now();
    scene.restart().await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let there = scene.downloads.all();
    assert_eq!(there[0].verified_bytes, fetched.verified_bytes);
    assert!(fetched.verified_bytes < LEN as u64 / 2);
}
