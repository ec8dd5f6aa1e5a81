//! The configuration is read again at a signal.

use std::io::{Read, Write};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::events::Events;
use crate::home::Home;
use crate::node::Node;
use crate::uploads::{Sharer, bytes, connect};

fn value(node: &Node, key: &str) -> Value {
    node.show("config")[key]["value"].clone()
}

#[test]
fn sighup_takes_over_role_hosts_log_and_bandwidth() {
    let (home, other_home) = (Home::new("sighup"), Home::new("sighup-other"));
    let other = Node::start(&other_home, &["--role", "ultrapeer"]);
    home.configure("role = 'leaf'\n");
    let node = Node::start(&home, &[]);
    let events = Events::watch(&home, &node);
    home.configure(&format!(
        "role = 'ultrapeer'\nconnect = ['{}']\n[log]\nfilter = 'debug'\n\
         [bandwidth]\nupload_bytes_per_s = 70000\n",
        other.listen
    ));
    node.signal(Signal::HUP);
    let mut expected = json!(["role", "connect", "log.filter", "bandwidth.upload_bytes_per_s"]);
    let is_some = |told: &Value| told["changed"].as_array().is_some_and(|told| !told.is_empty());
    let mut told = events.until(is_some)["changed"].take();
    for list in [&mut told, &mut expected] {
        list.as_array_mut().unwrap().sort_by_key(Value::to_string);
    }
    assert_eq!(told, expected);
    assert_eq!(value(&node, "role"), "ultrapeer");
    assert_eq!(value(&node, "log.filter"), "debug");
    assert_eq!(node.show("log")["filter"], "debug");
    assert_eq!(node.show("bandwidth")["upload_bytes_per_s"], 70_000);
    node.until_status("it is what is wanted and linked with whom", |status| {
        status["role"] == "ultrapeer"
            && status["role_wanted"] == "ultrapeer"
            && status["promotion"]["reason"] == "ultrapeer, as configured"
            && status["links"]["ultrapeers"] == 1
    });
    node.ask("POST", "/api/v1/peers", Some(&json!({ "address": "127.0.0.1:1" })));
    node.until_log("DEBUG");
}

#[test]
fn a_broken_file_changes_nothing_and_is_named_in_the_log() {
    let home = Home::new("broken-file");
    home.configure("role = 'leaf'\n");
    let node = Node::start(&home, &[]);
    home.configure("role = 'emperor'\n");
    node.signal(Signal::HUP);
    node.until_log("the configuration stays as it was: ");
    assert!(node.log().contains("config.toml:1: role: 'emperor' is no role"), "{}", node.log());
    assert_eq!(value(&node, "role"), "leaf");
    let (status, problem) = node.ask("POST", "/api/v1/config/reload", None);
    assert_eq!(status, 422, "{problem}");
    home.configure("role = 'ultrapeer'\n");
    node.signal(Signal::HUP);
    node.until_status("a file that is right again", |status| status["role"] == "ultrapeer");
}

#[test]
fn what_waits_for_the_next_start_says_so() {
    let home = Home::new("next-start");
    home.configure("tls = true\n");
    let node = Node::start(&home, &[]);
    home.configure("tls = false\n");
    let (status, answer) = node.ask("POST", "/api/v1/config/reload", None);
    assert_eq!((status, &answer["changed"]), (200, &json!([])));
    assert_eq!(answer["at_next_start"], json!(["tls"]));
    assert_eq!(value(&node, "tls"), true);
}

/// Whatever it changes, it is for those who come later.
#[test]
fn a_file_that_is_on_its_way_when_the_configuration_is_read_again_comes_to_its_end() {
    let content = bytes(3_000_000);
    let slow = "[bandwidth]\nupload_bytes_per_s = 1000000\n";
    let sharer = Sharer::new("reload-upload", &[("river.bin", &content)], slow);
    let target = sharer.target("river.bin");
    let mut stream = connect(sharer.node.listen, 1);
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = vec![0; 200_000];
    stream.read_exact(&mut answer).unwrap();
    let is_under_way = || sharer.node.show("uploads")["slots_taken"] == 1;
    assert!(is_under_way());

    let slots = "[uploads]\nslots = 1\nqueue_len = 0\n";
    sharer.home.configure(&format!("{slow}{slots}"));
    sharer.node.signal(Signal::HUP);
    crate::home::wait_until("it is read", || sharer.node.show("uploads")["slots"] == 1);
    assert!(is_under_way(), "the file is still on its way");
    sharer.home.configure(&format!("role = 'ultrapeer'\n{slow}{slots}share_parts = false\n"));
    let (status, changed) = sharer.node.ask("POST", "/api/v1/config/reload", None);
    assert_eq!(status, 200, "{changed}");
    assert!(is_under_way(), "the file is still on its way");

    stream.read_to_end(&mut answer).unwrap();
    let head = answer.len() - content.len();
    assert!(answer[..head].starts_with(b"HTTP/1.1 200 ") && answer[..head].ends_with(b"\r\n\r\n"));
    assert!(answer[head..] == content, "every byte is right");
}
