//! Sources that fail, and that lie.

use super::scene::{Scene, bare, file_of, intent_of, wanted};
use super::source::{Say, Source};

const LEN: usize = 700_000;

#[tokio::test(start_paused = true)]
async fn one_that_says_nothing_more_is_given_up_and_asked_again_later() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 1));
    let source = Source::start(&file, vec![Say::Stall]).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&source])).unwrap().id;
    scene.until(50, "it is asked", || source.asked().len() == 1).await;
    scene.finish(500, id, &file).await;
    let asked = source.asked();
    let waited = (asked[1].at - asked[0].at).as_secs();
    assert!((40..120).contains(&waited), "{waited}");
    assert_eq!((source.connections(), source.sent()), (2, LEN as u64), "what came is kept");
}

#[tokio::test(start_paused = true)]
async fn another_one_goes_on_where_one_has_closed() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 2));
    let breaking = Source::start(&file, vec![Say::Half; 50]).await;
    let good = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&breaking, &good])).unwrap().id;
    scene.finish(50, id, &file).await;
    let sent = breaking.sent() + good.sent();
    // What was under way twice at the end, one piece at most for each of them.
    assert!((LEN as u64..=LEN as u64 + 2 * 65_536).contains(&sent), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn one_that_breaks_off_alone_is_asked_again_for_the_rest() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 3));
    let source = Source::without_tree(&file, vec![Say::Half, Say::Half]).await;
    let id = scene.downloads.add(wanted(bare(&file, "a"), &[&source])).unwrap().id;
    scene.finish(500, id, &file).await;
    assert_eq!((source.connections(), source.sent()), (3, LEN as u64));
}

/// DOWN-04: one wrong piece is enough.
#[tokio::test(start_paused = true)]
async fn one_that_lies_is_not_asked_again_and_costs_one_request() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 4));
    let liar = Source::start(&file, vec![Say::Wrong; 50]).await;
    let good = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&liar, &good])).unwrap().id;
    scene.finish(50, id, &file).await;
    assert_eq!((liar.connections(), liar.asked().len()), (1, 1));
}

/// DOWN-16: nothing that is said is of a servent, and nothing is given.
#[tokio::test(start_paused = true)]
async fn a_web_server_that_has_nothing_is_called_once() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 5));
    let none = "HTTP/1.1 404 Not Found\r\nServer: web\r\nContent-Length: 0\r\n\r\n";
    let web = Source::without_tree(&file, vec![Say::Head(none.to_owned()); 9]).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&web])).unwrap().id;
    scene.until(50, "it has answered", || web.asked().len() == 1).await;
    scene.until(500, "it is dropped", || scene.view(id).sources == 0).await;
    for _ in 0..200 {
        scene.pass(1_000).await;
    }
    assert_eq!((web.connections(), web.asked().len()), (1, 1));
}

/// Only the bytes count: no `Server`, and nothing that only servents say.
#[tokio::test(start_paused = true)]
async fn whoever_gives_the_bytes_needs_no_name() {
    let (scene, file) = (Scene::new().await, file_of(50_000, 6));
    let source = Source::without_tree(&file, vec![Say::Bare; 9]).await;
    let id = scene.downloads.add(wanted(bare(&file, "a"), &[&source])).unwrap().id;
    scene.finish(50, id, &file).await;
    assert_eq!((source.connections(), source.sent()), (1, 50_000));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_ends_the_connection() {
    let (scene, file) = (Scene::new().await, file_of(LEN, 7));
    let noise = Source::start(&file, vec![Say::Head("\u{1}\u{2}\r\n\r\n".to_owned()); 50]).await;
    let good = Source::start(&file, Vec::new()).await;
    let id = scene.downloads.add(wanted(intent_of(&file, "a"), &[&noise, &good])).unwrap().id;
    scene.finish(50, id, &file).await;
    assert!(noise.connections() <= 3, "{}", noise.connections());
}
