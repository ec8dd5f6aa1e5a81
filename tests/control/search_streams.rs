//! The stream of one search: each hit once, in order, and then the end.

use filbert::control::model::{Happening, SearchId, SearchState};

use crate::http::{Events, delete, get};
use crate::support::fake_node::{FakeNode, a_hit, a_search, until};

fn hit(number: u64) -> (u64, Happening) {
    (number, Happening::Hit(a_hit(7, number)))
}

fn ended(results: u32) -> Happening {
    Happening::SearchEnded { search: SearchId(7), results, why: "all were asked".to_owned() }
}

fn node_with(hits: u64) -> FakeNode {
    let node = FakeNode::start();
    node.change(|state| state.searches.extend([a_search(7, "music"), a_search(8, "else")]));
    (0..hits).for_each(|number| node.tell(Happening::Hit(a_hit(7, number))));
    node
}

#[tokio::test]
async fn hits_that_are_kept_come_first_then_new_ones_then_the_end() {
    let node = node_with(2);
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/searches/7/events", "").await;
    assert_eq!(events.event().await, hit(0));
    assert_eq!(events.event().await, hit(1));
    node.tell(Happening::Hit(a_hit(8, 0)));
    node.tell(Happening::Hit(a_hit(7, 2)));
    node.tell(Happening::Stopping);
    node.tell(Happening::SearchEnded { search: SearchId(8), results: 1, why: String::new() });
    node.tell(ended(3));
    assert_eq!(events.event().await, hit(2));
    assert_eq!(events.event().await, (3, ended(3)));
    events.end().await;
}

#[tokio::test]
async fn a_search_that_has_ended_is_told_to_its_end() {
    let node = node_with(2);
    node.tell(ended(2));
    assert_eq!(node.change(|state| state.searches[0].state), SearchState::Ended);
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/searches/7/events", "").await;
    assert_eq!(events.event().await, hit(0));
    assert_eq!(events.event().await, hit(1));
    assert_eq!(events.event().await, (2, ended(2)));
    events.end().await;
}

#[tokio::test]
async fn who_comes_again_goes_on_where_it_was() {
    let node = node_with(4);
    let served = node.serve().await;
    let known = "last-event-id: 1\r\n";
    let mut events = Events::open(&served, "/api/v1/searches/7/events", known).await;
    assert_eq!(events.event().await, hit(2));
    assert_eq!(events.event().await, hit(3));
}

/// More is found at once than is kept for who watches: what was lost on the way is asked for.
#[tokio::test]
async fn no_hit_is_lost_however_slow_the_reader_is() {
    let node = node_with(0);
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/searches/7/events", "").await;
    until("somebody watches", || node.watchers() == 1).await;
    (0..3000).for_each(|number| node.tell(Happening::Hit(a_hit(7, number))));
    node.tell(ended(3000));
    for number in 0..3000 {
        assert_eq!(events.event().await, hit(number));
    }
    assert_eq!(events.event().await, (3000, ended(3000)));
    events.end().await;
}

#[tokio::test]
async fn a_search_that_was_removed_ends_its_stream_when_the_node_says_so() {
    let node = node_with(1);
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/searches/7/events", "").await;
    assert_eq!(events.event().await, hit(0));
    assert_eq!(delete(&served, "/api/v1/searches/7").await.status, 204);
    node.tell(ended(1));
    assert_eq!(events.event().await, (1, ended(1)));
    events.end().await;
}

/// The end of a search is lost among other events, and by then the search is gone.
#[tokio::test]
async fn a_search_that_is_gone_ends_its_stream_even_if_that_was_missed() {
    let node = node_with(1);
    let served = node.serve().await;
    let mut events = Events::open(&served, "/api/v1/searches/7/events", "").await;
    assert_eq!(events.event().await, hit(0));
    node.change(|state| state.searches.clear());
    (0..3000).for_each(|results| node.tell(Happening::Answered { results }));
    let (number, happening) = events.event().await;
    assert_eq!(number, 1);
    assert!(matches!(happening, Happening::SearchEnded { search: SearchId(7), results: 1, .. }));
    events.end().await;
}

#[tokio::test]
async fn there_is_no_stream_of_a_search_that_does_not_exist() {
    let served = node_with(0).serve().await;
    get(&served, "/api/v1/searches/9/events").await.problem(404);
}
