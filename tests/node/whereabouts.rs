//! Where a node says that it can be called.

use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Capabilities, Role};
use filbert::node::{Command, Config, Direction, Event, Input, LinkId, Node, Output, RolePolicy};

/// A node that guesses its address, or was told it.
fn node(guesses: bool, allow_private: bool) -> Node {
    let mut config = Config::new(RolePolicy::Always(Role::Ultrapeer));
    config.dials = false;
    config.listen = Some("192.168.1.2:6346".parse().unwrap());
    config.learns_address = guesses;
    config.allow_private = allow_private;
    Node::new(config, 1, Time::ZERO)
}

/// We call somebody there, who says under which address it sees us. Where we are from then on, if
/// that is somewhere else.
fn hear(node: &mut Node, link: u64, from: &str, remote_ip: &str) -> Option<String> {
    hear_over(node, Direction::Outgoing, link, from, remote_ip)
}

fn hear_over(
    node: &mut Node,
    direction: Direction,
    link: u64,
    from: &str,
    remote_ip: &str,
) -> Option<String> {
    let (link, address) = (LinkId(link), from.parse().unwrap());
    let now = Time::from_millis(1_000);
    let mut said = hand_in(node, Input::Connected { link, address, direction }, now);
    let remote_ip = Some(remote_ip.parse().unwrap());
    let peer = Capabilities { remote_ip, ..Capabilities::default() };
    let agreement = Box::new(Agreement::plain(Role::Ultrapeer, Role::Leaf, peer));
    said.extend(hand_in(node, Input::Opened { link, agreement }, now));
    assert!(node.slot(link).is_some(), "the link is open: {said:?}");
    said.iter().find_map(|one| match one {
        Output::Event(Event::Moved { address }) => Some(address.to_string()),
        _ => None,
    })
}

fn hand_in(node: &mut Node, input: Input, now: Time) -> Vec<Output> {
    node.handle(input, now);
    std::iter::from_fn(|| node.poll()).collect()
}

/// HAND-81
#[test]
fn neighbours_of_two_networks_who_agree_are_believed() {
    let mut node = node(true, false);
    assert_eq!(hear(&mut node, 1, "5.5.5.5:40001", "203.0.114.9"), None);
    // The same network again, and a word of somebody else in between.
    assert_eq!(hear(&mut node, 2, "5.5.5.6:40001", "203.0.114.9"), None);
    let moved = hear(&mut node, 3, "6.6.6.6:40001", "203.0.114.9");
    assert_eq!(moved.as_deref(), Some("203.0.114.9:6346"));
    assert_eq!(node.profile().listen, Some("203.0.114.9:6346".parse().unwrap()));
    // It is known now; the next one needs two again.
    assert_eq!(hear(&mut node, 4, "7.7.7.7:40001", "203.0.114.9"), None);
    assert_eq!(hear(&mut node, 5, "8.8.8.8:40001", "1.2.3.4"), None);
    assert_eq!(hear(&mut node, 6, "9.9.9.9:40001", "203.0.114.9"), None);
    assert_eq!(hear(&mut node, 7, "11.9.9.9:40001", "1.2.3.4"), None);
    let moved = hear(&mut node, 8, "12.9.9.9:40001", "1.2.3.4");
    assert_eq!(moved.as_deref(), Some("1.2.3.4:6346"));
}

/// HAND-81: two kinds of addresses have nothing to say to each other.
#[test]
fn strangers_say_nothing_of_private_addresses_nor_neighbours_of_public_ones() {
    let mut node = node(true, true);
    assert_eq!(hear(&mut node, 1, "5.5.5.5:40001", "10.0.0.9"), None);
    assert_eq!(hear(&mut node, 2, "6.6.6.6:40001", "10.0.0.9"), None);
    assert_eq!(hear(&mut node, 3, "10.0.0.5:40001", "1.2.3.4"), None);
    assert_eq!(hear(&mut node, 4, "10.1.0.5:40001", "1.2.3.4"), None);
    let moved = hear(&mut node, 5, "10.2.0.5:40001", "10.0.0.9");
    assert_eq!(moved.as_deref(), Some("10.0.0.9:6346"), "one is enough where all are private");
}

/// HAND-81
#[test]
fn what_the_user_has_said_is_not_changed() {
    let mut node = node(false, false);
    for (link, from) in [(1, "5.5.5.5:1"), (2, "6.6.6.6:1"), (3, "7.7.7.7:1")] {
        assert_eq!(hear(&mut node, link, from, "203.0.114.9"), None);
    }
    assert_eq!(node.profile().listen, Some("192.168.1.2:6346".parse().unwrap()));
}

/// HAND-82: neighbours correct the address, and the port stays that of the router.
#[test]
fn a_router_that_maps_a_port_is_believed_at_once() {
    let mut node = node(true, false);
    let mapped = "203.0.114.9:40000".parse().unwrap();
    let listen_at = || Input::Command(Command::ListenAt(mapped));
    let said = hand_in(&mut node, listen_at(), Time::ZERO);
    let moved = |said: &[Output]| {
        said.iter()
            .any(|one| matches!(one, Output::Event(Event::Moved { address }) if *address == mapped))
    };
    assert!(moved(&said), "{said:?}");
    assert_eq!(node.profile().listen, Some(mapped));
    let again = hand_in(&mut node, listen_at(), Time::ZERO);
    assert!(!moved(&again), "it is known: {again:?}");
    assert_eq!(hear(&mut node, 1, "5.5.5.5:40001", "1.2.3.4"), None);
    assert_eq!(hear(&mut node, 2, "6.6.6.6:40001", "1.2.3.4").as_deref(), Some("1.2.3.4:40000"));
}

/// HAND-82
#[test]
fn a_node_does_not_keep_the_address_for_a_host_where_a_router_says_that_it_is() {
    let mut node = node(true, false);
    let [mapped, other] =
        ["203.0.114.9:40000", "203.0.114.9:40001"].map(|address| address.parse().unwrap());
    hand_in(&mut node, Input::Command(Command::ListenAt(mapped)), Time::ZERO);
    hand_in(&mut node, Input::Command(Command::Know(vec![mapped, other])), Time::ZERO);
    assert_eq!(node.known_hosts().collect::<Vec<_>>(), [other]);
}
