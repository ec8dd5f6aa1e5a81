//! No more goes out than the user allows.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::home::Home;
use crate::node::Node;
use crate::peer::{connect_from, greet};

const LIMIT: u64 = 1_000;
const CALLS: u8 = 6;

/// Answers of the node to so many handshakes at once: bytes, and how long they took.
fn burst(node: &Node) -> (u64, Duration) {
    let since = Instant::now();
    let calls = (1..=CALLS).map(|number| {
        let mut stream = connect_from(Ipv4Addr::new(127, 8, 0, number), node.listen);
        std::thread::spawn(move || greet(&mut stream, "Test/1.0").unwrap().len() as u64)
    });
    let calls: Vec<_> = calls.collect();
    let bytes = calls.into_iter().map(|call| call.join().unwrap()).sum();
    (bytes, since.elapsed())
}

#[test]
fn a_limit_of_upload_holds_from_the_moment_on_that_it_is_set() {
    let home = Home::new("bandwidth");
    let node = Node::start(&home, &["--role", "ultrapeer"]);
    let (_, unlimited) = burst(&node);
    let wanted = json!({ "upload_bytes_per_s": LIMIT, "download_bytes_per_s": null });
    assert_eq!(node.ask("PUT", "/api/v1/bandwidth", Some(&wanted)).0, 200);

    let (bytes, took) = burst(&node);
    // The bytes of one second may have been saved up.
    let due = Duration::from_millis(bytes.saturating_sub(LIMIT) * 1_000 / LIMIT);
    assert!(bytes > 2 * LIMIT, "{bytes} bytes are no burst");
    assert!(took > due.mul_f64(0.8), "{bytes} bytes in {took:?}, and not {due:?}");
    assert!(took > 2 * unlimited, "{took:?}, and {unlimited:?} without a limit");

    let unlimited = json!({ "upload_bytes_per_s": null, "download_bytes_per_s": null });
    assert_eq!(node.ask("PUT", "/api/v1/bandwidth", Some(&unlimited)).0, 200);
    let (_, without) = burst(&node);
    assert!(without * 2 < took, "{without:?}, and {took:?} with a limit");
}
