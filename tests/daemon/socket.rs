//! The API at a unix socket, or nowhere.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};

use rustix::process::Signal;

use crate::home::Home;
use crate::node::Node;

fn start(home: &Home, api: &str) -> Node {
    let arguments = ["run", "--listen", "127.0.0.1:0", "--no-bootstrap", "--api", api];
    Node::from(&mut home.filbert(&arguments))
}

#[test]
fn a_socket_is_for_its_owner_alone_and_found_by_the_commands() {
    let home = Home::new("socket");
    let path = home.path().join("api.sock");
    let place = format!("unix:{}", path.display());
    let mut node = start(&home, &place);
    assert_eq!(node.api.as_deref(), Some(&*place));
    let metadata = fs::metadata(&path).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(node.show("status")["role"], "leaf");
    assert_eq!(home.json(&["status"])["listen"][0], node.listen.to_string());
    assert_eq!(node.terminate(Signal::TERM).0, Some(0));
    assert!(!path.exists(), "it is gone with the node");
}

#[test]
fn a_socket_that_a_killed_node_has_left_is_replaced_and_one_in_use_is_not() {
    let home = Home::new("left-socket");
    let path = home.path().join("api.sock");
    let place = format!("unix:{}", path.display());
    start(&home, &place).kill();
    assert!(path.exists(), "it is left behind");
    let node = start(&home, &place);
    assert_eq!(node.show("status")["role"], "leaf");
    let other = ["run", "--listen", "127.0.0.1:0", "--home", "other", "--api", &place];
    let sentence = home.run(&other).complaint(4);
    assert!(sentence.starts_with("the API cannot listen on "), "{sentence}");
    assert_eq!(node.show("status")["role"], "leaf", "the first one has its socket still");
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let home = Home::new("no-socket");
    let path = home.path().join("precious");
    fs::write(&path, "words").unwrap();
    let place = format!("unix:{}", path.display());
    let ran = home.run(&["run", "--listen", "127.0.0.1:0", "--no-bootstrap", "--api", &place]);
    ran.complaint(4);
    assert_eq!(fs::read_to_string(&path).unwrap(), "words");
}

#[test]
fn without_an_api_it_says_so_and_ends_by_a_signal() {
    let home = Home::new("api-off");
    let mut node = start(&home, "off");
    assert_eq!((node.api.clone(), node.said[2].as_str()), (None, "API off"));
    assert!(!home.state().join("token").exists(), "nobody needs it");
    let sentence = home.run(&["status"]).complaint(3);
    assert!(sentence.contains("API off"), "{sentence}");
    assert_eq!(node.terminate(Signal::TERM).0, Some(0));
}
