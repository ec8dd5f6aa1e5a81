//! Supernodes that the user has named: when they are called, and when they are only remembered.

use filbert::base::limits::NAMED_SUPERNODE_AGAIN_MS;
use filbert::fasttrack::link::Ending;
use filbert::fasttrack::wire::Message;
use filbert::node::fasttrack::Command::{self, Name};
use filbert::node::{self, Input, LinkId};
use filbert::promotion::Role;

use super::scene::{OWN, Scene, host, node_info};

/// All of them, and as they are due all of them.
fn name(numbers: &[u8]) -> Command {
    let all: Vec<_> = numbers.iter().copied().map(host).collect();
    Name { due: all.clone(), all }
}

/// A call of the node is taken, by one that wants it for its child.
fn takes_it(scene: &mut Scene, number: u8) -> LinkId {
    let link = scene.taken_by(host(number));
    scene.says(link, &Message::ExternalIp { address: *OWN.ip() });
    link
}

/// A session lasts for a while, in which the other side answers.
fn lasts(scene: &mut Scene, link: LinkId, ms: u64) {
    scene.pass(ms);
    let round_trip = std::time::Duration::ZERO;
    scene.tell(node::fasttrack::Input::Pong { link, round_trip });
}

/// FTNODE-25
#[test]
fn named_supernodes_are_called_while_there_is_none_and_once_it_is_gone() {
    let mut scene = Scene::with_role(Role::Leaf);
    scene.command(name(&[1, 2]));
    assert_eq!(scene.dials(), [host(1), host(2)]);
    let parent = takes_it(&mut scene, 1);
    assert_eq!(scene.node.peer().unwrap().neighbours(), (0, 1), "it has a supernode");
    scene.tell(node::fasttrack::Input::DialFailed { address: host(2) });
    scene.heard();
    for _ in 0..10 {
        lasts(&mut scene, parent, NAMED_SUPERNODE_AGAIN_MS / 10);
        scene.command(name(&[1, 2]));
        assert_eq!(scene.dials(), [], "one supernode is enough");
    }
    scene.closed(parent, Ending::Closed);
    assert_eq!(scene.dials(), [host(1), host(2)], "they are remembered");
}

/// FTNODE-25
#[test]
fn two_that_turn_it_away_are_not_called_without_end() {
    let mut scene = Scene::with_role(Role::Leaf);
    scene.command(name(&[1, 2]));
    let mut calls = scene.dials();
    for number in [1, 2] {
        let link = takes_it(&mut scene, number);
        scene.closed(link, Ending::Closed);
        calls.extend(scene.dials());
    }
    assert_eq!(calls, [host(1), host(2)], "so soon after the last time");
    scene.pass(NAMED_SUPERNODE_AGAIN_MS - 1);
    // Meanwhile they were sought as any others are.
    scene.tell(node::fasttrack::Input::DialFailed { address: host(2) });
    scene.heard();
    let link = takes_it(&mut scene, 1);
    scene.closed(link, Ending::Closed);
    assert_eq!(scene.dials(), [], "still too soon");
    let link = takes_it(&mut scene, 1);
    scene.pass(1);
    scene.closed(link, Ending::Closed);
    assert_eq!(scene.dials(), [host(1), host(2)]);
}

/// FTNODE-25: what is not named any more is forgotten, and so is whom the user does not want.
#[test]
fn only_those_are_called_that_the_user_wants_now() {
    let mut scene = Scene::with_role(Role::Leaf);
    scene.command(name(&[1, 2, 3]));
    let first = takes_it(&mut scene, 1);
    for number in [2, 3] {
        scene.tell(node::fasttrack::Input::DialFailed { address: host(number) });
    }
    scene.command(Name { all: vec![host(1), host(3)], due: Vec::new() });
    (0..10).for_each(|_| lasts(&mut scene, first, NAMED_SUPERNODE_AGAIN_MS / 10));
    scene.heard();
    scene.closed(first, Ending::Closed);
    assert_eq!(scene.dials(), [host(1), host(3)], "the other one is not named any more");
    let again = takes_it(&mut scene, 1);
    scene.handle(Input::Command(node::Command::Disconnect(again)));
    scene.closed(again, Ending::Left);
    scene.heard();
    scene.command(name(&[1, 3]));
    assert!(!scene.dials().contains(&host(1)), "the user has let it go");
}

/// FTNODE-25: to one that has called by itself there is a session.
#[test]
fn a_supernode_calls_those_that_are_no_neighbours() {
    let mut scene = Scene::with_role(Role::Supernode);
    scene.command(name(&[1]));
    assert_eq!(scene.dials(), [host(1)]);
    scene.tell(node::fasttrack::Input::DialFailed { address: host(1) });
    let child = scene.opened_by(host(2));
    scene.says(child, &node_info(host(2)));
    let beside = scene.opened_by(std::net::SocketAddrV4::new(*host(1).ip(), 40_000));
    scene.says(beside, &super::hosts::table(1, &[]));
    assert_eq!(scene.node.peer().unwrap().neighbours(), (1, 1), "it is a neighbour");
    scene.heard();
    scene.command(name(&[1, 3]));
    assert_eq!(scene.dials(), [host(3)]);
    scene.tell(node::fasttrack::Input::DialFailed { address: host(3) });
    scene.closed(beside, Ending::Closed);
    scene.heard();
    scene.command(name(&[1]));
    assert_eq!(scene.dials(), [host(1)]);
}
