//! A disk that is full keeps a node neither from running nor from ending.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use crate::home::{Home, LOOPBACK};
use crate::node::Node;
use crate::peer::Peer;

/// Mounts a small disk for one process, and runs it there.
const ON_SMALL_DISK: &str = "mount -t tmpfs -o size=1536k tmpfs \"$0\" && exec \"$@\"";
/// The same with a token, and then filled to the last byte.
const ON_FULL_DISK: &str = "cp \"$0/token\" \"$0/../kept\" && mount -t tmpfs -o size=64k,mode=700 tmpfs \"$0\" && \
     cp \"$0/../kept\" \"$0/token\" && chmod 600 \"$0/token\"; cat /dev/zero > \"$0/filler\"; \
     exec \"$@\"";

/// Runs a node whose home is such a disk; nothing where the test may not mount.
fn start_on(script: &str, home: &Home, disk: &Path) -> Option<Node> {
    let probe = "mount -t tmpfs -o size=64k tmpfs \"$0\"";
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-r", "-m", "sh", "-c", script]).arg(disk).current_dir(home.path());
        command
    };
    if !unshare(probe).output().is_ok_and(|output| output.status.success()) {
        println!("skipped: nothing can be mounted here");
        return None;
    }
    let mut command = unshare(script);
    command.env_clear().env("HOME", home.path()).env("PATH", std::env::var_os("PATH").unwrap());
    command.arg(env!("CARGO_BIN_EXE_filbert")).args(LOOPBACK).arg("--home").arg(disk);
    command.args(["--no-bootstrap", "--allow-private", "--role", "ultrapeer"]);
    Some(Node::from(&mut command))
}

#[test]
fn a_disk_that_gets_full_changes_nothing_for_a_node_that_runs() {
    let home = Home::new("gets-full");
    let disk = home.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let Some(mut node) = start_on(ON_SMALL_DISK, &home, &disk) else { return };
    // Only the node sees the disk, and we see it as the node does.
    let seen = format!("/proc/{}/root{}", node.pid(), disk.display());
    let mut filler = fs::File::create(format!("{seen}/filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    drop(peer);
    let (code, _) = node.terminate(Signal::TERM);
    assert_eq!(code, Some(0), "{}", node.log());
    assert!(!node.log().contains("panic"), "{}", node.log());
}

#[test]
fn a_node_starts_on_a_disk_that_is_full_and_keeps_its_state_in_memory() {
    let home = Home::new("is-full");
    let disk = home.path().join("disk");
    // It has run there before.
    let mut before = Node::start(&home, &["--home", "disk"]);
    assert_eq!(before.terminate(Signal::TERM).0, Some(0));
    let Some(mut node) = start_on(ON_FULL_DISK, &home, &disk) else { return };
    node.until_log("state is kept in memory only");
    node.until_log("node.json cannot be written");
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    drop(peer);
    assert_eq!(node.terminate(Signal::TERM).0, Some(0), "{}", node.log());
}
