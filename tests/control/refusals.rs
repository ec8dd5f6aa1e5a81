//! Whom the API refuses, and how it says so.

use filbert::control::credentials::Token;
use filbert::control::desk::{Desk, Refusal};
use filbert::control::server::{paths, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::http::{Answer, get, post, put, request, send};
use crate::support::fake_node::{FakeNode, Served};

/// A request for the status with these headers only.
async fn knock(served: &Served, target: &str, headers: &str) -> Answer {
    let text = format!("GET {target} HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    Answer::parse(&send(served.address.unwrap(), text.as_bytes()).await)
}

#[tokio::test]
async fn nothing_but_health_is_had_without_the_token() {
    let node = FakeNode::start();
    let served = node.serve().await;
    for path in paths() {
        let answer = knock(&served, path, "host: localhost\r\n").await;
        if path == "/health" {
            assert_eq!(answer.status, 200);
            continue;
        }
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
    }
    knock(&served, "/nowhere", "host: localhost\r\n").await.problem(401);
    assert_eq!(node.change(|state| state.requests), 0);
}

#[tokio::test]
async fn a_token_counts_in_one_place_only_and_whole() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let token = served.token.as_str().to_owned();
    let other = Token::random().unwrap();
    for headers in [
        format!("authorization: Bearer {}\r\n", other.as_str()),
        format!("authorization: Bearer {}\r\n", &token[..42]),
        format!("authorization: Bearer {token}x\r\n"),
        "authorization: Bearer\r\n".to_owned(),
        format!("authorization: Basic {token}\r\n"),
        format!("authorization: {token}\r\n"),
        format!("authorization: Bearer {token}\r\nauthorization: Bearer {token}\r\n"),
        format!("cookie: token={token}\r\n"),
        format!("x-token: {token}\r\n"),
    ] {
        let headers = format!("host: localhost\r\n{headers}");
        knock(&served, "/api/v1/status", &headers).await.problem(401);
    }
    let query = format!("/api/v1/status?token={token}");
    knock(&served, &query, "host: localhost\r\n").await.problem(401);
    let lower = format!("host: localhost\r\nauthorization: bearer {token}\r\n");
    assert_eq!(knock(&served, "/api/v1/status", &lower).await.status, 200);
}

#[tokio::test]
async fn whoever_comes_by_a_name_that_is_not_ours_is_sent_away() {
    let served = FakeNode::start().serve().await;
    let token = format!("authorization: Bearer {}\r\n", served.token.as_str());
    let address = served.address.unwrap();
    for host in ["localhost", "127.0.0.1", "[::1]:80", "LOCALHOST:6381", &address.to_string()] {
        let answer = knock(&served, "/api/v1/status", &format!("host: {host}\r\n{token}")).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    for host in
        ["evil.example", "evil.example:6381", "192.0.2.1", "localhost.evil.example", "0.0.0.0"]
    {
        let headers = format!("host: {host}\r\n{token}");
        knock(&served, "/api/v1/status", &headers).await.problem(421);
        knock(&served, "/health", &headers).await.problem(421);
    }
    let target = "http://evil.example/api/v1/status";
    knock(&served, target, &format!("host: localhost\r\n{token}")).await.problem(421);
}

#[tokio::test]
async fn one_host_is_named_and_not_two() {
    let served = FakeNode::start().serve().await;
    let token = format!("authorization: Bearer {}\r\n", served.token.as_str());
    for hosts in [
        "",
        "host: \r\n",
        "host: a b\r\n",
        "host: localhost\r\nhost: localhost\r\n",
        "host: \u{e9}\r\n",
    ] {
        knock(&served, "/api/v1/status", &format!("{hosts}{token}")).await.problem(400);
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let served = FakeNode::start().serve().await;
    for origin in [
        "https://evil.example",
        "null",
        "",
        "file://",
        "http://localhost.evil.example",
        "localhost",
    ] {
        let header = format!("origin: {origin}\r\n");
        let answer = request(&served, "GET", "/api/v1/status", &header, "").await;
        answer.problem(403);
    }
    for origin in ["http://localhost:3000", "http://127.0.0.1:6381", "http://[::1]"] {
        let header = format!("origin: {origin}\r\n");
        let answer = request(&served, "GET", "/api/v1/status", &header, "").await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_browser_that_asks_beforehand_is_given_nothing() {
    let served = FakeNode::start().serve().await;
    let headers =
        "host: localhost\r\norigin: http://localhost\r\naccess-control-request-method: POST\r\n";
    let text = format!("OPTIONS /api/v1/shutdown HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    let answer = Answer::parse(&send(served.address.unwrap(), text.as_bytes()).await);
    answer.problem(401);
    assert!(!answer.head.contains("access-control"));
}

#[tokio::test]
async fn what_is_not_there_and_what_cannot_be_done_there_is_said() {
    let served = FakeNode::start().serve().await;
    for path in ["/", "/api", "/api/v1/", "/api/v2/status", "/api/v1/status/", "//api/v1/status"] {
        get(&served, path).await.problem(404);
    }
    let answer = request(&served, "PATCH", "/api/v1/peers", "", "").await;
    answer.problem(405);
    let allowed = answer.header("allow").unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    post(&served, "/api/v1/status", "{}").await.problem(405);
    request(&served, "CONNECT", "localhost:80", "", "").await.problem(404);
}

#[tokio::test]
async fn a_body_is_json_of_the_right_shape() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let words = r#"{"words":"music"}"#;
    request(&served, "POST", "/api/v1/searches", "", words).await.problem(415);
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    request(&served, "POST", "/api/v1/searches", form, words).await.problem(415);
    for malformed in ["{", "", "{\"words\":\"a\"}}", "\u{0}"] {
        post(&served, "/api/v1/searches", malformed).await.problem(400);
    }
    for wrong in ["[]", "{}", "\"music\"", r#"{"words":1}"#, r#"{"words":"a","more":1}"#] {
        post(&served, "/api/v1/searches", wrong).await.problem(422);
    }
    assert_eq!(node.change(|state| state.requests), 0);
}

#[tokio::test]
async fn a_body_is_taken_up_to_its_limit() {
    let served = FakeNode::start().serve().await;
    let filter = |len: usize| format!("{}{}", r#"{"filter":"a"}"#, " ".repeat(len - 14));
    assert_eq!(put(&served, "/api/v1/log", &filter(65_536)).await.status, 200);
    put(&served, "/api/v1/log", &filter(65_537)).await.problem(413);
    // In chunks, so that nothing says beforehand how long it is.
    let chunk = format!("ffff\r\n{}\r\n", " ".repeat(65_535));
    let body = format!("{chunk}{chunk}0\r\n\r\n");
    let head = format!(
        "PUT /api/v1/log HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         connection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        served.token.as_str()
    );
    let answer = send(served.address.unwrap(), format!("{head}{body}").as_bytes()).await;
    Answer::parse(&answer).problem(413);
}

#[tokio::test]
async fn what_the_node_refuses_is_passed_on_in_its_words() {
    let node = FakeNode::start();
    let served = node.serve().await;
    for (refusal, status) in [
        (Refusal::NotFound("nobody is here: go elsewhere".to_owned()), 404),
        (Refusal::Invalid("this makes no sense: say something else".to_owned()), 422),
        (Refusal::Unavailable("too much runs: come again later".to_owned()), 503),
    ] {
        node.change(|state| state.refusal = Some(refusal.clone()));
        let answer = get(&served, "/api/v1/status").await;
        assert_eq!(answer.problem(status), refusal.to_string());
        post(&served, "/api/v1/searches", r#"{"words":"music"}"#).await.problem(status);
        put(&served, "/api/v1/log", r#"{"filter":"x"}"#).await.problem(status);
        get(&served, "/metrics").await.problem(status);
        get(&served, "/api/v1/searches/1/events").await.problem(status);
    }
}

#[tokio::test]
async fn a_node_that_is_gone_is_said_to_be_ending() {
    let (desk, node_side) = Desk::new();
    drop(node_side);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Some(listener.local_addr().unwrap());
    let (token, shutdown) = (Token::random().unwrap(), CancellationToken::new());
    let serving = serve(listener, desk, token.clone(), shutdown.clone());
    let task = tokio::spawn(async move { serving.await.unwrap() });
    let served = Served { address, token, shutdown, task };
    assert_eq!(
        get(&served, "/api/v1/status").await.problem(503),
        "the node is ending: start it again"
    );
    served.end().await;
}

#[tokio::test]
async fn a_refusal_quotes_no_control_characters_and_stays_short() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let body = r#"{"wo\u001b[31m\nrds":"a"}"#;
    let detail = post(&served, "/api/v1/searches", body).await.problem(422);
    assert!(detail.contains("[31m") && !detail.contains(char::is_control), "{detail:?}");
    for (len, shown) in [(400, 400), (401, 400)] {
        node.change(|state| state.refusal = Some(Refusal::Invalid("é".repeat(len))));
        let detail = get(&served, "/api/v1/status").await.problem(422);
        assert_eq!(detail.chars().count(), shown);
    }
}
