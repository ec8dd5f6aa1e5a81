//! Strangers at the control port: paths that lead out of it, and heads that are none.

use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::http::{Answer, get, send};
use crate::support::fake_node::{FakeNode, Served};

/// Ways out of a folder that have worked somewhere, the one of MLdonkey first.
const TRAVERSALS: &[&str] = &[
    "//etc/passwd",
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%252e%252e%252fetc%252fpasswd",
    "/..%c0%af..%c0%afetc/passwd",
    "/..%5c..%5cetc%5cpasswd",
    "/..\\..\\etc\\passwd",
    "/....//....//etc/passwd",
    "/api/v1/../../../etc/passwd",
    "/api/v1//etc/passwd",
    "/api/v1/peers/..%2f..%2fetc%2fpasswd",
    "/api/v1/searches/../../etc/passwd",
    "/api/v1/status/..;/etc/passwd",
    "/api/v1/config?file=/etc/passwd",
    "/openapi.json/../../etc/passwd",
    "/metrics/%2e%2e/%2e%2e/etc/passwd",
    "/health/../../etc/passwd",
    "/health%2f..%2f..%2fetc%2fpasswd",
    "/etc/passwd%00.json",
    "/proc/self/environ",
    "/token",
    "/../token",
    "/state.redb",
    "file:///etc/passwd",
    "http://localhost//etc/passwd",
    "http://localhost/../../etc/passwd",
];

/// What stands in no answer of ours, and in the files that are asked for.
fn assert_no_file(bytes: &[u8], served: &Served, what: &str) {
    let text = String::from_utf8_lossy(bytes);
    for secret in ["root:", "/bin/", "PATH=", served.token.as_str()] {
        assert!(!text.contains(secret), "{what} gave {text}");
    }
}

/// Attack A4: not one byte of a file, with the token or without.
#[tokio::test]
async fn no_path_leads_to_a_file() {
    let served = FakeNode::start().serve().await;
    for target in TRAVERSALS {
        for token in ["", served.token.as_str()] {
            let head = format!(
                "GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                 authorization: Bearer {token}\r\n\r\n"
            );
            let answer = send(served.address.unwrap(), head.as_bytes()).await;
            assert_no_file(&answer, &served, target);
            let status = Answer::parse(&answer).status;
            let is_setting = target.starts_with("/api/v1/config?") && !token.is_empty();
            let expected: &[u16] = if is_setting { &[200] } else { &[400, 401, 404, 421] };
            assert!(expected.contains(&status), "{target}: {status}");
        }
    }
}

/// Bytes that begin like a request, or do not.
fn heads() -> impl Strategy<Value = Vec<u8>> {
    let method = "(GET|POST|PUT|DELETE|HEAD|OPTIONS|CONNECT|TRACE|GNUTELLA|[A-Z]{0,9}|[ -~]{0,9})";
    let target =
        "(/health|/api/v1(/[a-z]{0,9}){0,3}|/(\\.\\.|%2e|%00|/|[!-~]){0,20}|[ -~]{0,40}|\\*)";
    let version = "(HTTP/1\\.1|HTTP/1\\.0|HTTP/0\\.9|HTTP/2\\.0|HTTP/9|[ -~]{0,9})";
    let field = "((host|content-length|transfer-encoding|connection|expect|upgrade|origin|authorization|[ -~]{0,20}): \
                 ?(localhost|0|18446744073709551616|-1|chunked|close|100-continue|h2c|[ -~]{0,40})\r?\n)";
    let text = format!("{method} {target} {version}\r\n{field}{{0,8}}(\r\n)?[ -~]{{0,40}}");
    let text = proptest::string::string_regex(&text).unwrap().prop_map(String::into_bytes).boxed();
    let broken = (text.clone(), any::<u8>(), any::<u16>()).prop_map(|(mut head, byte, at)| {
        if let Some(place) = head.get_mut(usize::from(at) % 64) {
            *place = byte;
        }
        head
    });
    let garbage = proptest::collection::vec(any::<u8>(), 0..200);
    proptest::prop_oneof![4 => text, 4 => broken, 1 => garbage]
}

/// Sends one head, and closes its side, so that nobody waits for more.
fn ask(address: std::net::SocketAddr, head: &[u8]) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(crate::support::fake_node::PATIENCE)).unwrap();
    let _ = stream.write_all(head);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no end: {head:?}"),
        _ => answer,
    }
}

/// Attack A4: whatever comes, the server stays, and lets out nothing that needs a token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_head_brings_the_server_down() {
    let node = FakeNode::start();
    let served = node.serve().await;
    let address = served.address.unwrap();
    let answers = tokio::task::spawn_blocking(move || {
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        let heads = heads();
        let heads = (0..10_000).map(|_| heads.new_tree(&mut runner).unwrap().current());
        heads.map(|head| (ask(address, &head), head)).collect::<Vec<_>>()
    });
    let answers = answers.await.unwrap();
    let mut answered = 0;
    for (answer, head) in &answers {
        let what = String::from_utf8_lossy(head);
        assert_no_file(answer, &served, &what);
        if answer.is_empty() {
            continue;
        }
        answered += 1;
        let status = Answer::parse(answer).status;
        assert!(status >= 400 || what.contains("/health") || status == 100, "{what}: {status}");
    }
    assert!(answered > 5_000, "{answered}");
    assert_eq!(node.change(|state| state.requests), 0, "nobody had the token");
    assert_eq!(get(&served, "/api/v1/status").await.status, 200);
}

#[tokio::test]
async fn a_head_is_taken_up_to_its_limit() {
    let served = FakeNode::start().serve().await;
    let head = |fields: &str| {
        format!("GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{fields}\r\n")
    };
    let address = served.address.unwrap();
    let status =
        async |fields: String| Answer::parse(&send(address, head(&fields).as_bytes()).await).status;
    assert_eq!(status(format!("x: {}\r\n", "a".repeat(10_000))).await, 200);
    assert_eq!(status(format!("x: {}\r\n", "a".repeat(20_000))).await, 431);
    assert_eq!(status("x: a\r\n".repeat(62)).await, 200);
    assert_eq!(status("x: a\r\n".repeat(63)).await, 431);
}
