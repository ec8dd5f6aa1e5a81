//! What a node remembers of FastTrack from one run to the next.

use rustix::process::Signal;

use crate::home::Home;
use crate::node::Node;

fn has_parent(node: &Node) {
    node.until_status("it has a supernode", |status| status["fasttrack"]["supernodes"] == 1);
}

/// FTNODE-16: nobody need name a supernode twice.
#[test]
fn a_node_that_begins_anew_finds_its_supernode() {
    let (above, below) = (Home::new("above"), Home::new("below"));
    let supernode = Node::start(&above, &["--fasttrack", "on", "--fasttrack-role", "supernode"]);
    let at = supernode.listen.to_string();
    let role = ["--fasttrack", "on", "--fasttrack-role", "ordinary"];
    let mut node = Node::start(&below, &[&role[..], &["--fasttrack-connect", &at]].concat());
    has_parent(&node);
    assert_eq!(node.terminate(Signal::TERM).0, Some(0));
    drop(node);
    let again = Node::start(&below, &role);
    has_parent(&again);
    let peers = again.show("peers");
    let peers = peers.as_array().unwrap();
    assert!(peers.iter().any(|peer| peer["address"] == at.as_str()), "{peers:?}");
}
