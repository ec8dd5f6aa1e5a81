//! Each resource: what is asked of the node, and what comes out.

use filbert::control::model::{
    Bandwidth, Bootstrap, Changed, ConnectTo, Download, Health, Hit, Host, Library, LogFilter,
    Peer, PeerId, Route, Search, SearchId, SearchState, Status, Uploads,
};

use crate::http::{delete, get, post, put};
use crate::support::fake_node::{FakeNode, a_hit, a_host, a_peer, a_search, a_shared_file};

#[tokio::test]
async fn status_is_what_the_node_says() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let status: Status = get(&served, "/api/v1/status").await.json();
    assert_eq!(status, node.change(|state| state.status.clone()));
}

#[tokio::test]
async fn the_index_lists_each_path_with_its_methods() {
    let served = FakeNode::start().serve().await;
    let routes: Vec<Route> = get(&served, "/api/v1").await.json();
    let has = |method: &str, path: &str| {
        routes
            .iter()
            .any(|route| route.method == method && route.path == path && !route.summary.is_empty())
    };
    assert!(has("GET", "/api/v1/status"));
    assert!(has("DELETE", "/api/v1/searches/{id}"));
    assert!(routes.len() > 25);
}

#[tokio::test]
async fn peers_are_listed_and_shown_one_by_one() {
    let node = FakeNode::start();
    node.change(|state| state.peers.extend([a_peer(3), a_peer(4)]));
    let served = node.serve().await;
    let peers: Vec<Peer> = get(&served, "/api/v1/peers").await.json();
    assert_eq!(peers, [a_peer(3), a_peer(4)]);
    let peer: Peer = get(&served, "/api/v1/peers/4").await.json();
    assert_eq!(peer.id, PeerId(4));
    get(&served, "/api/v1/peers/5").await.problem(404);
    get(&served, "/api/v1/peers/five").await.problem(404);
    get(&served, "/api/v1/peers/-1").await.problem(404);
    get(&served, "/api/v1/peers/18446744073709551616").await.problem(404);
}

