//! With nothing configured it works, and says who it is.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::home::{Home, LOOPBACK, run, wait_for, wait_until};
use crate::node::Node;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_node_makes_its_home_and_says_who_it_is_and_where_its_api_listens() {
    let home = Home::new("makes-its-home");
    let node = Node::start(&home, &[]);
    let state = home.state();
    assert_eq!(mode(&state), 0o700);
    for file in ["token", "state.redb", "node.json", "lock"] {
        assert_eq!(mode(&state.join(file)), 0o600, "{file}");
    }
    let servent_id = node.show("status")["servent_id"].as_str().unwrap().to_owned();
    let api = node.api.as_deref().unwrap();
    assert_eq!(
        node.said,
        [
            format!("filbert {}, servent {servent_id}, role auto", env!("CARGO_PKG_VERSION")),
            format!("listens on {} (TCP and UDP)", node.listen),
            format!("API on {api} (token in {})", state.join("token").display()),
        ]
    );
    let notice: Value =
        serde_json::from_str(&fs::read_to_string(state.join("node.json")).unwrap()).unwrap();
    assert_eq!((&notice["pid"], &notice["api"]), (&node.pid().into(), &api.into()));
}

#[test]
fn programs_get_one_line_of_json_instead() {
    let home = Home::new("one-line-of-json");
    let node = Node::start(&home, &["--log-format", "json", "--role", "leaf"]);
    assert_eq!(node.said.len(), 1);
    let ready: Value = serde_json::from_str(&node.said[0]).unwrap();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["role"], "leaf");
    assert_eq!(ready["servent_id"], node.show("status")["servent_id"]);
    assert_eq!(ready["home"], home.state().to_str().unwrap());
}

#[test]
fn state_and_configuration_are_where_the_variables_of_xdg_say() {
    let home = Home::new("variables-of-xdg");
    let (state, config) = (home.path().join("s"), home.path().join("c"));
    fs::create_dir_all(config.join("filbert")).unwrap();
    fs::write(config.join("filbert/config.toml"), "role = 'ultrapeer'\n").unwrap();
    let mut command = home.filbert(&[&LOOPBACK[..], &["--no-bootstrap"]].concat());
    let node = Node::from(command.env("XDG_STATE_HOME", &state).env("XDG_CONFIG_HOME", &config));
    assert!(state.join("filbert/node.json").exists());
    assert!(!home.path().join(".local").exists());
    assert_eq!(node.show("status")["role"], "ultrapeer");
}

#[test]
fn the_commands_find_the_node_through_its_home() {
    let home = Home::new("find-the-node");
    let mut node = Node::start(&home, &[]);
    assert_eq!(home.json(&["status"])["listen"][0], node.listen.to_string());
    assert_eq!(home.printed(&["peers"]), "no peers\n");
    assert_eq!(home.printed(&["hosts"]), "0 hosts known\n");
    assert_eq!(home.printed(&["stop"]), "the node has ended\n");
    assert_eq!(node.ended().code(), Some(0));
    assert!(!home.state().join("node.json").exists(), "nobody looks for it any more");
    assert_eq!(home.run(&["status"]).code, 3);
}

#[test]
fn a_second_node_on_the_same_home_is_refused_in_one_sentence() {
    let home = Home::new("same-home");
    let node = Node::start(&home, &[]);
    let refused = home.run(&LOOPBACK).complaint(1);
    assert!(refused.starts_with("another node runs in "), "{refused}");
    assert!(refused.contains("--home"), "{refused}");
    assert_eq!(node.show("status")["listen"][0], node.listen.to_string(), "the first one runs on");
    let other = Node::start(&home, &["--home", "other"]);
    assert!(home.path().join("other/node.json").exists());
    assert_ne!(node.listen, other.listen);
}

/// Somebody who has asked for half of something keeps the API of a node that ends open for a while; the next node is
/// there as soon as the home is free, and stays known when the first one has gone.
#[test]
fn a_node_that_follows_another_one_in_its_home_is_found() {
    let home = Home::new("follows");
    let mut first = Node::start(&home, &[]);
    let api = first.api.clone().unwrap();
    let mut half = TcpStream::connect(api.strip_prefix("http://").unwrap()).unwrap();
    half.write_all(b"GET /api/v1/status HTTP/1.1\r\nHost: ").unwrap();
    first.signal(Signal::TERM);
    let second = wait_for("the home is free", || {
        let arguments = [&LOOPBACK[..], &["--no-bootstrap", "--allow-private"]].concat();
        Node::try_from(&mut home.filbert(&arguments)).ok()
    });
    assert_eq!(first.ended().code(), Some(0), "{}", first.log());
    let found = home.json(&["status"]);
    assert_eq!(found["listen"][0], second.listen.to_string());
    drop(half);
}

#[test]
fn a_home_that_cannot_be_used_is_one_sentence() {
    let home = Home::new("no-home");
    fs::write(home.path().join("file"), "").unwrap();
    let state = home.path().join("file");
    let sentence = run(home.filbert(&LOOPBACK).env("XDG_STATE_HOME", state)).complaint(2);
    assert!(sentence.contains("choose another one with --home"), "{sentence}");
}

#[test]
fn where_nothing_can_be_printed_or_logged_it_runs_all_the_same() {
    let home = Home::new("nothing-printed");
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for format in ["text", "json"] {
        let flags = ["--no-bootstrap", "--log", "trace", "--log-format", format];
        let mut command = home.filbert(&[&LOOPBACK[..], &flags].concat());
        let mut child = command.stdout(full()).stderr(full()).spawn().unwrap();
        wait_until("it is found", || home.run(&["status"]).code == 0);
        // Each of these is worth a line in the log.
        assert_eq!(home.run(&["connect", "127.0.0.1:1"]).code, 1);
        kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
        kill_process(Pid::from_child(&child), Signal::USR1).unwrap();
        home.printed(&["stop"]);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}");
    }
}
