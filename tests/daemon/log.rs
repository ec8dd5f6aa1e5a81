//! Nothing that a peer says steers the terminal of whoever reads the log.

use crate::home::Home;
use crate::node::Node;
use crate::peer::{BYE, Peer};

/// Colours, a cursor that moves, text that turns, lines that were never written.
const HARM: &str = "Evil\u{1b}[31m\u{9b}2J\u{202e}\u{2028}\u{7}/1.0";

fn log_after_harm(format: &str) -> String {
    let home = Home::new(&format!("log-{format}"));
    let arguments = ["--role", "ultrapeer", "--log", "trace", "--log-format", format];
    let mut node = Node::start(&home, &arguments);
    let mut peer = Peer::join_as(node.listen, HARM);
    peer.is_answered();
    let reason = format!("{HARM}\r\n2026-01-01T00:00:00Z INFO forged\u{0}");
    peer.send(BYE, &[&200_u16.to_le_bytes(), reason.as_bytes()].concat());
    while peer.hear().is_some() {}
    node.until_log("it said bye");
    // In a head of a handshake a line of its own is a header, and one that goes on is none.
    let _ = Peer::try_join(
        crate::peer::connect_from(std::net::Ipv4Addr::LOCALHOST, node.listen),
        &format!("{HARM}\r\n {HARM}\nforged\rforged"),
    );
    assert_eq!(node.terminate(rustix::process::Signal::TERM).0, Some(0));
    node.log()
}

#[test]
fn links_to_ultrapeers_are_told_and_those_to_leaves_only_who_wants_to_know() {
    let (home, other_home) = (Home::new("log-links"), Home::new("log-links-other"));
    let mut node = Node::start(&home, &["--role", "ultrapeer"]);
    let other = Node::start(&other_home, &["--role", "ultrapeer"]);
    let mut leaf = Peer::join_as(node.listen, "Leaf/1.0");
    leaf.is_answered();
    home.printed(&["connect", &other.listen.to_string()]);
    drop(other);
    node.until_log("closed");
    assert_eq!(node.terminate(rustix::process::Signal::TERM).0, Some(0));
    let log = node.log();
    let has = |parts: &[&str]| log.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(has(&["INFO", "connected", "role=\"ultrapeer\"", "Filbert/"]), "{log}");
    assert!(has(&["INFO", "closed", "role=\"ultrapeer\"", "Filbert/", "why="]), "{log}");
    assert!(has(&["INFO", "the node has ended"]), "{log}");
    assert!(!log.contains("Leaf/1.0"), "{log}");
}

#[track_caller]
fn assert_harmless(log: &str) {
    assert!(log.contains("Evil"), "the name of the program is in the log: {log}");
    let harmful: Vec<_> = log.chars().filter(|c| filbert::base::show::is_harmful(*c)).collect();
    assert!(harmful.iter().all(|c| *c == '\n'), "{harmful:?} in {log:?}");
}

#[test]
fn what_peers_say_stands_escaped_in_a_log_of_text() {
    let log = log_after_harm("text");
    assert_harmless(&log);
    assert!(log.lines().all(|line| line.starts_with("20") && line.contains('Z')), "{log}");
    assert!(!log.lines().any(|line| line.contains("INFO forged")), "{log}");
}

#[test]
fn what_peers_say_stands_escaped_in_a_log_of_json() {
    let log = log_after_harm("json");
    assert_harmless(&log);
    let values = log.lines().map(serde_json::from_str::<serde_json::Value>);
    let values: Vec<_> = values.map(|value| value.expect("each line is JSON")).collect();
    let vendors: Vec<_> =
        values.iter().filter_map(|value| value["fields"]["vendor"].as_str()).collect();
    assert!(
        vendors.iter().any(|vendor| vendor.contains('\u{202e}')),
        "nothing is lost: {vendors:?}"
    );
}
