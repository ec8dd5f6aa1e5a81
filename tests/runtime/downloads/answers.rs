//! What sources answer, and what becomes of it.

use filbert::control::model::DownloadState;

use super::scene::{Scene, bare, file_of, intent_of, manners, wanted};
use super::source::{Say, Source};

const LEN: usize = 700_000;

#[tokio::test(start_paused = true)]
async fn a_file_of_which_nothing_is_known_but_its_sha1_comes_from_one_who_has_no_tree() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 1));
    let source = Source::without_tree(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(bare(&file, "river.bin"), &[&source])).unwrap().id;
    let view = scene.finish(50, id, &file).await;
    assert_eq!((view.name.as_str(), view.size), ("river.bin", Some(LEN as u64)));
    assert_eq!((source.connections(), source.sent()), (1, LEN as u64));
    assert!(scene.left().is_empty(), "{:?}", scene.left());
}

/// DOWN-02: the tree comes first, and each piece is judged by it.
#[tokio::test(start_paused = true)]
async fn the_tree_is_fetched_and_all_is_proved_by_it() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 2));
    let source = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    let view = scene.finish(50, id, &file).await;
    assert_eq!(view.verified_bytes, LEN as u64);
    assert_eq!((source.trees(), source.connections()), (1, 1));
    let head = &source.asked()[0].head;
    assert!(head.contains("User-Agent: test\r\n") && head.contains("X-Queue: "), "{head}");
    assert!(!head.contains("X-Alt") && !head.contains("X-Available-Ranges"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn chunks_folded_heads_and_short_answers_are_understood() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 3));
    let says = vec![Say::Chunked, Say::Folded, Say::AtMost(10_000), Say::AtMost(1), Say::Chunked];
    let source = Source::start(&file, says).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.finish(50, id, &file).await;
    assert_eq!((source.connections(), source.sent()), (1, LEN as u64), "no byte came twice");
}

/// Gtk-gnutella sends at most 512 KiB for the first request, whatever is asked for: what its Content-Range says
/// counts, and the rest is asked for again.
#[tokio::test(start_paused = true)]
async fn of_a_shorter_answer_the_rest_is_asked_for_again() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 4));
    let source = Source::start(&file, vec![Say::AtMost(100_000); 3]).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.finish(50, id, &file).await;
    let starts: Vec<u64> = source.asked().iter().map(|asked| asked.range.unwrap().start).collect();
    assert_eq!(starts[..3], [0, 100_000, 200_000]);
    assert_eq!(source.sent(), LEN as u64);
}

/// DOWN-13
#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 5));
    let busy = "HTTP/1.1 503 Busy\r\nX-Gnutella-Content-URN: urn:sha1:x\r\nRetry-After: 300\r\n\
                Content-Length: 0\r\nConnection: close\r\n\r\n";
    let source = Source::start(&file, vec![Say::Head(busy.to_owned())]).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until(50, "it was refused", || source.asked().len() == 1).await;
    scene.finish(1_000, id, &file).await;
    let asked = source.asked();
    let waited = (asked[1].at - asked[0].at).as_secs();
    assert!((300..330).contains(&waited), "{waited}");
}

/// DOWN-13: both kinds of queues, over the connection that stands.
#[tokio::test(start_paused = true)]
async fn a_place_in_a_queue_is_kept() {
    for queued in [
        "X-Queue: position=2,length=5,limit=4,pollMin=45,pollMax=120\r\n",
        "X-Queued: position=2, ID=abc, length=5, lifetime=120\r\nRetry-After: 45\r\n",
    ] {
        let (scene, file) = (Scene::new().await, file_of(LEN, 6));
        let head = format!("HTTP/1.1 503 Queued\r\n{queued}Content-Length: 0\r\n\r\n");
        let source = Source::start(&file, vec![Say::Head(head.clone()), Say::Head(head)]).await;
        let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
        scene.until(50, "it waits", || scene.view(id).queued == 1).await;
        assert_eq!(scene.view(id).state, DownloadState::Fetching);
        scene.finish(1_000, id, &file).await;
        let asked = source.asked();
        for two in asked[..3].windows(2) {
            let waited = (two[1].at - two[0].at).as_secs();
            assert!((45..=120).contains(&waited), "{waited}");
        }
        assert_eq!(source.connections(), 1);
        assert_eq!(asked[1].head.contains("ID=abc"), queued.contains("abc"), "{}", asked[1].head);
    }
}

/// DOWN-08, DOWN-21: once something is proved, others are told of us, and of what we have.
#[tokio::test(start_paused = true)]
async fn requests_name_us_and_what_we_have_where_others_can_have_it() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 7));
    scene.downloads.stand(manners(Some("127.0.0.1:7777".parse().unwrap())));
    let busy = "HTTP/1.1 503 Busy\r\nX-Gnutella-Content-URN: urn:sha1:x\r\nRetry-After: 60\r\n\
                Content-Length: 0\r\nConnection: close\r\n\r\n";
    let says = vec![Say::AtMost(131_072), Say::Head(busy.to_owned())];
    let source = Source::start(&file, says).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until(50, "a part has come", || source.asked().len() == 2).await;
    scene.unfinished.set_on(true);
    scene.finish(1_000, id, &file).await;
    let heads: Vec<String> = source.asked().into_iter().map(|asked| asked.head).collect();
    assert!(!heads[0].contains("X-Available-Ranges"), "{}", heads[0]);
    assert!(heads[2].contains("X-Available-Ranges: bytes 0-131071\r\n"), "{}", heads[2]);
    assert!(heads[2].contains("X-Alt: 127.0.0.1:7777\r\n"), "{}", heads[2]);
}

/// DOWN-21: the user may not want that, and nobody is told of what nobody gets.
#[tokio::test(start_paused = true)]
async fn requests_name_nothing_where_the_user_gives_no_parts() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 8));
    scene.downloads.stand(manners(Some("127.0.0.1:7777".parse().unwrap())));
    scene.unfinished.set_on(false);
    let busy = "HTTP/1.1 503 Busy\r\nX-Gnutella-Content-URN: urn:sha1:x\r\nRetry-After: 60\r\n\
                Content-Length: 0\r\nConnection: close\r\n\r\n";
    let says = vec![Say::AtMost(131_072), Say::Head(busy.to_owned())];
    let source = Source::start(&file, says).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.finish(1_000, id, &file).await;
    for asked in source.asked() {
        assert!(!asked.head.contains("X-Available-Ranges"), "{}", asked.head);
        assert!(!asked.head.contains("X-Alt: 127.0.0.1:7777"), "{}", asked.head);
    }
}
