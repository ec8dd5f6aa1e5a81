//! A number that somebody was told means the same after a restart, or nothing.

use rustix::process::Signal;
use serde_json::json;

use crate::home::Home;
use crate::node::Node;

fn search(node: &Node) -> u64 {
    let (code, search) = node.ask("POST", "/api/v1/searches", Some(&json!({ "words": "river" })));
    assert_eq!(code, 201, "{search}");
    search["id"].as_u64().unwrap()
}

#[test]
fn a_search_of_an_earlier_run_is_not_another_one_of_this_run() {
    let home = Home::new("numbers");
    let mut node = Node::start(&home, &["--role", "leaf"]);
    assert_eq!([search(&node), search(&node)], [1, 2]);
    node.terminate(Signal::TERM);
    let node = Node::start(&home, &["--role", "leaf"]);
    let gone = home.run(&["get", "2:0"]).complaint(1);
    assert!(gone.starts_with("search 2 is not kept any more; search again"), "{gone}");
    assert_eq!([search(&node), search(&node)], [3, 4], "nobody has to write long numbers");
    node.kill();
    let node = Node::start(&home, &["--role", "leaf"]);
    let first = search(&node);
    assert!(first > 4, "{first}");
    node.kill();
}
