//! What the system tells a service: end, end at once, say how you are.

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::home::{Home, LOOPBACK, wait_until};
use crate::node::Node;
use crate::peer::{BYE, Peer};

/// How long an end may take.
const END: Duration = Duration::from_secs(5);

/// After so long a second signal is certainly no part of the first.
const SAME_WISH: Duration = Duration::from_millis(500);

/// A neighbour hears goodbye, the hosts are there at the next start, and all of it is over in time.
fn ends_well(name: &str, signal: Signal) {
    let (home, other_home) = (Home::new(name), Home::new(&format!("{name}-other")));
    let other = Node::start(&other_home, &["--role", "ultrapeer"]);
    let mut node = Node::start(&home, &["--role", "ultrapeer"]);
    let address = other.listen.to_string();
    home.printed(&["connect", &address]);
    let servent_id = node.show("status")["servent_id"].clone();
    let mut peer = Peer::join(node.listen);
    let leaving = std::thread::spawn(move || {
        let goodbye = peer.until(BYE);
        drop(peer);
        goodbye
    });
    node.until_status("the peer is a leaf", |status| status["links"]["leaves"] == 1);

    let (code, took) = node.terminate(signal);
    assert_eq!(code, Some(0), "{}", node.log());
    assert!(took < END, "{took:?}");
    let goodbye = leaving.join().unwrap();
    assert!(goodbye.len() > 2, "a goodbye has a code and a reason");
    assert!(!home.state().join("node.json").exists());

    let again = Node::start(&home, &["--role", "ultrapeer"]);
    assert_eq!(again.show("status")["servent_id"], servent_id);
    let hosts = again.show("hosts");
    assert!(hosts.as_array().unwrap().iter().any(|host| host["address"] == address), "{hosts}");
    again
        .until_status("the neighbour is called again", |status| status["links"]["ultrapeers"] == 1);
}

#[test]
fn sigterm_ends_it_with_goodbyes_and_saved_state() {
    ends_well("sigterm", Signal::TERM);
}

#[test]
fn sigint_ends_it_with_goodbyes_and_saved_state() {
    ends_well("sigint", Signal::INT);
}

#[test]
fn neighbours_who_do_not_go_hold_up_the_end_for_less_than_five_seconds() {
    let home = Home::new("do-not-go");
    let mut node = Node::start(&home, &["--role", "ultrapeer"]);
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    let (code, took) = node.terminate(Signal::TERM);
    assert_eq!(code, Some(0), "{}", node.log());
    assert!(took < END, "{took:?}");
    drop(peer);
}

#[test]
fn a_second_signal_ends_it_at_once_with_130() {
    let home = Home::new("second-signal");
    let mut node = Node::start(&home, &["--role", "ultrapeer"]);
    // It hears the goodbye and stays, for which the node waits.
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    let first = Instant::now();
    node.signal(Signal::TERM);
    peer.until(BYE);
    wait_until("it is another wish", || first.elapsed() > SAME_WISH);
    let (code, took) = node.terminate(Signal::TERM);
    assert_eq!(code, Some(130), "{}", node.log());
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(node.log().contains("ended at once"), "{}", node.log());
    let again = Node::start(&home, &[]);
    assert_eq!(again.show("status")["links"]["total"], 0, "it starts as if nothing had been");
}

/// As `timeout` of the coreutils does: it signals the process, and at once the group that it is in.
#[test]
fn two_signals_at_once_are_one() {
    let home = Home::new("signal-and-group");
    let mut node = Node::start(&home, &[]);
    // Two of one kind might become one on their way.
    [Signal::STOP, Signal::TERM, Signal::INT].iter().for_each(|signal| node.signal(*signal));
    let (code, _) = node.terminate(Signal::CONT);
    assert_eq!(code, Some(0), "{}", node.log());
}

/// It is still reading its configuration, which takes as long as the test wants.
#[test]
fn sigterm_in_the_middle_of_the_start_ends_it_well() {
    let home = Home::new("early-sigterm");
    let pipe = home.path().join("slow.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let arguments = ["--no-bootstrap", "--config", "slow.toml"];
    let mut command = home.filbert(&[&LOOPBACK[..], &arguments].concat());
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    // This returns when the other side reads.
    let written = File::options().write(true).open(&pipe).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    drop(written);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!home.state().join("node.json").exists());
    let node = Node::start(&home, &[]);
    assert_eq!(node.show("status")["links"]["total"], 0, "it starts as if nothing had been");
}

#[test]
fn sigusr1_writes_to_the_log_how_it_is() {
    let home = Home::new("sigusr1");
    let node = Node::start(&home, &["--role", "ultrapeer"]);
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    node.signal(Signal::USR1);
    node.until_log("with 0 ultrapeers and 1 leaves");
    node.until_log("what it holds and has done");
    peer.is_answered();
}
