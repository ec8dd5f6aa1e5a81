//! A node that is killed at any moment starts again as the same.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::home::Home;
use crate::node::Node;

const KILLS: u32 = 8;

fn knows(node: &Node, host: SocketAddr) -> bool {
    let hosts = node.show("hosts");
    hosts.as_array().unwrap().iter().any(|known| known["address"] == host.to_string())
}

/// Also while it starts, hears of hosts, calls them and saves.
#[test]
fn a_node_that_is_killed_again_and_again_keeps_who_it_is_and_whom_it_knows() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (home, friend_home) = (Home::new("killed"), Home::new("killed-friend"));
    let friend = Node::start(&friend_home, &["--role", "ultrapeer"]);
    let mut node = Node::start(&home, &["--role", "leaf"]);
    let servent_id = node.show("status")["servent_id"].clone();
    home.printed(&["connect", &friend.listen.to_string()]);
    home.printed(&["stop"]);
    assert_eq!(node.ended().code(), Some(0));

    for time in 0..KILLS {
        let node = Node::start(&home, &["--role", "leaf"]);
        assert_eq!(node.show("status")["servent_id"], servent_id, "{time}");
        assert!(knows(&node, friend.listen), "{time}");
        assert!(
            !node.log().contains("set aside") && !node.log().contains("anew"),
            "{}",
            node.log()
        );
        let moment = Instant::now() + Duration::from_millis(rng.random_range(0..120));
        while Instant::now() < moment {
            let port: u16 = rng.random_range(1..1024);
            let host = SocketAddr::from(([127, 3, rng.random(), rng.random()], port));
            node.ask("POST", "/api/v1/hosts", Some(&json!({ "addresses": [host] })));
        }
        node.kill();
        assert_eq!(home.run(&["status"]).code, 3, "what it left behind deceives nobody");
    }
    let node = Node::start(&home, &["--role", "leaf"]);
    node.until_status("the friend is called again", |status| status["links"]["ultrapeers"] == 1);
}

/// Before it has said that it is ready, too.
#[test]
fn a_node_that_is_killed_while_it_starts_starts_again() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let home = Home::new("killed-early");
    for _ in 0..KILLS {
        let mut command = home.filbert(&[&crate::home::LOOPBACK[..], &["--no-bootstrap"]].concat());
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        let moment = Instant::now() + Duration::from_millis(rng.random_range(0..60));
        while Instant::now() < moment {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let node = Node::start(&home, &[]);
    assert!(!node.log().contains("WARN"), "{}", node.log());
}
