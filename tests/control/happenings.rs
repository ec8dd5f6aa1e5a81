//! The stream of all that happens.

use std::time::Duration;

use filbert::control::chronicle::KEPT_MAX;
use filbert::control::model::{Happening, Network, Role};
use filbert::control::server::Limits;

use crate::http::{Events, SOON, Seen, get, post};
use crate::support::fake_node::{FakeNode, a_hit, until};

fn answered(results: u32) -> Happening {
    Happening::Answered { results }
}

#[tokio::test]
async fn everything_is_told_in_order_and_counted() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/events", "").await;
    let role = Happening::RoleChanged {
        network: Network::Gnutella,
        role: Role::Ultrapeer,
        why: "it is needed".to_owned(),
    };
    let told = [answered(1), role, Happening::Hit(a_hit(1, 0)), answered(2), Happening::Stopping];
    told.iter().for_each(|happening| node.tell(happening.clone()));
    for (number, happening) in (1..).zip(told) {
        assert_eq!(events.event().await, (number, happening));
    }
}

#[tokio::test]
async fn what_the_api_itself_starts_is_told_too() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/events", "").await;
    post(&served, "/api/v1/searches", r#"{"words":"music"}"#).await;
    let (_, happening) = events.event().await;
    assert!(matches!(happening, Happening::SearchStarted { words, .. } if words == "music"));
}

#[tokio::test]
async fn only_what_is_wanted_is_told_and_the_numbers_show_the_rest() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/events?kinds=hit,stopping", "").await;
    for happening in [answered(1), Happening::Hit(a_hit(1, 0)), answered(2), Happening::Stopping] {
        node.tell(happening);
    }
    assert_eq!(events.event().await, (2, Happening::Hit(a_hit(1, 0))));
    assert_eq!(events.event().await, (4, Happening::Stopping));
}

#[tokio::test]
async fn kinds_that_do_not_exist_are_refused() {
    let served = FakeNode::start().serve().await;
    for query in ["kinds=", "kinds=hits", "kinds=hit,", "kind=hit"] {
        get(&served, &format!("/api/v1/events?{query}")).await.problem(400);
    }
}

/// The names of all kinds, as the values have them.
#[test]
fn every_kind_has_its_name_in_the_list() {
    let names = Happening::NAMES;
    for happening in [answered(1), Happening::Stopping, Happening::Missed { events: 1 }] {
        assert!(names.contains(&happening.name()));
        let json = serde_json::to_value(&happening).unwrap();
        assert_eq!(json["event"], happening.name());
    }
    let schema = serde_json::to_value(document()).unwrap();
    let kinds = schema["components"]["schemas"]["Happening"]["oneOf"].as_array().unwrap();
    assert_eq!(kinds.len(), names.len());
    for kind in kinds {
        let text = kind.to_string();
        assert_eq!(
            names.iter().filter(|name| text.contains(&format!("[\"{name}\"]"))).count(),
            1,
            "{text}"
        );
    }
}

fn document() -> serde_json::Value {
    serde_json::from_str(&filbert::control::server::openapi_json()).unwrap()
}

/// The node tells more at once than it keeps for anybody, so that who watches has lost some.
#[tokio::test]
async fn who_is_too_slow_is_told_how_much_was_missed() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/events", "").await;
    until("somebody watches", || node.watchers() == 1).await;
    // One thread runs this test: nothing is read while this loop runs.
    for results in 0..3000 {
        node.tell(answered(results));
    }
    let (number, happening) = events.event().await;
    let Happening::Missed { events: missed } = happening else { panic!("{happening:?}") };
    assert_eq!(number, missed);
    assert!((1..3000).contains(&missed), "{missed}");
    for results in u32::try_from(missed).unwrap()..3000 {
        assert_eq!(events.event().await, (u64::from(results) + 1, answered(results)));
    }
}

/// Numbers count for the node, and not for the stream.
#[tokio::test]
async fn who_comes_back_hears_what_happened_meanwhile() {
    let node = FakeNode::start();
    let served = node.serve().await;
    (1..=3).for_each(|results| node.tell(answered(results)));
    let mut new = Events::open(&served, "/api/v1/events", "").await;
    let mut back = Events::open(&served, "/api/v1/events", "Last-Event-ID: 1\r\n").await;
    until("both watch", || node.watchers() == 2).await;
    node.tell(answered(4));
    assert_eq!(new.event().await, (4, answered(4)));
    for number in 2..=4 {
        assert_eq!(back.event().await, (u64::from(number), answered(number)));
    }
}

#[tokio::test]
async fn who_comes_back_late_is_told_how_much_was_missed() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let kept = u32::try_from(KEPT_MAX).unwrap();
    (1..=kept + 7).for_each(|results| node.tell(answered(results)));
    node.tell(Happening::Stopping);
    let path = "/api/v1/events?kinds=stopping";
    let mut back = Events::open(&served, path, "Last-Event-ID: 2\r\n").await;
    assert_eq!(back.event().await, (8, Happening::Missed { events: 6 }));
    assert_eq!(back.event().await, (u64::from(kept) + 8, Happening::Stopping));
}

#[tokio::test]
async fn a_quiet_stream_gives_signs_of_life() {
    let node = FakeNode::start();
    let served = node.serve_within(Limits { heartbeat: SOON, ..Limits::default() }).await;
    let mut events = Events::open(&served, "/api/v1/events", "").await;
    for _ in 0..3 {
        assert_eq!(events.next().await, Seen::Comment("alive".to_owned()));
    }
    node.tell(answered(1));
    assert_eq!(events.event().await, (1, answered(1)));
}

#[tokio::test]
async fn so_many_may_watch_and_not_one_more() {
    let node = FakeNode::start();
    let served = node.serve_within(Limits { watchers_max: 2, ..Limits::default() }).await;
    let first = Events::open(&served, "/api/v1/events", "").await;
    let _second = Events::open(&served, "/api/v1/events", "").await;
    get(&served, "/api/v1/events").await.problem(503);
    assert_eq!(get(&served, "/api/v1/status").await.status, 200);
    drop(first);
    until("one has gone", || node.watchers() == 1).await;
    Events::open(&served, "/api/v1/events", "").await;
}

#[tokio::test]
async fn nobody_is_watched_for_who_has_gone() {
    let node = FakeNode::start();
    // No sign of life is sent meanwhile, by which it would be noticed as well.
    let heartbeat = Duration::from_secs(600);
    let served = node.serve_within(Limits { heartbeat, ..Limits::default() }).await;
    let events = Events::open(&served, "/api/v1/events", "").await;
    until("somebody watches", || node.watchers() == 1).await;
    drop(events);
    until("nobody watches", || node.watchers() == 0).await;
}
