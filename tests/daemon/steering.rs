//! Two nodes that are steered by commands alone.

use crate::events::Events;
use crate::home::{Home, wait_until};
use crate::node::Node;

#[test]
fn two_nodes_are_linked_and_parted_by_commands() {
    let (home, other_home) = (Home::new("steered"), Home::new("steered-other"));
    let node = Node::start(&home, &["--role", "leaf"]);
    let other = Node::start(&other_home, &["--role", "ultrapeer"]);
    let address = other.listen.to_string();

    let called = home.json(&["connect", &address]);
    assert_eq!((&called["connected"], &called["role"]), (&true.into(), &"ultrapeer".into()));
    let peers = home.json(&["peers"]);
    assert_eq!(peers[0]["address"], address);
    assert_eq!(peers[0]["direction"], "outgoing");
    let id = peers[0]["id"].to_string();

    let calls = || node.show("status")["totals"]["called"].clone();
    let before = calls();
    let again = home.json(&["connect", &address]);
    assert_eq!((&again["connected"], again["id"].to_string()), (&true.into(), id.clone()));
    let at_once = home.printed(&["connect", &address, "--wait", "0"]);
    assert!(at_once.starts_with(&format!("connected with the ultrapeer {address}")), "{at_once}");
    assert_eq!(calls(), before, "whoever is linked is not called");
    assert!(home.printed(&["peers"]).contains(&address));
    other.until_status("a leaf", |status| status["links"]["leaves"] == 1);
    let hosts = home.json(&["hosts"]);
    assert!(hosts.as_array().unwrap().iter().any(|host| host["address"] == address), "{hosts}");

    let printed = home.printed(&["disconnect", &id]);
    assert!(printed.starts_with(&format!("peer {id} is disconnected; ")), "{printed}");
    // The other one may call: that is another link.
    let is_there = || {
        let peers = node.show("peers");
        peers.as_array().unwrap().iter().any(|peer| peer["id"].as_u64() == id.parse().ok())
    };
    wait_until("the link is gone", || !is_there());
    assert_eq!(node.show("status")["searches"], 0);
}

#[test]
fn a_call_that_nobody_takes_is_said_at_once() {
    let home = Home::new("nobody-there");
    let _node = Node::start(&home, &[]);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sentence = home.run(&["connect", &free.to_string()]).complaint(1);
    assert!(sentence.starts_with(&format!("no link with {free}: ")), "{sentence}");
}

#[test]
fn events_are_told_as_they_happen_until_the_node_ends() {
    let (home, other_home) = (Home::new("events"), Home::new("events-other"));
    let mut node = Node::start(&home, &["--role", "leaf"]);
    let other = Node::start(&other_home, &["--role", "ultrapeer"]);
    let mut events = Events::watch(&home, &node);
    let address = other.listen.to_string();
    home.printed(&["connect", &address]);
    let connected = events.until(|told| told["event"] == "peer_connected");
    assert_eq!(connected["address"], address);
    home.printed(&["stop"]);
    events.until(|told| told["event"] == "stopping");
    assert_eq!((node.ended().code(), events.ended()), (Some(0), Some(0)));
}
