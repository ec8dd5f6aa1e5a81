//! Whom a node lets in, whom it calls, and how links end.

use std::net::SocketAddr;

use filbert::base::time::Time;
use filbert::gnutella::link::{Capabilities, Ending, Question, Role};
use filbert::gnutella::wire::{Bye, Frame};
use filbert::node::{Command, Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy};

use crate::support::agreements::capable;
use crate::support::messages::{guid, query};
use crate::support::net::{Net, address};

/// How the links of a node have ended, in their order.
fn endings(net: &Net, at: usize) -> Vec<&Ending> {
    let events = net.places[at].events.iter();
    events
        .filter_map(|event| match event {
            Event::Closed { ending, .. } => Some(ending),
            _ => None,
        })
        .collect()
}

fn farewell(ending: &Ending) -> Option<u16> {
    match ending {
        Ending::Farewell(Bye { code, .. }) => Some(*code),
        _ => None,
    }
}

fn refusal(ending: &Ending) -> Option<u16> {
    match ending {
        Ending::Declined(declined) => Some(declined.code),
        _ => None,
    }
}

/// PING-06, PING-07: an hour without a search, and nobody is given up.
#[test]
fn links_between_living_nodes_stand() {
    let mut net = Net::new();
    for role in [Role::Leaf, Role::Ultrapeer, Role::Ultrapeer] {
        net.add(role);
    }
    net.connect(0, 1);
    net.connect(1, 2);
    net.run(3_600);
    assert_eq!(net.neighbours(1).len(), 2);
    assert_eq!((0..3).flat_map(|at| endings(&net, at)).collect::<Vec<_>>(), Vec::<&Ending>::new());
}

/// TTL-10, LINK-17
#[test]
fn a_leaf_that_relays_is_told_so_and_closed() {
    let mut net = Net::new();
    let (leaf, ultrapeer) = (net.add(Role::Leaf), net.add(Role::Ultrapeer));
    net.connect(leaf, ultrapeer);
    net.forge(leaf, ultrapeer, Frame { hops: 1, ..query(guid(1), 3, "winter") });
    net.run(1);
    assert_eq!(net.strikes(ultrapeer).first(), Some(&"TTL-10"));
    assert_eq!(endings(&net, leaf).iter().find_map(|one| farewell(one)), Some(414));
    assert!(net.neighbours(ultrapeer).is_empty());
}

/// LINK-25
#[test]
fn a_node_does_not_stay_connected_to_itself() {
    let mut net = Net::new();
    let at = net.add(Role::Ultrapeer);
    net.connect(at, at);
    net.run(10);
    assert!(net.neighbours(at).is_empty());
    assert_eq!(endings(&net, at).iter().find_map(|one| refusal(one)), Some(409));
}

/// HAND-42
#[test]
fn two_nodes_have_one_link() {
    let mut net = Net::new();
    let (one, other) = (net.add(Role::Ultrapeer), net.add(Role::Ultrapeer));
    net.connect(one, other);
    net.run(1);
    net.connect(other, one);
    net.run(1);
    assert_eq!((net.neighbours(one).len(), net.neighbours(other).len()), (1, 1));
    assert_eq!(endings(&net, other).iter().find_map(|one| refusal(one)), Some(409));
}

/// HAND-67
#[test]
fn two_leaves_do_not_connect() {
    let mut net = Net::new();
    let (one, other) = (net.add(Role::Leaf), net.add(Role::Leaf));
    net.connect(one, other);
    net.run(1);
    assert_eq!(endings(&net, one).iter().find_map(|one| refusal(one)), Some(204));
}

/// HAND-73, HAND-75: who was told of others by somebody without room connects to them.
#[test]
fn a_leaf_finds_parents_by_those_it_is_told_of() {
    let mut net = Net::new();
    let hub = net.add(Role::Ultrapeer);
    for _ in 0..4 {
        let other = net.add(Role::Ultrapeer);
        net.connect(other, hub);
    }
    net.run(60);
    let leaf = net.add_with(RolePolicy::Always(Role::Leaf), |_| {});
    net.command(leaf, Command::Know(vec![address(hub)]));
    net.run(60);
    assert!(net.neighbours(leaf).len() >= 3, "{:?}", endings(&net, leaf));
}

#[test]
fn a_leaf_whose_parent_dies_finds_another() {
    let mut net = Net::new();
    let parents = [net.add(Role::Ultrapeer), net.add(Role::Ultrapeer)];
    let leaf = net.add_with(RolePolicy::Always(Role::Leaf), |_| {});
    net.command(leaf, Command::Know(vec![address(parents[0])]));
    net.run(5);
    assert_eq!(net.neighbours(leaf).len(), 1);
    net.command(leaf, Command::Know(vec![address(parents[1])]));
    net.places[parents[0]].is_reachable = false;
    net.command(parents[0], Command::ShutDown);
    net.run(10);
    let listens: Vec<_> = net.neighbours(leaf).iter().map(|one| one.listen()).collect();
    assert_eq!(listens, [Some(address(parents[1]))]);
}

