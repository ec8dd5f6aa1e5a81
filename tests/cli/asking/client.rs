//! What the client asks for which there is no command.

use std::time::Duration;

use filbert::control::client::Error;
use filbert::control::desk::Refusal;
use filbert::control::model::{Bandwidth, Changed, Happening, SearchId};

use super::scene::Scene;
use crate::support::fake_node::{a_hit, a_search};

#[test]
fn bandwidth_and_log_filter_are_read_and_changed() {
    let scene = Scene::new("client-settings");
    let wanted = Bandwidth { upload_bytes_per_s: Some(7), download_bytes_per_s: None };
    scene.ask(async |client| {
        assert_eq!(client.bandwidth().await.unwrap(), Bandwidth::default());
        assert_eq!(client.set_bandwidth(wanted).await.unwrap(), wanted);
        assert_eq!(client.bandwidth().await.unwrap(), wanted);
        assert_eq!(client.log_filter().await.unwrap(), "info");
        assert_eq!(client.set_log_filter("debug").await.unwrap(), "debug");
        assert_eq!(client.log_filter().await.unwrap(), "debug");
    });
}

#[test]
fn a_reload_says_what_has_changed() {
    let names = |name: &str| vec![name.to_owned()];
    let changed = Changed { changed: names("log"), at_next_start: names("tls") };
    let scene = Scene::with("client-reload", |state| state.changed = changed.clone());
    assert_eq!(scene.ask(async |client| client.reload().await.unwrap()), changed);
}

#[test]
fn hits_are_handed_out_from_the_number_on_that_is_wanted() {
    let scene = Scene::with("client-hits", |state| {
        state.searches = vec![a_search(1, "words")];
        state.hits = (0..3).map(|number| a_hit(1, number)).collect();
    });
    scene.ask(async |client| {
        let search = client.search(SearchId(1)).await.unwrap();
        assert_eq!(search, a_search(1, "words"));
        let hits = client.hits(search.id, 1).await.unwrap();
        assert_eq!(hits, [a_hit(1, 1), a_hit(1, 2)]);
    });
}

#[test]
fn a_refusal_has_its_status_and_its_sentence() {
    let refusal = Refusal::Unavailable("come again later".to_owned());
    let scene = Scene::with("client-refused", |state| state.refusal = Some(refusal));
    let error = scene.ask(async |client| client.status().await.unwrap_err());
    let Error::Refused { status, sentence } = error else { panic!("{error}") };
    assert_eq!((status, sentence.as_str()), (503, "come again later"));
}

#[test]
fn whoever_stops_waiting_for_an_event_misses_none() {
    let scene = Scene::new("client-watch");
    scene.ask(async |client| {
        let mut watch = client.events(&["stopping"]).await.unwrap();
        for _ in 0..3 {
            let waited = tokio::time::timeout(Duration::from_millis(1), watch.next()).await;
            assert!(waited.is_err(), "nothing has happened");
        }
        scene.node.tell(Happening::Stopping);
        let seen = watch.next().await.unwrap().unwrap();
        assert_eq!((seen.kind.as_str(), seen.happening()), ("stopping", Some(Happening::Stopping)));
    });
}
