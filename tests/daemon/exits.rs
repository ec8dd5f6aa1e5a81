//! What scripts see: every exit code.

use std::net::{TcpListener, UdpSocket};

use crate::events::Events;
use crate::home::{Home, LOOPBACK, run};
use crate::node::Node;

/// The code 0 is that of nearly all other tests.
#[test]
fn what_the_node_refuses_is_1_and_its_sentence() {
    let home = Home::new("refuses");
    let _node = Node::start(&home, &[]);
    assert!(home.run(&["disconnect", "99"]).complaint(1).contains("there is no peer 99"));
    assert_eq!(home.run(&["search", "--wait", "1", "nothing", "here"]).code, 1);
}

#[test]
fn a_wrong_flag_or_variable_or_file_is_2_and_a_sentence() {
    let home = Home::new("wrong");
    for arguments in [
        &["--listen", "nowhere"][..],
        &["--role", "king"],
        &["--frobnicate"],
        &["--config", "missing.toml"],
        &["--advertise", "0.0.0.0"],
        &["--log", "lound"],
    ] {
        let sentence = home.run(&[&["run"], arguments].concat()).complaint(2);
        assert!(sentence.contains(arguments[0].trim_start_matches("--")), "{sentence}");
    }
    let ran = run(home.filbert(&["run"]).env("FILBERT_LISTEN", "nowhere"));
    assert!(ran.complaint(2).contains("FILBERT_LISTEN"));
    home.configure("listen = 0\nrol = 'leaf'\n");
    let sentence = home.run(&["run"]).complaint(2);
    assert!(sentence.contains("config.toml:2: there is no key 'rol'"), "{sentence}");
    assert!(!home.state().exists(), "nothing was begun");
}

#[test]
fn without_a_node_it_is_3() {
    assert_eq!(Home::new("nobody").run(&["peers"]).code, 3);
}

#[test]
fn a_port_that_is_taken_is_4_and_a_sentence() {
    let home = Home::new("taken");
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    for address in [tcp.local_addr().unwrap(), udp.local_addr().unwrap()] {
        let listen = address.to_string();
        let sentence = home.run(&["run", "--listen", &listen, "--api", "off"]).complaint(4);
        assert!(sentence.starts_with(&format!("cannot listen on {listen} ")), "{sentence}");
        assert!(sentence.contains("name another with --listen"), "{sentence}");
    }
    let api = tcp.local_addr().unwrap().to_string();
    let sentence = home.run(&["run", "--listen", "127.0.0.1:0", "--api", &api]).complaint(4);
    assert!(sentence.contains("the API cannot listen on ") && sentence.contains("--api"));
    let node = Node::from(&mut home.filbert(&LOOPBACK));
    assert!(node.api.is_some(), "what failed has left nothing behind");
}

#[test]
fn a_command_that_is_interrupted_is_130() {
    let home = Home::new("interrupted");
    let node = Node::start(&home, &[]);
    let mut events = Events::watch(&home, &node);
    events.interrupt();
    assert_eq!(events.ended(), Some(130));
}