/// BYE-11
/// In two houses, both of which only know the address that they have at home.
#[test]
fn two_nodes_with_one_private_address_are_two() {
    let mut net = Net::new();
    let at_home = "192.168.1.2:6346".parse().unwrap();
    let [leaf, ultrapeer] = [Role::Leaf, Role::Ultrapeer].map(|role| {
        net.add_with(RolePolicy::Always(role), |config| {
            (config.dials, config.listen) = (false, Some(at_home));
        })
    });
    net.connect(leaf, ultrapeer);
    net.run(2);
    assert!(net.link_between(leaf, ultrapeer).is_some(), "{:?}", endings(&net, leaf));
}

/// HAND-42: a second link would only be refused, so a neighbour that called us is not called back.
#[test]
fn whoever_has_called_us_is_not_called() {
    let mut net = Net::new();
    let caller = net.add(Role::Ultrapeer);
    let called = net.add_with(RolePolicy::Always(Role::Ultrapeer), |_| {});
    net.connect(caller, called);
    net.run(1);
    net.command(called, Command::Know(vec![address(caller)]));
    net.run(600);
    assert_eq!(net.neighbours(called).len(), 1);
    let ended = endings(&net, called).len() + endings(&net, caller).len();
    assert_eq!(ended, 0, "{:?} {:?}", endings(&net, called), endings(&net, caller));
}

/// HAND-42: nor while its handshake runs, in which it has said where it can be called.
#[test]
fn whoever_is_calling_us_is_not_called() {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    config.listen = Some(address(0));
    let now = Time::from_millis(1_000);
    let mut node = Node::new(config, 1, now);
    let link = LinkId(1);
    let from = SocketAddr::new(address(1).ip(), 40_000);
    let direction = Direction::Incoming;
    hand_in(&mut node, Input::Connected { link, address: from, direction }, now);
    let question = Question {
        role: Role::Ultrapeer,
        peer_role: Some(Role::Ultrapeer),
        guidance: None,
        is_crawler: false,
        peer: Capabilities { listen: Some(address(1)), ..capable() },
    };
    let said = hand_in(&mut node, Input::Asked { link, question: Box::new(question) }, now);
    assert!(matches!(said[..], [Output::Decide { .. }]), "{said:?}");
    let said = hand_in(&mut node, Input::Timeout, now);
    assert!(said.is_empty(), "{said:?}");
    // Once nothing has come of it, it is a host like any other.
    hand_in(&mut node, Input::Closed { link, ending: Ending::Closed }, now);
    let said = hand_in(&mut node, Input::Timeout, now.after_ms(60_000));
    let is_called = |one: &Output| matches!(one, Output::Dial { address: to } if *to == address(1));
    assert!(said.iter().any(is_called), "{said:?}");
}

fn hand_in(node: &mut Node, input: Input, now: Time) -> Vec<Output> {
    node.handle(input, now);
    std::iter::from_fn(|| node.poll()).collect()
}

#[test]
fn whoever_shuts_down_says_goodbye_and_takes_nobody_any_more() {
    let mut net = Net::new();
    let (leaf, ultrapeer) = (net.add(Role::Leaf), net.add(Role::Ultrapeer));
    net.connect(leaf, ultrapeer);
    net.run(1);
    net.command(ultrapeer, Command::ShutDown);
    net.run(1);
    assert_eq!(endings(&net, leaf).iter().find_map(|one| farewell(one)), Some(200));
    net.connect(leaf, ultrapeer);
    net.run(1);
    assert_eq!(endings(&net, leaf).last().and_then(|one| refusal(one)), Some(503));
}

#[test]
fn a_node_that_becomes_an_ultrapeer_tells_its_neighbours_and_connects_anew() {
    let mut net = Net::new();
    let parent = net.add(Role::Ultrapeer);
    let leaf = net.add_with(RolePolicy::Always(Role::Leaf), |_| {});
    net.command(leaf, Command::Know(vec![address(parent)]));
    net.run(5);
    net.command(leaf, Command::BeRole(RolePolicy::Always(Role::Ultrapeer)));
    net.run(200);
    assert_eq!(endings(&net, parent).iter().find_map(|one| farewell(one)), Some(203));
    assert!(net.neighbours(parent).iter().any(|one| one.is_ultrapeer()));
}
