//! A node that has no descriptors left goes on with what it has.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::home::{Home, LOOPBACK, run, wait_for, wait_until};
use crate::node::Node;
use crate::peer::{Peer, connect_from};

/// How soon links are taken again.
const AGAIN: Duration = Duration::from_secs(5);

fn stranger(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 9, 0, number)
}

/// Processor time of a process so far.
fn processor_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<_> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = [11, 12].map(|field| fields[field].parse::<u64>().unwrap()).iter().sum();
    // A hundred ticks are a second wherever Linux runs today.
    Duration::from_millis(ticks * 10)
}

/// Joins as soon as the node lets anybody in, which has to be soon.
#[track_caller]
fn join_again(node: &Node, from: Ipv4Addr) -> Peer {
    let since = Instant::now();
    let mut peer = wait_for("a link again", || {
        Peer::try_join(connect_from(from, node.listen), "Test/1.0").ok()
    });
    peer.is_answered();
    let took = since.elapsed();
    assert!(took < AGAIN, "{took:?}");
    peer
}

#[test]
fn a_node_with_64_descriptors_serves_its_links_and_recovers_when_others_are_gone() {
    let home = Home::new("64-descriptors");
    let mut command = home.limited("64", &LOOPBACK);
    command.args(["--no-bootstrap", "--allow-private", "--role", "ultrapeer"]);
    let mut node = Node::from(&mut command);
    let mut peer = Peer::join(node.listen);
    peer.is_answered();

    let silent: Vec<TcpStream> =
        (1..=100).map(|number| connect_from(stranger(number), node.listen)).collect();
    let full = || node.try_ask("GET", "/api/v1/status", None).ok();
    wait_until("many are in", || {
        full().is_some_and(|(_, status)| status["links"]["greeting"].as_u64() >= Some(20))
    });
    peer.is_answered();
    drop(silent);
    let late = join_again(&node, stranger(200));
    peer.is_answered();
    node.until_status("the strangers are gone", |status| status["links"]["greeting"] == 0);
    drop((peer, late));
    assert_eq!(node.terminate(rustix::process::Signal::TERM).0, Some(0), "{}", node.log());
}

/// Whatever it is that finds none.
#[test]
fn where_there_are_too_few_descriptors_to_start_with_it_says_how_to_get_more() {
    let home = Home::new("few-descriptors");
    let of = |descriptors: usize| {
        let ran = run(&mut home.limited(&descriptors.to_string(), &LOOPBACK));
        assert!(ran.code != 0 && ran.err.lines().count() == 1, "{ran:?}");
        assert!(ran.err.contains("Too many open files"), "{ran:?}");
        assert!(!ran.err.contains("--"), "nothing else would help: {ran:?}");
        ran.err
    };
    let said: String = (9..=13).map(of).collect();
    for what in ["cannot listen on ", "the API cannot listen on "] {
        let line = said.lines().find(|line| line.contains(what)).unwrap();
        assert!(line.ends_with(": raise the limit of open files with 'ulimit -n'"), "{said}");
    }
}

#[test]
fn without_a_descriptor_for_another_connection_it_waits_and_does_not_spin() {
    let home = Home::new("no-descriptors");
    let node = Node::start(&home, &["--role", "ultrapeer"]);
    let mut peer = Peer::join(node.listen);
    peer.is_answered();
    let pid = Pid::from_raw(i32::try_from(node.pid()).unwrap());
    // It has inherited what we have.
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = |current| {
        let before = prlimit(pid, Resource::Nofile, Rlimit { current, maximum });
        before.expect("whoever has started a process may limit it").current
    };
    let before = limit(Some(5));

    let strangers: Vec<TcpStream> =
        (1..=30).map(|number| connect_from(stranger(number), node.listen)).collect();
    node.until_log("no connection can be accepted now");
    let (since, busy) = (Instant::now(), processor_time(node.pid()));
    while since.elapsed() < Duration::from_millis(1_500) {
        peer.is_answered();
        std::thread::sleep(Duration::from_millis(50));
    }
    let (took, busy) = (since.elapsed(), processor_time(node.pid()) - busy);
    assert!(busy * 4 < took, "{busy:?} of {took:?}");
    assert_eq!(node.log().matches("no connection can be accepted now").count(), 1);

    limit(before);
    let late = join_again(&node, stranger(200));
    assert_eq!(node.show("status")["links"]["leaves"], 2);
    drop((strangers, late));
}
