//! What a node holds: thousands of them share a simulation, and one ultrapeer has many leaves.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and what was measured is of interest"
)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use allocation_counter::measure;
use filbert::base::time::Time;
use filbert::gnutella::link::{Agreement, Capabilities, Role, Version};
use filbert::gnutella::wire::Frame;
use filbert::node::{Command, Config, Direction, Input, LinkId, Node, RolePolicy, SharedFile};

/// The least that a laboratory's query table has: a quarter of what the files here need.
const TABLE_BITS: u32 = 12;

fn address(number: u32) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::from_bits(0x0505_0101 + number * 0x0001_0100)), 6346)
}

fn node(role: Role, files: usize) -> Node {
    let mut config = Config::new(RolePolicy::Always(role));
    config.dials = false;
    config.table_bits = TABLE_BITS;
    let mut node = Node::new(config, 1, Time::ZERO);
    let file = |number| SharedFile {
        name: format!("a sample number{number} of winter light.ogg"),
        size: 1_000_000,
        sha1: Some([7; 20]),
    };
    node.handle(Input::Command(Command::Share((0..files).map(file).collect())), Time::ZERO);
    while node.poll().is_some() {}
    node
}

fn agreement(role: Role, peer_role: Role, number: u32) -> Agreement {
    let version = Some(Version(0, 1));
    let listen = Some(address(number));
    Agreement {
        role,
        peer_role,
        sends_deflate: true,
        receives_deflate: true,
        tls: false,
        query_routing: version,
        ultrapeer_query_routing: version,
        dynamic_querying: true,
        ext_probes: true,
        ggep: true,
        vendor_messages: true,
        pong_caching: true,
        bye: true,
        fault: None,
        peer: Capabilities {
            listen,
            degree: Some(32),
            max_ttl: Some(4),
            dynamic_querying: version,
            ultrapeer_query_routing: version,
            accept_deflate: true,
            ..Capabilities::default()
        },
    }
}

/// Opens a link to a neighbour.
fn open(node: &mut Node, number: u32, peer_role: Role, now: Time) -> LinkId {
    let link = LinkId(number.into());
    let (address, direction) = (address(number), Direction::Outgoing);
    node.handle(Input::Connected { link, address, direction }, now);
    while node.poll().is_some() {}
    let agreement = Box::new(agreement(node.role(), peer_role, number));
    node.handle(Input::Opened { link, agreement }, now);
    while node.poll().is_some() {}
    link
}

/// Lets ten quiet minutes pass, in which each neighbour answers with a copy of what it gets: that is a
/// sign of life, if not much else.
fn pass_ten_minutes(node: &mut Node, links: &[LinkId], now: Time) -> Time {
    let until = now.after_ms(600_000);
    let mut now = now;
    while let Some((due, _)) = node.next_timeout().filter(|(due, _)| *due <= until) {
        now = now.max(due);
        node.handle(Input::Timeout, now);
        while node.poll().is_some() {}
        for link in links {
            while let Some(frame) = node.transmit(*link, now) {
                let frame = Frame { ttl: 0, ..frame };
                node.handle(Input::Frame { link: *link, frame }, now);
                while node.poll().is_some() {}
            }
        }
    }
    until
}

/// The bytes that a node holds, itself among them.
fn held(build: impl FnOnce() -> Node) -> u64 {
    let mut node = None;
    let held = measure(|| node = Some(build()));
    u64::try_from(held.bytes_current).unwrap() + u64::try_from(size_of_val(&node)).unwrap()
}

fn leaf() -> Node {
    let mut leaf = node(Role::Leaf, 3);
    let links: Vec<LinkId> =
        (1..=3).map(|number| open(&mut leaf, number, Role::Ultrapeer, Time::ZERO)).collect();
    pass_ten_minutes(&mut leaf, &links, Time::ZERO);
    assert_eq!(leaf.servent().neighbours_len(), 3);
    leaf
}

/// With 30 leaves that share a little, and as many ultrapeers as it seeks.
fn ultrapeer() -> Node {
    let mut ultrapeer = node(Role::Ultrapeer, 3);
    let mut links = Vec::new();
    for number in 1..=30 {
        links.push(open(&mut ultrapeer, number, Role::Leaf, Time::ZERO));
    }
    for number in 31..=62 {
        links.push(open(&mut ultrapeer, number, Role::Ultrapeer, Time::ZERO));
    }
    // Each leaf sends the table that a leaf like it would.
    let mut sample = leaf_table();
    for link in &links[..30] {
        for frame in &mut sample {
            ultrapeer.handle(Input::Frame { link: *link, frame: frame.clone() }, Time::ZERO);
            while ultrapeer.poll().is_some() {}
        }
    }
    pass_ten_minutes(&mut ultrapeer, &links, Time::ZERO);
    assert_eq!(ultrapeer.servent().neighbours_len(), 62);
    ultrapeer
}

/// The messages about its query table that a leaf with 20 files sends.
fn leaf_table() -> Vec<Frame> {
    use filbert::gnutella::wire::Function;
    let mut leaf = node(Role::Leaf, 20);
    let link = open(&mut leaf, 1, Role::Ultrapeer, Time::ZERO);
    let mut frames = Vec::new();
    let mut now = Time::ZERO;
    while let Some((due, _)) =
        leaf.next_timeout().filter(|(due, _)| *due <= Time::from_millis(60_000))
    {
        now = now.max(due);
        leaf.handle(Input::Timeout, now);
        while leaf.poll().is_some() {}
        while let Some(frame) = leaf.transmit(link, now) {
            if frame.function == Function::QUERY_TABLE {
                frames.push(frame);
            }
        }
    }
    assert!(frames.len() >= 2, "a reset and a patch are expected");
    frames
}

#[test]
fn an_idle_leaf_holds_little() {
    let held = held(leaf);
    println!("an idle leaf with three ultrapeers: {held} bytes");
    assert!(held <= 4 * 1024, "{held} bytes");
}

#[test]
fn an_ultrapeer_with_thirty_leaves_holds_not_much() {
    let held = held(ultrapeer);
    println!("an ultrapeer with 30 leaves and 32 ultrapeers: {held} bytes");
    assert!(held <= 128 * 1024, "{held} bytes");
}