#[tokio::test]
async fn a_host_is_called_by_its_address_or_its_name() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let answer = post(&served, "/api/v1/peers", r#"{"address":"192.0.2.9:6346"}"#).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json::<ConnectTo>().address, "192.0.2.9:6346");
    let answer = post(&served, "/api/v1/peers", r#"{"address":"[2001:db8::1]:6347"}"#).await;
    assert_eq!(answer.status, 202);
    let answer = post(&served, "/api/v1/peers", r#"{"address":"localhost:6348"}"#).await;
    assert_eq!(answer.status, 202);
    let called = node.change(|state| state.called.clone());
    assert_eq!(called[..2], ["192.0.2.9:6346", "[2001:db8::1]:6347"].map(|a| a.parse().unwrap()));
    assert!(called[2].ip().is_loopback() && called[2].port() == 6348);
}

#[tokio::test]
async fn a_host_without_a_port_has_that_of_gnutella() {
    let served = FakeNode::start().serve().await;
    for (written, called) in [
        ("192.0.2.9", "192.0.2.9:6346"),
        ("2001:db8::1", "[2001:db8::1]:6346"),
        ("[2001:db8::1]", "[2001:db8::1]:6346"),
    ] {
        let body = serde_json::json!({ "address": written }).to_string();
        let answer = post(&served, "/api/v1/peers", &body).await;
        assert_eq!((answer.status, answer.json::<ConnectTo>().address.as_str()), (202, called));
    }
}

#[tokio::test]
async fn what_is_no_address_is_not_called() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let long = format!("{}:1", "a".repeat(300));
    for address in [
        "",
        ":",
        ":1",
        "a b:1",
        "localhost:99999",
        "localhost:",
        "]127.0.0.1[",
        "[[::1]",
        "../../etc:1",
        &long,
    ] {
        let body = serde_json::json!({ "address": address }).to_string();
        post(&served, "/api/v1/peers", &body).await.problem(422);
    }
    assert_eq!(node.change(|state| state.requests), 0);
}

#[tokio::test]
async fn a_link_is_closed() {
    let node = FakeNode::start();
    node.change(|state| state.peers.push(a_peer(3)));
    let served = node.serve().await;
    assert_eq!(delete(&served, "/api/v1/peers/3").await.status, 204);
    assert!(node.change(|state| state.peers.is_empty()));
    delete(&served, "/api/v1/peers/3").await.problem(404);
}

#[tokio::test]
async fn hosts_are_listed_and_added_up_to_their_limit() {
    let node = FakeNode::start();
    node.change(|state| state.hosts.push(a_host(1)));
    let served = node.serve().await;
    let hosts: Vec<Host> = get(&served, "/api/v1/hosts").await.json();
    assert_eq!(hosts, [a_host(1)]);
    let hosts = |count: u16| {
        let addresses: Vec<_> = (1..=count).map(|port| format!("192.0.2.1:{port}")).collect();
        serde_json::json!({ "addresses": addresses }).to_string()
    };
    assert_eq!(post(&served, "/api/v1/hosts", &hosts(1000)).await.status, 202);
    assert_eq!(node.change(|state| state.added.len()), 1000);
    post(&served, "/api/v1/hosts", &hosts(1001)).await.problem(422);
    post(&served, "/api/v1/hosts", &hosts(0)).await.problem(422);
    let name = r#"{"addresses":["localhost:1"]}"#;
    post(&served, "/api/v1/hosts", name).await.problem(422);
    assert_eq!(node.change(|state| state.added.len()), 1000);
}

#[tokio::test]
async fn sources_of_hosts_are_listed() {
    let node = FakeNode::start();
    let source = Bootstrap {
        name: "cache.example:6346".to_owned(),
        kind: "udp".to_owned(),
        asked_ago_s: Some(5),
        hosts: 20,
        error: None,
    };
    node.change(|state| state.bootstrap.push(source.clone()));
    let served = node.serve().await;
    assert_eq!(get(&served, "/api/v1/bootstrap").await.json::<Vec<Bootstrap>>(), [source]);
}

#[tokio::test]
async fn a_search_is_started_shown_and_ended() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let answer = post(&served, "/api/v1/searches", r#"{"words":"free music"}"#).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), Some("/api/v1/searches/1"));
    let search: Search = answer.json();
    assert_eq!((search.id, search.words.as_str()), (SearchId(1), "free music"));
    assert_eq!(get(&served, "/api/v1/searches/1").await.json::<Search>(), search);
    let listed: Vec<Search> = get(&served, "/api/v1/searches").await.json();
    assert_eq!(listed, std::slice::from_ref(&search));
    let stopped: Search = post(&served, "/api/v1/searches/1/stop", "").await.json();
    assert_eq!(stopped, Search { state: SearchState::Ended, ..search });
    assert_eq!(get(&served, "/api/v1/searches/1").await.json::<Search>(), stopped, "it is kept");
    post(&served, "/api/v1/searches/2/stop", "").await.problem(404);
    assert_eq!(delete(&served, "/api/v1/searches/1").await.status, 204);
    get(&served, "/api/v1/searches/1").await.problem(404);
    delete(&served, "/api/v1/searches/1").await.problem(404);
}

#[tokio::test]
async fn a_host_is_asked_what_it_shares_and_the_hits_are_those_of_a_search() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let answer = post(&served, "/api/v1/browse", r#"{"address":"192.0.2.9"}"#).await;
    assert_eq!((answer.status, answer.header("location")), (201, Some("/api/v1/searches/1")));
    let search: Search = answer.json();
    assert_eq!(search.words, "files of 192.0.2.9:6346");
    assert_eq!(get(&served, "/api/v1/searches/1").await.json::<Search>(), search);
    post(&served, "/api/v1/browse", r#"{"address":"192.0.2.9:x"}"#).await.problem(422);
    post(&served, "/api/v1/browse", r#"{"words":"music"}"#).await.problem(422);
}

#[tokio::test]
async fn words_are_taken_up_to_their_limit() {
    let served = FakeNode::start().serve().await;
    let words = |len: usize| serde_json::json!({ "words": "w".repeat(len) }).to_string();
    assert_eq!(post(&served, "/api/v1/searches", &words(16 * 1024)).await.status, 201);
    post(&served, "/api/v1/searches", &words(16 * 1024 + 1)).await.problem(422);
    post(&served, "/api/v1/searches", r#"{"words":" \t "}"#).await.problem(422);
}

#[tokio::test]
async fn hits_come_page_by_page() {
    let node = FakeNode::start();
    node.change(|state| {
        state.searches.push(a_search(7, "music"));
        state.hits.extend((0..1500).map(|number| a_hit(7, number)));
    });
    let served = node.serve().await;
    for (query, first, count) in [
        ("", 0, 100),
        ("?from=5", 5, 100),
        ("?from=5&limit=3", 5, 3),
        ("?limit=1000", 0, 1000),
        ("?from=1499", 1499, 1),
    ] {
        let path = format!("/api/v1/searches/7/hits{query}");
        let hits: Vec<Hit> = get(&served, &path).await.json();
        assert_eq!((hits[0].number, hits.len()), (first, count), "{query}");
    }
    assert!(get(&served, "/api/v1/searches/7/hits?from=1500").await.json::<Vec<Hit>>().is_empty());
    for query in ["?limit=0", "?limit=1001", "?limit=x", "?from=-1", "?form=1"] {
        get(&served, &format!("/api/v1/searches/7/hits{query}")).await.problem(400);
    }
    get(&served, "/api/v1/searches/8/hits").await.problem(404);
}

#[tokio::test]
async fn files_have_their_places_though_there_are_none() {
    let served = FakeNode::start().serve().await;
    assert!(get(&served, "/api/v1/downloads").await.json::<Vec<Download>>().is_empty());
    get(&served, "/api/v1/downloads/1").await.problem(404);
    get(&served, "/api/v1/downloads/x").await.problem(404);
    let uploads = get(&served, "/api/v1/uploads").await.json::<Uploads>();
    assert_eq!((uploads.waiting, uploads.uploads[0].id), (2, 3));
}

#[tokio::test]
async fn the_library_is_listed_page_by_page() {
    let node = FakeNode::start();
    node.change(|state| {
        state.library.status.files = 1_500;
        state.library.files.extend((1..=1_500).map(a_shared_file));
    });
    let served = node.serve().await;
    for (query, first, count, next) in [
        ("", 1, 100, Some(101)),
        ("?from=5&limit=3", 5, 3, Some(8)),
        ("?limit=1000", 1, 1000, Some(1_001)),
        ("?from=1499", 1_499, 2, None),
        ("?words=file%201499", 1_499, 1, None),
    ] {
        let page: Library = get(&served, &format!("/api/v1/library{query}")).await.json();
        assert_eq!(
            (page.files[0].index, page.files.len(), page.next),
            (first, count, next),
            "{query}"
        );
        assert_eq!(page.status.files, 1_500);
    }
    let page: Library = get(&served, "/api/v1/library?limit=0").await.json();
    assert_eq!(
        (page.files, page.next, page.status.files),
        (vec![], None, 1_500),
        "the status alone"
    );
    let words = |len: usize| format!("?words={}", "w".repeat(len));
    assert_eq!(get(&served, &format!("/api/v1/library{}", words(1_024))).await.status, 200);
    for query in ["?limit=1001", "?limit=x", "?from=-1", "?form=1", &words(1_025)] {
        get(&served, &format!("/api/v1/library{query}")).await.problem(400);
    }
}

#[tokio::test]
async fn the_library_is_looked_through_when_somebody_wants_it() {
    let node = FakeNode::start();
    let served = node.serve().await;
    assert_eq!(post(&served, "/api/v1/library/rescan", "").await.status, 202);
    assert_eq!(node.change(|state| state.rescans), 1);
    assert_eq!(get(&served, "/api/v1/library/rescan").await.status, 405);
}

#[tokio::test]
async fn bandwidth_is_limited_and_set_free() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let limits = Bandwidth { upload_bytes_per_s: Some(50_000), download_bytes_per_s: None };
    let answer = put(&served, "/api/v1/bandwidth", r#"{"upload_bytes_per_s":50000}"#).await;
    assert_eq!(answer.json::<Bandwidth>(), limits);
    assert_eq!(get(&served, "/api/v1/bandwidth").await.json::<Bandwidth>(), limits);
    assert_eq!(put(&served, "/api/v1/bandwidth", "{}").await.status, 200);
    assert_eq!(node.change(|state| state.bandwidth), Bandwidth::default());
    put(&served, "/api/v1/bandwidth", r#"{"upload":1}"#).await.problem(422);
    put(&served, "/api/v1/bandwidth", r#"{"upload_bytes_per_s":-1}"#).await.problem(422);
}

#[tokio::test]
async fn the_configuration_is_shown_and_read_again() {
    let node = FakeNode::start();
    node.change(|state| state.changed.changed.push("role".to_owned()));
    let served = node.serve().await;
    let configuration: serde_json::Value = get(&served, "/api/v1/config").await.json();
    assert_eq!(configuration, serde_json::json!({ "role": "auto" }));
    let changed: Changed = post(&served, "/api/v1/config/reload", "").await.json();
    assert_eq!(changed.changed, ["role"]);
}

#[tokio::test]
async fn the_log_filter_is_shown_and_set() {
    let served = FakeNode::start().serve().await;
    assert_eq!(get(&served, "/api/v1/log").await.json::<LogFilter>().filter, "info");
    let answer = put(&served, "/api/v1/log", r#"{"filter":"debug"}"#).await;
    assert_eq!(answer.json::<LogFilter>().filter, "debug");
    let filter = |len: usize| serde_json::json!({ "filter": "f".repeat(len) }).to_string();
    assert_eq!(put(&served, "/api/v1/log", &filter(4096)).await.status, 200);
    put(&served, "/api/v1/log", &filter(4097)).await.problem(422);
}

#[tokio::test]
async fn the_node_is_told_to_end() {
    let node = FakeNode::start();
    let served = node.serve().await;
    assert_eq!(post(&served, "/api/v1/shutdown", "").await.status, 202);
    assert!(node.change(|state| state.stopping));
}

#[tokio::test]
async fn health_needs_no_token_and_says_nothing_else() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let head = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answer = crate::http::send(served.address.unwrap(), head.as_bytes()).await;
    let answer = crate::http::Answer::parse(&answer);
    assert_eq!(answer.json::<Health>(), Health { ok: true });
    assert_eq!(answer.body, r#"{"ok":true}"#);
    assert_eq!(node.change(|state| state.requests), 0);
}
